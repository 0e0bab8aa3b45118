"""Enabled units of a log: what waited for what, what the card says of concurrency, and what is not known."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.strategies import logs

from finmine.card import BadCard, Card, draft, load
from finmine.card_concurrency import Concurrency
from finmine.errors import UnknownWord
from finmine.log import EventLog
from finmine.relations.concurrency import concurrency
from finmine.relations.enabled import enabled, enabled_units
from finmine.testing import Event, log
from finmine.words import HOUR

PARALLEL = "\n".join(
    [f"a{case}: s@0h-1h, x@1h-3h, y@2h-4h, e@5h-6h" for case in range(6)] + [f"b{case}: s@0h-1h, x@2h-4h, y@1h-3h, e@5h-6h" for case in range(4)]
)
APART = PARALLEL.replace("x@1h-3h", "x@1h-2h").replace("y@1h-3h", "y@1h-2h")


def hours(written: EventLog) -> dict[tuple[str, str], tuple[float | None, float | None]]:
    """For each case and activity the hours of waiting and of start lag."""
    rows = written.fetch(enabled_units(written, enabled(written)).select("case", "activity", "waiting", "start_lag").order_by("case")).tuples()
    names = dict(enumerate(sorted({one.split(":")[0] for one in PARALLEL.splitlines()})))
    told = [[None if time is None else int(str(time)) / HOUR for time in times] for *_, waiting, lag in rows for times in [(waiting, lag)]]
    return {
        (names[int(str(case))], written.activity_names()[int(str(activity))]): (waiting, lag)
        for (case, activity, *_), (waiting, lag) in zip(rows, told, strict=True)
    }


def test_what_runs_side_by_side_does_not_wait_for_each_other() -> None:
    """Both of two concurrent activities wait for the one before them; the next waits for the last of both."""
    found = hours(log(PARALLEL))
    assert [found["a0", activity] for activity in "sxye"] == [(None, 0), (0, None), (1, None), (1, None)]
    assert [found["b0", activity] for activity in "sxye"] == [(None, 0), (1, None), (0, None), (1, None)]


def test_activities_that_never_overlap_are_not_concurrent() -> None:
    """In either order but never at one time they wait for each other, unless the card says that they do not."""
    written = log(APART)
    assert [record["concurrent"] for record in concurrency(written).records()] == [False]
    assert hours(written)["a0", "y"] == (0, None)
    declared = log(APART, card=Card(concurrency=Concurrency(pairs=(("x", "y"),))))
    assert hours(declared)["a0", "y"] == (1, None)
    assert hours(log(APART, card=Card(concurrency=Concurrency(find="heuristics"))))["a0", "y"] == (1, None)


def test_the_card_overrules_what_is_found() -> None:
    """What is never concurrent, or where nothing is to be found, waits for the last unit that ended before it began."""
    for said in (Concurrency(never=(("x", "y"),)), Concurrency(find="none")):
        assert concurrency(log(PARALLEL, card=Card(concurrency=said))).pairs == ()
    with pytest.raises(UnknownWord, match="'z'"):
        concurrency(log(PARALLEL, card=Card(concurrency=Concurrency(pairs=(("x", "z"),)))))


def test_a_card_keeps_what_is_said_of_concurrency(tmp_path: Path) -> None:
    """The section is read, drafted and read again; a pair of one activity, or both declared and denied, is refused."""
    said = Concurrency("heuristics", (("a", "b, c"),), (("a", 'say "d"'),))
    path = tmp_path / "x.card.toml"
    path.write_text(draft(Card(roles={"case": ("c",), "activity": ("a",), "timestamp": ("t",)}, concurrency=said)), encoding="utf-8")
    assert load(path).concurrency == said
    for wrong in ('pairs = [["a", "a"]]', 'pairs = [["a", "b"]]\nnever = [["b", "a"]]', 'pairs = "a"', 'find = "all"'):
        path.write_text(f"finmine_card = 1\n[concurrency]\n{wrong}\n", encoding="utf-8")
        with pytest.raises(BadCard):
            load(path)


def test_without_starts_nobody_waits() -> None:
    """Where only completions are recorded, units are enabled by the one before them and their waiting is not known."""
    written = log("a: x@1h, y@3h")
    rows = written.fetch(enabled_units(written, enabled(written)).select("enabler", "waiting", "start_lag").order_by("enabler")).tuples()
    assert rows == ((1, None, None), (None, None, None))


@settings(max_examples=12)
@given(logs(starts=True, ties=False))
def test_waiting_and_start_lag_are_never_negative_and_the_order_of_rows_is_nothing(rows: list[Event]) -> None:
    """Every unit with a usable start has either waiting or start lag, none below 0, and shuffled rows (without ties, which rows order) have the same."""

    def found(written: EventLog) -> list[tuple[object, ...]]:
        these = enabled_units(written, enabled(written)).select("case", "activity", "time", "start", "enabled", "began", "waiting", "start_lag")
        return sorted(written.fetch(these).tuples(), key=repr)

    told = found(log(rows))
    assert all((waiting is None) != (lag is None) for *_, began, waiting, lag in told if began is not None)
    assert all(int(str(time)) >= 0 for *_, waiting, lag in told for time in (waiting, lag) if time is not None)
    assert found(log(rows, shuffled=1)) == told
