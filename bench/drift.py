"""How often drift is found where there is none, and where there is some: `python bench/drift.py` asks about simulated weeks whose truth is known.

Everything is seeded: the same figures come out everywhere. They are written as `bench/drift.json` and `docs/drift-calibration.md`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from figure import Figure

from finmine.stats.change_points import Change, Days, change_points
from finmine.stats.windows import steps_apart

HERE = Path(__file__).parent
WEEKS, A_DAY, FEATURES, CHANGE = 30, 4, 20, 102  # the change is planted on a Friday, in the middle of the 15th week
LATE = 7 * (WEEKS - 3)  # or on the Monday of the last week but two
MONDAY = 19_723
DRAWS = 399
Random = np.random.Generator
Whole = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def simulated(rng: Random, share: float = 0.2, month_end: bool = False, shared: float = 0.0, change: int = CHANGE) -> Days:
    """About four cases on each of five days of 30 weeks; a fifth of them have each of twenty features, the first from the change on another share.

    At a month end (every fourth week, Wednesday to Friday) there are three times as many, and three of five have each feature. With ``shared`` the
    share of all features wanders from week to week with this standard deviation, as it does where cases of a week depend on one another.
    """
    days = np.arange(7 * WEEKS)[np.arange(7 * WEEKS) % 7 < 5]
    closing = month_end & (days // 7 % 4 == 3) & (days % 7 >= 2)
    cases = rng.poisson(A_DAY, len(days)) * np.where(closing, 3, 1)
    of_week = np.clip(0.2 + shared * rng.normal(size=WEEKS), 0.01, 0.99)[days // 7]
    base = np.where(closing, 0.6, of_week)
    first = np.where(closing, 0.6, np.where(days >= change, share + of_week - 0.2, of_week))
    sums = np.stack([rng.binomial(cases, np.clip(first if feature == 0 else base, 0, 1)) for feature in range(FEATURES)], axis=1)
    kept = cases > 0
    place = np.where(closing, 1 + days % 7, 0)[kept]
    return Days(MONDAY + days[kept], (MONDAY + days[kept] + 3) // 7, place, cases[kept].astype(float), sums[kept].astype(float))


def nearest(found: Sequence[Change]) -> Change:
    """The change nearest to the planted one."""
    return min(found, key=lambda one: abs(one.day - MONDAY - CHANGE))


def alarms(rng: Random, month_end: bool = False, shared: float = 0.0) -> bool:
    """Whether any change is found where nothing changes."""
    return bool(change_points(simulated(rng, month_end=month_end, shared=shared), seed=int(rng.integers(1 << 30)), draws=DRAWS))


def finds(rng: Random, share: float) -> bool:
    """Whether the planted change is found within three weeks of its day, in its feature."""
    found = change_points(simulated(rng, share), seed=int(rng.integers(1 << 30)), draws=DRAWS)
    return bool(found) and nearest(found).strongest == 0 and abs(nearest(found).day - MONDAY - CHANGE) <= 21


def finds_late(rng: Random, share: float) -> bool:
    """Whether a change of the last three weeks is found at all, in its feature."""
    found = change_points(simulated(rng, share, change=LATE), seed=int(rng.integers(1 << 30)), draws=DRAWS)
    return any(one.strongest == 0 for one in found)


def covers(rng: Random, share: float) -> bool:
    """Whether the interval of a change, drawn until one is found, holds the planted day."""
    while not (found := change_points(simulated(rng, share), seed=int(rng.integers(1 << 30)), draws=DRAWS)):
        continue
    return nearest(found).low <= MONDAY + CHANGE <= nearest(found).high


def weeks_differ(rng: Random, tested: Callable[[Whole, Whole, Floats, Random], float]) -> bool:
    """Whether the steps of two windows of 200 cases of one process are called different at 5 %: each case goes round one of three loops, a few times."""
    loop, times = rng.integers(0, 3, (2, 200)), rng.geometric(0.5, (2, 200)) - 1
    most = int(times.max()) + 1
    first, second = (np.bincount(one * most + again, minlength=3 * most) for one, again in zip(loop, times, strict=True))
    steps = np.zeros((3 * most, 8))  # from the start, to the end, and there and back in each loop
    steps[:, :2] = 1
    for one in range(3):
        steps[one * most : (one + 1) * most, 2 + 2 * one : 4 + 2 * one] = np.arange(most)[:, None]
    return tested(first, second, steps, rng) <= 0.05


def by_permutation(first: Whole, second: Whole, steps: Floats, rng: Random) -> float:
    """The p-value when cases are permuted."""
    return steps_apart(first, second, steps, rng=rng, draws=DRAWS)[1]


def by_counts(first: Whole, second: Whole, steps: Floats, _: Random) -> float:
    """The p-value of the χ² test of the counts of steps, which takes steps as independent."""
    from scipy.stats import chi2_contingency

    return float(chi2_contingency(np.stack((first @ steps, second @ steps))).pvalue)


def figures(runs: int, seed: int = 1) -> Iterator[Figure]:
    """All figures; each simulation has a seed of its own."""
    asked: Sequence[tuple[str, Callable[[Random], bool], float, float]] = (
        ("Nothing changes: a change is found", alarms, 0.0, 0.05),
        ("Nothing changes but month ends: a change is found", partial(alarms, month_end=True), 0.0, 0.05),
        ("Nothing changes, cases of a week are alike: a change is found", partial(alarms, shared=0.05), 0.0, 0.05),
        ("A share of 20 % becomes 35 %: found in its feature, within three weeks", partial(finds, share=0.35), 0.5, 1.0),
        ("A share of 20 % becomes 50 %: found in its feature, within three weeks", partial(finds, share=0.5), 0.9, 1.0),
        ("A share of 20 % becomes 35 %: the interval holds the day", partial(covers, share=0.35), 0.9, 1.0),
        ("A share of 20 % becomes 50 %: the interval holds the day", partial(covers, share=0.5), 0.9, 1.0),
        (
            "Two weeks of one process with loops, 200 cases each: called different by permuting cases",
            partial(weeks_differ, tested=by_permutation),
            0.02,
            0.08,
        ),
        ("The same by χ² of the counts of steps, which is wrong", partial(weeks_differ, tested=by_counts), 0.2, 1.0),
        ("A share of 20 % becomes 35 % in the last three weeks: found in its feature", partial(finds_late, share=0.35), 0.0, 1.0),
        ("A share of 20 % becomes 50 % in the last three weeks: found in its feature", partial(finds_late, share=0.5), 0.0, 1.0),
    )
    for place, (name, simulation, low, high) in enumerate(asked):
        held = sum(bool(simulation(np.random.default_rng([seed, place, run]))) for run in range(runs)) / runs
        yield Figure(None, name, held, runs, low, high)


def page(found: Sequence[Figure]) -> str:
    """The figures as a page of the documentation."""
    what = f"{found[0].runs} simulations for each line, of {WEEKS} weeks with about {5 * A_DAY} cases and {FEATURES} features, {DRAWS} draws"
    lines = [
        "# Calibration of drift",
        "",
        f"What is found in simulated cases whose truth is known: {what}",
        f"each. By chance a share of 5 % comes out as 5 % ± {2 * (0.05 * 0.95 / found[0].runs) ** 0.5:.1%}. `python bench/drift.py` gives the same figures again.",
        "",
        "| | how often | shall be |",
        "|---|---|---|",
    ]
    lines += [one.row for one in found]
    lines += [
        "",
        "Of a change in the last weeks little can be said: cumulated sums peak where there is much on either side, and three weeks are the least. What is new there shows in",
        "the table of weeks that differ from the week before, or when two periods are compared (`finmine compare`).",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, and write the figures and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="simulations for each figure")
    parser.add_argument("--json", type=Path, default=HERE / "drift.json", help="where the figures are written")
    parser.add_argument("--page", type=Path, default=HERE.parent / "docs" / "drift-calibration.md", help="where the page is written")
    asked = parser.parse_args(arguments)
    found = []
    for one in figures(asked.runs):
        found.append(one)
        print(f"{one.share:7.1%} {'' if one.met else '(!) '}{one.name}", flush=True)
    told = [{"name": one.name, "share": one.share, "runs": one.runs, "low": one.low, "high": one.high, "met": one.met} for one in found]
    asked.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    asked.page.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
