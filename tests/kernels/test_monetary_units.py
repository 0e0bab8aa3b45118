"""Drawing monetary units: which cases hold the points, for certain and by chance."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.kernels.monetary_units import BITS, Draw, Selection, drawn_cases, number_of

AMOUNTS = st.lists(st.integers(1, 500), min_size=1, max_size=30)


def draw(amounts: list[int], how: Draw) -> dict[int, int]:
    """How often each case (its place) is drawn."""
    chance = [number_of(f"{how.seed} {place}") for place in range(len(amounts))]
    given = {"case": np.arange(len(amounts)), "chance": np.array(chance), "amount": np.array(amounts)}
    found = drawn_cases(given, how)
    assert np.array_equal(found["large"] == 1, np.array(amounts)[found["case"]] >= how.interval)
    return dict(zip(found["case"].tolist(), found["hits"].tolist(), strict=True))


@given(AMOUNTS, st.integers(1, 400), st.text(max_size=3))
@settings(max_examples=60)
def test_every_interval_holds_one_point(amounts: list[int], interval: int, seed: str) -> None:
    """Unit by unit, the case under each point of the line is drawn, and large cases always."""
    how = Draw(interval, "interval", seed)
    start = number_of(f"{seed}\nstart") % interval
    line = [place for place, amount in enumerate(amounts) if amount < interval for _ in range(amount)]
    wanted = {place: 1 for place, amount in enumerate(amounts) if amount >= interval}
    for place in line[start::interval]:
        wanted[place] = wanted.get(place, 0) + 1
    assert draw(amounts, how) == wanted


@given(AMOUNTS, st.integers(1, 400))
@settings(max_examples=60)
def test_every_cell_holds_a_point_of_its_own(amounts: list[int], interval: int) -> None:
    """A case of two cells may be drawn twice; every whole cell draws once."""
    rest = sum(amount for amount in amounts if amount < interval)
    found = draw(amounts, Draw(interval, "cell", "s"))
    hits = sum(times for place, times in found.items() if amounts[place] < interval)
    assert rest // interval <= hits <= -(-rest // interval)
    assert all(times <= 2 for times in found.values())


@pytest.mark.parametrize("selection", get_args(Selection))
def test_a_case_is_drawn_as_often_as_its_share_of_an_interval(selection: Selection) -> None:
    """Over many seeds a case of a quarter of the interval has a quarter of a hit, whatever the selection."""
    amounts = [25, 60, 50, 75, 90]
    times = [sum(draw(amounts, Draw(100, selection, f"seed {seed}")).get(place, 0) for seed in range(2000)) / 2000 for place in range(len(amounts))]
    assert times == pytest.approx([amount / 100 for amount in amounts], abs=0.05)


def test_random_numbers_have_their_bits() -> None:
    """The number of a text is the first 60 bits of its SHA-256."""
    assert number_of("a") == 0xCA978112CA1BBDC
    assert number_of("a") < 1 << BITS
