"""How far apart the paths of two sides of a log are: its most frequent variants, and the others pooled into their families."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finmine.compared_cases import numbers
from finmine.engine import Rows
from finmine.path_family import PathFamily
from finmine.relations.path_features import FAMILY
from finmine.relations.traces import spelled_traces, trace_labels, written
from finmine.stats.path_effects import SEED
from finmine.stats.transport import DRAWS, Apart, apart, ground_distances

if TYPE_CHECKING:
    from finmine.stats.sample import Flags, Ints

MOST_VARIANTS = 30
MOST_FAMILIES = 15


@dataclass(frozen=True, slots=True)
class PathDistance:
    """The distance of two sides, the traces it is between, and how many cases stand in it with their variant, with their family, or not at all."""

    apart: Apart
    traces: tuple[str, ...]
    alone: int
    pooled: int
    left_out: int

    def said(self) -> str:
        """What the distance is about, in words."""
        cases = self.alone + self.pooled + self.left_out
        said = f"{self.alone:,} of {cases:,} cases stand in it with their variant"
        said += f", {self.pooled:,} of rarer variants with the family of these" if self.pooled else ""
        return said + (f"; {self.left_out:,} of rarer families are left out" if self.left_out else "") + "."


@dataclass(frozen=True, slots=True)
class Pooled:
    """The traces between which distances are measured, and for each case of a family of comparisons the place of its trace (-1: left out)."""

    traces: tuple[tuple[str, ...], ...]
    variants: int
    of_cases: Ints
    spelled: Rows

    def distance(self, these: Flags, first: Flags, clusters: Ints | None) -> PathDistance | None:
        """How far the flagged of these cases and the others of them are apart; nothing where one side has no trace to measure from."""
        told = these & (self.of_cases >= 0)
        places, sides = self.of_cases[told], first[told]
        if not sides.any() or sides.all():
            return None
        found = apart(places, sides, ground_distances(self.traces), None if clusters is None else clusters[told], seed=SEED, draws=DRAWS)
        alone = int(np.count_nonzero(places < self.variants))
        names = tuple(written(trace) for trace in self.traces)
        return PathDistance(found, names, alone, len(places) - alone, int(np.count_nonzero(these)) - len(places))


def pooled_paths(family: PathFamily) -> Pooled:
    """The most frequent variants of the compared cases, and the most frequent families of the others, each spelled out.

    A family stands for its variants with its activities in the order of their first occurrence.
    """
    paths, codes, counts = np.unique(numbers(family.rows, "path"), return_inverse=True, return_counts=True)
    ranked = np.lexsort((paths, -counts))
    variants, others = ranked[:MOST_VARIANTS], ranked[MOST_VARIANTS:]
    kinds, named = numbers(family.features, "kind"), numbers(family.features, "path")
    of_family = dict(zip(named[kinds == FAMILY].tolist(), numbers(family.features, "first")[kinds == FAMILY].tolist(), strict=True))
    families: dict[int, int] = {}
    for place in others.tolist():
        one = of_family[int(paths[place])]
        families[one] = families.get(one, 0) + int(counts[place])
    kept = sorted(families, key=lambda one: (-families[one], one))[:MOST_FAMILIES]
    place_of = {path: place for place, path in enumerate(kept, len(variants))}
    atoms = np.full(len(paths), -1)
    atoms[variants] = np.arange(len(variants))
    atoms[others] = [place_of.get(of_family[int(path)], -1) for path in paths[others]]
    cases = family.compared.cases()
    asked = [*paths[variants].tolist(), *kept]
    spelled = family.compared.log.fetch(spelled_traces(family.compared.log, cases.filter(cases.case.isin(asked)).select("case")))
    labels = trace_labels(spelled)
    traces = (*(labels[path] for path in paths[variants].tolist()), *(tuple(dict.fromkeys(labels[path])) for path in kept))
    return Pooled(traces, len(variants), atoms[codes.ravel()], spelled)
