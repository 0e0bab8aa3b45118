"""Time equations fitted to observed times: how long each unit of each driver takes, none of them below nought.

Every observation is a time that is the sum of its terms, each a quantity times its unit time. The unit times with the least sum of
squared errors, none below nought, are those of C. L. Lawson and R. J. Hanson 1974 (non-negative least squares).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finmine.stats.sample import Floats

COLLINEAR = 30.0
"""The condition number of the scaled terms from which on they cannot be told apart (D. A. Belsley, E. Kuh and R. E. Welsch 1980)."""
_ENTANGLED = 0.3  # the least part of the weakest direction that a term has which is named with it


@dataclass(frozen=True, slots=True)
class TimeFit:
    """The time of each term, how many observations stand behind it, and how well it fits.

    ``r_squared`` is the share of the variation of the observed times that the equation explains (missing where they do not vary), and
    ``error`` the square root of the mean squared difference.
    """

    times: tuple[float, ...]
    observations: int
    r_squared: float | None
    error: float


def entangled(terms: Floats, counts: Floats) -> tuple[int, ...]:
    """The terms that cannot be told apart, because one is nearly made of the others, or is nought everywhere; none where all can be.

    Args:
        terms: a row for each kind of observation, a column for each term.
        counts: how many observations are of each kind.
    """
    weighed = terms * np.sqrt(counts)[:, None]
    lengths = np.sqrt((weighed**2).sum(axis=0))
    if not lengths.all():
        return tuple(int(place) for place in np.flatnonzero(lengths == 0))
    _, strengths, directions = np.linalg.svd(weighed / lengths)
    if len(strengths) == terms.shape[1] and strengths[-1] * COLLINEAR > strengths[0]:
        return ()
    return tuple(int(place) for place in np.flatnonzero(np.abs(directions[-1]) >= _ENTANGLED))


def fitted_times(terms: Floats, means: Floats, counts: Floats, squares: float) -> TimeFit:
    """The times of the terms.

    Args:
        terms: a row for each kind of observation, a column for each term.
        means: the mean observed time of each kind.
        counts: how many observations are of each kind.
        squares: the sum of the squares of all observed times about their mean.
    """
    from scipy.optimize import nnls

    roots = np.sqrt(counts)
    times, _ = nnls(terms * roots[:, None], means * roots)
    every = float(counts.sum())
    middle = float(counts @ means) / every
    inside = max(squares - float(counts @ (means - middle) ** 2), 0.0)  # of the observations about the mean of their kind
    missed = inside + float(counts @ (means - terms @ times) ** 2)
    return TimeFit(tuple(times.tolist()), round(every), 1 - missed / squares if squares > 0 else None, float(np.sqrt(missed / every)))
