"""The pictures of a view: its maps, charts and diagrams as SVG and PNG, each with the sentence that says what it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from finmine.errors import Refusal
from finmine.render.characters import visible_characters, wrapped
from finmine.render.charts import MOST_BARS, chart
from finmine.render.difference_map import sides_legend
from finmine.render.dot import FONT, QUIET, quoted
from finmine.render.graphviz import HERE, LayoutTooLong, Patience, layout
from finmine.render.heat_map import heat_map
from finmine.render.overlays import colours, legend
from finmine.render.png import svg_to_png
from finmine.render.process_map import WHOLE, Lens, held_shown, process_map
from finmine.render.spans import lanes_left_out, spans
from finmine.render.squares import squares
from finmine.render.svg import width
from finmine.render.swatches import with_swatches
from finmine.render.tables import hidden
from finmine.render.visible import VisibleMap, visible
from finmine.render.waterfall import waterfall
from finmine.view import Bars, Block, Curve, Diagram, Intervals, Map, Matrix, Spans, View, Waterfall

_WIDEST = 1236  # pixels: what fits a sheet of A4, or the report's column on a small screen, and can still be read


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn block: its title, the SVG and what to know when looking at it."""

    title: str
    svg: str
    text: str


class NoPicture(Refusal):
    """A picture was asked of an answer that has none."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"only an answer with a map, a chart or a diagram can be written as a picture; {title!r} has none here. Ask for text, csv, xlsx or html."
        )


class NoGraph(Refusal):
    """The source of a graph was asked of an answer that has none."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"only an answer with a map or a diagram has a DOT source; {title!r} has none here. Ask for svg or png where it has a chart, or for text, csv, xlsx or html."
        )


def picture(block: Block, zone: str, lens: Lens = WHOLE, captioned: bool = False, patience: Patience = HERE) -> Picture | None:
    """The picture of a block, or nothing for blocks that are read and for curves without a point; ``captioned`` writes title and sentence into it.

    A process map that cannot be laid out in time is drawn with fewer paths and straight lines, and its sentence says so.

    Raises:
        NoLayoutProgram, LayoutTooLong, CannotLayOut: see ``graphviz.layout``.
    """
    match block:
        case Curve() | Intervals() if not block.table.rows:
            return None
        case Map():
            return _map(block, lens, captioned, patience)
        case Diagram():
            drawn = layout(_captioned(block) if captioned else block.dot, patience)
            return Picture(block.title, with_swatches(drawn, dict(block.colours)), block.text)
        case Waterfall():
            return Picture(block.table.title, waterfall(block, zone, captioned), "")
        case Bars() | Intervals():
            return Picture(block.table.title, chart(block, zone, captioned), hidden(block.table, MOST_BARS))
        case Curve():
            return Picture(block.table.title, chart(block, zone, captioned), "")
        case Matrix():
            return Picture(block.table.title, heat_map(block, zone, captioned), squares(block).sentence())
        case Spans():
            return Picture(block.table.title, spans(block, zone, captioned), lanes_left_out(block))
        case _:
            return None


def to_svg(view: View, lens: Lens = WHOLE) -> str:
    """The first picture of a view as the text of an SVG file, with its title and sentence.

    Raises:
        NoPicture: the view has no map, chart or diagram.
        NoLayoutProgram, LayoutTooLong, CannotLayOut: see ``graphviz.layout``.
    """
    for block in view.blocks:
        drawn = picture(block, view.zone, lens, captioned=True)
        if drawn is not None:
            return drawn.svg
    raise NoPicture(view.title)


def to_png(view: View, lens: Lens = WHOLE, scale: float = 2.0) -> bytes:
    """The first picture of a view as PNG, ``scale`` pixels to a point; raises as ``to_svg``."""
    return svg_to_png(to_svg(view, lens), scale)


def to_dot(view: View, lens: Lens = WHOLE) -> str:
    """The DOT source of the first map or diagram of a view.

    Raises:
        NoGraph: the view has neither.
    """
    for block in view.blocks:
        if isinstance(block, Diagram):
            return block.dot
        if isinstance(block, Map):
            return process_map(_visible(block, lens), lens.overlay, lens.straight)
    raise NoGraph(view.title)


def _captioned(block: Diagram) -> str:
    """The DOT source of a diagram with its sentence under the picture; sources end with the brace that closes the graph."""
    lines = "\n".join(wrapped(visible_characters(block.text), 100))
    said = f'label={quoted(lines)}; labelloc=b; fontname="{FONT}"; fontsize=10; fontcolor="{QUIET}"'
    return f"{block.dot.rstrip().removesuffix('}').rstrip().removesuffix(';')}; {said}\n}}\n"


def _visible(block: Map, lens: Lens) -> VisibleMap:
    return visible(block, lens.activities, lens.paths, lens.most_paths, lens.most_activities)


def _map(block: Map, lens: Lens, captioned: bool, patience: Patience) -> Picture:
    said = ""
    for attempt in (lens, *_simpler(block, lens)):
        shown = _visible(block, attempt)
        read = sides_legend(block) if block.sides else legend(lens.overlay, block.unit, block.clock, block.currency)
        text = f"{read} {said}{held_shown(shown, lens.overlay)}Visible: {shown.sentence()}"
        try:
            drawn = _laid_out(shown, attempt, text if captioned else "", patience)
            return Picture(block.title, with_swatches(drawn, colours(lens.overlay, shown.edges)), text)
        except LayoutTooLong as late:
            why = (
                f"What was asked for has more than {patience.links:,} links"
                if late.large
                else f"Drawing all that was asked for took longer than {patience.seconds:g} seconds"
            )
            said, last = f"{why}, so less is shown. ", late
    raise last


def _laid_out(shown: VisibleMap, lens: Lens, caption: str, patience: Patience) -> str:
    """The map laid out; one that a screen and a sheet of paper are too narrow for once more, with narrower boxes, if there is time for it."""
    drawn = layout(process_map(shown, lens.overlay, lens.straight, caption), patience)
    if width(drawn) <= _WIDEST or lens.straight:
        return drawn
    try:
        return min(drawn, layout(process_map(shown, lens.overlay, lens.straight, caption, narrow=True), patience), key=width)
    except LayoutTooLong:
        return drawn


def _simpler(block: Map, lens: Lens) -> tuple[Lens, Lens]:
    fewer_paths = replace(lens, paths=None, most_paths=min(lens.most_paths, 60), straight=True)
    fewer_activities = min(lens.activities, 40 / max(40, len(block.nodes)))
    return fewer_paths, replace(fewer_paths, activities=fewer_activities, most_paths=20)
