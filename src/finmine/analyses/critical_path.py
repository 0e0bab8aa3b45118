"""The critical path: which activities hold up the end of a close, which have slack, and what an hour saved on each is worth.

A close is a case, or all cases with one value of an attribute (such as the period). Its tasks are the units of its cases; what
comes after what is observed (see ``kernels.critical_path``). Time saved on a task that others outlast saves nothing, and where
another path becomes the longest it saves less than itself; so every saving is found by propagating the close anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis

from finmine.arrays import Lent, through
from finmine.concurrent_pairs import concurrent_pairs
from finmine.doubtful_units import doubtful_units
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.kernels.critical_path import critical_path as followed
from finmine.log import EventLog
from finmine.relations.concurrency import Concurrency, concurrency
from finmine.relations.groups import case_values, grouped
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Column, Definition, Headline, Spans, Table, View
from finmine.words import HOUR, agreeing, count, duration, plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_COLUMNS = ("activity", "closes", "tasks", "critical_closes", "criticality", "path_time", "slack", "saved")
_CLOSES = ("close", "cases", "tasks", "critical_tasks", "started", "ended", "close_length")
_MOST_CLOSES = 30  # in the table of closes
_MOST_DRAWN = 400  # tasks in the picture
_ON, _OFF = "1 on the critical path", "2 with slack"


@dataclass(frozen=True, slots=True, repr=False)
class CriticalPath(Result):
    """The activities by how often they are on the critical path of a close, and the closes; ``drawn`` holds the tasks of the median close."""

    by: str | None
    close: str | None
    hours: float
    closes: Rows
    drawn: Rows
    concurrent: Concurrency
    lent: Lent
    keyed: ir.Table

    def answers(self) -> Mapping[str, Rows]:
        """The activities, the closes, and the tasks of the close in the middle."""
        return {"activities": self.rows, "closes": self.closes, "tasks of the close in the middle": self.drawn}

    def kernels(self) -> tuple[Lent, ...]:
        """Which activities run side by side, and the critical paths."""
        return (*self.concurrent.lent, self.lent)

    def records(self) -> tuple[Record, ...]:
        """The activities, most often critical first (in each group)."""
        closes: dict[str | None, int] = {}
        for one in self.closes.records():
            closes[one.get("group")] = closes.get(one.get("group"), 0) + 1
        records = [self._measured(record, closes[record.get("group")]) for record in self.rows.records()]
        return tuple(sorted(records, key=lambda one: (one.get("group") or "", -one["saved"], -one["criticality"], one["activity"])))

    def _measured(self, record: dict[str, Any], closes: int) -> dict[str, Any]:
        means = {name: round(record[name] / closes) for name in ("path_time", "saved")}
        return {**record, **means, "criticality": record["critical_closes"] / closes}

    def view(self) -> View:
        """What holds up the closes, the close in the middle as a picture, the activities, the longest closes, and what it means."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about), *doubtful_units(self.about.log), *self._headlines(records)]
        if self.drawn:
            blocks.append(self._picture())
        blocks.append(table(f"Activities, and what {self._said} less on each of their tasks is worth", records, _COLUMNS, self.by))
        longest = sorted(self.closes.records(), key=lambda one: (-one["close_length"], str(one["close"])))
        shown = table(f"{self._noun.capitalize()}s, the longest first", longest[:_MOST_CLOSES], _CLOSES, self.by)
        blocks.append(Table(shown.title, shown.columns, shown.rows, len(longest)))
        blocks += concurrent_pairs(self.about.log, self.concurrent)
        return View("Critical path", (*blocks, *self._caveats(), *_DEFINITIONS), self.about.log.zone)

    @property
    def _noun(self) -> str:
        """What is closed: a case, or a close of several."""
        return "case" if self.close is None else "close"

    @property
    def _said(self) -> str:
        return "an hour" if self.hours == 1 else duration(self.hours * HOUR)

    def _headlines(self, records: Sequence[Record]) -> Iterator[Headline]:
        if self.by is not None:
            return
        closes = len(self.closes)
        for record in [record for record in records if record["saved"] > 0][:3]:
            on = f"{record['activity']} is on the critical path of {count(record['critical_closes'])} of {plural(closes, self._noun)}"
            yield Headline(
                f"{on}; {self._said} less on each of its tasks ends a {self._noun} {duration(record['saved'])} earlier on average.",
                record["criticality"],
            )

    def _picture(self) -> Spans:
        """The tasks of the close in the middle, a lane for each activity in the order in which they begin; what is critical in front."""
        tasks = self.drawn.records()
        kept = sorted(tasks, key=lambda one: (one["slack"], one["since"]))[:_MOST_DRAWN]
        first: dict[str, int] = {}
        for one in kept:
            first[one["activity"]] = min(first.get(one["activity"], one["since"]), one["since"])
        ordered = sorted(kept, key=lambda one: (first[one["activity"]], one["activity"], -one["slack"], one["since"]))
        rows = tuple((one["activity"], one["since"], one["until"], _OFF if one["slack"] else _ON) for one in ordered)
        columns = (Column("activity", "Activity", "text"), Column("since", "From", "instant"), Column("until", "To", "instant"))
        most = f", the {_MOST_DRAWN} most urgent of {len(tasks):,} tasks" if len(kept) < len(tasks) else ""
        title = f"The {self._noun} in the middle by length: {tasks[0]['close']}{most}"
        return Spans(Table(title, (*columns, Column("path", "Path", "text")), rows), "activity", "since", "until", "path")

    def _caveats(self) -> Iterator[Caveat]:
        log = self.about.log
        if not log.facts.has_start:
            yield Caveat(
                "Starts are not recorded: the time of a task runs from what came before it to its completion, and holds waiting and work alike."
            )
        if self.close is not None:
            yield Caveat("Only tasks of one case come after each other here; that people or postings of one case hold up another is not seen.")
        if running := sum(one["running"] for one in self.closes.records()):
            ends = agreeing(running, "it ends", "they end") if self.close is None else agreeing(running, "its close ends", "their closes end")
            yield Caveat(f"{plural(running, 'case still runs', 'cases still run')}; {ends} here with the last unit recorded.")

    def behind(self, record: Record) -> ir.Table:
        """The cases with a task of an activity on the critical path of their close (in one group); those with the activity where it never is."""
        these = self.keyed.filter(self.keyed.activity == record["code"])
        these = these if self.by is None else these.filter(these.group == record["group"])
        critical = these.filter(these.slack == 0)
        return (critical if record["critical_closes"] else these).select("case").distinct()


def critical_path(log: EventLog, *, close: str | None = None, hours: float = 1.0, by: str | None = None) -> CriticalPath:
    """Which activities hold up a close, which have slack, and what an hour saved on each is worth.

    Args:
        log: the event log.
        close: the attribute whose values are closes, such as period; default: each case is a close of its own.
        hours: how much less each task of an activity is assumed to take, in hours.
        by: an attribute after which the cases are split; each group has closes of its own.
    """
    if not 0 < hours <= 1e6:
        raise OutOfRange("hours", hours, "a number of hours above 0, at most 1,000,000")
    cases = _closes(log, close, by)
    found = concurrency(log)
    these = units(log).join(cases.select("case", number="close"), "case").select("number", "case", "position", "activity", "start", "time")
    these = these.rename(close="number").cast(dict.fromkeys(("close", "case", "position", "activity"), "int64"))
    saving = round(hours * HOUR)
    said = f"kernels.critical_path.critical_path(concurrent={found.pairs}, saving={saving})"
    kernel = partial(followed, concurrent=found.pairs, saving=saving)
    lent = through(log.engine, these, kernel, by=["close"], order=["case", "position"], noun="path", said=said)
    groups = ["group"] if by else []
    done = lent.table.cast({"case": "int32", "activity": "int32"})
    keyed = done.join(cases.select("case", "label", *groups), "case").select(*done.columns, "label", *groups)
    rows = log.fetch(_activities(log, keyed, groups).order_by([*groups, "activity", "code"]))
    per_close = _per_close(log, keyed, groups)
    closes = log.fetch(per_close.order_by([*groups, "close", "number"]))
    middle = sorted(closes.records(), key=lambda one: (one["close_length"], str(one["close"])))
    number = middle[(len(middle) - 1) // 2]["number"] if middle else -1
    drawn = keyed.filter(keyed.close == number).join(activity_labels(log).rename(named="label"), "activity")
    drawn = drawn.select("case", "position", "since", "until", "slack", close="label", activity="named")
    asked = about(log, "critical-path", {"close": close, "hours": hours, "by": by})
    return CriticalPath(asked, rows, by, close, hours, closes, log.fetch(drawn.order_by("since", "until", "case", "position")), found, lent, keyed)


def _closes(log: EventLog, close: str | None, by: str | None) -> ir.Table:
    """Each case with the number of its close, the name of it, and its group."""
    these = grouped(log, traces(log), by)
    if close is not None:
        these = these.drop("label").join(case_values(log, close).rename(label="value"), "case")
    named = [*(["group"] if by else []), "label", *(["case"] if close is None else [])]
    return these.mutate(close=ibis.dense_rank().over(ibis.window(order_by=named)).cast("int64")).select(
        "case", "close", "label", *(["group"] if by else [])
    )


def _activities(log: EventLog, keyed: ir.Table, groups: list[str]) -> ir.Table:
    """The activities over the closes: in how many they are and are critical, their time on the path, least slack and saving."""
    critical = keyed.slack == 0
    each = keyed.group_by(["activity", "close", *groups]).aggregate(
        tasks=keyed.count(),
        on_path=critical.any(),
        path_time=(keyed.until - keyed.since).cast("decimal(38, 0)").sum(where=critical).coalesce(0),
        slack=keyed.slack.min(),
        saved=keyed.saved.max(),
    )
    summed = each.group_by(["activity", *groups]).aggregate(
        closes=each.count(),
        tasks=each.tasks.sum().cast("int64"),
        critical_closes=each.count(where=each.on_path),
        path_time=each.path_time.sum(),
        slack=each.slack.quantile(0.5).round().cast("int64"),
        saved=each.saved.cast("decimal(38, 0)").sum(),
    )
    named = summed.rename(code="activity").join(activity_labels(log).rename(code="activity"), "code")
    return named.rename(activity="label")


def _per_close(log: EventLog, keyed: ir.Table, groups: list[str]) -> ir.Table:
    """The closes with their cases, tasks and length."""
    status = traces(log).select("case", begun="started", still=traces(log).status == "running")
    joined = keyed.join(status, "case")
    found = joined.group_by(["close", "label", *groups]).aggregate(
        cases=joined.case.nunique(),
        tasks=joined.count(),
        critical_tasks=joined.count(where=joined.slack == 0),
        started=joined.begun.min(),
        ended=joined.until.max(),
        running=joined.case.nunique(where=joined.still),
    )
    return found.mutate(close_length=found.ended - found.started).rename(number="close", close="label")


_DEFINITIONS = (
    Definition(
        "Time of a task",
        "from the latest completion in its case that is not after its own start, of an activity that does not run side by side with its own, to its completion; "
        "of a first task from its own start. Along the longest way these times give the end of the close exactly",
    ),
    Definition(
        "Slack",
        "by how much a task could be later, all after it taking as long as they did, without a later end of the close; none on the critical path",
    ),
    Definition(
        "Saved per close",
        "each task of the activity takes the given time less, but not less than none; the close is propagated anew, and what it ends earlier is averaged over all "
        "closes. Savings on two activities do not add up where the paths change",
        "after Kelley and Walker 1959",
    ),
)
