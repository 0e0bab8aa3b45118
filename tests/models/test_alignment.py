"""Alignments: their cost is pm4py's, nothing costs nothing exactly where the model can play the case, and budgets are kept."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.errors import Refusal
from finmine.models import pm4py as notations
from finmine.models.alignment import Alignments, NoEnd, OutOfBudget
from finmine.models.conformance import _check, checked
from finmine.models.net import Net, Transition
from finmine.models.reference import straight_line
from finmine.models.remembered import Run
from finmine.models.replay import Replay
from finmine.models.told import Deviation, Told
from finmine.models.tree import Tree
from finmine.models.variants import Trace, ranked

LINE = straight_line("line", ("a", "b", "c"))
PILES = Net(3, 0, 1, (Transition(None, (0,), (0, 2)), Transition("a", (0,), (1,))))
STUCK = Net(4, 0, 3, (Transition("a", (0,), (1,)), Transition("b", (0,), (2,)), Transition("c", (1, 2), (3,))))


def cost(net: Net, trace: Trace, running: bool = False) -> int:
    """The cost of a cheapest alignment."""
    return sum(move.on != "both" for move in Alignments(Replay(net), 100_000).of(trace, running))


def looked_at(net: Net, runs: list[Run], states: int, seconds: float) -> tuple[Told, ...]:
    """What the child process finds of these runs."""
    return _check(None, net, runs, states, seconds, [""] * len(runs))


@settings(max_examples=12)
@given(data=st.data())
def test_costs_are_those_of_pm4py(data: st.DataObject, trees: Callable[..., Any], theirs: Callable[[Net], Any], pm4py: Any) -> None:
    """On random trees and traces, also with unknown activities, the cost is that of pm4py's A* (10,000 for a move, silent steps next to nothing)."""
    from pm4py.algo.conformance.alignments.petri_net.variants.state_equation_a_star import apply

    net = notations.net_of_tree(data.draw(trees("abcd")))
    trace = tuple(data.draw(st.lists(st.sampled_from("abcdx"), max_size=6)))
    kinds = pm4py.objects.log.obj
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = apply(kinds.Trace([kinds.Event({"concept:name": activity}) for activity in trace]), *theirs(net))
    assert cost(net, trace) == found["cost"] // 10_000


@pytest.mark.usefixtures("pm4py")
def test_nothing_costs_nothing_exactly_in_the_language() -> None:
    """Of a model that pm4py discovers without noise, all traces learned from cost nothing, and of any others those that it can play."""
    dice = Random(7)
    learned = [tuple(dice.choices("abcd", k=dice.randrange(1, 6))) for _ in range(12)]
    net = notations.net_of_tree(notations.inductive(ranked((trace, 1) for trace in learned), 0))
    assert not any(cost(net, trace) for trace in learned)
    replay = Replay(net)
    for trace in product("abcd", repeat=3):
        state = replay.start
        for activity in trace:
            state = replay.after(state, activity)
        assert (cost(net, trace) == 0) == replay.finishes(state)


@pytest.mark.usefixtures("pm4py")
@settings(max_examples=20)
@given(data=st.data())
def test_moves_are_of_the_case_and_of_the_model(data: st.DataObject, trees: Callable[..., Any]) -> None:
    """What both and the case do is the trace, what both and the model do is a run of the model; a running case costs no more than one that ended."""
    net = notations.net_of_tree(data.draw(trees("abc")))
    trace = tuple(data.draw(st.lists(st.sampled_from("abcx"), max_size=5)))
    moves = Alignments(Replay(net), 100_000).of(trace)
    assert tuple(move.activity for move in moves if move.on != "model") == trace
    assert cost(net, tuple(move.activity for move in moves if move.on != "log")) == 0
    assert cost(net, trace, running=True) <= cost(net, trace)
    assert moves == Alignments(Replay(net), 100_000).of(trace)


def test_a_case_is_told_move_by_move() -> None:
    """A missing, an additional and a misplaced activity, each after the last one that both have."""
    assert LINE.net is not None
    (swapped, early, fits, running) = looked_at(
        LINE.net, [(("x", "b", "a", "c"), False), (("a",), False), (("a", "b", "c"), False), (("a",), True)], 1000, 60
    )
    assert [(one.kind, one.activity, one.after) for one in swapped.deviations] in (
        [("on log", "x", None), ("on log", "b", None), ("on model", "b", "a")],
        [("on log", "x", None), ("on model", "a", None), ("on log", "a", "b")],
    )
    assert early.deviations == (Deviation("on model", "b", "a"), Deviation("on model", "c", "a"))
    assert (fits.how, fits.deviations, running.deviations) == ("aligned", (), ())


def test_beyond_its_states_a_case_is_replayed() -> None:
    """A trace that takes more states than it may is replayed: activities that are not allowed there, and an end before that of the model."""
    assert LINE.net is not None
    told = looked_at(LINE.net, [(("a", "c"), False), (("a", "b", "c"), False), (("x", "a"), True)], 1, 60)
    assert [one.how for one in told] == ["replayed"] * 3
    assert [one.kind for one in told[0].deviations] == ["ends early"] or [one.kind for one in told[0].deviations] == ["not allowed", "ends early"]
    assert told[1].deviations == ()
    assert told[2].deviations == (Deviation("not allowed", "x", None),)
    with pytest.raises(OutOfBudget):
        Alignments(Replay(LINE.net), 2).of(("c",))


def test_out_of_time_is_said() -> None:
    """Where no time is left traces are replayed, and say that time was the reason."""
    assert LINE.net is not None
    assert [(one.how, one.late) for one in looked_at(LINE.net, [(("a", "b", "c"), False)], 100, -1)] == [("not told", True)]
    with pytest.raises(OutOfBudget):
        Alignments(Replay(LINE.net), 10**6, lambda: True).of(("x",) * 3000)


def test_what_cannot_be_told_is_not() -> None:
    """A net in which tokens pile up tells nothing; one without an end is refused."""
    assert looked_at(PILES, [(("a",), False)], 100, 60) == (Told("not told"),)
    with pytest.raises(NoEnd):
        Alignments(Replay(STUCK), 100).of(())
    with pytest.raises(Refusal, match="no run from its start to its end"):
        looked_at(STUCK, [(("a",), False)], 100, 60)


@pytest.mark.parametrize(("states", "seconds", "said"), [(0, 1.0, "states"), (1, 0.0, "seconds"), (1, 1e9, "seconds")])
def test_a_budget_of_nothing_is_refused(states: int, seconds: float, said: str) -> None:
    """States and seconds must be something."""
    with pytest.raises(Refusal, match=said):
        checked(LINE, [], [], states, seconds)


def test_a_tree_is_the_model_of_its_name() -> None:
    """A straight line allows its trace alone."""
    assert LINE.net is not None
    assert [cost(LINE.net, trace) for trace in (("a", "b", "c"), ("a", "b"), (), ("c", "b", "a"))] == [0, 1, 3, 4]
    assert LINE.activities() == Tree("sequence", children=tuple(Tree("activity", name) for name in "abc")).activities()
