"""Effects as rows of an answer: their sizes in the unit of what is compared, how sure they are, and what strata make of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from finmine.compared_cases import Compared
from finmine.outcome_sizes import AT_QUANTILES, SIZES, in_unit
from finmine.stats.path_effects import LEVEL, Effect
from finmine.stats.strata import Stratified
from finmine.stats.two_groups import size_of

TURNS = "the sign turns"
NONE_WITHIN = "none within strata"
UNSTRATIFIED = "no stratum has enough of both"


def measures(effect: Effect, whole: float, compared: Compared) -> dict[str, Any]:
    """The numbers of an effect; times are rounded to whole microseconds, money to minor units, ``weight`` is the share of all time that the burden is.

    Among cases that agree it is that of the adjusted burden, where one is known.
    """
    one, sizes = effect.tested, (effect.shift.value, effect.shift.low, effect.shift.high, effect.burden)
    told = [in_unit(size, compared) for size in sizes]
    halves = {
        f"{measure}_{half}": None if found is None else getattr(found, measure)
        for half, found in (("first", one.first), ("second", one.second))
        for measure in ("delta", "p")
    }
    burden = effect.burden if effect.stratified is None or effect.stratified.burden is None else effect.stratified.burden
    return {
        **dict(zip(SIZES[:4], told, strict=True)),
        **halves,
        "cases": one.whole.n_first,
        "others": one.whole.n_second,
        "weight": abs(burden) / whole if whole else 0.0,
        "delta": one.whole.delta,
        "delta_size": size_of(one.whole.delta),
        "q": one.q,
        "p_ranks": effect.rank_p,
        "p_robust": one.whole.p,
        "p_permuted": effect.permuted.p,
        "permuted": effect.permuted.way,
        "q_first": one.first_q,
        "second_half": one.verdict,
    }


def adjusted(effect: Effect, names: Sequence[str], compared: Compared) -> dict[str, Any]:
    """The numbers of an effect among cases that agree in what could confound it."""
    found = effect.stratified
    if found is None:
        return dict.fromkeys((*SIZES[4:], "i_squared", "p_strata")) | {"adjusted_cases": 0, "strata": 0, "finding": UNSTRATIFIED, "depends": None}
    pooled = found.pooled
    sizes = (None, None, None, None) if pooled is None else (pooled.value, pooled.low, pooled.high, found.burden)
    told = [in_unit(size, compared) for size in sizes]
    return {
        **dict(zip(SIZES[4:], told, strict=True)),
        "adjusted_cases": found.cases,
        "strata": len(found.strata),
        "i_squared": found.i_squared,
        "p_strata": found.p,
        "finding": _finding(effect, found, names),
        "depends": _ways(found, names) if pooled is None else None,
    }


def at_quantiles(effect: Effect, compared: Compared) -> dict[str, Any]:
    """The shifts of the median and the 90th percentile among cases that agree, and how many cases of both sides stand behind them."""
    sizes = [size for one in effect.quantiles for size in ((None, None, None) if one is None else (one.value, one.low, one.high))]
    told = [in_unit(size, compared) for size in sizes]
    return dict(zip(AT_QUANTILES, told, strict=False)) | {"quantile_cases": max((one.n for one in effect.quantiles if one is not None), default=0)}


def _ways(found: Stratified, names: Sequence[str]) -> tuple[str, str]:
    """The strata in which the effect goes with more, and those in which it goes with less."""
    ways = {way: [names[one.code] for one in found.strata if one.effect.beyond_zero == way] for way in (1, -1)}
    more, less = (", ".join(ways[way][:3]) + (" …" if len(ways[way]) > 3 else "") for way in (1, -1))
    return more, less


def _finding(effect: Effect, found: Stratified, names: Sequence[str]) -> str:
    """What strata make of an effect, in words."""
    if found.pooled is None:
        more, less = _ways(found, names)
        return f"depends: more in {more}; less in {less}"
    if found.opposes(effect.shift):
        return TURNS
    if not found.pooled.beyond_zero:
        return NONE_WITHIN
    if found.pooled.value * effect.shift.value < 0:
        return "other way, in all cases not beyond chance"
    differs = found.p_different <= LEVEL and len(found.strata) > 1
    return "same way, of different size" if differs else "same way"
