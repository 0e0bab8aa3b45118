"""The regions in which cases go round, drawn: what follows what inside each, how cases come in, and where loops begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.graphs.regions import entrances
from finmine.render.link_graph import Group, Link, Named, link_graph
from finmine.words import count, duration, plural

if TYPE_CHECKING:
    from finmine.view import Diagram

Record: TypeAlias = Mapping[str, Any]
Steps: TypeAlias = Sequence[tuple[int, int, int]]

START = -1
"""Stands for the start of a case, where no activity is."""
_MOST_ENTRANCES = 3
_READ = "Boxes show loop units; purple arrows are steps on which loops begin, with how many of them do; dashed ones lead into a region from outside. "


def region_graph(units: Sequence[Record], edges: Sequence[Record], regions: Mapping[tuple[int, ...], Record]) -> Diagram:
    """The steps inside of regions and those on which loops begin, with the ways into each region that most cases take.

    Args:
        units: the activities: code, activity, units and loop_units.
        edges: the steps: source, target, steps and loop_entries.
        regions: for the activities of each region that is drawn its name, loop_entries and region_time.
    """
    steps = ways(units, edges)
    home = {code: place for place, nodes in enumerate(regions) for code in nodes}
    inside = [one for one in edges if one["loop_entries"] or home.get(one["source"], -1) == home.get(one["target"], -2)]
    drawn = {(one["source"], one["target"]) for one in inside}
    links = [*map(_link, inside), *(link for nodes in regions for link in _into(steps, nodes, drawn))]
    touched = {code for link in links for code in (link.source, link.target)}
    named = {str(one["code"]): _named(one) for one in units} | {str(START): Named("(start of the case)", 0, "where cases begin")}
    named = {key: one for key, one in named.items() if key in touched}
    groups = [Group(_titled(record), tuple(map(str, nodes))) for nodes, record in regions.items()]
    return link_graph("Where cases go round", named, links, "steps in it", groups=groups, read=_READ)


def ways(units: Sequence[Record], edges: Sequence[Record]) -> Steps:
    """What leads to what, with how many steps: source, target and steps; the first units of cases come from ``START``."""
    steps = [(record["source"], record["target"], record["steps"]) for record in edges]
    after: Counter[int] = Counter()
    for _, target, number in steps:
        after[target] += number
    return [*steps, *((START, one["code"], one["units"] - after[one["code"]]) for one in units if one["units"] > after[one["code"]])]


def _named(one: Record) -> Named:
    return Named(one["activity"], one["loop_units"], f"{plural(one['loop_units'], 'loop unit')} of {count(one['units'])}")


def _titled(region: Record) -> str:
    return f"{region['region']}: {plural(region['loop_entries'], 'loop')}, {duration(int(region['region_time']))} in it"


def _link(one: Record) -> Link:
    begun, steps = one["loop_entries"], count(one["steps"])
    said = f"{plural(one['steps'], 'step')}, on {count(begun)} of them a loop begins"
    return Link(
        str(one["source"]), str(one["target"]), one["steps"], f"{count(begun)} of {steps}" if begun else steps, said, "marked" if begun else "plain"
    )


def _into(steps: Steps, nodes: Sequence[int], drawn: set[tuple[int, int]]) -> Iterator[Link]:
    """The ways into a region that most steps take, but those that are drawn anyway."""
    for source, target, number in entrances(steps, nodes)[:_MOST_ENTRANCES]:
        if (source, target) not in drawn:
            yield Link(str(source), str(target), number, count(number), f"{plural(number, 'step')} into the region", "dashed")
