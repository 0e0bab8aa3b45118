"""Published figures of public logs are met: counted by others, recounted here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import finmine
from finmine.card_people import Persons


def units_by(log: finmine.EventLog) -> dict[str, int]:
    """The units of each activity."""
    return {record["activity"]: record["units"] for record in finmine.activities(log).records()}


def test_domestic_declarations(third_party_logs: Path) -> None:
    """BPI Challenge 2020: cases, events, variants, rejections by role, never approved, submissions of paid cases, and two edges."""
    log = finmine.read(third_party_logs / "bpic2020" / "DomesticDeclarations.xes.gz")
    assert (log.facts.cases, log.facts.events) == (10_357, 55_628)
    assert sum(record["variants"] for record in finmine.variants(log).totals.records()) == 90
    units = units_by(log)
    rejected = {name.removeprefix("Declaration REJECTED by "): count for name, count in units.items() if name.startswith("Declaration REJECTED by ")}
    expected = {"ADMINISTRATION": 936, "SUPERVISOR": 286, "MISSING": 89, "PRE_APPROVER": 86, "BUDGET OWNER": 57}
    assert {name: rejected[name] for name in expected} == expected
    approved = log.keep_cases(finmine.has("Declaration FINAL_APPROVED by SUPERVISOR"))
    assert log.facts.cases - finmine.cases(approved).total == 419
    edges = {(edge["source_activity"], edge["target_activity"]): edge["steps"] for edge in finmine.directly_follows(log).records()}
    assert edges["Declaration FINAL_APPROVED by SUPERVISOR", "Request Payment"] == 9_912
    assert edges["Request Payment", "Payment Handled"] == 9_911


DECLARATIONS = """finmine_policy = 1
name = "Declarations"
version = "1"
[steps]
rejection = "* rejected by *"
submission = "* submitted by *"
"final approval" = "* final_approved by supervisor"
payment = "payment handled"
[[rules]]
id = "approved"
needed = "final approval"
[[rules]]
id = "order"
step = "payment"
requires = "final approval"
after_last = ["submission"]
[[rules]]
id = "eyes"
different_persons = ["submission", "final approval"]
"""


def test_approvals_of_the_domestic_declarations(third_party_logs: Path, tmp_path: Path) -> None:
    """BPI Challenge 2020, by an audit: rejections by role, 419 declarations never approved, paid ones by submissions; nobody is taken for a person."""
    (tmp_path / "declarations.toml").write_text(DECLARATIONS)
    policy, source = str(tmp_path / "declarations.toml"), third_party_logs / "bpic2020" / "DomesticDeclarations.xes.gz"
    read = finmine.read(source)
    rejected = finmine.approval_paths(read, policy=policy, approval=("rejection",)).approvers.records()
    roles = {"ADMINISTRATION": 936, "SUPERVISOR": 286, "MISSING": 89, "PRE_APPROVER": 86, "BUDGET OWNER": 57}
    assert {record["approver"]: record["approvals"] for record in rejected if record["approver"] != "EMPLOYEE"} == roles
    card = replace(read.card, persons=Persons(anonymous=("STAFF MEMBER", "SYSTEM")), outcomes={"ended": tuple(read.activity_names())})
    records = {record["rule"]: record for record in finmine.audit(finmine.read(source, card=card), policy=policy, most=1).records()}
    assert records["approved"]["missing_control"] == 419
    assert (records["order"]["breaches"], records["order"]["pass"]) == (2, 9_910)
    assert (records["eyes"]["violation"], records["eyes"]["pass"]) == (0, 0)
    submitted = finmine.approval_paths(read.keep_cases(finmine.has("Payment Handled")), policy=policy, approval=("submission",), level="activity")
    times = {len(record["path"]): record["cases"] for record in submitted.records() if record["path"]}
    assert [times[1], times[2], times[3], sum(cases for number, cases in times.items() if number > 3)] == [8_945, 845, 109, 12]


def test_requests_for_payment(third_party_logs: Path) -> None:
    """BPI Challenge 2020: cases, events, variants, and the events of five activities."""
    log = finmine.read(third_party_logs / "bpic2020" / "RequestForPayment.xes.gz")
    assert (log.facts.cases, log.facts.events) == (6_760, 36_072)
    assert sum(record["variants"] for record in finmine.variants(log).totals.records()) == 77
    units = units_by(log)
    assert {
        name: units[f"Request For Payment {name}"] for name in ("SUBMITTED by EMPLOYEE", "FINAL_APPROVED by SUPERVISOR", "REJECTED by EMPLOYEE")
    } == {
        "SUBMITTED by EMPLOYEE": 7_361,
        "FINAL_APPROVED by SUPERVISOR": 6_226,
        "REJECTED by EMPLOYEE": 1_074,
    }
    rejected = [name for name in units if "REJECTED" in name]
    assert finmine.cases(log.keep_cases(finmine.has(*rejected))).total == 1_051


def test_purchasing_pairs_and_intervals_agree(third_party_logs: Path) -> None:
    """The demonstration log as XES pairs and as rows with start and end: 608 cases, 9,119 instances, the same variants and steps."""
    folder = third_party_logs / "purchasing_example"
    pairs, intervals = finmine.read(folder / "PurchasingExample.xes.gz"), finmine.read(folder / "PurchasingExample.csv")
    for log in (pairs, intervals):
        assert (log.facts.cases, log.facts.units, log.facts.unit) == (608, 9_119, "instance")
    steps = [
        [(edge["source_activity"], edge["target_activity"], edge["steps"], edge["total"]) for edge in finmine.directly_follows(log).records()]
        for log in (pairs, intervals)
    ]
    assert steps[0] == steps[1]
    traces = [{(record["trace"], record["cases"]) for record in finmine.variants(log).records()} for log in (pairs, intervals)]
    assert traces[0] == traces[1]


def test_purchase_orders(third_party_logs: Path) -> None:
    """BPI Challenge 2019: 300 items with 6,964 events of 27 activities, and the consignment items with 6,452 events in 2,036 cases."""
    orders = finmine.read(third_party_logs / "bpic2019_sap_tables" / "ground_truth_log.csv")
    assert (orders.facts.cases, orders.facts.events, len(orders.activity_names())) == (300, 6_964, 27)
    consignment = finmine.read(third_party_logs / "bpic2019_consignment" / "cons_2.xes.gz")
    assert (consignment.facts.cases, consignment.facts.events) == (2_036, 6_452)
