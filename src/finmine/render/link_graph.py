"""Who is joined to whom as a diagram: boxes for names, arrows as wide as what they carry, the strongest of them where there are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Literal, NamedTuple

from finmine.render.characters import shorten, shorten_apart, visible_characters, wrapped
from finmine.render.dot import ARROW, BLUES, BOX, GRAPH, GREYS, PURPLES, beside, inches, label, legible, shade, tooltip
from finmine.view import Diagram
from finmine.words import plural, share

if TYPE_CHECKING:
    from graphviz import Digraph

MOST_LINKS = 40
_NAME_WIDTH, _NAME_LENGTH = 22, 60
_FRAME = {"style": "rounded", "labeljust": "l", "color": "#b9c4cf", "margin": "12"}
_THICK = 0.7  # depth from which on an arrow is so wide that its label needs an empty line to stand clear of it


class Named(NamedTuple):
    """Something that is joined to others: its name, its size in whole numbers, and what its tooltip says."""

    name: str
    size: int
    about: str


class Link(NamedTuple):
    """An arrow from one named thing to another: what it carries, what stands beside it, and what its tooltip says."""

    source: str
    target: str
    weight: int
    beside: str
    about: str
    look: Literal["plain", "marked", "dashed"] = "plain"


class Group(NamedTuple):
    """Some of the named things, drawn in a frame of their own under a title."""

    title: str
    keys: tuple[str, ...]


def link_graph(
    title: str, named: Mapping[str, Named], links: Sequence[Link], what: str, most: int = MOST_LINKS, *, groups: Sequence[Group] = (), read: str = ""
) -> Diagram:
    """The strongest of the links, and what they join; the text says what that is of the whole.

    Args:
        title: the title of the diagram.
        named: all that is joined, by a key that no name needs to be.
        links: the arrows between keys; of equal weight the first are drawn.
        what: what links carry, in the plural, for the sentence.
        most: the most links that are drawn.
        groups: what stands together in a frame.
        read: how to read the diagram, with a blank at its end.
    """
    from graphviz import Digraph

    drawn = sorted(links, key=lambda link: -link.weight)[: max(1, most)]
    keys = list(dict.fromkeys(key for link in drawn for key in (link.source, link.target)))
    dot = Digraph("links", graph_attr={**GRAPH, "rankdir": "LR"}, node_attr=BOX, edge_attr=ARROW)
    places = {key: f"n{place}" for place, key in enumerate(keys)}
    _draw_names(dot, {places[key]: named[key] for key in keys}, max((one.size for one in named.values()), default=1))
    _draw_groups(dot, groups, places)
    _draw_links(dot, drawn, places, max((link.weight for link in links), default=1))
    return Diagram(title, str(dot.source), f"{read}{_visible(named, links, keys, drawn, what)}")


def _draw_groups(dot: Digraph, groups: Sequence[Group], places: Mapping[str, str]) -> None:
    for place, group in enumerate(groups):
        if inside := [places[key] for key in group.keys if key in places]:
            with dot.subgraph(name=f"cluster_{place}", graph_attr={"label": label([visible_characters(group.title)]), **_FRAME}) as frame:
                for node in inside:
                    frame.node(node)


def _draw_names(dot: Digraph, named: Mapping[str, Named], most: int) -> None:
    names = [visible_characters(one.name) for one in named.values()]
    for (place, one), short in zip(named.items(), shorten_apart(names, _NAME_LENGTH), strict=True):
        lines = wrapped(short, _NAME_WIDTH)
        fill = shade(BLUES, sqrt(max(0, one.size) / max(1, most)))
        about = tooltip(f"{shorten(visible_characters(one.name), 400)}: {visible_characters(one.about)}")
        dot.node(place, label([*lines, f"{one.size:,}"]), tooltip=about, fillcolor=fill, fontcolor=legible(fill), width=f"{inches(lines):.2f}")


def _draw_links(dot: Digraph, links: Sequence[Link], places: Mapping[str, str], most: int) -> None:
    for link in links:
        depth = sqrt(max(0, link.weight) / max(1, most))
        colour = shade(PURPLES, 0.4 + 0.6 * depth) if link.look == "marked" else shade(GREYS, depth)
        look = {"color": colour, "penwidth": f"{0.7 + 4.3 * depth:.2f}", "weight": str(1 + round(9 * depth))}
        look |= {"style": "dashed"} if link.look == "dashed" else {}
        dot.edge(
            places[link.source],
            places[link.target],
            label([beside(visible_characters(link.beside)), *(["\u00a0"] if depth > _THICK else [])]),
            tooltip=tooltip(visible_characters(link.about)),
            **look,
        )


def _visible(named: Mapping[str, Named], links: Sequence[Link], keys: Sequence[str], drawn: Sequence[Link], what: str) -> str:
    whole = sum(link.weight for link in links)
    part = f", {share(sum(link.weight for link in drawn) / whole)} of all {what}" if whole else ""
    if len(drawn) == len(links):
        return f"All {len(links):,} links between {plural(len(keys), 'box', 'boxes')} are drawn." if len(links) > 1 else "The only link is drawn."
    strongest = f"the {len(drawn):,} strongest" if len(drawn) > 1 else "the strongest"
    return f"Visible: {strongest} of {plural(len(links), 'link')}, between {len(keys):,} of {plural(len(named), 'box', 'boxes')}{part}."
