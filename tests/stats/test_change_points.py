"""Change points: their day, how sure it is, and what is none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from finmine.stats.change_points import Days, change_points

ROOT = Path(__file__).parents[2]
MONDAY = 19_723  # 1 January 2024


def days(means: np.ndarray, cases: int = 10, noise: float = 0.0, places: np.ndarray | None = None, seed: int = 1) -> Days:
    """As many cases on each day, and features (columns) with these means on each day (rows), with noise on their sums."""
    rng = np.random.default_rng(seed)
    day = MONDAY + np.arange(len(means))
    sums = cases * means + noise * rng.normal(size=means.shape)
    return Days(day, (day + 3) // 7, np.zeros(len(day), dtype=np.int64) if places is None else places, np.full(len(day), float(cases)), sums)


def jump(at: int, of: float = 1.0, weeks: int = 20) -> np.ndarray:
    """One feature that is nought before a day and so much from it on."""
    return np.where(np.arange(7 * weeks) >= at, of, 0.0)[:, None]


@pytest.mark.parametrize("at", [23, 70, 87, 118])
def test_a_jump_is_found_on_its_day(at: int) -> None:
    """Without noise the change is on the day of the jump, on any weekday, and its interval holds it."""
    (found,) = change_points(days(jump(at), noise=0.01), seed=1, draws=199)
    assert (found.day, found.place, found.since, found.until) == (MONDAY + at, at, 0, 140)
    assert found.low <= MONDAY + at <= found.high
    assert found.p == 1 / 200


def test_two_jumps_are_two_changes() -> None:
    """Each has its own day, and its neighbours bound what is before and after it."""
    found = change_points(days(jump(70, weeks=40) - 2 * jump(182, weeks=40), noise=0.01), seed=1, draws=199)
    assert [(one.day - MONDAY, one.since, one.until) for one in found] == [(70, 0, 182), (182, 70, 280)]


def test_noise_is_rarely_a_change() -> None:
    """Of sixty series of ten features without a change at most six have one."""
    null = [len(change_points(days(np.zeros((140, 10)), noise=1.0, seed=seed), seed=seed, draws=99)) > 0 for seed in range(60)]
    assert sum(null) <= 6


def test_a_change_among_noise_is_told_in_its_feature() -> None:
    """A jump of one of ten features in noise three times as large is found in every one of ten series, near its day, and little else is."""
    means = np.concatenate((np.zeros((140, 4)), jump(70, 0.3), np.zeros((140, 5))), axis=1)
    found = [change_points(days(means, noise=3.0, seed=seed), seed=1, draws=99) for seed in range(10)]
    assert all(any(one.strongest == 4 and abs(one.day - MONDAY - 70) <= 14 and one.of_features[4] <= 0.05 for one in changes) for changes in found)
    assert sum(len(changes) - 1 for changes in found) <= 3


def test_what_comes_at_every_period_end_is_no_change() -> None:
    """Peaks on the days of a place about a period end are taken out, whatever their size; a jump beside them keeps its day."""
    peaks = np.where(np.arange(140) % 28 >= 25, 5.0, 0.0)
    places = np.where(np.arange(140) % 28 >= 25, np.arange(140) % 28 - 24, 0)
    assert change_points(days(peaks[:, None], noise=0.5, places=places), seed=1, draws=199) == ()
    (found,) = change_points(days(peaks[:, None] + jump(66), noise=0.5, places=places), seed=1, draws=199)
    assert abs(found.day - MONDAY - 66) <= 1


def test_short_or_constant_series_have_no_change() -> None:
    """Below eight weeks nothing is looked for; what never varies does not change; no days are no changes."""
    assert change_points(days(jump(20, weeks=7)), seed=1) == ()
    assert change_points(days(np.ones((140, 2))), seed=1, draws=99) == ()
    assert change_points(days(np.ones((0, 2))), seed=1) == ()


def test_the_study_of_drift_writes_what_it_finds(tmp_path: Path) -> None:
    """Two simulations of each line give shares between 0 and 1, on a page with a line for each."""
    figures, page = tmp_path / "drift.json", tmp_path / "drift.md"
    command = [sys.executable, str(ROOT / "bench" / "drift.py"), "--runs", "2", "--json", str(figures), "--page", str(page)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(figures.read_text(encoding="utf-8"))
    assert len(told) == 11
    assert all(0 <= one["share"] <= 1 and one["runs"] == 2 for one in told)
    assert page.read_text(encoding="utf-8").count(" to ") >= 9


def test_the_figures_of_drift_are_those_of_the_study() -> None:
    """The page says what the kept figures say, of at least 1,000 simulations each, and every one lies where it shall."""
    told = json.loads((ROOT / "bench" / "drift.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "drift-calibration.md").read_text(encoding="utf-8")
    for one in told:
        assert f"| {one['name']} | {one['share']:.1%} |" in page
        assert one["runs"] >= 1000
        assert one["met"], one["name"]


def counted(rates: list[int], shares: list[float], weeks: list[int], seed: int, features: int = 4) -> Days:
    """Days from Monday to Friday with about so many cases a week, of which such a share has the first feature; the others never change."""
    rng = np.random.default_rng([8, seed])
    day, cases, sums = [], [], []
    for week, rate, share in zip(weeks, rates, shares, strict=True):
        for weekday, many in enumerate(rng.poisson(rate / 5, 5).tolist()):
            if many:
                day.append(7 * week - 3 + weekday)
                cases.append(float(many))
                sums.append(rng.binomial(many, [share, *np.linspace(0.1, 0.6, features - 1)]).astype(float))
    days_of = np.array(day)
    return Days(days_of, (days_of + 3) // 7, np.zeros(len(day), dtype=np.int64), np.array(cases), np.array(sums))


@pytest.mark.parametrize("rates", [[8] * 15 + [40] * 15, list(range(3, 63, 2)), [10] * 14 + [150] * 2 + [10] * 14], ids=["jump", "growth", "burst"])
def test_more_cases_of_the_same_kind_are_no_change(rates: list[int]) -> None:
    """Where only the number of arrivals jumps, grows or bursts, of forty series at most five have a change."""
    weeks = list(range(2800, 2800 + len(rates)))
    found = [len(change_points(counted(rates, [0.3] * len(rates), weeks, seed, features=10), seed=1, draws=99)) > 0 for seed in range(40)]
    assert sum(found) <= 5


def test_a_gap_in_the_log_does_not_shrink_an_interval() -> None:
    """Of forty changes with the end of a gap of twelve weeks, at least 34 lie in their interval, whose limits lie in weeks that have cases."""
    weeks = [*range(2800, 2812), *range(2824, 2836)]
    shares, truth = [0.2] * 12 + [0.35] * 12, 7 * 2824 - 3
    found = [change_points(counted([30] * 24, shares, weeks, seed), seed=1, draws=99) for seed in range(60)]
    alone = [changes[0] for changes in found if len(changes) == 1 and changes[0].strongest == 0][:40]
    assert len(alone) == 40
    assert sum(one.low <= truth <= one.high for one in alone) >= 34
    assert all((limit + 3) // 7 in weeks for one in alone for limit in (one.low, one.high))


def test_one_early_week_before_a_gap_is_no_side() -> None:
    """A first week far from all others leaves no three weeks with cases before the first day after it, so that the change is not there."""
    weeks = [2780, *range(2800, 2820)]
    found = change_points(counted([20] * 21, [0.9] + [0.2] * 20, weeks, 1), seed=1, draws=99)
    assert all(one.day >= 7 * 2802 - 3 for one in found)
