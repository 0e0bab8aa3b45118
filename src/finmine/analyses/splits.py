"""Splits: purchases that together pass a limit which none of them passes alone, and amounts that bunch just below limits.

Purchases up to a limit are put together by vendor and requester, vendor and approver, or item and requester. All purchases of some days in a row whose
sum passes the limit are found with what speaks for a split; no purchase is in two findings, the one with most signs counts, and what somebody with a
higher limit approved evades nothing. Beside it each requester, vendor and approver is tested for more amounts just below a limit than the amounts
around it let expect. Both screen: they say where to look, not that anything was split.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.auditing.asked_limits import Limit, asked_limits, held_against
from finmine.auditing.bunched import WIDTHS, Tested, as_shown, histogram, points, tested
from finmine.auditing.grounds import Grounds, grounds
from finmine.auditing.policy import Policy
from finmine.auditing.policy_file import policy_of
from finmine.auditing.purchases import at_limits, bought_in, counted, purchases
from finmine.auditing.split_ranges import KINDS, SIGNS, disjoint, in_order, members, parted, ranges
from finmine.auditing.split_ranges import days as days_of
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.relations.attributes import named_attribute
from finmine.relations.documents import Fields
from finmine.relations.held_relation import HeldRelation, held_relation
from finmine.relations.tables import case_table
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import money, plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_ASKS, _APPROVES = ("requisition", "order", "submission"), ("requisition release", "order release", "approval")
_SURE, _MOST_TESTS, _MOST_RANGES, _LONGEST = 0.05, 12, 100_000, 366
_BUNCHED = tuple("bunching_of unit_name limit_amount currency is_limit width_share just_below near_limit below_share below_expected p q".split())
_PURCHASES = ("split_number", "document", "document_day", "amount", "currency", "asked_by", "approved_by", "rows_of_source")
_FINDINGS = tuple("split_number split_by vendor asked_by approved_by split_days purchases split_sum currency limit_amount split_signs".split())


@dataclass(frozen=True, slots=True, repr=False)
class Splits(Result):
    """The ranges that pass a limit, best first; beside them their purchases, the amounts around limits, and what was left out."""

    limits: tuple[Limit, ...]
    own: bool
    ground: Grounds
    fields: Fields
    steps: Mapping[str, tuple[str, ...]]
    least: int
    windows: tuple[int, ...]
    most: int
    inside: Rows
    documents: Rows
    around: Rows
    counted: Rows
    told: tuple[HeldRelation, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The ranges, which purchases are in them, these purchases, the amounts around limits, and how many purchases there are."""
        return {
            "ranges": self.rows,
            "purchases of ranges": self.inside,
            "purchases": self.documents,
            "amounts around limits": self.around,
            "all purchases": self.counted,
        }

    def prepared(self) -> tuple[str, ...]:
        """The statements that make the tables of persons."""
        return self.ground.script()

    def looked_up(self) -> tuple[str, ...]:
        """The purchases, and those of each key."""
        return tuple(statement for each in self.told for statement in each.script)

    def records(self) -> tuple[Record, ...]:
        """The findings, those with most signs first; no purchase is in two."""
        known = {row["case"]: row for row in self.documents.records()}
        kept, _ = disjoint(self.rows.records(), self.inside.records())
        return tuple(self._finding(row, place, [known[code] for code in row["codes"]]) for place, row in enumerate(kept, 1))

    def _finding(self, row: Record, place: int, these: Sequence[Record]) -> Record:
        limit = self.limits[row["place"]]
        return {
            **row,
            "split_number": str(place),
            "split_by": list(KINDS)[row["kind"]],
            **{name: _only(these, name) for name in ("vendor", "asked_by", "approved_by")},
            "split_days": _days(row["first"], row["last"]),
            "purchases": row["documents"],
            "split_sum": row["total"],
            "limit_amount": limit.amount,
            "currency": limit.currency or None,
            "split_signs": ", ".join(words for name, words in SIGNS.items() if row[name]) or None,
        }

    def purchases(self) -> tuple[Record, ...]:
        """The purchases of the findings, with the first row of the source of each."""
        files = {source.number: source.name for source in self.about.log.provenance.sources}
        known = {row["case"]: row for row in self.documents.records()}
        return tuple(
            {
                **known[code],
                "split_number": finding["split_number"],
                "document": known[code]["label"],
                "document_day": str(known[code]["day"]),
                "rows_of_source": f"{files[known[code]['source']]} row {known[code]['row']}",
            }
            for finding in self.records()
            for code in finding["codes"]
        )

    def bunched(self) -> Tested:
        """The tests for bunching, limits first, the surest first."""
        return tested(self.around.records(), points(self.limits), len(self.limits), self.own)

    def view(self) -> View:
        """Headlines, the findings with their purchases, bunching below limits, what was left out, and the definitions."""
        found, bunching = self.records(), self.bunched()
        blocks: list[Block] = [*opening(self.about), *self._headlines(found), *self._bunching_headline(bunching)]
        listed = found[: self.most]
        names = [name for name in _FINDINGS if name not in ("vendor", "asked_by", "approved_by") or any(row[name] for row in found)]
        shown = table("Purchases that together pass a limit, those with most signs first", listed, names)
        blocks.append(Table(shown.title, shown.columns, shown.rows, len(found) if len(found) > len(listed) else None))
        if found:
            these = [row for row in self.purchases() if int(row["split_number"]) <= self.most]
            blocks.append(table("Their purchases", these, _PURCHASES))
        tests = [as_shown(row) for row in bunching.rows[:_MOST_TESTS]]
        if tests:
            blocks.append(table("Amounts just below limits: how many there are, and what those around let expect", tests, _BUNCHED))
        return View("Splits", (*blocks, *self._steps(), *self._limits(bunching), *self._definitions()), self.about.log.zone)

    def _headlines(self, found: Sequence[Record]) -> Iterator[Headline | Prose | Caveat]:
        every = self._count("looked_at")
        if not self.limits:
            gap = "the log has no amounts" if not self.about.log.facts.currencies else f"policy {self.ground.policy.name!r} has none"
            yield Caveat(f"No limit is known, because {gap}: give one with --limit 1000.00, or a policy with [[authority]].")
            return
        if not found:
            yield Prose(
                f"Of {plural(every, 'purchase')} none together pass a limit that each keeps, with {plural(self.least, 'sign')} of a split or more."
            )
            return
        number = sum(row["purchases"] for row in found)
        sums: dict[str, Decimal] = {}
        for row in found:
            sums[row["currency"] or ""] = sums.get(row["currency"] or "", Decimal(0)) + row["split_sum"]
        worth = " and ".join(money(total, currency) for currency, total in sorted(sums.items(), key=lambda item: -item[1]))
        sets = "1 set that together passes" if len(found) == 1 else f"{plural(len(found), 'set')} that together pass"
        yield Headline(
            f"{number:,} of {plural(every, 'purchase')} stand in {sets} a limit that none of them passes alone: {worth} in all.", number / every
        )

    def _bunching_headline(self, bunching: Tested) -> Iterator[Headline]:
        sure = [row for row in bunching.rows if not row["placebo"] and row["q"] <= _SURE]
        for row in sure[:2]:
            of = "all purchases" if row["side"] == "all" else f"the purchases of {row['side']} {row['unit']}"
            yield Headline(
                f"Of {of} within {row['width']} % of {row['limit'].words()}, {row['below']:,} of {row['of']:,} lie below it or at it; "
                f"{row['of'] * row['expected']:,.1f} were to be expected (q = {row['q']:.2g}).",
                row["below"] / max(self._count("looked_at"), 1),
            )

    def _steps(self) -> Iterator[Block]:
        bound = self.ground.bound
        rows = [
            {"trade_step": step, "bound_activities": ", ".join(bound.activities[step]) or None, "bound_by": bound.bound_by[step]}
            for steps in self.steps.values()
            for step in steps
        ]
        yield table("What was taken for the steps of the policy", rows, ("trade_step", "bound_activities", "bound_by"))

    def _limits(self, bunching: Tested) -> Iterator[Block]:
        said = ", ".join(limit.words() for limit in self.limits) or "none"
        yield Prose(f"Limits: {said} (policy {self.ground.policy.name!r}). {' '.join(self.ground.persons.notes())}")
        if others := held_against(self.about.log, self.limits):
            yield Prose(others)
        left = {
            "no_amount": "no amount",
            "credit": "an amount of nought or below (credits are not set off)",
            "regular": "a place in a regular series",
        }
        parts = [f"{plural(self._count(name), 'case')} with {words}" for name, words in left.items() if self._count(name)]
        if parts:
            yield Caveat(f"Left out of all splits: {'; '.join(parts)}.")
        for name, words in (("no_requester", "requester"), ("no_approver", "approver"), ("no_vendor", "vendor")):
            if self._count(name):
                yield Caveat(f"Of {plural(self._count(name), 'purchase')} no {words} is known, so that nothing can be put together by it.")
        if self.fields.day is None:
            yield Caveat("The card names no document_date: the day on which a case began stands for that of the purchase.")
        _, less = disjoint(self.rows.records(), self.inside.records())
        if less:
            yield Prose(
                f"{plural(less, 'other range passes', 'other ranges pass')} a limit with purchases of a finding that has at least as many signs."
            )
        if len(self.rows) == _MOST_RANGES:
            yield Caveat(f"Only the first {_MOST_RANGES:,} ranges were looked at; ask for more signs (--signs).")
        if bunching.untested:
            yield Caveat(f"{plural(bunching.untested, 'test')} for bunching could not be made: too few amounts lie around the limit.")
        if any(row["placebo"] and row["q"] <= _SURE for row in bunching.rows):
            yield Caveat(
                "Amounts bunch below sums that are no limits, too: prices heap below round sums here, so that bunching below a limit says little."
            )

    def _definitions(self) -> Iterator[Definition]:
        days = ", ".join(map(str, self.windows))
        yield Definition(
            "Split",
            f"all purchases of one key on days in a row that fit a window of {days} days, none above the limit, together above it; an amount that equals the limit is within it",
        )
        yield Definition(
            "Signs",
            "one day; half of the amounts at 80 % of the limit or more; the same persons asked and approved; one cost centre; numbers in a row, at most as many missing",
        )
        yield Definition("Exposure", "what the purchases of a finding add up to: so much was approved below the limit")
        yield Definition(
            "Bunching",
            f"of the amounts within {', '.join(map(str, WIDTHS))} % of a limit the number that do not pass it, against a log-linear density fitted to the others from half of the "
            "limit to one and a half of it; exact binomial, q after Benjamini and Hochberg over all tests at limits. Of an approver only amounts up to his own limit",
        )

    def _count(self, name: str) -> int:
        return int(self.counted.records()[0][name] or 0)

    def behind(self, record: Record) -> ir.Table:
        """The purchases of the finding."""
        these = case_table(self.about.log)
        return these.filter(these.case.isin(list(record["codes"]))).select("case")


def splits(
    log: EventLog,
    *,
    policy: str | Policy = "purchase-to-pay",
    limit: tuple[str, ...] = (),
    days: tuple[int, ...] = (1, 3, 7, 30),
    signs: int = 2,
    vendor: str | None = None,
    reference: str | None = None,
    cost_centre: str | None = None,
    item: str | None = None,
    least: int = 30,
    most: int = 100,
) -> Splits:
    """Which purchases together pass a limit that none of them passes alone, and where amounts bunch just below limits.

    Each case is a purchase. Vendor, its number, the day, cost centre and item are those that the card names vendor, reference, document_date,
    cost_centre and material_group; who asked and who approved are told by the steps of the policy.

    Args:
        log: the event log.
        policy: a policy file, or one of purchase-to-pay, expenses and record-to-report: what its steps are, and its limits.
        limit: an amount up to which something may be approved, as 1000.00 or '1000.00 USD'; default: the limits of the policy.
        days: the windows, in days, within which purchases are put together.
        signs: how many signs of a split a range must have, from 0 to 5.
        vendor: the attribute with the vendor; default: the card's vendor.
        reference: the attribute with the number of the purchase; default: the card's reference or purchase_order.
        cost_centre: the attribute with the cost centre; default: the card's cost_centre.
        item: the attribute with what is bought; default: the card's material_group.
        least: so many amounts around a limit it takes to test a requester, vendor or approver for bunching.
        most: how many findings are listed; the counts are always of all.
    """
    _check(days, signs, least, most)
    held = policy_of(policy)
    limits, own = asked_limits(log, held, limit), not limit
    ground = grounds(log, held)
    steps = {name: tuple(step for step in known if step in held.steps) for name, known in (("asks", _ASKS), ("approves", _APPROVES))}
    fields = Fields(
        named_attribute(log, reference, "reference", "purchase_order"),
        named_attribute(log, vendor, "vendor"),
        named_attribute(log, None, "document_date"),
        None,
        None,
    )
    centre, group = named_attribute(log, cost_centre, "cost_centre"), named_attribute(log, item, "material_group")
    windows = tuple(sorted(set(days)))
    given = {"policy": held.file, "limit": ", ".join(limit), "days": ", ".join(map(str, windows)), "signs": signs, "vendor": vendor}
    given |= {"reference": reference, "cost_centre": cost_centre, "item": item, "least": least, "most": most}
    every = points(limits)
    with (
        held_relation(log, "purchases", purchases(ground, fields, steps["asks"], steps["approves"], every, centre, group)) as bought,
        held_relation(log, "parts", parted(at_limits(bought.rows, limits, own))) as parts,
        held_relation(log, "days", days_of(parts.rows)) as summed,
        held_relation(log, "ranges", in_order(ranges(parts.rows, summed.rows, windows, signs)).limit(_MOST_RANGES)) as found,
    ):
        inside = members(parts.rows, found.rows)
        return Splits(
            about(log, "splits", given),
            log.fetch(in_order(found.rows)),
            limits,
            own,
            ground,
            fields,
            steps,
            signs,
            windows,
            most,
            log.fetch(inside),
            log.fetch(bought_in(log, bought.rows, inside)),
            log.fetch(histogram(at_limits(bought.rows, every, own), least, len(limits))),
            log.fetch(counted(bought.rows)),
            (bought, parts, summed, found),
        )


def _check(days: tuple[int, ...], signs: int, least: int, most: int) -> None:
    for each in days or (0,):
        if not 1 <= each <= _LONGEST:
            raise OutOfRange("days", each, f"a whole number from 1 to {_LONGEST}")
    if not 0 <= signs <= len(SIGNS):
        raise OutOfRange("signs", signs, f"a whole number from 0 to {len(SIGNS)}")
    for name, value in (("least", least), ("most", most)):
        if value < 1:
            raise OutOfRange(name, value, "a whole number from 1")


def _only(these: Sequence[Record], name: str) -> str | None:
    """What all purchases have, missing where they differ."""
    found = {row[name] for row in these}
    return found.pop() if len(found) == 1 else None


def _days(first: int, last: int) -> str:
    days = [str(date(1970, 1, 1) + timedelta(days=number)) for number in sorted({first, last})]
    return " to ".join(days)
