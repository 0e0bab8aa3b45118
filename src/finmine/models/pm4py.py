"""The one door to pm4py: its miners and its conversions between notations, on counts of variants and never on events.

Everything here runs in a child process (see ``child``), because importing pm4py takes seconds and mining may take minutes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from finmine.errors import Refusal
from finmine.models.bpmn import Bpmn, Node, NodeKind
from finmine.models.net import Net, Transition
from finmine.models.tree import Tree, TreeKind
from finmine.models.variants import Graph, Variants, graph

_OPERATORS: dict[TreeKind, str] = {"sequence": "->", "choice": "X", "parallel": "+", "loop": "*"}
_KINDS = {sign: kind for kind, sign in _OPERATORS.items()}


class MinerBroke(Refusal):
    """A miner of pm4py ended with an error of its own."""

    def __init__(self, miner: str, error: Exception) -> None:
        super().__init__(
            f"pm4py's miner {miner!r} could not make a model of this log and ended with {type(error).__name__}: {error}. "
            "Take another miner, or learn from fewer variants (a lower coverage)."
        )


def inductive(variants: Variants, noise: float) -> Tree:
    """The inductive miner (Leemans, Fahland, van der Aalst 2013), with the filter for infrequent behaviour where ``noise`` is above 0."""
    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureUVCL
    from pm4py.algo.discovery.inductive.variants.im import IMUVCL
    from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL

    parameters = {"noise_threshold": noise, "multiprocessing": False}
    miner = (IMFUVCL if noise > 0 else IMUVCL)(parameters)
    with _told("inductive"):
        return _tree(miner.apply(IMDataStructureUVCL(Counter(dict(variants))), parameters))


def inductive_on_graph(counted: Graph) -> Tree:
    """The inductive miner on a directly-follows graph (Leemans, Fahland, van der Aalst 2018)."""
    from pm4py.algo.discovery.inductive.dtypes.im_dfg import InductiveDFG
    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureDFG
    from pm4py.algo.discovery.inductive.variants.imd import IMD
    from pm4py.objects.dfg.obj import DFG
    from pm4py.objects.process_tree.obj import ProcessTree

    class Miner(IMD):  # type: ignore[misc]
        """The miner, which also knows an activity that is left alone with nothing but an end: its own base case looks at starts only, and breaks."""

        def apply_base_cases(self, obj: Any, parameters: Any = None) -> Any:
            part = obj.dfg
            if not part.graph and not part.start_activities and len(part.end_activities) == 1:
                return ProcessTree(label=next(iter(part.end_activities)))
            return super().apply_base_cases(obj, parameters)

    parameters = {"multiprocessing": False}
    edges = DFG(dict(counted.edges), dict(counted.starts), dict(counted.ends))
    with _told("inductive-dfg"):
        return _tree(Miner(parameters).apply(IMDataStructureDFG(InductiveDFG(edges, skip=counted.empty > 0)), parameters))


def split(variants: Variants, noise: float) -> Bpmn:
    """The split miner (Augusto, Conforti, Dumas, La Rosa, Polyvyanyy 2019); ``noise`` is its frequency percentile η.

    Cases without activities are left out, as the miner has no place for them.
    """
    from pm4py.algo.discovery.split_miner.dfg_discovery.classic import ClassicDFGDiscoverer
    from pm4py.algo.discovery.split_miner.dtypes.log import END_LABEL, START_LABEL
    from pm4py.algo.discovery.split_miner.variants.classic import ClassicSplitMiner, Parameters

    framed = [((START_LABEL, *trace, END_LABEL), number) for trace, number in variants if trace]
    edges = dict(graph(framed).edges)
    _, loops = ClassicDFGDiscoverer.apply([trace for trace, _ in framed])

    class Counted(ClassicSplitMiner):  # type: ignore[misc]
        """The miner with its first two phases done: the graph is counted already, each variant with all its cases."""

        def do_extract_traces(self, log: Any, parameters: Any = None) -> Any:
            return log

        def do_dfg_discovery(self, traces: Any, parameters: Any = None) -> Any:
            return edges, loops

    with _told("split"):
        return _bpmn(Counted().apply([trace for trace, _ in framed], {Parameters.ETA.value: noise}))


def net_of_tree(tree: Tree) -> Net:
    """The Petri net of a process tree."""
    from pm4py.objects.conversion.process_tree.variants import to_petri_net

    return _net(*to_petri_net.apply(_theirs(tree)))


def bpmn_of_tree(tree: Tree) -> Bpmn:
    """The BPMN diagram of a process tree."""
    from pm4py.objects.conversion.process_tree.variants import to_bpmn

    return _bpmn(to_bpmn.apply(_theirs(tree)))


def net_of_bpmn(diagram: Bpmn) -> Net:
    """The Petri net of a BPMN diagram whose tasks all have a name."""
    from pm4py.objects.bpmn.obj import BPMN
    from pm4py.objects.conversion.bpmn.variants import to_petri_net

    classes = {
        "start": BPMN.StartEvent,
        "end": BPMN.EndEvent,
        "task": BPMN.Task,
        "exclusive": BPMN.ExclusiveGateway,
        "parallel": BPMN.ParallelGateway,
        "inclusive": BPMN.InclusiveGateway,
    }
    theirs = BPMN()
    nodes = [classes[node.kind](id=f"node{number}", name=node.label) for number, node in enumerate(diagram.nodes)]
    for node in nodes:
        theirs.add_node(node)
    for number, (source, target) in enumerate(diagram.flows):
        theirs.add_flow(BPMN.SequenceFlow(nodes[source], nodes[target], id=f"flow{number}"))
    return _net(*to_petri_net.apply(theirs))


@contextmanager
def _told(miner: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise MinerBroke(miner, error) from error


def _tree(theirs: Any) -> Tree:
    from pm4py.objects.process_tree.utils.generic import fold

    return _plain(fold(theirs)).ordered()


def _plain(node: Any) -> Tree:
    if node.operator is None:
        return Tree("silent") if node.label is None else Tree("activity", node.label)
    return Tree(_KINDS[node.operator.value], children=tuple(map(_plain, node.children)))


def _theirs(tree: Tree, parent: Any = None) -> Any:
    from pm4py.objects.process_tree.obj import Operator, ProcessTree

    if tree.kind in {"activity", "silent"}:
        return ProcessTree(label=tree.label if tree.kind == "activity" else None, parent=parent)
    node = ProcessTree(operator=Operator(_OPERATORS[tree.kind]), parent=parent)
    node.children = [_theirs(child, node) for child in tree.children]
    return node


def _net(theirs: Any, initial: Any, final: Any) -> Net:
    places = {place: number for number, place in enumerate(theirs.places)}
    (source,), (sink,) = initial, final
    steps = (
        Transition(
            step.label,
            tuple(places[arc.source] for arc in step.in_arcs for _ in range(arc.weight)),
            tuple(places[arc.target] for arc in step.out_arcs for _ in range(arc.weight)),
        )
        for step in theirs.transitions
    )
    return Net(len(places), places[source], places[sink], tuple(steps)).ordered()


def _bpmn(theirs: Any) -> Bpmn:
    nodes = list(theirs.get_nodes())
    numbers = {node: number for number, node in enumerate(nodes)}
    flows = tuple((numbers[flow.get_source()], numbers[flow.get_target()]) for flow in theirs.get_flows())
    return Bpmn(tuple(Node(_kind(node), node.get_name() if _kind(node) == "task" else "") for node in nodes), flows).merged()


def _kind(node: Any) -> NodeKind:
    from pm4py.objects.bpmn.obj import BPMN

    kinds: list[tuple[Any, NodeKind]] = [
        (BPMN.StartEvent, "start"),
        (BPMN.EndEvent, "end"),
        (BPMN.Task, "task"),
        (BPMN.ExclusiveGateway, "exclusive"),
        (BPMN.ParallelGateway, "parallel"),
        (BPMN.InclusiveGateway, "inclusive"),
    ]
    return next(kind for theirs, kind in kinds if isinstance(node, theirs))
