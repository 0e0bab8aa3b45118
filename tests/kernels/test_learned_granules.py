"""Learned granules: the definition in plain Python as oracle, and what the peer's tool gets wrong."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finmine.kernels.learned_granules import Learning, learned_granules

Row = tuple[int, int, int, int, int]
"""Resource, activity, day, granule, stamps."""
MONDAY = 4  # 5 January 1970


def columns(rows: list[Row]) -> dict[str, np.ndarray]:
    """The rows as the kernel gets them, with how much the busiest resource does of each activity."""
    rows = sorted(rows)
    done: Counter[tuple[int, int]] = Counter()
    for resource, activity, _, _, stamps in rows:
        done[resource, activity] += stamps
    most = [max(number for (_, other), number in done.items() if other == activity) for _, activity, *_ in rows]
    arrays = np.array([(*row, busiest) for row, busiest in zip(rows, most, strict=True)], dtype=np.int64).reshape(-1, 6)
    return dict(zip(("resource", "activity", "day", "granule", "stamps", "most"), arrays.T, strict=True))


def learned(rows: list[Row], how: Learning) -> set[tuple[int, int, int]]:
    """What the kernel finds: resource, weekday and granule."""
    found = learned_granules(columns(rows), how)
    return set(zip(*(found[name].tolist() for name in ("resource", "weekday", "granule")), strict=True))


def defined(rows: list[Row], how: Learning) -> set[tuple[int, int, int]]:
    """The same by the definition, one resource, activity, weekday and granule after the other."""
    found = set()
    busiest: dict[int, Counter[int]] = defaultdict(Counter)
    for resource, activity, _, _, number in rows:
        busiest[activity][resource] += number
    for resource in {row[0] for row in rows}:
        mine = [row for row in rows if row[0] == resource]
        dates: dict[tuple[int, int], set[int]] = defaultdict(set)
        in_granule: dict[tuple[int, int, int], set[int]] = defaultdict(set)
        stamps: Counter[tuple[int, int]] = Counter()
        for _, activity, day, granule, number in mine:
            weekday = (day + 3) % 7
            dates[activity, weekday].add(day)
            in_granule[activity, weekday, granule].add(day)
            stamps[weekday, granule] += number
        kept = {
            (weekday, granule)
            for (activity, weekday, granule), days in in_granule.items()
            if len(days) >= how.confidence * len(dates[activity, weekday])
        }
        others = sorted((slot for slot in stamps if slot not in kept), key=lambda slot: (-stamps[slot], slot))
        while kept and others and sum(stamps[slot] for slot in kept) < how.support * stamps.total():
            kept.add(others.pop(0))
        activities = {row[1] for row in mine}
        taken = stamps.total() >= how.participation * sum(max(busiest[activity].values()) for activity in activities)
        if not taken or len({row[2] for row in mine}) < how.dates:
            continue
        kept |= {(weekday, granule + 1) for weekday, granule in kept if (weekday, granule + 2) in kept}
        found |= {(resource, *slot) for slot in kept}
    return found


_ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(-10, 20), st.integers(0, 5), st.integers(1, 9)),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[:4],
)
_HOWS = st.builds(
    Learning,
    minutes=st.just(240),
    confidence=st.sampled_from([0.1, 0.4, 0.6, 1.1]),
    support=st.sampled_from([0.1, 0.7, 0.95]),
    participation=st.sampled_from([0.0, 0.3, 0.7]),
    dates=st.integers(0, 4),
)


@given(_ROWS, _HOWS)
def test_the_granules_are_those_of_the_definition(rows: list[Row], how: Learning) -> None:
    """Confidence, support, participation, the least number of dates and the closed gaps, on random stamps with random parameters."""
    assert learned(rows, how) == defined(rows, how)


@given(_ROWS, _HOWS)
def test_blocks_of_whole_resources_change_nothing(rows: list[Row], how: Learning) -> None:
    """What is learned of a resource does not depend on which others are in the block."""
    whole = columns(rows)
    apart = set()
    for resource in set(whole["resource"].tolist()):
        found = learned_granules({name: values[whole["resource"] == resource] for name, values in whole.items()}, how)
        apart |= set(zip(*(found[name].tolist() for name in ("resource", "weekday", "granule")), strict=True))
    assert apart == learned(rows, how)


def test_office_hours_are_found_and_one_late_evening_is_not() -> None:
    """Twenty weeks of nine to five with one stamp at eleven at night give Monday to Friday, nine to five."""
    rows = [(0, 0, MONDAY + 7 * week + weekday, hour, 1) for week in range(20) for weekday in range(5) for hour in range(9, 17)]
    assert learned([*rows, (0, 0, MONDAY, 23, 1)], Learning()) == {(0, weekday, hour) for weekday in range(5) for hour in range(9, 17)}


def test_granules_of_any_length_cover_the_whole_day() -> None:
    """The last granule of a day is learned whatever its length (the peer's tool takes the remainder of the day for the number of granules)."""
    for minutes in (15, 30, 60, 90, 240):
        how = Learning(minutes=minutes, dates=1)
        assert learned([(0, 0, MONDAY, how.granules - 1, 1)], how) == {(0, 0, how.granules - 1)}


def test_no_stamps_give_no_granules() -> None:
    """An empty block gives empty columns."""
    assert learned([], Learning()) == set()
