"""The engine keeps to itself: nothing of it is written among the answers."""

from __future__ import annotations

from finmine.engine import Engine


def test_no_progress_is_written_among_the_answers() -> None:
    """However long a query takes, the engine draws no bar into the output of a command."""
    assert Engine().value("SELECT current_setting('enable_progress_bar')") is False
