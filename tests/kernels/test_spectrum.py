"""The performance spectrum of passages, against its definition passage by passage."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.kernels.spectrum import Arrays, Spectrum, spectrum

Passage = tuple[int, int, int]
"""Segment, when entered, when left."""

passages = st.lists(
    st.tuples(st.integers(1, 2), st.integers(0, 12), st.integers(0, 9)).map(lambda one: (one[0], one[1], one[1] + one[2])), max_size=25
)


def lent(rows: list[Passage]) -> Arrays:
    """Passages as columns, in the order in which the kernel wants them."""
    ordered = sorted((segment, entered, left, case) for case, (segment, entered, left) in enumerate(rows))
    columns = zip(*ordered, strict=True) if ordered else iter([[]] * 4)
    return {name: np.array(list(values), dtype=np.int64) for name, values in zip(("segment", "entered", "left", "case"), columns, strict=True)}


@settings(max_examples=60)
@given(passages, st.integers(0, 3))
def test_each_passage_by_its_definition(rows: list[Passage], apart: int) -> None:
    """Class by the quartiles, overtaken by anybody, the size of the batch, third and place: counted one by one."""
    given_ = lent(rows)
    found = spectrum(given_, Spectrum(apart, most=3, seed=7))
    assert {name: values.tolist() for name, values in given_.items()} == {name: found[name].tolist() for name in given_}
    for number in {segment for segment, _, _ in rows}:
        here = np.flatnonzero(found["segment"] == number).tolist()
        times = [(int(found["entered"][place]), int(found["left"][place])) for place in here]
        spent = [left - entered for entered, left in times]
        leavings, sizes = sorted(left for _, left in times), list[list[int]]()
        for left in leavings:
            if sizes and left - sizes[-1][-1] <= apart:
                sizes[-1].append(left)
            else:
                sizes.append([left])
        for nth, (place, (entered, left)) in enumerate(zip(here, times, strict=True)):
            assert found["class"][place] == sum(spent[nth] > limit for limit in np.quantile(spent, (0.25, 0.5, 0.75)))
            assert found["overtaken"][place] == any(later > entered and earlier < left for later, earlier in times)
            assert found["together"][place] == next(len(batch) for batch in sizes if left in batch)
            assert found["third"][place] == nth * 3 // len(here)
        for third in range(3):
            placed = sorted((found["place"][place], spent[nth]) for nth, place in enumerate(here) if found["third"][place] == third)
            assert [place for place, _ in placed] == list(range(1, len(placed) + 1))
            assert [time for _, time in placed] == sorted(time for _, time in placed)
        assert sum(found["drawn"][place] for place in here) == min(3, len(here))


def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    """The same seed draws the same passages, another one others."""
    rows = [(1, place, place + 5) for place in range(100)]
    first, again, other = (spectrum(lent(rows), Spectrum(0, most=10, seed=seed))["drawn"].tolist() for seed in (1, 1, 2))
    assert first == again != other
