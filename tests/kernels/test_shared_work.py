"""Shared work: no hour of a resource counts twice, and none is lost."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.kernels.shared_work import shared_work

Span = tuple[int, int, int, int]
SPANS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 30), st.integers(0, 12)), max_size=25)


def shares(spans: list[Span]) -> list[int]:
    """The shares of spans (resource, calendar, since, length) in their order."""
    columns = np.array(spans, dtype=np.int64).reshape(-1, 4).T
    lent = {"resource": columns[0], "calendar": columns[1], "since": columns[2], "until": columns[2] + columns[3]}
    rows = np.arange(len(spans))
    found: list[int] = shared_work({"case": rows, "position": rows, **lent})["shared"].tolist()
    return found


@settings(max_examples=200)
@given(SPANS)
def test_every_moment_is_divided_among_the_units_in_work(drawn: list[Span]) -> None:
    """Each unit has its part of every moment to less than a microsecond for each, and all parts of a resource add up to when it worked (oracle: brute force)."""
    spans = sorted(drawn)
    exact: dict[int, Fraction] = defaultdict(Fraction)
    worked: dict[tuple[int, int], set[int]] = defaultdict(set)
    for resource, calendar in {span[:2] for span in spans}:
        mine = [place for place, span in enumerate(spans) if span[:2] == (resource, calendar)]
        for moment in range(50):
            at_once = [place for place in mine if spans[place][2] <= moment < spans[place][2] + spans[place][3]]
            for place in at_once:
                exact[place] += Fraction(1, len(at_once))
                worked[resource, calendar].add(moment)
    found = shares(spans)
    for lane, moments in worked.items():
        assert sum(share for share, span in zip(found, spans, strict=True) if span[:2] == lane) == len(moments)
    for place, (share, span) in enumerate(zip(found, spans, strict=True)):
        assert 0 <= share <= span[3]
        assert exact[place] - span[3] <= share <= exact[place] + span[3]


def test_two_units_at_once_have_half_each() -> None:
    """From 0 to 10 alone, from 10 to 20 together, then the other alone; what does not divide goes to the first."""
    assert shares([(0, 0, 0, 20), (0, 0, 10, 20)]) == [15, 15]
    assert shares([(0, 0, 0, 7), (0, 0, 0, 7), (0, 0, 0, 7)]) == [3, 2, 2]
    assert shares([(0, 0, 0, 5), (0, 1, 0, 5), (1, 0, 0, 5)]) == [5, 5, 5]
    assert shares([]) == []
