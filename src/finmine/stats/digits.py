"""Digits of amounts against what is expected of them: first digits after Benford, last digits evenly.

Sources: F. Benford, The law of anomalous numbers, 1938; M. J. Nigrini, Benford's Law, 2012 (mean absolute deviation and its bands). The bands suppose many
amounts: of true Benford data a third of samples of 300 exceed the last of them. Below ``least`` they are therefore not used; the deviation is
held against that of drawn samples of the same size instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from finmine.stats.sample import Floats

DRAWS, SEED = 2000, 1
BANDS = ("close conformity", "acceptable conformity", "marginal conformity", "no conformity")
"""What is said of a mean absolute deviation up to the first, second and third limit, and above."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A test of digits: the texts that can occur, the part expected of each, and the limits of the bands with the fewest amounts they hold for."""

    name: str
    texts: tuple[str, ...]
    limits: tuple[float, ...] = ()
    least: int = 0

    def expected(self) -> Floats:
        """The part of the amounts that is expected of each text."""
        if not self.limits:
            return np.full(len(self.texts), 1 / len(self.texts))
        found: Floats = np.log10(1 + 1 / np.array([int(text) for text in self.texts], dtype=float))
        return found


KINDS = {
    "first": Kind("first", tuple(map(str, range(1, 10))), (0.006, 0.012, 0.015), 5000),
    "first-two": Kind("first-two", tuple(map(str, range(10, 100))), (0.0012, 0.0018, 0.0022), 10_000),
    "last-two": Kind("last-two", tuple(f"{number:02d}" for number in range(100))),
}


@dataclass(frozen=True, slots=True)
class Conformity:
    """How digits conform: the mean absolute deviation of their parts, what chance alone explains of it, and how often it explains as much.

    ``z`` is that of each text, with Yates's correction; ``chi_p`` the p-value of chi-square, which calls every deviation real where there are
    many amounts; ``band`` is missing where there are too few for one.
    """

    number: int
    observed: Floats
    expected: Floats
    z: Floats
    mad: float
    by_chance: float
    p: float
    chi_p: float
    band: str | None

    @property
    def excess(self) -> float:
        """The mean absolute deviation beyond that of samples which conform."""
        return self.mad - self.by_chance


def mean_by_chance(expected: Floats, number: int) -> float:
    """The mean absolute deviation that samples of this size have on average although they conform (normal approximation)."""
    return float(np.sqrt(expected * (1 - expected)).mean()) * sqrt(2 / pi / number)


def conformity(kind: Kind, counts: Sequence[int]) -> Conformity | None:
    """How the counted digits conform to what is expected; None where there are none. The p-value is of drawn samples with a fixed seed."""
    from scipy.stats import chisquare

    found, expected = np.asarray(counts, dtype=float), kind.expected()
    number = int(found.sum())
    if not number:
        return None
    parts = found / number
    gap = np.abs(parts - expected)
    mad = float(gap.mean())
    drawn = np.random.default_rng(SEED).multinomial(number, expected / expected.sum(), size=DRAWS) / number
    as_far = int((np.abs(drawn - expected).mean(axis=1) >= mad - 1e-12).sum())
    correction = np.where(gap > 1 / (2 * number), 1 / (2 * number), 0.0)
    z = np.sign(parts - expected) * (gap - correction) / np.sqrt(expected * (1 - expected) / number)
    chi_p = float(chisquare(found, expected / expected.sum() * number).pvalue)
    band = BANDS[sum(mad > limit for limit in kind.limits)] if kind.limits and number >= kind.least else None
    return Conformity(number, parts, expected, z, mad, mean_by_chance(expected, number), (1 + as_far) / (1 + DRAWS), chi_p, band)
