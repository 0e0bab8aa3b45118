"""The tables of a view: every block that has numbers in rows gives them as tables, whatever picture it is drawn as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from finmine.glossary import column
from finmine.view import Bars, Block, Cell, Clock, Contrast, Curve, Intervals, Map, Matrix, Spans, Table, View, Waterfall

_ACTIVITIES = ("activity", "units", "cases", "starts", "ends")
_PATHS = ("source_activity", "target_activity", "steps", "cases")
_CONTRAST = ("share_first", "share_second", "share_difference", "q_difference")
TIMES: dict[Clock, tuple[str, str, str, str]] = {
    "elapsed": ("mean", "median", "p90", "total"),
    "working": ("working_mean", "working_median", "working_p90", "working_total"),
}
"""The columns that tell the times of paths: mean, median, 90th percentile and total."""


def tables(block: Block) -> tuple[Table, ...]:
    """The tables a block holds: a chart has one, a process map has its paths and its activities, prose has none."""
    match block:
        case Table():
            return (block,)
        case Bars() | Curve() | Intervals() | Waterfall() | Matrix() | Spans():
            return (block.table,)
        case Map():
            return (paths(block), activities(block))
        case _:
            return ()


def tables_of(view: View) -> tuple[Table, ...]:
    """All tables of a view in the order of its blocks."""
    return tuple(table for block in view.blocks for table in tables(block))


def main_table(view: View) -> Table | None:
    """The table that holds the answer.

    The first table, or the first bars where no table says more (the drawn value for at least as many rows); where there is
    neither, the first table that a picture is drawn from.
    """
    alone = [block for block in view.blocks if isinstance(block, Table)]
    first = next((block for block in view.blocks if isinstance(block, (Bars, Table))), None)
    if isinstance(first, Bars):
        return next((one for one in alone if _says_more(one, first)), first.table)
    return first or next(iter(tables_of(view)), None)


def _says_more(table: Table, bars: Bars) -> bool:
    """Whether a table holds the value that the bars draw for at least as many rows, and more of either rows or columns."""
    drawn = bars.table
    more = len(table.rows) >= len(drawn.rows) and len(table.rows) + len(table.columns) > len(drawn.rows) + len(drawn.columns)
    return more and any(one.name == bars.value for one in table.columns)


def hidden(table: Table, drawn: int) -> str:
    """What to say where only the first rows of a table are drawn, and where the rest is; nothing when all there are stand there."""
    held = len(table.rows)
    there, shown = held if table.total is None else table.total, min(held, drawn)
    if there <= shown:
        return ""
    rest = f" JSON and the workbook hold {'all' if held == there else f'{held:,}'}, as does CSV of an answer's main table." if held > shown else ""
    return f"The first {shown:,} of {there:,} rows.{rest}"


def activities(graph: Map) -> Table:
    """The activities of a process map with their counts."""
    told = _CONTRAST if graph.sides else ()
    rows = tuple((node.label, node.events, node.cases, node.start, node.end, *(_contrast(node.contrast) if told else ())) for node in graph.nodes)
    return Table(f"Activities: {graph.title}", tuple(map(column, (*_ACTIVITIES, *told))), rows)


def paths(graph: Map) -> Table:
    """The paths of a process map with their counts and times, and with their steps back, waiting by cause or cost where these were asked for.

    Of a map that compares two sides it is their shares, and no times.
    """
    labels = {node.key: node.label for node in graph.nodes}
    if graph.sides:
        shares = tuple((labels[edge.source], labels[edge.target], edge.steps, edge.cases, *_contrast(edge.contrast)) for edge in graph.edges)
        return Table(f"Paths: {graph.title}", tuple(map(column, (*_PATHS, *_CONTRAST))), shares)
    told: dict[str, list[Cell]] = {
        "back_steps": [edge.back for edge in graph.edges],
        "waiting": [edge.waiting if edge.waits is not None else None for edge in graph.edges],
        "main_cause": [edge.waits[0][0] if edge.waits else None for edge in graph.edges],
        "main_cause_share": [edge.waits[0][1] / edge.waiting if edge.waits else None for edge in graph.edges],
        "time_cost": [edge.cost for edge in graph.edges],
    }
    more = {name: cells for name, cells in told.items() if any(cell is not None for cell in cells)}
    rows = tuple(
        (
            *(labels[edge.source], labels[edge.target], edge.steps, edge.cases),
            *(cells[place] for cells in more.values()),
            *(edge.mean, edge.median, edge.p90, edge.total),
        )
        for place, edge in enumerate(graph.edges)
    )
    columns = map(column, (*_PATHS, *more, *TIMES[graph.clock]))
    named = (replace(one, title=f"{one.title} ({graph.currency})") if one.kind == "money" and graph.currency else one for one in columns)
    return Table(f"Paths: {graph.title}", tuple(named), rows)


def _contrast(found: Contrast | None) -> tuple[Cell, ...]:
    return (None,) * len(_CONTRAST) if found is None else (found.first, found.second, found.difference, found.q)


def narrowed(table: Table, names: Sequence[str]) -> Table:
    """The same rows with only these columns."""
    columns = {column.name: column for column in table.columns}
    return Table(table.title, tuple(columns[name] for name in names), tuple(zip(*map(table.column, names), strict=True)), table.total)
