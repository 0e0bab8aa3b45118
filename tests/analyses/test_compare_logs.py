"""Comparing two logs: a log with itself shows nothing, and two files say what one file of both says."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb
import pytest
from tests.answers import texts

import finmine
from finmine.analyses.compare import Compare, compare
from finmine.card import AmountRule, Card
from finmine.cli import REFUSED, main
from finmine.engine import Engine
from finmine.ingest.two_logs import UnlikeLogs, two_logs
from finmine.relations.tables import units_table
from finmine.sides import SidesOfTwoLogs
from finmine.testing import ORIGIN, Event, log
from finmine.view import Headline, Prose
from finmine.words import DAY

CARD = Card(outcomes={"paid": ("pay",)}, amount=AmountRule("case"))
_FIGURES = ("cases", "value", "compared_cases", "median", "median_low", "median_high", "share_rework", "variants", "activities", "units_per_case")


def company(name: str, cases: int = 60) -> list[Event]:
    """Cases of a company, of which A checks every second and B every fifth; those of B take three days longer. Case numbers are the same in both."""
    rows: list[Event] = []
    for case in range(cases):
        took = 10 + 3 * (name == "B") + case % 7
        steps = [("submit", 0), *([("check", took / 2)] if case % (2 if name == "A" else 5) == 0 else []), ("pay", took)]
        facts = {
            "case": f"c{case:02}",
            "company": name,
            "vendor": f"v{case % 9}",
            "amount": f"{case}.50",
            "currency": "EUR",
            "resource": f"{name}{case % 3}",
        }
        rows += [{**facts, "activity": activity, "timestamp": ORIGIN + case * DAY + round(after * DAY)} for activity, after in steps]
    return rows


@cache
def of_two_logs() -> Compare:
    """The log of A against that of B, which has an activity more."""
    more: list[Event] = [{"case": "x", "activity": "archive", "timestamp": ORIGIN, "company": "B", "cost_centre": "7"}]
    return compare(log(company("A"), card=CARD), against=log([*company("B"), *more], card=CARD))


def test_a_log_against_itself_shows_nothing() -> None:
    """Every share, the time and the paths are the same on both sides, no test finds anything, and both sides have all cases."""
    read = log(company("A"), card=CARD)
    answer = compare(read, against=read)
    first, second = answer.records()
    assert {name: first[name] for name in _FIGURES} == {name: second[name] for name in _FIGURES}
    assert first["cases"] == 60
    assert all(one["share_difference"] in (0, None) and one["q_difference"] in (1, None) for one in answer.differences)
    assert answer.sided.shift is not None
    assert (answer.sided.shift.size.value, answer.sided.shift.q) == (0, 1)
    assert answer.distance is not None
    assert answer.distance.apart.transport.distance == pytest.approx(0, abs=1e-12)
    assert answer.distance.apart.p == 1
    assert "In none of them the sides differ" in texts(answer, Prose)[1]
    assert not any("goes with" in said or "points" in said for said in texts(answer, Headline))


def test_two_files_say_what_one_file_of_both_says() -> None:
    """The differences of A's log and B's are those of the companies in one log; the cases behind a side are its own, whatever they are called."""
    both = [{**event, "case": f"{event['company']}{event['case']}"} for name in "AB" for event in company(name)]
    together = compare(log(both, card=CARD), first="company = 'A'")
    alone = of_two_logs()
    assert alone.sided.shift is not None
    assert together.sided.shift == alone.sided.shift
    of_one = {one["measure"]: one["share_difference"] for one in together.differences}
    assert {one["measure"]: one["share_difference"] for one in alone.differences} == of_one
    assert together.distance is not None
    assert alone.distance is not None
    assert alone.distance.apart == together.distance.apart
    first = alone.records()[0]
    assert {name: first[name] for name in _FIGURES} == {name: together.records()[0][name] for name in _FIGURES}
    assert len(alone.cases(0).rows) == 60
    assert set(alone.cases(1).rows.column("case")) == {f"c{case:02}" for case in range(60)} | {"x"}


def test_the_log_of_both_has_the_sum_of_their_events() -> None:
    """Cases, units and sources add up, an attribute that only one has is missing in the other, and the script makes all of it anew."""
    joined = of_two_logs().about.log
    assert (joined.facts.cases, joined.facts.units) == (121, 60 * 4 + 30 + 12 + 1)
    assert joined.fetch(units_table(joined.tables.units)).table.num_rows == joined.facts.units
    assert sorted(joined.attributes) == sorted({*joined.attributes, "cost_centre", "log"})
    kept = joined.keep_cases(finmine.parse_filter("cost_centre = '7'"))
    assert finmine.summary(kept).about.population.cases == 1
    assert [source.number for source in joined.provenance.sources] == [0, 1]


def test_both_logs_stay_as_long_as_the_answer() -> None:
    """Nobody holds the two logs any more, another is read, and the cases of either side can still be asked for; then they go, too."""
    engine = Engine()
    answer = compare(log(company("A", 6), card=CARD, engine=engine), against=log(company("B", 6), card=CARD, engine=engine))
    log(company("A", 2), card=CARD, engine=engine)
    assert len(answer.about.log.keep_cases(finmine.parse_filter("company = 'B'")).fetch(answer.behind(answer.records()[1])).table) == 6
    held = len(engine.rows("SELECT * FROM information_schema.tables"))
    del answer
    gc.collect()
    engine.sweep()
    assert len(engine.rows("SELECT * FROM information_schema.tables")) < held


def test_the_evidence_of_two_files_runs_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """From the command line two files are compared, the script reads both and gives the same rows; sides beside another log are refused."""
    for name in "AB":
        lines = [f"c{case},{step},2024-01-{1 + case + place:02}T08:00:00" for case in range(12) for place, step in enumerate(("submit", "pay"))]
        (tmp_path / f"{name}.csv").write_text(
            "\n".join(["case_id,activity,timestamp", *lines, *(["c1,extra,2024-01-09T08:00:00"] if name == "B" else [])])
        )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["compare", "A.csv", "--against", "B.csv", "--quiet", "--to", "json"])
    assert left.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert [told["parameters"][side] for side in ("first", "second", "against")] == ["log = 'A.csv'", "log = 'B.csv'", "B.csv"]
    answer = compare(finmine.read("A.csv"), against=finmine.read("B.csv"))
    connection = duckdb.connect()
    last = [connection.execute(statement.query) for statement in duckdb.extract_statements(answer.evidence())][-len(answer.answers()) :]
    assert len(last) == len(answer.answers())
    assert last[-1].fetchall() == [tuple(record.values()) for record in [*answer.answers().values()][-1].records()]
    with pytest.raises(SystemExit) as refused:
        main(["compare", "A.csv", "--against", "B.csv", "--quiet", "--first", "length > 1"])
    assert refused.value.code == REFUSED


def test_logs_that_were_not_read_alike_are_refused() -> None:
    """Other filters, another engine, conditions beside another log; a reporting currency that only one has leaves each its own money."""
    read, other = log(company("A", 6), card=CARD), log(company("B", 6), card=CARD)
    with pytest.raises(UnlikeLogs, match="different filters"):
        compare(read, against=other.keep_cases(finmine.has("check")))
    with pytest.raises(UnlikeLogs, match="different engines"):
        compare(read, against=log(company("B", 6), card=CARD, engine=Engine()))
    with pytest.raises(SidesOfTwoLogs):
        compare(read, first="company = 'A'", against=other)
    reporting = replace(CARD, amount=AmountRule("case", reporting="EUR"), outcomes={})
    joined = two_logs(log(company("A", 6), card=reporting), other).log
    assert (joined.money is not None, joined.card.outcomes) == (True, {})
    assert joined.money == other.money
