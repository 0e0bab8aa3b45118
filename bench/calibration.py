"""How far the statistics can be trusted: `python bench/calibration.py` asks them about simulated cases whose truth is known.

Everything is seeded: the same figures come out everywhere. They are written as `bench/calibration.json` and `docs/calibration.md`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from few_cases import holds, holds_money, stays_narrow
from figure import Figure

from finmine.stats.discoveries import adjusted
from finmine.stats.honest_tree import HonestTree, Questions, honest_tree
from finmine.stats.lateness import forecast, late_money
from finmine.stats.path_effects import LEVEL, Family
from finmine.stats.permuted import permuted
from finmine.stats.quantile_shift import quantile_shift
from finmine.stats.replicates import Draws
from finmine.stats.sample import Sample
from finmine.stats.shift_interval import shift_interval
from finmine.stats.strata import stratified
from finmine.stats.survival import survivor_curve
from finmine.stats.two_groups import compare, shift_limits
from finmine.stats.weibull import fit

HERE = Path(__file__).parent
VENDORS, EACH = 40, 10
CLUSTERS = np.repeat(np.arange(VENDORS), EACH)
EXPOSURES = 20

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Random = np.random.Generator


def times(rng: Random, shared: float) -> Floats:
    """Skewed times of the cases of forty vendors, of whose variance (on the scale of logarithms) a share is the vendor's."""
    logs = np.sqrt(shared) * rng.normal(size=VENDORS)[CLUSTERS] + np.sqrt(1 - shared) * rng.normal(size=len(CLUSTERS))
    return 10 * np.exp(0.6 * logs)


def by_case(rng: Random) -> Flags:
    """A group that differs from case to case."""
    return rng.random(len(CLUSTERS)) < 0.4


def by_vendor(rng: Random) -> Flags:
    """A group that is the same for all cases of a vendor."""
    return (rng.permutation(VENDORS) < VENDORS * 0.4)[CLUSTERS]


def covers(rng: Random, group: Callable[[Random], Flags], shared: float, whole: bool, limits: bool = False) -> bool:
    """Whether the interval of a planted shift of two days holds it, by whole clusters or by single cases."""
    first = group(rng)
    sample = Sample.of(times(rng, shared) + 2.0 * first, CLUSTERS if whole else None)
    flags = first[sample.order]
    found = (
        shift_limits(sample, flags) if limits else shift_interval(sample, flags, Draws.of(sample, seed=int(rng.integers(1 << 30)), replicates=400))
    )
    return found.low is not None and found.high is not None and found.low <= 2 <= found.high


def confounded(rng: Random) -> tuple[Sample, Flags, npt.NDArray[np.int64]]:
    """A group that takes three days less, and is mostly found where everything takes ten days longer."""
    strata = rng.integers(0, 3, len(CLUSTERS))
    first = rng.random(len(CLUSTERS)) < np.array([0.15, 0.5, 0.85])[strata]
    sample = Sample.of(times(rng, 0) + 10.0 * strata - 3.0 * first)
    return sample, first[sample.order], strata[sample.order].astype(np.int64)


def pooled_covers(rng: Random) -> bool:
    """Whether the adjusted interval holds the planted effect of minus three days."""
    sample, first, strata = confounded(rng)
    found = stratified(sample, first, strata)
    pooled = None if found is None else found.pooled
    return pooled is not None and pooled.low is not None and pooled.high is not None and pooled.low <= -3 <= pooled.high


def quantile_covers(rng: Random, tau: float) -> bool:
    """Whether the interval of a quantile's shift among cases that agree holds the planted effect of minus three days."""
    sample, first, strata = confounded(rng)
    found = quantile_shift(sample, first, strata, tau, Draws.of(sample, seed=int(rng.integers(1 << 30)), replicates=400))
    return found is not None and found.low is not None and found.high is not None and found.low <= -3 <= found.high


def tree(rng: Random, shared: float, whole: bool) -> HonestTree:
    """The honest tree of twenty questions that mean nothing, every other one about the vendor."""
    groups = [(by_vendor if place % 2 else by_case)(rng) for place in range(EXPOSURES)]
    codes = {f"column {place}": group.astype(np.int64) for place, group in enumerate(groups)}
    questions = Questions(codes, [(column, np.array([False, True])) for column in codes])
    telling = (rng.permutation(VENDORS) < VENDORS // 2)[CLUSTERS]
    values = times(rng, shared)
    return honest_tree(values, questions, telling, clusters=CLUSTERS if whole else None, leaf=20, depth=3, seed=int(rng.integers(1 << 30)))


def stays_whole(rng: Random, shared: float, whole: bool) -> bool:
    """Whether a tree parts nothing where there is nothing."""
    return len(tree(rng, shared, whole).nodes) == 1


def raw_is_wrong(rng: Random) -> bool:
    """Whether the raw interval lies wholly on the wrong side, and the adjusted one is said to oppose it."""
    sample, first, strata = confounded(rng)
    found, raw = stratified(sample, first, strata), shift_limits(sample, first)
    return found is not None and raw.beyond_zero == 1 and found.opposes(raw)


def family(rng: Random, whole: bool, effect: float = 0.0) -> Family:
    """Twenty groups, every other one the vendor's; the first, of cases, may take so many times as long."""
    groups = [(by_vendor if place % 2 else by_case)(rng) for place in range(EXPOSURES)]
    values = times(rng, 0.5) * np.exp(effect * groups[0])
    second = (rng.permutation(VENDORS) < VENDORS // 2)[CLUSTERS]
    return Family(values, CLUSTERS if whole else None, second, [partial(np.asarray, group) for group in groups])


def qs(these: Family) -> Floats:
    """The q of each exposure in all cases, without the halves."""
    sample = Sample.of(these.values, these.clusters)
    return adjusted([compare(sample, exposure()[sample.order]).p for exposure in these.exposures])


def discovers_anything(rng: Random, whole: bool) -> bool:
    """Whether something is discovered where there is nothing."""
    return bool(np.min(qs(family(rng, whole))) <= LEVEL)


def confirms_anything(rng: Random) -> bool:
    """Whether something is discovered in one half and confirmed in the other where there is nothing."""
    return any(one.verdict == "confirmed" for one in family(rng, whole=True).tested())


def discovers(rng: Random, effect: float) -> bool:
    """Whether a planted effect is discovered among the twenty."""
    return bool(qs(family(rng, whole=True, effect=effect))[0] <= LEVEL)


def rejects(rng: Random, group: Callable[[Random], Flags]) -> bool:
    """Whether a permutation finds something at 5 % where there is nothing."""
    first = group(rng)
    sample = Sample.of(times(rng, 0.5), CLUSTERS)
    return permuted(sample, first[sample.order], seed=int(rng.integers(1 << 30)), draws=399).p <= 0.05


def open_cases(rng: Random) -> tuple[Floats, Floats, Flags, Flags]:
    """Weibull times of two groups, the second half as long again, how long each was watched, which ended, and the group."""
    group = rng.random(300) < 0.5
    lasts, watched = 10 * rng.weibull(1.5, 300) * np.where(group, 1.5, 1.0), rng.uniform(0, 20, 300)
    return lasts, watched, lasts <= watched, group


def median_covers(rng: Random) -> bool:
    """Whether the interval of the median holds the true one."""
    lasts, watched, ended, group = open_cases(rng)
    median = survivor_curve(np.minimum(lasts, watched)[~group], ended[~group]).median()
    truth = 10 * np.log(2) ** (1 / 1.5)
    return median is not None and median.low is not None and median.low <= truth <= (np.inf if median.high is None else median.high)


def ratio_covers(rng: Random) -> bool:
    """Whether the interval of the time ratio holds 1.5."""
    lasts, watched, ended, group = open_cases(rng)
    ratio = fit(np.minimum(lasts, watched), ended, group[:, None].astype(float)).ratios[0]
    return ratio.low is not None and ratio.high is not None and ratio.low <= 1.5 <= ratio.high


def forecast_covers(rng: Random) -> bool:
    """Whether the interval of how many running cases will be late holds how many are."""
    lasts, watched, ended, _ = open_cases(rng)
    late = forecast(survivor_curve(np.minimum(lasts, watched), ended), watched[~ended], 12.0).late
    return late.low is not None and late.high is not None and late.low <= np.count_nonzero(lasts[~ended] > 12) <= late.high


def money_covers(rng: Random, tenfold: float, by_money: bool) -> bool:
    """Whether the interval of the money that will be late holds how much is, where ten times the amount takes so many times as long."""
    money, watched = rng.lognormal(6, 1, 400), rng.uniform(0, 60, 400)
    lasts = 10 * rng.weibull(1.5, 400) * (money / np.exp(6)) ** np.log10(tenfold)
    ended = lasts <= watched
    curve = survivor_curve(np.minimum(lasts, watched), ended, weights=money if by_money else None)
    late = late_money(curve, watched[~ended], money[~ended], 15.0).late
    return late.low is not None and late.high is not None and late.low <= money[~ended & (lasts > 15)].sum() <= late.high


def figures(runs: int, parts: Collection[str] = (), kept: Mapping[tuple[str, str], Figure] | None = None, seed: int = 1) -> Iterator[Figure]:
    """All figures, each simulation with a seed of its own; if parts are named, those of the others are the kept ones."""
    shift, null, power, confounding, survival = "95 % intervals of a shift", "Nothing there", "Something there", "Confounding", "Open cases"
    causes, quantiles, few, money = "Root causes", "Confounding, quantile regression", "Few cases", "Money of which much is nothing"
    late = "Money of open cases"
    asked: Sequence[tuple[str, str, Callable[[Random], bool], float, float]] = (
        (shift, "cases are independent", partial(covers, group=by_case, shared=0, whole=False), 0.93, 0.97),
        (shift, "cases share vendors, the group differs inside them", partial(covers, group=by_case, shared=0.5, whole=True), 0.93, 0.97),
        (shift, "cases share vendors, the group is the vendor's", partial(covers, group=by_vendor, shared=0.5, whole=True), 0.93, 0.97),
        (
            shift,
            "the same, by the limits that the rank test does not reject",
            partial(covers, group=by_vendor, shared=0.5, whole=True, limits=True),
            0.93,
            0.97,
        ),
        (shift, "the same, taking cases as independent (what clusters are for)", partial(covers, group=by_vendor, shared=0.5, whole=False), 0.0, 0.9),
        (null, "permutation inside vendors rejects at 5 %", partial(rejects, group=by_case), 0.03, 0.07),
        (null, "permutation of whole vendors rejects at 5 %", partial(rejects, group=by_vendor), 0.03, 0.07),
        (null, "anything among 20 has q up to 5 %", partial(discovers_anything, whole=True), 0.0, 0.05),
        (null, "anything is discovered and confirmed", confirms_anything, 0.0, 0.05),
        (null, "anything among 20 has q up to 5 %, taking cases as independent", partial(discovers_anything, whole=False), 0.3, 1.0),
        (power, "a group that takes 1.2 times as long has q up to 5 %", partial(discovers, effect=np.log(1.2)), 0.0, 1.0),
        (power, "a group that takes 1.35 times as long has q up to 5 %", partial(discovers, effect=np.log(1.35)), 0.8, 1.0),
        (power, "a group that takes 1.5 times as long has q up to 5 %", partial(discovers, effect=np.log(1.5)), 0.95, 1.0),
        (confounding, "the adjusted interval holds the planted three days less", pooled_covers, 0.93, 0.97),
        (confounding, "the raw effect has the wrong sign, and the alarm is raised", raw_is_wrong, 0.9, 1.0),
        (survival, "the interval of the median holds the true one", median_covers, 0.93, 0.97),
        (survival, "the interval of the time ratio holds the true one", ratio_covers, 0.93, 0.97),
        (survival, "the interval of the late ones holds their number", forecast_covers, 0.93, 1.0),
        (quantiles, "the interval of the median's shift holds the planted three days less", partial(quantile_covers, tau=0.5), 0.93, 0.97),
        (quantiles, "the interval of the 90th percentile's shift holds them", partial(quantile_covers, tau=0.9), 0.93, 0.97),
        (causes, "the tree parts nothing where there is nothing, cases are independent", partial(stays_whole, shared=0, whole=False), 0.95, 1.0),
        (causes, "the tree parts nothing where there is nothing, cases share vendors", partial(stays_whole, shared=0.5, whole=True), 0.95, 1.0),
        (few, "the interval of the shift of 8 against 60 holds the planted two days", partial(holds, cases=8), 0.93, 0.97),
        (few, "the same of 20 against 60", partial(holds, cases=20), 0.93, 0.97),
        (few, "the same of 8, one of the 60 with a wrong date", partial(holds, cases=8, wrong="others"), 0.93, 0.97),
        (few, "the same of 8, one of the 8 with a wrong date", partial(holds, cases=8, wrong="few"), 0.93, 0.97),
        (few, "the same of 20, one of the 20 with a wrong date", partial(holds, cases=20, wrong="few"), 0.93, 0.97),
        (
            few,
            "the interval of 8 is at most three times as wide with a wrong date among the 60",
            partial(stays_narrow, cases=8, wrong="others"),
            0.5,
            1.0,
        ),
        (few, "the same with a wrong date among the 8", partial(stays_narrow, cases=8, wrong="few"), 0.5, 1.0),
        (few, "the same of 20 with a wrong date among the 20", partial(stays_narrow, cases=20, wrong="few"), 0.5, 1.0),
        (money, "the interval of the shift of 20 against 60 holds the true one", partial(holds_money, cases=20, others=60), 0.93, 0.97),
        (money, "the same of 160 against 240", partial(holds_money, cases=160, others=240), 0.93, 0.97),
        (
            late,
            "the interval of what will be late holds it, amounts have nothing to do with time",
            partial(money_covers, tenfold=1, by_money=True),
            0.93,
            0.97,
        ),
        (late, "the same where ten times the amount takes twice as long", partial(money_covers, tenfold=2, by_money=True), 0.93, 0.97),
        (
            late,
            "the same by a curve in which all cases count alike (what the curve of money is for)",
            partial(money_covers, tenfold=2, by_money=False),
            0.0,
            0.9,
        ),
    )
    for place, (part, name, simulated, low, high) in enumerate(asked):
        if kept is not None and parts and part not in parts:
            yield kept[part, name]
            continue
        held = sum(bool(simulated(np.random.default_rng([seed, place, run]))) for run in range(runs))
        yield Figure(part, name, held / runs, runs, low, high)


def read(path: Path) -> dict[tuple[str, str], Figure]:
    """The figures that are written, by part and name."""
    told = (Figure(**{name: value for name, value in one.items() if name != "met"}) for one in json.loads(path.read_text(encoding="utf-8")))
    return {(one.part, one.name): one for one in told}


def page(found: Sequence[Figure]) -> str:
    """The figures as a page of the documentation."""
    lines = [
        "# Calibration",
        "",
        f"What the statistics say of simulated cases whose truth is known: {found[0].runs:,} simulations for each line, of {VENDORS} vendors with {EACH} cases each and skewed",
        "times; in open cases, of 300 cases of which some still run; among few cases and money, of as many independent cases as are named.",
        "`python bench/calibration.py` gives the same figures again.",
        "",
        "A share counts as where it shall be if it lies outside by no more than two standard errors of the simulation (at 95 % of 1,000 that is 1.4 points); where it lies",
        "outside by less than that, the line says so.",
        "",
        "| | how often | shall be |",
        "|---|---|---|",
    ]
    lines += [one.row for one in found]
    missed = [one for one in found if not one.met]
    if missed:
        lines += ["", f"Not where it shall be: {'; '.join(f'{one.part}: {one.name}' for one in missed)}."]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, and write the figures and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="simulations for each figure")
    parser.add_argument("--part", action="append", default=[], help="a part that is simulated anew, the others staying as they are written (all)")
    parser.add_argument("--json", type=Path, default=HERE / "calibration.json", help="where the figures are written")
    parser.add_argument("--page", type=Path, default=HERE.parent / "docs" / "calibration.md", help="where the page is written")
    asked = parser.parse_args(arguments)
    found, kept = [], read(asked.json) if asked.part else None
    for one in figures(asked.runs, asked.part, kept):
        found.append(one)
        print(f"{one.share:7.1%} {'' if one.met else '(!) '}{one.part}: {one.name}", flush=True)
    told = [
        {"part": one.part, "name": one.name, "share": one.share, "runs": one.runs, "low": one.low, "high": one.high, "met": one.met} for one in found
    ]
    asked.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    asked.page.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
