"""Immediate repeats folded before a model is learned, and put back into it as loops.

``a, a, a, b`` is learned from as ``a, b``, together with all other numbers of repeats: far fewer variants and less noise.
Every activity that repeats somewhere becomes a loop of itself in the model, unless the model lets it repeat already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from finmine.models.tree import Tree
from finmine.models.variants import Graph, Variants, ranked


def repeating(variants: Variants) -> frozenset[str]:
    """The activities that directly follow themselves in some trace."""
    return frozenset(first for trace, _ in variants for first, second in pairwise(trace) if first == second)


def folded(variants: Variants) -> Variants:
    """The variants with each run of one activity as a single one; variants that become equal are one."""
    return ranked((tuple(activity for activity, _ in groupby(trace)), number) for trace, number in variants)


def repeating_in(graph: Graph) -> frozenset[str]:
    """The activities that directly follow themselves in the graph."""
    return frozenset(source for source, target in graph.edges if source == target)


def folded_graph(graph: Graph) -> Graph:
    """The graph of the folded variants: without the edges from an activity to itself."""
    return replace(graph, edges={edge: number for edge, number in graph.edges.items() if edge[0] != edge[1]})


def with_loops(tree: Tree, repeating: frozenset[str]) -> Tree:
    """The tree with leaf ``a`` as ``loop(a, silent)`` for each repeating activity that the tree does not let follow itself anyway."""
    return _looped(tree, repeating - _edges_of(tree).repeats)


def _looped(tree: Tree, missing: frozenset[str]) -> Tree:
    if tree.kind == "activity" and tree.label in missing:
        return Tree("loop", children=(tree, Tree("silent")))
    return replace(tree, children=tuple(_looped(child, missing) for child in tree.children))


@dataclass(frozen=True, slots=True)
class _Edges:
    """Whether a run of a tree can be empty, which activities can come first and last in it, and which can follow themselves.

    These are Glushkov's sets; the trees of the miners name each activity once.
    """

    skippable: bool
    first: frozenset[str]
    last: frozenset[str]
    repeats: frozenset[str] = frozenset()


_NOTHING = _Edges(True, frozenset(), frozenset())


def _edges_of(tree: Tree) -> _Edges:
    parts = [_edges_of(child) for child in tree.children]
    repeats = frozenset[str]().union(*(part.repeats for part in parts))
    match tree.kind:
        case "activity":
            return _Edges(False, frozenset({tree.label}), frozenset({tree.label}))
        case "silent":
            return _NOTHING
        case "sequence":
            return replace(_in_order(parts), repeats=repeats)
        case "loop":
            return _of_loop(parts[0], parts[1], repeats)
        case "choice" | "parallel":
            skippable = any(part.skippable for part in parts) if tree.kind == "choice" else all(part.skippable for part in parts)
            return _Edges(skippable, frozenset().union(*(part.first for part in parts)), frozenset().union(*(part.last for part in parts)), repeats)


def _in_order(parts: list[_Edges]) -> _Edges:
    whole = _NOTHING
    for part in parts:
        whole = _Edges(
            whole.skippable and part.skippable,
            whole.first | part.first if whole.skippable else whole.first,
            whole.last | part.last if part.skippable else part.last,
        )
    return whole


def _of_loop(body: _Edges, redo: _Edges, repeats: frozenset[str]) -> _Edges:
    once_more = (body.last & body.first if redo.skippable else frozenset()) | (redo.last & redo.first if body.skippable else frozenset())
    return _Edges(
        body.skippable,
        body.first | redo.first if body.skippable else body.first,
        body.last | redo.last if body.skippable else body.last,
        repeats | once_more,
    )
