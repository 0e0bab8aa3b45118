"""Petri nets read from PNML files (ISO/IEC 15909-2), with the marks of ProM for silent transitions and the final marking."""

from __future__ import annotations

from collections import defaultdict

from finmine.models.net import Net, Transition
from finmine.models.xml_elements import BadModelFile, Element

_MOST_TOKENS = 60


def net_of_pnml(file: str, root: Element) -> Net:
    """The workflow net in a PNML file: one token on one place at the start, and on one place at the end.

    A transition is silent where ProM's mark says so or it has no name. Without a final marking, the end is the one place from which
    nothing leads on; without an initial one, the start is the one place to which nothing leads.

    Raises:
        BadModelFile: the file has no net, several, or one that is no workflow net; with the line.
    """
    nets = [*root.all("net")]
    if len(nets) != 1:
        raise BadModelFile(file, nets[1].line if nets else root.line, f"it has {len(nets)} nets, and one is needed")
    return _Nodes(file, nets[0]).net()


class _Nodes:
    def __init__(self, file: str, net: Element) -> None:
        self._file, self._net = file, net
        odd = next(net.all("referencePlace", "referenceTransition"), None)
        if odd is not None:
            raise BadModelFile(file, odd.line, f"<{odd.name}> joins pages in a way that is not read; export the net on one page")
        self._places = self._named("place")
        self._steps = self._named("transition")

    def _named(self, kind: str) -> dict[str, Element]:
        found: dict[str, Element] = {}
        for element in self._net.all(kind):
            if element.attributes.get("idref"):  # of a marking
                continue
            name = element.attributes.get("id", "")
            if not name or name in found:
                raise BadModelFile(self._file, element.line, f"the {kind} has {'an id that another has' if name else 'no id'}")
            found[name] = element
        return found

    def net(self) -> Net:
        into, out = self._arcs()
        places = {name: number for number, name in enumerate(self._places)}
        sources = [name for name, element in self._places.items() if self._tokens(element)]
        source = self._only(sources or [name for name in places if not into[name]], "starts")
        sink = self._only(self._final() or [name for name in places if not out[name]], "ends")
        steps = (
            Transition(_label(element), tuple(places[place] for place in into[name]), tuple(places[place] for place in out[name]))
            for name, element in self._steps.items()
        )
        return Net(len(places), places[source], places[sink], tuple(steps)).ordered()

    def _arcs(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """For each node those with arcs to it, and those with arcs from it, as often as the arcs weigh."""
        into, out = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for arc in self._net.all("arc"):
            source, target = arc.attributes.get("source", ""), arc.attributes.get("target", "")
            kinds = {name in self._places for name in (source, target)}
            if kinds != {True, False} or not {source, target} & self._steps.keys():
                raise BadModelFile(self._file, arc.line, f"the arc from {source!r} to {target!r} does not join a place and a transition of the net")
            marked = arc.first("type")
            kind = (_said(arc, "arctype", "text") or (marked.attributes.get("value") if marked else None) or "normal").strip()
            if kind != "normal":
                raise BadModelFile(self._file, arc.line, f"the arc is of the kind {kind!r}, and only plain arcs are read")
            weight = self._number(arc, "inscription", 1)
            into[target] += [source] * weight
            out[source] += [target] * weight
        return into, out

    def _tokens(self, place: Element) -> int:
        tokens = self._number(place, "initialMarking", 0)
        if tokens > 1:
            raise BadModelFile(self._file, place.line, f"the place has {tokens} tokens at the start, and a case starts with one")
        return tokens

    def _final(self) -> list[str]:
        marked = [place for marking in self._net.all("finalmarkings") for place in marking.all("place")]
        ends = [place for place in marked if (_said(place, "text") or "1").strip() != "0"]
        for place in ends:
            if place.attributes.get("idref") not in self._places or (_said(place, "text") or "1").strip() != "1":
                raise BadModelFile(self._file, place.line, "the final marking must be one token on a place of the net")
        return [*dict.fromkeys(place.attributes["idref"] for place in ends)]

    def _only(self, names: list[str], what: str) -> str:
        if len(names) != 1:
            raise BadModelFile(
                self._file, self._net.line, f"a case {what} with one token on one place, and {len(names)} places of the net would be that place"
            )
        return names[0]

    def _number(self, element: Element, name: str, usual: int) -> int:
        said = (_said(element, name, "text") or _said(element, name, "value") or str(usual)).strip()
        if not (said.isascii() and said.isdigit() and int(said) <= _MOST_TOKENS):
            raise BadModelFile(self._file, element.line, f"<{name}> is {said[:40]!r}; it must be a whole number up to {_MOST_TOKENS}")
        return int(said)


def _label(transition: Element) -> str | None:
    marks = (mark for mark in transition.all("toolspecific") if mark.attributes.get("activity") == "$invisible$")
    name = _said(transition, "name", "text") or _said(transition, "name", "value")
    return None if not name or next(marks, None) is not None else name


def _said(element: Element, *names: str) -> str | None:
    found = element.first(*names)
    return found.text if found is not None else None
