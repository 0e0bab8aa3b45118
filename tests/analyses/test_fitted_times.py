"""Fitted time equations: planted unit times recovered from recorded starts and from the capacity of months, and what cannot be fitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from tests.answers import texts

from finmine.analyses.costs import Costs, costs
from finmine.analyses.path_costs import path_costs
from finmine.card import Card
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.errors import UnknownWord
from finmine.finance.capacity import Capacity
from finmine.finance.labour import LabourRate
from finmine.finance.time_equation import Driver, TimeEquation
from finmine.relations.paid_time import DECLARED, FITTED, RECORDED
from finmine.relations.time_equations import MONTHS, RECORDS, CollinearDrivers, TooFewTimes
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Definition, Table
from finmine.words import DAY, HOUR, MINUTE, SECOND

POST = TimeEquation("post", (Driver("lines"), Driver("currency_of", "USD")))
EACH, LINES, FOREIGN = 4 * MINUTE, 90 * SECOND, 6 * MINUTE
RATES = MoneyOfTime(labour=(LabourRate("role", "clerk", Decimal(60), "EUR"),))
CARD = Card(zone="UTC", money=RATES, costs=CostFacts(equations=(POST,)))


def posted(started: float, cases: int = 120, noise: float = 0.0) -> list[Event]:
    """Cases that are posted once, with a start for a share of them; their lines and currency drive the time, and of every fortieth nobody knows the lines."""
    rng, rows = np.random.default_rng(3), list[Event]()
    for case in range(cases):
        lines, foreign = int(rng.integers(1, 12)), bool(rng.random() < 0.3)
        time = EACH + LINES * lines + FOREIGN * foreign + round(noise * MINUTE * float(rng.normal()))
        row: Event = {"case": f"c{case:03}", "activity": "post", "timestamp": ORIGIN + case * HOUR, "role": "clerk", "resource": f"r{case % 7}"}
        row |= {"lines": "" if case % 40 == 39 else str(lines), "currency_of": "USD" if foreign else "EUR"}
        rows.append(row | ({"start": ORIGIN + case * HOUR - time} if rng.random() < started else {}))
    return rows


@cache
def of_starts() -> Costs:
    """The costs where two thirds of the starts are recorded, with a little noise."""
    return costs(log(posted(0.66, 240, 0.5), card=CARD))


def test_planted_times_come_back_from_recorded_starts() -> None:
    """The times of each unit, each line and a foreign currency lie within a few seconds of those planted, and the answer says of how many and how well."""
    found = of_starts().work.fitted
    assert found is not None
    (one,) = found.equations
    assert (one.source, len(one.times)) == (RECORDS, 3)
    for time, planted in zip(one.times, (EACH, LINES, FOREIGN), strict=True):
        assert abs(time - planted) < 15 * SECOND
    rest = of_starts().basis.records()[0]
    assert one.fit.observations == sum(1 for row in posted(0.66, 240) if "start" in row and row["lines"])
    assert one.fit.r_squared is not None
    assert one.fit.r_squared > 0.97
    assert abs(one.fit.error - 0.5 * MINUTE) < 0.1 * MINUTE
    assert rest[RECORDED] + rest[FITTED] + rest["no time known"] == 240
    assert rest["no time known"] == sum(1 for row in posted(0.66, 240) if "start" not in row and not row["lines"])


def test_what_was_fitted_stands_in_the_answer() -> None:
    """Each term with its time, what it is fitted to, of how many observations and how well; units without a driver are counted among those without time."""
    tables = {block.title: block for block in of_starts().view().blocks if isinstance(block, Table)}
    rows = tables["Fitted time equations"].rows
    assert [row[1] for row in rows] == ["each unit", "lines", "currency_of = USD"]
    assert {row[3] for row in rows} == {RECORDS}
    assert any("to which a rate applies cost no labour here" in text for text in texts(of_starts(), Caveat))
    assert "recorded times by drivers" in of_starts().answers()
    assert any("scipy.optimize.nnls" in line for line in of_starts().looked_up())


def test_fitted_times_are_what_their_units_cost() -> None:
    """Without noise a unit without a start costs what its drivers say at the rate, to the millionth, as in `path-costs`, too."""
    rows = posted(0.66)
    answer = costs(log(rows, card=CARD), level="case", most=200)
    told = {record["case"]: record["cost"] for record in answer.records()}
    for row in rows:
        if row["lines"]:
            time = EACH + LINES * int(str(row["lines"])) + FOREIGN * (row["currency_of"] == "USD")
            assert abs(told[str(row["case"])] - Decimal(time) / MINUTE) <= Decimal("0.005")
    assert path_costs(log(rows, card=CARD)).every()["cost"] == answer.whole.records()[0]["cost"]


def test_declared_equations_are_what_their_units_cost_and_the_standard() -> None:
    """To the millionth, told as declared and never fitted; a unit without its driver is counted; against itself as the standard nothing differs."""
    rows = posted(0.0)
    card = replace(CARD, costs=CostFacts(equations=(replace(POST, times=(EACH, LINES, FOREIGN)),)))
    answer, expected = costs(log(rows, card=card), base="standard"), [row for row in rows if row["lines"]]
    times = [EACH + LINES * int(str(row["lines"])) + FOREIGN * (row["currency_of"] == "USD") for row in expected]
    assert answer.work.fitted is None
    assert not answer.work.unmet
    assert "post: 4min for each unit, 1min 30s for lines, 6min for currency_of = USD" in texts(answer, Definition)
    assert answer.whole.records()[0]["cost"] == Decimal(sum(times)) / MINUTE
    rest = answer.basis.records()[0]
    assert (rest[DECLARED], rest["no time known"]) == (len(expected), len(rows) - len(expected))
    assert answer.variance is not None
    assert answer.variance.whole()["base_cost"] == answer.variance.whole()["actual_cost"] == answer.whole.records()[0]["cost"]
    started = costs(
        log(posted(1.0), card=card), base="standard"
    )  # recorded times count, and are laid against the declared ones of units with drivers
    assert started.basis.records()[0][RECORDED] == len(rows)
    assert started.variance is not None
    assert started.variance.whole()["time_variance"] == 0
    assert f"{len(rows) - len(expected)} instances with a cost have no declared unit time, and are in neither side." in texts(started, Caveat)


def test_a_declared_driver_that_the_log_does_not_have_is_told() -> None:
    """A value that does not occur, and an attribute that is no number, of which no unit has a time."""
    drivers = (Driver("currency_of", "usd"), Driver("resource"))
    answer = costs(log(posted(0.0, 20), card=replace(CARD, costs=CostFacts(equations=(TimeEquation("post", drivers, (EACH, LINES, LINES)),)))))
    assert answer.work.unmet == ("currency_of = usd of post", "resource of post")
    assert any(text.startswith("No event has any of currency_of = usd of post, resource of post: ") for text in texts(answer, Caveat))
    assert answer.basis.records()[0]["no time known"] == 20


@pytest.mark.parametrize("number", ["170000", "5105600000", "999999999999", "99999999999999"])
def test_a_number_that_is_no_quantity_gives_no_time(number: str) -> None:
    """A unit that would take more than 10,000 days, as by the number of a document, has no time; the others have theirs."""
    rows = [{**row, "lines": number if place else "2"} for place, row in enumerate(posted(0.0, 5))]
    equation = TimeEquation("post", (Driver("lines"),), (0, 100 * DAY))
    rest = costs(log(rows, card=replace(CARD, costs=CostFacts(equations=(equation,))))).basis.records()[0]
    assert (rest[DECLARED], rest["no time known"]) == (1, 4)


def in_months(alike: bool = False) -> list[Event]:
    """Twelve months in which a clerk enters, checks and posts, of each another number; or always as many of each."""
    rng, rows = np.random.default_rng(8), list[Event]()
    for month in range(12):
        some = int(rng.integers(5, 20))
        volumes = {activity: some if alike else int(rng.integers(5, 20)) for activity in ("enter", "check", "post")}
        first = datetime(2024, month + 1, 1, 9, tzinfo=UTC)
        for activity, volume in volumes.items():
            for place in range(volume):
                spot = _micros(first) + 27 * DAY * place // volume
                rows.append({"case": f"{month}-{activity}-{place}", "activity": activity, "timestamp": spot, "role": "clerk"})
    rows.append({"case": "end", "activity": "close", "timestamp": _micros(datetime(2024, 12, 31, 23, tzinfo=UTC)), "role": "none"})
    return rows


def _micros(at: datetime) -> int:
    return round(at.timestamp()) * SECOND


PLANTED = {"enter": 11 * MINUTE, "check": 25 * MINUTE, "post": 7 * MINUTE}


def capacity(rows: list[Event]) -> tuple[Capacity, ...]:
    """What the clerk is paid for in each month: exactly what the planted times take, of which four fifths are practical."""
    parts = []
    for month in range(1, 13):
        begin = datetime(2024, month, 1, tzinfo=UTC)
        end = (begin + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        within = [row for row in rows if _micros(begin) <= row["timestamp"] < _micros(end) + DAY]
        taken = sum(PLANTED.get(str(row["activity"]), 0) for row in within)
        hours = (Decimal(taken) / HOUR / Decimal("0.8")).quantize(Decimal("0.000001"))
        parts.append(Capacity("role", "clerk", hours, since=begin.date(), until=end.date()))
    return tuple(parts)


def test_planted_times_come_back_from_the_capacity_of_months() -> None:
    """Where only totals are known three activities are fitted together: each within a second of its planted time, one declared time is taken off first."""
    rows = in_months()
    equations = tuple(TimeEquation(activity) for activity in PLANTED)
    card = Card(zone="UTC", money=RATES, costs=CostFacts(capacity=capacity(rows), equations=equations))
    found = costs(log(rows, card=card)).work.fitted
    assert found is not None
    assert {one.equation.activity: one.source for one in found.equations} == dict.fromkeys(PLANTED, MONTHS)
    assert all(abs(one.times[0] - PLANTED[one.equation.activity]) < SECOND for one in found.equations)
    assert {one.fit.observations for one in found.equations} == {12}
    less = replace(card, costs=CostFacts({"check": PLANTED["check"]}, capacity=capacity(rows), equations=(equations[0], equations[2])))
    answer = costs(log(rows, card=less))
    assert answer.work.fitted is not None
    assert all(abs(one.times[0] - PLANTED[one.equation.activity]) < SECOND for one in answer.work.fitted.equations)
    assert any("are fitted to the practical capacity of months: they take all of it for used" in text for text in texts(answer, Caveat))


def test_what_cannot_be_fitted_is_refused() -> None:
    """Too few starts without capacity, too few months, activities that rise and fall together, a driver that never occurs, and an attribute that is not there."""
    with pytest.raises(TooFewTimes, match="no starts, and no \\[\\[capacity\\]\\] of those who do the work"):
        costs(log(posted(0.05, 60), card=CARD))
    rows = in_months(alike=True)
    alike = CostFacts(capacity=capacity(rows), equations=(TimeEquation("enter"), TimeEquation("post")))
    with pytest.raises(CollinearDrivers, match=r"enter \(each unit\) and post \(each unit\) rise and fall together"):
        costs(log(rows, card=Card(zone="UTC", money=RATES, costs=alike)))
    many = replace(alike, equations=tuple(TimeEquation(activity, (Driver("resource"),)) for activity in PLANTED))
    with pytest.raises(TooFewTimes, match="6 terms of .* at least 18 observations, and there are 12 months of capacity"):
        costs(log([{**row, "resource": "1"} for row in rows], card=Card(zone="UTC", money=RATES, costs=many)))
    never = replace(CARD, costs=CostFacts(equations=(TimeEquation("post", (Driver("currency_of", "JPY"),)),)))
    with pytest.raises(CollinearDrivers, match="currency_of = JPY does not occur there"):
        costs(log(posted(0.9, 60), card=never))
    with pytest.raises(UnknownWord, match="lines"):
        costs(log(posted(0.9, 30), card=replace(CARD, costs=CostFacts(equations=(TimeEquation("post", (Driver("line"),)),)))))
