"""Models as files: what is written is what other programs read."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.models import pm4py as notations
from finmine.models.bpmn import Bpmn, Node
from finmine.models.drawing import bpmn_dot
from finmine.models.net import Net, Transition
from finmine.models.positions import positions
from finmine.models.spelling import written_name
from finmine.models.tree import Tree
from finmine.render.graphviz import layout

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DIAGRAM = "{http://www.omg.org/spec/BPMN/20100524/DI}"

HOSTILE = [
    "",
    " ",
    "Pay ",
    "Start",
    "End",
    "tau",
    "000001",
    "__start__",
    "t0",
    "a,b",
    '"quoted" \\N \\l \\',
    "<script>alert(1)</script>",
    "<b>bold</b>",
    "&lt;&amp;&quot;]]>",
    "two\nlines",
    "carriage\rreturn",
    "emoji 🧾",
    "支払い",
    "bell \x07 nul \x00",
    "turned \u202e round",
    "=cmd|' /C calc'!A0",
    "->( 'a', tau )",
    "long " * 60,
]

pytestmark = [pytest.mark.usefixtures("pm4py"), pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def hostile() -> Tree:
    """A model whose activities have every hostile name."""
    leaves = [Tree("activity", label) for label in HOSTILE]
    ways = Tree("choice", children=(*leaves[8:16], Tree("silent")))
    return Tree(
        "sequence",
        children=(
            *leaves[:8],
            ways,
            Tree("parallel", children=tuple(leaves[16:20])),
            Tree("loop", children=(leaves[20], Tree("silent"))),
            *leaves[21:],
        ),
    )


def test_a_tree_is_read_back(hostile: Tree) -> None:
    """pm4py reads the PTML file as the same tree, whatever the activities are called."""
    from pm4py.objects.process_tree.importer.variants.ptml import import_tree_from_string

    written = hostile.relabelled({label: written_name(label) for label in HOSTILE})
    assert notations._tree(import_tree_from_string(hostile.ptml())) == written.ordered()


@given(data=st.data())
def test_any_tree_is_read_back(data: st.DataObject, trees: Callable[..., Any], language: Callable[[Tree, int], Any]) -> None:
    """pm4py reads a tree from PTML with the same meaning."""
    from pm4py.objects.process_tree.importer.variants.ptml import import_tree_from_string

    tree = data.draw(trees("abcd"))
    assert language(notations._plain(import_tree_from_string(tree.ptml())), 4) == language(tree, 4)


def test_a_net_is_read_back(hostile: Tree) -> None:
    """pm4py reads the PNML file as the same net with the same markings."""
    from pm4py.objects.petri_net.importer.variants.pnml import import_net_from_string

    net = notations.net_of_tree(hostile)
    written = net.relabelled({label: written_name(label) for label in HOSTILE}).ordered()
    assert notations._net(*import_net_from_string(net.pnml())) == written


def test_a_weighted_arc_is_read_back() -> None:
    """Two tokens from one place are one arc of weight two."""
    from pm4py.objects.petri_net.importer.variants.pnml import import_net_from_string

    net = Net(3, 0, 2, (Transition("a", (0,), (1, 1)), Transition("b", (1, 1), (2,)))).ordered()
    assert notations._net(*import_net_from_string(net.pnml())) == net


def test_a_diagram_is_read_back(hostile: Tree) -> None:
    """pm4py reads the BPMN file as the same diagram; line ends in names, which it drops, are in the file."""
    from pm4py.objects.bpmn.importer.variants.lxml import import_from_string

    diagram = notations.bpmn_of_tree(hostile)
    xml = diagram.xml(positions(layout(bpmn_dot(diagram, "LR"))))
    names = {label: written_name(label) for label in HOSTILE}
    assert {task.attrib["name"] for task in ET.fromstring(xml).iter(f"{BPMN}task")} == set(names.values())
    without_ends = {label: name.replace("\n", "") for label, name in names.items()}
    assert notations._bpmn(import_from_string(xml)) == diagram.relabelled(without_ends).merged()


def test_every_part_has_its_place(hostile: Tree) -> None:
    """Each node of the file has a box of some size and each flow a line between its two boxes, none left of or above the picture."""
    diagram = notations.bpmn_of_tree(hostile)
    root = ET.fromstring(diagram.xml(positions(layout(bpmn_dot(diagram, "LR")))))
    boxes = {
        shape.attrib["bpmnElement"]: [float(shape[0].attrib[side]) for side in ("x", "y", "width", "height")]
        for shape in root.iter(f"{DIAGRAM}BPMNShape")
    }
    assert boxes.keys() == {f"node{number}" for number in range(len(diagram.nodes))}
    assert all(x >= 0 and y >= 0 and width > 10 and height > 10 for x, y, width, height in boxes.values())
    for edge in root.iter(f"{DIAGRAM}BPMNEdge"):
        source, target = diagram.flows[int(edge.attrib["bpmnElement"].removeprefix("flow"))]
        line = [(float(point.attrib["x"]), float(point.attrib["y"])) for point in edge]
        assert _touches(boxes[f"node{source}"], line[0])
        assert _touches(boxes[f"node{target}"], line[-1])


def _touches(box: list[float], point: tuple[float, float], slack: float = 4.0) -> bool:
    x, y, width, height = box
    return x - slack <= point[0] <= x + width + slack and y - slack <= point[1] <= y + height + slack


def test_a_diagram_without_places_is_whole() -> None:
    """A diagram that could not be laid out has all its nodes and flows, and no picture."""
    root = ET.fromstring(Bpmn((Node("start"), Node("task", "a"), Node("end")), ((0, 1), (1, 2))).xml(None))
    assert len(list(root.iter(f"{BPMN}sequenceFlow"))) == 2
    assert not list(root.iter(f"{DIAGRAM}BPMNDiagram"))


@given(label=st.text())
def test_a_written_name_can_be_read(label: str) -> None:
    """Whatever an activity is called, its name in a file is not empty and comes back as it was written."""
    name = written_name(label)
    element = ET.Element("a", name=name)
    element.text = name
    read = ET.fromstring(ET.tostring(element, encoding="unicode"))
    assert name
    assert (read.text, read.attrib["name"]) == (name, name)


@settings(max_examples=50)
@given(data=st.data(), seed=st.integers())
def test_the_same_net_is_numbered_the_same(data: st.DataObject, seed: int, trees: Callable[..., Any]) -> None:
    """However places and transitions are numbered and listed, the ordered net is the same."""
    net = notations.net_of_tree(data.draw(trees("abcd")))
    random = Random(seed)
    places = random.sample(range(net.places), net.places)
    steps = [
        Transition(
            step.label,
            tuple(random.sample([places[place] for place in step.inputs], len(step.inputs))),
            tuple(places[place] for place in step.outputs),
        )
        for step in random.sample(net.transitions, len(net.transitions))
    ]
    assert Net(net.places, places[net.source], places[net.sink], tuple(steps)).ordered() == net


@settings(max_examples=50)
@given(data=st.data(), seed=st.integers())
def test_the_same_diagram_is_numbered_the_same(data: st.DataObject, seed: int, trees: Callable[..., Any]) -> None:
    """However nodes and flows are listed, the ordered diagram is the same, and merging it again changes nothing."""
    diagram = notations.bpmn_of_tree(data.draw(trees("abcd")))
    random = Random(seed)
    order = random.sample(range(len(diagram.nodes)), len(diagram.nodes))
    nodes = tuple(diagram.nodes[order.index(place)] for place in range(len(order)))
    flows = tuple((order[source], order[target]) for source, target in random.sample(diagram.flows, len(diagram.flows)))
    assert Bpmn(nodes, flows).ordered() == diagram == diagram.merged()
