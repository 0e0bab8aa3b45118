"""Times until an end that some have not reached: curves, tests and competing ends against scipy, published tables and brute force."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from finmine.stats.lateness import forecast, late_money
from finmine.stats.sample import Flags, Floats, Ints
from finmine.stats.survival import cumulative_incidence, log_rank, survivor_curve
from finmine.stats.weibull import NotFitted, fit

SEEN = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=4, max_size=40)


def arrays(seen: list[tuple[int, bool]]) -> tuple[Floats, Flags]:
    """Times and whether the end was seen."""
    return np.array([time for time, _ in seen], dtype=float), np.array([end for _, end in seen])


def simulated() -> tuple[Floats, Flags, Ints]:
    """Four thousand Weibull times of two groups, the second 1.49 times as long, seen for a while only."""
    rng = np.random.default_rng(1)
    group = rng.integers(0, 2, 4000)
    times = 10 * np.exp(0.4 * group) * (-np.log(1 - rng.random(4000))) ** (1 / 1.5)
    seen = rng.uniform(5, 25, 4000)
    return np.minimum(times, seen), times <= seen, group


@settings(max_examples=40)
@given(SEEN)
def test_the_curve_is_that_of_scipy(seen: list[tuple[int, bool]]) -> None:
    """Survival and log–log limits at each time of an end are those that scipy gives."""
    times, ended = arrays(seen)
    if not ended.any():
        return
    found = survivor_curve(times, ended)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = stats.ecdf(stats.CensoredData(times[ended], right=times[~ended])).sf
    survival, low, high = found.at(np.arange(13.0))
    assert survival == pytest.approx(expected.evaluate(np.arange(13.0)), abs=1e-12)
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # scipy warns where it has no limits
        limits = expected.confidence_interval(method="log-log")
    inside = (survival > 0) & (survival < 1)
    assert low[inside] == pytest.approx(limits.low.evaluate(np.arange(13.0))[inside], abs=1e-9)
    assert high[inside] == pytest.approx(limits.high.evaluate(np.arange(13.0))[inside], abs=1e-9)


def test_without_open_cases_the_curve_is_the_share_that_takes_longer() -> None:
    """The mean up to the longest is the mean, and the median the value in the middle (of two the first)."""
    times = np.array([1.0, 2, 2, 5, 9, 11])
    found = survivor_curve(times, np.ones(6, dtype=bool))
    assert found.survival.tolist() == pytest.approx([5 / 6, 3 / 6, 2 / 6, 1 / 6, 0])
    assert found.restricted_mean(11).value == pytest.approx(times.mean())
    median = found.median()
    assert median is not None
    assert median.value == 2


@pytest.mark.parametrize("n", range(2, 100, 2))
def test_the_median_of_an_even_number_is_reached_at_the_half(n: int) -> None:
    """With one open case among them rounding does not push the median to the next end."""
    ended = np.arange(n) != n - 1
    median = survivor_curve(np.arange(1.0, n + 1), ended).median()
    assert median is not None
    assert median.value == n / 2


def test_the_times_of_freireich_are_as_published() -> None:
    """The remission times of 42 patients (Freireich 1963): median 23 and 8 weeks, log-rank χ² 16.79, hazard told as time ratio 3.55."""
    drug = [6, 6, 6, 7, 10, 13, 16, 22, 23, *[6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]]
    control = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    times = np.array([*drug, *control], dtype=float)
    ended = np.array([*[True] * 9, *[False] * 12, *[True] * 21])
    group = np.repeat([0, 1], 21)
    medians = [survivor_curve(times[group == one], ended[group == one]).median() for one in (0, 1)]
    assert [median.value for median in medians if median] == [23, 8]
    chi, p = log_rank(times, ended, group)
    assert chi == pytest.approx(16.79, abs=0.005)
    assert p == pytest.approx(4.17e-5, rel=0.01)
    drugged = fit(times, ended, (group == 0)[:, None].astype(float))
    assert drugged.ratios[0].value == pytest.approx(np.exp(1.267), rel=1e-3)  # Weibull regression of these times in Lawless and in SAS
    assert drugged.shape == pytest.approx(1.366, abs=0.002)


def test_the_simulated_cases_have_their_truths() -> None:
    """Of 2,742 ends the medians are near 7.83 and 11.68, the time ratio e^0.4, and the finished cases alone are far too short."""
    times, ended, group = simulated()
    assert ended.sum() == 2742
    medians = [survivor_curve(times[group == one], ended[group == one]).median() for one in (0, 1)]
    assert [median.value for median in medians if median] == pytest.approx([8.10, 11.56], abs=0.01)
    chi, _ = log_rank(times, ended, group)
    assert np.sqrt(chi) == pytest.approx(15.21, abs=0.01)
    expected = stats.logrank(*(stats.CensoredData(times[ended & mine], right=times[~ended & mine]) for mine in (group == 0, group == 1)))
    assert chi == pytest.approx(expected.statistic**2)
    fitted = fit(times, ended, group[:, None].astype(float))
    ratio = fitted.ratios[0]
    assert ratio.low is not None
    assert ratio.high is not None
    assert [np.log(ratio.value), ratio.value, ratio.low, ratio.high, fitted.shape] == pytest.approx([0.388, 1.475, 1.402, 1.551, 1.499], abs=0.001)
    assert times[ended & (group == 0)].mean() == pytest.approx(7.13, abs=0.01)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 3)), min_size=3, max_size=30))
def test_competing_ends_and_those_that_go_on_are_all(seen: list[tuple[int, int]]) -> None:
    """At each time the shares that came to each end and the share that goes on add up to one; without open cases they are counts."""
    times, ends = (np.array(part) for part in zip(*seen, strict=True))
    at, incidence = cumulative_incidence(times.astype(float), ends)
    going, _, _ = survivor_curve(times.astype(float), ends > 0).at(at)
    assert incidence.sum(axis=0) + going == pytest.approx(np.ones(len(at)))
    if (ends > 0).all():
        counted = [[np.mean((times <= moment) & (ends == end)) for moment in at.tolist()] for end in range(1, int(ends.max()) + 1)]
        assert incidence == pytest.approx(np.array(counted))


def test_nothing_that_has_ended_fits_no_model() -> None:
    """Without an end there is no maximum of the likelihood."""
    with pytest.raises(NotFitted):
        fit(np.array([1.0, 2.0]), np.array([False, False]), np.zeros((2, 0)))


@pytest.mark.parametrize("second", [5.0, 10.0])
def test_times_that_do_not_vary_fit_no_model(second: float) -> None:
    """Where all of a group take equally long the likelihood has no maximum; nothing is told, and nothing warns."""
    flags = np.arange(120) < 60
    with pytest.raises(NotFitted):
        fit(np.where(flags, second, 10.0) * 3.6e9, np.ones(120, dtype=bool), flags[:, None].astype(float))


def test_limits_and_variances_of_a_curve_that_reaches_nothing_warn_of_nothing() -> None:
    """A curve that falls to 0 has limits at 0 and a mean with a finite interval."""
    found = survivor_curve(np.array([1.0, 2, 3, 3]), np.array([True, True, True, True]))
    assert (found.survival[-1], found.low[-1], found.high[-1]) == (0, 0, 0)
    mean = found.restricted_mean(3)
    assert mean.low is not None
    assert mean.low > 0


def test_a_forecast_is_the_chance_to_last_longer() -> None:
    """Of ten units half end at 1 and half at 2: one of age 0 lasts beyond 1 with chance ½, one of age 1 surely does; one past the limit is late."""
    curve = survivor_curve(np.repeat([1.0, 2.0], 5), np.ones(10, dtype=bool))
    ages = np.array([0.0, 1.0, 1.5])
    found, owed = forecast(curve, ages, 1.5), late_money(curve, ages, np.array([100.0, 10.0, np.nan]), 1.5)
    assert (found.running, found.already, found.unknown) == (3, 1, 0)
    assert (owed.owed, owed.already, owed.unknown, owed.missing) == (110, 0, 0, 1)
    assert (found.late.value, owed.late.value) == (2.5, 60)
    assert found.late.low is not None
    assert found.late.low >= 1
    assert found.late.high == 3


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 8), st.booleans(), st.integers(1, 4)), min_size=3, max_size=25))
def test_a_unit_of_a_weight_counts_as_so_many(seen: list[tuple[int, bool, int]]) -> None:
    """The curve of weighed units is that of each said so many times; of equal weights the errors, too, are those of the plain curve."""
    times, ended, weights = (np.array(part) for part in zip(*seen, strict=True))
    weighed = survivor_curve(times.astype(float), ended, weights=weights.astype(float))
    several = survivor_curve(np.repeat(times, weights).astype(float), np.repeat(ended, weights))
    assert weighed.times.tolist() == several.times.tolist()
    assert weighed.survival == pytest.approx(several.survival, abs=1e-12)
    plain, alike = survivor_curve(times.astype(float), ended), survivor_curve(times.astype(float), ended, weights=np.full(len(times), 7.0))
    assert alike.low == pytest.approx(plain.low, abs=1e-12)
    assert alike.parts == pytest.approx(plain.parts)


def test_an_end_of_all_leaves_nothing_whatever_the_weights() -> None:
    """Where the last unit at risk ends, the curve is at nought and not next to it by rounding, so that the chances beyond are known."""
    rng = np.random.default_rng(3)
    curve = survivor_curve(np.arange(1.0, 101), np.ones(100, dtype=bool), weights=rng.lognormal(6, 2, 100))
    assert curve.survival[-1] == 0
    assert curve.beyond(np.array([3.0]), 500.0)[0].tolist() == [0]


def test_forecasts_hold_the_truth() -> None:
    """Of thirty simulated logs, the number of running cases that come to last beyond a limit lies in the interval of at least 27."""
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(30):
        times, seen = rng.weibull(1.5, 400) * 10, rng.uniform(0, 15, 400)
        ended = times <= seen
        found = forecast(survivor_curve(np.minimum(times, seen), ended), seen[~ended], 12)
        assert found.late.low is not None
        assert found.late.high is not None
        held += int(found.late.low <= np.count_nonzero(times[~ended] > 12) <= found.late.high)
    assert held >= 27


@pytest.mark.parametrize("longer", [0.0, 0.3])
def test_forecasts_of_money_hold_the_truth_where_large_documents_take_longer(longer: float) -> None:
    """Of sixty simulated logs with skewed amounts, the money that comes to be late is in at least 54 intervals, and expected without bias.

    By the curve of all, in which each document counts alike, it would lie a sixth too low where ten times the amount takes twice as long.
    """
    rng = np.random.default_rng(5)
    held, expected, truth, by_all = 0, 0.0, 0.0, 0.0
    for _ in range(60):
        money = rng.lognormal(6, 1, 400)
        lasts, seen = rng.weibull(1.5, 400) * 10 * (money / np.exp(6)) ** longer, rng.uniform(0, 60, 400)
        ended, times = lasts <= seen, np.minimum(lasts, seen)
        found = late_money(survivor_curve(times, ended, weights=money), seen[~ended], money[~ended], 15)
        late = float(money[~ended & (lasts > 15)].sum())
        assert found.late.low is not None
        assert found.late.high is not None
        held += int(found.late.low <= late <= found.late.high)
        expected, truth = expected + found.late.value, truth + late
        by_all += late_money(survivor_curve(times, ended), seen[~ended], money[~ended], 15).late.value
    assert held >= 54
    assert expected / truth == pytest.approx(1, abs=0.05)
    assert (by_all / truth < 0.9) == (longer > 0)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 3)), min_size=12, max_size=40))
def test_the_log_rank_test_of_several_groups_is_that_of_plain_counting(seen: list[tuple[int, bool, int]]) -> None:
    """Observed and expected ends at each time, with the hypergeometric variances of Mantel, give the same χ² as plain loops."""
    times, ended, named = (np.array(part) for part in zip(*seen, strict=True))
    groups = np.unique(named, return_inverse=True)[1]
    count = int(groups.max()) + 1
    if count < 2 or not ended.any():
        return
    away, variance = np.zeros(count), np.zeros((count, count))
    for moment in sorted(set(times[ended].tolist())):
        there = np.array([np.count_nonzero((times >= moment) & (groups == group)) for group in range(count)])
        gone = np.array([np.count_nonzero((times == moment) & ended & (groups == group)) for group in range(count)])
        whole, all_gone = int(there.sum()), int(gone.sum())
        away += gone - all_gone * there / whole
        if whole > 1:
            shares = there / whole
            variance += all_gone * (whole - all_gone) / (whole - 1) * (np.diag(shares) - np.outer(shares, shares))
    expected = float(away[:-1] @ np.linalg.pinv(variance[:-1, :-1]) @ away[:-1])
    assert log_rank(times.astype(float), ended, groups)[0] == pytest.approx(expected, abs=1e-9)


@settings(max_examples=25)
@given(SEEN)
def test_the_restricted_mean_is_the_area_and_has_its_error(seen: list[tuple[int, bool]]) -> None:
    """The mean up to a time is the sum of the curve over unit steps, and its variance adds the squared area beyond each end times d/(n(n − d))."""
    times, ended = arrays(seen)
    if not ended.any():
        return
    curve = survivor_curve(times, ended)
    levels = curve.at(np.arange(13.0))[0]
    found = curve.restricted_mean(13.0)
    assert found.value == pytest.approx(levels.sum())
    variance = 0.0
    for moment in sorted(set(times[ended].tolist())):
        n, d = int(np.count_nonzero(times >= moment)), int(np.count_nonzero((times == moment) & ended))
        variance += 0.0 if n == d else float(levels[int(moment) :].sum()) ** 2 * d / (n * (n - d))
    assert found.low == pytest.approx(found.value - 1.959964 * np.sqrt(variance), abs=1e-5)
