"""The measures as text for the terminal, as JSON, and as a page of the documentation."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from targets import MIB, Target

if TYPE_CHECKING:
    from measure import Measure

NEWLINE = "\n"  # Python 3.11 takes no backslash inside an f-string
LIBRARIES = ("finmine", "duckdb", "ibis-framework", "pm4py", "pandas", "r4pm", "polars", "pyarrow", "numpy")


def machine() -> dict[str, Any]:
    """The machine in general words: no name and no path."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "system": platform.system(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 1),
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown, which a terminal can show as well."""
    body = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in (list(header), *body)) for place in range(len(header))]
    ruled = [list(header), ["-" * width for width in widths], *body]
    return ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in ruled]


def promises(kept: Sequence[Target]) -> list[str]:
    """The table of targets."""
    rows = [
        (
            target.name,
            f"{target.value:.2f} {target.unit}",
            f"{'≥' if target.at_least else '≤'} {target.limit:g} {target.unit}",
            "met" if target.met else "missed",
        )
        for target in kept
    ]
    return lines(("what", "measured", "target", ""), rows)


def figures(measures: Sequence[Measure]) -> list[str]:
    """The table of all measures."""
    rows = [
        (
            one.task,
            one.tool,
            f"{one.wall:.2f}",
            f"{one.summary()['wall_seconds_median']:.2f}",
            f"{one.cpu:.2f}",
            f"{one.peak / MIB:,.0f}",
            str(len(one.runs)),
        )
        for one in measures
    ]
    return lines(("task", "tool", "seconds (least)", "seconds (median)", "processor seconds", "memory MiB", "repeats"), rows)


def page(where: Mapping[str, Any], logs: Mapping[str, int], kept: Sequence[Target], measures: Sequence[Measure], differing: Sequence[str]) -> str:
    """The page of the documentation."""
    libraries = ", ".join(f"{name} {number}" for name, number in where["libraries"].items())
    system = f"{where['system']} on {where['processor']}, Python {where['python']}"
    return f"""# Benchmarks

Written by `python bench/run.py`. Every task is a process of its own, from its start to its end; the tools take turns in one run.
A ratio compares the least wall times. Memory is the largest resident memory of the process or of a child it waited for.

Machine: {where["cores"]} cores, {where["memory_gib"]} GiB, {system}; load of the machine before the run {where["load_before"]}.
Libraries: {libraries}.

Logs: {"; ".join(f"{name}, {events:,} events" for name, events in logs.items())}.

## Targets

{NEWLINE.join(promises(kept))}

## Measures

{NEWLINE.join(figures(measures))}

## What was compared

pm4py reads the same Parquet file with all its columns and sorts it by case and time, events of the same time in the order of the rows,
as finmine does. r4pm and finmine read the same file of three columns, sorted alike. A question on a prepared log is asked twice by each
tool, and the second time counts; finmine has its SQL compiled by then.

{NEWLINE.join(differing) or "All tools found the same number of events, cases, edges and variants in the same file."}
"""
