"""How much of a process map is visible."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from finmine.render.visible import MOST_ACTIVITIES, STEPS_SHOWN, VisibleMap, visible
from finmine.view import Map, MapEdge, MapNode

TRACES = st.lists(st.lists(st.integers(0, 7), min_size=1, max_size=9), min_size=1, max_size=25)
SHARES = st.floats(0, 1)


def map_of(traces: list[list[int]]) -> Map:
    """The process map of traces, where every step takes as many seconds as its target's number."""
    keys = {key for trace in traces for key in trace}
    nodes = [
        MapNode(key, f"A{key}", sum(trace.count(key) for trace in traces), sum(key in trace for trace in traces),
                sum(trace[0] == key for trace in traces), sum(trace[-1] == key for trace in traces))
        for key in keys
    ]  # fmt: skip
    steps = [step for trace in traces for step in pairwise(trace)]
    edges = [MapEdge(a, b, steps.count((a, b)), 1, 0, 0, 0, b * steps.count((a, b)) * 1_000_000) for a, b in set(steps)]
    return Map(
        "Map", tuple(sorted(nodes, key=lambda node: (-node.events, node.label))), tuple(sorted(edges, key=lambda edge: -edge.steps)), len(traces)
    )


def line_of(length: int) -> Map:
    """The process map of one case in which every activity comes once."""
    nodes = tuple(MapNode(key, f"A{key}", 1, 1, int(key == 0), int(key == length - 1)) for key in range(length))
    return Map("Map", nodes, tuple(MapEdge(key, key + 1, 1, 1, 0, 0, 0, 0) for key in range(length - 1)), 1)


def graph(shown: VisibleMap) -> nx.DiGraph:
    """What is visible as a graph, with start and end."""
    drawn = nx.DiGraph([(edge.source, edge.target) for edge in shown.edges])
    drawn.add_nodes_from([node.key for node in shown.nodes])
    drawn.add_nodes_from(["start", "end"])
    drawn.add_edges_from(("start", key) for key in shown.starts)
    drawn.add_edges_from((key, "end") for key in shown.ends)
    return drawn


@given(TRACES, SHARES, st.none() | SHARES, st.integers(0, 5))
def test_nothing_is_left_dangling(traces: list[list[int]], activities: float, paths: float | None, most: int) -> None:
    """Whatever is asked for, every visible activity is reached from the start and reaches the end over visible paths."""
    shown = visible(map_of(traces), activities, paths, most)
    drawn = graph(shown)
    keys = {node.key for node in shown.nodes}
    assert nx.descendants(drawn, "start") - {"end"} == keys
    assert nx.ancestors(drawn, "end") - {"start"} == keys


@given(TRACES, SHARES, SHARES)
def test_the_busiest_are_visible_and_no_more_than_connection_needs(traces: list[list[int]], activities: float, paths: float) -> None:
    """The share of activities asked for are the busiest ones; paths beyond the share asked for are counted as connecting."""
    whole = map_of(traces)
    shown = visible(whole, activities, paths)
    wanted = max(1, round(activities * len(whole.nodes) + 0.499999))
    assert {node.key for node in whole.nodes[: wanted - 1]} <= {node.key for node in shown.nodes}
    assert 0 <= shown.connecting <= len(shown.edges)
    assert len(shown.edges) - shown.connecting <= paths * len(whole.edges) + 1


@given(TRACES)
def test_all_of_everything_is_the_whole_map(traces: list[list[int]]) -> None:
    """With all activities and all paths nothing is hidden, nothing is there only to connect, and every share is one."""
    whole = map_of(traces)
    shown = visible(whole, 1.0, 1.0)
    assert (shown.nodes, shown.edges, shown.connecting) == (whole.nodes, whole.edges, 0)
    assert shown.events == 1
    assert shown.steps in (1, None)
    assert shown.time in (1, None)


@given(TRACES)
def test_the_default_carries_enough_steps_with_the_fewest_paths(traces: list[list[int]]) -> None:
    """Without a share the visible paths carry 95 % of the steps, and one path fewer would not, connection aside."""
    whole = map_of(traces)
    assume(whole.edges)
    shown = visible(whole)
    assert shown.steps is not None
    assert shown.steps >= STEPS_SHOWN
    chosen = sorted((edge.steps for edge in whole.edges), reverse=True)[: len(shown.edges) - shown.connecting]
    assert sum(chosen[:-1]) < STEPS_SHOWN * sum(edge.steps for edge in whole.edges)


@given(TRACES, SHARES, SHARES)
def test_a_larger_share_shows_at_least_as_many_paths(traces: list[list[int]], one: float, other: float) -> None:
    """With the same activities, a larger share of paths has at least as many, those that only connect aside."""
    whole = map_of(traces)
    fewer, more = (visible(whole, 1.0, paths) for paths in sorted((one, other)))
    assert len(more.edges) - more.connecting >= len(fewer.edges) - fewer.connecting


@given(TRACES, SHARES, SHARES)
def test_the_shares_are_of_the_whole_map(traces: list[list[int]], activities: float, paths: float) -> None:
    """Shares of events, steps and time are those of a count by hand over the traces."""
    shown = visible(map_of(traces), activities, paths)
    keys, pairs = {node.key for node in shown.nodes}, {(edge.source, edge.target) for edge in shown.edges}
    events = [key for trace in traces for key in trace]
    steps = [step for trace in traces for step in pairwise(trace)]
    assert shown.events == sum(key in keys for key in events) / len(events)
    assert shown.steps == (sum(step in pairs for step in steps) / len(steps) if steps else None)
    seconds = sum(step[1] for step in steps)
    assert shown.time == (pytest.approx(sum(step[1] for step in steps if step in pairs) / seconds) if seconds else None)


def test_an_activity_is_joined_by_its_widest_way() -> None:
    """An activity that is not reached gets the way whose weakest link is strongest, and hidden activities on it become visible."""
    whole = map_of([[0, 1, 2, 2, 2]] * 9 + [[0, 3, 2, 2, 2]] * 2)
    shown = visible(whole, activities=0.25, paths=0.0)
    assert [node.key for node in shown.nodes] == [2, 0, 1]
    assert {(edge.source, edge.target) for edge in shown.edges} == {(0, 1), (1, 2)}
    assert shown.connecting == 2


def test_a_way_through_visible_activities_comes_first() -> None:
    """A weaker way that hides nothing new is taken before a stronger one through a hidden activity."""
    whole = map_of([[0, 1, 2, 2, 2]] * 9 + [[0, 2, 2, 2]] * 2)
    shown = visible(whole, activities=0.6, paths=0.0)
    assert {(edge.source, edge.target) for edge in shown.edges} == {(0, 2)}


@given(TRACES, SHARES, st.none() | SHARES, st.integers(1, 8))
def test_no_more_boxes_than_there_is_room_for(traces: list[list[int]], activities: float, paths: float | None, most: int) -> None:
    """There are never more activities than the most; the busiest come first, and those left apart are counted."""
    whole = map_of(traces)
    shown = visible(whole, activities, paths, most_activities=most)
    drawn = graph(shown)
    keys = {node.key for node in shown.nodes}
    assert len(keys) <= most
    assert shown.limit in (None, most)
    if shown.limit is not None:
        assert shown.nodes == whole.nodes[:most]
    assert shown.apart == len(keys - (nx.descendants(drawn, "start") & nx.ancestors(drawn, "end")))


@pytest.mark.parametrize("activities", [1.0, 0.01])
def test_a_map_of_thousands_of_activities_is_drawn_in_part(activities: float) -> None:
    """Of a line of thousands of activities only those for which there is room are visible, and the sentence says what is missing."""
    whole = line_of(5000)
    shown = visible(whole, activities)
    assert len(shown.nodes) == min(MOST_ACTIVITIES, 5000 * activities)
    assert ("only the 150 most frequent activities;" in shown.sentence()) == (activities == 1)
    assert "activities joined to start or end only through hidden ones." in shown.sentence()


def test_connecting_takes_time_in_proportion_to_the_map() -> None:
    """A line of 20,000 activities, most of them joined one by one, is connected whole within seconds."""
    shown = visible(line_of(20_000), most_activities=20_000)
    assert (len(shown.nodes), len(shown.edges), shown.connecting, shown.apart) == (20_000, 19_999, 19_899, 0)


def test_what_is_visible_is_said() -> None:
    """The sentence counts activities and paths, gives the shares, and tells what is there only to connect."""
    whole = map_of([[0, 1, 2]] * 97 + [[0, 2]] * 2 + [[0, 3, 2]])
    assert visible(whole).sentence() == (
        "4 of 4 activities, 4 of 5 paths; 100.0 % of the events, 99.0 % of the steps, 98.7 % of the time; "
        "2 paths only to keep every activity connected."
    )


def test_an_empty_map_is_empty() -> None:
    """A log without cases has a map with nothing on it."""
    shown = visible(Map("Map", (), (), 0))
    assert shown.sentence() == "0 of 0 activities, 0 of 0 paths."


@pytest.mark.parametrize(("activities", "paths"), [(-0.1, None), (1.1, None), (1.0, 2.0)])
def test_shares_run_from_0_to_1(activities: float, paths: float | None) -> None:
    """A share outside 0 to 1 is a mistake of the caller."""
    with pytest.raises(ValueError, match="0 to 1"):
        visible(Map("Map", (), (), 0), activities, paths)
