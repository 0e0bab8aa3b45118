"""Filters: what they keep, how they chain, and how they are said and read back."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.brute_force import Kept
from tests.strategies import conditions, logs, periods

import finmine
from finmine.analyses import CONTENTS, Question
from finmine.analyses.variants import variants
from finmine.card import AmountRule, Card, Rate
from finmine.errors import Refusal, UnknownWord
from finmine.filters.activities import TwoGaps
from finmine.filters.attributes import NoNumber, OfCasesOnly
from finmine.filters.comparison import BadBound
from finmine.filters.condition import Condition, Keeps, MixedConditions, NothingNamed
from finmine.filters.money import NoCaseAmount, NoOneCurrency
from finmine.filters.reader import EXAMPLES, UnreadableFilter
from finmine.filters.times import BadPeriod, midnight
from finmine.filters.variants import BadCoverage
from finmine.log import EventLog, MissingFact, TextForFilter
from finmine.relations.tables import activity_labels, case_table
from finmine.relations.traces import traces
from finmine.relations.units import units
from finmine.result import population
from finmine.testing import Event, log
from finmine.words import moment

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu")


def read(rows: Sequence[Event], zone: str = "UTC") -> EventLog:
    """The log of rows whose cases take the first amount that is recorded."""
    return log(rows, card=Card(zone=zone, amount=AmountRule("event", "first", "EUR")))


def keep(whole: EventLog, *chosen: Condition) -> EventLog:
    """The log with filters of either kind applied in order."""
    for one in chosen:
        whole = whole.keep_cases(one) if one.keeps == "cases" else whole.keep_events(one)
    return whole


def rows_of(kept: EventLog) -> list[int]:
    """The source rows that a log keeps, counted from nought."""
    found = kept.fetch(units(kept).select("row")).column("row")
    return sorted(int(str(row)) - 1 for row in found)


def cases_of(kept: EventLog) -> set[str]:
    """The names of the cases that a log keeps."""
    return set(map(str, kept.fetch(case_table(kept).semi_join(units(kept), "case").select("label")).column("label")))


def of(rows: Sequence[Event], keeps: Keeps) -> st.SearchStrategy[Condition]:
    """Conditions on what a log holds."""
    activities = st.sampled_from(sorted({row["activity"] for row in rows}))
    return conditions(keeps, activities, st.sampled_from(sorted({row["resource"] for row in rows if row["resource"]})))


@pytest.mark.parametrize("keeps", ["cases", "events"])
@settings(max_examples=8)
@given(data=st.data(), rows=logs(cases=10, starts=True), zone=st.sampled_from(ZONES))
def test_a_filter_keeps_what_brute_force_keeps(data: st.DataObject, rows: list[Event], zone: str, keeps: Keeps) -> None:
    """Every kind of filter, negated and combined, keeps the rows that plain Python keeps (oracle: brute force)."""
    whole = read(rows, zone)
    for one in data.draw(st.lists(of(rows, keeps), min_size=4, max_size=6)):
        assert rows_of(keep(whole, one)) == Kept(rows, zone).keep(one).rows(), one.words()


@settings(max_examples=8)
@given(data=st.data(), rows=logs(cases=8, starts=True))
def test_a_chain_of_filters_keeps_what_brute_force_keeps(data: st.DataObject, rows: list[Event]) -> None:
    """Each filter of a chain sees the log as the filters before it left it (oracle: brute force)."""
    chain = data.draw(st.lists(of(rows, "cases") | of(rows, "events"), min_size=2, max_size=4))
    expected = Kept(rows)
    for one in chain:
        expected = expected.keep(one)
    assert rows_of(keep(read(rows), *chain)) == expected.rows()


def told(kept: EventLog) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What a log tells by name: its units with what follows them, and its traces."""
    labels, cases = activity_labels(kept), case_table(kept).select("case", case_label="label")
    these = units(kept).join(cases, "case").join(labels.rename(did="label"), "activity")
    these = these.left_join(labels.rename(does_next="label", next_activity="activity"), "next_activity")
    steps = kept.fetch(these.select("case_label", "position", "did", "does_next", "time", "next_time").order_by("case_label", "position"))
    paths = traces(kept).join(labels.rename(first="label", first_activity="activity"), "first_activity")
    paths = paths.join(labels.rename(last="label", last_activity="activity"), "last_activity")
    facts = kept.fetch(paths.select("label", "length", "first", "last", "started", "ended", "throughput").order_by("label"))
    return list(steps.tuples()), list(facts.tuples())


@settings(max_examples=8)
@given(data=st.data(), rows=logs(starts=True))
def test_a_filtered_log_answers_as_one_read_from_the_filtered_rows(data: st.DataObject, rows: list[Event]) -> None:
    """What follows what and how long it takes is that of a log that never had the dropped rows."""
    chain = data.draw(st.lists(of(rows, "cases") | of(rows, "events"), min_size=1, max_size=3))
    kept = keep(read(rows), *chain)
    left = rows_of(kept)
    assert told(kept) == (told(read([rows[row] for row in left])) if left else ([], []))


@settings(max_examples=10)
@given(data=st.data(), rows=logs(cases=8), keeps=st.sampled_from(["cases", "events"]))
def test_a_filter_and_its_opposite_add_up_to_the_log(data: st.DataObject, rows: list[Event], keeps: Keeps) -> None:
    """Every row is kept by a filter or by its opposite, and by one of them only, whatever is missing."""
    whole, one = read(rows), data.draw(of(rows, keeps))
    assert sorted(rows_of(keep(whole, one)) + rows_of(keep(whole, ~one))) == list(range(len(rows)))
    assert ~~one == one


@settings(max_examples=6)
@given(data=st.data(), rows=logs(cases=8, ties=False), seed=st.integers(0, 99))
def test_shuffled_rows_change_nothing(data: st.DataObject, rows: list[Event], seed: int) -> None:
    """Where no times are equal, a filter keeps the same events whatever the order of the rows."""
    one = data.draw(of(rows, "cases"))
    card = Card(amount=AmountRule("event", "first", "EUR"))
    answers = []
    for order in (None, seed):
        kept = keep(log(rows, card=card, shuffled=order), one)
        named = units(kept).join(case_table(kept).select("case", "label"), "case").join(activity_labels(kept).rename(did="label"), "activity")
        answers.append(sorted(kept.fetch(named.select("label", "position", "did", "time")).tuples()))
    assert answers[0] == answers[1]


TEXTS = st.text(max_size=8) | st.sampled_from(
    ["has", "or", "not", "amount", "'", '"', "''", "\n", "a or b", "Throughput", "between", "𝔘 💶", "case:x", "a-b", "0"]
)


def spoken(keeps: Keeps) -> st.SearchStrategy[Condition]:
    """Conditions with any names and days."""
    return conditions(keeps, TEXTS, TEXTS, names=TEXTS, numbers=TEXTS, currencies=st.none() | TEXTS, days=periods(date.min, date.max))


@settings(max_examples=200)
@given(one=spoken("cases") | spoken("events"))
def test_the_words_of_a_filter_read_back_as_the_filter(one: Condition) -> None:
    """Whatever the names hold (quotes, line breaks, words of the language), the words mean the filter that said them."""
    assert finmine.parse_filter(one.words(), one.keeps) == one
    assert str(one) == one.words()


@given(text=TEXTS | st.text(alphabet="has'\"() notr=<1d,%a2024-", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader fail otherwise than by a refusal."""
    for keeps in ("cases", "events"):
        with suppress(Refusal):
            finmine.parse_filter(text, keeps)


@pytest.mark.parametrize("keeps", ["cases", "events"])
def test_the_examples_in_refusals_are_filters(keeps: Keeps) -> None:
    """Every example that a refusal shows reads, and says itself as it is written."""
    for example in EXAMPLES[keeps]:
        assert finmine.parse_filter(example, keeps).words() == example


@pytest.mark.parametrize(
    ("text", "expected", "place"),
    [
        ("has Block", "a text in single quotes", 4),
        ("vendor = ACME", "a text in single quotes", 9),
        ("throughput > 3", "a length of time", 13),
        ("has 'a", "closing quote", 4),
        ("length > 2.5", "a whole number", 9),
        ("has 'a' and has 'b'", "the end, or 'or'", 8),
        ("activity = 'a'", "a condition on cases", 0),
        ("'a' follows 'b'", "'followed'", 4),
        ("started 2024-01-01", "'between', 'since'", 8),
        ("vendor is lost", "'recorded' or 'missing'", 10),
        ("(has 'a'", "')'", 8),
        ("", "the name of an attribute", 0),
        ("vendor", "=, !=, in", 6),
        ("throughput about 3d", "a comparison", 11),
        ("(" * 60, "at most 50 levels", 50),
        ("has 'a' ;", "a word", 8),
    ],
)
def test_a_text_that_is_no_filter_is_refused_at_its_place(text: str, expected: str, place: int) -> None:
    """The refusal shows the text, a caret under the place, what is expected there, and examples."""
    with pytest.raises(UnreadableFilter) as refusal:
        finmine.parse_filter(text)
    first, shown, caret, *_, last = str(refusal.value).splitlines()
    assert expected in first
    assert shown[2:] == text
    assert caret.index("^") - 2 == place
    assert last.strip() == EXAMPLES["cases"][-1]


def test_words_of_the_language_may_be_in_any_letter_case() -> None:
    """Names keep their letters, words of the language do not need to."""
    assert finmine.parse_filter("Has 'A' OR Not Starts With 'b'") == finmine.has("A") | ~finmine.starts_with("b")


def test_the_python_names_say_the_same_as_the_words() -> None:
    """Each public constructor gives the filter that its words mean."""
    said = {
        "has any of 'a', 'b'": finmine.has("a", "b"),
        "has no 'a'": finmine.has_no("a"),
        "has none of 'a', 'b'": finmine.has_no("a", "b"),
        "starts with 'a'": finmine.starts_with("a"),
        "not ends with any of 'a', 'b'": ~finmine.ends_with("a", "b"),
        "'a' followed by 'b' within 3d 4h": finmine.followed_by("a", "b", within="3d 4h"),
        "'a' never directly followed by 'b' after more than 90min": ~finmine.directly_followed_by("a", "b", after_more_than="90min"),
        "started between 2024-01-01 and 2024-03-31": finmine.started("2024-01-01", "2024-03-31"),
        "ended since 2024-01-01": finmine.ended(date(2024, 1, 1)),
        "active before 2024-04-01": finmine.active(until="2024-03-31"),
        "within 2024-01-01 and 2024-01-31": finmine.within("2024-01-01", "2024-01-31"),
        "throughput > 30d 4h": finmine.throughput_is(">", "30d 4h"),
        "throughput between 1d and 3d": finmine.throughput_is("between", "1d", "3d"),
        "length != 20": ~finmine.length_is("=", 20),
        "variants covering 80%": finmine.variants_covering(80),
        "variant 3": finmine.variants_ranked(3),
        "variants 1 to 5": finmine.variants_ranked(1, 5),
        "vendor not in 'ACME', 'Globex'": ~finmine.attribute_is("vendor", "ACME", "Globex"),
        '"Vendor name" is missing': ~finmine.attribute_recorded("Vendor name"),
        "discount between 2.5 and 3": finmine.number_is("discount", "between", "2.5", 3),
        "amount >= 1000.00 EUR": finmine.amount_is(">=", 1000, currency="EUR"),
        "amount is missing": ~finmine.amount_recorded(),
        "involves 'person 01'": finmine.involves("person 01"),
    }
    assert {text: finmine.parse_filter(text) for text in said} == said
    events = {
        "activity not in 'a', 'b'": ~finmine.activity_is("a", "b"),
        "until 2024-03-31": finmine.during(until="2024-03-31"),
        "vendor = 'ACME'": finmine.attribute_is("vendor", "ACME", keeps="events"),
        "amount < 0": finmine.amount_is("<", 0, keeps="events"),
    }
    assert {text: finmine.parse_filter(text, "events") for text in events} == events


INVOICES = """
    inv1 {vendor=ACME, amount=100.00, currency=EUR}: submit@0h/ana, approve@1d/bob, pay@2d/cid
    inv2 {vendor=Globex, amount=100.00, currency=USD}: submit@1d/ana, reject@2d/bob, submit@3d/ana, approve@4d/bob
    inv3 {amount=-5.00, currency=EUR}: submit@10d/ana, approve@11d/ana, pay@50d/cid
"""


def test_amounts_in_several_currencies_need_the_name_of_one() -> None:
    """A number means something else in each currency; with rates, the reporting currency is meant where none is named."""
    two = log(INVOICES)
    with pytest.raises(NoOneCurrency, match="amounts are in EUR, USD.*amount >= 1000 EUR"):
        two.keep_cases(finmine.amount_is(">=", 50))
    assert cases_of(two.keep_cases(finmine.amount_is(">=", 50, currency="EUR"))) == {"inv1"}
    assert cases_of(two.keep_cases(finmine.amount_recorded())) == {"inv1", "inv2", "inv3"}
    assert len(rows_of(two.keep_events(finmine.amount_is(">=", 50, currency="USD", keeps="events")))) == 4
    with pytest.raises(UnknownWord, match="no currency 'GBP'"):
        two.keep_cases(finmine.amount_is(">=", 50, currency="GBP"))
    card = Card(amount=AmountRule("case", "first", reporting="EUR"), rates=(Rate("USD", date(2023, 1, 1), Decimal("0.5")),))
    one = log(INVOICES, card=card)
    assert cases_of(one.keep_cases(finmine.amount_is(">=", 50))) == {"inv1", "inv2"}
    assert cases_of(one.keep_cases(finmine.amount_is(">=", 51, currency="EUR"))) == {"inv1"}
    assert cases_of(one.keep_cases(finmine.amount_is("=", 100, currency="USD"))) == {"inv2"}


def test_amounts_that_nobody_has_declared_are_refused() -> None:
    """Where the amount differs within a case and the card is silent, or there is none, the refusal says what to declare."""
    with pytest.raises(NoCaseAmount, match=r"\[amount\]"):
        log("a: b@1h {amount=1}, c@2h {amount=2}").keep_cases(finmine.amount_is(">", 1))
    with pytest.raises(MissingFact, match="--amount"):
        log("a: b@1h").keep_cases(finmine.amount_is(">", 1))


def test_status_and_outcome_are_those_of_the_log_as_read() -> None:
    """Dropping the end activity does not reopen a case, and unknown statuses and outcomes are refused."""
    declared = log(INVOICES, card=Card(outcomes={"paid": ("pay",)}))
    unpaid = declared.keep_events(~finmine.activity_is("pay"))
    assert cases_of(unpaid.keep_cases(finmine.attribute_is("status", "finished"))) == {"inv1", "inv3"}
    assert cases_of(unpaid.keep_cases(finmine.parse_filter("outcome is missing"))) == {"inv2"}
    for text in ("status = 'finishd'", "outcome in 'paid', 'piad'"):
        with pytest.raises(UnknownWord, match="Did you mean"):
            declared.keep_cases(finmine.parse_filter(text))


def test_people_are_named_as_they_are_shown() -> None:
    """Under pseudonyms, no filter finds a real name, whichever column it asks."""
    hidden = log(INVOICES, people="pseudonyms")
    assert cases_of(hidden.keep_cases(finmine.involves("person 03"))) == {"inv1", "inv3"}
    assert len(rows_of(hidden.keep_events(finmine.attribute_is("resource", "person 02", keeps="events")))) == 3
    assert rows_of(hidden.keep_events(finmine.attribute_is("resource", "ana", keeps="events"))) == []
    with pytest.raises(UnknownWord, match="no resource 'ana'"):
        hidden.keep_cases(finmine.involves("ana"))
    with pytest.raises(MissingFact):
        log("a: b@1h").keep_cases(finmine.involves("ana"))


@pytest.mark.parametrize("text", ["has 'aprove'", "'approve' followed by 'aprove'", "not starts with 'aprove'", "has 'pay' or ends with 'aprove'"])
def test_an_unknown_activity_is_refused_with_the_nearest(text: str) -> None:
    """Names are checked when the filter is given to the log, wherever in it they stand."""
    with pytest.raises(UnknownWord, match="no activity 'aprove'. Did you mean 'approve'"):
        log(INVOICES).keep_cases(finmine.parse_filter(text))


def test_unknown_attributes_and_misplaced_filters_are_refused() -> None:
    """Attributes are those of the log; what only cases have cannot choose events."""
    whole = log(INVOICES)
    with pytest.raises(UnknownWord, match="no attribute 'vendr'. Did you mean 'vendor'"):
        whole.keep_cases(finmine.attribute_is("vendr", "ACME"))
    with pytest.raises(OfCasesOnly, match="use keep_cases"):
        whole.keep_events(finmine.attribute_is("status", "finished", keeps="events"))
    with pytest.raises(NoNumber, match="status = 'text'"):
        whole.keep_cases(finmine.number_is("status", ">", 1))
    with pytest.raises(Refusal, match="use keep_events"):
        whole.keep_cases(finmine.activity_is("pay"))
    with pytest.raises(MixedConditions, match="keep_events"):
        finmine.has("pay") | ~finmine.activity_is("pay")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("started between 2024-02-01 and 2024-01-01", BadPeriod),
        ("active before 0001-01-01", BadPeriod),
        ("active since 2024-02-30", BadPeriod),
        ("throughput > 999999999d", BadBound),
        ("length > -1", BadBound),
        ("length between 3 and 2", BadBound),
        ("amount > 0.0000001", BadBound),
        ("length >= 99999999999999999999999", BadBound),
        ("amount > 100000000000000000000000000000000", BadBound),
        ("variants covering 0%", BadCoverage),
        ("variants covering 100.1%", BadCoverage),
        ("variant 0", BadCoverage),
        ("variants 3 to 2", BadCoverage),
    ],
)
def test_bounds_that_cannot_be_are_refused_when_they_are_read(text: str, refusal: type[Refusal]) -> None:
    """Bounds, days and ranks are checked before any log is asked."""
    with pytest.raises(refusal):
        finmine.parse_filter(text)


def test_the_largest_amount_that_the_engine_holds_is_a_bound() -> None:
    """Thirty-two digits before the mark and six after it are read exactly."""
    text = f"amount > {'9' * 32}.{'9' * 6}"
    assert str(finmine.parse_filter(text)) == text


def test_filters_that_cannot_be_are_refused_when_they_are_made() -> None:
    """What the words cannot say is refused in Python too."""
    for nameless in (finmine.has, finmine.starts_with, finmine.activity_is, finmine.involves, partial(finmine.attribute_is, "vendor")):
        with pytest.raises(NothingNamed, match="at least one name"):
            nameless()
    with pytest.raises(TwoGaps, match="one of the two"):
        finmine.followed_by("a", "b", within="1d", after_more_than="2d")
    for days in ((), ("31.01.2024",), (datetime(2024, 1, 31, 12),)):
        with pytest.raises(BadPeriod, match="2024-01-31"):
            finmine.started(*days)
    with pytest.raises(BadBound, match="length of time"):
        finmine.throughput_is(">", "a while")
    with pytest.raises(BadBound, match="second bound"):
        finmine.length_is("between", 3)
    with pytest.raises(BadBound, match="six decimals"):
        finmine.amount_is(">", "many")
    with pytest.raises(UnknownWord, match="comparison 'about'"):
        finmine.length_is("about", 3)  # type: ignore[arg-type]


@given(
    zone=st.sampled_from([*ZONES, "America/Sao_Paulo", "America/Havana", "Pacific/Apia", "Asia/Tehran"]),
    instant=st.integers(631_152_000, 2_145_916_800).map(lambda second: second * 1_000_000),
)
def test_a_day_begins_at_its_first_instant_in_the_zone(zone: str, instant: int) -> None:
    """An instant lies on or after the beginning of its day, and before that of the next, also where midnight is skipped or comes twice."""
    day = moment(instant, zone).date()
    assert midnight(day, zone) <= instant < midnight(date.fromordinal(day.toordinal() + 1), zone)


def test_the_first_and_the_last_day_of_all_are_days() -> None:
    """The ends of the calendar do not overflow in any zone."""
    whole = log(INVOICES, card=Card(zone="Asia/Tokyo"))
    assert len(cases_of(whole.keep_cases(finmine.within(date.min, date.max)))) == 3


def test_the_population_of_an_answer_says_the_filters() -> None:
    """Words and counts of the filters stand in the sentence that opens every answer."""
    kept = log(INVOICES).keep_cases(finmine.has_no("reject")).keep_events(~finmine.activity_is("pay"))
    sentence = variants(kept).about.population.sentence()
    assert sentence == "Of 2 cases and 4 events (of 3 and 10 as read), keeping cases: has no 'reject'; events: activity != 'pay'."


@pytest.mark.parametrize("question", [question for question in CONTENTS if question.name != "case"], ids=lambda question: question.name)
def test_a_question_about_nothing_is_answered(question: Question) -> None:
    """A filter that keeps no case makes no answer fail: its population says that there is none."""
    whole = log(INVOICES, card=Card(outcomes={"paid": ("pay",)}))
    for nothing in (whole.keep_cases(finmine.has("pay"), finmine.has("reject")), whole.keep_events(finmine.during(until="2020-01-01"))):
        answer = getattr(importlib.import_module(f"finmine.analyses.{question.module}"), question.module)(nothing)
        assert "Of 0 cases and 0 events" in str(answer)
    assert answer.to_json()
    assert answer.to_html()


def counts(kept: EventLog) -> tuple[int, int]:
    """The cases and units of a log."""
    return population(kept).cases, population(kept).units


def test_published_figures_are_met(third_party_logs: Path) -> None:
    """Filters give the counts that were published for the payment requests and declarations of a university (oracle: BPI Challenge 2020)."""
    requests = finmine.read(third_party_logs / "bpic2020" / "RequestForPayment.xes.gz")
    rejected, submitted = ([name for name in requests.activity_names() if word in name] for word in ("REJECTED", "SUBMITTED"))
    assert counts(requests.keep_cases(finmine.has(*rejected)))[0] == 1_051
    assert counts(requests.keep_events(finmine.activity_is(*submitted)))[1] == 7_361
    declarations = finmine.read(third_party_logs / "bpic2020" / "DomesticDeclarations.xes.gz")
    approved = "Declaration FINAL_APPROVED by SUPERVISOR"
    assert counts(declarations.keep_cases(finmine.has_no(approved)))[0] == 419
    assert counts(declarations.keep_cases(finmine.directly_followed_by(approved, "Request Payment")))[0] == 9_912
    assert counts(declarations.keep_events(finmine.attribute_is("org:role", "EMPLOYEE", keeps="events")))[1] == 12_856


def test_a_text_is_no_filter_but_can_be_read_as_one() -> None:
    """Where a filter is wanted, a text is refused with the call that reads it."""
    read = log("i1: a@0h, b@1h\ni2: a@0h")
    with pytest.raises(TextForFilter, match="finmine.parse_filter") as refused:
        read.keep_cases("has 'b'")  # type: ignore[arg-type]
    said = str(refused.value)
    call = said[said.rindex("finmine.parse_filter") :].rstrip(".")
    assert population(read.keep_cases(eval(call, {"finmine": finmine}))).cases == 1
