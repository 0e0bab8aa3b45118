"""The question why work waits: rows that add up, what is said of limits, and logs that cannot tell."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

import pytest
from tests.answers import SAMPLES, planted, texts

import finmine
from finmine.analyses.waiting_causes import RawHours
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.card_costs import CostFacts
from finmine.finance.capacity import Capacity
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.relations.waiting_causes import CAUSES
from finmine.testing import log
from finmine.view import Bars, Caveat, Facts, Headline, Prose, Table, WorkingTime
from finmine.words import HOUR

OFFICE = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()))
CARD = Card(calendars={"office": OFFICE}, calendar_of=CalendarOf("office"))
WRITTEN = """
j1 {team=x}: a@7h-8h 30m/cid, b@9h-11h/ann
j2 {team=x}: a@8h-10h/cid, b@11h-12h/ann
j3 {team=y}: a@8h-9h/cid, pay@33h-34h/ann, send@40h
"""


def test_the_rows_add_up_to_the_whole() -> None:
    """Each row's causes add up to its waiting, the rows to the whole, whatever a row is; each row names the cause with most of it."""
    written = log(WRITTEN, card=CARD)
    everything: tuple[Literal["activity", "step", "resource"], ...] = ("activity", "step", "resource")
    for each in everything:
        answer = finmine.waiting_causes(written, level=each, by="team")
        whole = answer.whole
        assert whole["waiting"] == 25 * HOUR + HOUR // 2
        for record in answer.records():
            assert sum(record[cause] for cause in CAUSES) == record["waiting"]
        assert {name: sum(record[name] for record in answer.records()) for name in CAUSES} == {name: whole[name] for name in CAUSES}
    pay = finmine.waiting_causes(written).records()[0]
    assert (pay["activity"], pay["main_cause"], pay["waits"]) == ("pay", "unavailability", 1)
    assert [record["case"] for record in finmine.waiting_causes(written).cases(0).records()] == ["j3"]


def test_efficiency_is_work_in_work_and_waiting_on_one_clock() -> None:
    """Without a cause it is as if its waiting were nought; the gain is the difference."""
    answer = finmine.waiting_causes(log(WRITTEN, card=CARD))
    whole = answer.whole
    assert whole["work"] == 8 * HOUR + HOUR // 2
    (facts,) = (block for block in answer.view().blocks if isinstance(block, Facts) and block.title == "Cycle-time efficiency")
    assert facts.facts[2][1] == whole["work"] / (whole["work"] + whole["waiting"])
    causes = next(block.table for block in answer.view().blocks if isinstance(block, Bars) and block.label == "cause")
    row: dict[str, Any] = dict(zip([column.name for column in causes.columns], causes.rows[CAUSES.index("unavailability")], strict=True))
    assert row["efficiency_without"] == whole["work"] / (whole["work"] + whole["waiting"] - whole["unavailability"])
    now: Any = facts.facts[2][1]
    assert row["efficiency_gain"] == pytest.approx(row["efficiency_without"] - now)
    extraneous: dict[str, Any] = dict(zip([column.name for column in causes.columns], causes.rows[CAUSES.index("extraneous")], strict=True))
    assert (extraneous["opening"], extraneous["opening"].day) == (whole["extraneous_working"], 8 * HOUR)


def test_a_log_of_completions_has_gaps_and_no_causes() -> None:
    """Nothing is called waiting there; the gaps are told in all and in opening hours. Dates without a clock time are no better."""
    completions = log("a: x@9h/ann, y@33h/bob", card=CARD)
    dates = log("a: x@0h-0h/ann, y@24h-48h/bob", card=CARD)
    for written, gaps in ((completions, (24 * HOUR, 8 * HOUR)), (dates, (48 * HOUR, 16 * HOUR))):
        answer = finmine.waiting_causes(written)
        assert "nobody can tell waiting from work" in texts(answer, Caveat)[0]
        assert not texts(answer, Headline)
        (record,) = answer.records()
        assert (record["waiting"], record["open_gap"], record["gap_open"], record["gapped"]) == (0, *gaps, 1)
        tables = [block for block in answer.view().blocks if isinstance(block, Table)]
        assert not any("Waiting" in block.title for block in tables)
        assert [cell.day for cell in tables[0].rows[0] if isinstance(cell, WorkingTime)] == [8 * HOUR]


def test_waits_without_a_known_resource_or_calendar_are_named() -> None:
    """How many they are and how long, and how to learn more; units without a start are counted as well."""
    written = log(WRITTEN.replace("send@40h", "send@40h-41h, file@50h"))
    unknown, without = texts(finmine.waiting_causes(written), Caveat)[:2]
    assert "For 4 waits of 4 no resource or no calendar is known" in unknown
    assert "--learn" in unknown
    assert "1 instance of 8 has no usable start" in without


def test_without_any_resource_the_way_to_causes_is_its_column() -> None:
    """Calendars cannot be learned for nobody: the column of the resource is asked for instead."""
    (unknown,) = [said for said in texts(finmine.waiting_causes(log("a: x@0h-1h, y@3h-4h")), Caveat) if "no known cause" in said]
    assert unknown.endswith("No resource is recorded at all: name its column with --resource COLUMN.")


def test_causes_without_a_calendar_are_said_to_hold_closed_hours() -> None:
    """Contention over a night may be a closed office: without a calendar the words say so, with one there is nothing to say."""
    written = "a: x@9h-10h/ann, y@40h-41h/bob\nb: x@9h-11h/cid, y@12h-39h/bob"
    (said,) = [told for told in texts(finmine.waiting_causes(log(written)), Caveat) if "no known cause" in told]
    assert "holds nights and weekends too, which a calendar would call unavailability" in said
    assert not [told for told in texts(finmine.waiting_causes(log(written, card=CARD)), Caveat) if "nights and weekends too" in told]


def test_nothing_left_is_answered() -> None:
    """A filter that keeps nothing of a log with starts leaves an answer about nothing."""
    assert "Of 0 cases" in str(finmine.waiting_causes(log(WRITTEN, card=CARD).keep_cases(finmine.has("b"), finmine.has("pay"))))


def test_two_orders_at_once_are_refused() -> None:
    """Raw counts other work in closed hours, and hours-first gives these to unavailability."""
    with pytest.raises(RawHours, match="ask for one of them"):
        finmine.waiting_causes(log(WRITTEN), raw=True, order="hours-first")


def test_teams_are_named() -> None:
    """Where the card says that a resource is several people, the answer says what that means; else nothing."""
    card = replace(CARD, costs=CostFacts(capacity=(Capacity("resource", "ann", people=Decimal(2)),)))
    (said,) = [told for told in texts(finmine.waiting_causes(log(WRITTEN, card=card)), Prose) if "several people" in told]
    assert said.startswith("1 resource stands for several people by [[capacity]] on the card")
    assert not [told for told in texts(finmine.waiting_causes(log(WRITTEN, card=CARD)), Prose) if "several people" in told]


def test_concurrent_pairs_are_named() -> None:
    """What was taken for concurrent is said, with the reason."""
    cases = "\n".join(
        f"c{n}: s@{n}h-{n + 1}h, {'a' if n % 2 else 'b'}@{n + 2}h-{n + 5}h, {'b' if n % 2 else 'a'}@{n + 3}h-{n + 6}h" for n in range(10)
    )
    pairs = [block for block in finmine.waiting_causes(log(cases)).view().blocks if isinstance(block, Table) and "side by side" in block.title]
    assert [row[:2] for block in pairs for row in block.rows] == [("a", "b")]


def test_the_planted_bottleneck_is_extraneous_waiting() -> None:
    """Controllers decide late without doing anything else: no common activity has more extraneous waiting per unit than theirs."""
    answer = finmine.waiting_causes(finmine.read(SAMPLES / "approvals.xes.gz"))
    common = [record for record in answer.records() if record["waits"] >= 100]
    slowest = max(common, key=lambda record: record["extraneous"] / record["waits"])
    assert slowest["activity"] in planted("approvals", "controller")["parameters"]["activities"]
