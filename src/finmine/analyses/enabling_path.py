"""Enabling path: what held up the end of each case, as a ledger of work and waiting that adds up to its throughput time exactly.

Sums of all waits and all work are more than a case takes, because units run beside one another. The enabling path is the chain of units
that enabled one another up to the end of the case: an hour saved on it is the only hour that a case can end earlier, until another
branch becomes the longest. What was done in time beside it is charged nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Lent
from finmine.concurrent_pairs import ENABLED, concurrent_pairs
from finmine.doubtful_units import WrongDates, doubtful_units, found_wrong_dates
from finmine.engine import Rows
from finmine.log import EventLog
from finmine.relations.doubtful_units import doubtful_cases
from finmine.relations.enabled import Enabled, enabled, enabled_units
from finmine.relations.enabling_path import KINDS
from finmine.relations.enabling_path import enabling_path as charges
from finmine.relations.groups import cases_of, grouped
from finmine.relations.tables import activity_labels
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, View
from finmine.words import duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_COLUMNS = ("charged_as", "source_activity", "activity", "cases", "contribution", "time_share", "contribution_mean")
_MOST_BARS = 15
_MOST_HEADLINES = 3
_WORTH_SAYING = 0.05
_LEAST_DOUBT = 0.01  # the least share of all time in cases with wrong dates that is told apart


@dataclass(frozen=True, slots=True, repr=False)
class EnablingPath(Result):
    """What is charged to the enabling paths, most time first; the shares of time add up to one (for each group)."""

    by: str | None
    found: Enabled
    path: Lent
    whole: Rows
    wrong: WrongDates | None

    def answers(self) -> Mapping[str, Rows]:
        """The charges, the cases with all their work and waiting, and what follows what both ways."""
        return {
            "charges": self.rows,
            "cases with all their work and waiting": self.whole,
            "activities that follow one another both ways": self.found.concurrency.rows,
        }

    def kernels(self) -> tuple[Lent, ...]:
        """When units were enabled, and the paths."""
        return (*self.found.lent, self.path)

    def records(self) -> tuple[Record, ...]:
        """The charges with their share of the time and what they are."""
        cases = {record.get("group"): record["cases"] for record in self.whole.records()}
        charged, sound = _charged(self.rows, "contribution"), _charged(self.rows, "sound") if self.wrong else {}
        return tuple(
            {
                **record,
                "charged_as": KINDS[record["kind"]],
                "time_share": record["contribution"] / charged[record.get("group")],
                **({"sound_share": record["sound"] / (sound[record.get("group")] or 1)} if self.wrong else {}),
                "contribution_mean": round(record["contribution"] / cases[record.get("group")]),
            }
            for record in self.rows.records()
        )

    def view(self) -> View:
        """Headlines, the longest bars, the ledger, and what the time is of."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about), *self._doubt(), *self._headlines(records)]
        if self.by is None and records:
            blocks.append(self._bars(records))
        blocks.append(table("Throughput time on the enabling path", records, _COLUMNS, self.by))
        if self.by is None and records:
            blocks.append(self._kinds(records))
        blocks += [*concurrent_pairs(self.about.log, self.found.concurrency), *self._caveats()]
        return View("Enabling path", (*blocks, *_DEFINITIONS, ENABLED), self.about.log.zone)

    def _doubt(self) -> Iterator[Caveat]:
        """What cases with wrong dates hold of the whole, and where it is not counted; and what else is doubtful."""
        if self.wrong:
            theirs = f"{share(_doubtful(self.rows))} of all throughput time lies in {self.wrong.these}"
            yield self.wrong.caveat(f"{theirs}: headlines and bars leave it out, all tables hold it")
        yield from doubtful_units(self.about.log, elapsed=self.wrong is None)

    def _headlines(self, records: tuple[Record, ...]) -> Iterator[Headline]:
        held = self._held
        total = sum(record[held] for record in records)
        if not total:
            return
        if self.about.log.facts.has_start:
            waited = sum(record[held] for record in records if record["charged_as"] == "waiting")
            every = self._total("sound_waiting" if self.wrong else "waiting_total")
            beside = f"; another {duration(every - waited)} of waiting passed beside other work of the case" if every > waited else ""
            said = f"{share(waited / total)} of all throughput time ({duration(waited)}) is waiting that held up the end of a case"
            yield Headline(f"{said}{beside}.", waited / total)
        for record in sorted(records, key=lambda record: -record[held])[:_MOST_HEADLINES]:
            if record[held] >= _WORTH_SAYING * total:
                yield Headline(f"{_told(record, self.by)}, in {plural(record['cases'], 'case')}.", record[held] / total)

    def _kinds(self, records: tuple[Record, ...]) -> Block:
        total, cases = sum(record["contribution"] for record in records), self._total("cases")
        rows = []
        for kind in KINDS:
            time = sum(record["contribution"] for record in records if record["charged_as"] == kind)
            rows.append({"charged_as": kind, "contribution": time, "time_share": time / total, "contribution_mean": round(time / cases)})
        return table("What the throughput time is of", rows, ("charged_as", "contribution", "time_share", "contribution_mean"))

    def _bars(self, records: tuple[Record, ...]) -> Bars:
        ranked = sorted(records, key=lambda record: -record[self._held])[:_MOST_BARS]
        drawn = [{**record, "step": _step(record)} for record in ranked]
        title = f"What held up the end{', wrong dates left out' if self.wrong else ''}"
        title += "" if len(drawn) == len(records) else f": the first {len(drawn)} of {len(records):,}"
        shares = ("sound_share", "time_share") if self.wrong else ("time_share",)
        return Bars(table(title, drawn, ("step", *shares)), "step", shares[0])

    @property
    def _held(self) -> str:
        """The time by which headlines and bars are ranked."""
        return "sound" if self.wrong else "contribution"

    def _total(self, measure: str) -> int:
        return sum(int(record[measure] or 0) for record in self.whole.records())

    def _caveats(self) -> Iterator[Caveat]:
        log, unknown = self.about.log, self._total("without_start")
        if not log.facts.has_start:
            yield Caveat("The log records no starts, so nobody can say what is work and what is waiting: all is charged as gaps between completions.")
        elif unknown:
            said = (
                f"{plural(unknown, f'{log.facts.unit} without a usable start stands', f'{log.facts.unit}s without a usable start stand')} in the path"
            )
            yield Caveat(f"{said} as a gap, from when it was enabled to its completion, which holds waiting and work alike.")
        if not log.card.outcomes:
            yield Caveat(log.status_gap)

    def behind(self, record: Record) -> ir.Table:
        """The cases to whose path one row is charged (in one group)."""
        these = grouped(self.about.log, _charges(self.path), self.by)
        of_source = these.source.isnull() if record["source"] is None else these.source == record["source"]
        return cases_of(these.filter(these.kind == record["kind"], of_source, these.activity == record["target"]), record, self.by)


def enabling_path(log: EventLog, *, by: str | None = None) -> EnablingPath:
    """What held up the end of cases: work and waiting on the chain of units that enabled one another, adding up to throughput time.

    Where no starts are recorded all of it is gaps, of which nobody can say what was work.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are then of each group.
    """
    groups = ["group"] if by else []
    found = enabled(log)
    path = charges(log, found)
    wrong = found_wrong_dates(log)
    these = _marked(log, grouped(log, _charges(path), by), wrong)
    time = these.charge.cast("decimal(38, 0)")
    sound = {"sound": time.sum(where=~these.doubtful).coalesce(0)} if wrong else {}
    summed = these.group_by(["kind", "source", "activity", *groups]).aggregate(cases=these.case.nunique(), contribution=time.sum(), **sound)
    labels = activity_labels(log)
    named = summed.rename(target="activity").join(labels.rename(target="activity", activity="label"), "target")
    named = named.left_join(labels.rename(source="activity", source_activity="label"), "source").drop("source_right")
    rows = log.fetch(named.order_by([*groups, named.contribution.desc(), "kind", "source_activity", "activity"]))
    every = _marked(log, grouped(log, enabled_units(log, found), by), wrong)
    waited = every.waiting.cast("decimal(38, 0)")
    whole = every.aggregate(
        by=groups,
        cases=every.case.nunique(),
        waiting_total=waited.sum(),
        without_start=every.began.isnull().sum(),
        **({"sound_waiting": waited.sum(where=~every.doubtful)} if wrong else {}),
    )
    whole = whole.order_by(groups or ["cases"])
    told = wrong if wrong and wrong.filter and _doubtful(rows) >= _LEAST_DOUBT else None
    return EnablingPath(about(log, "enabling-path", {"by": by}), rows, by, found, path, log.fetch(whole), told)


def _charges(path: Lent) -> ir.Table:
    return path.table.cast({"case": "int32", "source": "int32", "activity": "int32"})


def _marked(log: EventLog, these: ir.Table, wrong: WrongDates | None) -> ir.Table:
    """These rows of cases, where there are wrong dates with ``doubtful``: whether their case has any."""
    return these.mutate(doubtful=these.case.isin(doubtful_cases(log).case)) if wrong else these


def _charged(rows: Rows, held: str) -> dict[str | None, int]:
    """The time charged in all (of each group)."""
    charged: dict[str | None, int] = {}
    for record in rows.records():
        charged[record.get("group")] = charged.get(record.get("group"), 0) + record[held]
    return charged


def _doubtful(rows: Rows) -> float:
    """The share of all charges that lies in cases with wrong dates."""
    whole, sound = (sum(_charged(rows, held).values()) for held in ("contribution", "sound"))
    return 1 - sound / whole if whole else 0.0


def _part(record: Record) -> str:
    """The share of time in words; where wrong dates are left out, the share with them beside it."""
    part = share(record["time_share"])
    return f"{share(record['sound_share'])} ({part} with wrong dates)" if "sound_share" in record else part


def _step(record: Record) -> str:
    if record["charged_as"] == "work":
        return f"work: {record['activity']}"
    if record["source_activity"] is None:
        return f"{record['charged_as']}: before {record['activity']}"
    return f"{record['charged_as']}: {record['source_activity']} → {record['activity']}"


def _told(record: Record, by: str | None) -> str:
    of = "all throughput time" if by is None else f"the throughput time of {by} = {record['group']}"
    if record["charged_as"] == "work":
        return f"{_part(record)} of {of} is work on {record['activity']}"
    if record["source_activity"] is None:
        return f"{_part(record)} of {of} passes from the start of the case until {record['activity']} is begun"
    verb = "is waiting" if record["charged_as"] == "waiting" else "passes"
    return f"{_part(record)} of {of} {verb} between {record['source_activity']} and {record['activity']}"


_DEFINITIONS = (
    Definition(
        "Enabling path",
        "back from the last completion of a case: the unit's work, its waiting for the unit that enabled it, and so on to a first unit and its start lag. "
        "It adds up to the throughput time exactly. Where several units end together, or enable together, each has an equal share. What was done beside it is "
        "charged nothing; by how much that could have been later, its slack, `critical-path` tells",
    ),
)
