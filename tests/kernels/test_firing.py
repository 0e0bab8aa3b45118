"""When batches fire: instants by the definition, planted rules that are found, and none where batches fire at random."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.kernels import MISSING
from finmine.kernels.firing_instants import firing_instants
from finmine.kernels.firing_rules import FEATURES, LEAST_BATCHES, firing_rules
from finmine.words import DAY, HOUR

Batch = tuple[int, int, tuple[int, ...], int]
"""Resource, activity, when the units were enabled, and when the batch began."""


def lent(batches: list[Batch]) -> dict[str, np.ndarray]:
    """Batches as the kernel gets them: unit by unit; they are in the order of resources, activities and beginnings."""
    rows, number = [], dict[tuple[int, int], int]()
    for resource, activity, enabled, began in sorted(batches, key=lambda one: (one[0], one[1], one[3])):
        batch = number[resource, activity] = number.get((resource, activity), -1) + 1
        rows += [(resource, activity, batch, at, began, max(enabled)) for at in sorted(enabled)]
    names = ("resource", "activity", "batch", "enabled", "batch_start", "ready")
    return dict(zip(names, np.array(rows, dtype=np.int64).reshape(-1, len(names)).T, strict=True))


def expected(batches: list[Batch]) -> list[tuple[int, ...]]:
    """The instants by their definition: began, instant, fires, size, oldest, newest, since_last."""
    found = []
    for resource, activity, enabled, began in batches:
        first, *_, ready = units = sorted(enabled)
        middle = units[(len(units) - 1) // 2]
        instants = {1: [began], 0: [first] if first < ready else []}
        instants[0] += [middle] if first < middle < ready else []
        instants[0] += [ready + part * ((began - ready) // 3) for part in (1, 2)] if began - ready > HOUR else []
        instants[0] += [began - days * DAY for days in (1, 2) if began - days * DAY >= first]
        before = max((other[3] for other in batches if other[:2] == (resource, activity) and other[3] < began), default=None)
        for fires, moments in instants.items():
            for moment in moments:
                there = [at for at in units if at <= moment]
                since = MISSING if before is None else moment - before
                if not fires and since != MISSING and since <= HOUR:
                    continue
                found.append((began, moment, fires, len(there), moment - first, moment - max(there), since))
    return sorted(found)


@st.composite
def some_batches(draw: st.DrawFn) -> list[Batch]:
    """Batches of two resources and activities that begin at different times, after all their units were enabled."""
    hours = st.integers(0, 80)
    begins = draw(st.lists(st.integers(80, 160), min_size=1, max_size=6, unique=True))
    units = st.lists(hours, min_size=2, max_size=5)
    return [(draw(st.integers(1, 2)), draw(st.integers(1, 2)), tuple(at * HOUR for at in draw(units)), began * HOUR) for began in begins]


@settings(max_examples=60)
@given(some_batches())
def test_the_instants_are_those_of_the_definition(batches: list[Batch]) -> None:
    """Each firing and each instant at which the batch could have fired, with what was there by then (oracle: one batch after the other)."""
    found = firing_instants(lent(batches))
    columns = ("began", "instant", "fires", "size", "oldest", "newest", "since_last")
    assert sorted(zip(*(found[name].tolist() for name in columns), strict=True)) == expected(batches)
    assert all(len(column) == 0 for column in firing_instants(lent([])).values())


def rules(batches: list[Batch]) -> list[tuple[str, ...]]:
    """What the rules of the only activity are about; a rule without conditions is empty."""
    found = ruled(batches)
    pairs = zip(found["first_about"].tolist(), found["second_about"].tolist(), strict=True)
    return [tuple(FEATURES[about] for about in pair if about != MISSING) for pair in pairs]


def ruled(batches: list[Batch]) -> dict[str, np.ndarray]:
    """The rules of batches of one activity; clocks are those of UTC."""
    instants = firing_instants(lent(batches))
    order = np.lexsort((instants["instant"], instants["fires"], instants["batch"], instants["resource"], instants["began"]))
    ordered = {name: column[order] for name, column in instants.items()}
    return firing_rules(ordered | {"day": ordered["instant"] // DAY, "hour": ordered["instant"] % DAY // HOUR})


def arriving(draw: np.random.Generator, days: int) -> np.ndarray:
    """When units are enabled: about five a day, at any time."""
    return np.sort(draw.integers(0, days * DAY, 5 * days))


def fired(arrivals: np.ndarray, begins: list[int]) -> list[Batch]:
    """The batches of one resource that takes all there is at some instants."""
    cuts = np.searchsorted(arrivals, np.array(begins), side="right")
    parts = [tuple(part.tolist()) for part in np.split(arrivals, cuts)[: len(begins)]]
    return [(1, 1, part, began) for part, began in zip(parts, begins, strict=True) if len(part) > 1]


def test_a_size_that_was_reached_is_found() -> None:
    """Begun a minute after the seventh unit is there: seven units or more, always right, and nothing else is needed."""
    draw = np.random.default_rng(3)
    arrivals = arriving(draw, 150)
    batches = [(1, 1, tuple(part.tolist()), int(part[-1]) + HOUR // 60) for part in arrivals[: len(arrivals) // 7 * 7].reshape(-1, 7)]
    found = ruled(batches)
    assert rules(batches) == [("size",)]
    assert (found["first_low"].tolist(), found["fired"].tolist(), found["held"].tolist()) == (
        [7],
        found["firings"].tolist(),
        found["firings"].tolist(),
    )


@pytest.mark.parametrize(
    ("begins", "about"),
    [
        ([day * DAY + 15 * HOUR for day in range(200) if (day + 3) % 7 in (1, 3)], ("weekday", 0b1010, MISSING)),
        (
            [day * DAY + 9 * HOUR + day % 7 * HOUR for day in range(1200) if str(np.datetime64(day + 1, "D")).endswith("-01")],
            ("month_left", MISSING, 0),
        ),
        ([127 * HOUR * batch for batch in range(1, 60)], ("since_last", 127 * HOUR, MISSING)),
    ],
    ids=["days of the week", "month end", "every 127 hours"],
)
def test_a_planted_rule_is_found(begins: list[int], about: tuple[str, int, int]) -> None:
    """Twice a week at three, on the last day of each month, or 127 hours after the batch before: the rule says that and nothing else."""
    batches = fired(arriving(np.random.default_rng(5), begins[-1] // DAY + 1), begins)
    found = ruled(batches)
    assert rules(batches) == [about[:1]]
    assert (found["first_low"].tolist(), found["first_high"].tolist()) == ([about[1]], [about[2]])
    assert found["fired"][0] >= found["firings"][0] - 1  # before the first batch there is none
    assert found["fired"][0] >= 0.9 * found["held"][0]


def test_batches_that_fire_at_random_have_no_rule() -> None:
    """Where nothing decides, no rule holds on the batches that were not searched, however long the search; of few batches nothing is said."""
    for seed in range(6):
        draw = np.random.default_rng(seed)
        begins = np.unique(np.cumsum(draw.exponential(2 * DAY, 120)).astype(np.int64) + 2 * DAY).tolist()
        batches = fired(arriving(draw, begins[-1] // DAY + 1), begins)
        assert rules(batches) == [()]
        assert rules(batches[: LEAST_BATCHES - 1]) == []
