"""Open cases: how long cases take when those that still run count, and what of them will be late."""

from __future__ import annotations

import numpy as np
import pytest
from tests.answers import SAMPLES, planted, texts

import finmine
from finmine.analyses.open_cases import UnreadableLimit, open_cases
from finmine.card import Card
from finmine.stats.survival import survivor_curve
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Curve, Definition, Facts, Headline, Table
from finmine.words import DAY

CARD = Card(outcomes={"paid": ("pay",), "cancelled": ("cancel",)})


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
    assert answer.forecast.money.value == pytest.approx(100 * answer.forecast.late.value)
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
    answer = open_cases(log("a: submit@0h, pay@1d\nb: submit@0h\nc: submit@0h, check@3d", card=CARD))
    assert texts(answer, Headline)[0] == "Less than half of 3 cases have ended so far; a median cannot be told."


def test_without_end_activities_nothing_is_told() -> None:
    """Nobody can say which cases still run, and the answer says what to declare."""
    answer = open_cases(log("a: submit@0h, pay@1d"))
    assert answer.records() == ()
    assert "[outcomes]" in texts(answer, Caveat)[0]
    assert not [block for block in answer.view().blocks if isinstance(block, Table | Definition)]


def test_the_open_invoices_of_the_sample() -> None:
    """As many cases run as were planted, and each outcome has the number of its planted cases; placeholders for dates stretch nothing."""
    answer = open_cases(finmine.read(SAMPLES / "invoices.csv"))
    (found,) = answer.records()
    assert abs(found["running"] - planted("invoices", "running")["cases"]) <= 1
    assert {record["outcome"]: record["cases"] for record in answer.ends}["credited"] == planted("invoices", "credited")["cases"]
    assert found["restricted_mean"] < 60 * DAY
