"""Models as DOT source: BPMN diagrams, Petri nets and process trees, for Graphviz to lay out.

Shapes say what something is and colours only repeat it, so the pictures work in print and for colour-blind people
(colours after Okabe and Ito).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from finmine.models.bpmn import Bpmn, NodeKind
from finmine.models.net import Net
from finmine.models.tree import Tree, TreeKind
from finmine.render.characters import columns, shorten, visible_characters, wrapped
from finmine.render.dot import FONT, quoted

_INK, _LINE, _PAPER = "#1b2733", "#5a6673", "#ffffff"
_BLUE, _YELLOW, _GREEN = ("#e8f1fa", "#0072b2"), ("#fdf3dc", "#b87400"), ("#e0f3ec", "#00795a")  # fill and border

_GRAPH = {"bgcolor": _PAPER, "fontname": FONT, "nodesep": "0.3", "ranksep": "0.35"}
_NODE = {"fontname": FONT, "fontsize": "11", "fontcolor": _INK, "style": "filled", "penwidth": "1.1"}
_EDGE = {"color": _LINE, "arrowsize": "0.6", "penwidth": "1"}
_BOX = {"shape": "box", "margin": "0.12,0.08", "fillcolor": _BLUE[0], "color": _BLUE[1]}
_CIRCLE = {"shape": "circle", "fixedsize": "true", "width": "0.34", "fillcolor": _PAPER, "color": _INK, "label": ""}
_DIAMOND = {"shape": "diamond", "fixedsize": "true", "width": "0.5", "height": "0.5", "fontsize": "17"}

_BPMN: dict[NodeKind, dict[str, str]] = {
    "start": _CIRCLE,
    "end": {**_CIRCLE, "penwidth": "3"},
    "task": {**_BOX, "style": "rounded,filled"},
    "exclusive": {**_DIAMOND, "label": "×", "fillcolor": _YELLOW[0], "color": _YELLOW[1]},
    "parallel": {**_DIAMOND, "label": "+", "fillcolor": _GREEN[0], "color": _GREEN[1]},
    "inclusive": {**_DIAMOND, "label": "○", "fillcolor": _PAPER, "color": _INK},
}
_SILENT = {"shape": "box", "fixedsize": "true", "width": "0.4", "height": "0.09", "fillcolor": _INK, "color": _INK, "label": ""}
_OPERATOR = {"shape": "box", "style": "rounded,filled", "margin": "0.1,0.03"}
_TREE: dict[TreeKind, dict[str, str]] = {
    "activity": _BOX,
    "silent": {"shape": "plaintext", "label": "nothing", "fontcolor": _LINE, "style": ""},
    "sequence": {**_OPERATOR, "label": "→ in order", "fillcolor": _PAPER, "color": _LINE},
    "choice": {**_OPERATOR, "label": "× one of", "fillcolor": _YELLOW[0], "color": _YELLOW[1]},
    "parallel": {**_OPERATOR, "label": "+ all, in any order", "fillcolor": _GREEN[0], "color": _GREEN[1]},
    "loop": {**_OPERATOR, "label": "repeat", "fillcolor": "#f9e7f0", "color": "#a3456f"},
}

_NAME_WIDTH, _NAME_LENGTH = 20, 80  # columns in a line and in all of an activity's name
_POINTS_PER_COLUMN = 6.1  # of a letter, generously: room for letters whose width Graphviz guesses


@dataclass(frozen=True, slots=True)
class Mark:
    """What the box of an activity says below its name, and with which attributes of DOT it is drawn beside its own."""

    lines: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Beside:
    """A box of lines that no way of the model leads to, after an activity or at the start (none)."""

    after: str | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Marks:
    """What is drawn on a model: marks on the boxes of activities by name, and boxes beside the model; gateways then have no colours of their own."""

    boxes: Mapping[str, Mark] = field(default_factory=dict)
    beside: Sequence[Beside] = ()


_NO_MARKS, _NO_MARK = Marks(), Mark()
_PLAIN = {"fillcolor": _PAPER, "color": _INK}


def bpmn_dot(diagram: Bpmn, direction: Literal["TB", "LR"] = "TB", marks: Marks = _NO_MARKS) -> str:
    """The DOT source of a BPMN diagram: tasks as rounded boxes, gateways as diamonds (× one of, + all).

    It runs from top to bottom, as fits a page, or from left to right, as modelling tools have it.
    """
    lines, places = [], dict[str | None, str]()
    for number, node in enumerate(diagram.nodes):
        task = node.kind == "task"
        own = _named(node.label, marks.boxes.get(node.label, _NO_MARK)) if task else _PLAIN if marks.boxes else {}
        lines.append(_line(f"node{number}", {**_BPMN[node.kind], **own}))
        if task or node.kind == "start":
            places.setdefault(node.label if task else None, f"node{number}")
    lines += [_line(f"node{source} -> node{target}", {"id": f"flow{number}"}) for number, (source, target) in enumerate(diagram.flows)]
    return _digraph("bpmn", direction, lines + _beside(marks, places))


def net_dot(net: Net, marks: Marks = _NO_MARKS) -> str:
    """The DOT source of a Petri net: circles, boxes, bars for silent steps; a dot where cases start, a double circle where they end."""
    lines = [_line(f"p{place}", {**_CIRCLE, **_mark(net, place)}) for place in range(net.places)]
    places: dict[str | None, str] = {None: f"p{net.source}"}
    for number, step in enumerate(net.transitions):
        if step.label is not None:
            places.setdefault(step.label, f"t{number}")
        shape = _SILENT if step.label is None else {**_BOX, **_named(step.label, marks.boxes.get(step.label, _NO_MARK))}
        lines.append(_line(f"t{number}", shape))
        lines += [_line(f"p{place} -> t{number}", {}) for place in step.inputs]
        lines += [_line(f"t{number} -> p{place}", {}) for place in step.outputs]
    return _digraph("petri_net", "TB", lines + _beside(marks, places))


def _beside(marks: Marks, places: Mapping[str | None, str]) -> list[str]:
    """The boxes beside a model, each with a broken line from the first box of the activity after which it is."""
    lines = []
    for number, one in enumerate(marks.beside):
        lines.append(_line(f"beside{number}", {**_BOX, **_written(one.mark)}))
        if one.after in places:
            color = one.mark.attributes.get("color", _LINE)
            lines.append(_line(f"{places[one.after]} -> beside{number}", {"style": "dashed", "arrowhead": "open", "color": color}))
    return lines


def tree_dot(tree: Tree) -> str:
    """The DOT source of a process tree, children in their order from left to right."""
    lines: list[str] = []
    _draw(tree, lines)
    return _digraph("process_tree", "TB", ['ordering="out"', *lines])


def _draw(tree: Tree, lines: list[str]) -> int:
    number = len(lines)
    lines.append(_line(f"n{number}", {**_TREE[tree.kind], **(_named(tree.label) if tree.kind == "activity" else {})}))
    for child in tree.children:
        place = _draw(child, lines)
        lines.append(_line(f"n{number} -> n{place}", {"arrowhead": "none"}))
    return number


def _mark(net: Net, place: int) -> Mapping[str, str]:
    if place == net.source:
        return {"label": "●", "fontsize": "12"}
    return {"shape": "doublecircle", "width": "0.28"} if place == net.sink else {}


def _named(label: str, mark: Mark = _NO_MARK) -> Mapping[str, str]:
    """The attributes by which a box shows a label, wherever it comes from, as it is and nothing else, and what is marked in it."""
    name = wrapped(shorten(visible_characters(label), _NAME_LENGTH), _NAME_WIDTH)
    return {"tooltip": visible_characters(label), **_written(Mark((*name, *mark.lines), mark.attributes))}


def _written(mark: Mark) -> Mapping[str, str]:
    """The attributes by which a box shows the lines of a mark."""
    lines = mark.lines
    width = {} if all(map(str.isascii, lines)) else {"width": f"{(max(map(columns, lines)) * _POINTS_PER_COLUMN + 18) / 72:.2f}"}
    return {"label": "\n".join(lines), **width, **mark.attributes}


def _digraph(name: str, direction: str, lines: list[str]) -> str:
    head = [f"graph {_attributes({**_GRAPH, 'rankdir': direction})}", f"node {_attributes(_NODE)}", f"edge {_attributes(_EDGE)}"]
    return "\n".join([f"digraph {name} {{", *(f"  {line};" for line in head + lines), "}", ""])


def _line(subject: str, attributes: Mapping[str, str]) -> str:
    named = attributes if "->" in subject else {"id": subject, **attributes}
    return f"{subject} {_attributes(named)}" if named else subject


def _attributes(attributes: Mapping[str, str]) -> str:
    return f"[{', '.join(f'{key}={quoted(value)}' for key, value in attributes.items())}]"
