"""Immediate repeats folded, and put back as loops."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import groupby, pairwise, product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.models import pm4py as miners
from finmine.models.loop_collapse import folded, folded_graph, repeating, repeating_in, with_loops
from finmine.models.tree import Tree
from finmine.models.variants import Trace, Variants, cases, graph, ranked

LOGS = st.lists(st.tuples(st.lists(st.sampled_from("abc"), max_size=6).map(tuple), st.integers(1, 9)), max_size=12).map(ranked)


def _once(trace: Trace) -> Trace:
    return tuple(activity for activity, _ in groupby(trace))


@given(log=LOGS)
def test_folding_keeps_cases_and_order(log: Variants) -> None:
    """Folded traces have no immediate repeats, hold all cases, and are ranked."""
    short = folded(log)
    assert cases(short) == cases(log)
    assert {trace for trace, _ in short} == {_once(trace) for trace, _ in log}
    assert not repeating(short)
    assert short == ranked(short)


@given(log=LOGS)
def test_folding_a_graph_is_the_graph_of_the_folded(log: Variants) -> None:
    """It makes no difference whether traces are folded and counted, or counted and folded."""
    assert folded_graph(graph(log)) == graph(folded(log))
    assert repeating_in(graph(log)) == repeating(log)


@settings(max_examples=40)
@given(data=st.data())
def test_loops_let_the_named_activities_repeat(data: st.DataObject, trees: Callable[..., Any], language: Callable[[Tree, int], Any]) -> None:
    """With loops the tree allows every trace that it allowed but for repeats of named activities; and no other, where nothing is parallel."""
    side_by_side = data.draw(st.booleans())
    tree = data.draw(trees("abc", parallel=side_by_side))
    named = data.draw(st.frozensets(st.sampled_from("abc")))
    before, after = language(tree, 6), language(with_loops(tree, named), 4)
    allowed = {_fold(trace, named) for trace in before}
    for trace in (trace for length in range(5) for trace in product("abc", repeat=length)):
        if _fold(trace, named) in allowed:
            assert trace in after
        elif not side_by_side:
            assert trace not in after


def _fold(trace: Trace, named: frozenset[str]) -> Trace:
    return tuple(activity for activity, previous in zip(trace, (None, *trace), strict=False) if activity != previous or activity not in named)


@given(data=st.data())
def test_no_loop_where_it_repeats_anyway(data: st.DataObject, trees: Callable[..., Any], language: Callable[[Tree, int], Any]) -> None:
    """An activity that the tree lets follow itself is left as it is."""
    tree = data.draw(trees("abc"))
    repeats = {first for trace in language(tree, 7) for first, second in pairwise(trace) if first == second}
    assert with_loops(tree, frozenset(repeats)) == tree


def test_a_loop_by_hand() -> None:
    """Only the leaf of the repeating activity becomes a loop."""
    tree = Tree("sequence", children=(Tree("activity", "a"), Tree("activity", "b")))
    assert str(with_loops(tree, frozenset("b"))) == "sequence('a', loop('b', silent))"


@pytest.mark.usefixtures("pm4py")
def test_folding_is_much_faster() -> None:
    """On 1,500 variants that differ mostly in the length of their runs, mining the folded ones takes less than a third of the time."""
    log = _long_runs(1500)
    fast = min(_seconds(lambda: with_loops(miners.inductive(folded(log), 0.2), repeating(log))) for _ in range(3))
    slow = min(_seconds(lambda: miners.inductive(log, 0.2)) for _ in range(2))
    assert fast < slow / 3, (fast, slow)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _long_runs(number: int) -> Variants:
    random = Random(2)
    ways = [[activity for activity in "ABCDEFGHIJ" if random.random() < 0.8] for _ in range(30)]
    traces: dict[Trace, int] = {}
    while len(traces) < number:
        traces[tuple(activity for activity in random.choice(ways) for _ in range(random.choice((1, 5, 20, 40))))] = random.randint(1, 9)
    return ranked(traces.items())
