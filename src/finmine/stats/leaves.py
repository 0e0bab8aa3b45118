"""What the leaves of an honest tree are like, told by the cases that had no part in choosing its questions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finmine.stats.estimate import Estimate
from finmine.stats.honest_tree import HonestTree
from finmine.stats.many_groups import many_groups
from finmine.stats.path_effects import LEVEL, SEED, size
from finmine.stats.replicates import Draws
from finmine.stats.sample import Flags, Floats, Ints, Sample
from finmine.stats.two_groups import Comparison, compare


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf by its number: its cases in both halves, those that tell, their median, its size against the others, and its share of all values.

    Of rates the median is the rate. There is no size where there are no others, and no share where values lie below nought or are all nought.
    """

    number: int
    cases: int
    telling: int
    median: float
    size: Estimate | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Again:
    """What becomes of a question in the half that had no part in choosing it: Cliff's δ of the cases that answer yes in either half, and the p-value there."""

    chosen: float
    told: float
    p: float

    @property
    def confirmed(self) -> bool:
        """Whether the half that tells shows the same direction, beyond chance."""
        return self.p <= LEVEL and self.chosen * self.told > 0


def told_again(values: Floats, clusters: Ints | None, telling: Flags, tree: HonestTree) -> dict[int, Again]:
    """Each question of the tree by the number of its node, asked again of the cases that had no part in the choice."""
    found = {}
    for node in tree.nodes:
        if node.ended != "parted":
            continue
        here, yes = _under(tree.ends, node.number), _under(tree.ends, 2 * node.number)
        chosen, told = (_compared(values, clusters, half & here, yes) for half in (~telling, telling))
        found[node.number] = Again(chosen.delta, told.delta, told.p)
    return found


def _under(ends: Ints, number: int) -> Flags:
    """The cases that end in a node or under it: the numbers under it begin with its own, in binary."""
    found: Flags = np.any([ends >> deeper == number for deeper in range(int(ends.max(initial=0)).bit_length())], axis=0)
    return found


def _compared(values: Floats, clusters: Ints | None, these: Flags, yes: Flags) -> Comparison:
    places = np.flatnonzero(these)
    held = None if clusters is None else np.unique(clusters[places], return_inverse=True)[1].astype(np.int64)
    sample = Sample.of(values[places], held, places)
    return compare(sample, yes[sample.order])


def leaves(values: Floats, clusters: Ints | None, telling: Flags, tree: HonestTree, rates: bool) -> tuple[tuple[Leaf, ...], float]:
    """The leaves with the largest values first, and how much of the variation of ranks they explain (ε²)."""
    places = np.flatnonzero(telling)
    if not len(places):
        return (), 0.0
    held = None if clusters is None else np.unique(clusters[places], return_inverse=True)[1].astype(np.int64)
    sample = Sample.of(values[places], held, places)
    ends = tree.ends[sample.order]
    whole = float(sample.values.sum()) if sample.values[0] >= 0 else 0.0
    draws, found = None if rates else Draws.of(sample, seed=SEED), []
    for node in tree.leaves:
        flags = ends == node.number
        mine = sample.values[flags]
        against = None if flags.all() else size(sample, flags, compare(sample, flags), draws)
        middle = float(mine.mean() if rates else np.median(mine))
        of_all = float(mine.sum()) / whole if whole else None
        found.append(Leaf(node.number, int(np.count_nonzero(tree.ends == node.number)), len(mine), middle, against, of_all))
    codes = np.unique(ends, return_inverse=True)[1].astype(np.int64)
    return tuple(sorted(found, key=lambda one: (-one.median, one.number))), many_groups(sample, codes).epsilon_squared
