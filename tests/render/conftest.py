"""Labels that have hurt somebody, and a view that shows them in every kind of block."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finmine.view import (
    Bars,
    Caveat,
    Cell,
    Code,
    Column,
    Curve,
    Definition,
    Diagram,
    Facts,
    Headline,
    Intervals,
    Kind,
    Map,
    MapEdge,
    MapNode,
    Matrix,
    Prose,
    Spans,
    Table,
    View,
    Waterfall,
)

HOUR = 3_600_000_000

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "two\nlines\r\nthree",
    "\"quoted\" 'single' \\N \\G \\",
    "\x1b[2J\x1b[31mred\x07\x9b1m",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "",
    "x" * 300,
    "👍🏽 approved",
    "اعتماد الفاتورة",
    "invoice\u202egnp.exe",
    "Start",
    "End",
    "start",
    "&lt;b&gt; &amp; {x|y} <b>bold</b>",
    "<b>",
    "blank at the end ",
    "承認された請求書を送る",
    "-->",
    "javascript:alert(1)",
    "lone \ud800 surrogate",
)


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    """Labels with markup, formulas, control characters, directions, wide letters, nothing, and too much."""
    return HOSTILE


@pytest.fixture(scope="session")
def hostile_map() -> Map:
    """A process map whose activities have the hostile labels, in a line with a loop."""
    last = len(HOSTILE) - 1
    nodes = tuple(MapNode(key, label, 100 - key, 90 - key, 5 * (key == 0), 5 * (key == last)) for key, label in enumerate(HOSTILE))
    edges = tuple(MapEdge(key, key + 1, 50 - key, 40 - key, key * HOUR, key * HOUR, key * HOUR, key * 40 * HOUR) for key in range(last))
    return Map(f"Map of {HOSTILE[0]}", nodes, (*edges, MapEdge(3, 3, 1, 1, 0, 0, 0, 0)), 5)


@pytest.fixture(scope="session")
def hostile_view(hostile_map: Map) -> View:
    """Every kind of block, with hostile text wherever text can be."""
    columns = (
        Column("label", f"Label {HOSTILE[0]}", "text"),
        Column("=time", "=Time", "duration"),
        Column("share", "Share", "share"),
        Column("amount", "Amount", "money"),
    )
    rows = tuple((label, place * HOUR, place / 30, Decimal("-1234567890123456789.01") + place) for place, label in enumerate(HOSTILE))
    table = Table(f"Table {HOSTILE[0]}", columns, rows, 1000)
    pair = (Column("other", f"Other {HOSTILE[0]}", "text"), Column("n", "N", "count"))
    squares = tuple((label, other, place) for place, (label, other) in enumerate(zip(HOSTILE, reversed(HOSTILE), strict=True)))
    spans = tuple((label, place * HOUR, (place + 2) * HOUR) for place, label in enumerate(HOSTILE))
    facts: tuple[tuple[str, Cell, Kind], ...] = tuple((label, label, "text") for label in HOSTILE)
    return View(
        f"Hostile {HOSTILE[0]} {HOSTILE[4]}",
        (
            *(Headline(label) for label in HOSTILE),
            *(Prose(label) for label in HOSTILE),
            *(Definition(label, label, label) for label in HOSTILE),
            *(Caveat(label) for label in HOSTILE),
            Facts(HOSTILE[0], facts),
            table,
            Bars(table, "label", "=time"),
            Curve(table, "label", ("=time", "share")),
            Matrix(Table(f"Matrix {HOSTILE[0]}", (*columns[:1], *pair), squares), "label", "other", "n"),
            Intervals(table, "label", "=time", "=time", "=time"),
            Waterfall(table, "label", "=time"),
            Spans(Table(f"Spans {HOSTILE[0]}", (*columns[:2], Column("end", "End", "duration")), spans), "label", "=time", "end", "label"),
            Spans(
                Table(f"Spans {HOSTILE[0]}", (*columns[:2], Column("end", "End", "duration")), spans), "label", "=time", "end", "label", slanted=True
            ),
            hostile_map,
            Diagram(HOSTILE[0], 'digraph { a [label="<script>" URL="javascript:alert(1)" image="/etc/passwd"]; a -> b }', HOSTILE[0]),
            Code(HOSTILE[0], "\n".join(HOSTILE), "sql"),
        ),
        "Europe/Berlin",
    )
