"""Open cases: how long cases take when those that still run count, and what of them will be late."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from tests.answers import SAMPLES, planted, texts

import finmine
from finmine.analyses.open_cases import NoDueDates, UnreadableLimit, open_cases
from finmine.card import Card
from finmine.log import EventLog
from finmine.stats.survival import survivor_curve
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Curve, Definition, Facts, Headline
from finmine.words import DAY, HOUR

CARD = Card(outcomes={"paid": ("pay",), "cancelled": ("cancel",)})

STUCK = "a: submit@0h, pay@1d\nb: submit@0h\nc: submit@0h, check@3d\nd: submit@0h\ne: submit@0h"
"""Five cases of which one has ended."""


def processed(cases: int = 400, seed: int = 1, *, slow: float = 1.0) -> list[Event]:
    """Cases that begin over 60 days and take about ten (of vendor B so many times as long), seen until day 60; one in ten is cancelled."""
    rng = np.random.default_rng(seed)
    rows: list[Event] = [{"case": "last", "activity": "pay", "timestamp": ORIGIN + 60 * DAY, "vendor": "A", "amount": "1.00"}]
    for case in range(cases):
        begins, late = float(rng.uniform(0, 60)), case % 2 == 1
        took = 10 * float(rng.weibull(1.5)) * (slow if late else 1.0)
        facts = {"case": f"c{case:03}", "vendor": "B" if late else "A", "amount": "100.00"}
        rows.append({**facts, "activity": "submit", "timestamp": ORIGIN + round(begins * DAY)})
        if begins + took <= 60:
            rows.append({**facts, "activity": "pay" if case % 10 else "cancel", "timestamp": ORIGIN + round((begins + took) * DAY)})
    return rows


def test_running_cases_count_as_long_as_they_were_seen() -> None:
    """The median is Kaplan and Meier's of the times up to the last event, and above that of the finished cases alone."""
    answer = open_cases(log(processed(), card=CARD))
    (found,) = answer.records()
    times, ended = np.array(answer.rows.column("time"), dtype=float), np.array(answer.rows.column("ended"))
    median = survivor_curve(times, ended).median()
    assert median is not None
    assert (found["open_median"], found["open_median_low"], found["open_median_high"]) == tuple(
        round(value) for value in (median.value, median.low or 0, median.high or 0)
    )
    assert found["finished_median"] < found["open_median"]
    assert found["finished_mean"] < found["restricted_mean"]
    assert found["open_median_low"] < 10 * DAY * np.log(2) ** (1 / 1.5) < found["open_median_high"]
    assert found["cases"] == found["finished"] + found["running"] == 401
    assert texts(answer, Headline)[0].startswith("Half of 401 cases end within ")


def test_groups_are_compared() -> None:
    """Vendor B takes twice as long: its time ratio holds 2, the log-rank test says they differ, and behind a row are its cases."""
    answer = open_cases(log(processed(slow=2.0), card=CARD), by="vendor")
    ratios = {record["group"]: record for record in answer.records()}
    assert ratios["A"]["time_ratio"] == 1
    assert ratios["B"]["time_ratio_low"] < 2 < ratios["B"]["time_ratio_high"]
    assert answer.difference is not None
    assert answer.difference[1] < 1e-6
    assert len(answer.cases(ratios["B"]).rows) == ratios["B"]["cases"] == 200
    lines = next(block for block in answer.view().blocks if isinstance(block, Curve)).lines
    assert len(lines) == 2
    assert "Times as long are against vendor = A." in answer.to_text(200)


def test_a_small_quick_group_takes_no_time_from_the_others() -> None:
    """Ten cases that are over within a day do not cut off what is known of those of weeks; a group of few ends has no ratio, and that is said."""
    quick = [
        {"case": f"q{case}", "activity": activity, "timestamp": ORIGIN + time * HOUR, "vendor": "Q", "amount": "1.00"}
        for case in range(10)
        for activity, time in (("submit", 0), ("pay", 1 + 2 * case))
    ]
    running = [{"case": f"r{case}", "activity": "submit", "timestamp": ORIGIN, "vendor": "R", "amount": "1.00"} for case in range(6)]
    answer = open_cases(log([*processed(slow=2.0), *quick, *running], card=CARD), by="vendor")
    ratios = {record["group"]: record for record in answer.records()}
    assert ratios["B"]["time_ratio_low"] < 2 < ratios["B"]["time_ratio_high"]
    assert ratios["Q"]["time_ratio_high"] < 0.2
    assert ratios["R"]["time_ratio"] is None
    assert "1 group has no time ratio: of fewer than 5 ends none is told, or no model could be fitted." in texts(answer, Caveat)


def test_ends_compete() -> None:
    """The shares of those paid and cancelled are told beside those that still run."""
    answer = open_cases(log(processed(), card=CARD))
    assert [record["outcome"] for record in answer.ends] == ["paid", "cancelled"]
    assert 0.85 < answer.ends[0]["incidence"] / sum(record["incidence"] for record in answer.ends) < 0.95


def test_what_is_open_now_and_will_be_late() -> None:
    """Running cases past the limit are late, the others with their chance; their money is told with them."""
    answer = open_cases(log(processed(), card=Card(outcomes=CARD.outcomes)), late="15d")
    assert answer.forecast is not None
    ages = [time for time, ended in zip(answer.rows.column("time"), answer.rows.column("ended"), strict=True) if not ended]
    assert answer.forecast.running == len(ages)
    assert answer.forecast.already == sum(int(str(age)) >= 15 * DAY for age in ages)
    assert answer.forecast.late.low is not None
    assert answer.forecast.already <= answer.forecast.late.low < answer.forecast.late.value
    assert answer.open_now is not None
    assert [one.late.value for one in answer.open_now.money.values()] == [pytest.approx(100 * answer.forecast.late.value)]
    facts = next(block for block in answer.view().blocks if isinstance(block, Facts))
    assert facts.title == "What is open now, late from 15 d on"
    assert "When the log was extracted is not declared" in " ".join(texts(answer, Caveat))


def test_the_limit_is_where_nine_of_ten_have_ended() -> None:
    """Without a limit a case is late once it takes longer than nine of ten; a limit that is no time is refused."""
    read = log(processed(), card=CARD)
    answer = open_cases(read)
    times, ended = np.array(answer.rows.column("time"), dtype=float), np.array(answer.rows.column("ended"))
    assert answer.forecast is not None
    assert answer.forecast.limit == survivor_curve(times, ended).quantile(0.9)
    for late in ("soon", "0d"):
        with pytest.raises(UnreadableLimit):
            open_cases(read, late=late)


def test_few_ends_tell_no_median() -> None:
    """Where less than half has ended the answer says so."""
    answer = open_cases(log(STUCK, card=CARD))
    assert texts(answer, Headline)[0] == "Less than half of 5 cases have ended so far; a median cannot be told."


def test_without_end_activities_nothing_is_told() -> None:
    """Nobody can say which cases still run, and the answer says what to declare."""
    answer = open_cases(log("a: submit@0h, pay@1d"))
    assert answer.records() == ()
    assert "[outcomes]" in texts(answer, Caveat)[0]
    assert not [block for block in answer.view().blocks if isinstance(block, Definition)]


def test_the_open_invoices_of_the_sample() -> None:
    """As many cases run as were planted, and each outcome has the number of its planted cases; placeholders for dates stretch nothing."""
    answer = open_cases(finmine.read(SAMPLES / "invoices.csv"))
    (found,) = answer.records()
    assert abs(found["running"] - planted("invoices", "running")["cases"]) <= 1
    assert {record["outcome"]: record["cases"] for record in answer.ends}["credited"] == planted("invoices", "credited")["cases"]
    assert found["restricted_mean"] < 60 * DAY


def due_log(currencies: tuple[str, ...] = ("EUR",)) -> EventLog:
    """Cases that are due on the tenth or the thirtieth day after they begin and are paid from six days before that day's end to six after; seen until day 60."""
    rng = np.random.default_rng(7)
    rows: list[Event] = []
    for case in range(300):
        begins, days = case % 60, (10, 30)[case % 2]
        facts = {"case": f"c{case:03}", "amount": "100.00", "currency": currencies[case % len(currencies)]}
        facts["due_date"] = "" if case % 10 == 9 else f"{date(2024, 1, 1) + timedelta(days=begins + days)}"
        paid = begins + days + 1 + float(rng.uniform(-6, 6))
        rows.append({**facts, "activity": "submit", "timestamp": ORIGIN + begins * DAY})
        if paid < 60:
            rows.append({**facts, "activity": "pay", "timestamp": ORIGIN + round(paid * DAY)})
    card = replace(CARD, zone="UTC", attributes={"due_date": "due_date"})
    return log(rows, card=replace(card, extracted=datetime(2024, 3, 1, tzinfo=UTC)))


def test_what_will_be_late_by_its_due_date() -> None:
    """On the clock that runs to the due date, the chance of each running case is the product over the ends to come of those that then go on."""
    answer = open_cases(due_log(), late="due")
    assert answer.forecast is not None
    cases = [(int(str(one["past_due"])), int(str(one["time"])), bool(one["ended"])) for one in answer.rows.records() if one["past_due"] is not None]
    running = [past for past, _, ended in cases if not ended]
    assert answer.forecast.running == len(running)
    assert answer.forecast.already == sum(past >= 0 for past in running)
    first = min(at for at, _, ended in cases if ended and sum(past - time < at <= past for past, time, _ in cases) >= 10)
    expected = 0.0
    for age in running:
        chance = 1.0
        for at in sorted(past for past, _, ended in cases if ended and first <= past and age < past <= 0):
            chance *= 1 - 1 / sum(past - time < at <= past for past, time, _ in cases)
        expected += chance
    assert answer.forecast.late.value == pytest.approx(expected)
    assert next(block for block in answer.view().blocks if isinstance(block, Facts)).title == "What is open now, late after the due date"
    undated = sum(not one["ended"] and one["past_due"] is None for one in answer.rows.records())
    assert f"{undated} running cases have no due date" in " ".join(texts(answer, Caveat))
    assert "--late due tells which will not have ended by theirs" in " ".join(texts(open_cases(due_log()), Caveat))
    with pytest.raises(NoDueDates):
        open_cases(log(processed(), card=CARD), late="due")


def test_money_that_will_be_late_is_told_in_each_currency() -> None:
    """In two currencies each has its sum and none is added; in one the sentence says it, with its interval."""
    both = open_cases(due_log(("EUR", "USD")), late="due")
    assert both.open_now is not None
    assert set(both.open_now.money) == {"EUR", "USD"}
    for currency, told in both.open_now.money.items():
        alone = open_cases(both.about.log.keep_cases(finmine.attribute_is("currency", currency)), late="due").open_now
        assert alone is not None
        assert told.late.value == pytest.approx(alone.money[currency].late.value) == pytest.approx(100 * alone.forecast.late.value)
    facts = next(block for block in both.view().blocks if isinstance(block, Facts))
    assert [name for name, *_ in facts.facts if "expected (" in name] == ["Late amount, expected (EUR)", "Late amount, expected (USD)"]
    said = r"cases that still run and have a due date, about .* will be late, [\d,]+\.\d\d EUR \([\d,]+\.\d\d to [\d,]+\.\d\d\) of [\d,]+\.\d\d EUR; \d+ already are\.$"
    assert re.search(said, texts(open_cases(due_log(), late="due"), Headline)[-1])
    assert texts(open_cases(due_log(), late="300d"), Headline)[-1].endswith("none is yet.")
    beyond = open_cases(log(STUCK, card=CARD), late="30d")
    assert "Nobody can say of 4 running cases how it goes on: no case was watched for so long." in " ".join(texts(beyond, Caveat))


def test_groups_of_fewer_than_five_cases_have_no_number() -> None:
    """Of 104 vendors with a case or two each none is told, and the two large groups stay; no time shrinks to that of a vendor with one case."""
    rows = processed()
    rows += [
        {"case": f"x{each}", "vendor": f"v{each}", "activity": step, "timestamp": ORIGIN + each * DAY + HOUR * (step == "pay")}
        for each in range(104)
        for step in ("submit", "pay")
    ]
    answer = open_cases(log(rows, card=CARD), by="vendor")
    assert {record["group"] for record in answer.records()} == {"A", "B"}
    assert answer.horizon > 20 * DAY
    assert "104 groups of fewer than 5 cases are in no number of a group." in texts(answer, Caveat)


def test_ends_and_those_that_still_run_are_all_at_every_time() -> None:
    """In the table and at every point of the curve the shares add up to one; among the finished cases alone the quick end has too large a share."""
    rng = np.random.default_rng(2)
    rows: list[Event] = [{"case": "last", "activity": "pay", "timestamp": ORIGIN + 60 * DAY}]
    for case in range(600):
        begins, quick = float(rng.uniform(0, 60)), case % 4 == 0
        took = float(rng.uniform(0, 4)) if quick else float(rng.uniform(10, 40))
        rows.append({"case": f"c{case:03}", "activity": "submit", "timestamp": ORIGIN + round(begins * DAY)})
        if begins + took <= 60:
            rows.append({"case": f"c{case:03}", "activity": "cancel" if quick else "pay", "timestamp": ORIGIN + round((begins + took) * DAY)})
    answer = open_cases(log(rows, card=CARD))
    shown = answer.ended.table("Ends")
    assert sum(float(str(row[2])) for row in shown.rows) == pytest.approx(1)
    assert sum(int(str(row[1])) for row in shown.rows) == 601
    assert shown.rows[-1][0] == "(still runs)"
    drawn = answer.ended.curve("Ends")
    assert drawn.lines == ("ended_1", "ended_2", "ended_3")
    for row in drawn.table.rows:
        assert sum(float(str(share)) for share in row[1:]) == pytest.approx(1)
    (cancelled,) = (one for one in answer.ends if one["outcome"] == "cancelled")
    assert cancelled["incidence"] == pytest.approx(0.25, abs=0.02)
    assert cancelled["finished_share"] > 0.33


def test_many_ends_are_drawn_together_and_add_up() -> None:
    """Of nine ways to end the rarer are one line, and each point still adds up to one."""
    kinds = [f"end {kind}" for kind in range(9)]
    text = "\n".join(f"c{case}: submit@0h, {kinds[min(case % 13, 8)]}@{1 + case}h" for case in range(60))
    answer = open_cases(log(text, card=Card(outcomes={kind: (kind,) for kind in kinds})))
    drawn = answer.ended.curve("Ends")
    assert [column.title for column in drawn.table.columns[1:]] == ["end 8", "end 0", "end 1", "end 2", "(other ends)", "(still runs)"]
    assert all(sum(float(str(share)) for share in row[1:]) == pytest.approx(1) for row in drawn.table.rows)


def test_the_difference_to_the_finished_cases_alone_is_told() -> None:
    """How much longer the mean is with the cases that still run is a sentence and a column."""
    answer = open_cases(log(processed(), card=CARD))
    (found,) = answer.records()
    assert found["mean_added"] == found["restricted_mean"] - found["finished_mean"] > 0
    assert " longer." in texts(answer, Headline)[1]
    assert "Difference of means" in answer.to_text(240)


def test_money_that_goes_with_time_is_forecast_by_its_own_curve() -> None:
    """Where large amounts take longer, more of the money than of the cases will be late; how much is open is said."""
    rng = np.random.default_rng(3)
    rows: list[Event] = []
    owed, late = 0.0, 0.0
    for case in range(900):
        begins, large = float(rng.uniform(0, 60)), case % 3 == 0
        took, money = (20 if large else 5) * float(rng.weibull(1.5)), 900 if large else 100
        rows.append({"case": f"c{case:03}", "activity": "submit", "timestamp": ORIGIN + round(begins * DAY), "amount": f"{money}.00"})
        if begins + took <= 60:
            rows.append({**rows[-1], "activity": "pay", "timestamp": ORIGIN + round((begins + took) * DAY)})
        else:
            owed, late = owed + money, late + money * (took > 15)
    read = log(rows, card=Card(outcomes=CARD.outcomes, extracted=datetime(2024, 3, 1, tzinfo=UTC)))
    answer = open_cases(read, late="15d")
    assert answer.open_now is not None
    (found,) = answer.open_now.money.values()
    assert found.owed == owed
    assert found.late.low is not None
    assert found.late.high is not None
    assert found.late.low < late < found.late.high
    assert found.late.value / owed > 1.02 * answer.open_now.forecast.late.value / answer.open_now.forecast.running
    names = [name for name, *_ in next(block for block in answer.view().blocks if isinstance(block, Facts)).facts]
    assert [name.split(" (")[0] for name in names[5:7]] == ["Amount that is open", "Amount already late"]


def test_a_currency_of_few_ends_is_told_by_all_cases() -> None:
    """Of five cases in another currency that still run and none of which ended, the chance is that of all, and that is said."""
    rows = processed()
    rows = [{**row, "currency": "EUR"} for row in rows]
    rows += [
        {"case": f"u{case}", "activity": "submit", "timestamp": ORIGIN + 55 * DAY, "amount": "10.00", "currency": "USD", "vendor": "A"}
        for case in range(5)
    ]
    answer = open_cases(log(rows, card=CARD), late="15d")
    assert answer.open_now is not None
    assert answer.open_now.by_all == ("USD",)
    assert 0 < answer.open_now.money["USD"].late.value < 50
    assert "Fewer than 30 cases with money in USD have ended, or none was watched for so long" in " ".join(texts(answer, Caveat))


def test_where_no_tenth_is_left_to_end_no_limit_is_told() -> None:
    """Where nine of ten have not ended in any time that was seen, nothing is late yet, and the answer says how to name a limit."""
    answer = open_cases(log(STUCK, card=CARD))
    assert answer.open_now is None
    assert "say --late 30d" in " ".join(texts(answer, Caveat))


def test_without_end_activities_those_that_stand_last_are_named() -> None:
    """Which activities may be the ends is told, most cases first, after the table of times, which is empty."""
    answer = open_cases(log("a: submit@0h, pay@1d\nb: submit@0h, pay@2d\nc: submit@0h"))
    said = answer.to_text(120)
    assert answer.lasts is not None
    assert [(one["activity"], one["cases"]) for one in answer.lasts.records()] == [("pay", 2), ("submit", 1)]
    assert "some of which may be their end" in said
    assert answer.to_csv().count("\n") == 1


def test_cases_that_had_ended_and_went_on_are_told_before_what_is_open() -> None:
    """Of two paid cases with a later unit one has its stamp after the extraction: both run by their last activity, and that is said with their money."""
    rows = processed(40)
    for name, day in (("early", 20), ("planned", 90)):
        facts = {"case": name, "vendor": "A", "amount": "-30.00"}
        rows += [{**facts, "activity": activity, "timestamp": ORIGIN + at * DAY} for activity, at in (("submit", 1), ("pay", 5), ("submit", day))]
    extracted = datetime.fromtimestamp((ORIGIN + 60 * DAY) / 1e6, UTC)
    answer = open_cases(log([{**row, "currency": "EUR"} for row in rows], card=replace(CARD, extracted=extracted)))
    (said,) = (text for text in texts(answer, Caveat) if "had come to an end" in text)
    running = answer.records()[0]["running"]
    assert said.startswith(
        f"Of {running} cases that still run, 2 (60.00 EUR) had come to an end and have a later unit; 1 is stamped after the extraction."
    )
    assert not any("had come to an end" in text for text in texts(open_cases(log(processed(40), card=CARD)), Caveat))


def test_fewer_than_five_cases_have_no_number_and_fewer_than_thirty_a_caveat() -> None:
    """Four cases tell nothing; of ten that is said."""
    four = open_cases(log(processed(3), card=CARD))
    assert (four.records(), texts(four, Headline), four.curve.rows, four.open_now) == ((), [], (), None)
    assert texts(four, Caveat)[1] == "Only 4 cases have a known time; of fewer than 5 nothing is told."
    assert "Only 10 cases have a known time." in texts(open_cases(log(processed(9), card=CARD)), Caveat)


def test_where_no_case_has_ended_no_time_is_told() -> None:
    """The longest time that was seen is no mean, and has no interval."""
    answer = open_cases(log([row for row in processed(40) if row["activity"] == "submit"], card=CARD))
    (found,) = answer.records()
    assert {found[name] for name in ("open_median", "restricted_mean", "restricted_low", "restricted_high", "mean_added")} == {None}
    assert texts(answer, Headline)[0] == "None of 40 cases has ended so far; no time can be told."
