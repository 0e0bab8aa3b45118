"""Drift: when the process changed, in what, and by how much."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import numpy as np
import pytest
from tests.answers import SAMPLES, planted, texts

import finmine
from finmine.analyses.drift import Drift, drift
from finmine.calendar_fit import NoCalendar
from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.errors import OutOfRange, UnknownWord
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Curve, Headline, Prose
from finmine.words import DAY, HOUR, day

CARD = Card(outcomes={"paid": ("pay",)})
CHANGE = 98  # Monday, 8 April 2024


def simulated(*, checked: float = 0.2, longer: float = 0.0, month_end: float = 0.0, weeks: int = 30, seed: int = 1) -> list[Event]:
    """Five cases on each day from Monday to Friday; a fifth of them is checked, and from the 15th week on another share, taking longer.

    With ``month_end`` the cases of the last days of a month take so many days more, four of five of them are checked, and there are twice as many.
    """
    rng = np.random.default_rng(seed)
    rows: list[Event] = []
    for at in range(7 * weeks):
        if at % 7 > 4:
            continue
        today = date.fromordinal(date(2024, 1, 1).toordinal() + at)
        closing = month_end > 0 and (today.replace(day=28).toordinal() - today.toordinal() < 1)
        for nth in range(10 if closing else 5):
            share = 0.8 if closing else checked if at >= CHANGE else 0.2
            took = 5 + float(rng.exponential(2)) + longer * (at >= CHANGE) + (month_end if closing else 0.0)
            begins = ORIGIN + at * DAY + 9 * HOUR + nth * HOUR // 10
            steps = [("submit", 0.0), *([("check", took / 2)] if rng.random() < share else []), ("pay", took)]
            rows += [
                {"case": f"c{at:03}-{nth}", "activity": activity, "timestamp": begins + round(after * DAY), "company": "AB"[nth % 2]}
                for activity, after in steps
            ]
    return rows


@cache
def changed() -> Drift:
    """The answer about a log in which three of five cases are checked from 8 April on, and take two days longer."""
    return drift(log(simulated(checked=0.6, longer=2.0), card=CARD), attributes=("company",))


def test_a_planted_change_has_its_date() -> None:
    """One change point, whose interval holds the day on which it was planted, with what changed and by how much."""
    answer = changed()
    (found,) = answer.records()
    assert found["change_low"] <= ORIGIN + CHANGE * DAY <= found["change_high"]
    assert abs(found["change"] - (ORIGIN + CHANGE * DAY)) <= 14 * DAY
    assert found["p_change"] == 0.001
    (told,) = answer.changes
    assert told.time is not None
    assert told.time.size.low < 2 * DAY < told.time.size.high  # type: ignore[operator]
    (check,) = told.shares
    assert {answer.names[check.feature]["exposure"] for check in told.shares} <= {"check", "submit → pay"}
    assert check.size.low < 0.4 < check.size.high  # type: ignore[operator]


def test_a_change_is_a_sentence() -> None:
    """A controller reads from when on, what share, before and after; and how much longer cases take, each with its interval."""
    shown = texts(changed(), Headline)
    since = day(int(changed().records()[0]["change"]))
    assert all(text.startswith(f"From {since} on (95 % interval 2024-0") for text in shown)
    assert "of the cases that arrive then half take" in shown[0]
    assert "a throughput time" in shown[0]
    assert "longer (95 % interval" in shown[0]
    alone = texts(drift(log(simulated(checked=0.6), card=CARD)), Headline)
    assert len(alone) == 1
    assert re.search(
        r", of the cases that arrive then 6\d\.\d % have check, before [12]\d\.\d %: 4\d\.\d points more\.$",
        alone[0],
    )


def test_a_month_end_is_no_drift() -> None:
    """Peaks at every month end, in number, time and checks, and no change: no change point."""
    answer = drift(log(simulated(month_end=6.0), card=CARD))
    assert answer.records() == ()
    assert texts(answer, Headline) == []
    assert "no change point beyond what chance gives to one log in twenty" in texts(answer, Prose)[1]


def test_a_change_among_month_ends_has_its_date() -> None:
    """With the same peaks and a planted change there is one change point, at its day."""
    (found,) = drift(log(simulated(checked=0.6, month_end=6.0), card=CARD)).records()
    assert found["change_low"] <= ORIGIN + CHANGE * DAY <= found["change_high"]


def test_weeks_that_differ_only_for_the_month_end_are_marked() -> None:
    """Against the week before a week with a month end differs, against the same working days a month before it does not."""
    weeks = drift(log(simulated(month_end=30.0, weeks=20), card=CARD)).weeks
    said = {one.differs_in for one in weeks}
    assert "period end" in said
    assert sum(one.differs_in not in ("", "period end") for one in weeks) <= 2


def test_the_lines_over_time_have_the_change_points() -> None:
    """The picture has a line for the share and one for the median, week by week, with a rule at each change."""
    (curve,) = [block for block in changed().view().blocks if isinstance(block, Curve)]
    assert curve.marks == tuple(int(one["change"]) for one in changed().records())
    assert len(curve.table.rows) == len(changed().weeks)
    assert sum(curve.table.column("cases")) == sum(changed().changes[0].cases)  # type: ignore[arg-type]
    assert "stroke-dasharray" in changed().to_svg()


def test_cases_behind_a_change_are_those_after_it() -> None:
    """Behind a change point stand the cases that arrived from that day on."""
    answer = changed()
    after = {str(label) for label in answer.cases(0).rows.column("case")}
    assert len(after) == answer.records()[0]["cases_after"]
    assert min(after) >= f"c{(int(answer.records()[0]['change']) - ORIGIN) // DAY:03}"


def test_cases_that_arrive_too_late_are_left_out() -> None:
    """Of the last cases only the quick ones have ended; they are left out and counted, and so are those that still run."""
    rows = simulated()
    last = max(event["timestamp"] for event in rows)
    rows = [event for event in rows if event["activity"] != "pay" or event["timestamp"] < last - 10 * DAY]
    answer = drift(log(rows, card=CARD))
    assert answer.records() == ()
    assert any(" left out: of those that arrived so late only the quick ones are known." in text for text in texts(answer, Caveat))
    assert any(text.endswith("not compared: how long they take is not known yet.") for text in texts(answer, Caveat))
    assert not answer.found.kept.all()


def test_a_mix_that_changes_is_found() -> None:
    """From 8 April on most cases are of company A: the value of the attribute is what changed."""
    rng = np.random.default_rng(3)
    cases = {event["case"]: "A" if rng.random() < (0.85 if event["case"] >= f"c{CHANGE:03}" else 0.4) else "B" for event in simulated()}
    answer = drift(log([{**event, "company": cases[event["case"]]} for event in simulated()], card=CARD), attributes=("company",))
    (found,) = answer.records()
    assert found["changed_most"] in ("company = A", "company = B")
    assert drift(log(simulated(), card=CARD)).records() == ()


def test_working_time_and_the_cards_working_days() -> None:
    """Told in working time, the shift is in working days, and period ends follow the card's calendar."""
    office = WorkingHours("office", (*((Shift(540, 1020),),) * 5, (), ()))
    card = Card(outcomes=CARD.outcomes, calendars={"office": office}, calendar_of=CalendarOf("office"))
    answer = drift(log(simulated(longer=3.0), card=card), clock="working")
    assert answer.found.calendar == "office"
    assert "working days" in texts(answer, Headline)[0]
    assert not any("No calendar is declared" in text for text in texts(answer, Caveat))


def test_few_weeks_tell_no_drift() -> None:
    """Below eight weeks no change is looked for, and that is said."""
    answer = drift(log(simulated(weeks=6), card=CARD))
    assert answer.records() == ()
    assert "below 8 weeks with cases no change is looked for." in texts(answer, Prose)[1]


def test_what_cannot_be_asked_is_refused() -> None:
    """An attribute that is not there, working time without a calendar, and a list of nothing."""
    read = log(simulated(weeks=2), card=CARD)
    with pytest.raises(UnknownWord):
        drift(read, attributes=("compny",))
    with pytest.raises(NoCalendar):
        drift(read, clock="working")
    with pytest.raises(OutOfRange):
        drift(read, most=0)


def test_the_planted_changes_of_the_sample_logs_have_their_dates() -> None:
    """Manual checks from July on show in the cases that arrive before and end after it; slower checks from September on in both."""
    invoices = finmine.read(SAMPLES / "invoices.csv")
    since = planted("invoices", "manual check")["parameters"]["since"]
    (arrived,) = drift(invoices).records()
    (ended,) = drift(invoices, order="end").records()
    assert arrived["changed_most"] == ended["changed_most"] == "Check invoice manually"
    assert day(arrived["change"], invoices.zone) < since < day(ended["change"], invoices.zone)
    approvals = drift(finmine.read(SAMPLES / "approvals.xes.gz"))
    (slower,) = approvals.records()
    since = planted("approvals", "slower check")["parameters"]["since"]
    assert day(slower["change_low"], approvals.about.log.zone) <= since <= day(slower["change_high"], approvals.about.log.zone)
    assert slower["changed_most"] == "throughput time"


@cache
def others_do_it() -> Drift:
    """The answer about a log in which from 8 April on a temp does half of the checks that Ann did, and nothing else changes."""
    rng, at = (
        np.random.default_rng(5),
        {event["case"]: (int(event["timestamp"]) - ORIGIN) // DAY for event in simulated() if event["activity"] == "submit"},
    )
    who = {case: "temp" if day >= CHANGE and rng.random() < 0.5 else "ann" for case, day in at.items()}
    rows = [{**event, "resource": who[event["case"]] if event["activity"] == "submit" else "bob"} for event in simulated()]
    return drift(log(rows, card=CARD, people="names"), hands="resource")


def test_who_does_the_work_is_looked_at() -> None:
    """The day on which others began to do it is found, with who does less and more; the first week of it differs in hands; without hands there is nothing."""
    (found,) = others_do_it().records()
    assert found["change_low"] <= ORIGIN + CHANGE * DAY <= found["change_high"]
    said = texts(others_do_it(), Headline)[0]
    assert re.search(r"on \(95 % interval .*\), of the cases that arrive then \d\d\.\d % are worked on by (ann|temp), before (100\.0|0\.0) %", said)
    assert [week.week for week in others_do_it().weeks if "hands" in week.differs_in] == [(CHANGE + 19_723 + 3) // 7]
    assert not [one for one in drift(log(simulated(), card=CARD)).records() if one["changed_most"] in ("ann", "temp")]


@pytest.mark.parametrize("seed", range(3))
def test_running_cases_at_the_end_are_no_drift(seed: int) -> None:
    """In a steady process with times of a long tail, of which the slow have not ended when the log is taken, no change is found at its end."""
    rng = np.random.default_rng(seed)
    rows: list[Event] = []
    for case in range(450):
        begins, took, again = float(rng.uniform(0, 210)), 8 * float(rng.lognormal()), rng.random() < 0.3
        for activity, after in (("submit", 0.0), ("check", took * 0.3), *([("again", took * 0.6)] if again else []), ("pay", took)):
            if begins + after <= 210:
                rows.append({"case": f"c{case:03}", "activity": activity, "timestamp": ORIGIN + round((begins + after) * DAY)})
    answer = drift(log(rows, card=replace(CARD, extracted=datetime(2024, 7, 29, tzinfo=UTC))))
    assert answer.changes == ()
    assert "that still run are not compared" in " ".join(texts(answer, Caveat))
    assert "only the quick ones are known" in " ".join(texts(answer, Caveat))
    assert "Change points\n(no rows)\n" in answer.to_text(120)
