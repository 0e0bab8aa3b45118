"""Values as TOML: reading them gives them back, and the text of a text is itself."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.auditing.policy_file import DEFAULTS, policy_bytes
from finmine.report.toml_text import toml_text

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SINGLE: st.SearchStrategy[Any] = st.one_of(
    KEYS,
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
)
VALUES = st.recursive(SINGLE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
SAMPLES = Path(__file__).parents[2] / "sample_logs"


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_reading_gives_the_values_back(said: dict[str, Any]) -> None:
    """Whatever TOML can hold comes back, with hostile keys and texts; a second writing gives the same text."""
    text = toml_text(said)
    assert tomllib.loads(text) == said
    assert toml_text(tomllib.loads(text)) == text


def test_tables_in_lists_keep_their_tables() -> None:
    """A list of tables that hold tables and lists of tables is written under headings."""
    said = {
        "rules": [{"id": "a", "where": {"x y": ["1"]}}, {"steps": [{"n": 1}, {"n": 2}]}],
        "on": [date(2024, 1, 1), time(1, 2), datetime(2024, 1, 1)],
    }
    assert tomllib.loads(toml_text(said)) == said
    assert '[rules.where]\n"x y" = ["1"]' in toml_text(said)


@pytest.mark.parametrize("name", [*DEFAULTS, *(path.name for path in sorted(SAMPLES.glob("*.toml")))])
def test_real_documents_come_back(name: str) -> None:
    """The default policies and the cards of the sample logs."""
    data = policy_bytes(name)[1] if name in DEFAULTS else (SAMPLES / name).read_bytes()
    said = tomllib.loads(data.decode())
    assert tomllib.loads(toml_text(said)) == said
