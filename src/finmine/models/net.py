"""The Petri net: a model as places that hold tokens and transitions that move them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree as ET

from finmine.models.order import stable_order
from finmine.models.spelling import document, written_name


@dataclass(frozen=True, slots=True)
class Transition:
    """A step of a net: it takes a token from each place of ``inputs`` and puts one on each of ``outputs``.

    A place that stands twice gives or gets two tokens. A transition without a label is silent: routing, no activity.
    """

    label: str | None
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Net:
    """A workflow net: places are numbered from 0; a case starts with one token on ``source`` and ends with one on ``sink``."""

    places: int
    source: int
    sink: int
    transitions: tuple[Transition, ...]

    @property
    def silent(self) -> int:
        """The number of transitions without an activity."""
        return sum(transition.label is None for transition in self.transitions)

    @property
    def arcs(self) -> int:
        """The number of arcs between places and transitions."""
        return sum(len(transition.inputs) + len(transition.outputs) for transition in self.transitions)

    def activities(self) -> frozenset[str]:
        """The labels of the transitions."""
        return frozenset(transition.label for transition in self.transitions if transition.label is not None)

    def relabelled(self, labels: Mapping[str, str]) -> Net:
        """The same net with other labels."""
        return replace(self, transitions=tuple(replace(step, label=None if step.label is None else labels[step.label]) for step in self.transitions))

    def ordered(self) -> Net:
        """The same net with places and transitions numbered by their place in its structure."""
        kinds = ["source" if place == self.source else "sink" if place == self.sink else "place" for place in range(self.places)]
        kinds += ["silent" if step.label is None else f"activity {step.label}" for step in self.transitions]
        order = stable_order(kinds, [*self._links()])
        places = {old: new for new, old in enumerate(node for node in order if node < self.places)}
        steps = (self.transitions[node - self.places] for node in order if node >= self.places)
        return Net(
            self.places,
            places[self.source],
            places[self.sink],
            tuple(Transition(step.label, _moved(step.inputs, places), _moved(step.outputs, places)) for step in steps),
        )

    def _links(self) -> Iterable[tuple[int, int]]:
        for number, step in enumerate(self.transitions, self.places):
            yield from ((place, number) for place in step.inputs)
            yield from ((number, place) for place in step.outputs)

    def pnml(self) -> str:
        """The net as a PNML file (ISO/IEC 15909-2), with its final marking and silent transitions marked as ProM reads them."""
        root = ET.Element("pnml", xmlns="http://www.pnml.org/version-2009/grammar/pnml")
        net = ET.SubElement(root, "net", id="net1", type="http://www.pnml.org/version-2009/grammar/ptnet")
        page = ET.SubElement(net, "page", id="page1")
        for place in range(self.places):
            element = _named(page, "place", f"p{place}", f"p{place}")
            if place == self.source:
                _text(ET.SubElement(element, "initialMarking"), "1")
        for number, step in enumerate(self.transitions):
            element = _named(page, "transition", f"t{number}", f"t{number}" if step.label is None else written_name(step.label))
            if step.label is None:
                ET.SubElement(element, "toolspecific", tool="ProM", version="6.4", activity="$invisible$", localNodeID=f"t{number}")
        self._write_arcs(page)
        marking = ET.SubElement(ET.SubElement(net, "finalmarkings"), "marking")
        _text(ET.SubElement(marking, "place", idref=f"p{self.sink}"), "1")
        return document(root)

    def _write_arcs(self, page: ET.Element) -> None:
        for number, step in enumerate(self.transitions):
            ends = [(place, f"p{place}", f"t{number}", step.inputs) for place in dict.fromkeys(step.inputs)]
            ends += [(place, f"t{number}", f"p{place}", step.outputs) for place in dict.fromkeys(step.outputs)]
            for place, source, target, places in ends:
                arc = ET.SubElement(page, "arc", id=f"{source}-{target}", source=source, target=target)
                if places.count(place) > 1:
                    _text(ET.SubElement(arc, "inscription"), str(places.count(place)))


def _moved(places: Sequence[int], numbers: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(sorted(numbers[place] for place in places))


def _named(page: ET.Element, tag: str, identifier: str, name: str) -> ET.Element:
    element = ET.SubElement(page, tag, id=identifier)
    _text(ET.SubElement(element, "name"), name)
    return element


def _text(element: ET.Element, text: str) -> None:
    ET.SubElement(element, "text").text = text
