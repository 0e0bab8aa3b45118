"""Bunching: more amounts just below a limit than the amounts around it let expect.

Amounts from half the limit to one and a half of it are counted in bins of one width, and a log-linear density is fitted to all bins but the two at
the limit (Poisson, by maximum likelihood). It says which part of the amounts of both should lie below the limit. Of the amounts that do lie
there, the number below is binomial with that part, and the p-value is the chance of so many or more. Where nobody can go above the limit (what an
approver signs ends at his own), only the bins below are used, and the part is that of the last of them in all.

Source: E. Saez, Do taxpayers bunch at kink points?, American Economic Journal: Economic Policy 2, 2010 (counts in a window against a density fitted
outside of it); C. R. Clopper and E. S. Pearson 1934 for the exact binomial.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from finmine.stats.sample import Floats

REACH = 50
"""The amounts that are looked at lie at most so many percent of the limit away from it."""
LEAST_AROUND = 20
"""So many amounts it takes, outside of the bins at the limit, to say anything."""
_STEPS, _TINY = 60, 1e-6


class Bunching(NamedTuple):
    """What was found at a limit: amounts just below it, of so many that were looked at there, the part that was to be expected, and the p-value."""

    below: int
    of: int
    expected: float
    p: float


def bunching(counts: Mapping[int, int], width: int, *, only_below: bool = False) -> Bunching | None:
    """The test for bins of ``width`` percent of the limit; None where too few amounts lie around it to tell.

    Args:
        counts: how many amounts lie in each percent of the limit, by the percent at which it begins; 99 holds the limit itself, 100 what is above it.
        width: the width of a bin in percent, a divisor of ``REACH``.
        only_below: whether amounts above the limit are left out, because there can be none.
    """
    bins = 1 if only_below else 2
    parts = np.array([counts.get(percent, 0) for percent in range(100 - REACH, 100 + REACH * (bins - 1))]).reshape(-1, width).sum(axis=1)
    tested = REACH // width - 1
    outside = np.ones(len(parts), dtype=bool)
    outside[tested : tested + bins] = False
    at = (np.arange(len(parts)) - tested) * width / REACH
    if parts[outside].sum() < LEAST_AROUND:
        return None
    expected = _expected(at, parts.astype(float), outside)
    looked = slice(None) if only_below else slice(tested, tested + bins)
    below, of = int(parts[tested]), int(parts[looked].sum())
    share = float(expected[tested] / expected[looked].sum())
    return Bunching(below, of, share, _at_least(below, of, share))


def _expected(at: Floats, counts: Floats, outside: Floats) -> Floats:
    """The number expected in each bin: the exponential of a line, fitted by Newton's method to the bins outside."""
    x, y = np.stack([np.ones(int(outside.sum())), at[outside]], axis=1), counts[outside]
    line = np.array([np.log(y.mean()), 0.0])
    for _ in range(_STEPS):
        fitted = np.exp(np.clip(x @ line, -30, 30))
        step = np.linalg.solve((x * fitted[:, None]).T @ x + _TINY * np.eye(2), x.T @ (y - fitted))
        line = line + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-10:
            break
    found: Floats = np.exp(np.clip(line[0] + line[1] * at, -30, 30))
    return found


def _at_least(number: int, of: int, share: float) -> float:
    from scipy.stats import binom

    return float(binom.sf(number - 1, of, share)) if of else 1.0
