"""The words of changes: read, said again the same, and refused with examples."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import ODD_NAMES

from finmine.errors import UnknownWord
from finmine.filters.changes import EXAMPLES, Change, NoSuchStep, Step, UnreadableChange, read_change, read_step
from finmine.graphs.flow import END, START
from finmine.testing import log
from finmine.words import DAY, HOUR

names = st.sampled_from([name for name in ODD_NAMES if name])
steps = st.builds(Step, st.none() | names, names) | st.builds(Step, names, st.none()) | names.map(lambda name: Step(None, name, from_start=True))
percents = st.decimals(0, 1, places=3) | st.decimals(1, 9, places=3)
changes = (
    st.builds(Change, steps, st.sampled_from(["scaled", "rerouted"]), percents.filter(lambda factor: factor != 1))
    | st.builds(Change, steps, st.just("shifted"), st.integers(-(10**12), 10**12).filter(bool).map(Decimal))
    | st.builds(Change, steps, st.just("takes"), st.integers(0, 10**12).map(Decimal))
)


@given(changes)
def test_words_read_back(change: Change) -> None:
    """What a change says of itself is read as the same change."""
    assert read_change(change.words()) == change


def test_changes_as_people_write_them() -> None:
    """Every example is read; spaces, arrows and letters of either case do not matter."""
    assert [read_change(example).kind for example in EXAMPLES] == ["scaled", "shifted", "takes", "rerouted", "rerouted", "rerouted"]
    assert read_change("  'a'→'b'   50 % FASTER ") == Change(Step("a", "b"), "scaled", Decimal("0.5"))
    assert read_change("START -> 'start' 10% More Often") == Change(Step(None, "start", from_start=True), "rerouted", Decimal("1.1"))
    assert read_change("'it''s' takes 2d 3h").amount == 2 * DAY + 3 * HOUR
    assert read_step("'a' -> end") == Step("a", None)


@pytest.mark.parametrize(
    "text", ["", "a -> b 50% faster", "'a' -> 'b'", "'a' 150% faster", "'a' takes", "end removed", "start -> end removed", "'a' 5 faster"]
)
def test_what_cannot_be_read_is_refused_with_examples(text: str) -> None:
    """Names without quotes, nothing that changes, more than all of it: refused, with examples."""
    with pytest.raises(UnreadableChange, match="cannot be read. It is written like these:\n  'Approve' -> 'Pay' 50% faster"):
        read_change(text)


@pytest.mark.parametrize("text", ["'a'", "'a' -> ", "'a' -> 'b' removed", "start -> end"])
def test_what_is_no_step_is_refused(text: str) -> None:
    """An activity alone, or a change, is no step."""
    with pytest.raises(UnreadableChange):
        read_step(text)


def test_steps_are_looked_up() -> None:
    """An activity alone means all steps that lead to it; unknown activities and steps that no case takes are refused by name."""
    read = log('x: a@0h, b@1h, c@2h, "start"@3h')
    codes = {name: code for code, name in enumerate(read.activity_names())}
    taken: list[tuple[int | str, int | str]] = [(START, codes["a"]), (codes["a"], codes["b"]), (codes["c"], codes["b"]), (codes["start"], END)]
    assert read_change("'b' 50% faster").step.pairs(read, taken) == (taken[1], taken[2])
    assert read_step("start -> 'a'").pairs(read, taken) == (taken[0],)
    assert read_step("'start' -> end").pairs(read, taken) == (taken[3],)
    with pytest.raises(UnknownWord, match="Did you mean 'start'"):
        read_step("'strt' -> 'a'").pairs(read, taken)
    with pytest.raises(NoSuchStep, match="no case takes 'b' -> 'a'"):
        read_step("'b' -> 'a'").pairs(read, taken)
