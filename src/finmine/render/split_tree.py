"""Cases parted by one question after another as a diagram: questions in white boxes, what the parts are like in shaded ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from finmine.render.characters import shorten, visible_characters, wrapped
from finmine.render.dot import ARROW, BLUES, BOX, GRAPH, PAPER, QUIET, beside, inches, label, legible, shade, tooltip
from finmine.view import Diagram

_NAME_WIDTH, _NAME_LENGTH = 26, 90


class Part(NamedTuple):
    """Cases in the tree, what is said of them, the question that parts them (none: a leaf), and how dark they are, from 0 to 1.

    A question that is not ``sure`` has a dashed border. The number of all cases is 1, that of a part twice the number of the cases it is of, and for the answer no one more.
    """

    number: int
    said: str
    question: str | None
    depth: float
    about: str
    sure: bool = True


def split_tree(title: str, parts: Sequence[Part], text: str) -> Diagram:
    """The parts as boxes, each under the question that makes it; ``text`` says what the picture shows."""
    from graphviz import Digraph

    dot = Digraph("parts", graph_attr={**GRAPH, "ordering": "out"}, node_attr=BOX, edge_attr=ARROW)
    for part in parts:
        asked = wrapped(shorten(visible_characters(part.question), _NAME_LENGTH), _NAME_WIDTH) if part.question is not None else []
        lines = [*asked, *part.said.split("\n")]
        fill = PAPER if part.question is not None else shade(BLUES, part.depth)
        ink = {"fontcolor": legible(fill)} if part.sure else {"fontcolor": QUIET, "style": "rounded,filled,dashed"}
        about = tooltip(visible_characters(part.about))
        dot.node(f"n{part.number}", label(lines), tooltip=about, fillcolor=fill, width=f"{inches(lines):.2f}", **ink)
    for part in parts[1:]:
        dot.edge(f"n{part.number // 2}", f"n{part.number}", label([beside("no" if part.number % 2 else "yes")]))
    return Diagram(title, str(dot.source), text)
