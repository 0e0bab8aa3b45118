"""Two sides of a log: the cases that each condition keeps, and everything in which they differ, tested as one family.

A rate of independent cases is tested by Fisher's exact test, with Newcombe's interval; with clusters the test and the interval
are those for whole clusters. Time is compared as everywhere: Hodges and Lehmann's shift, Brunner and Munzel's test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from finmine.compared_cases import numbers
from finmine.engine import Rows
from finmine.path_family import PathFamily
from finmine.relations.path_features import REPEATED
from finmine.stats.discoveries import adjusted
from finmine.stats.estimate import Estimate
from finmine.stats.median_interval import interval_ranks
from finmine.stats.path_effects import LEAST, SEED
from finmine.stats.rates import fisher, rate_difference
from finmine.stats.replicates import Draws
from finmine.stats.sample import Sample
from finmine.stats.shift_interval import shift_interval
from finmine.stats.two_groups import Comparison, compare
from finmine.view import Contrast, Map, MapEdge, MapNode
from finmine.vocabulary import Unit

if TYPE_CHECKING:
    from finmine.stats.sample import Flags, Ints

Kind: TypeAlias = Literal["rework", "first pass", "activity", "directly follows"]


MEASURES: dict[Kind, str] = {"rework": "anything done more than once", "first pass": "all done once, nothing sent back"}
"""What differences are about that are neither of an activity nor of a pair."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The cases that have something, their share on either side: the difference with an interval, p, and q over all that was tested.

    ``source`` is an activity, or the first of a pair whose second is ``target``. What is missing was not tested: fewer than five cases of a
    side, or fewer than five that have it, or that have it not.
    """

    kind: Kind
    source: int | None
    target: int | None
    cases: int
    first: float | None
    second: float | None
    size: Estimate | None
    p: float | None
    q: float | None = None

    def told(self, names: Sequence[str]) -> dict[str, Any]:
        """The difference as a row, given the names of the activities."""
        said = MEASURES[self.kind] if self.source is None else names[self.source]
        size = self.size
        return {
            "kind": self.kind,
            "source": self.source,
            "target": self.target,
            "cases": self.cases,
            "measure": said if self.target is None else f"{said} → {names[self.target]}",
            "share_first": self.first,
            "share_second": self.second,
            "share_difference": None if size is None else size.value,
            "difference_low": None if size is None else size.low,
            "difference_high": None if size is None else size.high,
            "p_difference": self.p,
            "q_difference": self.q,
        }


@dataclass(frozen=True, slots=True)
class Shift:
    """How much longer or shorter the cases of the first side take, and how sure that is."""

    size: Estimate
    compared: Comparison
    q: float


@dataclass(frozen=True, slots=True, eq=False)
class TwoSides:
    """The compared cases of both sides: which are of the first, which do anything again, which pass at first, and in what the sides differ.

    ``shift`` is missing where a side has fewer than five cases; ``differences`` are all shares that were looked at.
    """

    family: PathFamily
    first: Flags
    reworked: Flags
    passed: Flags
    shift: Shift | None
    differences: tuple[Difference, ...]

    @property
    def sizes(self) -> tuple[int, int]:
        """The compared cases of either side."""
        return int(np.count_nonzero(self.first)), int(np.count_nonzero(~self.first))

    @property
    def enough(self) -> bool:
        """Whether either side has the five cases without which there is no number."""
        return min(self.sizes) >= LEAST

    def measures(self, place: int) -> dict[str, Any]:
        """The compared cases of a side (0 or 1), their median time with its interval by order statistics, and their shares of rework and of first pass."""
        these = ~self.first if place else self.first
        told: dict[str, Any] = dict.fromkeys(("median", "median_low", "median_high", "share_rework", "share_first_pass"))
        times = np.sort(self.family.family.values[these])
        if len(times):
            ranks = interval_ranks(len(times))
            limits = (None, None) if ranks is None else (round(times[rank - 1]) for rank in ranks)
            told |= dict(zip(("median", "median_low", "median_high"), (round(float(np.median(times))), *limits), strict=True))
            told |= {"share_rework": float(self.reworked[these].mean()), "share_first_pass": float(self.passed[these].mean())}
        return {"compared_cases": len(times), **told}

    def map(self, steps: Rows, names: Sequence[str], sides: tuple[str, str], unit: Unit) -> Map:
        """The directly-follows graph of the compared cases of both sides, each activity and edge with the share of either side's cases."""
        cases_of = Counter(numbers(self.family.rows, "path").tolist())
        taken: dict[tuple[int | None, int | None], list[int]] = {}
        for step in steps.records():
            counts = taken.setdefault((step["source"], step["target"]), [0, 0])
            counts[0] += step["steps"] * cases_of[step["path"]]
            counts[1] += cases_of[step["path"]]
        found = {(one.source, one.target): one for one in self.differences}
        nodes = [
            MapNode(
                activity,
                names[activity],
                sum(counts[0] for (_, target), counts in taken.items() if target == activity),
                found[activity, None].cases,
                taken.get((None, activity), (0, 0))[1],
                taken.get((activity, None), (0, 0))[1],
                _contrast(found[activity, None]),
            )
            for activity in {target for _, target in taken if target is not None}
        ]
        edges = [
            MapEdge(source, target, counts[0], counts[1], None, None, None, 0, contrast=_contrast(found[source, target]))
            for (source, target), counts in taken.items()
            if source is not None and target is not None
        ]
        in_order = sorted(nodes, key=lambda node: (-node.events, node.label))
        by_steps = sorted(edges, key=lambda edge: (-edge.steps, names[edge.source], names[edge.target]))
        return Map("Difference map", tuple(in_order), tuple(by_steps), len(self.family.rows), unit, sides=sides)


def _contrast(one: Difference) -> Contrast:
    return Contrast(one.first or 0.0, one.second or 0.0, one.q)


def two_sides(family: PathFamily, steps: Rows, first: Flags, passed: Flags) -> TwoSides:
    """What differs between the flagged cases of a family of comparisons and the others, given the steps of their paths and which cases pass at first."""
    paths, codes = np.unique(numbers(family.rows, "path"), return_inverse=True)
    features = family.features
    again = numbers(features, "path")[numbers(features, "kind") == REPEATED]
    reworked: Flags = np.isin(paths, again)[codes.ravel()]
    looked_at: list[tuple[Kind, int | None, int | None, Flags]] = [("rework", None, None, reworked), ("first pass", None, None, passed)]
    looked_at += [(kind, source, target, having[codes.ravel()]) for kind, source, target, having in _of_steps(steps, paths)]
    rates = [
        Difference(kind, source, target, int(np.count_nonzero(flags)), *_rate(flags, first, family.family.clusters))
        for kind, source, target, flags in looked_at
    ]
    time = _time(family, first)
    tested = [place for place, one in enumerate(rates) if one.p is not None]
    q = adjusted([*([time[1].p] if time else []), *(one.p for one in rates if one.p is not None)]).tolist()
    shift = Shift(*time, q.pop(0)) if time else None
    of_place = dict(zip(tested, q, strict=True))
    return TwoSides(family, first, reworked, passed, shift, tuple(replace(one, q=of_place.get(place)) for place, one in enumerate(rates)))


def _of_steps(steps: Rows, paths: Ints) -> Iterator[tuple[Kind, int, int | None, Flags]]:
    """Which paths have each activity, and each directly-follows pair."""
    place = np.searchsorted(paths, numbers(steps, "path"))
    sources, targets = numbers(steps, "source"), numbers(steps, "target")
    for activity in np.unique(targets[targets >= 0]).tolist():
        yield "activity", activity, None, _having(place[targets == activity], len(paths))
    inside = (sources >= 0) & (targets >= 0)
    for source, target in np.unique(np.stack((sources, targets))[:, inside], axis=1).T.tolist():
        yield "directly follows", source, target, _having(place[(sources == source) & (targets == target)], len(paths))


def _having(places: Ints, count: int) -> Flags:
    having = np.zeros(count, dtype=bool)
    having[places] = True
    return having


def _rate(flags: Flags, first: Flags, clusters: Ints | None) -> tuple[float | None, float | None, Estimate | None, float | None]:
    """The share of either side, and their difference with its p; none where a side has no cases, or too few cases have it or have it not."""
    sizes = int(np.count_nonzero(first)), int(np.count_nonzero(~first))
    hits = int(np.count_nonzero(flags & first)), int(np.count_nonzero(flags & ~first))
    shares = tuple(hit / size if size else None for hit, size in zip(hits, sizes, strict=True))
    whole = sum(hits)
    if min(*sizes, whole, len(flags) - whole) < LEAST:
        return shares[0], shares[1], None, None
    if clusters is None:
        return shares[0], shares[1], rate_difference(hits[0], sizes[0], hits[1], sizes[1]), fisher(hits[0], sizes[0], hits[1], sizes[1])
    sample = Sample.of(flags.astype(float), clusters)
    found = compare(sample, first[sample.order])
    return shares[0], shares[1], found.interval(), found.p


def _time(family: PathFamily, first: Flags) -> tuple[Estimate, Comparison] | None:
    """The shift in time; none where a side has fewer than five cases."""
    if min(np.count_nonzero(first), np.count_nonzero(~first)) < LEAST:
        return None
    sample = Sample.of(family.family.values, family.family.clusters)
    flags = first[sample.order]
    return shift_interval(sample, flags, Draws.of(sample, seed=SEED)), compare(sample, flags)
