"""A view as HTML: a card for notebooks, and pages that need no network, run no script and print well.

Every text goes through ``characters`` (nothing hidden) and Jinja's escaping (nothing obeyed); pictures are tamed SVG.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from finmine import words
from finmine.errors import Refusal
from finmine.render.characters import visible_characters, visible_prose, visible_sentence
from finmine.render.graphviz import HERE, Patience
from finmine.render.overlays import overlays_of
from finmine.render.pictures import picture
from finmine.render.process_map import WHOLE, Lens
from finmine.render.sheets import Sheet, sheets
from finmine.render.spoken import aligned_right, decimals, spoken
from finmine.render.svg import width
from finmine.render.tables import hidden, tables
from finmine.render.widths import LONG_TEXT, LONGEST_WORD, least_width
from finmine.view import Block, Cell, Code, Diagram, Facts, Map, Table, View

if TYPE_CHECKING:
    from jinja2 import Environment

_MOST_ROWS = 500  # of a table: beyond it a browser is slow, and nobody reads on
_MEASURE = re.compile(r"(?<=\d) (?=(?:%|d|h|min|s)(?!\w))")
_TYPED = re.compile(r"(`[a-z][a-z0-9 -]*`|(?<![\w-])--[a-z][a-z-]*)")  # the name of a question, a command or an option
_WIDE_TABLE = 45.0  # ems from which on a table may be wider than a page, and says how wide it is
_WIDE_PICTURE = 900  # pixels from which on a picture may be reduced to the page, and can be seen in full size
_LONG_CODE = 12  # lines from which on code is folded away


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under one heading, which the contents list names."""

    title: str
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture ready for the page, or the reason why there is none."""

    title: str
    text: str
    svg: str = ""
    width: int = 0
    sheets: tuple[Sheet, ...] = ()


def to_html(view: View, lenses: Sequence[Lens] = (WHOLE,)) -> str:
    """A view as a fragment that brings its own style, scoped to itself, for a notebook or another page.

    A process map is drawn once for each lens. A picture that cannot be laid out is replaced by a caveat that says why.
    """
    template = _environment().get_template("fragment.html.jinja")
    return template.render(view=view, style=_style("view.css"), drawn=_drawing(lenses))


def page(
    title: str, sections: Sequence[Section], subtitle: Sequence[str] = (), lenses: Sequence[Lens] | None = None, patience: Patience = HERE
) -> str:
    """One self-contained HTML file: a title with lines under it, the contents list and the sections.

    A process map is drawn once for each lens; without any, once for each overlay of which it tells something.
    The page forbids itself to load or run anything (Content-Security-Policy) and contains no script.
    """
    template = _environment().get_template("page.html.jinja")
    return template.render(title=title, sections=sections, subtitle=subtitle, style=_style("view.css", "page.css"), drawn=_drawing(lenses, patience))


def _drawing(lenses: Sequence[Lens] | None, patience: Patience = HERE) -> Callable[[Block, str], list[_Drawn]]:
    def drawn(block: Block, zone: str) -> list[_Drawn]:
        if not isinstance(block, Map) or block.sides is not None:  # differences look the same through every lens
            return [_drawn(block, zone, WHOLE, patience)]
        return [_drawn(block, zone, lens, patience) for lens in lenses or map(Lens, overlays_of(block))]

    return drawn


def _drawn(block: Block, zone: str, lens: Lens, patience: Patience) -> _Drawn:
    try:
        made = picture(block, zone, lens, patience=patience)
    except Refusal as refusal:
        return _Drawn("", f"There is no picture here: {refusal}")
    if made is None:
        return _Drawn("", "There is no picture here, as there is nothing to draw.")
    on_paper = sheets(made.svg) if isinstance(block, Map | Diagram) else ()
    return _Drawn(made.title, made.text, made.svg, width(made.svg), on_paper)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("finmine.render")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        prose=_prose,
        typed=_typed,
        label=visible_characters,
        spoken=spoken,
        place=_place,
        right=aligned_right,
        counted=words.plural,
        kind=lambda block: type(block).__name__,
        heading=_heading,
        tables=lambda block: () if isinstance(block, Diagram) else tables(block),
        has_text=_has_text,
        unbroken=lambda cell: isinstance(cell, str) and max(map(len, cell.split()), default=0) <= LONGEST_WORD,
        extensive=lambda cell: isinstance(cell, str) and len(cell) > LONG_TEXT,
        drawn_rows=lambda table: table.rows[: _most(table)],
        in_words=_in_words,
        ems=_ems,
        reducible=lambda drawn: drawn.width > _WIDE_PICTURE,
        hidden=_hidden,
        part=_part,
        below=lambda cell: _size(cell) < 0,
        longest=lambda table, name: max(map(abs, map(_size, table.column(name))), default=0.0),
        long=lambda code: len(code.text.splitlines()) > _LONG_CODE,
        lines=_lines,
    )
    return environment


def _style(*names: str) -> str:
    return "\n".join((files("finmine.render") / "templates" / name).read_text("utf-8") for name in names)


def _prose(text: str) -> str:
    """A sentence in which no line breaks between a number and its unit."""
    return _MEASURE.sub("\N{NO-BREAK SPACE}", visible_sentence(text))


def _typed(text: str) -> list[tuple[str, bool]]:
    """The parts of a sentence, and whether each is something that is typed: so that it looks like it, and no line breaks in it."""
    return [(part.strip("`") if place % 2 else part, place % 2 == 1) for place, part in enumerate(_TYPED.split(_prose(text)))]


def _heading(block: Block) -> str:
    return block.title if isinstance(block, (Map, Diagram)) else tables(block)[0].title


def _has_text(facts: Facts) -> bool:
    return any(kind == "text" for _, _, kind in facts.facts)


def _in_words(table: Table, zone: str) -> list[list[str]]:
    """The cells of the drawn rows as people read them."""
    kinds = [(column.kind, decimals(table.column(column.name), column.kind)) for column in table.columns]
    return [[spoken(cell, kind, zone, places) for cell, (kind, places) in zip(row, kinds, strict=True)] for row in table.rows[: _most(table)]]


def _ems(table: Table, shown: Sequence[Sequence[str]], bars: str | None, parts: Sequence[str]) -> str:
    """How wide a table is at least, in ems, where that may be more than a page; else nothing."""
    least = least_width(table, shown, bars is not None, len(parts))
    return f"{least:.1f}" if least > _WIDE_TABLE else ""


def _most(table: Table) -> int:
    return _MOST_ROWS if table.brief is None else min(_MOST_ROWS, table.brief)


def _hidden(table: Table) -> str:
    """What to say about rows that are not drawn; nothing when all are."""
    return hidden(table, _most(table)) or ("" if table.rows else "No rows.")


def _size(cell: Cell) -> float:
    return 0.0 if cell is None or isinstance(cell, str) or not math.isfinite(cell) else float(cell)


def _place(table: Table, name: str) -> int:
    """The place of a column in the rows of its table."""
    return [column.name for column in table.columns].index(name)


def _part(cell: Cell, whole: float) -> str:
    """The length of a bar in percent."""
    return f"{min(100.0, abs(_size(cell)) / whole * 100) if whole else 0.0:.1f}"


def _lines(code: Code) -> str:
    return "\n".join(visible_prose(line) for line in code.text.splitlines())
