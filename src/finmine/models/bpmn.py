"""The BPMN diagram: a model in the notation of the trade, with tasks, gateways and sequence flows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from xml.etree import ElementTree as ET

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

    def merged(self) -> Bpmn:
        """The same model with as few gateways as go: two of a kind in a row are one, and one with nothing to decide is none."""
        gateways = {number: node.kind for number, node in enumerate(self.nodes) if node.kind in {"exclusive", "parallel"}}
        choices = {number for number, kind in gateways.items() if kind == "exclusive"}
        flows = list(self.flows)
        while (link := _link_to_merge(gateways, flows)) is not None:
            flows.remove(link)
            flows = [(link[0] if source == link[1] else source, link[0] if target == link[1] else target) for source, target in flows]
            # Between gateways that choose, a second way is no other way, and a way back to the same is no way.
            plain = {flow for flow in flows if choices.issuperset(flow)}
            flows = [flow for flow in flows if flow not in plain] + sorted(flow for flow in plain if flow[0] != flow[1])
        kept = sorted({end for flow in flows for end in flow})
        numbers = {old: new for new, old in enumerate(kept)}
        return Bpmn(tuple(self.nodes[old] for old in kept), tuple((numbers[source], numbers[target]) for source, target in flows)).ordered()

    def xml(self, positions: Positions | None) -> str:
        """The diagram as a BPMN 2.0 file; without positions the model is whole, but a modelling tool must lay it out."""
        root = ET.Element("bpmn:definitions", {**_SPACES, "id": "definitions1", "targetNamespace": "urn:finmine"})
        process = ET.SubElement(root, "bpmn:process", id="process1", isExecutable="false")
        for number, node in enumerate(self.nodes):
            self._write_node(process, number, node)
        for number, (source, target) in enumerate(self.flows):
            ET.SubElement(process, "bpmn:sequenceFlow", id=f"flow{number}", sourceRef=f"node{source}", targetRef=f"node{target}")
        if positions is not None:
            self._write_positions(root, positions)
        return document(root)

    def _write_node(self, process: ET.Element, number: int, node: Node) -> None:
        into = [flow for flow, (_, target) in enumerate(self.flows) if target == number]
        out = [flow for flow, (source, _) in enumerate(self.flows) if source == number]
        names = {"name": written_name(node.label)} if node.kind == "task" else {}
        if node.kind in {"exclusive", "parallel", "inclusive"}:
            names = {"gatewayDirection": "Converging" if len(out) == 1 else "Diverging" if len(into) == 1 else "Mixed"}
        element = ET.SubElement(process, f"bpmn:{_TAGS[node.kind]}", {"id": f"node{number}", **names})
        for flow in into:
            ET.SubElement(element, "bpmn:incoming").text = f"flow{flow}"
        for flow in out:
            ET.SubElement(element, "bpmn:outgoing").text = f"flow{flow}"

    def _write_positions(self, root: ET.Element, positions: Positions) -> None:
        diagram = ET.SubElement(root, "bpmndi:BPMNDiagram", id="diagram1")
        plane = ET.SubElement(diagram, "bpmndi:BPMNPlane", id="plane1", bpmnElement="process1")
        for number, node in enumerate(self.nodes):
            marker = {"isMarkerVisible": "true"} if node.kind == "exclusive" else {}
            shape = ET.SubElement(plane, "bpmndi:BPMNShape", {"id": f"shape{number}", "bpmnElement": f"node{number}", **marker})
            left, top, width, height = positions.boxes[f"node{number}"]
            ET.SubElement(shape, "dc:Bounds", x=f"{left:.0f}", y=f"{top:.0f}", width=f"{width:.0f}", height=f"{height:.0f}")
        for number in range(len(self.flows)):
            edge = ET.SubElement(plane, "bpmndi:BPMNEdge", id=f"edge{number}", bpmnElement=f"flow{number}")
            for x, y in positions.lines[f"flow{number}"]:
                ET.SubElement(edge, "di:waypoint", x=f"{x:.0f}", y=f"{y:.0f}")


def _link_to_merge(gateways: Mapping[int, NodeKind], flows: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """A flow whose second end can become one with its first without a change of meaning."""
    into = Counter(target for _, target in flows)
    out = Counter(source for source, _ in flows)
    for source, target in flows:
        alike = source in gateways and gateways[source] == gateways.get(target)
        idle = target in gateways and into[target] == out[target] == 1
        if source != target and (idle or (alike and (out[source] == 1 or into[target] == 1))):
            return source, target
    return None
