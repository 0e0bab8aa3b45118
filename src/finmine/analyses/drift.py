"""Drift: when did the process change, in what, and by how much.

Cases stand in the order in which they arrive (or end). A change point is a day from which on they are not what they were before: in the time they
take, or in the share of them that have an activity, a repeated activity, a directly-follows pair, a variant, a family of variants, or a
value of a named attribute, or that somebody works on. All of these and all days are tested together, by giving whole weeks anew to their places. What belongs to
the end of a month is taken out first, on the axis of working days from WD−3 to WD+10, so that a month end is no drift. Beside
it each week is compared with the week before. That something goes with a date does not say what brought it about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from finmine.arrays import Digest
from finmine.calendar_fit import in_days
from finmine.changes import DEFINITIONS, TIME, Changed, Told, told
from finmine.compared_cases import FEW, Compared, numbers
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.finance.local_days import local_days
from finmine.log import EventLog
from finmine.over_time import OverTime, day_in_words, monday, over_time
from finmine.path_distance import pooled_paths
from finmine.path_family import path_family
from finmine.relations.hands import Between
from finmine.relations.path_features import FAMILY, HAND, VARIANT
from finmine.relations.path_steps import path_steps
from finmine.result import Result, about, opening, table
from finmine.stats.change_points import LEAST_WEEKS, change_points
from finmine.stats.path_effects import SEED
from finmine.view import Block, Caveat, Clock, Column, Curve, Headline, Prose, Table, View
from finmine.weeks_apart import WEEKS, Week, weeks_apart
from finmine.words import duration, plural, share, working_duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.stats.sample import Ints

Record: TypeAlias = Mapping[str, Any]

_MOST_CASES = 5_000_000
_MOST_STEPS = 20_000_000
_MOST_LINES = 3
_HAS = {FAMILY: "have the {}", VARIANT: "have the {}", HAND: "are worked on by"}
_TIMES = ("median_before", "median_after", "shift", "shift_low", "shift_high")
_SHARES = ("share_before", "share_after", "share_change", "change_share_low", "change_share_high")
_POINTS = (
    "change",
    "change_low",
    "change_high",
    "cases_before",
    "cases_after",
    "changed_most",
    "changed_features",
    "p_change",
    "paths_moved",
    "p_moved",
)


@dataclass(frozen=True, slots=True, repr=False)
class Drift(Result):
    """The change points, first to last; ``rows`` are the compared cases, of which those that arrived too late to tell are left out."""

    found: OverTime
    answered: Mapping[str, Rows]
    order: Literal["arrive", "end"]
    changes: tuple[Told, ...]
    names: Mapping[int, Record]
    weeks: tuple[Week, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The compared cases, what their paths have and do, all cases by what became of them, and the traces that are named."""
        return {"compared cases": self.rows, **self.answered}

    def prepared(self) -> tuple[str, ...]:
        """The calendars, where working time is told, and which functions give the changes of which input."""
        digest = Digest()
        digest.add({name: numbers(self.rows, name) for name in ("path", "started", "measured")})
        said = f"The changes are what finmine.stats.change_points, seed {SEED}, finds in the compared cases by the day on which they started"
        fit = self._compared.fit
        return (*(fit.found.script() if fit else ()), f"-- {said} (path, started and measured: SHA-256 {digest.hexdigest()}).")

    @property
    def _compared(self) -> Compared:
        return self.found.family.compared

    def records(self) -> tuple[Record, ...]:
        """The change points."""
        return tuple(self._point(one) for one in self.changes)

    def _point(self, one: Told) -> Record:
        apart = one.distance.apart if one.distance else None
        return {
            **{name: self._midnight(getattr(one.change, name.removeprefix("change_"))) for name in ("change_low", "change_high")},
            "change": self._midnight(one.change.day),
            "cases_before": one.cases[0],
            "cases_after": one.cases[1],
            "changed_most": self._called(one.change.strongest),
            "changed_features": len(one.changed) + one.beside,
            "p_change": one.change.p,
            "paths_moved": apart.transport.distance if apart else None,
            "p_moved": apart.p if apart else None,
            "since": self._midnight(one.change.day),
            "until": self._midnight(self._end(one.change.until)),
        }

    def _end(self, place: int) -> int:
        """The day that ends the stretch before a place among the days."""
        days = self.found.days.day
        return int(days[place]) if place < len(days) else int(days[-1]) + 1

    def _midnight(self, number: int) -> int:
        return int(local_days(self.about.log.zone, number, number).begin[0])

    def _called(self, feature: int) -> str:
        return self._noun if feature == TIME else str(self.names[feature]["exposure"])

    @property
    def _noun(self) -> str:
        return "working time" if self._compared.fit else "throughput time"

    def view(self) -> View:
        """Headlines, the lines over time with the change points, what changed, and each week against the week before."""
        blocks: list[Block] = [*opening(self.about), *self._headlines(), Prose(self._said()), table("Change points", self.records(), _POINTS)]
        if self.weeks:
            blocks.append(self._curve())
        blocks += [*self._what_changed(), *self._weeks()]
        fit = self._compared.fit
        return View("Drift", (*blocks, *(fit.blocks() if fit else ()), *self._caveats(), *DEFINITIONS, WEEKS), self.about.log.zone)

    def _day(self) -> int | None:
        fit = self._compared.fit
        return fit.found.day_of_cases(self.about.log.card.calendar_of) if fit else None

    def _told(self, time: float | None) -> str:
        return working_duration(time, self._day()) if self._compared.fit else duration(time)

    def _timed(self, record: Record, names: Sequence[str]) -> Record:
        """A record whose times are named after the clock."""
        if not self._compared.fit:
            return record
        return {**record} | {f"working_{name}": time for name, time in in_days(record, names, self._day()).items()}

    def _names(self, names: Sequence[str], times: Sequence[str]) -> list[str]:
        return [f"working_{name}" if self._compared.fit and name in times else name for name in names]

    def _curve(self) -> Curve:
        """Median time, and the share of cases that have what changed most, week by week, with a line at each change."""
        strongest = dict.fromkeys(one.change.strongest if one.change.strongest != TIME else _first(one.shares) for one in self.changes)
        features = [feature for feature in strongest if feature is not None][:_MOST_LINES]
        of_week = [self.found.weeks == week.week for week in self.weeks]
        shares = [[float(flags[these].mean()) for these in of_week] for flags in map(self.found.feature, features)]
        base = table("", [], self._names(("week", "cases", "median"), ("median",))).columns
        columns = (*base, *(Column(f"share_{place}", f"Cases with {self._called(one)}", "share") for place, one in enumerate(features, 1)))
        medians = [self._timed({"median": week.median}, ("median",))[self._names(("median",), ("median",))[0]] for week in self.weeks]
        rows = ((self._midnight(monday(week.week)), week.cases, median) for week, median in zip(self.weeks, medians, strict=True))
        shown = Table("Week by week", columns, tuple((*row, *more) for row, *more in zip(rows, *shares, strict=True)))
        marks = tuple(self._midnight(one.change.day) for one in self.changes)
        return Curve(shown, "week", (*(column.name for column in columns[3:]), columns[2].name), marks=marks)

    def _what_changed(self) -> Iterator[Table]:
        times = [{"change": self._midnight(one.change.day), **self._time(one.time)} for one in self.changes if one.time is not None]
        if times:
            yield table(f"Changes in {self._noun}", times, ["change", *self._names(_TIMES, _TIMES), "p_change"])
        shares = [{"change": self._midnight(one.change.day), **self._share(changed)} for one in self.changes for changed in one.shares]
        if shares:
            yield table("Changes in shares of cases, largest first", shares, ("change", "exposure_kind", "exposure", *_SHARES, "p_change"))

    def _time(self, one: Changed) -> Record:
        limits = (None if limit is None else round(limit) for limit in (one.size.low, one.size.high))
        return self._timed(
            {**dict(zip(_TIMES, (round(one.before), round(one.after), round(one.size.value), *limits), strict=True)), "p_change": one.p}, _TIMES
        )

    def _share(self, one: Changed) -> Record:
        sizes = (one.before, one.after, one.size.value, one.size.low, one.size.high)
        return {**self.names[one.feature], **dict(zip(_SHARES, sizes, strict=True)), "p_change": one.p}

    def _weeks(self) -> Iterator[Table]:
        named = {"steps_apart": "apart", **dict.fromkeys(("cases", "hands_apart", "q_steps", "q_times", "q_hands", "differs_in"))}
        rows = [
            {"week": self._midnight(monday(one.week)), **{name: getattr(one, of or name) for name, of in named.items()}}
            for one in self.weeks
            if one.differs_in
        ]
        hands = self._compared.hands is not None
        if rows:
            names = (
                "week",
                "cases",
                "steps_apart",
                *(["hands_apart"] if hands else []),
                "q_steps",
                "q_times",
                *(["q_hands"] if hands else []),
                "differs_in",
            )
            yield table("Weeks that differ from the week before", rows, names)

    def _headlines(self) -> Iterator[Headline]:
        for one in self.changes:
            span = f"95 % interval {day_in_words(one.change.low)} to {day_in_words(one.change.high)}"
            since = f"From {day_in_words(one.change.day)} on ({span}), of the cases that {self.order} then"
            strongest = next((changed for changed in one.changed if changed.feature == one.change.strongest), one.changed[0])
            for changed in dict.fromkeys((strongest, *([one.time] if one.time else []))):
                yield Headline(f"{since} {self._sentence(changed)}.", 1.0 if changed.feature == TIME else abs(changed.size.value))

    def _sentence(self, changed: Changed) -> str:
        """What goes with a change, in words."""
        if changed.feature != TIME:
            name = self.names[changed.feature]
            has = _HAS.get(name["kind"], "have").format(name["exposure_kind"])
            points = f"{abs(changed.size.value) * 100:.1f} points {'more' if changed.size.value > 0 else 'less'}"
            return f"{share(changed.after)} {has} {name['exposure']}, before {share(changed.before)}: {points}"
        low, high = sorted((abs(changed.size.low or 0.0), abs(changed.size.high or 0.0)))
        span = "" if changed.size.low is None else f" (95 % interval {self._told(low)} to {self._told(high)})"
        half = f"half take {self._told(changed.after)} or less, before {self._told(changed.before)}"
        return f"{half}: a {self._noun} {self._told(abs(changed.size.value))} {'longer' if changed.size.value > 0 else 'shorter'}{span}"

    def _said(self) -> str:
        found = self.found
        weeks = len(self.weeks)
        looked = f"{plural(int(np.count_nonzero(found.kept)), 'case')} that {'arrived' if self.order == 'arrive' else 'ended'} in {plural(weeks, 'week')} were looked at"
        if weeks < LEAST_WEEKS:
            return f"{looked}; below {LEAST_WEEKS} weeks with cases no change is looked for."
        features = found.days.sums.shape[1]
        changed = plural(len(self.changes), "change point") if self.changes else "no change point"
        return f"{looked}, and {plural(features, 'feature')} of them, all days together: {changed} beyond what chance gives to one log in twenty."

    def _caveats(self) -> Iterator[Caveat]:
        found, (left,) = self.found, self.answered["all cases"].records()
        yield from self._compared.not_compared(left)
        if found.outside:
            where, why = (
                ("arrived after", "of those that arrived so late") if self.order == "arrive" else ("ended before", "of those that ended so early")
            )
            left_out = f"{plural(found.outside, 'case')} that {where} {day_in_words(found.limit)} {'is' if found.outside == 1 else 'are'} left out"
            yield Caveat(f"{left_out}: {why} only the quick ones are known.")
        if found.stray:
            yield Caveat(
                f"{plural(found.stray, 'case')} dated years away from all others {'is' if found.stray == 1 else 'are'} left out. `check` lists doubtful dates."
            )
        if found.calendar is None:
            yield Caveat("No calendar is declared for all, so period ends are counted in days from Monday to Friday, holidays among them.")
        if self.changes and self.order == "arrive":
            yield Caveat(
                "A date is that of arrival: what is done in another way from a day on shows in the cases that had arrived by then and were still to come to it."
            )
        if few := sum(week.cases < FEW for week in self.weeks):
            yield Caveat(f"{plural(few, 'week has', 'weeks have')} fewer than {FEW} cases; against the week before only large differences show.")
        if any(min(one.cases) < FEW for one in self.changes):
            yield Caveat(f"A change point has fewer than {FEW} cases on one side.")
        yield Caveat("What goes with a date need not come from it; waves of several weeks can look like a change.")

    def behind(self, record: Record) -> ir.Table:
        """The compared cases that arrived (or ended) from a change on up to the next one."""
        cases = self._compared.cases()
        at = cases.started if self.order == "arrive" else cases.ended
        return cases.filter(at >= record["since"], at < record["until"]).select("case")


def drift(
    log: EventLog,
    *,
    order: Literal["arrive", "end"] = "arrive",
    attributes: tuple[str, ...] = (),
    hands: Between | None = None,
    clock: Clock = "elapsed",
    most: int = 10,
) -> Drift:
    """When the process changed, in what, and by how much.

    Args:
        log: the event log.
        order: whether cases stand in the order in which they arrive, or end.
        attributes: attributes whose mix is looked at, too.
        hands: whether who does the work is looked at, too: the mix of resources, or of roles.
        clock: whether the time of cases is elapsed time or the working time of the calendars on the card.
        most: how many features are told of each change, largest first; all are tested.

    Raises:
        NoCalendar: working time was asked for and no calendar can apply to cases.
        MissingFact: hands were asked for, and the log does not know them.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    compared = Compared.of(log, "working-time" if clock == "working" else "throughput", attributes, hands=hands)
    family = path_family(compared)
    ends = log.fetch(compared.cases().select("case", "ended", "throughput").order_by("case"), _MOST_CASES)
    found = over_time(family, _in_order(family.rows, ends) if order == "end" else None, _takes(ends))
    steps = log.fetch(path_steps(log, compared.cases()).order_by(["path", "source", "target"]), _MOST_STEPS)
    pooled = pooled_paths(family)
    changes = tuple(told(found, one, pooled, most) for one in change_points(found.days, seed=SEED))
    places = sorted({changed.feature for one in changes for changed in one.changed} | {one.change.strongest for one in changes})
    shares = [place for place in places if place != TIME]
    exposures = [int(found.exposures[place - 1]) for place in shares]
    spelled = family.spelled(exposures)
    positive = replace(family, exposures=tuple(replace(one, without=False) for one in family.exposures))
    names = dict(zip(shares, positive.named(exposures, spelled), strict=True))
    answered = {
        "features of their paths": family.features,
        "steps of their paths": steps,
        "all cases": log.fetch(compared.left_out()),
        "ends of the compared cases": ends,
        "traces between which distances are": pooled.spelled,
        "traces that are named": spelled,
        **({"who works on the cases": family.hands} if family.hands is not None else {}),
        **({"calendar fit": compared.fit.rows} if compared.fit else {}),
    }
    asked = {"order": order, "attributes": ", ".join(attributes) or None, "hands": hands, "clock": clock, "most": most}
    return Drift(about(log, "drift", asked), family.rows, found, answered, order, changes, names, weeks_apart(found, steps))


def _in_order(rows: Rows, ends: Rows) -> Ints:
    """The end of each of the compared cases, in their order."""
    found: Ints = numbers(ends, "ended")[np.searchsorted(numbers(ends, "case"), numbers(rows, "case"))]
    return found


def _takes(ends: Rows) -> int:
    """The time that nineteen of twenty cases take at most, in microseconds."""
    return int(np.quantile(numbers(ends, "throughput"), 0.95)) if len(ends) else 0


def _first(these: Sequence[Changed]) -> int | None:
    return these[0].feature if these else None
