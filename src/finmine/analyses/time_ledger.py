"""Time ledger: what all the time of cases was spent on, adding up exactly for each month, resource, role, activity and case.

The entries of a unit are start lag or waiting by cause, then work, or a gap where no start is known; less what it overlaps
with units that were completed before it, they are its time on the completion clock, and these add up to the throughput time of its
case (see ``relations.ledger``). So every row adds up across, every column down, and the whole to the throughput time of all cases.
Where rates or terms are known, the money of that time stands beside it (see ``relations.money_of_units``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from finmine.arrays import Lent
from finmine.calendar_fit import CalendarFit, calendar_fit
from finmine.concurrent_pairs import ENABLED, concurrent_pairs
from finmine.doubtful_units import doubtful_units
from finmine.engine import Rows
from finmine.kernels.learned_granules import Learning
from finmine.ledger_money import LedgerMoney, ledger_money, nothing_known
from finmine.log import EventLog
from finmine.relations.calendars import calendars
from finmine.relations.groups import cases_of, grouped
from finmine.relations.hands import hand_labels, hands
from finmine.relations.ledger import ENTRIES, ledger
from finmine.relations.money_of_units import declare, money_of_units
from finmine.relations.tables import activity_labels, case_table
from finmine.relations.traces import traces
from finmine.relations.waiting_causes import CAUSES, Precedence, WaitingParts, waiting_parts
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, View
from finmine.words import duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]
Level: TypeAlias = Literal["month", "resource", "role", "activity", "case"]

NOBODY = "(not recorded)"
_NAMES = {"month": "ledger_month", "resource": "resource", "role": "team", "activity": "activity", "case": "case"}
_FEW = 0.01  # the share of the cases of the busiest month below which a month at the edge tells of single cases
_ADDED = tuple(entry for entry in ENTRIES if entry != "overlap")


@dataclass(frozen=True, slots=True, repr=False)
class TimeLedger(Result):
    """The ledger of each month, resource, role, activity or case (in each group), and that of all with the time it must add up to."""

    by: str | None
    level: Level
    order: Precedence
    found: WaitingParts
    fit: CalendarFit
    whole: Rows
    cases_time: Rows
    money: LedgerMoney | None

    def answers(self) -> Mapping[str, Rows]:
        """The ledger by row, the whole, the throughput time of all cases, the pairs of activities looked at for concurrency, the fit, and the money."""
        told = {
            f"time ledger by {self.level}": self.rows,
            "the whole ledger": self.whole,
            "throughput time of all cases": self.cases_time,
            "activities that follow one another both ways": self.found.enabled.concurrency.rows,
            "calendar fit": self.fit.rows,
        }
        return told | ({f"money by {self.level}": self.money.rows} if self.money else {})

    def prepared(self) -> tuple[str, ...]:
        """The calendars and the months."""
        return self.found.script()

    def kernels(self) -> tuple[Lent, ...]:
        """Where learned calendars, concurrency, enabled times, batches, the parts of waits and the shares of work come from."""
        return (*self.found.lent, *(self.money.found.work.shares if self.money else ()))

    def looked_up(self) -> tuple[str, ...]:
        """The money by unit, where some is known."""
        return self.money.found.script() if self.money else ()

    def records(self) -> tuple[Record, ...]:
        """The rows with their name, the time in which units were open, and the share of all time.

        Months before the first and after the last in which more than single cases have time are one row each, so that wrong dates add no centuries.
        """
        whole = self.whole.records()[0]["clock"]
        return tuple(
            {
                **record,
                _NAMES[self.level]: self._name(record),
                "open_time": record["clock"] + record["overlap"],
                "ledger_share": record["clock"] / whole if whole else None,
            }
            for record in self._folded(self.rows.records())
        )

    def _folded(self, records: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        most = max((record["cases"] for record in records), default=0)
        busy = [place for place, record in enumerate(records) if record["cases"] >= _FEW * most]
        if self.level != "month" or self.by is not None or not busy:
            return records
        first, last = busy[0], busy[-1]
        before = _as_one(records[:first], "before", records[first]["code"])
        return (*before, *records[first : last + 1], *_as_one(records[last + 1 :], "after", records[last]["code"]))

    def _name(self, record: Record) -> str:
        if self.level == "month":
            month = f"{record['code'] // 100}-{record['code'] % 100:02}"
            return f"{record['side']} {month}" if "side" in record else month
        return NOBODY if record["label"] is None else str(record["label"])

    def view(self) -> View:
        """What the time was spent on in all, then row by row as bars of its entries."""
        records, whole = self.records(), {name: value or 0 for name, value in self.whole.records()[0].items()}
        used = tuple(entry for entry in _ADDED if whole[entry])
        last = ("overlap",) if whole["overlap"] else ()
        blocks: list[Block] = [*opening(self.about), *self._headlines(whole)]
        name = _NAMES[self.level]
        shown = table(f"Time by {self.level}", records, (name, "clock", "ledger_share", *used, *last, *(("open_time",) if last else ())), self.by)
        blocks.append(Bars(shown, name, "open_time" if last else "clock", used))
        entries = [{"entry": _SAID[entry], "entered": -whole[entry] if entry == "overlap" else whole[entry]} for entry in (*used, *last)]
        time = {"entry": "throughput time", "entered": whole["clock"]}
        shares = [{**row, "entered_share": int(row["entered"]) / whole["clock"] if whole["clock"] else None} for row in (*entries, time)]
        blocks.append(table("The whole ledger", shares, ("entry", "entered", "entered_share")))
        blocks += [
            *self._far(records),
            *self._limits(whole),
            *self._beside(name),
            *doubtful_units(self.about.log),
            *concurrent_pairs(self.about.log, self.found.enabled.concurrency),
            *self.fit.blocks(),
        ]
        defined = (*_DEFINITIONS, *([self.money.definition()] if self.money else []))
        return View("Time ledger", (*blocks, ENABLED, *defined), self.about.log.zone)

    def _beside(self, name: str) -> Iterator[Block]:
        """The money of the time, or what to declare for it."""
        if self.money is None:
            yield nothing_known(declare(self.about.log.facts.has_start))
        else:
            yield from self.money.blocks(f"Money beside the time, by {self.level}", name, NOBODY, self.by)

    def _headlines(self, whole: Record) -> Iterator[Headline | Prose]:
        time, waiting = whole["clock"], sum(whole[cause] for cause in CAUSES)
        if not time:
            return
        parts = [("waiting", waiting), ("work", whole["work"]), ("gaps without a known start", whole["gap"]), ("start lag", whole["start_lag"])]
        told = ", ".join(f"{duration(part)} {name}" for name, part in parts if part)
        less = f"; {duration(whole['overlap'])} of this ran beside other units of the same case" if whole["overlap"] else ""
        yield Headline(f"Of {duration(time)} of throughput time: {told}{less}.", 1.0)
        if waiting:
            most = max(CAUSES, key=lambda cause: whole[cause])
            yield Headline(f"{share(whole[most] / waiting)} of all waiting is {most}.", whole[most] / time)

    def _far(self, records: tuple[Record, ...]) -> Iterator[Caveat]:
        if far := [record for record in records if "side" in record]:
            time = duration(sum(record["clock"] for record in far))
            said = f"{time} lie {' and '.join(record['ledger_month'] for record in far)}, in months in which single cases have time"
            yield Caveat(f"{said}. Wrong dates may be the cause: `check` lists doubtful dates.")

    def _limits(self, whole: Record) -> Iterator[Prose | Caveat]:
        taken = self.cases_time.records()[0]
        took = int(taken["total"] or 0)
        cases = plural(taken["cases"], "case")
        if whole["clock"] == took:
            yield Prose(f"The ledger adds up to the throughput time of {cases}, {duration(took)}, to the microsecond.")
        else:
            said = f"The ledger differs by {duration(abs(took - whole['clock']))} from the throughput time of {cases}"
            yield Caveat(f"{said}, because units begin after their completion there; `check` lists them.")
        if taken["running"]:
            yield Caveat(f"{plural(taken['running'], 'case still runs: its', 'cases still run: their')} time is in the ledger up to the last unit.")
        if not self.found.told:
            yield Caveat(
                "The log does not record (to more than the day) when work began, so all of the time between units is gaps, which hold waiting and work."
            )

    def behind(self, record: Record) -> ir.Table:
        """The cases with time in one row (of one group)."""
        log = self.about.log
        these = grouped(log, _coded(log, ledger(log, self.found, self.order), self.level), self.by)
        if "side" in record:
            return cases_of(these.filter(these.code < record["code"] if record["side"] == "before" else these.code > record["code"]), record, self.by)
        return cases_of(these.filter(these.code.identical_to(_literal(record["code"]))), record, self.by)


def time_ledger(log: EventLog, *, level: Level = "month", by: str | None = None, order: Precedence = "batch-last", learn: bool = False) -> TimeLedger:
    """What all the time of cases was spent on, adding up exactly.

    Args:
        log: the event log.
        level: what a row is: a calendar month in the log's zone, a resource, a role, an activity or a case.
        by: an attribute after which the cases are split.
        order: what counts where several things are true at once: a batch last of all (so that it only counts while its resource could have
            done the unit), or the work first, as in the literature, or the hours.
        learn: whether resources to which no declared calendar applies get one that is learned from the log.

    Raises:
        MissingFact: rows are roles or resources, and the log does not know them.
    """
    if level in ("resource", "role"):
        log.require(level)
    asked = about(log, "time-ledger", {"level": level, "by": by, "order": order, "learn": learn})
    found = waiting_parts(log, calendars(log, Learning() if learn else None))
    entered, groups = ledger(log, found, order), ["group"] if by else []
    these = grouped(log, _coded(log, entered, level), by)
    rows = _named(log, these.group_by([*groups, "code"]).aggregate(**_sums(these)), level)
    place = [rows.code] if level == "month" else [rows.clock.desc(), "label", "code"]
    cases = traces(log)
    taken = cases.aggregate(
        cases=cases.count(), total=cases.throughput.cast("decimal(38, 0)").sum(), running=cases.count(where=cases.status == "running")
    )
    fetched, whole = log.fetch(rows.order_by([*groups, *place])), log.fetch(entered.aggregate(**_sums(entered)))
    fit, priced = calendar_fit(log, found.calendars), money_of_units(log, found.calendars)
    money = ledger_money(log, priced, partial(_coded, log, level=level), partial(_month_named, log, level=level), by) if priced else None
    return TimeLedger(asked, fetched, by, level, order, found, fit, whole, log.fetch(taken), money)


def _as_one(records: Sequence[dict[str, Any]], side: str, edge: int) -> Sequence[dict[str, Any]]:
    """Several months on one ``side`` of the month ``edge`` as one row, with the sums of their entries."""
    if len(records) < 2:
        return records
    return ({"code": edge, "side": side, **{name: sum(record[name] for record in records) for name in (*ENTRIES, "clock")}},)


def _coded(log: EventLog, these: ir.Table, level: Level) -> ir.Table:
    """The rows of the ledger with the code by which they are gathered."""
    if level in ("resource", "role"):
        hand = hands(log, level).select("case", "position", code="hand")
        return these.join(hand, ["case", "position"])
    return these.mutate(code=these[level])


def _sums(these: ir.Table) -> dict[str, ir.Scalar]:
    return {"cases": these.case.nunique(), **{name: these[name].cast("decimal(38, 0)").sum() for name in (*ENTRIES, "clock")}}


def _named(log: EventLog, these: ir.Table, level: Level) -> ir.Table:
    """The rows with the name of their code."""
    if level == "month":
        return these.mutate(label=these.code.cast("string"))
    if level in ("resource", "role"):
        labels = hand_labels(log, level).select(code="hand", name="label")
    else:
        held = case_table(log) if level == "case" else activity_labels(log)
        labels = held.select(code=held[level], name="label")
    return these.left_join(labels, "code").drop("code_right").rename(label="name")


def _month_named(log: EventLog, these: ir.Table, level: Level) -> ir.Table:
    """The rows with the name of their code; months as they are written."""
    if level != "month":
        return _named(log, these, level)
    code = these.code.cast("string")
    return these.mutate(label=code.substr(0, 4) + "-" + code.substr(4, 2))


def _literal(code: int | str | None) -> ir.Scalar:
    import ibis

    return ibis.literal(code, "string" if isinstance(code, str) else "int32")


_SAID = {
    **{cause: f"waiting: {cause}" for cause in CAUSES},
    "start_lag": "start lag",
    "gap": "gaps, where no start is known",
    "work": "work",
    "overlap": "less: beside other units of the same case",
}
_DEFINITIONS = (
    Definition(
        "Time",
        "from the last completion in the case before a unit to its own (the completion clock); over the units of a case it adds up to the throughput "
        "time, over months, resources, roles and activities to all of it",
    ),
    Definition(
        "Entries",
        "start lag (the first units of a case), waiting by cause, and work from start to completion (suspensions are in it), or a gap from enabling to completion "
        "where no start is known; each cut where a month begins. They add up to the time once the overlap is taken off",
    ),
    Definition(
        "Overlap",
        "the time in which a unit was already open (it waited, or was worked on) while another unit of its case was still to be completed before it",
    ),
)
