"""Path effects: which paths go with more or less time, cost or rework."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from tests.answers import SAMPLES, planted, planted_shift, texts
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.path_effects import PathEffects, path_effects
from finmine.calendar_fit import NoCalendar
from finmine.card import Card
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.errors import OutOfRange, UnknownWord
from finmine.filters import parse_filter
from finmine.finance.labour import LabourRate
from finmine.models.reference import straight_line
from finmine.relations.costs import NoCost
from finmine.relations.path_features import DEVIATION, Outcome
from finmine.relations.traces import traces
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline, Intervals, Prose
from finmine.words import DAY, HOUR, MINUTE, SECOND

CARD = Card(outcomes={"paid": ("pay",)})


def checked(cases: int = 120, longer: float = 5, seed: int = 1) -> list[Event]:
    """A log in which every third case is checked and takes so many days longer; vendors take turns, and times spread by a day."""
    rng = np.random.default_rng(seed)
    rows: list[Event] = []
    for case in range(cases):
        took = 10 + longer * (case % 3 == 0) + float(rng.uniform(-1, 1))
        steps = [("submit", 0.0), *([("check", took / 2)] if case % 3 == 0 else []), ("pay", took)]
        begins = ORIGIN + case * DAY
        rows += [
            {"case": f"c{case:03}", "activity": activity, "timestamp": begins + round(after * DAY), "vendor": f"v{case % 5}"}
            for activity, after in steps
        ]
    return rows


def row(answer: PathEffects, exposure: str) -> dict[str, object]:
    """The row of one exposure."""
    return next(dict(record) for record in answer.records() if record["exposure"] == exposure)


def test_a_planted_effect_is_found_with_its_size() -> None:
    """Forty checked cases of 120 take five days longer; the interval holds that, and the second half of the time confirms it."""
    answer = path_effects(log(checked(), card=CARD))
    found = row(answer, "check")
    assert found["cases"] == 40
    assert found["shift_low"] < 5 * DAY < found["shift_high"]  # type: ignore[operator]
    assert found["burden"] == pytest.approx(40 * found["shift"], abs=40)  # type: ignore[operator]
    assert (found["delta"], found["delta_size"], found["second_half"]) == (1, "large", "confirmed")
    assert re.fullmatch(
        r"40 cases with check go with a throughput time 4 d 22 h longer \(95 % interval .* to .*\) than the 80 others: .* in all\.",
        texts(answer, Headline)[0],
    )
    assert set(answer.cases(found).rows.column("case")) == {f"c{case:03}" for case in range(0, 120, 3)}


def test_the_family_is_counted_and_one_set_of_cases_is_told_once() -> None:
    """Check, its two pairs and its variant are one question; its size, and what became of it in the halves, is said."""
    answer = path_effects(log(checked(), card=CARD))
    assert [record["exposure"] for record in answer.records()] == ["check"]
    said = texts(answer, Prose)[1]
    assert said.startswith("120 cases were compared in 1 way; all tests are one family. In 1 of them the cases differ")
    assert said.endswith("Halved by the time at which cases began, the first half discovers 1, and the second confirms 1 of these.")


def test_nothing_is_found_where_there_is_nothing() -> None:
    """Without an effect there is no row and no headline, and the number of comparisons is still said."""
    answer = path_effects(log(checked(longer=0), card=CARD), attributes=("vendor",))
    assert answer.records() == ()
    assert texts(answer, Headline) == []
    assert "compared in 6 ways" in texts(answer, Prose)[1]


def test_running_cases_are_not_compared() -> None:
    """How long a case takes that still runs is not known; it is in no group, and counted."""
    rows = [*checked(), *({"case": f"open{place}", "activity": "submit", "timestamp": ORIGIN + place * HOUR} for place in range(7))]
    answer = path_effects(log(rows, card=CARD))
    assert len(answer.rows) == 120
    assert "7 cases that still run are not compared: how long they take is not known yet." in texts(answer, Caveat)


def test_whole_clusters_are_moved() -> None:
    """With clusters the halves are of vendors, their small number is a caveat, and vendors that pay late are no effect of the check."""
    answer = path_effects(log(checked(), card=CARD), cluster="vendor")
    assert "Halved by whole clusters of vendor" in texts(answer, Prose)[1]
    assert "There are only 5 clusters of vendor, so all this is exploratory." in texts(answer, Caveat)
    assert row(answer, "check")["permuted"] == "inside clusters"
    late = [{**event, "timestamp": event["timestamp"] + 9 * DAY * (event["vendor"] == "v1") * (event["activity"] == "pay")} for event in checked()]
    independent, whole = (path_effects(log(late, card=CARD), attributes=("vendor",), cluster=cluster) for cluster in (None, "vendor"))
    assert row(independent, "vendor = v1")["q"] < 1e-6  # type: ignore[operator]
    assert "vendor = v1" not in [record["exposure"] for record in whole.records()]


def test_cases_without_a_cluster_are_said() -> None:
    """Cases without the attribute are one cluster, and counted."""
    rows = [{name: cell for name, cell in event.items() if name != "vendor" or event["case"] > "c009"} for event in checked()]
    answer = path_effects(log(rows, card=CARD), cluster="vendor")
    assert "10 cases have no vendor, and are taken as one cluster." in texts(answer, Caveat)


def test_rework_is_compared_as_a_rate() -> None:
    """Cases with a check have rework three times in four, the others never; paths that are made of rework are not compared."""
    rows = checked(longer=0)
    again = [{**event, "timestamp": event["timestamp"] + HOUR} for event in rows if event["activity"] == "check" and int(event["case"][1:]) % 12]
    answer = path_effects(log([*rows, *again], card=CARD), outcome="rework")
    found = row(answer, "check")
    assert (found["shift"], found["exposure_kind"], found["burden"]) == (0.75, "activity", 30)
    assert texts(answer, Headline)[0].startswith("40 cases with check go with rework 75.0 points more often (95 % interval")
    assert [record["exposure_kind"] for record in answer.records()] == ["activity"]


def test_variants_and_families_are_named_by_their_activities() -> None:
    """Rare variants are told within their family, which folds what is repeated, and behind the row are all cases of the family."""
    paths = (("ask", "reply"), ("ask",), ("reply",), ("check", "ask", "reply"))
    rows: list[Event] = []
    for case in range(160):
        steps = ["submit", *paths[case % 4] * (1 + case % 8 // 4), "pay"]
        begins, slow = ORIGIN + case * DAY, 20 + case * (case % 4 == 0)
        rows += [{"case": f"x{case:03}", "activity": step, "timestamp": begins + place * slow * HOUR} for place, step in enumerate(steps)]
    answer = path_effects(log(rows, card=CARD), most=50)
    families = [record for record in answer.records() if record["exposure"] == "submit → ask → reply → pay"]
    assert [record["exposure_kind"] for record in families] == ["family"]
    assert set(answer.cases(families[0]).rows.column("case")) == {f"x{case:03}" for case in range(0, 160, 4)}
    assert all(record["cases"] >= 30 for record in answer.records() if record["exposure_kind"] in ("variant", "family"))


@settings(max_examples=6)
@given(logs(cases=25))
def test_exposures_are_those_of_the_paths(rows: list[Event]) -> None:
    """Every set of cases that is compared is that of an activity, a pair, a repeated activity or a value, as plain Python finds it."""
    read = log(rows)
    family = path_effects(read, attributes=("vendor",)).family
    labels = {int(str(code)): str(label) for code, label in read.fetch(traces(read).select("case", "label")).tuples()}
    cases = [labels[int(str(code))] for code in family.rows.column("case")]
    written = ordered(rows)
    paths = [[event["activity"] for event in written[case]] for case in cases]
    names = read.activity_names()
    for exposure, flags in zip(family.exposures, family.family.exposures, strict=True):
        first, second = (names[code] if exposure.kind < 3 and code >= 0 else None for code in (exposure.first, exposure.second))
        having = {
            0: [first in path for path in paths],
            1: [path.count(first) > 1 for path in paths],
            2: [(first, second) in pairwise(path) for path in paths],
        }
        if exposure.kind in having:
            assert flags().tolist() == [one != exposure.without for one in having[exposure.kind]]


PLANTED = (
    ("invoices", ".csv", "goods returned", "Return goods", ("'Record goods receipt' followed by 'Receive invoice'", "throughput <= 400d")),
    ("approvals", ".xes.gz", "rejection", "Revise request", ("has 'Register payment'", "has 'Approve by team lead'")),
    ("reconciliations", ".parquet", "reopened items", "Reopen item", ("has 'Review reconciliation'",)),
    ("disputes", ".xlsx", "returned claims", "Complete claim", ("has 'Decide claim'",)),
)
"""The slow path of each sample log: what it is called in the truths, what only its cases do, and which cases could have come to it."""


@pytest.mark.parametrize(("outcome", "measure", "unit"), [("throughput", "elapsed_seconds", SECOND), ("cost", "labour_cents", Decimal("0.01"))])
@pytest.mark.parametrize(("log_name", "ending", "name", "activity", "among"), PLANTED)
def test_the_planted_path_is_found_with_its_time_and_its_cost(
    log_name: str, ending: str, name: str, activity: str, among: tuple[str, ...], outcome: Outcome, measure: str, unit: int | Decimal
) -> None:
    """Among all that is tested the slow path is shown and confirmed, of just its cases, and its interval holds what the maker of the log planted: no more is known of it."""
    read = finmine.read(SAMPLES / f"{log_name}{ending}").keep_cases(*(parse_filter(words, keeps="cases") for words in among))
    answer, truth = path_effects(read, outcome=outcome), planted(log_name, name)
    found = row(answer, activity)
    cases = {str(case["case"]) for case in answer.cases(found).records()}
    assert cases <= set(truth["case_ids"])
    assert len(cases) > 0.8 * truth["cases"]
    assert (found["second_half"], found["q"] < 0.001) == ("confirmed", True)  # type: ignore[operator]
    assert found["shift_low"] <= unit * Decimal(planted_shift(truth, measure, cases)) <= found["shift_high"]  # type: ignore[operator]


def test_the_planted_cost_is_told_to_the_cent() -> None:
    """Where goods come, a return costs 20 minutes for it and 8 for one more receipt, at the card's 31.00 an hour."""
    read = finmine.read(SAMPLES / "invoices.csv").keep_cases(parse_filter("throughput <= 400d", keeps="cases"), finmine.has("Record goods receipt"))
    cost, found = Decimal(31) * (20 + 8) / 60, row(path_effects(read, outcome="cost"), "Return goods")
    assert abs(found["shift"] - cost) <= Decimal("0.01")  # type: ignore[operator]
    assert found["burden"] == (cost * int(str(found["cases"]))).quantize(Decimal("0.01"))


def test_costs_are_compared_in_money() -> None:
    """Forty checked cases of 120 cost 12.00 more each, 480.00 in all: by definition where it is the check, and a headline where the submission before it is as much dearer.

    A case of which a paid unit has no time is in no number; nothing is compared without rates.
    """
    times = CostFacts({"check": 12 * MINUTE, "submit": MINUTE})
    card = replace(CARD, money=MoneyOfTime(labour=(LabourRate("resource", "ann", Decimal(60), "EUR"),)), costs=times)
    rows = [{**event, "resource": "bob" if event["activity"] == "pay" else "ann"} for event in checked()]
    rows += [{"case": "odd", "activity": step, "timestamp": ORIGIN + place * HOUR, "resource": "ann"} for place, step in enumerate(("submit", "pay"))]
    answer = path_effects(log(rows, card=card), outcome="cost")
    found = row(answer, "check")
    assert (found["shift"], found["shift_low"], found["burden"]) == (Decimal("12.00"), Decimal("12.00"), Decimal("480.00"))
    assert (found["rest"], found["by_definition"], texts(answer, Headline)) == (Decimal("0.00"), "its own cost", [])
    dearer = [
        {**event, "resource": "cy" if event["activity"] == "submit" and int(event["case"][1:]) % 3 == 0 else event["resource"]} for event in rows[:-2]
    ]
    cy = replace(
        card,
        money=MoneyOfTime(labour=(*card.money.labour, LabourRate("resource", "cy", Decimal(60 * 13), "EUR"))),
        costs=CostFacts({"submit": MINUTE, "check": 0}),
    )
    said = "40 cases with check go with a cost 12.00 EUR higher (95 % interval 12.00 EUR to 12.00 EUR) than the 80 others: 480.00 EUR in all."
    assert texts(path_effects(log(dearer, card=cy), outcome="cost"), Headline)[0] == said
    assert any(text.startswith("What 1 case cost is not known and in no number") for text in texts(answer, Caveat))
    with pytest.raises(NoCost, match=r"no labour rate is declared \(\[\[labour\]\]"):
        path_effects(log(checked(), card=CARD), outcome="cost")


def test_the_sample_invoices_show_what_was_planted() -> None:
    """Returned goods take about nine working days longer: the planted delay and its base differ by what the answer says, or less."""
    read = finmine.read(SAMPLES / "invoices.csv").keep_cases(parse_filter("throughput <= 400d", keeps="cases"))
    answer = path_effects(read, outcome="working-time", attributes=("company",), cluster="vendor")
    found = row(answer, "Return goods")
    assert abs(int(str(found["cases"])) - planted("invoices", "goods returned")["cases"]) <= 2  # those that still run are not compared
    assert found["shift_low"] > 0  # type: ignore[operator]
    assert found["second_half"] == "confirmed"
    assert any(isinstance(block, Intervals) for block in answer.view().blocks)
    assert "working days" in answer.to_text()


def confounded() -> list[Event]:
    """Checked cases take two days less than others of their company, and are mostly those of the slow company."""
    rng = np.random.default_rng(3)
    rows: list[Event] = []
    for case in range(300):
        slow = case % 2 == 0
        check = bool(rng.random() < (0.8 if slow else 0.2))
        took = 10 + 10 * slow - 2 * check + float(rng.uniform(-2, 2))
        begins = ORIGIN + case * DAY
        facts = {"case": f"c{case:03}", "company": "slow" if slow else "fast"}
        rows += [
            {**facts, "activity": activity, "timestamp": begins + round(after * DAY)}
            for activity, after in (("submit", 0.0), *([("check", took / 2)] if check else []), ("pay", took))
        ]
    return rows


def test_an_effect_whose_sign_turns_is_said_to() -> None:
    """Raw, checked cases take longer; among cases of one company they take two days less, with an interval that holds it."""
    answer = path_effects(log(confounded(), card=CARD), adjust=("company",))
    (found,) = answer.records()
    checks = 1 if found["exposure"] == "check" else -1  # it is told from its smaller side
    assert found["shift"] * checks > 0
    assert found["adjusted_low"] < -2 * DAY * checks < found["adjusted_high"]
    assert (found["strata"], found["finding"]) == (2, "the sign turns")
    assert found["at_median_low"] < -2 * DAY * checks < found["at_median_high"]
    assert found["at_p90_low"] < -2 * DAY * checks < found["at_p90_high"]
    assert found["quantile_cases"] == 300
    blocks = answer.view().blocks
    alarm = next(block for block in blocks if isinstance(block, Caveat))
    assert re.fullmatch(r"Simpson's paradox: .* among cases that agree in company\.", alarm.text)
    assert blocks.index(alarm) < min(place for place, block in enumerate(blocks) if isinstance(block, Prose | Intervals) and place > 1)
    way, other = ("shorter", "longer") if checks == 1 else ("longer", "shorter")
    told = rf"Among cases that agree in company, {found['adjusted_cases']} cases with(out)? check go with a throughput time .* {way} \(95 % interval .*\) than the others"
    assert re.fullmatch(rf"{told}: .* in all\. Without regard to company it is .* {other}: Simpson's paradox\.", texts(answer, Headline)[0])
    assert found["adjusted_burden"] == pytest.approx(found["adjusted"] * found["adjusted_cases"], rel=1e-6)
    (drawn,) = (block for block in blocks if isinstance(block, Intervals))
    assert (drawn.value, drawn.beside) == ("adjusted", ("shift", "shift_low", "shift_high"))
    assert (drawn.table.column("adjusted"), drawn.table.column("shift")) == ((found["adjusted"],), (found["shift"],))
    assert "Among cases that agree in company" in answer.to_text()
    assert "Median and 90th percentile among cases that agree in company" in answer.to_text()


def test_an_effect_that_depends_names_the_strata() -> None:
    """Where the check goes with more time in one company and less in the other there is no one number, and the companies are named."""
    rows = confounded()
    longer = {event["case"] for event in rows if event["activity"] == "check" and event["company"] == "slow"}
    rows = [{**event, "timestamp": event["timestamp"] + 6 * DAY * (event["activity"] == "pay" and event["case"] in longer)} for event in rows]
    answer = path_effects(log(rows, card=CARD), adjust=("company",))
    (found,) = answer.records()
    more, less = ("slow", "fast") if found["exposure"] == "check" else ("fast", "slow")
    assert found["finding"] == f"depends: more in {more}; less in {less}"
    assert found["adjusted"] is None
    said = f" go with a throughput time longer or shorter depending on company: longer in {more}; shorter in {less}."
    assert [text.endswith(said) and " d " not in text for text in texts(answer, Headline)] == [True]


def test_an_effect_that_goes_away_is_said_to() -> None:
    """Where the check takes no time in either company, the headline says that nothing is left, and how much there is in all cases."""
    rows = confounded()
    checked = {event["case"] for event in rows if event["activity"] == "check"}
    rows = [{**event, "timestamp": event["timestamp"] + 2 * DAY * (event["activity"] == "pay" and event["case"] in checked)} for event in rows]
    (said,) = texts(path_effects(log(rows, card=CARD), adjust=("company",)), Headline)
    assert re.fullmatch(
        r"Among cases that agree in company, .* do not differ from the others in throughput time beyond chance "
        r"\(95 % interval .* shorter to .* longer\)\. Without regard to company it is .* (longer|shorter)\.",
        said,
    )


def test_what_no_stratum_can_tell_is_of_all_cases() -> None:
    """The company itself cannot be adjusted for the company, and its headline says so; the burden that ranks it is that of all cases."""
    answer = path_effects(log(confounded(), card=CARD), attributes=("company",), adjust=("company",))
    said = [text for text in texts(answer, Headline) if " with company = " in text]
    assert said
    assert all(text.endswith("That is without regard to company: nowhere do five cases of both kinds agree in it.") for text in said)
    weights = [record["weight"] for record in answer.records()]
    assert weights == sorted(weights, reverse=True)


def test_all_comparisons_are_told_with_what_became_of_them() -> None:
    """Vendors do not differ, and the pairs of the check hold for the cases of another activity: each comparison has p, q and its reason, and its cases."""
    rows = checked()
    odd = {f"c{case:03}" for case in range(0, 117, 3)}
    rows += [
        {**event, "activity": "note", "timestamp": event["timestamp"] + SECOND}
        for event in rows
        if event["activity"] == "check" and event["case"] in odd
    ]
    answer = path_effects(log(rows, card=CARD), attributes=("vendor",), most=1)
    told = {str(one["exposure"]): one for one in answer.comparisons}
    assert len(told) == len(answer.comparisons) == len(answer.tested)
    assert [one["became"] for one in answer.comparisons].count("shown") == len(answer.records()) == 1
    shown = answer.records()[0]["exposure"]
    nearly = [one for one in answer.comparisons if one["became"] == f"holds for nearly the same cases as {shown}"]
    assert nearly
    assert all(one["q"] <= 0.05 for one in nearly)
    vendor = told["vendor = v1"]
    assert vendor["became"] == "no difference beyond chance (q above 5.0 %)"
    assert vendor["q"] > 0.05
    assert set(answer.cases(vendor).rows.column("case")) == {f"c{case:03}" for case in range(1, 120, 5)}
    assert "All comparisons, first those that are in no table above" in answer.to_text()
    assert "vendor = v4" in answer.to_json()


def test_lateness_is_counted_from_the_due_day() -> None:
    """Cases of one company are paid six days after they are due, those of the other two days before; a case without a due date is counted."""
    card = Card(outcomes=CARD.outcomes, attributes={"due_date": "due"})
    rows: list[Event] = []
    for case in range(80):
        late = case % 2 == 0
        facts = {"case": f"c{case:02}", "company": "late" if late else "early", **({"due": "2024-02-01"} if case else {})}
        rows += [
            {**facts, "activity": "submit", "timestamp": ORIGIN + case * HOUR},
            {**facts, "activity": "pay", "timestamp": ORIGIN + (37 if late else 29) * DAY + case * HOUR // 10},
        ]
    answer = path_effects(log(rows, card=card), outcome="late-days", attributes=("company",))
    (found,) = answer.records()
    sign = 1 if found["exposure"] in ("company = late", "company ≠ early") else -1
    assert (found["shift"], found["delta"]) == (8 * DAY * sign, sign)
    assert answer.rows.column("measured") == (*[-2 * DAY] * 40, *[6 * DAY] * 39)
    assert "Of 1 case is not known when they were due or paid; they are in no number." in texts(answer, Caveat)
    assert texts(answer, Headline)[0].endswith("than the 40 others: 312 d in all.")


def test_what_cannot_be_asked_is_refused() -> None:
    """An attribute that is not there, several in one, working time without a calendar, and a list of no effects."""
    read = log(checked(6))
    with pytest.raises(UnknownWord):
        path_effects(read, cluster="vendr")
    with pytest.raises(
        UnknownWord, match=r"These are several: give each by itself \(on the command line, repeat the option\), 'vendor' and 'activity'"
    ):
        path_effects(read, attributes=("vendor, activity",))
    with pytest.raises(NoCalendar):
        path_effects(read, outcome="working-time")
    with pytest.raises(OutOfRange):
        path_effects(read, most=0)


def test_an_empty_log_answers_with_nothing() -> None:
    """When filters keep no case nothing is compared, and the answer can still be shown."""
    answer = path_effects(log("i1: a@0h, b@1h").keep_cases(finmine.has_no("a")), attributes=("month",), cluster="month")
    assert answer.records() == ()
    assert "0 cases were compared in 0 ways" in answer.to_text(200)


def test_who_works_on_a_case_is_compared() -> None:
    """Cases that a chief approves take five days longer; the effect is of the role, behind it are its cases, and what a path says as well is told once."""
    rng, rows = np.random.default_rng(11), list[Event]()
    for case in range(120):
        chief = bool(rng.random() < 0.4)
        took = 5 + 5 * chief + float(rng.uniform(0, 2))
        steps = (("submit", "clerk", 0.0), ("approve", "chief" if chief else "lead", took / 2), ("pay", "clerk", took))
        rows += [
            {"case": f"c{case:03}", "activity": step, "role": role, "timestamp": ORIGIN + case * DAY + round(after * DAY)}
            for step, role, after in steps
        ]
    chiefs = {event["case"] for event in rows if event["role"] == "chief"}
    answer = path_effects(log(rows, card=CARD), hands="role")
    (one,) = answer.records()
    assert (one["exposure_kind"], one["cases"]) == ("role", min(len(chiefs), 120 - len(chiefs)))
    assert abs(one["shift"]) == pytest.approx(5 * DAY, rel=0.1)
    assert set(answer.cases(0).rows.column("case")) in (chiefs, {event["case"] for event in rows} - chiefs)
    assert " worked on by chief go with a throughput time" in texts(answer, Headline)[0]
    assert len(answer.tested) == 1 + len(path_effects(log(rows, card=CARD)).tested)


def test_deviations_from_a_model_are_compared(tmp_path: Path) -> None:
    """Cases that leave the approval out, or are changed, deviate from submit, approve, pay: each is an effect, so is any of it, and behind it are its cases."""
    net = straight_line("", ("submit", "approve", "pay")).net
    assert net is not None
    (tmp_path / "line.pnml").write_text(net.pnml())
    rng, rows, kinds = np.random.default_rng(12), list[Event](), dict[str, str]()
    for case in range(150):
        name, kind = f"c{case:03}", ("fits", "skips", "early", "late")[0 if case % 6 == 0 else 1 + int(rng.integers(0, 3))]
        steps = {"fits": "submit approve pay", "skips": "submit pay", "early": "submit change approve pay", "late": "submit approve change pay"}[
            kind
        ].split()
        took = {"fits": 4, "skips": 9}.get(kind, 12) + float(rng.uniform(0, 2))
        kinds[name] = kind
        rows += [
            {"case": name, "activity": step, "timestamp": ORIGIN + case * DAY + round(took * DAY * place / (len(steps) - 1))}
            for place, step in enumerate(steps)
        ]
    answer = path_effects(log(rows, card=CARD), model=tmp_path / "line.pnml", most=60)
    deviations = answer.family.deviations
    assert deviations is not None
    assert deviations.names == ("any deviation from the model", "approve left out", "change against the model")
    (found,) = (one for one in answer.records() if one["kind"] == DEVIATION)  # a change and what is left out are told as activities that they are
    assert (found["exposure"], found["cases"], found["others"]) == ("no deviation from the model", 25, 125)
    assert found["shift_high"] < -3 * DAY
    behind = set(answer.cases(answer.records().index(found)).rows.column("case"))
    assert behind == {case for case, kind in kinds.items() if kind == "fits"}
