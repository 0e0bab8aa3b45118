"""BPMN diagrams read from files of BPMN 2.0: what they mean for the order of activities, and nothing else.

Tasks of every kind and call activities are activities. Intermediate events do nothing. Where several flows leave a task, all are
taken, or those whose conditions hold; where several come to it, each alone is enough (BPMN 2.0, 13.3).
"""

from __future__ import annotations

from collections import defaultdict

from finmine.models.bpmn import Bpmn, Node, NodeKind
from finmine.models.xml_elements import BadModelFile, Element

_TASKS = ("task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "businessRuleTask", "callActivity")
_KINDS: dict[str, NodeKind] = {
    "startEvent": "start",
    "endEvent": "end",
    "exclusiveGateway": "exclusive",
    "eventBasedGateway": "exclusive",
    "parallelGateway": "parallel",
    "inclusiveGateway": "inclusive",
    "intermediateThrowEvent": "exclusive",
    "intermediateCatchEvent": "exclusive",
    **dict.fromkeys(_TASKS, "task"),
}
_NOT_READ = {
    "subProcess": "draw what is in it in the process itself",
    "transaction": "draw what is in it in the process itself",
    "adHocSubProcess": "draw what is in it in the process itself",
    "boundaryEvent": "draw what interrupts the task with a gateway after it",
    "complexGateway": "draw it with exclusive, parallel or inclusive gateways",
    "standardLoopCharacteristics": "draw the repeat with a gateway and a flow back",
    "multiInstanceLoopCharacteristics": "draw the repeat with a gateway and a flow back",
}


def diagram_of_bpmn(file: str, root: Element) -> tuple[Bpmn, tuple[str, ...]]:
    """The diagram in a BPMN file, and what is to be said about how it was read.

    Raises:
        BadModelFile: there is no process or several, or something in it is not read; with the line and what to draw instead.
    """
    processes = [process for process in root.all("process") if next(process.all(*_KINDS), None) is not None]
    if len(processes) != 1:
        place = processes[1].line if processes else root.line
        raise BadModelFile(file, place, f"it has {len(processes)} processes with activities, and one is needed; export the one that is meant")
    process = processes[0]
    for element in process.all(*_NOT_READ):
        raise BadModelFile(file, element.line, f"<{element.name}> is not read; {_NOT_READ[element.name]}")
    return _Nodes(file, process).diagram()


class _Nodes:
    def __init__(self, file: str, process: Element) -> None:
        self._file, self._process = file, process
        self._elements: dict[str, Element] = {}
        for element in process.all(*_KINDS):
            name = element.attributes.get("id", "")
            if not name or name in self._elements:
                raise BadModelFile(file, element.line, f"<{element.name}> has {'an id that another has' if name else 'no id'}")
            self._elements[name] = element

    def diagram(self) -> tuple[Bpmn, tuple[str, ...]]:
        numbers = {name: number for number, name in enumerate(self._elements)}
        nodes = [Node(_KINDS[element.name], _label(element)) for element in self._elements.values()]
        leaving = self._flows()
        flows: list[tuple[int, int]] = []
        for name, element in self._elements.items():
            source, targets = numbers[name], [numbers[target] for target, _ in leaving[name]]
            if len(targets) > 1 and nodes[source].kind in ("task", "start"):
                nodes.append(Node("inclusive" if any(conditional for _, conditional in leaving[name]) else "parallel"))
                flows.append((source, len(nodes) - 1))
                source = len(nodes) - 1
            if not targets and element.name != "endEvent":
                raise BadModelFile(self._file, element.line, f"nothing comes after {_called(element)}; let a flow lead from it to an end event")
            flows += [(source, target) for target in targets]
        for kind in ("start", "end"):
            if all(node.kind != kind for node in nodes):
                raise BadModelFile(self._file, self._process.line, f"the process has no {kind} event; draw where a case {kind}s")
        return Bpmn(tuple(nodes), tuple(flows)).ordered(), tuple(self._notes())

    def _flows(self) -> dict[str, list[tuple[str, bool]]]:
        """For each node where its flows lead, and whether they have conditions."""
        leaving = defaultdict[str, list[tuple[str, bool]]](list)
        reached: set[str] = set()
        for flow in self._process.all("sequenceFlow"):
            source, target = flow.attributes.get("sourceRef", ""), flow.attributes.get("targetRef", "")
            for end in (source, target):
                if end not in self._elements:
                    raise BadModelFile(self._file, flow.line, f"the flow from {source!r} to {target!r} leads from or to nothing that is read")
            leaving[source].append((target, flow.first("conditionExpression") is not None))
            reached.add(target)
        for name, element in self._elements.items():
            if name not in reached and element.name != "startEvent":
                raise BadModelFile(self._file, element.line, f"nothing leads to {_called(element)}; let a flow lead to it, or remove it")
        return leaving

    def _notes(self) -> list[str]:
        found = [element for element in self._elements.values() if element.name.startswith("intermediate")]
        unnamed = [element for element in self._elements.values() if element.name in _TASKS and not _label(element)]
        notes = [f"Intermediate events are passed without an activity: {', '.join(_called(one) for one in found[:5])}."] if found else []
        return notes + (
            [f"Tasks without a name are passed without an activity: lines {', '.join(str(one.line) for one in unnamed[:5])}."] if unnamed else []
        )


def _label(element: Element) -> str:
    return element.attributes.get("name", "") if element.name in _TASKS else ""


def _called(element: Element) -> str:
    name = element.attributes.get("name", "")
    return repr(name) if name else f"the <{element.name}> of line {element.line}"
