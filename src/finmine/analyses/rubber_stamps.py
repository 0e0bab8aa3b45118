"""Rubber stamps: approvals given too soon for that approver and amount, many within a short time, or outside of working hours.

Too soon is a dwell that is below a declared floor and among the shortest of the same approver in the same band of amounts. The dwell is the
time from the completion of the unit before, when the approval became possible. It is a screen: it says where to look, not what was wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis

from finmine.auditing.approvals import Approvals, approvals
from finmine.auditing.policy import Policy
from finmine.auditing.rubber_stamps import NOT_JUDGED, Screen, screened
from finmine.engine import Rows
from finmine.errors import OutOfRange, Refusal
from finmine.log import EventLog
from finmine.relations.calendars import Calendars, calendars
from finmine.relations.groups import cases_of, grouped
from finmine.relations.held_relation import held_relation
from finmine.relations.tables import activity_labels, case_table
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import duration, parse_duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_SIGNS = {"soon": "too soon", "burst": "in a burst", "outside_hours": "outside of working hours"}


class BadTime(Refusal):
    """A length of time cannot be read."""

    def __init__(self, name: str, given: str) -> None:
        super().__init__(f"{name} is {given!r}; it must be a length of time such as 30s or 1m.")


@dataclass(frozen=True, slots=True, repr=False)
class RubberStamps(Result):
    """The approvers (of each band), those with most suspicious approvals first; ``findings`` are the approvals, ``whole`` counts all of them."""

    by: str | None
    found: Approvals
    screen: Screen
    hours: Calendars | None
    findings: Rows
    whole: Rows
    script: tuple[str, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The approvers, the approvals that show a sign, and all approvals by whether their dwell can be judged."""
        return {"approvers": self.rows, "approvals with a sign": self.findings, "all approvals": self.whole}

    def prepared(self) -> tuple[str, ...]:
        """The statements that make the tables of persons and of the calendars' days."""
        return (*self.found.grounds.script(), *(self.hours.script() if self.hours else ()))

    def looked_up(self) -> tuple[str, ...]:
        """The statement that makes the table of the approvals with what was found of each."""
        return self.script

    def records(self) -> tuple[Record, ...]:
        """The approvers with their bands in words, and the share of their approvals that show a sign."""
        return tuple({**row, "amount_band": self._band(row), "signs_share": row["signs"] / row["approvals"]} for row in self.rows.records())

    def _band(self, row: Record) -> str | None:
        return self.found.bands.words(row["band"], row["worth_currency"]) if self.found.bands.asked else None

    def signs(self) -> tuple[Record, ...]:
        """The approvals that show a sign, as they are listed: approver, case, amount, dwell, which signs, and the row of the source."""
        files = {source.number: source.name for source in self.about.log.provenance.sources}
        return tuple(
            {
                **row,
                "dwell": row["held"],
                "sign": ", ".join(words for name, words in _SIGNS.items() if row[name]),
                "rows_of_source": f"{files[row['source']]} row {row['row']}",
            }
            for row in self.findings.records()
        )

    def view(self) -> View:
        """Headlines, the approvers, the approvals, how many cannot be judged, and the definition."""
        log, banded = self.about.log, ("amount_band",) if self.found.bands.asked else ()
        hours = ("outside_hours",) if self.hours else ()
        names = ("approver", *banded, "approvals", "judged", "soon", "below_floor", "burst", *hours, "signs", "signs_share", "dwell_median")
        blocks: list[Block] = [*opening(self.about), *self._headlines()]
        blocks.append(table("Approvals of each approver", self.records(), names, self.by))
        shown = table(
            "Approvals that show a sign, those with most signs first",
            self.signs(),
            ("case", "approver", "activity", "amount", "currency", "time", "dwell", "sign", "rows_of_source"),
        )
        total = self._sum("signs")
        blocks.append(
            Table(shown.title, shown.columns, shown.rows, total if total > len(shown.rows) else None) if total else Prose("No approval shows a sign.")
        )
        whole = [{**row, "why_judged": NOT_JUDGED[row["judged"]]} for row in self.whole.records()]
        blocks.append(table("Whose dwell can be judged", whole, ("why_judged", "approvals", "cases"), self.by))
        return View("Rubber stamps", (*blocks, self._steps(), *self._limits(), *self._definitions()), log.zone)

    def _sum(self, name: str) -> int:
        return sum(row[name] or 0 for row in self.whole.records())

    def _headlines(self) -> Iterator[Headline]:
        every = self._sum("approvals")
        if not every:
            return
        judged = sum(row["approvals"] for row in self.whole.records() if row["judged"] == "judged")
        if judged:
            soon = self._sum("soon")
            yield Headline(
                f"{soon:,} of {plural(judged, 'approval')} that can be judged ({share(soon / judged)}) came too soon: {self._too_soon()}.",
                soon / every,
            )
        timed = self._sum("timed")
        if timed:
            burst, screen = self._sum("burst"), self.screen
            of = f"of {plural(timed, 'approval')} by known persons with a time of day"
            yield Headline(
                f"{burst:,} {of} ({share(burst / timed)}) are among {screen.burst} or more within {duration(screen.within)}.", burst / every
            )
        if self.hours and (placed := self._sum("placed")):
            outside = self._sum("outside_hours")
            yield Headline(
                f"{outside:,} of {plural(placed, 'approval')} with a calendar ({share(outside / placed)}) lie outside of its hours.", outside / every
            )

    def _too_soon(self) -> str:
        screen = self.screen
        return f"in less than {duration(screen.floor)}, and among the shortest {share(screen.part)} of the same approver{self._in_band()}"

    def _in_band(self) -> str:
        return " in the same band of amounts" if self.found.bands.asked else ""

    def _steps(self) -> Block:
        bound = self.found.grounds.bound
        rows = [
            {"trade_step": step, "bound_activities": ", ".join(bound.activities[step]) or None, "bound_by": bound.bound_by[step]}
            for step in self.found.steps
        ]
        return table("What was taken for the steps of the policy", rows, ("trade_step", "bound_activities", "bound_by"))

    def _limits(self) -> Iterator[Block]:
        log, policy = self.about.log, self.found.grounds.policy
        yield Prose(f"Policy {policy.name!r}, version {policy.version}. {' '.join(self.found.grounds.persons.notes())}")
        yield from map(Caveat, self.found.grounds.bound.notes)
        if not self.found.bound:
            yield Caveat(f"No activity of the log is known to be {' or '.join(self.found.steps)}: say on the card, under [steps], which are.")
        if log.facts.people == "roles" or not log.facts.has_resource:
            yield Caveat("No person is known: the log does not say who did what, or the card shows people as roles.")
        days = sum(row["approvals"] for row in self.whole.records() if row["judged"] == "day only")
        if days:
            yield Caveat(
                f"{plural(days, 'approval')} or what came before them have the stamp of midnight, as where only a day is recorded: not testable."
            )
        if not self.hours:
            yield Caveat(
                "No calendar is declared on the card, so nobody can say which approvals lie outside of working hours, at night or on a weekend."
            )
        if not self.found.bands.asked:
            yield Caveat("All amounts are one band: the policy has no limits. Say --bands to compare approvals of like amounts only.")

    def _definitions(self) -> Iterator[Definition]:
        screen = self.screen
        yield Definition(
            "Dwell", "from the completion of the unit before, when the approval became possible in the order of the log, to the approval"
        )
        yield Definition("Too soon", f"{self._too_soon()}, who has at least {screen.least} approvals{self._in_band()} to compare with")
        yield Definition(
            "Burst",
            f"{screen.burst} or more approvals by one person, of whatever cases, from the first to the last of which at most {duration(screen.within)} pass",
        )
        if self.hours:
            yield Definition("Outside of hours", "the calendar that applies to the approver was closed when the approval was completed")

    def behind(self, record: Record) -> ir.Table:
        """The cases with an approval of this approver (in this band and group) that shows a sign."""
        these = _signed(self.about.log, self.found, self.screen, self.hours, self.by)
        kept = these.filter(these.sign > 0, these.who.identical_to(record["approver"]))
        if self.found.bands.asked:
            kept = kept.filter(kept.band.identical_to(record["band"]), kept.worth_currency.identical_to(record["worth_currency"]))
        return cases_of(kept, record, self.by)


def rubber_stamps(
    log: EventLog,
    *,
    policy: str | Policy = "purchase-to-pay",
    approval: tuple[str, ...] = ("approval",),
    floor: str = "1m",
    shortest: float = 0.1,
    least: int = 20,
    burst: int = 5,
    within: str = "1m",
    bands: str | None = None,
    by: str | None = None,
    most: int = 100,
) -> RubberStamps:
    """Which approvals were given too soon, in bursts, or outside of working hours.

    Args:
        log: the event log.
        policy: a policy file, or one of purchase-to-pay, expenses and record-to-report: what its steps are, and the limits.
        approval: the steps of the policy that are approvals.
        floor: below this dwell an approval can be too soon, such as 1m.
        shortest: the share of an approver's own approvals that count as his shortest, from 0 to 1.
        least: so many approvals of one person (in one band) it takes to compare.
        burst: how many approvals make a burst.
        within: within how much time they do, such as 1m.
        bands: bounds between bands of amounts, such as 1000,10000; default: the limits of the policy, if it has any.
        by: an attribute after which the cases are split.
        most: how many approvals are listed; the counts are always of all.
    """
    for name, value, lowest in (("least", least, 1), ("burst", burst, 2), ("most", most, 1)):
        if value < lowest:
            raise OutOfRange(name, value, f"a whole number from {lowest}")
    if not 0 < shortest <= 1:
        raise OutOfRange("shortest", shortest, "a share above 0, up to 1")
    screen = Screen(_time("floor", floor), shortest, least, burst, _time("within", within))
    found = approvals(log, policy, approval, "person", bands)
    hours = calendars(log) if log.card.calendars else None
    given = {"floor": floor, "shortest": shortest, "least": least, "burst": burst, "within": within, "bands": bands, "by": by, "most": most}
    asked = about(log, "rubber-stamps", {"policy": found.grounds.policy.file, "approval": ", ".join(approval), **given})
    groups = ["group"] if by else []
    keys = [*groups, *(["worth_currency", "band"] if found.bands.asked else [])]
    with held_relation(log, "approvals", _signed(log, found, screen, hours, by)) as told:
        answers = (_approvers(told.rows, keys), _listed(log, told.rows, most), _whole(told.rows, groups))
        rows, findings, whole = map(log.fetch, answers)
    return RubberStamps(asked, rows, by, found, screen, hours, findings, whole, told.script)


def _time(name: str, given: str) -> int:
    try:
        return parse_duration(given)
    except ValueError:
        raise BadTime(name, given) from None


def _signed(log: EventLog, found: Approvals, screen: Screen, hours: Calendars | None, by: str | None) -> ir.Table:
    """The approvals with ``sign``: how many signs each shows."""
    these = screened(found, screen, hours)
    sign = these.soon.cast("int64") + these.burst.cast("int64") + these.outside_hours.fill_null(False).cast("int64")
    return grouped(log, these.mutate(sign=sign), by)


def _approvers(these: ir.Table, keys: list[str]) -> ir.Table:
    found = these.group_by([*keys, "who"]).aggregate(**_counts(these), dwell_median=these.held.quantile(0.5).round().cast("int64"))
    named = found.rename(approver="who")
    return named.order_by([*keys, ibis.desc("signs"), ibis.desc("approvals"), ibis.asc("approver", nulls_first=False)])


def _whole(these: ir.Table, groups: list[str]) -> ir.Table:
    order = these.judged.cases(*((reason, place) for place, reason in enumerate(NOT_JUDGED)), else_=len(NOT_JUDGED))
    placed = these.mutate(place=order)
    counts = {**_counts(placed), "cases": placed.case.nunique(), "timed": placed.timed.sum(), "placed": placed.outside_hours.count()}
    counts.pop("judged")
    counted = placed.group_by([*groups, "place", "judged"]).aggregate(**counts)
    return counted.order_by([*groups, "place"]).drop("place")


def _counts(these: ir.Table) -> dict[str, ir.Scalar]:
    return {
        "approvals": these.count(),
        "judged": (these.judged == "judged").sum(),
        "soon": these.soon.sum(),
        "below_floor": these.below.sum(),
        "burst": these.burst.sum(),
        "outside_hours": these.outside_hours.sum(),
        "signs": (these.sign > 0).sum(),
    }


def _listed(log: EventLog, these: ir.Table, most: int) -> ir.Table:
    """The approvals that show a sign, with the units that they are: those with most signs first, then the largest amounts."""
    signed = these.filter(these.sign > 0)
    order = [ibis.desc("sign"), ibis.desc("size", nulls_first=False), "code", "position"]
    listed = signed.mutate(size=signed.worth.abs()).rename(code="case").order_by(order).limit(most)
    known = units(log).select("position", "activity", "source", "row", code="case")
    named = listed.join(known, ["code", "position"]).join(activity_labels(log).rename(activity_label="label"), "activity")
    named = named.join(case_table(log).select(code="case", case_label="label"), "code").order_by(order)
    return named.select(
        "soon",
        "burst",
        "outside_hours",
        "time",
        "held",
        "source",
        "row",
        approver="who",
        amount="worth",
        currency=named.worth_currency.nullif(""),
        activity="activity_label",
        case="case_label",
    )
