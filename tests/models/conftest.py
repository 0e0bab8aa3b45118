"""What the tests of models share: trees made at random, their languages worked out by hand, and pm4py as an oracle."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import strategies as st

from finmine.models.net import Net
from finmine.models.replay import Replay
from finmine.models.tree import Tree, TreeKind
from finmine.models.variants import Trace, Variants

Language = frozenset[Trace]


@pytest.fixture(scope="session")
def pm4py() -> Any:
    """pm4py, imported in this process with its warnings kept quiet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py
    return pm4py


@pytest.fixture(scope="session")
def language() -> Callable[[Tree, int], Language]:
    """All traces up to a length that a tree allows, by the meaning of its operators alone."""
    return _language


@pytest.fixture(scope="session")
def played() -> Callable[[Net, int], Language]:
    """All traces up to a length that a net can play, by replay."""

    def traces(net: Net, longest: int) -> Language:
        replay = Replay(net)
        found = set()
        pending: list[tuple[Trace, Any]] = [((), replay.start)]
        while pending:
            trace, state = pending.pop()
            if replay.finishes(state):
                found.add(trace)
            if len(trace) < longest:
                pending += [((*trace, activity), replay.after(state, activity)) for activity in replay.allowed(state)]
        return frozenset(found)

    return traces


@pytest.fixture(scope="session")
def trees() -> Callable[..., st.SearchStrategy[Tree]]:
    """Trees over some labels, each named once."""
    return _trees


def _language(tree: Tree, longest: int) -> Language:
    parts = [_language(child, longest) for child in tree.children]
    match tree.kind:
        case "activity":
            return frozenset({(tree.label,)})
        case "silent":
            return frozenset({()})
        case "choice":
            return frozenset().union(*parts)
        case "sequence" | "parallel":
            whole: Language = frozenset({()})
            for part in parts:
                whole = _short((join for a, b in product(whole, part) for join in ([a + b] if tree.kind == "sequence" else _shuffles(a, b))), longest)
            return whole
        case "loop":
            runs, before = parts[0], Language()
            while runs != before:
                before = runs
                runs |= _short((a + b + c for a, b, c in product(runs, parts[1], parts[0])), longest)
            return runs


def _short(traces: Iterable[Trace], longest: int) -> Language:
    return frozenset(trace for trace in traces if len(trace) <= longest)


def _shuffles(one: Trace, other: Trace) -> list[Trace]:
    if not one or not other:
        return [one + other]
    return [(one[0], *rest) for rest in _shuffles(one[1:], other)] + [(other[0], *rest) for rest in _shuffles(one, other[1:])]


@st.composite
def _trees(draw: st.DrawFn, labels: str, parallel: bool = True) -> Tree:
    if len(labels) == 1:
        leaf = Tree("activity", labels)
        return draw(st.sampled_from([leaf, leaf, Tree("choice", children=(leaf, Tree("silent"))), Tree("loop", children=(leaf, Tree("silent")))]))
    cut = draw(st.integers(1, len(labels) - 1))
    children = [draw(_trees(part, parallel)) for part in (labels[:cut], labels[cut:])]
    kind: TreeKind = draw(st.sampled_from(["sequence", "choice", "loop", *(["parallel"] if parallel else [])]))
    if kind in {"choice", "parallel"} and draw(st.booleans()):
        children.append(Tree("silent"))
    return Tree(kind, children=tuple(children))


@pytest.fixture(scope="session")
def expanded(pm4py: Any) -> Callable[[Variants], Any]:
    """A full log of pm4py's in which every case stands for itself."""

    def log(variants: Variants) -> Any:
        kinds = pm4py.objects.log.obj
        return kinds.EventLog(
            [kinds.Trace([kinds.Event({"concept:name": name}) for name in trace]) for trace, number in variants for _ in range(number)]
        )

    return log


@pytest.fixture(scope="session")
def theirs(pm4py: Any) -> Callable[[Net], Any]:
    """A net as pm4py's net with its initial and final marking."""

    def net(ours: Net) -> Any:
        kinds, join = pm4py.objects.petri_net.obj, pm4py.objects.petri_net.utils.petri_utils.add_arc_from_to
        made = kinds.PetriNet("net")
        places = [kinds.PetriNet.Place(f"p{place}") for place in range(ours.places)]
        made.places.update(places)
        for number, step in enumerate(ours.transitions):
            transition = kinds.PetriNet.Transition(f"t{number}", step.label)
            made.transitions.add(transition)
            for place in step.inputs:
                join(places[place], transition, made)
            for place in step.outputs:
                join(transition, places[place], made)
        return made, kinds.Marking({places[ours.source]: 1}), kinds.Marking({places[ours.sink]: 1})

    return net
