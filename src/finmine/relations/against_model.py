"""The cases of a log by how they run against a model: their traces, told one by one elsewhere, and what differs in each case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.relations.groups import grouped
from finmine.relations.held_rows import HeldRows
from finmine.relations.traces import VARIANT_KEY, traces

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


def run_traces(log: EventLog) -> ir.Table:
    """The traces of the cases that the filters keep, with ``running``: whether the case has not come to a declared end."""
    import ibis

    these = traces(log)
    running = (these.status == "running") if log.card.outcomes else ibis.literal(False)
    return these.mutate(running=running)


def distinct_runs(log: EventLog) -> ir.Table:
    """One row for each distinct trace and whether its cases still run: cases, and ``run``, one case of them; most cases first."""
    import ibis

    these = run_traces(log)
    found = these.group_by([*VARIANT_KEY, "running"]).aggregate(cases=these.count(), run=these.case.min())
    return found.order_by(ibis.desc("cases"), "run")


@dataclass(frozen=True, slots=True)
class AgainstModel:
    """What was found of the runs, in the engine.

    ``told`` has run, how (a code) and deviations (their number; missing where not told); ``deviations`` has run, deviation (a code) and times;
    ``accepted`` has deviation and until (the instant up to which cases must have ended for it to be accepted).
    """

    log: EventLog
    told: HeldRows
    deviations: HeldRows
    accepted: HeldRows

    def script(self) -> tuple[str, ...]:
        """The statements that make the tables, for evidence."""
        return (*self.told.script(), *self.deviations.script(), *self.accepted.script())

    def cases(self, by: str | None) -> ir.Table:
        """One row for each case (with its group): case, run, running, how, deviations, throughput, ended, money."""
        these, runs, told = run_traces(self.log), distinct_runs(self.log).drop("cases"), self.told.relation()
        keys = [*VARIANT_KEY, "running"]
        joined = these.select("case", *keys, "throughput", "ended", "money").join(runs, keys).join(told, "run")
        found = joined.select("case", "run", "running", "how", "deviations", "throughput", "ended", "money")
        return grouped(self.log, found, by)

    def differing(self, cases: ir.Table) -> ir.Table:
        """One row for each of these cases and each way in which it differs: deviation, times, and whether that is ``accepted``."""
        found = cases.join(self.deviations.relation(), "run")
        known = found.left_join(self.accepted.relation(), "deviation")
        accepted = (known.ended < known.until).fill_null(False)
        return known.select(*cases.columns, "deviation", "times", accepted=accepted)


def by_deviation(differing: ir.Table, cases: ir.Table, groups: Sequence[str]) -> ir.Table:
    """For each deviation (of each group): cases, of how many, times, accepted cases, money, and the median time of cases that have ended."""
    found = differing.group_by([*groups, "deviation"]).aggregate(
        cases=differing.count(),
        times=differing.times.sum(),
        accepted_cases=differing.accepted.sum(),
        value=differing.money.sum(),
        absolute=differing.money.abs().sum(),
        median=differing.throughput.quantile(0.5, where=~differing.running).round().cast("int64"),
    )
    if groups:
        every = cases.group_by("group").aggregate(of_cases=cases.count())
        return found.join(every, "group").select(*found.columns, "of_cases").order_by("group", "deviation")
    return found.cross_join(cases.aggregate(of_cases=cases.count())).order_by("deviation")


def by_how(differing: ir.Table, cases: ir.Table, groups: Sequence[str]) -> ir.Table:
    """All cases by how they were told, and whether they still run."""
    opened = differing.group_by("case").aggregate(opened=(~differing.accepted).sum())
    known = cases.left_join(opened, "case").drop("case_right")
    counted = known.group_by([*groups, "how", "running"]).aggregate(
        cases=known.count(),
        fitting=(known.deviations == 0).sum().fill_null(0),
        fitting_accepted=((known.deviations > 0) & (known.opened == 0)).sum().fill_null(0),
        deviating=((known.deviations > 0) & (known.opened > 0)).sum().fill_null(0),
        not_told=known.deviations.isnull().sum(),
        value=known.money.sum(),
    )
    return counted.order_by([*groups, "how", "running"])


def middle_time(cases: ir.Table, groups: Sequence[str]) -> ir.Table:
    """The median time of the cases that have ended (of each group)."""
    found = cases.aggregate(by=groups, median=cases.throughput.quantile(0.5, where=~cases.running).round().cast("int64"))
    return found.order_by([*groups, "median"])
