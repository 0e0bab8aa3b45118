"""What models are learned from: distinct traces with their numbers of cases, or the directly-follows graph counted from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

Trace: TypeAlias = tuple[str, ...]
Variants: TypeAlias = Sequence[tuple[Trace, int]]


@dataclass(frozen=True, slots=True)
class Graph:
    """A directly-follows graph: how often an activity follows another directly, and how many cases start and end with each.

    ``empty`` is the number of cases without any activity, which leave no other mark in a graph.
    """

    edges: Mapping[tuple[str, str], int]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    empty: int = 0

    @property
    def cases(self) -> int:
        """The number of cases that were counted."""
        return sum(self.starts.values()) + self.empty

    def activities(self) -> frozenset[str]:
        """The activities that occur in the graph."""
        return frozenset(self.starts) | frozenset(self.ends) | frozenset(end for edge in self.edges for end in edge)


def cases(variants: Variants) -> int:
    """The number of cases in these variants."""
    return sum(number for _, number in variants)


def activities(variants: Variants) -> frozenset[str]:
    """The activities that occur in these variants."""
    return frozenset(activity for trace, _ in variants for activity in trace)


def ranked(variants: Iterable[tuple[Trace, int]]) -> Variants:
    """The variants, most cases first, then by trace; equal traces are one variant."""
    counts: Counter[Trace] = Counter()
    for trace, number in variants:
        counts[tuple(trace)] += number
    return tuple(sorted(counts.items(), key=lambda variant: (-variant[1], variant[0])))


def most_frequent(variants: Variants, coverage: float) -> Variants:
    """The fewest of these ranked variants, most cases first, that together hold at least this share of all cases."""
    needed = Fraction(str(coverage)) * cases(variants)
    kept: list[tuple[Trace, int]] = []
    covered = 0
    for trace, number in variants:
        if covered >= needed:
            break
        kept.append((trace, number))
        covered += number
    return tuple(kept)


def graph(variants: Variants) -> Graph:
    """The directly-follows graph of these variants."""
    edges: Counter[tuple[str, str]] = Counter()
    starts: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    empty = 0
    for trace, number in variants:
        if not trace:
            empty += number
            continue
        starts[trace[0]] += number
        ends[trace[-1]] += number
        for pair in pairwise(trace):
            edges[pair] += number
    return Graph(dict(edges), dict(starts), dict(ends), empty)
