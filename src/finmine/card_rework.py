"""What a log card says of repeats: what tells a correction, a return or another try from work that was simply done twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from finmine.card_values import BadCard, bare_key, check_known, quoted, table, text, texts


@dataclass(frozen=True, slots=True)
class ReworkRules:
    """How repeats are told apart; what is not declared cannot be told.

    ``tracked`` attributes have values that a correction changes, ``changes`` are activities that change such a value;
    ``returns`` are activities that send work back; ``failed`` has for attributes the values that mean failure, ``blocks`` are
    activities that stop what was done before; ``item`` is the attribute that tells parts of a document apart; ``allowed`` are
    activities that come several times by design.
    """

    tracked: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    failed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blocks: tuple[str, ...] = ()
    item: str | None = None
    allowed: tuple[str, ...] = ()

    def activities(self) -> Iterator[tuple[str, str]]:
        """Every activity that is named, with the key under which it is."""
        for key in ("changes", "returns", "blocks", "allowed"):
            yield from ((key, activity) for activity in getattr(self, key))


_LISTS = ("tracked", "changes", "returns", "blocks", "allowed")
_KEYS = tuple(each.name for each in fields(ReworkRules))


def read_rework(said: Mapping[str, Any], place: str) -> ReworkRules:
    """What ``[rework]`` says."""
    found = table(said, "rework", place)
    place = f"{place} [rework]"
    check_known(found, _KEYS, place)
    lists = {key: _named(found[key], f"{place} {key}") for key in _LISTS if key in found}
    failed = {name: _named(values, f"{place} failed {name}") for name, values in table(found, "failed", place).items()}
    item = text(found["item"], f"{place} item") if "item" in found else None
    if item is not None and item in lists.get("tracked", ()):
        raise BadCard(f"{place} item", item, "no attribute that is tracked: another item is another part, not a correction")
    return ReworkRules(**lists, failed=failed, item=item)


def _named(value: object, place: str) -> tuple[str, ...]:
    names = texts(value, place)
    if not names or len(set(names)) < len(names):
        raise BadCard(place, value, "a text or a list of at least one text, each once")
    return names


def draft_rework(rules: ReworkRules) -> list[str]:
    """The section as lines of a card, or lines that show how it is declared."""
    if rules == ReworkRules():
        return [
            "# [rework]              # what tells repeats apart: corrections, returns, other tries, parts, repeats by design",
            '# tracked = ["amount", "vendor"]',
            '# returns = ["Reject invoice"]',
        ]
    lines = [f"{key} = {_list(getattr(rules, key))}" for key in _LISTS if getattr(rules, key)]
    failed = ", ".join(f"{bare_key(name)} = {_list(values)}" for name, values in rules.failed.items())
    lines += [f"failed = {{ {failed} }}"] if failed else []
    return ["[rework]", *lines, *([f"item = {quoted(rules.item)}"] if rules.item is not None else [])]


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(quoted, values))}]"
