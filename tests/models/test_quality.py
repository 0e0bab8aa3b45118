"""How well a model tells what happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.models import pm4py as notations
from finmine.models.net import Net, Transition
from finmine.models.quality import Quality, measure
from finmine.models.replay import Replay
from finmine.models.tree import Tree
from finmine.models.variants import Trace, Variants, ranked

LOGS = st.lists(st.tuples(st.lists(st.sampled_from("abcdx"), min_size=1, max_size=6).map(tuple), st.integers(1, 5)), min_size=1, max_size=10).map(
    ranked
)
IN_ORDER = Net(4, 0, 3, (Transition("a", (0,), (1,)), Transition("b", (1,), (2,)), Transition("c", (1,), (2,)), Transition("d", (2,), (3,))))


def test_a_count_by_hand() -> None:
    """Fitting and precision of a, then b or c, then d, on ten cases.

    Allowed: a at 10 starts, b and c after the 8 that went on from a, d after the 7 that went on from a, b. Never seen: c after a.
    """
    log = ranked([(("a", "b", "d"), 6), (("a", "b", "a"), 1), (("a", "x"), 1), (("a",), 1), (("b",), 1)])
    assert measure(IN_ORDER, log) == Quality(10, 6, 1 - 8 / (10 * 1 + 8 * 2 + 7 * 1))
    assert measure(IN_ORDER, log).fitting_share == 0.6


def test_a_perfect_model() -> None:
    """A model that allows what happens and nothing else has both at 1."""
    assert measure(IN_ORDER, ranked([(("a", "b", "d"), 2), (("a", "c", "d"), 1)])) == Quality(3, 3, 1.0)


def test_a_case_without_activities() -> None:
    """A case without activities fits a model that can end without any, and tells nothing about precision."""
    assert measure(IN_ORDER, [((), 2)]) == Quality(2, 0, None)
    assert measure(Net(2, 0, 1, (Transition(None, (0,), (1,)), Transition("a", (0,), (1,)))), [((), 2)]) == Quality(2, 2, None)


def test_a_net_without_bound_has_no_quality() -> None:
    """What cannot be searched through is not measured."""
    net = Net(3, 0, 2, (Transition(None, (0,), (0, 1)), Transition("a", (1,) * 1000, (2,))))
    assert measure(net, [(("a",), 3)]) == Quality(3, None, None)


@pytest.mark.usefixtures("pm4py")
@settings(max_examples=50)
@given(data=st.data(), log=LOGS)
def test_case_by_case(data: st.DataObject, log: Variants, trees: Callable[..., Any], language: Callable[[Tree, int], Any]) -> None:
    """Both numbers are those of going through every case by itself, position by position (brute force)."""
    tree = data.draw(trees("abcd"))
    net = notations.net_of_tree(tree)
    every_case = [trace for trace, number in log for _ in range(number)]
    quality = measure(net, log)
    assert quality.fitting == sum(trace in language(tree, 6) for trace in every_case)
    assert quality.precision == pytest.approx(_precision(net, every_case))


def _precision(net: Net, every_case: list[Trace]) -> float | None:
    replay, allowed, unseen = Replay(net), 0, 0
    for trace in every_case:
        state = replay.start
        for position, activity in enumerate(trace):
            if not state:
                break
            seen = {other[position] for other in every_case if len(other) > position and other[:position] == trace[:position]}
            allowed += len(replay.allowed(state))
            unseen += len(replay.allowed(state) - seen)
            state = replay.after(state, activity)
    return 1 - unseen / allowed if allowed else None


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=25)
@given(data=st.data(), log=LOGS)
def test_alignments_agree(data: st.DataObject, log: Variants, pm4py: Any, trees: Callable[..., Any], expanded: Any, theirs: Any) -> None:
    """The cases that fit are those that pm4py aligns without a deviation (its exact check)."""
    net = notations.net_of_tree(data.draw(trees("abcd")))
    aligned = pm4py.conformance_diagnostics_alignments(expanded(log), *theirs(net))
    assert measure(net, log).fitting == sum(case["cost"] < 10_000 for case in aligned)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=25)
@given(log=LOGS)
def test_token_replay_of_pm4py_agrees_where_nothing_is_silent(log: Variants, pm4py: Any, expanded: Any, theirs: Any) -> None:
    """On a net without silent steps, and on cases that know its activities only, pm4py's token replay and ETC precision say the same.

    Elsewhere they may not: its token replay tries some ways of taking silent steps and skips activities that the model does not know.
    """
    known = [(tuple(name for name in trace if name != "x") or ("a",), number) for trace, number in log]
    quality = measure(IN_ORDER, ranked(known))
    fitness = pm4py.fitness_token_based_replay(expanded(known), *theirs(IN_ORDER))
    assert quality.fitting_share == pytest.approx(fitness["perc_fit_traces"] / 100)
    assert quality.precision == pytest.approx(pm4py.precision_token_based_replay(expanded(known), *theirs(IN_ORDER)))
