"""Comparing two sides of a log."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.stats import fisher_exact
from tests.answers import SAMPLES, texts
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.compare import Compare, compare
from finmine.calendar_fit import NoCalendar
from finmine.card import Card
from finmine.errors import OutOfRange, UnknownWord
from finmine.sides import SecondAlone, SidesOverlap
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline, Map, Prose
from finmine.words import DAY, HOUR

CARD = Card(outcomes={"paid": ("pay",)})
A, B = "company = 'A'", "company = 'B'"


def companies(cases: int = 160, checked: tuple[float, float] = (0.8, 0.3), longer: float = 3, seed: int = 1) -> list[Event]:
    """Cases of companies A and B in turn: checked in these shares, those of B so many days longer; vendors of ten cases each."""
    rng = np.random.default_rng(seed)
    rows: list[Event] = []
    for case in range(cases):
        of_b = case % 2
        took = 10 + longer * of_b + float(rng.uniform(-2, 2))
        steps = [("submit", 0.0), *([("check", took / 2)] if rng.random() < checked[of_b] else []), ("pay", took)]
        facts = {"case": f"c{case:03}", "company": "AB"[of_b], "vendor": f"v{of_b}{case // 20}"}
        rows += [{**facts, "activity": activity, "timestamp": ORIGIN + case * DAY + round(after * DAY)} for activity, after in steps]
    return rows


def of(answer: Compare, measure: str) -> dict[str, object]:
    """The difference in one measure."""
    return next(dict(one) for one in answer.differences if one["measure"] == measure)


@cache
def answered() -> Compare:
    """Company A against the other one."""
    return compare(log(companies(), card=CARD), first=A)


def test_planted_differences_are_found() -> None:
    """A checks more and is three days faster: both are said with intervals that hold the truth, and paths lie apart beyond chance."""
    answer = answered()
    check = of(answer, "check")
    assert (check["share_first"], check["share_second"]) == (0.75, 0.3625)
    assert check["difference_low"] < 0.5 < check["difference_high"]  # type: ignore[operator]
    shift = answer.sided.shift
    assert shift is not None
    assert shift.size.low < -3 * DAY < shift.size.high  # type: ignore[operator]
    said = texts(answer, Headline)
    assert said[0].startswith("Half of 80 cases of the first side (company = 'A') take ")
    assert re.search(r"; the first goes with a throughput time 3 d shorter \(95 % interval .* to .*\)\.$", said[0])
    assert (
        said[1]
        == "check: 75.0 % of the cases of the first side (company = 'A'), 36.2 % of those of the second side (company != 'A'): 38.8 points more."
    )
    assert re.fullmatch(r"The paths of the two sides lie 0\.1\d\d apart, from 0 to 1 \(chance .* on average; permutation p 0\.005\)\.", said[2])
    assert answer.distance is not None
    assert answer.distance.apart.transport.distance == pytest.approx((0.75 - 0.3625) / 3)  # one of three activities in as many cases


def test_the_figures_are_those_of_the_halves() -> None:
    """Each side's figures are those that the other questions give for its cases alone, and the cases behind it are its own."""
    answer = answered()
    for place, side in enumerate(answer.records()):
        alone = answer.about.log.keep_cases(finmine.parse_filter((A, B)[place]))
        (times,) = (one for one in finmine.throughput_time(alone).records() if one["status"] == "finished")
        assert [side[name] for name in ("cases", "median", "median_low", "median_high")] == [
            times[name] for name in ("cases", "median", "median_low", "median_high")
        ]
        assert side["variants"] == len(finmine.variants(alone).records())
        assert set(answer.cases(place).rows.column("case")) == {f"c{case:03}" for case in range(place, 160, 2)}


@settings(max_examples=4)
@given(logs(cases=14))
def test_shares_are_those_of_plain_counting(rows: list[Event]) -> None:
    """Shares of cases with each activity and each pair, and their Fisher p-values, equal those of plain Python (oracle: scipy on the counts)."""
    answer = compare(log(rows), first="vendor = 'ACME'")
    paths = {case: [event["activity"] for event in events] for case, events in ordered(rows).items()}
    first = [next((event["vendor"] for event in events if event.get("vendor")), None) == "ACME" for events in ordered(rows).values()]
    sizes = [sum(side == one for side in first) for one in (True, False)]
    for one in answer.differences:
        names = answer.about.log.activity_names()
        source, target = (None if one[end] is None else names[one[end]] for end in ("source", "target"))
        having = [
            {"activity": source in path, "directly follows": (source, target) in pairwise(path), "rework": len(set(path)) < len(path)}.get(
                one["kind"], len(set(path)) == len(path)
            )
            for path in paths.values()
        ]
        hits = [sum(has and side == ours for has, side in zip(having, first, strict=True)) for ours in (True, False)]
        assert [one["share_first"], one["share_second"]] == [hit / size if size else None for hit, size in zip(hits, sizes, strict=True)]
        assert one["cases"] == sum(hits)
        if min(*sizes, sum(hits), len(first) - sum(hits)) < 5:
            assert one["p_difference"] is None
        else:
            table = [[hit, size - hit] for hit, size in zip(hits, sizes, strict=True)]
            assert one["p_difference"] == pytest.approx(fisher_exact(table).pvalue)


def test_a_log_compared_with_itself_shows_nothing() -> None:
    """Two companies that do exactly the same: no headline claims a difference, the distance is nought, and no edge is coloured."""
    rows = companies(checked=(0.5, 0.5), longer=0)
    twins = [{**event, "case": f"{name}-{event['case']}", "company": name} for event in rows for name in "AB"]
    answer = compare(log(twins, card=CARD), first=A)
    assert answer.distance is not None
    assert answer.distance.apart.transport.distance == pytest.approx(0, abs=1e-12)
    assert [one["share_difference"] for one in answer.differences if one["share_difference"]] == []
    assert "In none of them the sides differ" in texts(answer, Prose)[1]
    assert not any("goes with" in said or "points" in said for said in texts(answer, Headline))


def test_whole_clusters_are_moved() -> None:
    """With vendors as clusters intervals are wider, the paths are permuted by whole vendors, and it is said how."""
    alone, whole = answered(), compare(answered().about.log, first=A, cluster="vendor")
    assert alone.distance is not None
    assert whole.distance is not None
    assert (alone.distance.apart.way, whole.distance.apart.way) == ("all cases", "whole clusters")
    assert of(alone, "check")["p_difference"] != of(whole, "check")["p_difference"]
    assert "The p-value of the distance of the paths gives whole clusters of vendor anew to the sides." in texts(whole, Caveat)


def test_periods_are_compared_and_named_by_default() -> None:
    """Without sides the earlier half stands against the later one, and the words are conditions that can be asked again."""
    answer = compare(answered().about.log)
    assert [side["condition"] for side in answer.records()] == ["started until 2024-03-19", "not started until 2024-03-19"]
    assert [side["cases"] for side in answer.records()] == [79, 81]
    assert texts(answer, Prose)[1].startswith("No side was named, so the log is halved by the time at which cases start. ")
    assert finmine.parse_filter(str(answer.records()[1]["condition"])) == ~finmine.started(until="2024-03-19")


def test_the_difference_map_tells_both_shares() -> None:
    """The map holds every edge of either side with its shares; its picture has the difference in points, and says how to read it."""
    answer = compare(answered().about.log, first=A, second=B)
    (drawn,) = [block for block in answer.view().blocks if isinstance(block, Map)]
    assert drawn.sides == (A, B)
    labels = {node.key: node.label for node in drawn.nodes}
    edges = {(labels[edge.source], labels[edge.target]): edge for edge in drawn.edges}
    assert set(edges) == {("submit", "check"), ("check", "pay"), ("submit", "pay")}
    picture = answer.to_svg()
    assert "+38.8" in picture
    assert "\N{MINUS SIGN}38." in picture
    assert "blue is in a larger share of the cases of the first side (company = 'A')" in unescape(answer.to_html())
    assert answer.to_html().count("<svg") == 1


def test_a_case_on_both_sides_is_refused() -> None:
    """Conditions that share cases are refused with their number and one of them; a second side without a first one, too."""
    read = answered().about.log
    with pytest.raises(SidesOverlap, match=r"have no case in common, and 80 cases meet both conditions, such as 'c000'\."):
        compare(read, first=A, second="company in 'A', 'B'")
    with pytest.raises(SecondAlone):
        compare(read, second=A)
    with pytest.raises(UnknownWord):
        compare(read, first="compny = 'A'")
    with pytest.raises(OutOfRange):
        compare(read, most=0)
    with pytest.raises(NoCalendar):
        compare(read, clock="working")


def test_few_cases_have_no_numbers() -> None:
    """Below five cases no difference is told, below thirty it is said to be uncertain; cases on neither side are counted."""
    read = answered().about.log
    four = compare(read, first="vendor = 'v00' or vendor = 'v10'", second="vendor = 'none'")
    assert [side["cases"] for side in four.records()] == [20, 0]
    assert all(one["p_difference"] is None for one in four.differences)
    assert texts(four, Headline) == []
    assert "No case of the second side (vendor = 'none') can be compared: no difference is told." in texts(four, Caveat)
    assert "140 cases are on neither side and in no number." in texts(four, Prose)[1]
    some = compare(read, first="vendor = 'v00'", second="vendor = 'v01'")
    assert "Only 10 cases of the first side (vendor = 'v00') can be compared: every difference is uncertain." in texts(some, Caveat)
    assert of(some, "check")["p_difference"] is not None


def test_running_cases_are_counted_and_not_compared() -> None:
    """A case that still runs has no whole path and no time; it stands in the counts of its side only."""
    rows = [*companies(), *({"case": f"open{place}", "company": "A", "activity": "submit", "timestamp": ORIGIN + place * HOUR} for place in range(7))]
    answer = compare(log(rows, card=CARD), first=A)
    assert [(side["cases"], side["compared_cases"]) for side in answer.records()] == [(87, 80), (80, 80)]
    assert "7 cases that still run are not compared: how long they take is not known yet." in texts(answer, Caveat)


def test_cases_behind_a_difference() -> None:
    """Behind a difference are the compared cases of both sides that have it: an activity, a pair, rework, or none."""
    rows = companies()
    rows += [{**event, "timestamp": event["timestamp"] + HOUR} for event in rows if event["activity"] == "submit" and event["case"] < "c005"]
    answer = compare(log(rows, card=CARD), first=A)
    again = {f"c{case:03}" for case in range(5)}
    assert set(answer.cases(of(answer, "anything done more than once")).rows.column("case")) == again
    assert len(answer.cases(of(answer, "all done once, nothing sent back")).rows) == 155
    assert set(answer.cases(of(answer, "submit → submit")).rows.column("case")) == again
    assert len(answer.cases(of(answer, "check")).rows) == of(answer, "check")["cases"]


def test_the_planted_manual_check_stands_out_between_the_halves_of_the_year() -> None:
    """From July 2024 on a third of the matched invoices is also checked by hand, before none: the largest difference of the two halves."""
    read = finmine.read(SAMPLES / "invoices.csv")
    answer = compare(read, first="started since 2024-07-01", clock="working")
    assert of(answer, "Check invoice manually")["share_second"] < 0.1  # type: ignore[operator]
    assert of(answer, "Check invoice manually")["share_first"] > 0.25  # type: ignore[operator]
    assert texts(answer, Headline)[1].split(":")[0] in (
        "Check invoice manually",
        "Match invoice → Check invoice manually",
        "Match invoice → Approve invoice",
    )
    assert "working days" in texts(answer, Headline)[0]


def test_a_side_that_nobody_is_on_compares_nothing() -> None:
    """Where no case meets a condition the answer says so, and does not claim that the sides are alike."""
    answer = compare(log(companies(), card=CARD), first="company = 'Z'")
    assert "nothing was compared: a side has fewer than five cases." in texts(answer, Prose)[1]
    assert "No case of the first side (company = 'Z') can be compared: no difference is told." in texts(answer, Caveat)
    assert "In none of them" not in answer.to_text(200)


def test_activities_of_one_log_alone_are_named() -> None:
    """Of two logs that name the same work in two ways it is said that each name is taken for work of its own; of one name in both nothing is."""
    ours = companies()
    theirs = [{**event, "activity": f"{event['activity']}ed"} if event["activity"] != "pay" else event for event in ours]
    answer = compare(log(ours, card=CARD), against=log(theirs, card=CARD))
    (said,) = (text for text in texts(answer, Caveat) if "only in the" in text)
    assert said.startswith(
        "2 activities only in the first log ('submit', 'check') and 2 activities only in the second log ('submited', 'checked'), of 5 in all:"
    )
    same = compare(log(ours, card=CARD), against=log(ours, card=CARD))
    assert not any("only in the" in text for text in texts(same, Caveat))


def test_what_chance_would_move_is_not_listed() -> None:
    """Where the paths lie no further apart than chance puts them, no plan of moves is shown, and the reason is said."""
    answer = compare(log(companies(checked=(0.5, 0.5), longer=0), card=CARD), first=A)
    assert answer.distance is not None
    assert answer.distance.apart.p is not None
    assert answer.distance.apart.p > 0.05
    said = answer.to_text(200)
    assert "no further apart than chance would put them" in said
    assert "What would make the paths" not in said


def periods() -> list[Event]:
    """Two hundred cases of one process over a hundred days that take from nothing to sixty, seen until day 100."""
    rng = np.random.default_rng(1)
    rows: list[Event] = []
    for case in range(200):
        begins, took = case / 2, float(rng.uniform(0, 60))
        steps = (("submit", 0.0), ("check", took / 2), ("pay", took))
        rows += [
            {"case": f"c{case:03}", "activity": activity, "timestamp": ORIGIN + round((begins + after) * DAY)}
            for activity, after in steps
            if begins + after <= 100
        ]
    return rows


def test_a_later_period_whose_slow_cases_still_run_is_said_to_hold_quick_ones() -> None:
    """The same process looks quicker in the later half, because its slow cases have not ended: the answer counts them on either side."""
    answer = compare(log(periods(), card=CARD))
    running, cases = ([side[name] for side in answer.records()] for name in ("running", "cases"))
    assert running[1] > running[0]
    assert answer.records()[1]["median"] < answer.records()[0]["median"]
    (said,) = (text for text in texts(answer, Caveat) if "the quicker ones" in text)
    assert said.startswith(
        f"{running[1]} of {cases[1]} cases of the second side still run and are not compared, {running[0]} of {cases[0]} cases of the first side: those of the second"
    )
    undeclared = compare(log(periods()))
    assert "The cases of the second side began later, and which of them had ended is not declared" in " ".join(texts(undeclared, Caveat))
    alike = compare(log(companies(checked=(0.5, 0.5), longer=0), card=CARD), first=A)
    assert not any("quicker" in text or "began later" in text for text in texts(alike, Caveat))
