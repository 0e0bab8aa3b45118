"""A shallow tree of what parts cases by an outcome, one half of which chooses and the other half tells.

Cases of the **choosing** half are parted by the question that lowers the variance of the outcome's ranks most, and each part
again, up to three questions deep. A question is kept only where chance seldom parts the cases as far by *any* of the
questions that could have been asked there: the largest of all, with the outcomes given anew, is its own yardstick, so that it
does not matter how many were tried. For that, where cases stand in clusters, a question that chance answers well, such as one about
whole clusters, is weighed down by what chance alone explains with it. The cases of the **telling** half had no part in the choice, and their numbers are honest.

Sources: L. Breiman and others 1984 (the criterion); P. H. Westfall and S. S. Young 1993 (the largest of all);
T. Hothorn and others 2006 (stopping by it); S. Athey and G. Imbens 2016 (two halves).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from finmine.stats.given_anew import given_anew
from finmine.stats.sample import Flags, Floats, Ints, Sample

if TYPE_CHECKING:
    import numpy.typing as npt

Ended: TypeAlias = Literal["parted", "deep enough", "too few cases", "not beyond chance"]

LEVEL = 0.05  # below which p must lie; with 199 draws chance gets there in 4.5 % of all trees
SEED = 1
DRAWS = 199
MOST = 50_000  # cases of the choosing half that are looked at
_AT_ONCE = 50  # draws
_EQUAL = 1e-9  # relative difference up to which two questions part cases as far, so that the first is asked


@dataclass(frozen=True, slots=True)
class Node:
    """Cases of the tree: all of them (number 1), or those for which a question is answered yes (twice its number) or no (one more).

    ``question`` is the place of what parts them furthest (none where every part would be too small), ``share`` how much of the variance
    of ranks that explains here, and ``p`` how often chance does as well.
    """

    number: int
    choosing: int
    telling: int
    question: int | None
    share: float
    p: float | None
    ended: Ended

    @property
    def path(self) -> tuple[tuple[int, bool], ...]:
        """The numbers of the nodes above it, from the first on, each with the answer that leads here."""
        numbers = [self.number >> place for place in range(self.number.bit_length())]
        return tuple((above, below % 2 == 0) for below, above in reversed([*pairwise(numbers)]))


@dataclass(frozen=True, slots=True, eq=False)
class HonestTree:
    """The nodes, each before those under it, and the number of the node in which each case ends."""

    nodes: tuple[Node, ...]
    ends: Ints

    @property
    def leaves(self) -> tuple[Node, ...]:
        """The nodes that are not parted."""
        return tuple(node for node in self.nodes if node.ended != "parted")


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """What can be asked of cases: each question is of a column, and says for each code of that column whether the answer is yes."""

    codes: Mapping[str, Ints]
    asked: Sequence[tuple[str, Flags]]

    def yes(self, question: int, places: Ints) -> Flags:
        """The answer for each of these cases."""
        column, flags = self.asked[question]
        answered: Flags = flags[self.codes[column][places]]
        return answered

    def sets(self) -> list[tuple[Ints, Any, Ints]]:
        """For each column that is asked about: the codes of the cases, the questions by codes (sparse), and the places of the questions."""
        from scipy.sparse import csr_array

        found = []
        for column in dict.fromkeys(column for column, _ in self.asked):
            places = np.array([place for place, (of, _) in enumerate(self.asked) if of == column])
            found.append((self.codes[column], csr_array(np.stack([self.asked[place][1] for place in places])).astype(float), places))
        return found


def honest_tree(
    values: Floats, questions: Questions, telling: Flags, *, clusters: Ints | None, leaf: int, depth: int, seed: int = SEED
) -> HonestTree:
    """Part the cases by questions about them.

    Args:
        values: the outcome of each case.
        questions: what can be asked.
        telling: the cases of the half that has no part in the choice.
        clusters: a code for each case, where cases are not independent; whole clusters are given anew.
        leaf: the least number of cases in each part, in either half.
        depth: how many questions may be asked one after another.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    chosen = np.flatnonzero(~telling)
    if len(chosen) > MOST:
        chosen = np.sort(rng.choice(chosen, MOST, replace=False))
    ranks = np.zeros(len(values))
    held = Sample.of(values[chosen], None, chosen)
    ranks[held.order] = held.ranks
    grower = _Grower(ranks, questions, questions.sets(), clusters, leaf, depth, rng)
    nodes: list[Node] = []
    ends = np.ones(len(values), dtype=np.int64)
    waiting = [(1, chosen, np.flatnonzero(telling), np.flatnonzero(~telling))]
    while waiting:
        number, choosing, told, every = waiting.pop()
        ends[told] = ends[every] = number
        node = grower.node(number, choosing, told)
        nodes.append(node)
        if node.ended == "parted" and node.question is not None:
            for below, answer in ((2 * number + 1, False), (2 * number, True)):
                one, other, all_of_it = (these[questions.yes(node.question, these) == answer] for these in (choosing, told, every))
                waiting.append((below, one, other, all_of_it))
    return HonestTree(tuple(nodes), ends)


def halves_at_random(count: int) -> Flags:
    """A second half drawn at random, for cases that are independent of one another."""
    flags: Flags = np.random.default_rng(SEED).permutation(count) >= count / 2
    return flags


@dataclass(frozen=True, slots=True, eq=False)
class _Grower:
    """What every node is grown with."""

    ranks: Floats
    questions: Questions
    sets: list[tuple[Ints, Any, Ints]]
    clusters: Ints | None
    leaf: int
    depth: int
    rng: np.random.Generator

    def node(self, number: int, choosing: Ints, telling: Ints) -> Node:
        """The node of these cases, with its best question and whether they are parted by it."""
        n, told = len(choosing), len(telling)
        if number.bit_length() > self.depth:
            return Node(number, n, told, None, 0.0, None, "deep enough")
        allowed, having = self._allowed(choosing, telling)
        ranks = self.ranks[choosing]
        whole = float(np.sum((ranks - ranks.mean()) ** 2)) if n else 0.0
        if not allowed.any() or whole == 0:
            return Node(number, n, told, None, 0.0, None, "too few cases")
        found = self._explained(ranks[:, None], choosing, allowed, having)[:, 0]
        drawn = self._drawn(ranks, choosing, allowed, having)
        weights = np.ones(len(found)) if self.clusters is None else _by_chance(found, drawn)
        weighed, chance = found * weights, np.sort((drawn * weights[:, None]).max(axis=0))
        ps = (1 + DRAWS - np.searchsorted(chance, weighed * (1 - _EQUAL))) / (1 + DRAWS)
        best = _first_largest(np.where(ps < LEVEL, found, 0.0) if ps.min() < LEVEL else weighed)
        p = float(ps[best])
        return Node(number, n, told, best, float(found[best]) / whole, p, "parted" if p < LEVEL else "not beyond chance")

    def _allowed(self, choosing: Ints, telling: Ints) -> tuple[Flags, Floats]:
        """The questions that leave enough cases on both sides of both halves, and how many of the choosing cases have each."""
        counts = [np.zeros(len(self.questions.asked)) for _ in range(2)]
        for held, these in zip(counts, (choosing, telling), strict=True):
            for codes, sets, places in self.sets:
                held[places] = sets @ np.bincount(codes[these], minlength=sets.shape[1])
        enough = [np.minimum(held, len(these) - held) >= self.leaf for held, these in zip(counts, (choosing, telling), strict=True)]
        return enough[0] & enough[1], counts[0]

    def _explained(self, drawn: Floats, choosing: Ints, allowed: Flags, having: Floats) -> Floats:
        """How much lower the sum of squares is after each allowed question (0 for others), for each column of drawn ranks."""
        n = len(choosing)
        centred = drawn - drawn.mean(axis=0)
        sums = np.zeros((len(allowed), drawn.shape[1]))
        for codes, sets, places in self.sets:
            sums[places] = sets @ _summed(codes[choosing], centred, sets.shape[1])
        with np.errstate(divide="ignore", invalid="ignore"):
            lower: Floats = sums**2 * (n / (having * (n - having)))[:, None]
        return np.where(allowed[:, None], lower, 0.0)

    def _drawn(self, ranks: Floats, choosing: Ints, allowed: Flags, having: Floats) -> Floats:
        """What each question explains when the ranks are given anew, once in each column."""
        clusters = None if self.clusters is None else self.clusters[choosing]
        parts = []
        for begin in range(0, DRAWS, _AT_ONCE):
            drawn = given_anew(ranks, clusters, min(_AT_ONCE, DRAWS - begin), self.rng)
            parts.append(self._explained(drawn, choosing, allowed, having))
        return np.concatenate(parts, axis=1)


def _first_largest(sizes: Floats) -> int:
    return int(np.flatnonzero(sizes >= sizes.max() * (1 - _EQUAL))[0])


def _by_chance(found: Floats, drawn: Floats) -> Floats:
    """The weight of each question: one over what it explains on the average of all draws and what was found, so that no kind has an advantage."""
    means = (found + drawn.sum(axis=1)) / (1 + drawn.shape[1])
    weights: Floats = np.divide(1.0, means, out=np.zeros(len(means)), where=means > 0)
    return weights


def _summed(codes: npt.NDArray[np.int64], drawn: Floats, count: int) -> Floats:
    """The sums of the drawn values of each code."""
    from scipy.sparse import csr_array

    n = len(codes)
    members = csr_array((np.ones(n), (codes, np.arange(n))), shape=(count, n))
    found: Floats = members @ drawn
    return found
