"""Token replay: the net says what the tree means."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.models import pm4py as notations
from finmine.models.net import Net, Transition
from finmine.models.replay import PilesUp, Replay
from finmine.models.tree import Tree


@pytest.mark.usefixtures("pm4py")
@settings(max_examples=60)
@given(data=st.data())
def test_a_net_plays_what_its_tree_allows(
    data: st.DataObject, trees: Callable[..., Any], language: Callable[[Tree, int], Any], played: Callable[[Net, int], Any]
) -> None:
    """The net made from a tree plays exactly the traces that the tree allows (up to five activities)."""
    tree = data.draw(trees("abcd"))
    expected = {trace for trace in language(tree, 5) if len(trace) <= 5}
    assert played(notations.net_of_tree(tree), 5) == expected


@pytest.mark.usefixtures("pm4py")
@settings(max_examples=60)
@given(data=st.data())
def test_a_diagram_means_what_its_tree_means(
    data: st.DataObject, trees: Callable[..., Any], language: Callable[[Tree, int], Any], played: Callable[[Net, int], Any]
) -> None:
    """The BPMN diagram, with its gateways merged, allows exactly what the tree allows."""
    tree = data.draw(trees("abcd"))
    assert played(notations.net_of_bpmn(notations.bpmn_of_tree(tree)), 5) == language(tree, 5)


def test_a_net_by_hand() -> None:
    """a, then b and c in any order, then d unless it is left out."""
    net = Net(
        8,
        0,
        7,
        (
            Transition("a", (0,), (1, 2)),
            Transition("b", (1,), (3,)),
            Transition("c", (2,), (4,)),
            Transition(None, (3, 4), (5,)),
            Transition("d", (5,), (7,)),
            Transition(None, (5,), (7,)),
        ),
    )
    replay = Replay(net)
    assert _fitting(replay, "abcd") == {"abc", "acb", "abcd", "acbd"}
    assert replay.allowed(replay.after(replay.start, "a")) == {"b", "c"}
    assert replay.after(replay.start, "nothing like it") == frozenset()


def test_two_tokens_from_one_place() -> None:
    """A transition that takes two tokens from a place waits for both."""
    net = Net(3, 0, 2, (Transition("a", (0,), (1, 1)), Transition("b", (1, 1), (2,)), Transition("c", (1,), (2,))))
    assert _fitting(Replay(net), "abc") == {"ab"}


def test_one_name_on_two_transitions() -> None:
    """Where two transitions have the same activity, both ways are followed."""
    net = Net(4, 0, 3, (Transition("a", (0,), (1,)), Transition("a", (0,), (2,)), Transition("b", (1,), (3,)), Transition("c", (2,), (3,))))
    assert _fitting(Replay(net), "abc") == {"ab", "ac"}


def test_leftovers_do_not_fit() -> None:
    """A case that leaves a token behind does not fit, even though it reached the end."""
    net = Net(3, 0, 2, (Transition("a", (0,), (1, 2)), Transition("b", (1,), (1,))))
    assert _fitting(Replay(net), "ab") == set()


def test_a_net_without_bound_is_told() -> None:
    """Silent transitions that make ever more tokens end in an answer, not in an endless search."""
    net = Net(3, 0, 2, (Transition(None, (0,), (0, 1)), Transition("a", (1,) * 5, (2,)), Transition("b", (1,) * 1000, (2,))))
    replay = Replay(net)
    assert replay.after(replay.start, "a")
    with pytest.raises(PilesUp):
        replay.after(replay.start, "b")


@pytest.mark.usefixtures("pm4py")
def test_many_optional_parts_side_by_side() -> None:
    """Fourteen optional activities in any order, each any number of times, are played at once, although they have 3^14 states."""
    names = [f"activity {number}" for number in range(14)]
    again = [Tree("loop", children=(Tree("activity", name), Tree("silent"))) for name in names]
    tree = Tree("parallel", children=tuple(Tree("choice", children=(loop, Tree("silent"))) for loop in again))
    replay = Replay(notations.net_of_tree(tree))
    random = Random(1)
    for _ in range(20):
        state = replay.start
        for _ in range(20):
            state = replay.after(state, random.choice(names))
        assert replay.finishes(state)


def _fitting(replay: Replay, labels: str) -> set[str]:
    found = set()
    for length in range(len(labels) + 1):
        for trace in product(labels, repeat=length):
            state = replay.start
            for activity in trace:
                state = replay.after(state, activity)
            if replay.finishes(state):
                found.add("".join(trace))
    return found
