"""What if: exact for times, honest about routes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from tests.answers import SAMPLES, texts
from tests.brute_force import ordered, started
from tests.strategies import logs

import finmine
from finmine.analyses.what_if import WhatIf, what_if
from finmine.card import Card
from finmine.changed_times import TooFast
from finmine.filters.changes import EndUnreachable, NoRouteLeft, NoSuchStep
from finmine.testing import ORIGIN, Event, events, log
from finmine.view import Caveat, Headline
from finmine.words import DAY, HOUR, MINUTE

HISTORY = "\n".join(
    [f"s{case}: check@0h, easy@7h 15m" for case in range(12)] + [f"h{case}: check@0h, rework@3h, check@4h, hard@16h 36m" for case in range(5)]
)
"""Whoever was reworked goes on the hard way, which takes longer."""


def means(answer: WhatIf) -> dict[str, float | None]:
    """The mean throughput time of each scenario, in hours."""
    return {one.name: None if one.mean is None else one.mean / HOUR for one in answer.scenarios()}


@settings(max_examples=8)
@given(logs(cases=6, starts=True))
def test_the_mean_is_that_of_the_cases(rows: list[Event]) -> None:
    """With ties, starts and loops: the chain as it is has the mean throughput time of the cases, to one in 10⁹, and every step its share of it."""
    cases = ordered(rows)
    answer = what_if(log(rows))
    mean = sum(units[-1]["timestamp"] - started(units) for units in cases.values()) / len(cases)
    assert answer.prospects[None].now.mean == pytest.approx(mean, rel=1e-9, abs=1e-3)
    assert sum(record["total"] for record in answer.rows.records()) == round(mean * len(cases))


def test_faster_steps_are_exact() -> None:
    """Of two cases one waits 10 h for approval and 20 h for pay, the other 30 h for pay: pay at half the time saves 12.5 h on average."""
    read = log("i1: submit@0h, approve@10h, pay@30h\ni2: submit@0h, pay@30h")
    answer = what_if(read, change=("'pay' 50% faster",))
    assert means(answer) == {"as it is": 30, "with the times changed": 17.5}
    assert [record["difference_time"] for record in answer.records()] == [-7.5 * HOUR, -5 * HOUR]
    assert texts(answer, Headline) == ["Cases would take 17 h 30 min on average instead of 1 d 6 h, 41.7 % less, if 'pay' 50% faster."]
    both = what_if(read, change=("'approve' -> 'pay' 5h faster", "'approve' -> 'pay' 50% faster", "'submit' -> 'approve' takes 2d"))
    assert means(both)["with the times changed"] == pytest.approx((48 + 7.5 + 30) / 2)


def test_what_depends_on_history_is_shown_both_ways() -> None:
    """Without rework the chain says 8.82 h, since it lets others go the hard way; the cases without it took 7.25 h, and the chain of pairs knows."""
    answer = what_if(log(HISTORY), change=("'check' -> 'rework' removed",))
    found = means(answer)
    assert found["with the routes changed, by the chain"] == pytest.approx(150 / 17)
    assert found["with the routes changed, by the chain of pairs"] == pytest.approx(7.25)
    assert found["observed: 12 cases that never took them"] == pytest.approx(7.25)
    assert "8 h 49 min on average" in texts(answer, Headline)[0]
    assert any("is an approximation" in text for text in texts(answer, Caveat))
    assert any("Queues are not in it" in text for text in texts(answer, Caveat))
    assert "8 h 49 min" in answer.to_text()


def test_routes_and_times_together() -> None:
    """The times are changed first, exactly; then the routes, by the chain."""
    answer = what_if(log(HISTORY), change=("'easy' takes 10h", "'check' -> 'rework' 50% rarer"))
    found = means(answer)
    assert found["with the times changed"] == pytest.approx((12 * 10 + 5 * 16.6) / 17)
    # of 22 at check 5 went to rework: 2.5 of 22 now; the others share the rest 12 to 5
    visits = 1 / (1 - 2.5 / 22)
    stay = 19.5 / 22
    assert found["with the routes changed, by the chain"] == pytest.approx(visits * (2.5 / 22 * 4 + stay * (12 / 17 * 10 + 5 / 17 * 12.6)))


def test_each_step_says_what_it_could_save() -> None:
    """Without a change: half of each step's time, and for exceptions what it would save to avoid them."""
    answer = what_if(log(HISTORY))
    saved = {(row["source_activity"], row["target_activity"]): (row["halved"], row["avoided"]) for row in answer.records()}
    assert saved["check", "easy"] == (round(12 * 7.25 * HOUR / 17 / 2), None)
    now = (12 * 7.25 + 5 * 16.6) / 17
    assert saved["check", "rework"] == (round(5 * 3 * HOUR / 17 / 2), pytest.approx((now - 150 / 17) * HOUR, abs=1))
    assert texts(answer, Headline)[0].startswith("If no case went check → rework, cases would take about")


def test_groups_have_their_own_flow() -> None:
    """By vendor each group has its mean and its change; a step is looked up in the log, and changed where it is taken."""
    read = log("i1 {vendor=A}: a@0h, b@4h\ni2 {vendor=B}: a@0h, c@6h\ni3 {vendor=B}: a@0h, b@2h")
    answer = what_if(read, change=("'a' -> 'b' 50% faster",), by="vendor")
    assert [(one.group, one.name, one.mean) for one in answer.scenarios()] == [
        ("A", "as it is", 4 * HOUR),
        ("A", "with the times changed", 2 * HOUR),
        ("B", "as it is", 4 * HOUR),
        ("B", "with the times changed", pytest.approx(3.5 * HOUR)),
    ]
    assert [row["group"] for row in answer.records()] == ["A", "B"]
    assert answer.cases(1).rows.column("case") == ("i3",)


def test_what_cannot_be_is_refused() -> None:
    """Steps that no case takes, less than no time, a flow that never ends, routes that do not add up."""
    read = log("i1: a@0h, b@1h, a@2h, b@3h\ni2: a@0h, b@30m")
    for words, refusal, said in (
        ("'b' -> 'b' removed", NoSuchStep, "no case takes"),
        ("'a' -> 'b' 2d faster", TooFast, "takes 50 min on average"),
        ("'b' -> end removed", EndUnreachable, "never ends"),
        ("'a' -> 'b' removed", EndUnreachable, "'a' never ends"),
        ("'a' -> 'b' 30% rarer", NoRouteLeft, "out of a can no longer add up"),
        ("'b' -> end 70% more often", NoRouteLeft, "out of b can no longer add up"),
    ):
        with pytest.raises(refusal, match=said):
            what_if(read, change=(words,))


def test_running_cases_are_said() -> None:
    """Cases that still run end with their last unit, which the answer says."""
    answer = what_if(log("i1: submit@0h, pay@5d\ni2: submit@1d, approve@2d", card=Card(outcomes={"paid": ("pay",)})))
    assert any(text.startswith("1 running case ends here") for text in texts(answer, Caveat))
    assert answer.prospects[None].now.mean == 3 * DAY


def test_a_planted_detour_costs_what_its_cases_took() -> None:
    """In the sample invoices the mean without blocking, by either chain, is within an hour of each other and less than it is now."""
    read = finmine.read(SAMPLES / "invoices.csv").keep_cases(finmine.throughput_is("<=", "365d"))
    found = means(what_if(read, change=("'Match invoice' -> 'Block invoice' removed",)))
    now, chain, pairs = (found[name] for name in list(found)[:3])
    assert now is not None
    assert chain is not None
    assert pairs is not None
    assert abs(chain - pairs) * HOUR < 60 * MINUTE
    assert chain < now


def test_wrong_dates_are_left_out_of_headlines() -> None:
    """A case with a placeholder of the year 1900 holds nearly all time: what is said first is of the others, and the filter named says the same."""
    placeholder = {"case": "bad", "activity": "scan", "timestamp": ORIGIN - 45_000 * DAY}
    read = log([placeholder, *events("\n".join([*(f"i{n}: submit@{n}d, pay@{n + 4}d" for n in range(10)), "bad: submit@2d, pay@4d"]))])
    answer = what_if(read, change=("'pay' 50% faster",))
    said = texts(answer, Caveat)[0]
    assert "lies in this case: headlines leave it out, all tables hold it" in said
    (headline,) = texts(answer, Headline)
    assert headline == "Wrong dates left out: cases would take 2 d on average instead of 4 d, 50.0 % less, if 'pay' 50% faster."
    kept = what_if(read.keep_cases(finmine.parse_filter(said.split("'")[1], keeps="cases")), change=("'pay' 50% faster",))
    assert headline.endswith(texts(kept, Headline)[0][1:])
    assert means(answer)["as it is"] == pytest.approx((10 * 4 + 45_004) * 24 / 11)
    assert texts(what_if(read, change=("'scan' -> 'submit' 50% faster",)), Headline)[0].startswith("Cases would take")


def test_an_empty_log_has_no_scenario() -> None:
    """When filters keep no case there is nothing to change."""
    answer = what_if(log("i1: a@0h, b@1h").keep_cases(finmine.has_no("a")))
    assert answer.records() == ()
    assert answer.scenarios() == ()
    assert answer.to_text()
