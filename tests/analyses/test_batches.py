"""The question of batches: what is done together, what the collecting costs, and what is not said without starts."""

from __future__ import annotations

import pytest
from tests.answers import SAMPLES, texts

import finmine
from finmine.analyses.batches import BadGap
from finmine.testing import log
from finmine.view import Caveat, Headline, Table
from finmine.words import HOUR, MINUTE

COLLECTED = """
    a {company=1}: enter@7h-8h/ann, pay@16h-16h 5m/bob
    b {company=1}: enter@8h-9h/ann, pay@16h 5m-16h 10m/bob
    c {company=2}: enter@9h-13h/ann, pay@16h 10m-16h 15m/bob
    d {company=2}: enter@9h 1m-10h/ann, pay@16h 16m-16h 26m/bob
    e {company=2}: enter@9h 2m-20h/ann, pay@20h 21m-20h 31m/bob
    f {company=2}: enter@9h 3m-13h/ann, pay@16h-16h 5m
"""


def test_what_a_batch_costs_is_the_waiting_until_its_last_unit_is_enabled() -> None:
    """Three payments were ready at 8, 9 and 13 o'clock and were done at 16: five and four hours are waiting for the batch, the rest is not."""
    answer = finmine.batches(log(COLLECTED))
    pay, enter = answer.records()
    assert {name: pay[name] for name in ("activity", "units", "batched", "batches", "sequential", "batching_total")} == {
        "activity": "pay",
        "units": 5,
        "batched": 3,
        "batches": 1,
        "sequential": 1,
        "batching_total": 9 * HOUR,
    }
    assert pay["batching_share"] == 9 * HOUR / (
        8 * HOUR + (7 * HOUR + 5 * MINUTE) + (3 * HOUR + 10 * MINUTE) + (6 * HOUR + 16 * MINUTE) + 21 * MINUTE
    )
    assert (enter["activity"], enter["batched"], enter["batching_share"]) == ("enter", 0, None)
    assert {record["case"] for record in answer.cases(0).records()} == {"a", "b", "c"}
    assert texts(answer, Headline)[0] == "27.3 % of 11 units are done in 1 batch, 3.0 at a time."
    assert any("1 instance (8.3 %) without a resource or a usable start" in said for said in texts(answer, Caveat))


def test_another_gap_gives_other_batches() -> None:
    """The fourth payment begins a minute after the third; what each gap gives is always told, and units in batches last shorter here."""
    answer = finmine.batches(log(COLLECTED), gap="1min", level="resource")
    assert [(record["resource"], record["batched"]) for record in answer.records()] == [("bob", 4), ("ann", 0)]
    assert [(record["gap_allowed"], record["batched"]) for record in answer.gaps.records()] == [
        (gap * MINUTE, number) for gap, number in ((0, 3), (1, 4), (5, 4), (15, 4), (60, 4))
    ]
    sizes = next(block for block in answer.view().blocks if isinstance(block, Table) and block.title.startswith("Sizes"))
    assert sizes.rows == (("pay", "4 – 5", 4, 25 * MINUTE // 4, 0.625),)
    with pytest.raises(BadGap, match="'soon'"):
        finmine.batches(log(COLLECTED), gap="soon")


def test_a_batch_of_several_groups_counts_once() -> None:
    """Split by company the units are in their groups, and the batch is where its first unit is."""
    records = finmine.batches(log(COLLECTED), by="company").records()
    assert [(record["group"], record["batched"], record["batches"]) for record in records if record["batched"]] == [("1", 2, 1), ("2", 1, 0)]


def test_when_batches_begin() -> None:
    """Five Fridays at four two payments are done that were ready the day before at eight and at ten; of fewer batches nothing is said."""
    weeks = [
        f"{week}{name}: enter@{day}d 1h-{day}d {ready}h/{name}, pay@{day + 1}d {start}-{day + 1}d {end}/cid"
        for week in range(5)
        for day in [3 + 7 * week]
        for name, ready, start, end in (("ann", 8, "16h", "16h 5m"), ("bob", 10, "16h 5m", "16h 9m"))
    ]
    shown = [block for block in finmine.batches(log("\n".join(weeks))).view().blocks if isinstance(block, Table) and block.title.startswith("When")]
    assert [table.rows for table in shown] == [(("pay", 5, 2.0, 32 * HOUR, 30 * HOUR, "Fri", 1.0, "16:00", 1.0),)]
    fewer = finmine.batches(log("\n".join(weeks[:8])))
    assert "When batches begin" not in fewer.to_text()


def test_the_planted_rule_of_the_sample_is_found() -> None:
    """Credit notes are issued on Tuesdays and Thursdays; a queue that is worked off has no rule."""
    answer = finmine.batches(finmine.read(SAMPLES / "disputes.xlsx"))
    assert answer.firing is not None
    rules = {record["activity"]: record for record in answer.firing.records()}
    issued = rules["Issue credit note"]
    assert issued["firing_rule"] == "on Tue or Thu"
    assert issued["rule_support"] >= 0.9
    assert issued["rule_precision"] >= 0.9
    assert (rules["Check claim"]["firing_rule"], rules["Check claim"]["rule_support"]) == ("no rule", None)
    assert "When batches fire" in answer.to_text()
    assert "When batches fire" not in finmine.batches(log(COLLECTED)).to_text()


def test_without_starts_there_are_bursts_and_no_waiting() -> None:
    """Completions close together are bursts; no word or number says that anything waited."""
    answer = finmine.batches(log("a: pay@1h/bob\nb: pay@1h/bob\nc: pay@2h/bob\nd: pay@9h"))
    assert answer.records()[0]["in_bursts"] == 2
    shown = answer.to_text()
    assert "Activity bursts" in shown
    assert "Waiting" not in shown
    assert "records no starts" in shown


def test_days_alone_do_not_tell_batches() -> None:
    """Where all stamps are midnights, starts do not say what waited for what: only bursts are told, and the path says that days have no order inside."""
    written = log("a: enter@1d-2d/ann, pay@3d-4d/bob\nb: enter@1d-2d/ann, pay@3d-4d/bob")
    assert "Stamps say no more than the day" in finmine.batches(written).to_text()
    assert "Activity bursts" in finmine.batches(written).to_text()
    assert any(said.startswith("Stamps say no more than the day") for said in texts(finmine.enabling_path(written), Caveat))
