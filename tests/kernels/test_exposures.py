"""By what cases can be told apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from finmine.kernels.exposures import Exposure, of_features, of_limits, of_values


def features(*rows: tuple[int, int, int, int]) -> dict[str, npt.NDArray[np.int64]]:
    """Rows of path, kind, first and second."""
    return dict(zip(("path", "kind", "first", "second"), np.array(rows, dtype=np.int64).T, strict=True))


def told(found: Exposure) -> tuple[int, int, int, list[bool], bool]:
    """What an exposure is, in plain values."""
    return found.kind, found.first, found.cases, found.having.tolist(), found.without


def test_a_feature_is_told_from_its_smaller_side() -> None:
    """What more than half of the cases have is told by those that do not have it."""
    paths = np.array([0, 0, 0, 1, 2])
    found = of_features(paths, features((0, 0, 7, -1), (1, 0, 8, -1)), {0: 1})
    assert [*map(told, found)] == [(0, 7, 2, [False, True, True], True), (0, 8, 1, [False, True, False], False)]


def test_one_set_of_cases_is_told_once() -> None:
    """A feature of the same cases as an earlier one, or of all others, tells nothing new; nor does one that too few or all have."""
    paths = np.array([0, 0, 1, 1, 2])
    rows = features((0, 0, 1, -1), (0, 1, 1, -1), (1, 2, 5, -1), (2, 2, 5, -1), (2, 0, 3, -1), (0, 0, 4, -1), (1, 0, 4, -1), (2, 0, 4, -1))
    assert [(one.kind, one.first) for one in of_features(paths, rows, {0: 2, 1: 1, 2: 1})] == [(0, 1)]


def test_halves_of_equal_size_are_one_question() -> None:
    """Where as many cases have a feature as do not, it and its opposite are the same set."""
    rows = features((0, 0, 1, -1), (1, 0, 2, -1))
    assert len([*of_features(np.array([0, 1]), rows, {0: 1})]) == 1


def test_values_of_an_attribute() -> None:
    """Each value that enough cases have, and enough others do not."""
    found = of_values("value_0", 5, np.array([0, 0, 0, 1, 1, 2]), 2)
    assert [told(one) for one in found] == [(5, 0, 3, [True, False, False], False), (5, 1, 2, [False, True, False], False)]


def test_numbers_are_told_by_being_above_each_limit() -> None:
    """Of cases above none, one or three of three limits, above the first and above the second part them; the third parts as the second does."""
    found = of_limits("amount", 6, np.array([0, 0, 1, 3, 3]), 2)
    assert [(one.first, one.cases, one.having.tolist()) for one in found] == [(0, 3, [False, True, True, True]), (1, 2, [False, False, True, True])]
