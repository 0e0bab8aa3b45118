"""Whether path effects hold what was planted: `python bench/paths.py` asks of each sample log how much time and money its slow path adds.

A planted path is a **detour**: from a stop (an activity that is done before it) on, through the activities that were planted, to the same stop
again, once or several times. What it takes and costs is told case by case, from stop to stop. What is planted is the shift that the detours
make: the median of all differences between a case as it is and a case, of the same ones, without its detours. So it is measured in the log,
and not read from the parameters of the generator, which are waits in working time and a part of the detour only. ``path-effects`` knows
nothing of detours: it compares cases that have the planted activity with others that have not. Its intervals of the throughput time and
of the cost shall hold what was planted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import finmine
from finmine.relations.costs import unit_costs
from finmine.relations.labour import paid_work
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.words import duration

SAMPLES = Path(__file__).parent.parent / "sample_logs"
Unit: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Detour:
    """A planted path: its log, the planted activity, the stop around it, and the cases among which those that take it are compared."""

    log: str
    planted: str
    activity: str
    stop: str
    among: tuple[str, ...] = ()


DETOURS = (
    Detour("invoices.csv", "goods returned", "Return goods", "Record goods receipt", ("has 'Record goods receipt'", "throughput <= 400d")),
    Detour("approvals.xes.gz", "rejection", "Revise request", "Check request", ("has 'Register payment'",)),
    Detour("reconciliations.parquet", "reopened items", "Reopen item", "Review reconciliation", ("has 'Review reconciliation'",)),
    Detour("disputes.xlsx", "returned claims", "Complete claim", "Decide claim", ("has 'Decide claim'",)),
)


@dataclass(frozen=True, slots=True)
class Held:
    """What was planted, in microseconds or money, and the interval of the effect."""

    detour: Detour
    outcome: str
    cases: int
    planted: float
    shift: float
    low: float
    high: float

    @property
    def held(self) -> bool:
        """Whether the interval holds what was planted."""
        return self.low <= self.planted <= self.high

    def line(self) -> str:
        """The row of the table."""
        sizes = [
            duration(round(size)) if self.outcome == "throughput" else f"{size:,.2f} EUR" for size in (self.planted, self.shift, self.low, self.high)
        ]
        told = "".join(f"{size:>14}" for size in sizes)
        return f"{self.detour.log.split('.')[0]:<17}{self.detour.planted:<17}{self.outcome:<12}{self.cases:>5}{told}  {'held' if self.held else 'NOT HELD'}"


HEADING = f"{'log':<17}{'planted':<17}{'outcome':<12}{'cases':>5}{'planted':>14}{'effect':>14}{'from':>14}{'to':>14}"


def detours(these: Sequence[Unit], activity: int, stop: int) -> Iterator[dict[str, tuple[float, float]]]:
    """Of each case that takes a detour its time and its cost, and what of them went into its detours: the units from stop to stop, the last one counted."""
    cases: dict[int, list[Unit]] = {}
    for unit in these:
        cases.setdefault(unit["case"], []).append(unit)
    for path in cases.values():
        taken = [place for place, unit in enumerate(path) if unit["activity"] == activity]
        stops = [place for place, unit in enumerate(path) if unit["activity"] == stop]
        legs = {(max((at for at in stops if at < place), default=None), min((at for at in stops if at > place), default=None)) for place in taken}
        if legs and all(since is not None and until is not None for since, until in legs):
            spans = [(since, until) for since, until in legs if since is not None and until is not None]
            time, cost = path[-1]["time"] - path[0]["time"], _cost(path)
            yield {
                "throughput": (time, sum(path[until]["time"] - path[since]["time"] for since, until in spans)),
                "cost": (cost, sum(_cost(path[since + 1 : until + 1]) for since, until in spans)),
            }


def _cost(these: Sequence[Unit]) -> float:
    return float(sum(unit["cost"] or 0 for unit in these))


def planted_shift(found: Sequence[tuple[float, float]]) -> float:
    """The median of all differences between a case as it is and one without its detours."""
    return median(whole - (other - spent) for whole, _ in found for other, spent in found)


def effects(detour: Detour) -> Iterator[Held]:
    """The planted time and cost of a detour, each with the interval of its effect."""
    log = finmine.read(SAMPLES / detour.log)
    for among in detour.among:
        log = log.keep_cases(finmine.parse_filter(among))
    names = log.activity_names()
    ended = traces(log).filter(lambda one: one.status == "finished").select("case")
    priced = unit_costs(log, paid_work(log)).select("case", "position", "activity", "cost")
    timed = priced.join(units(log).select("case", "position", "time"), ["case", "position"]).semi_join(ended, "case")
    found = [*detours(log.fetch(timed.order_by(["case", "position"])).records(), names.index(detour.activity), names.index(detour.stop))]
    for outcome in ("throughput", "cost"):
        planted = planted_shift([one[outcome] for one in found])
        answer = finmine.path_effects(log, outcome=outcome, most=200)
        (row,) = (one for one in answer.records() if one["exposure"] == detour.activity)
        yield Held(detour, outcome, row["cases"], planted, *(float(row[name]) for name in ("shift", "shift_low", "shift_high")))


def main() -> None:
    """Print the table, of all sample logs or of those named; the exit status is 1 where an interval does not hold what was planted."""
    print(HEADING)
    found = [held for detour in DETOURS if detour.log.split(".")[0] in sys.argv[1:] or not sys.argv[1:] for held in effects(detour)]
    for held in found:
        print(held.line())
    sys.exit(not all(held.held for held in found))


if __name__ == "__main__":
    main()
