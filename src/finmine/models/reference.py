"""A model to hold cases against: read from a BPMN or PNML file, with its activities under the names of the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from finmine.errors import Refusal
from finmine.models.bpmn import Bpmn
from finmine.models.drawing import Marks, bpmn_dot, net_dot
from finmine.models.net import Net, Transition
from finmine.models.read_bpmn import diagram_of_bpmn
from finmine.models.read_pnml import net_of_pnml
from finmine.models.spelling import written_name
from finmine.models.variants import Trace
from finmine.models.xml_elements import BadModelFile, elements


class NoSuchModel(Refusal):
    """The file of a model is not there, or cannot be read."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(
            f"the model {str(path)!r} cannot be read: {problem}. Give a .bpmn or .pnml file, such as finmine model writes with --output."
        )


class NothingInCommon(Refusal):
    """No activity of a model is one of the log."""

    def __init__(self, name: str, model: Collection[str], log: Collection[str]) -> None:
        shown = " · ".join(", ".join(map(repr, sorted(names)[:3])) + (", …" if len(names) > 3 else "") for names in (model, log))
        super().__init__(
            f"no activity of the model {name} is one of the log ({shown}); activities are told by their names. Give the model of this process."
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """A model that cases are held against: the diagram of a BPMN file, or a net; ``notes`` say how it was read."""

    name: str
    sha256: str
    diagram: Bpmn | None
    net: Net | None
    notes: tuple[str, ...] = ()

    def activities(self) -> frozenset[str]:
        """The names of its activities."""
        if self.net is not None:
            return self.net.activities()
        nodes = self.diagram.nodes if self.diagram else ()
        return frozenset(node.label for node in nodes if node.kind == "task" and node.label)

    def dot(self, marks: Marks) -> str:
        """Its picture as DOT source, with what is drawn on it."""
        return net_dot(self.net, marks) if self.net is not None else bpmn_dot(self.diagram or Bpmn((), ()), marks=marks)

    def named_as(self, labels: Collection[str]) -> Reference:
        """The model with its activities under the names that a log has for them.

        A name that the log does not have is taken for the one that differs from it in white space and case alone, which is said.

        Raises:
            NothingInCommon: no activity is one of the log.
        """
        exact, folded = {written_name(label): label for label in labels}, _folded(labels)
        names: dict[str, str] = {"": ""}
        taken = []
        for name in sorted(self.activities()):
            names[name] = exact.get(name) or folded.get(_fold(name), name)
            if names[name] != name and name not in exact:
                taken.append(f"{name!r} for {names[name]!r}")
        if labels and not {*names.values()} & {*labels}:
            raise NothingInCommon(self.name, self.activities(), labels)
        notes = (
            (f"Names of the model that differ from those of the log in white space or case alone were taken: {', '.join(taken)}.",) if taken else ()
        )
        return replace(
            self, net=self.net and self.net.relabelled(names), diagram=self.diagram and self.diagram.relabelled(names), notes=self.notes + notes
        )


def reference(path: Path) -> Reference:
    """The model in a file.

    Raises:
        NoSuchModel: there is no such file.
        BadModelFile: it is no BPMN or PNML file, or something in it is not read; with the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NoSuchModel(path, error.strerror or str(error)) from None
    return read_reference(path.name, data)


def read_reference(name: str, data: bytes) -> Reference:
    """The model that the bytes of a file hold; raises as ``reference``."""
    root, digest = elements(name, data), sha256(data).hexdigest()
    if root.name == "pnml":
        return Reference(name, digest, None, net_of_pnml(name, root))
    if root.name == "definitions":
        diagram, notes = diagram_of_bpmn(name, root)
        return Reference(name, digest, diagram, None, notes)
    raise BadModelFile(name, root.line, f"it begins with <{root.name}>; a BPMN file begins with <definitions>, a PNML file with <pnml>")


def straight_line(name: str, trace: Trace) -> Reference:
    """The model that allows one trace alone."""
    steps = tuple(Transition(activity, (place,), (place + 1,)) for place, activity in enumerate(trace))
    net = Net(len(trace) + 1, 0, len(trace), steps)
    return Reference(name, sha256(net.pnml().encode()).hexdigest(), None, net)


def _folded(labels: Collection[str]) -> Mapping[str, str]:
    """The labels by what is left of them without differences of white space and case; none where two are left the same."""
    several: dict[str, list[str]] = {}
    for label in labels:
        several.setdefault(_fold(label), []).append(label)
    return {fold: found[0] for fold, found in several.items() if len(found) == 1}


def _fold(label: str) -> str:
    return " ".join(label.split()).casefold()
