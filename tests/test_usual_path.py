"""Paths told by what they do otherwise than the usual one."""

from __future__ import annotations

import pytest

from finmine.usual_path import letters, told


@pytest.mark.parametrize(
    ("trace", "said"),
    [
        ("a b c", "usual path"),
        ("a c b", "usual path in another order"),
        ("a b x c", "usual path + x"),
        ("a x b b b x", "usual path + x × 2 + b × 2 − c"),
        ("p q r s", "p → q → r → s"),
    ],
)
def test_a_path_is_told_by_its_difference(trace: str, said: str) -> None:
    """What it does more and less often than a, b, c; in full where that is more than five activities."""
    assert told(trace.split(), ("a", "b", "c")) == said


def test_letters_go_on_after_z() -> None:
    """The 27th path is AA."""
    assert [letters(place) for place in (0, 25, 26)] == ["A", "Z", "AA"]
