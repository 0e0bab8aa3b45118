"""Models from files: what finmine writes is read back as it was, names are found, and what could mislead or harm is refused with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.errors import Refusal
from finmine.models import pm4py as notations
from finmine.models.bpmn import Bpmn, Node
from finmine.models.net import Net, Transition
from finmine.models.reference import read_reference, reference, straight_line

PNML = '<pnml><net id="n"><page id="g">{}</page></net></pnml>'
NODES = (
    '<place id="p"><initialMarking><text>1</text></initialMarking></place><place id="q"/><transition id="t"><name><text>a</text></name></transition>'
)
ARCS = '<arc id="1" source="p" target="t"/><arc id="2" source="t" target="q"/>'
BPMN = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="x">{}</process></definitions>'
FLOW = '<startEvent id="s"/><task id="t" name="a"/><endEvent id="e"/><sequenceFlow sourceRef="s" targetRef="t"/><sequenceFlow sourceRef="t" targetRef="e"/>'


@pytest.mark.usefixtures("pm4py")
@settings(max_examples=15)
@given(data=st.data())
def test_what_is_written_is_read_back(data: st.DataObject, trees: Callable[..., Any]) -> None:
    """The net of a PNML file and the diagram of a BPMN file are those that were written."""
    tree = data.draw(trees("abcd"))
    net, diagram = notations.net_of_tree(tree), notations.bpmn_of_tree(tree)
    assert read_reference("m.pnml", net.pnml().encode()).net == net
    assert read_reference("m.bpmn", diagram.xml(None).encode()).diagram == diagram


def test_names_are_those_of_the_log(tmp_path: Path) -> None:
    """A name is the log's own; else the one that differs in white space and case alone, which is said; else it stays; none in common is refused."""
    labels = ("Enter  invoice ", "Pay <x> & 'y'\n", "Block", "block")
    (tmp_path / "m.pnml").write_text(straight_line("m", ("enter invoice", labels[1], "BLOCK", "Never")).net.pnml())  # type: ignore[union-attr]
    named = reference(tmp_path / "m.pnml").named_as(labels)
    assert named.activities() == {labels[0], labels[1], "BLOCK", "Never"}
    assert named.notes == (
        "Names of the model that differ from those of the log in white space or case alone were taken: 'enter invoice' for 'Enter  invoice '.",
    )
    with pytest.raises(Refusal, match=r"no activity of the model m.pnml is one of the log \('BLOCK', 'Never', .*Give the model of this process"):
        reference(tmp_path / "m.pnml").named_as(["other"])


def test_flows_of_a_task_mean_what_the_standard_says() -> None:
    """Several flows out of a task are all taken, or those whose conditions hold; events on the way do nothing, which is said."""
    more = FLOW + '<intermediateThrowEvent id="i" name="sent"/><sequenceFlow sourceRef="t" targetRef="i"/><sequenceFlow sourceRef="i" targetRef="e"/>'
    plain = read_reference("m", BPMN.format(more).encode())
    assert plain.diagram is not None
    assert [node.kind for node in plain.diagram.nodes].count("parallel") == 1
    assert plain.notes == ("Intermediate events are passed without an activity: 'sent'.",)
    asked = more.replace('targetRef="i"/>', 'targetRef="i"><conditionExpression/></sequenceFlow>')
    conditional = read_reference("m", BPMN.format(asked).encode()).diagram
    assert conditional is not None
    assert [node.kind for node in conditional.nodes].count("inclusive") == 1
    assert read_reference("m", BPMN.format(FLOW).encode()).diagram == Bpmn((Node("start"), Node("task", "a"), Node("end")), ((0, 1), (1, 2)))


def test_places_without_marks_are_found() -> None:
    """Without markings the start is where nothing leads to, and the end where nothing leads on; weights, and ProM's silent transitions, are read."""
    text = PNML.format(
        '<place id="p"/><place id="m"/><place id="q"/><transition id="t"><name><text>a</text></name></transition>'
        '<transition id="u"><name><text>tau</text></name><toolspecific tool="ProM" activity="$invisible$"/></transition>'
        '<arc source="p" target="t"/><arc source="t" target="m"><inscription><text>2</text></inscription></arc>'
        '<arc source="m" target="u"><inscription><text> 2 </text></inscription></arc><arc source="u" target="q"/>'
    )
    assert read_reference("m", text.encode()).net == Net(3, 0, 2, (Transition("a", (0,), (1, 1)), Transition(None, (1, 1), (2,)))).ordered()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: this is not well-formed XML"),
        ("<pnml><net>", "line 1: this is not well-formed XML"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>\n<pnml>&b;</pnml>', "<!DOCTYPE a> is not allowed"),
        ("<log/>", "it begins with <log>"),
        ("<a>" * 200 + "</a>" * 200, "deeper in each other"),
        (PNML.format(NODES + ARCS).replace("net", "nut"), "it has 0 nets"),
        (PNML.format(NODES + ARCS + '<place id="z"/>'), "2 places of the net would be that place"),
        (PNML.format(NODES + ARCS + NODES), "an id that another has"),
        (PNML.format(NODES + '<arc source="p" target="q"/>'), "does not join a place and a transition"),
        (PNML.format(NODES + ARCS.replace("/>", "><type value='inhibitor'/></arc>", 1)), "only plain arcs"),
        (PNML.format(NODES.replace(">1<", ">2<") + ARCS), "2 tokens at the start"),
        (PNML.format(NODES.replace(">1<", ">many<") + ARCS), "must be a whole number"),
        (PNML.format(NODES + ARCS + '<referencePlace id="r" ref="p"/>'), "joins pages"),
        (BPMN.format(""), "it has 0 processes with activities"),
        (BPMN.format(FLOW + "<subProcess/>"), "<subProcess> is not read; draw what is in it"),
        (BPMN.format(FLOW.replace('name="a"/>', 'name="a"><multiInstanceLoopCharacteristics/></task>')), "draw the repeat"),
        (BPMN.format(FLOW + '<task id="u" name="lost"/>'), "nothing leads to 'lost'"),
        (BPMN.format(FLOW.replace('sourceRef="t" targetRef="e"', 'sourceRef="t" targetRef="t"')), "nothing leads to the <endEvent> of line 1"),
        (BPMN.format(FLOW.replace('targetRef="e"', 'targetRef="nowhere"')), "leads from or to nothing that is read"),
        (BPMN.format('<task id="t" name="a"/><sequenceFlow sourceRef="t" targetRef="t"/>'), "no start event"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, said: str) -> None:
    """Broken, hostile and unclear files are refused with the file, the line and what is wrong."""
    with pytest.raises(Refusal, match="m.bpmn.*") as refused:
        read_reference("m.bpmn", text.encode())
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The path is named, and what writes such a file."""
    with pytest.raises(Refusal, match=r"none.pnml.*No such file.*finmine model"):
        reference(tmp_path / "none.pnml")
