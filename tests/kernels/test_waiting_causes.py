"""Causes of waiting: the definition with sets of moments as oracle, and the vectors of the definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.waiting_by_definition import Opening, Unit, batches, causes, parts, team_parts

from finmine.finance.calendar import Calendar
from finmine.kernels import MISSING
from finmine.kernels.held_causes import HELD, held_causes
from finmine.kernels.least_over_spans import least_over_spans, two_least_over_spans
from finmine.kernels.sums_below import sums_below
from finmine.kernels.waiting_causes import PARTS, waiting_causes

HORIZON = (-100, 200)
OPENING: Opening = {
    "days": frozenset(moment for moment in range(*HORIZON) if moment % 10 < 6),
    "late": frozenset(moment for moment in range(*HORIZON) if moment % 7 in (2, 3, 6)),
}
NAMES = tuple(OPENING)


def calendar(name: str, moments: frozenset[int], horizon: tuple[int, int] = HORIZON) -> Calendar:
    """A calendar that is open at these moments."""
    starts = np.array(sorted(moment for moment in moments if moment - 1 not in moments), dtype=np.int64)
    ends = np.array(sorted(moment + 1 for moment in moments if moment + 1 not in moments), dtype=np.int64)
    return Calendar(name, "UTC", starts, ends, 6, horizon)


CALENDARS = tuple(calendar(name, moments) for name, moments in OPENING.items())


def lent(units: Sequence[Unit], gap: int = 0) -> dict[str, np.ndarray]:
    """The units as the kernel gets them: those with a resource, in the order of resources."""
    together = batches(units, gap)
    number = {place: nth for nth, batch in enumerate(together) for place in batch}
    rows = []
    for place, unit in sorted(enumerate(units), key=lambda one: (one[1].resource is None, one[1].resource)):
        if unit.resource is None:
            continue
        mine = together[number[place]] if place in number else []
        of_batch = (number[place], min(units[one].start for one in mine), max(units[one].enabled for one in mine)) if mine else [MISSING] * 3
        hours = MISSING if unit.calendar is None else NAMES.index(unit.calendar)
        rows.append((place, 1, unit.resource, unit.activity, unit.enabled, unit.start, unit.end, int(unit.first), *of_batch, hours))
    names = ("case", "position", "resource", "activity", "enabled", "start", "time", "first", "batch", "batch_start", "ready", "calendar")
    return dict(zip(names, np.array(rows, dtype=np.int64).reshape(-1, len(names)).T, strict=True))


@st.composite
def works(draw: st.DrawFn) -> list[Unit]:
    """Units with ties, overlaps, work that takes no time, batches, and calendars of their own."""
    moments = st.integers(0, 12) | st.integers(0, 40)
    found = []
    for case in range(draw(st.integers(1, 12))):
        enabled, wait, work = draw(moments), draw(st.integers(0, 20)), draw(st.integers(0, 12))
        resource, activity = draw(st.sampled_from([1, 1, 2, None])), draw(st.integers(1, 2))
        hours, first = draw(st.sampled_from([*NAMES, None])), draw(st.booleans()) and draw(st.booleans())
        found.append(Unit(case, activity, resource, enabled, enabled + wait, enabled + wait + work, hours, first))
    return found


def expected(units: Sequence[Unit], cuts: Sequence[int], gap: int) -> dict[tuple[int, int], tuple[int | None, ...]]:
    """What the kernel should give: for each unit and piece its end, and lengths on the clock and in opening hours."""
    found = {}
    for place, unit in enumerate(units):
        if unit.resource is None or unit.first or unit.start <= unit.enabled:
            continue
        wait, batching, contention, priority = parts(units, place, batches(units, gap))
        _, _, ahead, later = parts(units, place, [])
        sets = (wait, batching, contention - batching, priority - batching - contention, ahead, later - ahead, batching - ahead - later)
        bounds = [unit.enabled, *(cut for cut in cuts if unit.enabled < cut < unit.start), unit.start]
        for since, until in pairwise(bounds):
            within = [{moment for moment in moments if since <= moment < until} for moments in sets]
            opened = [None if unit.calendar is None else len(moments & OPENING[unit.calendar]) for moments in within]
            found[place, since] = (until, *(len(moments) for moments in within), *opened)
    return found


def given_back(units: Sequence[Unit], cuts: Sequence[int], gap: int) -> dict[tuple[int, int], tuple[int | None, ...]]:
    """The same from the kernel."""
    found = waiting_causes(lent(units, gap), CALENDARS, np.array(cuts, dtype=np.int64))
    names = ("until", "", *PARTS, "open", *(f"{part}_open" for part in PARTS))
    columns = [found["until"] - found["since"] if not name else found[name] for name in names]
    rows = zip(found["case"].tolist(), found["since"].tolist(), *(column.tolist() for column in columns), strict=True)
    return {(case, since): tuple(None if value == MISSING else value for value in values) for case, since, *values in rows}


@settings(max_examples=150)
@given(works(), st.lists(st.integers(0, 60), max_size=3, unique=True).map(sorted), st.integers(0, 3))
def test_the_parts_are_those_of_the_definition(units: list[Unit], cuts: list[int], gap: int) -> None:
    """On random work with ties, overlaps, batches, several calendars for one resource and cuts, each piece has the parts of the definition."""
    assert given_back(units, cuts, gap) == expected(units, cuts, gap)


@settings(max_examples=30)
@given(works())
def test_blocks_of_whole_resources_change_nothing(units: list[Unit]) -> None:
    """The parts of a wait do not depend on which other resources are in the block."""
    apart: dict[tuple[int, int], tuple[int | None, ...]] = {}
    for resource in (1, 2):
        apart |= given_back([unit if unit.resource == resource else replace(unit, resource=None) for unit in units], [], 0)
    assert apart == given_back(units, [], 0)


@settings(max_examples=30)
@given(works(), st.integers(1, 20))
def test_what_held_a_unit_is_the_cause_of_that_moment(units: list[Unit], after: int) -> None:
    """The cause of the last moment before a date in which the calendar was open is that of the definition, batch last (oracle: sets of moments)."""
    asked = lent(units)
    moments = np.minimum(asked["enabled"] + after, asked["start"])
    nobody = np.full_like(moments, MISSING)
    waiting = (asked["start"] > asked["enabled"]) & (asked["first"] == 0)
    found = held_causes(asked | {"first_moment": np.where(waiting, moments, MISSING), "second_moment": nobody}, CALENDARS)
    dates = dict(zip(asked["case"].tolist(), moments.tolist(), strict=True))
    for place, cause in zip(found["case"].tolist(), found["cause"].tolist(), strict=True):
        unit = units[place]
        opened = range(unit.enabled, dates[place]) if unit.calendar is None else OPENING[unit.calendar]
        last = max((moment for moment in opened if unit.enabled <= moment < dates[place]), default=None)
        by_cause = causes(units, place, OPENING, "batch")
        assert HELD[cause] == ("unavailability" if last is None else next(name for name, within in by_cause.items() if last in within))


@settings(max_examples=30)
@given(works(), st.integers(1, 3), st.integers(1, 3), st.integers(0, 30))
def test_a_team_keeps_work_waiting_while_all_of_it_is_busy(units: list[Unit], before: int, after: int, change: int) -> None:
    """With several people, whose number changes: as many older works as people are contention, fewer are prioritisation (oracle: each moment)."""
    sizes = ((-1000, before), (change, after))
    teams = dict.fromkeys((1, 2), sizes)
    found = waiting_causes(lent(units), CALENDARS, np.array([], dtype=np.int64), teams)
    for place, ahead, jumped in zip(*(found[name].tolist() for name in ("case", "ahead", "jumped")), strict=True):
        contention, priority = team_parts(units, place, lambda moment: before if moment < change else after)
        assert (ahead, jumped) == (len(contention), len(priority))
    alone = waiting_causes(lent(units), CALENDARS, np.array([], dtype=np.int64), dict.fromkeys((1, 2), ((-1000, 1),)))
    single = waiting_causes(lent(units), CALENDARS, np.array([], dtype=np.int64))
    assert all((alone[name] == single[name]).all() for name in ("ahead", "jumped", "left"))


def test_what_held_a_unit_of_a_team_needs_all_of_it_busy() -> None:
    """Of two people one works on something older: nothing in the log held the unit; when both do it was contention, and a jump if one of the works is newer."""
    waits = Unit(0, 1, 1, 5, 20, 22)
    older, second, newer = Unit(1, 2, 1, 1, 6, 18), Unit(2, 2, 1, 2, 8, 12), Unit(3, 2, 1, 9, 12, 18)
    asked = lent([waits, older, second, newer])
    for moment, held in ((8, "unknown"), (11, "contention"), (15, "prioritisation")):
        moments = np.where(asked["case"] == 0, moment, MISSING)
        found = held_causes(asked | {"first_moment": moments, "second_moment": np.full_like(moments, MISSING)}, (), {1: ((-1000, 2),)})
        assert [HELD[cause] for cause in found["cause"].tolist()] == [held]


def test_beyond_what_a_calendar_knows_nothing_is_open_or_closed() -> None:
    """A wait that reaches out of the horizon of its calendar is measured on the clock only, with what went on in it."""
    short = calendar("days", OPENING["days"], (0, 20))
    units = [Unit(0, 1, 1, 5, 12, 14, "days"), Unit(1, 1, 1, 5, 25, 30, "days"), Unit(2, 1, 1, -1, 3, 4, "days")]
    found = waiting_causes(lent(units), (short, CALENDARS[1]), np.array([], dtype=np.int64))
    columns = ("case", "contention", "open")
    rows = sorted(zip(*(found[name].tolist() for name in columns), strict=True))
    assert rows == [(0, 0, 3), (1, 2, MISSING), (2, 0, MISSING)]


def test_nothing_gives_nothing() -> None:
    """A block without units, or without waits, gives empty columns."""
    none = lent([])
    assert all(len(column) == 0 for column in waiting_causes(none, (), np.array([], dtype=np.int64)).values())
    assert len(waiting_causes(lent([Unit(0, 1, 1, 5, 5, 9)]), (), np.array([7]))["case"]) == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 9), st.integers(-1, 3)), max_size=12))
def test_the_least_over_spans_is_that_of_each_place(spans: list[tuple[int, int, int, int]]) -> None:
    """Of all spans over a place, and of all but those of one label (oracle: look at each place)."""
    begins, ends, values, labels = np.array(spans, dtype=np.int64).reshape(-1, 4).T
    over = [[(value, label) for begin, end, value, label in spans if begin <= place < end] for place in range(31)]
    assert least_over_spans(begins, ends, values, 31, 10).tolist() == [min((value for value, _ in some), default=10) for some in over]
    two = two_least_over_spans(begins, ends, values, labels, 31, 10)
    for label in range(5):
        expected_least = [min((value for value, other in some if other != label), default=10) for some in over]
        assert two.without(np.full(31, label)).tolist() == expected_least


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(-5, 5)), max_size=20), st.data())
def test_sums_below_a_bound_are_those_of_the_items(items: list[tuple[int, int]], data: st.DataObject) -> None:
    """Over any stretch and for any bound (oracle: add up), also where the sums up to there are beyond 64 bits."""
    place = st.integers(0, len(items))
    asked = data.draw(st.lists(st.tuples(place, place, st.integers(0, 22)), max_size=6))
    values, weights = np.array(items, dtype=np.int64).reshape(-1, 2).T
    begins, ends, below = np.array([(*sorted(pair), bound) for *pair, bound in asked], dtype=np.int64).reshape(-1, 3).T
    huge = 1 << 62
    found = sums_below(values, np.stack((weights, weights + huge)), begins, ends, below).tolist()
    inside = [[weight for value, weight in items[begin:end] if value < bound] for begin, end, bound in zip(begins, ends, below, strict=True)]
    assert found[0] == [sum(some) for some in inside]
    assert [total % (1 << 64) for total in found[1]] == [(sum(some) + huge * len(some)) % (1 << 64) for some in inside]
