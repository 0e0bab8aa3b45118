"""How long cases take, open ones counted: the median, the mean up to a time, and how many times as long each group takes as the largest."""

from __future__ import annotations

from typing import Any

import numpy as np

from finmine.stats.sample import Flags, Floats, Ints
from finmine.stats.survival import Survival
from finmine.stats.weibull import NotFitted, fit

RATIOS = ("time_ratio", "time_ratio_low", "time_ratio_high")
LEAST_ENDS = 5
"""The ends of a group below which it has no time ratio."""


def measures(times: Floats, ended: Flags, curve: Survival, horizon: float) -> dict[str, Any]:
    """The times of a group in whole microseconds, those of its finished cases alone beside them."""
    done = times[ended]
    median, mean = curve.median(), curve.restricted_mean(horizon) if len(done) else None
    told = {
        "finished_median": float(np.median(done)) if len(done) else None,
        "finished_mean": float(np.minimum(done, horizon).mean()) if len(done) else None,
        "open_median": median.value if median else None,
        "open_median_low": median.low if median else None,
        "open_median_high": median.high if median else None,
        "restricted_mean": mean.value if mean else None,
        "restricted_low": mean.low if mean else None,
        "restricted_high": mean.high if mean else None,
    }
    whole = {name: None if time is None else round(time) for name, time in told.items()}
    added = None if whole["finished_mean"] is None else (whole["restricted_mean"] or 0) - whole["finished_mean"]
    return {"cases": len(times), "finished": len(done), "running": len(times) - len(done), **whole, "mean_added": added}


def time_ratios(times: Floats, ended: Flags, codes: Ints, many: int) -> dict[int, dict[str, Any]]:
    """How many times as long each group takes as the largest, by a Weibull model; of groups with enough ends."""
    told = [code for code in range(many) if np.count_nonzero(ended & (codes == code)) >= LEAST_ENDS]
    these = np.isin(codes, told) & (times > 0)
    if len(told) < 2:
        return {}
    flags = np.column_stack([codes[these] == code for code in told[1:]]).astype(float)
    try:
        fitted = fit(times[these], ended[these], flags)
    except NotFitted:
        return {}
    found = {code: dict(zip(RATIOS, (one.value, one.low, one.high), strict=True)) for code, one in zip(told[1:], fitted.ratios, strict=True)}
    return {told[0]: {"time_ratio": 1.0, "time_ratio_low": None, "time_ratio_high": None}, **found}


def longest(curve: Survival, times: Floats) -> float:
    """The time by which 99 of 100 cases have ended, so that no wrong date stretches all; where the curve does not come so far the longest that was seen."""
    reached = curve.quantile(0.99)
    return float(times.max()) if reached is None else reached
