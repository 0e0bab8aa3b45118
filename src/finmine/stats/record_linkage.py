"""Whether two records are of the same thing: evidence from how each of their fields agrees, added up.

For each field there are a few ways in which it can agree. How often each occurs among records of the same thing (m) and among those
of different things (u) gives its weight, log(m / u); the weights of all fields and the prior odds add up to the odds that two
records are of the same thing, if the fields agree independently of each other.

Source: I. P. Fellegi and A. B. Sunter, A theory for record linkage, 1969; M. A. Jaro, 1989, for the estimation of m and u.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

Ways = Mapping[str, Mapping[str, float]]
"""For each field the chance of each way in which it can agree; a way that is not named says nothing."""


@dataclass(frozen=True, slots=True)
class Linkage:
    """The prior chance that two candidates are of the same thing, and the chances of each way, given that they are (``same``) or not (``apart``)."""

    prior: float
    same: Ways
    apart: Ways

    @property
    def start(self) -> float:
        """The logarithm of the prior odds."""
        return log(self.prior / (1 - self.prior))

    def weights(self) -> dict[str, dict[str, float]]:
        """The weight of each way of each field: the logarithm of how much likelier it is among records of the same thing."""
        return {field: {way: log(m / self.apart[field][way]) for way, m in ways.items()} for field, ways in self.same.items()}

    def chance(self, pattern: Mapping[str, str]) -> float:
        """The chance that two records are of the same thing whose fields agree in these ways."""
        weights = self.weights()
        return chance_of(self.start + sum(weights[field].get(way, 0.0) for field, way in pattern.items() if field in weights))


def chance_of(odds: float) -> float:
    """The chance of which this is the logarithm of the odds."""
    return 1 / (1 + exp(-odds)) if odds >= 0 else exp(odds) / (1 + exp(odds))


def learned(patterns: Sequence[tuple[Mapping[str, str], int]], first: Linkage, *, rounds: int = 200) -> Linkage:
    """What a guess becomes by what was observed: the prior chance, and how often each way occurs among things that are not the same.

    How things agree that are the same stays as guessed, and is what tells them from others: estimated too, the two kinds would be
    whatever parts the candidates best, such as vendors that number their invoices on. The rest is by expectation and maximisation.

    Args:
        patterns: how often each pattern of ways occurred among the candidates.
        first: the guess to begin with, which also counts as much as ten pairs, so that nothing becomes impossible.
        rounds: how often at most both steps are done.
    """
    guess = first
    for _ in range(rounds):
        better = _improved(patterns, guess, first)
        if abs(better.prior - guess.prior) < 1e-9:
            return better
        guess = better
    return guess


_KEPT = 10.0


def _improved(patterns: Sequence[tuple[Mapping[str, str], int]], guess: Linkage, first: Linkage) -> Linkage:
    """One round: how likely each pattern is of different things, and the chances that follow."""
    counted = [(pattern, number, number * (1 - guess.chance(pattern))) for pattern, number in patterns]
    whole, apart = sum(number for _, number, _ in counted), sum(unlike for *_, unlike in counted)
    found = {}
    for field, known in first.apart.items():
        sums = {way: _KEPT * chance for way, chance in known.items()}
        for pattern, _, unlike in counted:
            if pattern.get(field) in sums:
                sums[pattern[field]] += unlike
        found[field] = {way: part / sum(sums.values()) for way, part in sums.items()}
    return Linkage((whole - apart + _KEPT * first.prior) / (whole + _KEPT), first.same, found)
