"""Policies as TOML files: read, and refused with the file, the key and its line where something in them cannot be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from finmine.auditing.change_tests import CorrectedBefore, SameValue, UnchangedAfter
from finmine.auditing.deadlines import InTime, Since
from finmine.auditing.policy import (
    SEVERITIES,
    Authority,
    Band,
    DifferentPersons,
    Exemption,
    FewestPersons,
    InsideHours,
    Level,
    Needed,
    Policy,
    Requires,
    Rule,
    Test,
    WithinLimit,
)
from finmine.auditing.toml_reader import BadToml, TomlReader
from finmine.errors import Refusal, nearest

VERSION = 1
DEFAULTS = ("purchase-to-pay", "expenses", "record-to-report")
"""The policies that come with finmine, by name."""

RULE_KINDS: dict[str, tuple[str, ...]] = {
    "different_persons": (),
    "people_min": ("steps",),
    "needed": (),
    "requires": ("step", "after_last", "another_than", "within_limit", "amount"),
    "within_limit_of": ("amount",),
    "inside_hours_of": (),
    "unchanged_after": ("attributes",),
    "corrected_before": ("by", "since"),
    "same_value": (),
    "in_time": ("after", "after_date", "after_month", "days", "working_days"),
}
"""What a rule can ask, of which it says exactly one, and the keys that say more of it."""
_OF_RULES = ("id", "title", "severity", "having", "from", "below", "currency", "where")
_ON_THE_CARD = ("persons", "delegations", "rates")
_MOST = Decimal(10) ** 20
MOST_DAYS = 3660
"""So many days after a day a deadline may be."""
MOST_GROUPS = 8
"""So many groups of steps a rule on the fewest persons may have."""


class BadPolicy(BadToml):
    """A policy says something that cannot be."""

    noun = "policy"


class NoSuchAttribute(BadPolicy):
    """A rule or exemption names an attribute that the log does not have."""

    def __init__(self, policy: Policy, key: str, attribute: str, known: Collection[str]) -> None:
        line = policy.lines.get(key) or policy.lines.get(key.rpartition(".")[0])
        super().__init__(policy.file, key, line, f"the log has no attribute {attribute!r}.{nearest(attribute, known)}")


class UnknownPolicy(Refusal):
    """Neither a file nor one of the policies that come with finmine."""

    def __init__(self, given: str) -> None:
        super().__init__(f"there is no file and no default policy {given!r}.{nearest(given, DEFAULTS)}")


def load_policy(named: str | Path) -> Policy:
    """The policy of a file, or one of the default policies by its name.

    Raises:
        UnknownPolicy: there is no such file or default policy.
        BadPolicy: the file is not TOML in UTF-8, or a value in it cannot be; the key and its line are named.
    """
    return read_policy(*policy_bytes(named))


def policy_of(given: str | Policy) -> Policy:
    """A policy as it is, or the one that ``load_policy`` loads."""
    return given if isinstance(given, Policy) else load_policy(given)


def policy_bytes(named: str | Path) -> tuple[str, bytes]:
    """The name and the bytes of a policy's file.

    Raises:
        UnknownPolicy: there is no such file or default policy.
    """
    if str(named) in DEFAULTS:
        return f"{named}.toml", (files("finmine.auditing") / "policies" / f"{named}.toml").read_bytes()
    path = Path(named)
    if not path.is_file():
        raise UnknownPolicy(str(named))
    return path.name, path.read_bytes()


def read_policy(file: str, data: bytes) -> Policy:
    """The policy that these bytes of a file hold.

    Raises:
        BadPolicy: see ``load_policy``.
    """
    reader = _Reader(file, data)
    return reader.policy(reader.said, sha256(data).hexdigest())


class _Reader(TomlReader):
    refusal = BadPolicy

    def policy(self, said: Mapping[str, Any], digest: str) -> Policy:
        for fact in _ON_THE_CARD:
            if fact in said:
                self._refuse(fact, "is a fact about the log, which stands on its card; a policy holds rules alone")
        self._known(said, ("finmine_policy", "name", "version", "steps", "rules", "authority", "exemptions"), "")
        if type(said.get("finmine_policy")) is not int or said["finmine_policy"] != VERSION:
            self._must("finmine_policy", said.get("finmine_policy"), f"the version of the format, {VERSION}")
        steps = {name: self._texts(value, f"steps.{name}") for name, value in self._table(said.get("steps", {}), "steps").items()}
        rules = tuple(self._rule(rule, f"rules[{place}]", steps) for place, rule in enumerate(self._tables(said.get("rules", []), "rules"), 1))
        if not rules:
            self._refuse("rules", "there is none; a policy has at least one [[rules]]")
        names = [rule.name for rule in rules]
        for place, name in enumerate(names, 1):
            if name in names[: place - 1]:
                self._refuse(f"rules[{place}].id", f"{name!r} is the id of an earlier rule; each has its own")
        authorities = tuple(
            self._authority(entry, f"authority[{place}]") for place, entry in enumerate(self._tables(said.get("authority", []), "authority"), 1)
        )
        for place, rule in enumerate(rules, 1):
            limited = isinstance(rule.test, WithinLimit) or (isinstance(rule.test, Requires) and rule.test.within_limit)
            if limited and not authorities:
                self._refuse(f"rules[{place}]", f"{rule.name} asks for limits, and there is no [[authority]]; say who may approve up to which amount")
        exemptions = tuple(
            self._exemption(entry, f"exemptions[{place}]", names)
            for place, entry in enumerate(self._tables(said.get("exemptions", []), "exemptions"), 1)
        )
        name, version = self._text(said.get("name"), "name"), self._text(said.get("version"), "version")
        return Policy(name, version, self.file, digest, steps, rules, authorities, exemptions, self.lines)

    def _rule(self, said: Mapping[str, Any], place: str, steps: Collection[str]) -> Rule:
        self._known(said, (*_OF_RULES, *RULE_KINDS, *(key for more in RULE_KINDS.values() for key in more)), place)
        kinds = [kind for kind in RULE_KINDS if kind in said]
        if len(kinds) != 1:
            found = " and ".join(kinds) or "none"
            self._refuse(place, f"says {found} of {', '.join(RULE_KINDS)}; a rule says exactly one")
        self._known(said, (*_OF_RULES, kinds[0], *RULE_KINDS[kinds[0]]), place)
        severity = said.get("severity", "high")
        if severity not in SEVERITIES:
            self._must(f"{place}.severity", severity, f"one of {', '.join(SEVERITIES)}")
        test = self._test(kinds[0], said, place)
        having = self._texts(said.get("having", []), f"{place}.having", none=True)
        for step in (*test.steps(), *having):
            if step not in steps:
                key = next(key for key in (kinds[0], *RULE_KINDS[kinds[0]], "having") if key in said and step in _names(said[key]))
                self._refuse(f"{place}.{key}", f"there is no step {step!r}.{nearest(step, steps)} Steps are declared under [steps]")
        return Rule(
            self._text(said.get("id"), f"{place}.id"),
            self._text(said.get("title", test.words()), f"{place}.title"),
            severity,
            test,
            having,
            self._band(said, place),
            self._where(said, place),
        )

    def _where(self, said: Mapping[str, Any], place: str) -> dict[str, tuple[str, ...]]:
        where = self._table(said.get("where", {}), f"{place}.where")
        return {attribute: self._texts(values, f"{place}.where.{attribute}") for attribute, values in where.items()}

    def _test(self, kind: str, said: Mapping[str, Any], place: str) -> Test:
        if kind == "needed":
            return Needed(self._text(said[kind], f"{place}.{kind}"))
        if kind == "inside_hours_of":
            return InsideHours(self._text(said[kind], f"{place}.{kind}"))
        if kind == "within_limit_of":
            return WithinLimit(self._text(said[kind], f"{place}.{kind}"), self._maybe(said, "amount", place))
        if kind == "requires":
            return self._requires(said, place)
        if kind == "unchanged_after":
            return UnchangedAfter(self._text(said[kind], f"{place}.{kind}"), self._texts(said.get("attributes"), f"{place}.attributes"))
        if kind == "corrected_before":
            by = self._texts(said.get("by"), f"{place}.by")
            return CorrectedBefore(self._text(said[kind], f"{place}.{kind}"), by, self._maybe(said, "since", place))
        if kind == "same_value":
            return self._same_value(said[kind], f"{place}.{kind}")
        if kind == "in_time":
            return self._in_time(said, place)
        if kind == "people_min":
            return self._fewest(said, place)
        return DifferentPersons(self._groups(said[kind], f"{place}.{kind}"))

    def _requires(self, said: Mapping[str, Any], place: str) -> Requires:
        limit = said.get("within_limit", False)
        if not isinstance(limit, bool):
            self._must(f"{place}.within_limit", limit, "true or false")
        step, required = self._text(said.get("step"), f"{place}.step"), self._text(said["requires"], f"{place}.requires")
        later, other = (self._texts(said.get(key, []), f"{place}.{key}", none=True) for key in ("after_last", "another_than"))
        if step == required:
            self._refuse(f"{place}.requires", f"{step!r} cannot require itself")
        amount = self._maybe(said, "amount", place)
        if amount and not limit:
            self._refuse(f"{place}.amount", "nothing is compared with it: say within_limit = true, or leave it out")
        return Requires(step, required, later, other, limit, amount)

    def _maybe(self, said: Mapping[str, Any], key: str, place: str) -> str | None:
        return self._text(said[key], f"{place}.{key}") if key in said else None

    def _same_value(self, value: object, key: str) -> SameValue:
        attributes = self._texts(value, key)
        if len(set(attributes)) < max(len(attributes), 2):
            self._must(key, value, 'a list of at least two attributes, each once, such as ["payment_terms", "order_terms"]')
        return SameValue(attributes)

    def _in_time(self, said: Mapping[str, Any], place: str) -> InTime:
        since: dict[str, Since] = {"after": "step", "after_date": "day", "after_month": "month"}
        named = self._one_of(said, tuple(since), place, "a step, or an attribute that holds a date or a month")
        unit = self._one_of(said, ("days", "working_days"), place, "how many days there are")
        days, done = said[unit], self._texts(said["in_time"], f"{place}.in_time")
        if type(days) is not int or not 0 <= days <= MOST_DAYS:
            self._must(f"{place}.{unit}", days, f"a whole number from 0 to {MOST_DAYS:,}")
        after = self._text(said[named], f"{place}.{named}")
        if since[named] == "step" and after in done:
            self._refuse(f"{place}.{named}", f"{after!r} cannot be due after itself")
        return InTime(done, after, since[named], days, unit == "working_days")

    def _one_of(self, said: Mapping[str, Any], keys: tuple[str, ...], place: str, meaning: str) -> str:
        found = [key for key in keys if key in said]
        if len(found) != 1:
            self._refuse(place, f"says {' and '.join(found) or 'none'} of {', '.join(keys)}; exactly one of them says {meaning}")
        return found[0]

    def _fewest(self, said: Mapping[str, Any], place: str) -> FewestPersons:
        groups, least = self._groups(said.get("steps"), f"{place}.steps"), said["people_min"]
        if len(groups) > MOST_GROUPS:
            self._refuse(f"{place}.steps", f"has {len(groups)} groups of steps; a rule may have {MOST_GROUPS}")
        if type(least) is not int or not 2 <= least <= len(groups):
            self._must(f"{place}.people_min", least, f"a whole number from 2 to {len(groups)}, the number of its steps or groups of steps")
        return FewestPersons(groups, least)

    def _groups(self, groups: object, key: str) -> tuple[tuple[str, ...], ...]:
        if not isinstance(groups, list) or len(groups) < 2:
            self._must(key, groups, 'a list of at least two steps or groups, such as ["entry", ["approval", "release"]]')
        named = tuple(self._texts(group, key) for group in groups)
        flat = [step for group in named for step in group]
        for step in flat:
            if flat.count(step) > 1:
                self._refuse(key, f"{step!r} stands in it twice; nobody differs from himself")
        return named

    def _band(self, said: Mapping[str, Any], place: str) -> Band | None:
        since, below = (self._amount(said[key], f"{place}.{key}") if key in said else None for key in ("from", "below"))
        if since is None and below is None:
            return None
        if since is not None and below is not None and below <= since:
            self._refuse(f"{place}.below", f"is {below}; it must be more than from, {since}")
        return Band(since, below, self._text(said.get("currency"), f"{place}.currency"))

    def _authority(self, said: Mapping[str, Any], place: str) -> Authority:
        self._known(said, ("resource", "role", "limit", "currency", "from", "until", "where"), place)
        named = [level for level in ("resource", "role") if level in said]
        if len(named) != 1:
            self._refuse(place, "names " + (" and ".join(named) or "neither") + "; it must name a resource or a role")
        level: Level = "resource" if named == ["resource"] else "role"
        limit = None if said.get("limit") == "unlimited" else self._amount(said.get("limit"), f"{place}.limit")
        since, until = (self._day(said[key], f"{place}.{key}") if key in said else None for key in ("from", "until"))
        if since and until and until < since:
            self._refuse(f"{place}.until", f"is {until}; it must not be before from, {since}")
        name, currency = self._text(said[level], f"{place}.{level}"), self._text(said.get("currency"), f"{place}.currency")
        return Authority(level, name, limit, currency, since, until, self._where(said, place))

    def _exemption(self, said: Mapping[str, Any], place: str, rules: Collection[str]) -> Exemption:
        self._known(said, ("rule", "where", "owner", "why", "until"), place)
        rule = self._text(said.get("rule"), f"{place}.rule")
        if rule not in rules:
            self._refuse(f"{place}.rule", f"there is no rule {rule!r}.{nearest(rule, rules)}")
        where = self._table(said.get("where", {}), f"{place}.where")
        if len(where) != 1:
            self._refuse(f"{place}.where", 'must name one attribute and its values, such as { vendor = ["ACME"] }')
        attribute, values = next(iter(where.items()))
        owner, why = (self._text(said.get(key), f"{place}.{key}") for key in ("owner", "why"))
        return Exemption(rule, attribute, self._texts(values, f"{place}.where"), owner, why, self._day(said.get("until"), f"{place}.until"))

    def _amount(self, value: object, key: str) -> Decimal:
        try:
            amount = Decimal(value) if isinstance(value, str) else Decimal("NaN")
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 <= amount < _MOST or amount != amount.quantize(Decimal("0.000001")):
            self._must(key, value, 'an amount from 0 written as text, such as "1000.00"')
        return amount


def _names(value: object) -> Iterator[object]:
    """The texts that stand in the value of a key, in lists and lists of lists too."""
    if isinstance(value, list):
        for each in value:
            yield from _names(each)
    else:
        yield value
