"""Queues: how much work stands before each activity, for how long, and whether that can be called steady.

Of any window of time the mean length of a queue is the rate at which units leave it times how long they stayed (Little's
law), but for a **boundary term**: those still there at the end, and the time that others stood there before the window. It is
computed exactly and shown. Only where it is small, and as many enter as leave, a queue is steady and the law says how it
would react; else its length is still right, and nothing more is said about it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from finmine.arrays import Lent
from finmine.concurrent_pairs import ENABLED, concurrent_pairs
from finmine.doubtful_units import doubtful_units
from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.filters.times import midnight
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.queues import Queues, lengths, moves_by_span, peaks, untold
from finmine.relations.queues import queues as stood
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Column, Curve, Definition, Headline, Prose, Table, View
from finmine.words import DAY, count, duration, instant, moment, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

UNKNOWN = "(not known yet)"
_COLUMNS = ("activity", "entries", "departures", "queue_length", "steady", "queue_peak", "peak_time", "sojourn", "little", "boundary", "there")
_STEADY = 0.05  # the largest boundary term, as a share of the length, of a steady queue
_MOST_LINES = 6
_MOST_NAMES = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NoWindow(Refusal):
    """A window of time ends before it begins."""

    def __init__(self, since: str, until: str) -> None:
        super().__init__(f"the window from {since} to {until} has no time in it; let --until be later than --since.")


@dataclass(frozen=True, slots=True, repr=False)
class QueueLengths(Result):
    """Each queue with its length in the window, most first (in each group), and what Little's law says of it.

    ``spans`` holds how the lengths change from one span of the window to the next; ``width`` is the length of a span in microseconds.
    """

    by: str | None
    since: int
    until: int
    width: int
    spans: Rows
    found: Queues
    untold: Rows | None

    def answers(self) -> Mapping[str, Rows]:
        """The queues, how their lengths change over time, and the units that are in none because their start is not known."""
        return {"queues": self.rows, "changes over time": self.spans} | ({"units without a start": self.untold} if self.untold else {})

    def kernels(self) -> tuple[Lent, ...]:
        """What enabled times rest on, where starts are recorded."""
        return self.found.lent

    def records(self) -> tuple[Record, ...]:
        """The queues with their lengths; longest first in each group."""
        records = [self._measured(record) for record in self.rows.records()]
        return tuple(sorted(records, key=lambda record: (record.get("group") or "", -record["area"], record["activity"])))

    def _measured(self, record: dict[str, Any]) -> dict[str, Any]:
        window, length = self.until - self.since, record["area"]
        boundary, left = record["after"] - record["before"], record["departed"]
        steady = abs(boundary) <= _STEADY * length and abs(record["entries"] - left) <= 2 * math.sqrt(record["entries"])
        return record | {
            "activity": UNKNOWN if record["code"] is None else record["label"],
            "departures": left,
            "queue_length": length / window,
            "queue_peak": record["peak"] or 0,
            "sojourn": round(record["sojourn"] / left) if left else None,
            "sojourn_total": record["sojourn"],
            "little": record["sojourn"] / window,
            "boundary": boundary / window,
            "steady": steady if record["code"] is not None else None,
        }

    def view(self) -> View:
        """Headlines, the lengths over time, the queues with the check by Little's law, and what limits them."""
        records = self.records()
        window = f"The window runs from {instant(self.since, self.about.log.zone)} to {instant(self.until, self.about.log.zone)}."
        blocks: list[Block] = [*opening(self.about), *self._unstarted(), *doubtful_units(self.about.log), Prose(window), *self._headlines(records)]
        if self.by is None and records:
            blocks.append(self._curve(records))
        blocks.append(table(f"{self._noun} before each activity", records, _COLUMNS, self.by))
        if self.found.concurrency is not None:
            blocks += concurrent_pairs(self.about.log, self.found.concurrency)
        return View("Queues", (*blocks, *self._caveats(records), *self._definitions()), self.about.log.zone)

    @property
    def _noun(self) -> str:
        return "Queue" if self.found.waiting else "Work on its way"

    def _headlines(self, records: tuple[Record, ...]) -> Iterator[Headline]:
        if self.by is not None:
            return
        every = sum(record["area"] for record in records)
        for record in [record for record in records if record["steady"] and record["departures"] and record["area"]][:2]:
            a_day = record["departures"] * DAY / (self.until - self.since)
            stands = "wait for" if self.found.waiting else "are on their way to"
            said = f"On average {record['queue_length']:,.1f} units {stands} {record['activity']}: {_rate(a_day)} leave a day after {duration(record['sojourn'])}"
            yield Headline(f"{said}; at most {count(record['queue_peak'])} at once.", record["area"] / every)

    def _curve(self, records: tuple[Record, ...]) -> Curve:
        """The mean lengths of the longest queues in each span of the window; spans are named by the calendar, also where clocks change in between."""
        drawn = [record for record in records if record["area"]][:_MOST_LINES]
        lines = [self._means(record["code"]) for record in drawn]
        first, zone = moment(self.since, self.about.log.zone).date(), self.about.log.zone
        moments = [midnight(first + timedelta(days=place * (self.width // DAY)), zone) for place in range(self._spans())]
        columns = (Column("period", "Period", "day"), *(Column(f"queue_{place}", one["activity"], "number") for place, one in enumerate(drawn, 1)))
        most = f", the {f'{len(drawn)} ' if len(drawn) > 1 else ''}longest" if len(drawn) < len(records) else ""
        days = plural(self.width // DAY, "day")
        shown = Table(f"{self._noun} before each activity{most} (mean of {days})", columns, tuple(zip(moments, *lines, strict=True)))
        return Curve(shown, "period", tuple(column.name for column in columns[1:]))

    def _spans(self) -> int:
        return -(-(self.until - self.since) // self.width)

    def _means(self, code: int | None) -> list[float]:
        """The mean length of a queue in each span: exact integrals of its length, from its changes and their moments."""
        changes = {record["span"]: record for record in self.spans.records() if record["code"] == code}
        length, means = 0, []
        for place in range(self._spans()):
            ends = min((place + 1) * self.width, self.until - self.since)
            change = changes.get(place, {"change": 0, "moment": 0})
            area = length * (ends - place * self.width) + change["change"] * ends - change["moment"]
            means.append(area / (ends - place * self.width))
            length += change["change"]
        return means

    def _unstarted(self) -> Iterator[Caveat]:
        """What nobody can tell where starts are not known, or only by the day."""
        if not self.found.waiting:
            why = "Stamps say no more than the day" if self.about.log.facts.has_start else "Starts are not recorded"
            yield Caveat(f"{why}: what is on its way to an activity may be waited for or worked on, and nothing here is called waiting.")

    def _caveats(self, records: tuple[Record, ...]) -> Iterator[Caveat]:
        log = self.about.log
        yield from self._without_start()
        if unsteady := [record["activity"] for record in records if record["steady"] is False and record["area"]]:
            named = _listed(unsteady) if self.by is None else f"{count(len(unsteady))} of them"
            yield Caveat(f"Not steady in this window: {named}. Their lengths are right, but say little about other times; try another window.")
        if not log.card.outcomes:
            yield Caveat(f"{log.status_gap} So nothing stands there after the last unit of a case.")

    def _without_start(self) -> Iterator[Caveat]:
        """The units that are in no queue because their start is not known, and the activities whose queue is so too short, or not there at all."""
        records = self.untold.records() if self.untold else ()
        if not records:
            return
        missing, every = (sum(record[name] for record in records) for name in ("without_start", "later_units"))
        have, are = ("has", "is") if missing == 1 else ("have", "are")
        said = f"{plural(missing, 'unit')} of {count(every)} before these activities {have} no usable start and {are} in no queue"
        named = [f"{one['label']} ({share(one['without_start'] / one['later_units'])})" for one in records]
        yield Caveat(f"{said}, which is longer than told: {_listed(named)}.")

    def _definitions(self) -> Iterator[Definition]:
        yield from (_WAITING, ENABLED) if self.found.waiting else (_ON_THE_WAY,)
        if any(record["code"] is None for record in self.rows.records()):
            yield _NOT_KNOWN_YET
        yield from _DEFINITIONS

    def behind(self, record: Record) -> ir.Table:
        """The cases that stand in a queue at any time of the window (in one group)."""
        these = grouped(self.about.log, self.found.spans, self.by)
        of_queue = these.activity.isnull() if record["code"] is None else these.activity == record["code"]
        inside = (these.entered < self.until) & (these.left >= self.since).fill_null(True)
        return cases_of(these.filter(of_queue, inside), record, self.by)


def queues(log: EventLog, *, since: datetime | None = None, until: datetime | None = None, by: str | None = None) -> QueueLengths:
    """How much work stands before each activity, for how long, and whether it can be called steady.

    Args:
        log: the event log.
        since: where the window of time begins, on the clocks of the log's zone; default: the day on which the first hundredth of the cases has begun.
        until: where the window ends; default: the end of the day on which all but the last hundredth of the cases have ended, or the extraction.
        by: an attribute after which the cases are split.

    Raises:
        NoWindow: the window ends before it begins.
    """
    found = stood(log)
    first, last = _window(log, since, until)
    width = next(width for width, most in ((DAY, 62), (7 * DAY, 550), (28 * DAY, math.inf)) if last - first <= most * DAY)
    groups = ["group"] if by else []
    these = grouped(log, found.spans, by).rename(code="activity")
    keys = ["code", *groups]
    measured = lengths(these, keys, first, last)
    labels = activity_labels(log).rename(code="activity")
    named = measured.left_join(labels, "code").drop("code_right")
    most = peaks(these, keys, first, last).rename({f"{key}_of_peak": key for key in keys})
    joined = named.left_join(most, [named[key].identical_to(most[f"{key}_of_peak"]) for key in keys])
    for key in keys:
        joined = joined.drop(f"{key}_of_peak")
    moved = moves_by_span(grouped(log, found.spans, None).rename(code="activity"), ["code"], first, last, width)
    asked = {"since": since and since.isoformat(), "until": until and until.isoformat(), "by": by}
    rows = log.fetch(joined.order_by([*groups, joined.area.desc(), "label", "code"]))
    without = log.fetch(_named(log, untold(log, found.enabled))) if found.enabled else None
    return QueueLengths(about(log, "queues", asked), rows, by, first, last, width, log.fetch(moved.order_by("code", "span")), found, without)


def _named(log: EventLog, counted: ir.Table) -> ir.Table:
    """Activities with units in no queue by their names, those with most such units first."""
    named = counted.join(activity_labels(log), "activity")
    return named.order_by(named.without_start.desc(), "label", "activity")


def _rate(a_day: float) -> str:
    """How many leave a day, with a digit that says something where it is few."""
    return f"{a_day:,.1f}" if a_day >= 0.1 else f"{a_day:.1g}" if a_day >= 0.001 else "<0.001"


def _listed(names: Sequence[str]) -> str:
    """The first names of a list, and whether there are more."""
    return f"{', '.join(names[:_MOST_NAMES])}{' and others' if len(names) > _MOST_NAMES else ''}"


def _window(log: EventLog, since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """The window in microseconds: as asked, else without the outermost hundredths of the cases, whose dates may be wrong."""
    these = traces(log)
    inner = log.fetch(these.aggregate(first=these.started.quantile(0.01), last=these.ended.quantile(0.99))).records()[0]
    first, last = (inner[name] if inner[name] is not None else log.facts.first for name in ("first", "last"))
    begins = midnight(moment(round(first), log.zone).date(), log.zone)
    ends = midnight(moment(round(last), log.zone).date() + timedelta(days=1), log.zone)
    if log.card.outcomes or log.facts.extracted_declared:
        ends = max(begins + DAY, min(ends, log.facts.extracted))
    window = _micros(since, log.zone, begins), _micros(until, log.zone, ends)
    if window[0] >= window[1]:
        raise NoWindow(*(instant(each, log.zone) for each in window))
    return window


def _micros(given: datetime | None, zone: str, default: int) -> int:
    """An instant in microseconds; one without a zone is of the log's."""
    if given is None:
        return default
    here = given if given.tzinfo else given.replace(tzinfo=ZoneInfo(zone))
    return (here - _EPOCH) // timedelta(microseconds=1)


_WAITING = Definition("Queue", "units that are enabled and not begun; first units of cases, and units without a usable start, are in no queue")
_ON_THE_WAY = Definition("Work on its way", "units from the completion of the one before them in their case to their own")
_NOT_KNOWN_YET = Definition(
    "Not known yet", "what stands, after the last unit of a case that still runs, before an activity that nobody can know yet"
)
_DEFINITIONS = (
    Definition(
        "By Little's law",
        "units that leave, times how long they stood in all, divided by the length of the window; the mean length equals it plus the boundary term, always",
        "J. D. C. Little, A proof for the queuing formula L = λW, Operations Research 9, 1961",
    ),
    Definition(
        "Boundary term",
        "the time in the window of units that are still there at its end, less the time that units which left in it stood there before it began, divided by the "
        "length of the window",
    ),
    Definition(
        "Steady", "the boundary term is at most 5 % of the mean length, and entries differ from departures by at most twice the root of the entries"
    ),
)
