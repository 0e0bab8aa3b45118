"""Summary: what is in a log, where it comes from, what was assumed, and whether it agrees with the ledger."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.brute_force import ordered, started
from tests.strategies import AMOUNTS, logs

import finmine
from finmine.analyses.summary import Summary, summary
from finmine.card import AmountRule, Card, Ledger, Rate
from finmine.card_ledger import OfMonth
from finmine.testing import Event, log
from finmine.view import Caveat, Facts, Headline, Prose, Table

SAMPLES = Path(__file__).parents[2] / "sample_logs"
MONEY = Card(roles={"amount": ("amount",), "currency": ("currency",)}, amount=AmountRule("case"))


def facts(answer: Summary, title: str = "The log") -> dict[str, object]:
    """Single values by name."""
    block = next(block for block in answer.view().blocks if isinstance(block, Facts) and block.title == title)
    return {name: value for name, value, _ in block.facts}


def shown(answer: Summary, title: str) -> list[dict[str, Any]]:
    """The rows of a table by its title; none where there is no such table."""
    tables = [block for block in answer.view().blocks if isinstance(block, Table) and block.title == title]
    return [dict(zip([column.name for column in found.columns], row, strict=True)) for found in tables for row in found.rows]


def texts(answer: Summary, kind: type[Headline | Caveat | Prose]) -> list[str]:
    """The sentences of one kind of block."""
    return [block.text for block in answer.view().blocks if isinstance(block, kind)]


@settings(max_examples=10)
@given(logs(starts=True))
def test_sizes_are_those_of_plain_python(rows: list[Event]) -> None:
    """Cases, units, variants, activities, resources, first and last stamp, ties and money, counted one by one."""
    cases = ordered(rows)
    answer = summary(log(rows, card=Card(roles={"amount": ("amount",)}, amount=AmountRule("event", take="sum"))))
    found, size = facts(answer), answer.size.records()[0]
    assert (found["Cases"], found["Variants"]) == (len(cases), len({tuple(event["activity"] for event in events) for events in cases.values()}))
    assert size["units"] == len(rows)
    assert (found["Activities"], found["Resources"]) == (len({row["activity"] for row in rows}), len({row["resource"] for row in rows} - {None}))
    assert found["First stamp"] == min(map(started, cases.values()))
    assert found["Last stamp"] == max(row["timestamp"] for row in rows)
    assert size["ties"] == sum(a["timestamp"] == b["timestamp"] for events in cases.values() for a, b in itertools.pairwise(events))
    amounts = [[amount for event in events if (amount := AMOUNTS[event["amount"]]) is not None] for events in cases.values()]
    sums = [sum(held) for held in amounts if held]
    money = shown(answer, "Money")
    assert sum(record["cases"] for record in money) == len(sums)
    assert sum(record["value"] for record in money) == sum(sums)
    assert sum(record["credit_cases"] for record in money) == sum(amount < 0 for amount in sums)
    assert sum(record["credit_value"] or 0 for record in money) == sum(amount for amount in sums if amount < 0)
    assert sum(record["cases"] for record in answer.months.records()) == len(cases)
    assert sum(record["cases"] for record in answer.records()) == len(cases)


@settings(max_examples=4)
@given(logs(ties=False))
def test_the_order_of_the_rows_does_not_matter(rows: list[Event]) -> None:
    """A shuffled source has the same sizes, statuses, money and months."""
    one, other = summary(log(rows)), summary(log(rows, shuffled=2))
    assert [answer.tuples() for answer in one.answers().values()] == [answer.tuples() for answer in other.answers().values()]


LIFECYCLE = [("a", "start", 1), ("b", "start", 2), ("b", "complete", 3), ("a", "complete", 4), ("c", "complete", 5)]


def paired(folder: Path, unit: str | None = None) -> finmine.EventLog:
    """Two cases of the same work, recorded in another order of starts."""
    lines = ["case_id,activity,lifecycle:transition,timestamp"]
    lines += [f"i1,{activity},{transition},2024-01-02 0{hour}:30:00" for activity, transition, hour in LIFECYCLE]
    other = [LIFECYCLE[1], LIFECYCLE[0], *LIFECYCLE[2:]]
    lines += [f"i2,{activity},{transition},2024-01-02 0{hour}:30:00" for (activity, transition, _), hour in zip(other, range(1, 6), strict=True)]
    (folder / "log.csv").write_text("\n".join(lines))
    return finmine.read(folder / "log.csv", unit=unit)  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", [None, "event"])
def test_both_readings_of_paired_rows(tmp_path: Path, unit: str | None) -> None:
    """However it is read, the summary counts events and instances and the variants of each, and how the pairing went."""
    answer = summary(paired(tmp_path, unit))
    found = {record["reading"]: (record["units"], record["cases"], record["variants"]) for record in shown(answer, "Either way to read the rows")}
    assert found == {"event": (10, 2, 2), "instance": (6, 2, 1)}
    assert facts(answer)["Variants"] == (1 if unit is None else 2)
    pairing = facts(answer, "Pairing of start and complete")
    assert (pairing["Instances"], pairing["Completions without start"], pairing["Starts without completion (no units)"]) == (6, 2, 0)


def test_one_reading_has_no_table_of_readings() -> None:
    """Where rows do not pair there is nothing to compare."""
    assert shown(summary(log("i1: a@1h-2h")), "Either way to read the rows") == []


def test_statuses_add_up_and_lead_to_their_cases() -> None:
    """Cases by status and outcome, with the money of each, and the cases behind each row, the running ones too."""
    card = replace(MONEY, outcomes={"paid": ("pay",), "void": ("cancel",)})
    text = "i1 {amount=10, currency=EUR}: a@1h, pay@2h\ni2 {amount=-4, currency=EUR}: a@1h, cancel@2h\ni3 {amount=1, currency=EUR}: a@1h"
    answer = summary(log(text, card=card))
    found = {(record["status"], record["outcome"]): (record["cases"], record["value"]) for record in answer.records()}
    assert found == {("finished", "paid"): (1, 10), ("finished", "void"): (1, -4), ("running", None): (1, 1)}
    behind = {record["status"]: answer.cases(record).rows.column("case") for record in answer.records()}
    assert behind["running"] == ("i3",)
    assert "had not come to a declared end activity at the last stamp of the log" in " ".join(texts(answer, Caveat))


def test_money_by_currency_with_credits_apart_and_missing_amounts_said() -> None:
    """Each currency has its own sum; credits are in it and counted apart; a case without amount is in none."""
    text = "i1 {amount=10, currency=EUR}: a@1h\ni2 {amount=-4, currency=EUR}: a@1h\ni3 {amount=5, currency=USD}: a@1h\ni4: a@1h"
    answer = summary(log(text, card=MONEY))
    money = {
        record["currency"]: tuple(record[name] for name in ("cases", "value", "credit_cases", "credit_value")) for record in shown(answer, "Money")
    }
    assert money == {"EUR": (2, 6, 1, -4), "USD": (1, 5, 0, None)}
    assert "1 case has no amount and is in no sum of money." in texts(answer, Caveat)
    assert "never added across currencies" in " ".join(texts(answer, Caveat))


def test_one_sum_in_the_reporting_currency() -> None:
    """With dated rates there is a line for all; a case without a rate is said to be in no sum."""
    rule = AmountRule("case", reporting="EUR")
    card = replace(MONEY, amount=rule, rates=(Rate("USD", date(2023, 1, 1), Decimal("0.5")),))
    text = "i1 {amount=10, currency=EUR}: a@1h\ni2 {amount=4, currency=USD}: a@1h\ni3 {amount=5, currency=GBP}: a@1h"
    answer = summary(log(text, card=card))
    assert shown(answer, "Money")[-1] == {"currency": "in all, in EUR", "cases": 2, "value": 12, "credit_cases": 0, "credit_value": None}
    assert "1 case has an amount but no rate and is in no sum in the reporting currency." in texts(answer, Caveat)


def test_money_that_is_not_declared_is_not_shown() -> None:
    """Where amounts differ within cases and the card is silent there is no money, and what to declare."""
    answer = summary(log("i1: a@1h {amount=1}, b@2h {amount=2}", card=Card(roles={"amount": ("amount",)})))
    assert shown(answer, "Money") == []
    assert "[amount] level" in " ".join(texts(answer, Caveat))


def ledgered(ledger: Ledger) -> Summary:
    """A log of two cases, three rows and 11.00 EUR beside a ledger."""
    return summary(log("i1 {amount=10, currency=EUR}: a@1h, b@2h\ni2 {amount=1, currency=EUR}: a@1h", card=replace(MONEY, ledger=ledger)))


def test_a_log_that_agrees_with_its_ledger() -> None:
    """The differences are shown though they are nought, and it is said in what the two agree."""
    answer = ledgered(Ledger(3, 2, {"EUR": Decimal("11.00")}))
    assert [(row["measure"], row["number"], row["ledger_number"], row["difference_number"]) for row in shown(answer, "Numbers as read, against the ledger")] == [
        ("Rows", 3, 3, 0), ("Cases", 2, 2, 0),
    ]  # fmt: skip
    assert [row["difference"] for row in shown(answer, "Amounts as read, against the ledger")] == [0]
    assert "The log agrees with the ledger: rows, cases, amount in EUR." in texts(answer, Prose)
    assert texts(answer, Headline) == []


def test_a_log_that_differs_from_its_ledger() -> None:
    """The differences are the headline, heavier than all others; a currency that only one of the two has differs too."""
    answer = ledgered(Ledger(5, 2, {"EUR": Decimal("10.50"), "USD": Decimal("7.00")}))
    assert texts(ledgered(Ledger(2, 1)), Headline) == ["The log differs from the ledger: 1 more row; 1 more case."]
    assert texts(answer, Headline) == ["The log differs from the ledger: 2 fewer rows; 0.50 EUR more; 7.00 USD less."]
    assert [row["difference"] for row in shown(answer, "Amounts as read, against the ledger")] == [Decimal("0.50"), Decimal("-7.00")]


def test_control_totals_are_of_the_log_as_read() -> None:
    """Filters change the sizes of the log and none of the control totals."""
    card = replace(MONEY, ledger=Ledger(3, 2, {"EUR": Decimal(11)}))
    read = log("i1 {amount=10, currency=EUR}: a@1h, b@2h\ni2 {amount=1, currency=EUR}: a@1h", card=card)
    answer = summary(read.keep_cases(finmine.has("b")))
    assert facts(answer)["Cases"] == 1
    assert shown(answer, "Money")[0]["value"] == 10
    assert "The log agrees with the ledger: rows, cases, amount in EUR." in texts(answer, Prose)
    assert sum(row["value"] for row in shown(answer, "Control totals by month of the start, as read")) == 11


MONTHS = "i1 {amount=10, currency=EUR}: a@1h, b@40d\ni2 {amount=1, currency=EUR}: a@1h\ni3 {amount=5, currency=EUR}: a@35d\ni4 {amount=7, currency=USD}: a@70d"


def monthly(ledger: Ledger) -> Summary:
    """A log whose cases start in January (two, 11 EUR), February (5 EUR) and March (7 USD), beside a ledger."""
    return summary(log(MONTHS, card=replace(MONEY, ledger=ledger)))


def test_the_ledger_may_give_its_totals_by_month() -> None:
    """Each month stands beside the ledger's; what of a difference lies in no month of the ledger is unexplained, and shown where it is nought."""
    months = {"2024-01": OfMonth(2, {"EUR": Decimal("12.00")}), "2024-02": OfMonth(1, {"EUR": Decimal("5.00")})}
    answer = monthly(Ledger(5, 4, {"EUR": Decimal("17.00"), "USD": Decimal("7.00")}, months))
    money = shown(answer, "Amounts by month of the start, against the ledger")
    assert [(row["months"], row["currency"], row["value"], row["ledger"], row["difference"]) for row in money] == [
        ("2024-01", "EUR", 11, 12, -1),
        ("2024-02", "EUR", 5, 5, 0),
    ]
    cases = shown(answer, "Cases by month of the start, against the ledger")
    assert [(row["months"], row["number"], row["ledger_number"]) for row in cases] == [("2024-01", 2, 2), ("2024-02", 1, 1), ("2024-03", 1, None)]
    totals = shown(answer, "Amounts as read, against the ledger")
    assert [(row["currency"], row["difference"], row["unexplained"]) for row in totals] == [("EUR", -1, 0), ("USD", 0, 0)]
    assert texts(answer, Headline) == ["The log differs from the ledger: 1.00 EUR less."]


def test_what_lies_in_no_month_of_the_ledger_is_unexplained() -> None:
    """A month that only the log has, and months of the ledger that do not add up to its total, are left as unexplained."""
    january = {"2024-01": OfMonth(2, {"EUR": Decimal("11.00")})}
    for total, unexplained in (("16.00", 0), ("11.00", 5), ("20.00", -4)):
        rows = shown(monthly(Ledger(None, None, {"EUR": Decimal(total)}, january)), "Amounts as read, against the ledger")
        assert [row["unexplained"] for row in rows] == [unexplained]
    [cases] = shown(monthly(Ledger(months=january)), "Numbers as read, against the ledger")
    assert (cases["measure"], cases["ledger_number"], cases["difference_number"], cases["unexplained_number"]) == ("Cases", 2, 2, 2)


def test_months_that_differ_are_said_where_the_totals_agree() -> None:
    """Money that is booked in another month leaves the total as it is, and is a difference all the same."""
    months = {"2024-01": OfMonth(amount={"EUR": Decimal(10)}), "2024-02": OfMonth(amount={"EUR": Decimal(6)})}
    answer = monthly(Ledger(amount={"EUR": Decimal(16)}, months=months))
    assert texts(answer, Headline) == ["The log differs from the ledger: 1.00 EUR more in 2024-01; 1.00 EUR less in 2024-02."]


def test_without_a_ledger_nobody_knows_whether_the_log_is_complete() -> None:
    """It is said, with what to declare."""
    assert "[ledger] rows, cases, amount" in " ".join(texts(summary(log("i1: a@1h")), Caveat))


def test_months_are_those_of_the_zone() -> None:
    """A case that starts at 23:30 UTC on the last of January starts in February in Berlin."""
    text = "i1: a@30d 23h 30m"
    assert [row["months"] for row in summary(log(text)).months.records()] == ["2024-01"]
    assert [row["months"] for row in summary(log(text, card=Card(zone="Europe/Berlin"))).months.records()] == ["2024-02"]


def test_every_fact_says_who_gave_it(tmp_path: Path) -> None:
    """The command line, the card or a guess; and what was assumed stands beside."""
    (tmp_path / "log.csv").write_text("case_id,activity,timestamp,who\ni1,a,2024-01-01 08:00:00,ana\n")
    (tmp_path / "log.card.toml").write_text('finmine_card = 1\n[log]\nzone = "Europe/Berlin"\n[roles]\nresource = "who"\n')
    answer = summary(finmine.read(tmp_path / "log.csv", people="names"))
    origins = {row["fact"]: (row["stated"], row["origin"]) for row in shown(answer, "Facts in use, and who gave them")}
    assert origins["case"] == ("case_id", "guess")
    assert origins["resource"] == ("who", "card")
    assert origins["zone"] == ("Europe/Berlin", "card")
    assert origins["people"] == ("names", "command line")
    assert "case: column 'case_id' (by its name)" in [row["note"] for row in shown(answer, "Assumed or found at reading")]


def test_sources_are_named_with_their_rows_and_fingerprints(tmp_path: Path) -> None:
    """Each file with its format, rows and SHA-256."""
    import hashlib

    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"case_id,activity,timestamp\n{name},a,2024-01-01 08:00:00\n")
    answer = summary(finmine.read(tmp_path))
    wanted = [(name, "csv", 1, hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()) for name in ("a.csv", "b.csv")]
    assert [(row["file"], row["format"], row["rows"], row["sha256"]) for row in shown(answer, "Sources")] == wanted


def test_the_extraction_is_declared_or_assumed() -> None:
    """It is said which."""
    assert facts(summary(log("i1: a@1h")))["Extracted"] == "2024-01-01 01:00:00 (assumed: the last stamp)"
    declared = summary(log("i1: a@1h", card=Card(extracted=datetime(2024, 2, 1))))
    assert facts(declared)["Extracted"] == "2024-02-01 00:00:00 (declared)"


def test_a_log_without_cases_has_a_summary() -> None:
    """When filters keep nothing the sizes are nought and nothing breaks."""
    answer = summary(log("i1: a@1h").keep_cases(finmine.has_no("a")))
    assert (facts(answer)["Cases"], facts(answer)["Variants"], facts(answer)["First stamp"]) == (0, 0, None)
    assert "Cases" in answer.to_text()


@pytest.mark.parametrize("name", ["invoices.csv", "approvals.xes.gz", "reconciliations.parquet"])
def test_the_sample_logs_agree_with_their_ledgers(name: str) -> None:
    """Rows, cases and amounts of each sample log are those of the control totals on its card."""
    answer = summary(finmine.read(SAMPLES / name))
    assert next(text for text in texts(answer, Prose) if "ledger" in text).startswith("The log agrees with the ledger: rows, cases, amount in EUR")


PUBLISHED: Mapping[str, tuple[int, int, int, int]] = {
    "bpic2020/DomesticDeclarations.xes.gz": (10357, 55628, 14, 90),
    "bpic2020/RequestForPayment.xes.gz": (6760, 36072, 16, 77),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name.split("/")[1].partition(".")[0]) for name in PUBLISHED])
def test_the_published_sizes_of_real_logs(third_party_logs: Path, name: str) -> None:
    """Cases, events, activities and variants as counted by those who published the logs."""
    found = facts(summary(finmine.read(third_party_logs / name)))
    assert (found["Cases"], found["Events"], found["Activities"], found["Variants"]) == PUBLISHED[name]


def test_both_readings_of_the_purchasing_example(third_party_logs: Path) -> None:
    """The published 9,119 instances are 18,238 events; read from CSV with start and end they are the same instances and variants."""
    pairs = summary(finmine.read(third_party_logs / "purchasing_example/PurchasingExample.xes.gz"))
    both = {record["reading"]: record for record in pairs.either.records()}
    assert (both["event"]["units"], both["instance"]["units"]) == (18238, 9119)
    rows = facts(summary(finmine.read(third_party_logs / "purchasing_example/PurchasingExample.csv")))
    assert (rows["Cases"], rows["Instances"], rows["Activities"], rows["Resources"]) == (608, 9119, 21, 27)
    assert both["instance"]["cases"] == 608


@settings(max_examples=10)
@given(logs())
def test_the_groups_add_up_to_the_log(rows: list[Event]) -> None:
    """Split by an attribute: cases and units of the groups, their statuses and their money add up to those of the whole."""
    read = log(rows, card=Card(roles={"amount": ("amount",)}, amount=AmountRule("event", take="sum", currency="EUR")))
    whole, split = summary(read), summary(read, by="vendor")
    assert split.groups is not None
    sizes = split.groups.records()
    assert sum(record["cases"] for record in sizes) == whole.about.population.cases
    assert sum(record["units"] for record in sizes) == whole.about.population.units
    assert max(record["variants"] for record in sizes) <= whole.size.column("variants")[0] <= sum(record["variants"] for record in sizes)
    for record in sizes:
        assert sum(part["cases"] for part in split.records() if part["group"] == record["group"]) == record["cases"]
    assert sum(record["value"] or 0 for record in split.currencies.records()) == sum(record["value"] or 0 for record in whole.currencies.records())
    assert split.read.records() == whole.read.records()
    behind = [set(split.cases(part).rows.column("case")) for part in split.records()]
    assert sum(map(len, behind)) == len(set().union(*behind)) == whole.about.population.cases
