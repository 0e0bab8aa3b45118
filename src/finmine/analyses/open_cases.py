"""Open cases: how long cases take when those that still run count too, and how many of these will be late.

A case that still runs has not been short: it has taken *at least* so long. The time of cases is therefore told by the curve of
Kaplan and Meier, in which a running case counts as long as it has been seen: from its start to the extraction. An average of
the finished cases alone leaves out the long ones that have not come to their end yet, and is too low whenever cases run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis
import numpy as np

from finmine.case_ends import CaseEnds, case_ends
from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.gone_on import told_gone_on
from finmine.log import EventLog
from finmine.open_definitions import DEFINITIONS, ENDED, LATE, RATIO
from finmine.open_now import DUE, OpenNow, open_now
from finmine.open_times import LEAST_ENDS, RATIOS, longest, measures, time_ratios
from finmine.relations.gone_on import gone_on
from finmine.relations.groups import cases_of, grouped
from finmine.relations.payments import deadlines
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.stats.lateness import Forecast
from finmine.stats.survival import Survival, log_rank, survivor_curve
from finmine.view import Block, Caveat, Column, Curve, Definition, Headline, Prose, Table, View
from finmine.words import duration, parse_duration, plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_TIMES = (
    "finished_median",
    "finished_mean",
    "open_median",
    "open_median_low",
    "open_median_high",
    "restricted_mean",
    "restricted_low",
    "restricted_high",
    "mean_added",
)
_MOST_CASES = 5_000_000
_POINTS = 200
_MOST_LINES = 5
_LEAST_P = 0.0001  # below which a p-value is not told to its digits
_LEAST_CASES, _FEW, _MOST_GROUPS = 5, 30, 20  # of a group, below which it has no number, and below which that is said; groups that are compared


class UnreadableLimit(Refusal):
    """The time from which on a case is late cannot be read."""

    def __init__(self, given: str) -> None:
        super().__init__(
            f"late is {given!r}; it must be a length of time above nothing, such as 30d or 2d 4h, or due: after the due date of each case."
        )


class NoDueDates(Refusal):
    """What will be late by due dates was asked of a log that has none."""

    def __init__(self) -> None:
        super().__init__(
            'late is due, and the log has no due dates; name their column on the card: [attributes] due_date = "COLUMN", or say a length of time.'
        )


@dataclass(frozen=True, slots=True, repr=False)
class OpenCases(Result):
    """How long cases take, all of them and (with ``by``) of each group, most cases first; ``rows`` are the cases with their times.

    ``untold`` counts the groups that are in no number, by why: too few cases, or beyond the largest groups. ``lasts`` are the activities
    with which most cases stand, where none is declared as an end.
    """

    by: str | None
    left_out: Rows
    groups: tuple[Record, ...]
    curve: Table
    ended: CaseEnds
    horizon: int
    difference: tuple[float, float] | None
    open_now: OpenNow | None
    untold: tuple[int, int]
    lasts: Rows | None
    gone_on: Rows

    @property
    def ends(self) -> tuple[Record, ...]:
        """The ends to which cases came, most first, with the share of all cases."""
        return self.ended.outcomes

    @property
    def forecast(self) -> Forecast | None:
        """How many of the cases that still run will be late."""
        return None if self.open_now is None else self.open_now.forecast

    def answers(self) -> Mapping[str, Rows]:
        """The cases with their times and ends, and how many are in no number."""
        stand = {} if self.lasts is None else {"last activities": self.lasts}
        return {"cases and their times": self.rows, "all cases": self.left_out, "cases that ended and went on": self.gone_on, **stand}

    def records(self) -> tuple[Record, ...]:
        """The times of all cases, or of each group."""
        return self.groups

    def view(self) -> View:
        """Headlines, the curves, the times beside those of the finished cases alone, the ends, and what is open now."""
        shown = table("How long cases take, open ones counted", self.groups, ("cases", "finished", "running", *_TIMES), self.by)
        blocks: list[Block] = [*opening(self.about), *told_gone_on(self.about.log, self.gone_on), *self._headlines()]
        if self.curve.rows:
            blocks.append(Curve(self.curve, "since", tuple(column.name for column in self.curve.columns[1:]), steps=True))
        blocks.append(shown)
        if self.lasts is not None:
            blocks.append(
                table(
                    "Activities with which cases stand last, some of which may be their end",
                    self.lasts.records(),
                    ("activity", "cases", "cases_share"),
                )
            )
        if self.by is not None and self.difference is not None:
            blocks.append(Prose(self._compared()))
            blocks.append(table("Times as long", self.groups, ("cases", *RATIOS), self.by))
        if self.groups and self.ended.compete:
            blocks += [
                self.ended.table(f"How cases have ended after {duration(self.ended.horizon)}"),
                self.ended.curve("How cases have ended after so long"),
            ]
        if self.open_now is not None and self.open_now.forecast.running:
            blocks.append(self.open_now.facts())
        return View("Open cases", (*blocks, *self._caveats(), *self._definitions()), self.about.log.zone)

    def _definitions(self) -> Iterator[Definition]:
        """The words of what is told."""
        told = {RATIO: self.by is not None and self.difference is not None, ENDED: self.ended.compete, LATE: self.open_now is not None}
        yield from (one for one in DEFINITIONS if self.groups and told.get(one.term, True))

    def _headlines(self) -> Iterator[Headline]:
        for one in self.groups[:1]:
            place = "" if self.by is None else f" with {self.by} = {one['group']}"
            if not one["finished"]:
                yield Headline(f"None of {plural(one['cases'], 'case')}{place} has ended so far; no time can be told.", 1.0)
            elif one["open_median"] is None:
                yield Headline(f"Less than half of {plural(one['cases'], 'case')}{place} have ended so far; a median cannot be told.", 1.0)
            else:
                limits = f" (95 % interval {duration(one['open_median_low'])} to {duration(one['open_median_high'])})"
                said = f"Half of {plural(one['cases'], 'case')}{place} end within {duration(one['open_median'])}{limits if one['open_median_high'] else ''}"
                running = plural(one["running"], "that still runs", "that still run")
                yield Headline(f"{said}{f', the {running} counted' if one['running'] else ''}.", 1.0)
            if one["running"] and one["finished_mean"] is not None:
                told = f"the finished cases{place} alone took {duration(one['finished_mean'])} on average; with those that still run it is {duration(one['restricted_mean'])}"
                more = f", {duration(abs(one['mean_added']))} {'longer' if one['mean_added'] > 0 else 'shorter'}" if one["mean_added"] else ""
                yield Headline(f"Counted up to {duration(self.horizon)}, {told}{more}.", one["running"] / one["cases"])
        yield from self.open_now.headlines() if self.open_now else ()

    def _compared(self) -> str:
        assert self.difference is not None  # noqa: S101  (asked by the view)
        chi, p = self.difference
        known = [one["group"] for one in self.groups if one["time_ratio"] == 1.0]
        against = f" Times as long are against {self.by} = {known[0].removesuffix('.')}." if known else ""
        chance = f"= {p:.3g}" if p >= _LEAST_P else f"below {_LEAST_P}"
        return f"That all groups take equally long has p {chance} (log-rank χ² {chi:,.1f}, {plural(len(self.groups), 'group')}).{against}"

    def _caveats(self) -> Iterator[Caveat]:
        (left,) = self.left_out.records()
        if not self.about.log.card.outcomes:
            yield Caveat(f"{self.about.log.status_gap} So nothing can be told here.")
            return
        if self.groups and self.open_now is None:
            yield Caveat("Nine of ten cases have not ended in any time that was seen, so none is told from which on a case is late: say --late 30d.")
        if left["backward"]:
            yield Caveat(
                f"{plural(left['backward'], 'case is', 'cases are')} in no number: time runs backward there, or they begin after the extraction."
            )
        if not self.about.log.facts.extracted_declared:
            yield Caveat(
                'When the log was extracted is not declared; running cases are taken as seen until its last event: [log] extracted = "2025-01-15T00:00:00".'
            )
        yield from self.open_now.caveats(self.about.log) if self.open_now else ()
        few, more = self.untold
        if self.by is None and len(self.rows) < _FEW:
            said = "has" if len(self.rows) == 1 else "have"
            yield Caveat(
                f"Only {plural(len(self.rows), 'case')} {said} a known time{'' if self.groups else f'; of fewer than {_LEAST_CASES} nothing is told'}."
            )
        if few and self.by is not None:
            yield Caveat(f"{plural(few, 'group')} of fewer than {_LEAST_CASES} cases {'is' if few == 1 else 'are'} in no number of a group.")
        if more:
            yield Caveat(
                f"The {_MOST_GROUPS} groups with most cases are told; {plural(more, 'group')} of at least {_LEAST_CASES} cases {'is' if more == 1 else 'are'} not."
            )
        if self.by is not None and (small := sum(one["cases"] < _FEW for one in self.groups)):
            yield Caveat(f"{plural(small, 'group has', 'groups have')} fewer than {_FEW} cases.")
        if self.difference is not None and (bare := sum(one["time_ratio"] is None for one in self.groups)):
            yield Caveat(
                f"{plural(bare, 'group has', 'groups have')} no time ratio: of fewer than {LEAST_ENDS} ends none is told, or no model could be fitted."
            )
        yield Caveat("A case that will never end counts as open; where many are stuck, the times are too long, and a filter can leave them out.")

    def behind(self, record: Record) -> ir.Table:
        """The cases of a group, or all."""
        return cases_of(grouped(self.about.log, _timed(self.about.log), self.by), record, self.by)


def open_cases(log: EventLog, *, by: str | None = None, late: str | None = None) -> OpenCases:
    """How long cases take when those that still run count too, and how many of these will be late.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; the groups are compared.
        late: how long a case may take before it is late, such as 30d, or due: until its due date; else as long as nine of ten cases take.

    Raises:
        UnreadableLimit: ``late`` is no length of time.
        NoDueDates: ``late`` is due, and the log has no due dates.
    """
    limit = None if late in (None, DUE) else _limit(str(late))
    if late == DUE and "due_date" not in log.attributes:
        raise NoDueDates
    these = grouped(log, _timed(log), by)
    if late == DUE:
        ends = deadlines(log, "due_date").select("case", due="end")
        these = these.left_join(ends, "case").mutate(past_due=lambda one: one.started + one.time - one.due).select(*these.columns, "past_due")
    rows = log.fetch(these.order_by("case"), _MOST_CASES)
    every = traces(log)
    left_out = log.fetch(every.aggregate(cases=every.count(), backward=every.count(where=_seen(log, every) < every.started)))
    times, ended = (np.asarray(rows.column(name)) for name in ("time", "ended"))
    times, ended = times.astype(float), ended.astype(bool)
    labels, codes = np.unique(np.asarray(rows.column("group") if by else ["all"] * len(rows), dtype=object).astype(str), return_inverse=True)
    order = np.argsort(-np.bincount(codes, minlength=len(labels)), kind="stable")
    labels, codes = labels[order], np.argsort(order)[codes]
    every_group, sizes = labels, np.bincount(codes, minlength=len(labels))
    large = int(np.count_nonzero(sizes >= _LEAST_CASES))
    labels = every_group[: min(large, _MOST_GROUPS)]
    told = codes < len(labels)
    curves = [survivor_curve(times[codes == code], ended[codes == code]) for code in range(len(labels))]
    horizon = min((longest(curve, times[codes == code]) for code, curve in enumerate(curves)), default=0.0)
    seen = longest(survivor_curve(times[told], ended[told]), times[told]) if told.any() else 0.0
    ratios = time_ratios(np.minimum(times, seen)[told], (ended & (times <= seen))[told], codes[told], len(labels)) if len(labels) > 1 else {}
    groups = tuple(
        {"group": label, **measures(times[codes == code], ended[codes == code], curve, horizon), **ratios.get(code, dict.fromkeys(RATIOS))}
        for code, (label, curve) in enumerate(zip(labels.tolist(), curves, strict=True))
    )
    asked = about(log, "open-cases", {"by": by, "late": late})
    different = log_rank(times[told], ended[told], codes[told]) if len(labels) > 1 and ended[told].any() else None
    found = open_now(log, rows, late, limit) if len(rows) >= _LEAST_CASES else None
    drawn, untold = _curve(labels.tolist(), curves, by), (len(every_group) - large, large - len(labels))
    return OpenCases(
        asked,
        rows,
        by,
        left_out,
        groups,
        drawn,
        case_ends(rows, longest(survivor_curve(times, ended), times) if len(times) else 0.0),
        round(horizon),
        different,
        found,
        untold,
        _lasts(log),
        log.fetch(gone_on(log)),
    )


def _lasts(log: EventLog) -> Rows | None:
    """The activities with which most cases stand last, where none is declared as an end."""
    if log.card.outcomes:
        return None
    these, named = traces(log), activity_labels(log).rename(code="activity", stands_with="label")
    last = these.join(named, these.last_activity == named.code)
    counted = last.group_by(activity=last.stands_with).aggregate(cases=last.count())
    shares = counted.mutate(cases_share=counted.cases / counted.cases.sum().over())
    return log.fetch(shares.order_by([ibis.desc("cases"), "activity"]).limit(_MOST_LINES))


def _limit(late: str) -> int:
    try:
        limit = parse_duration(late)
    except ValueError:
        raise UnreadableLimit(late) from None
    if limit <= 0:
        raise UnreadableLimit(late)
    return limit


def _seen(log: EventLog, these: ir.Table) -> ir.IntegerColumn:
    """Until when a case was seen: its end, or the extraction while it runs."""
    return (these.status == "finished").ifelse(these.ended, ibis.literal(log.facts.extracted))


def _timed(log: EventLog) -> ir.Table:
    """The cases with the time for which they were seen, whether their end was, how they ended and their money.

    Where no end activity is declared nobody can say which still run, and there are none.
    """
    these = traces(log)
    timed = these.mutate(time=_seen(log, these) - these.started, finished=these.status == "finished")
    kept = timed.filter(timed.time >= 0, ibis.literal(bool(log.card.outcomes)))
    return kept.select("case", "started", "time", "outcome", "money", "amount", "currency", ended="finished")


def _curve(labels: Sequence[str], curves: Sequence[Survival], by: str | None) -> Table:
    """The share that still runs after so long, with its interval; of the largest groups, one line each."""
    most = max((longest(curve, curve.times) for curve in curves[:_MOST_LINES] if len(curve.times)), default=0.0)
    since = np.linspace(0, most, _POINTS)
    first = table("", (), ("since",)).columns
    if by is None:
        columns = (*first, *table("", (), ("still_open", "still_open_low", "still_open_high")).columns)
        lines = list(curves[0].at(since)) if curves else []
    else:
        columns = (*first, *(Column(f"still_open_{place}", f"{by} = {label}", "share") for place, label in enumerate(labels[:_MOST_LINES], 1)))
        lines = [curve.at(since)[0] for curve in curves[:_MOST_LINES]]
    rows = tuple(zip((round(time) for time in since), *(line.tolist() for line in lines), strict=True)) if most else ()
    return Table("Cases that have not ended after so long", columns, rows)
