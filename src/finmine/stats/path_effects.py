"""A whole family of comparisons on one outcome, as an honest analyst would run it.

All exposures are tested, and the p-values adjusted over all of them, shown or not. Beside that the cases are halved: what is
**discovered** in the first half (adjusted there over its whole family) is **confirmed** if the second half, which had no part in
the discovery, shows the same direction with p below 5 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from finmine.stats.discoveries import adjusted
from finmine.stats.estimate import Estimate
from finmine.stats.permuted import Permuted, permuted
from finmine.stats.quantile_shift import quantile_shift
from finmine.stats.rates import rate_difference
from finmine.stats.replicates import Draws
from finmine.stats.sample import Flags, Floats, Ints, Sample
from finmine.stats.shift_interval import shift_interval
from finmine.stats.strata import Stratified, stratified
from finmine.stats.two_groups import Comparison, compare_at, rank_test, rough_shift, shift

Verdict: TypeAlias = Literal["confirmed", "not confirmed", "not discovered", "too few in a half"]

LEVEL = 0.05
LEAST = 5  # cases of a group below which there is no number
SEED = 1
QUANTILES = (0.5, 0.9)
_FEW = 16  # of so many values one, up to which those of a group are gathered and not sought among all
_SAME = 0.9  # of the cases of two exposures together, from which on they are told as one


@dataclass(frozen=True, slots=True)
class Tested:
    """One exposure of the family (by its place in it): in all cases with q, and in either half where both groups have five cases."""

    place: int
    whole: Comparison
    q: float
    first: Comparison | None
    first_q: float | None
    second: Comparison | None

    @property
    def verdict(self) -> Verdict:
        """Whether the second half confirms what the first one discovers."""
        if self.first is None or self.second is None or self.first_q is None:
            return "too few in a half"
        if self.first_q > LEVEL:
            return "not discovered"
        return "confirmed" if self.second.p <= LEVEL and self.second.delta * self.first.delta > 0 else "not confirmed"


@dataclass(frozen=True, slots=True)
class Effect:
    """A tested exposure with its shift, the interval of that, Mann and Whitney's p-value, that from permuting clusters, and the shift in strata.

    ``quantiles`` are the shifts at each of the quantiles ``QUANTILES`` among cases that agree, missing where too few lie beyond.
    ``alike`` are the places of exposures that nearly the same cases have, told as this one.
    """

    tested: Tested
    shift: Estimate
    rank_p: float
    permuted: Permuted
    stratified: Stratified | None = None
    quantiles: tuple[Estimate | None, ...] = ()
    alike: tuple[int, ...] = ()

    @property
    def burden(self) -> float:
        """The shift times the cases that have the exposure."""
        return self.shift.value * self.tested.whole.n_first


@dataclass(frozen=True, slots=True)
class Together:
    """The ``cases`` that have any of several exposures, and their shift against the cases with none of them, times these cases (``burden``).

    With strata it is the shift pooled over them, times the cases that stand in them; missing where it depends on the stratum.
    """

    cases: int
    burden: float | None


@dataclass(frozen=True, slots=True, eq=False)
class OfCodes:
    """Who has an exposure, told by the code of each case, of which many exposures share one array."""

    codes: Ints
    having: Flags

    def __call__(self) -> Flags:
        """A flag for each case."""
        return self.having[self.codes]


@dataclass(frozen=True, slots=True, eq=False)
class _InOrder:
    """A sample, and for the codes of its cases where in its order the cases of each stand, looked up once for all exposures."""

    sample: Sample
    found: dict[int, tuple[Ints, Ints, Ints]] = field(default_factory=dict)

    def places(self, exposure: Callable[[], Flags]) -> Ints:
        """The places of the sample that have an exposure, ascending."""
        if not isinstance(exposure, OfCodes):
            return np.flatnonzero(exposure()[self.sample.order])
        codes, by_code, ends = self._codes(exposure.codes, len(exposure.having))
        chosen = np.flatnonzero(exposure.having)
        begins = ends[chosen]
        sizes = ends[chosen + 1] - begins
        if (count := int(sizes.sum())) * _FEW > len(codes):
            return np.flatnonzero(exposure.having[codes])
        within = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return np.sort(by_code[np.repeat(begins, sizes) + within])

    def _codes(self, codes: Ints, count: int) -> tuple[Ints, Ints, Ints]:
        """The codes in the order of the sample, its places by code, and where in these those of each code begin."""
        if id(codes) not in self.found:
            ordered = codes[self.sample.order]
            ends = np.concatenate(([0], np.cumsum(np.bincount(ordered, minlength=count))))
            self.found[id(codes)] = (ordered, np.argsort(ordered, kind="stable"), ends)
        return self.found[id(codes)]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """The outcome of cases, their clusters (none: independent), which of them are in the second half, and who has each exposure.

    ``strata`` are those of what could confound an effect, and in which it is looked at again. With ``rates`` the outcome is 0 or 1,
    and the shift is the difference of two rates, which Cliff's δ then is.
    """

    values: Floats
    clusters: Ints | None
    second: Flags
    exposures: Sequence[Callable[[], Flags]]
    rates: bool = False
    strata: Ints | None = None

    @property
    def count(self) -> int:
        """The number of clusters."""
        return len(self.values) if self.clusters is None else int(self.clusters.max(initial=-1)) + 1

    def tested(self) -> tuple[Tested, ...]:
        """All comparisons of the family, in its order."""
        whole, *halves = (_InOrder(self._sample(these)) for these in (None, ~self.second, self.second))
        compared, of_halves = [], []
        for exposure in self.exposures:
            compared.append(compare_at(whole.sample, whole.places(exposure)))
            of_halves.append([_compared(half.sample, half.places(exposure)) for half in halves])
        q = adjusted([one.p for one in compared])
        held = {place: first.p for place, (first, _) in enumerate(of_halves) if first is not None}
        first_q = dict(zip(held, adjusted([*held.values()]).tolist(), strict=True))
        return tuple(
            Tested(place, one, float(q[place]), first, first_q.get(place), second)
            for place, (one, (first, second)) in enumerate(zip(compared, of_halves, strict=True))
        )

    def effects(self, tested: Sequence[Tested], most: int) -> tuple[Effect, ...]:
        """The largest burdens among these in all cases, largest first; of exposures that nearly the same cases have, only the one with the largest."""
        if not tested:
            return ()
        whole = self._sample()
        ordered = _InOrder(whole)
        rough = {one.place: abs(self._rough(ordered, one)) * one.whole.n_first for one in tested}
        draws = Draws.of(whole, seed=SEED)
        ranked = sorted(tested, key=lambda one: (-rough[one.place], one.place))
        found = [self._effect(whole, one, draws, alike) for one, alike in self._apart(ranked, most)]
        return tuple(sorted(found, key=lambda effect: (-abs(effect.burden), effect.tested.place)))

    def together(self, effects: Sequence[Effect]) -> tuple[Together, ...]:
        """The cases that have any of the first of these exposures, for the first one, the first two, and so on."""
        whole, found, any_of = self._sample(), list[Together](), np.zeros(len(self.values), dtype=bool)
        for effect in effects:
            any_of = any_of | self.exposures[effect.tested.place]()
            found.append(Together(int(np.count_nonzero(any_of)), self._burden(whole, any_of[whole.order])))
        return tuple(found)

    def _burden(self, whole: Sample, flags: Flags) -> float | None:
        if self.strata is not None:
            inside = stratified(whole, flags, self.strata[whole.order], self.rates)
            return None if inside is None else inside.burden
        return 0.0 if flags.all() else float(_difference(whole, flags, self.rates) * np.count_nonzero(flags))

    def _apart(self, ranked: Sequence[Tested], most: int) -> list[tuple[Tested, tuple[int, ...]]]:
        """The first of these that different cases have, each with the places of all that come after it and nearly its cases have."""
        kept: list[tuple[Tested, Flags, list[int]]] = []
        for one in ranked:
            near = [held for held in kept if _alike_at_most(one, held[0])]
            if len(kept) == most and not near:
                continue
            flags = self.exposures[one.place]()
            same = (alike for _, other, alike in near if np.count_nonzero(flags & other) >= _SAME * np.count_nonzero(flags | other))
            if (alike := next(same, None)) is not None:
                alike.append(one.place)
            elif len(kept) < most:
                kept.append((one, flags, []))
        return [(one, tuple(alike)) for one, _, alike in kept]

    def _rough(self, whole: _InOrder, one: Tested) -> float:
        return one.whole.delta if self.rates else rough_shift(whole.sample, whole.places(self.exposures[one.place]))

    def _effect(self, whole: Sample, one: Tested, draws: Draws, alike: tuple[int, ...]) -> Effect:
        flags = self.exposures[one.place]()[whole.order]
        shift = size(whole, flags, one.whole, None if self.rates else draws)
        inside, quantiles = None, tuple[Estimate | None, ...]()
        if self.strata is not None:
            strata = self.strata[whole.order]
            inside = stratified(whole, flags, strata, self.rates)
            quantiles = () if self.rates else tuple(quantile_shift(whole, flags, strata, tau, draws) for tau in QUANTILES)
        return Effect(one, shift, rank_test(whole, flags), permuted(whole, flags, seed=SEED), inside, quantiles, alike)

    def _sample(self, these: Flags | None = None) -> Sample:
        """The sample of the flagged cases (of all), its order being that of all cases."""
        places = np.arange(len(self.values)) if these is None else np.flatnonzero(these)
        clusters = None if self.clusters is None else np.unique(self.clusters[places], return_inverse=True)[1].astype(np.int64)
        return Sample.of(self.values[places], clusters, places)


def size(sample: Sample, first: Flags, compared: Comparison, draws: Draws | None) -> Estimate:
    """The shift of the flagged values against the others, with its interval from draws; without them values are 0 or 1, and it is the difference of rates."""
    if draws is not None:
        return shift_interval(sample, first, draws)
    if not sample.single:
        return compared.interval()
    sums = [int(sample.values[group].sum()) for group in (first, ~first)]
    return rate_difference(sums[0], compared.n_first, sums[1], compared.n_second)


def _difference(sample: Sample, first: Flags, rates: bool) -> float:
    return float(sample.values[first].mean() - sample.values[~first].mean()) if rates else shift(sample, first)


def _alike_at_most(one: Tested, other: Tested) -> bool:
    """Whether two exposures are of so nearly as many cases that they can share most of them."""
    fewer, more = sorted((one.whole.n_first, other.whole.n_first))
    return fewer >= _SAME * more


def _compared(half: Sample, places: Ints) -> Comparison | None:
    return compare_at(half, places) if min(len(places), len(half.values) - len(places)) >= LEAST else None


def halves_by_cluster(clusters: Ints) -> Flags:
    """A second half of whole clusters, drawn at random until half of the cases are in it."""
    sizes = np.bincount(clusters)
    drawn = np.random.default_rng(SEED).permutation(len(sizes))
    chosen = np.zeros(len(sizes), dtype=bool)
    chosen[drawn[np.cumsum(sizes[drawn]) - sizes[drawn] / 2 <= len(clusters) / 2]] = True
    flags: Flags = chosen[clusters]
    return flags


def halves_by_time(times: Ints) -> Flags:
    """A second half of the cases that began after the middle one."""
    flags: Flags = times > np.sort(times)[(len(times) - 1) // 2] if len(times) else np.zeros(0, dtype=bool)
    return flags
