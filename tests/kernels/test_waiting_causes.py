"""Causes of waiting: the definition with sets of moments as oracle, and the vectors of the definition."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.waiting_by_definition import Opening, Unit, batches, parts

from finmine.finance.calendar import Calendar
from finmine.kernels.waiting_causes import MISSING, waiting_causes

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
        sets = (wait, batching, contention - batching, priority - batching - contention)
        bounds = [unit.enabled, *(cut for cut in cuts if unit.enabled < cut < unit.start), unit.start]
        for since, until in zip(bounds, bounds[1:], strict=False):
            within = [{moment for moment in moments if since <= moment < until} for moments in sets]
            opened = [None if unit.calendar is None else len(moments & OPENING[unit.calendar]) for moments in within]
            found[place, since] = (until, *(len(moments) for moments in within), *opened)
    return found


def given_back(units: Sequence[Unit], cuts: Sequence[int], gap: int) -> dict[tuple[int, int], tuple[int | None, ...]]:
    """The same from the kernel."""
    found = waiting_causes(lent(units, gap), CALENDARS, np.array(cuts, dtype=np.int64))
    parts_of = ("batching", "contention", "prioritisation")
    names = ("until", "", *parts_of, "open", *(f"{part}_open" for part in parts_of))
    columns = [found["until"] - found["since"] if not name else found[name] for name in names]
    rows = zip(found["case"].tolist(), found["since"].tolist(), *(column.tolist() for column in columns), strict=True)
    return {(case, since): tuple(None if value == MISSING else value for value in values) for case, since, *values in rows}


@settings(max_examples=200)
@given(works(), st.lists(st.integers(0, 60), max_size=3, unique=True).map(sorted), st.integers(0, 3))
def test_the_parts_are_those_of_the_definition(units: list[Unit], cuts: list[int], gap: int) -> None:
    """On random work with ties, overlaps, batches, several calendars for one resource and cuts, each piece has the parts of the definition."""
    assert given_back(units, cuts, gap) == expected(units, cuts, gap)
