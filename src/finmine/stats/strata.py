"""An effect within strata: groups are compared only among cases that agree in what could confound them, and then put together.

First it is asked whether the strata agree (W. G. Cochran 1954, J. P. T. Higgins and S. G. Thompson 2002). Where the effect goes one
way in a stratum and the other way in another, each beyond its interval, there is no one number: it **depends**. Else the
shifts of the strata are pooled by the inverse of their variances, and tested by P. van Elteren's rank test (1960). That the
pooled effect has the opposite sign of the raw one, both beyond their intervals, is E. H. Simpson's paradox (1951), and only that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finmine.stats.estimate import Estimate
from finmine.stats.rates import Z
from finmine.stats.sample import Flags, Ints, Sample
from finmine.stats.two_groups import compare, shift_limits

LEAST = 5  # cases of a group in a stratum below which it is not compared there


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum (by its code) with the cases of the first group in it, and the effect there with its interval."""

    code: int
    cases: int
    effect: Estimate


@dataclass(frozen=True, slots=True)
class Stratified:
    """The effect in strata, and pooled over them.

    ``cases`` of the first group stand in strata in which both groups have enough; ``i_squared`` is the share of the variation
    between strata that is more than chance, ``p_different`` how often chance alone would part them so far, and ``p`` is van
    Elteren's. ``pooled`` is missing where the effect depends on the stratum.
    """

    strata: tuple[Stratum, ...]
    cases: int
    pooled: Estimate | None
    i_squared: float
    p_different: float
    p: float

    @property
    def burden(self) -> float | None:
        """The pooled effect times the cases in the strata; missing where it depends on the stratum."""
        return None if self.pooled is None else self.pooled.value * self.cases

    def opposes(self, raw: Estimate) -> bool:
        """Whether the pooled effect goes the other way than the raw one, each beyond its interval."""
        return self.pooled is not None and self.pooled.beyond_zero * raw.beyond_zero == -1


def stratified(sample: Sample, first: Flags, strata: Ints, rates: bool = False) -> Stratified | None:
    """The effect of the flagged values in strata and pooled; nothing where no stratum has enough of both groups.

    With ``rates`` the values are 0 or 1, and the effect is the difference of the two rates.
    """
    found, ranked = [], []
    for code in range(int(strata.max(initial=-1)) + 1):
        here = np.flatnonzero(strata == code)
        flags = first[here]
        if min(np.count_nonzero(flags), np.count_nonzero(~flags)) < LEAST:
            continue
        clusters = None if sample.single else np.unique(sample.clusters[here], return_inverse=True)[1].astype(np.int64)
        inside = Sample.of(sample.values[here], clusters)  # the values stand in order, and stay so
        effect = compare(inside, flags).interval() if rates else shift_limits(inside, flags)
        found.append(Stratum(code, int(np.count_nonzero(flags)), effect))
        ranked.append(_rank_sum(inside, flags))
    if not found:
        return None
    signs = {stratum.effect.beyond_zero for stratum in found}
    pooled, q = _pooled(found)
    freedom = len(found) - 1
    return Stratified(
        tuple(found),
        sum(stratum.cases for stratum in found),
        None if {-1, 1} <= signs else pooled,
        max(0.0, 1 - freedom / q) if q > 0 else 0.0,
        _tail(q, freedom),
        _van_elteren(ranked),
    )


def _pooled(found: list[Stratum]) -> tuple[Estimate, float]:
    """The mean of the effects weighted by the inverse of their variances, and Cochran's Q."""
    values = np.array([stratum.effect.value for stratum in found])
    errors = np.array([(stratum.effect.high - stratum.effect.low) / (2 * Z) for stratum in found])  # type: ignore[operator]
    known = errors[errors > 0]
    weights = 1 / np.where(errors > 0, errors, known.min() if len(known) else 1.0) ** 2
    mean = float(weights @ values / weights.sum())
    error = Z / float(np.sqrt(weights.sum())) if len(known) else 0.0
    n = sum(stratum.effect.n for stratum in found)
    return Estimate(mean, mean - error, mean + error, n, "pooled over strata by inverse variance"), float(weights @ (values - mean) ** 2)


def _tail(q: float, freedom: int) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(q, freedom)) if freedom else 1.0


def _rank_sum(inside: Sample, flags: Flags) -> tuple[float, float]:
    """The sum of the group's ranks in a stratum less what chance expects, and its variance; both weighted as van Elteren does."""
    n, ours = len(flags), int(np.count_nonzero(flags))
    away = inside.ranks - (n + 1) / 2
    return float(away[flags].sum()) / (n + 1), ours * (n - ours) / (n * (n - 1)) * float(away @ away) / (n + 1) ** 2


def _van_elteren(ranked: list[tuple[float, float]]) -> float:
    from scipy.stats import norm

    deviation, variance = (sum(part) for part in zip(*ranked, strict=True))
    return float(2 * norm.sf(abs(deviation) / np.sqrt(variance))) if variance > 0 else 1.0
