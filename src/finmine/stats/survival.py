"""Times until an end that some have not reached yet: they are censored, not short.

``times`` are the times at which each unit was last seen, and ``ended`` says whether its end was seen there; on a clock that did not
start at nought for all of them ``entered`` are the times from which on each was seen. Where units are of unlike size, such as
documents over money, and time may go with size, ``weights`` count each by its size: the curve then tells the share of the *money*
that goes on, which is not that of the documents if the large ones take longer. The **survivor
curve** is that of E. L. Kaplan and P. Meier (1958) with the log–log interval of Greenwood's error; the **restricted mean** is the
area below it up to a horizon; the log-rank test is that of N. Mantel (1966); the **cumulative incidence** of competing ends that of O. O. Aalen and S. Johansen (1978).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finmine.stats.estimate import Estimate
from finmine.stats.rates import Z
from finmine.stats.sample import Flags, Floats, Ints

_JUST = 1e-9  # what rounding may leave above one half
_LEAST_AT_RISK = 10  # with which a curve begins where units are seen from later times on


@dataclass(frozen=True, slots=True)
class Survival:
    """A survivor curve: at each time at which an end was seen the share that goes on beyond it, with its interval, and its part of Greenwood's sum.

    ``longest`` is the last time at which any of the ``n`` units was seen.
    """

    times: Floats
    survival: Floats
    low: Floats
    high: Floats
    parts: Floats
    n: int
    longest: float

    def quantile(self, share: float) -> float | None:
        """The first time by which this share has ended; missing where the curve does not come so far."""
        return _first(self.times, self.survival <= 1 - share + _JUST)

    def median(self) -> Estimate | None:
        """The median with the interval in which the limits of the curve pass one half; missing where it is not reached."""
        middle = self.quantile(0.5)
        if middle is None:
            return None
        low, high = _first(self.times, self.low <= 0.5 + _JUST), _first(self.times, self.high <= 0.5 + _JUST)
        return Estimate(middle, low, high, self.n, "Kaplan–Meier median, log–log interval")

    def at(self, times: Floats) -> tuple[Floats, Floats, Floats]:
        """The shares that go on beyond these times, with their intervals."""
        places = np.searchsorted(self.times, times, "right")
        found = [np.concatenate(([1.0], of))[places] for of in (self.survival, self.low, self.high)]
        return found[0], found[1], found[2]

    def beyond(self, ages: Floats, until: float) -> tuple[Floats, Floats]:
        """For units that have lasted so long the chance to last beyond a time, and the standard error of that (Greenwood's).

        Not a number where nobody can say: some went on when they were last seen, and nobody was seen until that time.
        """
        survival = np.concatenate(([1.0], self.survival))
        greenwood = np.concatenate(([0.0], np.cumsum(self.parts)))
        begin, end = np.searchsorted(self.times, ages, "right"), int(np.searchsorted(self.times, until, "right"))
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = (survival[begin] > 0) & ((until <= self.longest) | (survival[-1] == 0))
            chance = np.where(ages >= until, 1.0, np.where(seen, survival[end] / survival[begin], np.nan))
        error = chance * np.sqrt(np.maximum(greenwood[end] - greenwood[begin], 0.0))
        return chance, np.where(ages >= until, 0.0, error)

    def restricted_mean(self, horizon: float) -> Estimate:
        """The mean time up to a horizon: the area below the curve, with Greenwood's error."""
        inside = self.times < horizon
        edges = np.concatenate(([0.0], self.times[inside], [horizon]))
        levels = np.concatenate(([1.0], self.survival[inside]))
        areas = np.diff(edges) * levels
        mean = float(areas.sum())
        left = mean - np.cumsum(areas)[:-1]
        error = Z * float(np.sqrt(np.sum(left**2 * self.parts[inside])))
        return Estimate(mean, mean - error, min(mean + error, horizon), self.n, "restricted mean of the Kaplan–Meier curve")


def survivor_curve(times: Floats, ended: Flags, entered: Floats | None = None, weights: Floats | None = None) -> Survival:
    """The Kaplan–Meier curve; with ``entered`` it is of those that go on when first so many are at risk that the curve is not one of a few.

    With ``weights``, all above nought, each unit counts as much as its weight, and the error is that of the units, not of the weights.
    """
    at, ends, risk = _table(times, ended)
    since = None if entered is None else np.sort(entered)
    risk = risk if since is None else (risk - (len(since) - np.searchsorted(since, at, "left"))).astype(np.int64)
    begins = 0 if since is None else int(np.argmax(risk >= _LEAST_AT_RISK)) if (risk >= _LEAST_AT_RISK).any() else len(at)
    at, ends, risk = at[begins:], ends[begins:], risk[begins:]
    heavy = np.ones(len(times)) if weights is None else weights
    there = _above(times, heavy, at) - (0.0 if entered is None else _above(entered, heavy, at))
    gone, squares = (_between(times[ended], of[ended], at) for of in (heavy, heavy**2))
    last = ends == risk
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        survival = np.cumprod(np.where(last, 0.0, 1 - gone / there))
        parts: Floats = np.where(last, 0.0, squares / (there * (there - gone)))
        spread = Z * np.sqrt(np.cumsum(parts)) / np.log(survival)
        low, high = survival ** np.exp(-spread), survival ** np.exp(spread)
    known = (survival > 0) & (survival < 1)
    below: Floats = np.where(known, low, survival)
    above: Floats = np.where(known, high, survival)
    longest = float(times.max(initial=-np.inf)) if len(at) else -np.inf
    return Survival(at, survival.astype(float), below, above, parts, len(times), longest)


def log_rank(times: Floats, ended: Flags, groups: Ints) -> tuple[float, float]:
    """The log-rank χ² of two or more groups (numbered from 0) and its p-value."""
    from scipy.stats import chi2

    count = int(groups.max()) + 1
    at, ends, risk = _table(times, ended)
    observed, at_risk = np.zeros((count, len(at))), np.zeros((count, len(at)))
    for group in range(count):
        mine = groups == group
        observed[group] = _ends_at(times[mine], ended[mine], at)
        at_risk[group] = _risk_at(times[mine], at)
    share = at_risk / risk
    difference = (observed - share * ends).sum(axis=1)[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(risk > 1, ends * (risk - ends) / (risk - 1), 0.0)
    variance = np.diag((share * scale).sum(axis=1)) - (share * scale) @ share.T
    statistic = float(difference @ np.linalg.pinv(variance[:-1, :-1]) @ difference)
    return statistic, float(chi2.sf(statistic, count - 1))


def cumulative_incidence(times: Floats, ends: Ints) -> tuple[Floats, Floats]:
    """For competing ends (numbered from 1; 0 has not ended) the share that came to each by each time.

    Gives the times at which any end was seen, and one row for each end. Together with those who go on they add up to one.
    """
    at, any_end, risk = _table(times, ends > 0)
    before = np.concatenate(([1.0], np.cumprod(1 - any_end / risk)[:-1]))
    count = int(ends.max(initial=0))
    found = np.array([_ends_at(times, ends == end, at) / risk * before for end in range(1, count + 1)]).reshape(count, len(at))
    return at, np.cumsum(found, axis=1)


def _above(times: Floats, weights: Floats, at: Floats) -> Floats:
    """The weights of those whose time is each of these or later."""
    order = np.argsort(times, kind="stable")[::-1]
    summed = np.concatenate(([0.0], np.cumsum(weights[order])))
    found: Floats = summed[len(times) - np.searchsorted(times[order][::-1], at, "left")]
    return found


def _between(times: Floats, weights: Floats, at: Floats) -> Floats:
    """The weights of those whose time is each of these."""
    places = np.searchsorted(at, times)
    kept = places < len(at)
    kept[kept] = at[places[kept]] == times[kept]
    return np.asarray(np.bincount(places[kept], weights[kept], len(at)), dtype=np.float64)


def _table(times: Floats, ended: Flags) -> tuple[Floats, Ints, Ints]:
    """The distinct times at which an end was seen, how many ended then, and how many were at risk just before."""
    at = np.unique(times[ended])
    return at, _ends_at(times, ended, at), _risk_at(times, at)


def _ends_at(times: Floats, ended: Flags, at: Floats) -> Ints:
    found = np.sort(times[ended])
    return (np.searchsorted(found, at, "right") - np.searchsorted(found, at, "left")).astype(np.int64)


def _risk_at(times: Floats, at: Floats) -> Ints:
    """The units that had not ended, and were still seen, just before each time."""
    found: Ints = (len(times) - np.searchsorted(np.sort(times), at, "left")).astype(np.int64)
    return found


def _first(times: Floats, reached: Flags) -> float | None:
    places = np.flatnonzero(reached)
    return float(times[places[0]]) if len(places) else None
