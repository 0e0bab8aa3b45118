"""Planted truths, counted again by brute force in plain Python from the files that were written."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pyarrow.parquet as pq
import pytest

from finmine.card import load
from finmine.sample import SampleName, make

Row: TypeAlias = dict[str, Any]
Case: TypeAlias = list[Row]
Chosen: TypeAlias = Callable[[Case, int], bool]
Truth: TypeAlias = Mapping[str, Any]

SPELT_ALIKE = {"Post invoice ": "Post invoice", "Enter Invoice": "Enter invoice"}


@dataclass(frozen=True)
class Sample:
    """A sample log as it is on disk: rows in the order of the file, and truths by name."""

    rows: list[Row]
    truths: Mapping[str, Truth]
    outcomes: Mapping[str, tuple[str, ...]]

    def named(self, truth: str) -> list[Row]:
        """The rows that a truth names."""
        return [self.rows[number - 1] for number in self.truths[truth]["rows"]]

    def once(self) -> list[Row]:
        """The rows without the second of two that stand one below the other exactly alike."""
        return [row for place, row in enumerate(self.rows) if not place or row != self.rows[place - 1]]

    def cases(self) -> dict[str, Case]:
        """The ends of activities of each case, in the order of the file, with names spelt alike."""
        cases: dict[str, Case] = {}
        for row in self.once():
            if row.get("lifecycle") != "start":
                cases.setdefault(row["case"], []).append({**row, "activity": SPELT_ALIKE.get(row["activity"], row["activity"])})
        return cases


@cache
def sample(name: SampleName, ending: str) -> Sample:
    """A sample log of the default size, written and read back."""
    with TemporaryDirectory() as folder:
        log, card, truths = make(name, Path(folder) / f"{name}{ending}")
        facts = load(card)
        names = {facts.roles["case"][0]: "case", facts.roles["timestamp"][0]: "time"}
        if ending == ".parquet":
            records = pq.read_table(log).to_pylist()
        else:
            with log.open(encoding="utf-8", newline="") as file:
                records = [record | {"timestamp": datetime.fromisoformat(record["timestamp"])} for record in csv.DictReader(file)]
        said = json.loads(truths.read_text(encoding="utf-8"))
    rows = [{names.get(column, column): value for column, value in record.items()} for record in records]
    assert (said["rows"], said["cases"]) == (len(rows), len({row["case"] for row in rows}))
    return Sample(rows, {truth["name"]: truth for truth in said["truths"]}, facts.outcomes)


def counted(cases: Mapping[str, Case], chosen: Chosen) -> tuple[int, int]:
    """The events that are chosen, and the cases that have one."""
    places = [name for name, case in cases.items() for place in range(len(case)) if chosen(case, place)]
    return len(places), len(set(places))


def gap(cases: Mapping[str, Case], chosen: Chosen) -> float:
    """The median of the seconds from the event before to the events that are chosen and not the first of their case."""
    waits = [case[place]["time"] - case[place - 1]["time"] for case in cases.values() for place in range(1, len(case)) if chosen(case, place)]
    return float(median(wait.total_seconds() for wait in waits))


def planted(truth: Truth) -> tuple[int, int]:
    """What a truth says was planted."""
    return truth["events"], truth["cases"]


def base(truth: Truth) -> tuple[int, int]:
    """What a truth says there is to compare with."""
    return truth["base_events"], truth["base_cases"]


def of(*activities: str) -> Chosen:
    """Chooses the events of some activities."""
    return lambda case, place: case[place]["activity"] in activities


def first(*activities: str) -> Chosen:
    """Chooses the first event of a case that is of some activities."""
    return lambda case, place: case[place]["activity"] in activities and all(row["activity"] not in activities for row in case[:place])


def follows(activity: str, before: str) -> Chosen:
    """Chooses the events of an activity that come right after another."""
    return lambda case, place: place > 0 and case[place]["activity"] == activity and case[place - 1]["activity"] == before


@pytest.mark.parametrize(
    ("name", "loop", "after"),
    [
        ("price change", "Change price", "Release purchase order"),
        ("invoice block", "Block invoice", "Match invoice"),
        ("invoice correction", "Reject invoice", "Enter invoice"),
    ],
)
def test_loops_of_the_invoices(name: str, loop: str, after: str) -> None:
    """The turns of each loop, the cases that have one and the cases that could have had one are as the truth says, and so is their rate."""
    cases, truth = sample("invoices", ".csv").cases(), sample("invoices", ".csv").truths[name]
    assert planted(truth) == counted(cases, of(loop))
    assert base(truth) == counted(cases, first(after))
    assert set(truth["case_ids"]) == {case for case, rows in cases.items() if loop in {row["activity"] for row in rows}}
    assert truth["cases"] / truth["base_cases"] == pytest.approx(truth["parameters"]["rate"], abs=0.03)


def test_the_price_change_leads_back_to_the_release() -> None:
    """After each price change that is not the last event of its case, the order is released again."""
    cases = sample("invoices", ".csv").cases()
    changes = counted(cases, lambda case, place: case[place]["activity"] == "Change price" and place + 1 < len(case))
    assert counted(cases, follows("Release purchase order", "Change price")) == changes


def test_the_slow_path_of_the_invoices() -> None:
    """Goods come again after a return as often and as late as the truth says, and so do all other deliveries."""
    cases, truth = sample("invoices", ".csv").cases(), sample("invoices", ".csv").truths["goods returned"]
    again = follows("Record goods receipt", "Return goods")

    def otherwise(case: Case, place: int) -> bool:
        return case[place]["activity"] == "Record goods receipt" and not again(case, place)

    assert (planted(truth), truth["median_gap_seconds"]) == (counted(cases, again), gap(cases, again))
    assert (base(truth), truth["base_median_gap_seconds"]) == (counted(cases, otherwise), gap(cases, otherwise))
    assert truth["median_gap_seconds"] > 2 * truth["base_median_gap_seconds"]


def test_the_bottleneck_of_the_invoices() -> None:
    """Approvals wait in company 3000 and in the others just as the truth says, and much longer there."""
    cases, truth = sample("invoices", ".csv").cases(), sample("invoices", ".csv").truths["approval in company 3000"]

    def here(case: Case, place: int) -> bool:
        return bool(case[place]["activity"] == "Approve invoice" and case[place]["company"] == "3000")

    def elsewhere(case: Case, place: int) -> bool:
        return bool(case[place]["activity"] == "Approve invoice" and case[place]["company"] != "3000")

    assert (planted(truth), truth["median_gap_seconds"]) == (counted(cases, here), gap(cases, here))
    assert (base(truth), truth["base_median_gap_seconds"]) == (counted(cases, elsewhere), gap(cases, elsewhere))
    assert truth["extra_working_days"]["median"] == pytest.approx(truth["parameters"]["days"], rel=0.1)
    assert truth["median_gap_seconds"] > 3 * truth["base_median_gap_seconds"]


def test_the_shift_of_the_invoices() -> None:
    """Before its day no invoice is checked by hand; from it on as many as the truth says, of as many as could be."""
    cases, truth = sample("invoices", ".csv").cases(), sample("invoices", ".csv").truths["manual check"]
    since = datetime.fromisoformat(truth["parameters"]["since"])

    def could(case: Case, place: int) -> bool:
        return bool(case[place]["activity"] == "Match invoice" and case[place]["time"] >= since)

    assert planted(truth) == counted(cases, of("Check invoice manually"))
    assert base(truth) == counted(cases, could)
    assert all(row["time"] >= since for case in cases.values() for row in case if row["activity"] == "Check invoice manually")
    assert truth["cases"] / truth["base_cases"] == pytest.approx(truth["parameters"]["rate"], abs=0.06)


def test_cancelled_invoices() -> None:
    """As many invoices are cancelled, and approved, as the truth says, and none of them both."""
    cases, truth = sample("invoices", ".csv").cases(), sample("invoices", ".csv").truths["cancelled invoices"]
    assert planted(truth) == counted(cases, of("Cancel invoice"))
    assert base(truth) == counted(cases, of("Approve invoice"))
    assert not any({"Cancel invoice", "Approve invoice"} <= {row["activity"] for row in case} for case in cases.values())


def test_faults_of_the_invoices() -> None:
    """Each fault is in just the rows that its truth names, and nowhere else."""
    log = sample("invoices", ".csv")
    rows, truths = log.rows, log.truths
    places = {
        "repeated rows": [place for place, row in enumerate(rows) if place and row == rows[place - 1]],
        "missing users": [place for place, row in enumerate(rows) if row["user"] == ""],
        "sentinel dates": [place for place, row in enumerate(rows) if row["time"] == datetime(1900, 1, 1)],
        "future date": [place for place, row in enumerate(rows) if row["time"] > datetime(2025, 1, 15)],
        "activity with trailing blank": [place for place, row in enumerate(rows) if row["activity"] == "Post invoice "],
        "activity in capitals": [place for place, row in enumerate(rows) if row["activity"] == "Enter Invoice"],
        "case named NA": [place for place, row in enumerate(rows) if row["case"] == "NA"],
        "vendor named null": [place for place, row in enumerate(rows) if row["vendor"] == "null"],
    }
    for name, found in places.items():
        assert truths[name]["rows"] == [place + 1 for place in found], name
        assert truths[name]["events"] == len(found) > 0, name
        assert truths[name]["cases"] == len({rows[place]["case"] for place in found}), name


def test_ties_of_the_invoices() -> None:
    """Just the events that the truth names have the time of the next event of their case."""
    log = sample("invoices", ".csv")
    tied = Counter((row["case"], row["time"]) for row in log.once())
    assert {key for key, rows in tied.items() if rows > 1} == {(row["case"], row["time"]) for row in log.named("ties")}
    assert len(log.named("ties")) == log.truths["ties"]["events"] > 0


def test_the_rejections_of_the_approvals() -> None:
    """Requests are revised as often as the truth says, of as many as were checked and need an approval."""
    cases, truth = sample("approvals", ".csv").cases(), sample("approvals", ".csv").truths["rejection"]
    check = first("Check request")
    assert planted(truth) == counted(cases, of("Revise request"))
    assert base(truth) == counted(cases, lambda case, place: check(case, place) and Decimal(case[place]["amount"]) >= 150)
    share = truth["parameters"]["rate"] * (1 - truth["parameters"]["given_up"])
    assert truth["cases"] / truth["base_cases"] == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize(("level", "ends"), [("team lead", "ate_abort"), ("department head", "withdraw")])
def test_withdrawals_of_the_approvals(level: str, ends: str) -> None:
    """Approvals are aborted or withdrawn as often as the truth says, and the requester's withdrawal comes right after, at the end."""
    cases, truth = sample("approvals", ".csv").cases(), sample("approvals", ".csv").truths[f"withdrawn from {level}"]

    def withdrawn(case: Case, place: int) -> bool:
        return place > 0 and case[place]["activity"] == "Withdraw request" and case[place - 1]["lifecycle"] == ends

    def decided(case: Case, place: int) -> bool:
        earlier = [row["activity"] for row in case[:place]]
        return case[place]["activity"] == f"Approve by {level}" and case[place]["lifecycle"] == "complete" and "Revise request" not in earlier

    assert planted(truth) == counted(cases, withdrawn)
    assert base(truth) == counted(cases, decided)
    assert counted(cases, lambda case, place: case[place]["lifecycle"] == ends) == planted(truth)
    assert all(withdrawn(case, len(case) - 1) for case in cases.values() if any(row["lifecycle"] == ends for row in case))


def test_the_bottleneck_of_the_approvals() -> None:
    """Controllers decide as often and as late as the truth says."""
    cases, truth = sample("approvals", ".csv").cases(), sample("approvals", ".csv").truths["controller"]
    decisions = of("Approve by controller", "Reject by controller")
    assert (planted(truth), truth["median_gap_seconds"]) == (counted(cases, decisions), gap(cases, decisions))
    assert truth["extra_working_days"]["median"] == pytest.approx(truth["parameters"]["days"], rel=0.1)


def test_the_shift_of_the_approvals() -> None:
    """The check of requests takes as long before its day and from it on as the truth says: clearly longer."""
    cases, truth = sample("approvals", ".csv").cases(), sample("approvals", ".csv").truths["slower check"]
    since = datetime.fromisoformat(truth["parameters"]["since"])

    def late(case: Case, place: int) -> bool:
        return place > 0 and case[place]["activity"] == "Check request" and case[place - 1]["time"] >= since

    def early(case: Case, place: int) -> bool:
        return place > 0 and case[place]["activity"] == "Check request" and case[place - 1]["time"] < since

    assert (planted(truth), truth["median_gap_seconds"]) == (counted(cases, late), gap(cases, late))
    assert (base(truth), truth["base_median_gap_seconds"]) == (counted(cases, early), gap(cases, early))
    assert truth["median_gap_seconds"] > 1.8 * truth["base_median_gap_seconds"]


def test_escalations_and_delegations_of_the_approvals() -> None:
    """Approvals are escalated and delegated as often as the truth says; a delegated approval is decided by somebody else."""
    log = sample("approvals", ".csv")
    cases = log.cases()

    def approved(*levels: str) -> Chosen:
        chosen = of(*(f"Approve by {level}" for level in levels))
        return lambda case, place: chosen(case, place) and case[place]["lifecycle"] == "complete"

    assert planted(log.truths["escalation"]) == counted(cases, of("Escalate approval"))
    assert base(log.truths["escalation"]) == counted(cases, approved("team lead", "department head"))
    assert planted(log.truths["delegation"]) == counted(cases, of("Delegate approval"))
    assert base(log.truths["delegation"]) == counted(cases, approved("team lead", "department head", "controller", "CFO"))
    handed = [(row, after) for case in cases.values() for row, after in pairwise(case) if row["activity"] == "Delegate approval"]
    assert all(row["user"] != after["user"] for row, after in handed if row["user"] and after["user"])


def test_unpaired_rows_of_the_approvals() -> None:
    """Starts without an end are those that the truth names and those that were open at the extraction; ends without a start likewise."""
    log = sample("approvals", ".csv")
    starts: dict[tuple[str, str], list[int]] = {}
    unstarted: list[int] = []
    timed = {row["activity"] for row in log.rows if row["lifecycle"] == "start"}
    for number, row in enumerate(log.rows, start=1):
        key = (row["case"], row["activity"])
        if row["lifecycle"] == "start":
            starts.setdefault(key, []).append(number)
        elif row["activity"] in timed and not starts.get(key):
            unstarted.append(number)
        elif row["activity"] in timed:
            starts[key].pop()
    unended = {number for numbers in starts.values() for number in numbers}
    lost = set(log.truths["starts without completion"]["rows"])
    last = {row["case"]: number for number, row in enumerate(log.rows, start=1)}
    assert lost <= unended
    assert unended - lost == {number for number in unended - lost if last[log.rows[number - 1]["case"]] == number}
    assert unstarted == log.truths["completions without start"]["rows"] != []


@pytest.mark.parametrize("entity", ["DE01", "AT01", "NL01", "UK01", "US01"])
def test_automatic_matches_of_the_reconciliations(entity: str) -> None:
    """The items of an entity that a machine matches, and all its items, are as many as the truth says, at about the stated rate."""
    cases, truth = sample("reconciliations", ".parquet").cases(), sample("reconciliations", ".parquet").truths[f"automatic match in {entity}"]
    own = {name: case for name, case in cases.items() if case[0]["entity"] == entity}
    assert planted(truth) == counted(own, of("Match item automatically"))
    assert base(truth) == counted(own, of("Import item"))
    assert truth["cases"] / truth["base_cases"] == pytest.approx(truth["parameters"]["rate"], abs=0.1)


def test_the_loop_of_the_reconciliations() -> None:
    """Items are reopened as often as the truth says, of as many as were reviewed."""
    cases, truth = sample("reconciliations", ".parquet").cases(), sample("reconciliations", ".parquet").truths["reopened items"]
    assert planted(truth) == counted(cases, of("Reopen item"))
    assert base(truth) == counted(cases, first("Review reconciliation"))
    assert truth["cases"] / truth["base_cases"] == pytest.approx(truth["parameters"]["rate"], abs=0.04)


def test_the_bottleneck_of_the_reconciliations() -> None:
    """Reviews wait as long in the last close and in the others as the truth says (to the second): much longer there."""
    cases, truth = sample("reconciliations", ".parquet").cases(), sample("reconciliations", ".parquet").truths["review in the last close"]

    def last(case: Case, place: int) -> bool:
        return bool(case[place]["activity"] == "Review reconciliation" and case[place]["period"] == "2024-12")

    def before(case: Case, place: int) -> bool:
        return bool(case[place]["activity"] == "Review reconciliation" and case[place]["period"] != "2024-12")

    assert (planted(truth), base(truth)) == (counted(cases, last), counted(cases, before))
    assert truth["median_gap_seconds"] == pytest.approx(gap(cases, last), abs=1)
    assert truth["base_median_gap_seconds"] == pytest.approx(gap(cases, before), abs=1)
    assert truth["median_gap_seconds"] > 2 * truth["base_median_gap_seconds"]


def test_faults_of_the_reconciliations() -> None:
    """Repeated rows and missing users are in just the rows that their truths name."""
    log = sample("reconciliations", ".parquet")
    assert log.truths["repeated rows"]["rows"] == [place + 1 for place, row in enumerate(log.rows) if place and row == log.rows[place - 1]] != []
    assert log.truths["missing users"]["rows"] == [place + 1 for place, row in enumerate(log.rows) if row["user"] is None] != []


@pytest.mark.parametrize(
    ("name", "activity"),
    [("questions to and fro", "Ask sales"), ("returned claims", "Return claim"), ("credit notes sent again", "Report failed output")],
)
def test_the_loops_of_the_disputes(name: str, activity: str) -> None:
    """Each loop has as many turns, in just the cases, as its truth says."""
    cases, truth = sample("disputes", ".csv").cases(), sample("disputes", ".csv").truths[name]
    assert planted(truth) == counted(cases, of(activity))
    assert set(truth["case_ids"]) == {case for case, rows in cases.items() if activity in {row["activity"] for row in rows}}


def test_the_batches_of_the_disputes() -> None:
    """Credit notes that one person issues without a pause are a batch; those that waited for a later one did so for as long as the truth says."""
    log, came, last_of = sample("disputes", ".csv"), dict[str, datetime](), dict[str, datetime]()
    units: dict[str, list[tuple[datetime, datetime, str]]] = {}
    begun: dict[tuple[str, str], datetime] = {}
    for row in log.rows:
        if row["lifecycle"] == "start":
            begun[row["case"], row["activity"]] = row["time"]
            continue
        if row["activity"] == "Issue credit note":
            units.setdefault(row["user"], []).append((begun[row["case"], row["activity"]], row["time"], row["case"]))
            came[row["case"]] = last_of[row["case"]]
        last_of[row["case"]] = row["time"]
    batches: list[list[str]] = []
    for own in units.values():
        last = None
        for begin, end, case in sorted(own):
            batches += [[]] if begin != last else []
            batches[-1].append(case)
            last = end
    together = {case: batch for batch in batches if len(batch) > 1 for case in batch}
    waits = {case: (max(came[mate] for mate in batch) - came[case]).total_seconds() for case, batch in together.items()}
    assert set(together) == set(log.truths["credit notes in batches"]["case_ids"])
    truth = log.truths["credit notes collected"]
    assert dict(zip(truth["case_ids"], truth["case_seconds"], strict=True)) == {case: wait for case, wait in waits.items() if wait}


def test_the_discounts_of_the_invoices() -> None:
    """Each discount that is decided is in the class that the dates in its rows say, but for the few cases whose times are wrong."""
    log = sample("invoices", ".csv")
    wrong = {row["case"] for name in ("sentinel dates", "future date", "case named NA") for row in log.named(name)}
    found, never = dict[str, set[str]](), datetime(9999, 12, 31)
    for name, case in log.cases().items():
        last = {row["activity"]: row["time"] for row in case}
        if not case[0]["discount"] or not case[0]["discount_date"] or "Cancel invoice" in last or "Receive invoice" not in last:
            continue
        end = datetime.fromisoformat(case[0]["discount_date"]) + timedelta(1)
        approved = max((last[each] for each in ("Approve invoice", "Second approval") if each in last), default=never)
        if last.get("Pay invoice", never) < end:
            found.setdefault("discount taken", set()).add(name)
        elif end <= datetime(2025, 1, 15):
            found.setdefault(f"discount lost {'after approval' if approved < end else 'in process'}", set()).add(name)
    for name, cases in found.items():
        assert cases - wrong == set(log.truths[name]["case_ids"]) - wrong != set()


@pytest.mark.parametrize(("name", "ending"), [("invoices", ".csv"), ("approvals", ".csv"), ("reconciliations", ".parquet"), ("disputes", ".csv")])
def test_statuses(name: SampleName, ending: str) -> None:
    """Cases have come to each outcome, or are still running, as the truths say: their last event is an end, or it is not."""
    log = sample(name, ending)
    status = {end: outcome for outcome, ends in log.outcomes.items() for end in ends}
    last: dict[str, Row] = {row["case"]: row for row in log.once()}
    found = {case: status.get(row["activity"], "running") for case, row in last.items()}
    for outcome in (*log.outcomes, "running"):
        assert log.truths[outcome]["cases"] == sum(here == outcome for here in found.values()), outcome
    assert set(log.truths["running"]["case_ids"]) == {case for case, here in found.items() if here == "running"} != set()
    assert all(row["time"].replace(tzinfo=UTC) < datetime(2025, 1, 15, tzinfo=UTC) for row in last.values())
