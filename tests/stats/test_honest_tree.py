"""The honest tree: its best question by brute force, its halves, and what it says where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from finmine.stats.honest_tree import HonestTree, Questions, halves_at_random, honest_tree
from finmine.stats.leaves import told_again
from finmine.stats.sample import Flags


def questions(*flags: Flags) -> Questions:
    """Questions whose answers are given case by case, each in a column of its own."""
    codes = {f"column {place}": one.astype(np.int64) for place, one in enumerate(flags)}
    return Questions(codes, [(column, np.array([False, True])) for column in codes])


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_the_best_question_is_that_of_brute_force(seed: int) -> None:
    """Over all allowed questions, the sum of squares of ranks after it is least; columns may be shared and their codes many."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 12, 40).astype(float)
    telling = rng.random(40) < 0.5
    codes = {"path": rng.integers(0, 7, 40), "company": rng.integers(0, 3, 40)}
    codes = {column: np.unique(one, return_inverse=True)[1] for column, one in codes.items()}
    asked = [("path", rng.random(codes["path"].max() + 1) < 0.5) for _ in range(6)] + [("company", np.arange(codes["company"].max() + 1) == 1)]
    tree = honest_tree(values, Questions(codes, asked), telling, clusters=None, leaf=4, depth=1)
    ranks = stats.rankdata(values[~telling])
    lower = {}
    for place, (column, flags) in enumerate(asked):
        yes = flags[codes[column]]
        sides = [half[side] for half in (~telling, telling) for side in (yes, ~yes)]
        if min(len(side.nonzero()[0]) for side in sides) == 0 or min(np.sum(half & side) for half in (~telling, telling) for side in (yes, ~yes)) < 4:
            continue
        lower[place] = np.sum((ranks - ranks.mean()) ** 2) - sum(
            np.sum((ranks[side] - ranks[side].mean()) ** 2) for side in (yes[~telling], ~yes[~telling])
        )
    root = tree.nodes[0]
    if not lower:
        assert root.question is None
        return
    assert root.question is not None
    assert lower[root.question] == pytest.approx(max(lower.values()))
    assert root.share == pytest.approx(max(lower.values()) / np.sum((ranks - ranks.mean()) ** 2))


def planted(cases: int = 800, seed: int = 1) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], Questions]:
    """Cases that take longer with the first thing, and of these still longer without the second; ten more things mean nothing."""
    rng = np.random.default_rng(seed)
    flags = [rng.random(cases) < 0.4 for _ in range(12)]
    return rng.exponential(1, cases) + 2.0 * flags[0] + 2.0 * (flags[0] & ~flags[1]), questions(*flags)


def grown(values: np.ndarray[tuple[int], np.dtype[np.float64]], asked: Questions, telling: Flags) -> HonestTree:
    """The tree of independent cases."""
    return honest_tree(values, asked, telling, clusters=None, leaf=20, depth=3)


def test_a_planted_tree_is_found() -> None:
    """The first question is the first thing, that of those with it the second; each case ends where its answers lead."""
    values, asked = planted()
    tree = grown(values, asked, halves_at_random(800))
    parted = {node.number: node.question for node in tree.nodes if node.ended == "parted"}
    assert parted == {1: 0, 2: 1}
    first, second = (asked.codes[f"column {place}"] == 1 for place in (0, 1))
    assert tree.ends.tolist() == np.where(first, np.where(second, 4, 5), 3).tolist()
    assert {node.number: node.path for node in tree.leaves} == {4: ((1, True), (2, True)), 5: ((1, True), (2, False)), 3: ((1, False),)}


@settings(max_examples=8)
@given(st.integers(0, 1000))
def test_the_half_that_tells_has_no_part_in_the_choice(seed: int) -> None:
    """Whatever its outcomes are, the tree is the same; and every leaf has its least number of cases in either half."""
    values, asked = planted(400, seed)
    telling = halves_at_random(400)
    other = np.where(telling, np.random.default_rng(seed).permutation(values), values)
    one, again = (grown(given, asked, telling) for given in (values, other))
    assert one.nodes == again.nodes
    assert (one.ends == again.ends).all()
    assert all(min(node.choosing, node.telling) >= 20 for node in one.leaves)
    assert sum(node.choosing for node in one.leaves) == 200
    assert sum(node.telling for node in one.leaves) == 200


def stays_whole(seed: int, clusters: bool, whole: bool) -> bool:
    """Whether nothing is parted among 240 cases of thirty vendors whose outcome is the vendor's and chance; half of the things are, too."""
    rng = np.random.default_rng(seed)
    vendors = np.repeat(np.arange(30), 8)
    values = rng.normal(size=30)[vendors] * clusters + rng.normal(size=240)
    flags = [(rng.random(30) < 0.4)[vendors] if place % 2 else rng.random(240) < 0.4 for place in range(10)]
    telling = (rng.permutation(30) < 15)[vendors]
    return len(honest_tree(values, questions(*flags), telling, clusters=vendors if whole else None, leaf=10, depth=3).nodes) == 1


def test_where_there_is_nothing_nothing_is_parted() -> None:
    """Of 40 trees no more are parted than chance allows at 5 %, of independent cases and of whole clusters; taking clusters for independent parts most."""
    most = int(stats.binom.ppf(0.99, 40, 0.05))
    assert sum(stays_whole(seed, clusters=False, whole=False) for seed in range(40)) >= 40 - most
    assert sum(stays_whole(seed, clusters=True, whole=True) for seed in range(40)) >= 40 - most
    assert sum(stays_whole(seed, clusters=True, whole=False) for seed in range(10)) <= 4


def test_what_cannot_be_parted_is_left_whole() -> None:
    """Too few cases, equal outcomes, or no question: one node, and it says why."""
    values, asked = planted(60)
    few = honest_tree(values, asked, halves_at_random(60), clusters=None, leaf=40, depth=3)
    equal = honest_tree(np.ones(60), asked, halves_at_random(60), clusters=None, leaf=5, depth=3)
    silent = honest_tree(values, Questions({}, []), halves_at_random(60), clusters=None, leaf=5, depth=3)
    for tree in (few, equal, silent):
        assert [node.ended for node in tree.nodes] == ["too few cases"]
        assert (tree.ends == 1).all()


def test_of_equal_questions_the_first_is_asked() -> None:
    """Two things of the same cases part them as far, and the first is told."""
    values, asked = planted()
    twice = Questions(asked.codes, [asked.asked[5], asked.asked[0], asked.asked[0]])
    assert grown(values, twice, halves_at_random(800)).nodes[0].question == 1


def test_each_question_is_asked_again_of_the_other_half() -> None:
    """What holds in both halves is confirmed, with clusters too; what holds in the choosing half alone, or the other way round in the telling one, is not."""
    values, asked = planted()
    telling, yes = halves_at_random(len(values)), asked.yes(0, np.arange(len(values)))
    clusters = np.arange(len(values)) % 40
    for held in (None, clusters):
        again = told_again(values, held, telling, honest_tree(values, asked, telling, clusters=None, leaf=20, depth=3))
        assert set(again) >= {1, 2}
        assert again[1].confirmed
        assert again[1].told == pytest.approx(
            2 * stats.mannwhitneyu(values[telling & yes], values[telling & ~yes])[0] / (telling & yes).sum() / (telling & ~yes).sum() - 1
        )
    noise = np.random.default_rng(3).exponential(1, len(values))
    for wrong in (noise, noise - 5.0 * yes):
        tree = honest_tree(np.where(telling, wrong, values), asked, telling, clusters=None, leaf=20, depth=1)
        assert not told_again(np.where(telling, wrong, values), None, telling, tree)[1].confirmed
