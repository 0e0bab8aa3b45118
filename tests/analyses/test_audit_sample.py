"""Samples to be looked at by hand, and what they say of the whole."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.answers import texts

from finmine.analyses.audit_sample import AuditSample, audit_sample
from finmine.auditing.drawn import NoMoney
from finmine.auditing.evaluation import SampleEvaluation
from finmine.auditing.looked_at import BadFindings
from finmine.auditing.sample_plan import NothingTolerable
from finmine.card import AmountRule, Card
from finmine.errors import OutOfRange, Refusal
from finmine.filters.activities import has_no
from finmine.log import EventLog
from finmine.testing import log
from finmine.view import Caveat, Headline

CARD = Card(amount=AmountRule("case"))


def invoices(number: int = 200, shuffled: int | None = None) -> EventLog:
    """Cases of 10.00, 20.00, … in turn, one of them large, one a credit, one without an amount."""
    amounts = [f"{10 * (1 + place % 9)}.00" for place in range(number)]
    amounts[:3] = ["5000.00", "-30.00", ""]
    written = "\n".join(
        f"i{place} {{amount={amount}, currency=EUR, vendor=v{place % 3}}}: a@1h, b@{place % 2 + 2}h" for place, amount in enumerate(amounts)
    )
    return log(written, card=CARD, shuffled=shuffled)


def money(these: EventLog, **asked: object) -> AuditSample:
    """A sample of money."""
    found = audit_sample(these, method="money", **asked)  # type: ignore[arg-type]
    assert isinstance(found, AuditSample)
    return found


def test_the_same_seed_draws_the_same_cases_whatever_their_order() -> None:
    """Neither the order of the rows nor the engine's own codes matter; another seed draws others."""
    one, other = money(invoices(), seed="x"), money(invoices(shuffled=5), seed="x")
    assert set(one.rows.column("case")) == set(other.rows.column("case"))
    assert set(one.rows.column("case")) != set(money(invoices(), seed="y").rows.column("case"))


def test_large_cases_are_drawn_for_certain_and_what_is_left_out_is_told() -> None:
    """A case of at least the interval is drawn first; credits and missing amounts are counted beside the draw."""
    found = money(invoices())
    assert (found.records()[0]["case"], found.records()[0]["drawn_as"]) == ("i0", "large")
    assert not {"i1", "i2"} & set(found.rows.column("case"))
    assert any("1 case with a negative amount (-30.00 EUR); 1 case without an amount" in text for text in texts(found, Caveat))


def test_strata_are_drawn_in_proportion_and_none_is_left_out() -> None:
    """Of each vendor, and of each variant, a share of the cases that is no smaller than that of the whole, and at least one."""
    for strata in ("vendor", "variant"):
        found = audit_sample(invoices(), strata=strata, size=10)
        counted = [found.rows.column("stratum").count(name) for name in set(found.rows.column("stratum"))]
        assert min(counted) >= 3
        assert len(found.rows) <= 13


def looked_at(path: Path, found: AuditSample, overstated: dict[str, str]) -> Path:
    """The file of what was found: all right but for some."""
    rows = [f"{record['case']};{overstated.get(record['case'], record['amount'])}" for record in found.records()]
    path.write_text("\n".join(["Case;Audited", *rows]) + "\n")
    return path


def test_an_evaluation_counts_taints_and_large_errors(tmp_path: Path) -> None:
    """By hand: the factors for one taint times the interval, and the error of the large case as it is; the control fails where that is too much."""
    these = invoices()
    found = money(these)
    by_chance = next(record for record in found.records() if record["drawn_as"] != "large")
    half = f"{by_chance['amount'] / 2}"
    answer = audit_sample(these, method="money", audited=looked_at(tmp_path / "f.csv", found, {"i0": "4900.00", by_chance["case"]: half}))
    assert isinstance(answer, SampleEvaluation)
    interval = (found.drawn.interval or 0) / 1e6
    assert answer.taints == (0.5,)
    assert answer.upper == pytest.approx(interval * (2.995732 + (4.743865 - 2.995732) * 0.5) + 100, rel=1e-6)
    assert answer.failed
    assert texts(answer, Headline)[0].endswith("more than tolerable may be wrong.")
    clean = audit_sample(these, method="money", audited=looked_at(tmp_path / "f.csv", found, {}))
    assert not clean.failed


def test_deviations_of_cases_are_evaluated(tmp_path: Path) -> None:
    """Without a deviation in 59 cases at most 5 % deviate with 95 % confidence; with one it may be more."""
    these = invoices()
    found = audit_sample(these)
    cases = list(found.rows.column("case"))
    assert len(cases) == 59
    for deviating, failed in ((0, False), (1, True)):
        (tmp_path / "f.csv").write_text(
            "\n".join(["case,deviation", *(f"{case},{'yes' if place < deviating else 'no'}" for place, case in enumerate(cases))])
        )
        assert audit_sample(these, audited=tmp_path / "f.csv").failed == failed


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda lines: lines[:-1], r"f\.csv: 1 of \d+ drawn cases are not in it: '"),
        (lambda lines: [*lines, lines[1]], r"f\.csv, row \d+: the case 'i0' stands in row 2 already"),
        (lambda lines: [*lines, "i999;1.00"], r"f\.csv, row \d+: the case 'i999' was not drawn by this plan and seed"),
        (lambda lines: [lines[0], "i0;much", *lines[2:]], r"f\.csv, row 2: 'much' stands under audited; it must be an amount"),
        (lambda lines: ["case;amount", *lines[1:]], r"f\.csv, row 1: there is no column 'audited'"),
    ],
)
def test_what_was_found_must_be_said_for_exactly_the_drawn_cases(tmp_path: Path, change: object, wanted: str) -> None:
    """Missing, foreign and doubled cases and unreadable amounts are refused with their row."""
    these = invoices()
    path = looked_at(tmp_path / "f.csv", money(these), {})
    path.write_text("\n".join(change(path.read_text().splitlines())))  # type: ignore[operator]
    with pytest.raises(BadFindings, match=wanted):
        audit_sample(these, method="money", audited=path)


def test_what_cannot_be_planned_is_refused(tmp_path: Path) -> None:
    """No size, or none of reason, shows less than what is expected; shares are shares; money needs amounts; nothing drawn is nothing found."""
    with pytest.raises(Refusal, match="more than 20,000 cases would have to be looked at"):
        audit_sample(invoices(), tolerable=0.05, expected=0.049999)
    with pytest.raises(OutOfRange, match="extend is 101; it must be a whole number from 0 to 100"):
        audit_sample(invoices(), extend=101)
    (tmp_path / "f.csv").write_text("case,deviation\n")
    with pytest.raises(Refusal, match="no case was drawn"):
        audit_sample(invoices().keep_cases(has_no("a")), audited=tmp_path / "f.csv")
    with pytest.raises(NothingTolerable):
        audit_sample(invoices(), tolerable=0.05, expected=0.05)
    with pytest.raises(OutOfRange, match="confidence is 95"):
        audit_sample(invoices(), confidence=95)
    with pytest.raises(NoMoney, match="--method cases"):
        audit_sample(log("i: a@1h"), method="money")


def test_more_than_there_is_is_said() -> None:
    """A plan for more cases than there are draws all, and says so."""
    assert any("The plan asks for 1,000, and there are 200 cases" in said for said in texts(audit_sample(invoices(), size=1000), Caveat))


def test_amounts_stay_exact() -> None:
    """The book value is the exact sum of the positive amounts."""
    found = money(invoices())
    assert Decimal(found.drawn.frame.book) / 10**6 == 5000 + sum(10 * (1 + place % 9) for place in range(3, 200))


def test_a_second_stage_is_looked_at_where_the_first_deviates(tmp_path: Path) -> None:
    """Two stages of 49 (90 %, 5 %): accepted without deviations, undecided after one until the second was looked at, not accepted after two."""
    asked = {"extend": 1, "confidence": 0.9}
    these = invoices()
    drawing = audit_sample(these, **asked)  # type: ignore[arg-type]
    stages = {stage: [row["case"] for row in drawing.records() if row["drawn_as"] == stage] for stage in ("first stage", "second stage")}
    assert [len(cases) for cases in stages.values()] == [49, 49]
    assert texts(drawing, Headline) == ["49 of 200 cases are to be looked at first; 49 more only after one deviation there."]

    def evaluated(cases: list[str], deviating: int) -> SampleEvaluation:
        (tmp_path / "found.csv").write_text(
            "case,deviation\n" + "".join(f"{case},{'yes' if n < deviating else 'no'}\n" for n, case in enumerate(cases))
        )
        found = audit_sample(these, **asked, audited=tmp_path / "found.csv")  # type: ignore[arg-type]
        assert isinstance(found, SampleEvaluation)
        return found

    first, both = stages["first stage"], [*stages["first stage"], *stages["second stage"]]
    assert [(one.failed, one.undecided) for one in (evaluated(first, 0), evaluated(first, 1), evaluated(first, 2))] == [
        (False, False),
        (True, True),
        (True, False),
    ]
    assert [(one.failed, one.undecided) for one in (evaluated(both, 1), evaluated(both[::-1], 1), evaluated(both, 2))] == [
        (False, False),
        (False, False),
        (True, False),
    ]
    assert "Not decided yet: 1 deviation in 49 of the first stage; look at the second, of 49 more." in texts(evaluated(first, 1), Headline)
    with pytest.raises(BadFindings, match="1 of 98 drawn cases"):
        evaluated(both[:-1], 0)


@pytest.mark.parametrize(
    ("asked", "said"), [({"method": "money"}, "monetary units"), ({"strata": "vendor"}, "strata"), ({"extend": -1}, "extend is -1")]
)
def test_stages_where_there_are_none_are_refused(asked: dict[str, object], said: str) -> None:
    """Money and strata are drawn in one stage."""
    with pytest.raises(Refusal, match=said):
        audit_sample(invoices(), **{"extend": 1, **asked})  # type: ignore[arg-type]
