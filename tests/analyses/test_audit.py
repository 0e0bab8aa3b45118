"""Audit: the whole population by verdict, findings with their rows, and the exit status."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.answers import SAMPLES, texts

import finmine
from finmine.analyses.audit import Audit, audit
from finmine.auditing.policy import VERDICTS
from finmine.auditing.policy_file import NoSuchAttribute
from finmine.card import Card
from finmine.card_ledger import Ledger
from finmine.cli import main
from finmine.filters import parse_filter
from finmine.testing import log
from finmine.view import Caveat, Headline, Prose, Table

POLICY = """finmine_policy = 1
name = "Small"
version = "1"
[steps]
entry = "Enter"
approval = "Approve"
[[rules]]
id = "four eyes"
severity = "medium"
different_persons = ["entry", "approval"]
[[exemptions]]
rule = "four eyes"
where = { case = ["i4"] }
owner = "CFO"
why = "Emergency"
until = 2024-06-30
"""
LOG = """
    i1 {amount=100.00, currency=EUR, vendor=ACME}: Enter@0h/ann, Approve@1h/ANN
    i2 {amount=-30.00, currency=EUR, vendor=ACME}: Enter@0h/ann, Approve@1h/bob
    i3 {amount=7.00, currency=EUR, vendor=Moon}: Enter@0h/ann
    i4 {amount=1.00, currency=EUR, vendor=Moon}: Enter@0h/ann, Approve@1h/ann
"""


@pytest.fixture
def answer(tmp_path: Path) -> Audit:
    """The small log held against the small policy."""
    (tmp_path / "small.toml").write_text(POLICY)
    return audit(log(LOG), policy=str(tmp_path / "small.toml"))


def test_the_five_verdicts_add_up_in_number_and_money(answer: Audit) -> None:
    """Each case is under one verdict, its absolute amount too; a breach is told with its rows."""
    (record,) = answer.records()
    assert [record[name.replace(" ", "_")] for name in VERDICTS] == [1, 0, 0, 2, 1]
    assert (record["population"], record["population_value"]) == (4, 138)
    (finding,) = answer.breaches()
    assert (finding["case"], finding["verdict"], finding["amount"]) == ("i1", "violation", 100)
    assert finding["reason"] == "'Enter' by ann and 'Approve' by ANN were done by the same person."
    assert finding["rows_of_source"] == "pyarrow table row 1; pyarrow table row 2"
    assert texts(answer, Headline)[0].startswith("four eyes (medium), entry and approval by different persons: 1 case of 2 that the rule looks at")
    assert answer.cases().records()[0]["case"] == "i1"
    nobody = audit(answer.about.log.keep_cases(parse_filter("vendor = 'nobody'")), policy=answer.grounds.policy)
    assert texts(nobody, Headline) == ["There is no case that 1 rule could judge."]
    assert not nobody.failed


def test_a_name_behind_most_violations_is_doubted(tmp_path: Path) -> None:
    """Where one resource has more than half of many violations, the answer asks under its headlines, before any table, whether it is a person at all."""
    (tmp_path / "small.toml").write_text(POLICY)
    for people, doubted in (["STAFF MEMBER"] * 3, True), (["ann", "bob", "cid"], False):
        written = "\n".join(f'c{n}: Enter@0h/"{people[n % 3]}", Approve@1h/"{people[n % 3]}"' for n in range(24))
        answer = audit(log(written), policy=str(tmp_path / "small.toml"))
        assert sum(answer.people.column("violations")) == 24  # type: ignore[arg-type]
        assert (
            any("24 of 24 violations of rules about persons are of one resource, STAFF MEMBER" in text for text in texts(answer, Caveat)) == doubted
        )
        kinds = [type(block).__name__ for block in answer.view().blocks]
        assert ("Caveat" in kinds[: kinds.index("Table")]) == doubted


def test_an_exemption_ends(tmp_path: Path) -> None:
    """A case that ends after the last day of an exemption is judged, and the answer says that it has expired."""
    (tmp_path / "small.toml").write_text(POLICY.replace("2024-06-30", "2023-12-31"))
    answer = audit(log(LOG), policy=str(tmp_path / "small.toml"))
    assert answer.records()[0]["violation"] == 2
    assert any("four eyes for case i4 until 2023-12-31 (CFO: Emergency)" in text for text in texts(answer, Caveat))


def test_what_the_ledger_says_is_shown_beside_the_log(tmp_path: Path) -> None:
    """A difference that nothing explains is shown, also of a currency that the log does not have; without a ledger it is said that nothing says so."""
    (tmp_path / "small.toml").write_text(POLICY)
    card = Card(ledger=Ledger(cases=5, amount={"EUR": Decimal(80), "CHF": Decimal(9)}))
    tied, bare = (audit(log(LOG, card=each), policy=str(tmp_path / "small.toml")) for each in (card, Card()))
    cases, amounts = (block for block in tied.view().blocks if isinstance(block, Table) and block.title.startswith(("How the pop", "Amounts as")))
    assert cases.rows[:3] == (("cases by the ledger", 5), ("unexplained difference", -1), ("cases as read", 4))
    assert amounts.rows == (("EUR", 4, 78, 80, -2), ("CHF", 0, 0, 9, -9))
    (population,) = (block for block in bare.view().blocks if isinstance(block, Table) and block.title.startswith("How the pop"))
    assert population.rows[1] == ("unexplained difference", None)
    assert any("no totals of the ledger" in text for text in texts(bare, Caveat))


def test_groups_add_up_to_the_whole(tmp_path: Path) -> None:
    """Split after an attribute, the verdicts of the groups add up to those of all."""
    (tmp_path / "small.toml").write_text(POLICY)
    split = audit(log(LOG), policy=str(tmp_path / "small.toml"), by="vendor").records()
    assert [(record["group"], record["violation"], record["population"]) for record in split] == [("ACME", 1, 2), ("Moon", 0, 2)]


@pytest.mark.parametrize(
    ("severity", "status", "approval"),
    [("low", 1, "Approve"), ("medium", 1, "Approve"), ("high", 0, "Approve"), ("low", 1, "Sign"), ("high", 0, "Sign")],
)
def test_the_exit_status_tells_whether_a_control_failed(
    tmp_path: Path, severity: str, status: int, approval: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A breach of a rule at least as severe as asked makes the status 1, after the answer was printed; so does it where no such rule could be tested."""
    (tmp_path / "small.toml").write_text(POLICY.replace('"Approve"', f'"{approval}"'))
    (tmp_path / "log.csv").write_text("case,activity,timestamp,user\ni1,Enter,2024-01-01 08:00,ann\ni1,Approve,2024-01-01 09:00,ann\n")
    with pytest.raises(SystemExit) as ended:
        main(["audit", str(tmp_path / "log.csv"), "--policy", str(tmp_path / "small.toml"), "--severity", severity])
    assert (ended.value.code or 0) == status
    assert "four eyes" in capsys.readouterr().out


def test_nobody_is_known_without_resources() -> None:
    """Without resources no rule about persons passes, and the answer says why."""
    answer = audit(log("i: Enter invoice@0h, Approve invoice@1h"))
    assert {record["rule"]: record["pass"] for record in answer.records()}["P2P-06"] == 0
    assert any("does not say who did what" in text for text in texts(answer, Caveat))


@pytest.mark.parametrize(
    ("name", "policy"), [("invoices.csv", "purchase-to-pay"), ("approvals.xes.gz", "expenses"), ("reconciliations.parquet", "record-to-report")]
)
def test_the_sample_logs_are_judged_as_a_whole(name: str, policy: str) -> None:
    """For every rule the verdicts add up to the cases of the log, which tie to the ledger."""
    answer = audit(finmine.read(SAMPLES / name), policy=policy)
    assert {record["population"] for record in answer.records()} == {answer.about.log.facts.cases}
    assert all(sum(record[verdict.replace(" ", "_")] for verdict in VERDICTS) == record["population"] for record in answer.records())
    ties = next(block for block in answer.view().blocks if isinstance(block, Table) and block.title.startswith("How the population"))
    assert ("unexplained difference", 0) in ties.rows
    assert "What the role 'System' does is done by a machine." in " ".join(texts(answer, Prose))


def test_the_order_log_has_no_person_who_ordered_and_recorded_the_invoice(third_party_logs: Path) -> None:
    """A published finding on 300 purchase-order items: no user both created the item and recorded its invoice."""
    read = finmine.read(third_party_logs / "bpic2019_sap_tables" / "ground_truth_log.csv")
    record = next(record for record in audit(read).records() if record["rule"] == "P2P-03")
    assert record["violation"] == 0
    assert record["pass"] > 100


def test_another_policy_is_named_where_this_one_knows_no_step() -> None:
    """A policy of which the log has no step is answered with the one that comes with finmine of which it has most; nothing counts as unbroken."""
    requests = log("r1: Submit request@0h/ann, Check request@1h/bob, Approve request@2h/cid, Pay request@3h/dan")
    answer = audit(requests)
    assert texts(answer, Headline)[0].startswith("Nothing could be tested by ")
    assert any("Of the policy expenses, which comes with finmine," in text and "--policy expenses" in text for text in texts(answer, Caveat))
    assert not any("comes with finmine" in text for text in texts(audit(requests, policy="expenses"), Caveat))


@pytest.mark.parametrize(
    ("found", "instead", "place"),
    [
        ("[[exemptions]]", 'where = { vender = "ACME" }\n[[exemptions]]', r"line 11: rules\[1\]\.where\.vender"),
        ("case = [", "vender = [", r"line 13: exemptions\[1\]\.where\.vender"),
    ],
)
def test_an_attribute_that_the_log_lacks_is_refused_with_its_place(found: str, instead: str, place: str, tmp_path: Path) -> None:
    """A rule or exemption for an attribute of another log is refused with the file, the key and the line."""
    (tmp_path / "small.toml").write_text(POLICY.replace(found, instead))
    with pytest.raises(NoSuchAttribute, match=f"policy small.toml, {place}: the log has no attribute 'vender'. Did you mean 'vendor'?"):
        audit(log(LOG), policy=str(tmp_path / "small.toml"))


def test_rules_that_could_be_tested_for_no_case_are_named(tmp_path: Path) -> None:
    """That no rule is broken is not said alone where a rule could not be tested at all."""
    (tmp_path / "small.toml").write_text(POLICY.replace('approval = "Approve"', 'approval = "Sign"'))
    answer = audit(log(LOG), policy=str(tmp_path / "small.toml"))
    assert any(text.startswith("1 rule of 1 could be tested for no case") and "four eyes" in text for text in texts(answer, Caveat))
