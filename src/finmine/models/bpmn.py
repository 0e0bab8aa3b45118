"""The BPMN diagram: a model in the notation of the trade, with tasks, gateways and sequence flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from xml.etree import ElementTree

from finmine.models.order import stable_order
from finmine.models.positions import Positions
from finmine.models.spelling import document, written_name

NodeKind: TypeAlias = Literal["start", "end", "task", "exclusive", "parallel", "inclusive"]

_TAGS: dict[NodeKind, str] = {
    "start": "startEvent",
    "end": "endEvent",
    "task": "task",
    "exclusive": "exclusiveGateway",
    "parallel": "parallelGateway",
    "inclusive": "inclusiveGateway",
}
_SPACES = {
    "xmlns:bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "xmlns:bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "xmlns:dc": "http://www.omg.org/spec/DD/20100524/DC",
    "xmlns:di": "http://www.omg.org/spec/DD/20100524/DI",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A task with its label, a start or end event, or a gateway."""

    kind: NodeKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Bpmn:
    """Nodes, and the sequence flows between them as pairs of their places among the nodes."""

    nodes: tuple[Node, ...]
    flows: tuple[tuple[int, int], ...]

    def relabelled(self, labels: Mapping[str, str]) -> Bpmn:
        """The same diagram with other labels on its tasks."""
        return replace(self, nodes=tuple(replace(node, label=labels[node.label]) if node.kind == "task" else node for node in self.nodes))

    def ordered(self) -> Bpmn:
        """The same diagram with its nodes and flows numbered by their place in its structure."""
        order = stable_order([f"{node.kind} {node.label}" for node in self.nodes], self.flows)
        numbers = {old: new for new, old in enumerate(order)}
        flows = sorted((numbers[source], numbers[target]) for source, target in self.flows)
        return Bpmn(tuple(self.nodes[old] for old in order), tuple(flows))

    def xml(self, positions: Positions | None) -> str:
        """The diagram as a BPMN 2.0 file; without positions the model is whole, but a modelling tool must lay it out."""
        root = ElementTree.Element("bpmn:definitions", {**_SPACES, "id": "definitions1", "targetNamespace": "urn:finmine"})
        process = ElementTree.SubElement(root, "bpmn:process", id="process1", isExecutable="false")
        for number, node in enumerate(self.nodes):
            self._write_node(process, number, node)
        for number, (source, target) in enumerate(self.flows):
            ElementTree.SubElement(process, "bpmn:sequenceFlow", id=f"flow{number}", sourceRef=f"node{source}", targetRef=f"node{target}")
        if positions is not None:
            self._write_positions(root, positions)
        return document(root)

    def _write_node(self, process: ElementTree.Element, number: int, node: Node) -> None:
        into = [flow for flow, (_, target) in enumerate(self.flows) if target == number]
        out = [flow for flow, (source, _) in enumerate(self.flows) if source == number]
        names = {"name": written_name(node.label)} if node.kind == "task" else {}
        if node.kind in {"exclusive", "parallel", "inclusive"}:
            names = {"gatewayDirection": "Converging" if len(out) == 1 else "Diverging" if len(into) == 1 else "Mixed"}
        element = ElementTree.SubElement(process, f"bpmn:{_TAGS[node.kind]}", {"id": f"node{number}", **names})
        for flow in into:
            ElementTree.SubElement(element, "bpmn:incoming").text = f"flow{flow}"
        for flow in out:
            ElementTree.SubElement(element, "bpmn:outgoing").text = f"flow{flow}"

    def _write_positions(self, root: ElementTree.Element, positions: Positions) -> None:
        diagram = ElementTree.SubElement(root, "bpmndi:BPMNDiagram", id="diagram1")
        plane = ElementTree.SubElement(diagram, "bpmndi:BPMNPlane", id="plane1", bpmnElement="process1")
        for number, node in enumerate(self.nodes):
            marker = {"isMarkerVisible": "true"} if node.kind == "exclusive" else {}
            shape = ElementTree.SubElement(plane, "bpmndi:BPMNShape", {"id": f"shape{number}", "bpmnElement": f"node{number}", **marker})
            left, top, width, height = positions.boxes[f"node{number}"]
            ElementTree.SubElement(shape, "dc:Bounds", x=f"{left:.0f}", y=f"{top:.0f}", width=f"{width:.0f}", height=f"{height:.0f}")
        for number in range(len(self.flows)):
            edge = ElementTree.SubElement(plane, "bpmndi:BPMNEdge", id=f"edge{number}", bpmnElement=f"flow{number}")
            for x, y in positions.lines[f"flow{number}"]:
                ElementTree.SubElement(edge, "di:waypoint", x=f"{x:.0f}", y=f"{y:.0f}")
