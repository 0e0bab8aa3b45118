"""What a path costs: families against brute force, a waterfall that adds up, and what is said where nothing is known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from statistics import median, median_low
from typing import Any

import pytest
from hypothesis import given, settings
from tests.answers import texts
from tests.brute_force import ordered
from tests.strategies import logs

import finmine
from finmine.analyses.path_costs import PathCosts, path_costs
from finmine.card import Card
from finmine.card_costs import CostFacts
from finmine.card_money import MoneyOfTime
from finmine.errors import OutOfRange
from finmine.finance.labour import FixedCost, LabourRate
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Definition, Headline, Table, Waterfall
from finmine.words import DAY, HOUR, MINUTE

TIMES = {"a": 6 * MINUTE, "b": 30 * MINUTE, "c": 12 * MINUTE}
CARD = Card(
    outcomes={"done": ("c",)},
    money=MoneyOfTime(labour=(LabourRate("default", None, Decimal(60), "EUR"),)),
    costs=CostFacts(TIMES, (FixedCost("b", Decimal("0.25"), "EUR"),)),
)
EACH = {"a": Decimal(6), "b": Decimal("30.25"), "c": Decimal(12)}


def walked(*paths: tuple[str, int]) -> list[Event]:
    """So many cases of each path, an hour between its steps."""
    walks = [path for path, cases in paths for _ in range(cases)]
    return [
        {"case": f"c{case:03}", "activity": step, "timestamp": ORIGIN + case * DAY + place * HOUR}
        for case, path in enumerate(walks)
        for place, step in enumerate(path)
    ]


def by_path(answer: PathCosts) -> dict[str, Mapping[str, Any]]:
    """The rows by what they differ in."""
    return {record["differs"]: record for record in answer.records()}


def test_families_are_told_against_all_others() -> None:
    """Forty cases go a-c for 18.00, thirty a-b-c for 48.25, five b-a-c; loops fold into their family, running cases are counted, rare paths are one row."""
    written = walked(("ac", 40), ("abc", 28), ("abbc", 2), ("bac", 5), ("cc", 3), ("a", 6))
    answer = path_costs(log(written, card=CARD))
    rows = by_path(answer)
    assert {name: row["cases"] for name, row in rows.items()} == {
        "(the commonest path)": 40,
        "+ b": 30,
        "+ b, in another order": 5,
        "(paths of fewer than 5 cases: 1)": 3,
    }
    assert rows["(the commonest path)"]["cost_per_case"] == Decimal("18.00")
    dear = rows["+ b"]
    assert (dear["cost_median"], dear["cost"]) == (Decimal("48.25"), 28 * Decimal("48.25") + 2 * Decimal("78.50"))
    others = (40 * Decimal(18) + 5 * Decimal("48.25") + 3 * Decimal(24)) / 48
    assert dear["cost_more"] == round(dear["cost"] / 30 - others, 2)
    assert dear["time_more"] == 2 * HOUR - HOUR
    assert any(text.startswith("6 cases that still run are in no number") for text in texts(answer, Caveat))
    (shown,) = (block for block in answer.view().blocks if isinstance(block, Table))
    (rare,) = (row for row in shown.rows if row[:2] == ("(paths of fewer than 5 cases: 1)", 3))
    assert set(rare[2:]) == {None}
    assert texts(answer, Headline)[0].startswith("The 30 cases (38.5 %) on the path with b cost 50.27 EUR each, ")
    assert {record["case"] for record in answer.cases(dear).records()} == {f"c{case:03}" for case in range(40, 70)}


def fall(answer: PathCosts) -> tuple[tuple[str, ...], list[Decimal]]:
    """The steps of the waterfall and their costs."""
    (drawn,) = (block for block in answer.view().blocks if isinstance(block, Waterfall))
    return tuple(map(str, drawn.table.column("cost_step"))), [Decimal(str(cell)) for cell in drawn.table.column("cost")]


def no_baseline(answer: PathCosts) -> dict[str, str]:
    """Why cheaper paths are not the baseline."""
    return {record["differs"]: record["not_baseline"] for record in answer.baseline().cheaper}


def test_the_way_from_the_baseline_adds_up() -> None:
    """All on the cheapest usual path of thirty cases or more, and what each path costs beyond that, are what all cases cost, to the cent."""
    answer = path_costs(log(walked(("ac", 40), ("abc", 31), ("bac", 5), ("cc", 3)), card=CARD))
    names, (first, *changes, last) = fall(answer)
    assert (first, last) == (79 * Decimal(18), 40 * Decimal(18) + 36 * Decimal("48.25") + 3 * Decimal(24))
    assert first + sum(changes) == last
    assert names[:2] == ("all on the baseline: the commonest path", "+ b")
    assert not no_baseline(answer)
    thirds = CostFacts({"a": 10 * MINUTE, "b": 20 * MINUTE, "c": 10 * MINUTE})
    card = Card(money=MoneyOfTime(labour=(LabourRate("default", None, Decimal(40), "EUR"),)), costs=thirds)
    names, costs = fall(path_costs(log(walked(("ac", 40), ("abc", 32), ("bac", 5)), card=card)))
    assert names[1:-1] == ("+ b", "+ b, in another order")
    assert costs == [Decimal("1026.67"), Decimal("426.66"), Decimal("66.67"), Decimal("1520.00")]


def test_another_kind_of_document_is_no_baseline() -> None:
    """What ends otherwise, leaves out what most have, or is rare is cheaper but no baseline, with the reason; the steps add up all the same."""
    ways = (("abc", 200), ("c", 40), ("bc", 35), ("ad", 50), ("abac", 2), ("bdc", 30), ("db", 6), ("abdc", 20))
    costs = CostFacts({**TIMES, "d": MINUTE}, CARD.costs.fixed)
    card = Card(outcomes={"done": ("c",), "credited": ("d", "b")}, money=CARD.money, costs=costs)
    answer = path_costs(log(walked(*ways), card=card))
    names, (first, *changes, last) = fall(answer)
    assert names[0] == "all on the baseline: the commonest path"
    assert first + sum(changes) == last
    assert min(changes) < 0 < max(changes)
    why = no_baseline(answer)
    assert why["+ d, − b, − c"] == "most end as credited, not as done"
    assert why["− a, − b"] == "leaves out a and 1 more step that most cases have"
    assert why["− a"] == "leaves out a that most cases have"
    (said,) = (text for text in texts(answer, Definition) if "leaves out no step" in text)
    assert "ends in the outcome of most cases (done)" in said


def test_the_baseline_is_not_rare() -> None:
    """A usual path of fewer than one case in twenty is the baseline only where none that could be it has more; without any there is no waterfall."""
    rare = path_costs(log(walked(("aabc", 800), ("bac", 35)), card=CARD))
    assert fall(rare)[0][0] == "all on the baseline: the commonest path"
    assert list(no_baseline(rare).values()) == ["fewer than 5.0 % of the cases"]
    card = Card(money=CARD.money, costs=CARD.costs)
    none = path_costs(log(walked(("ab", 40), ("bc", 31), ("ca", 31)), card=card))
    assert none.baseline().path is None
    assert len(no_baseline(none)) == 3
    assert not any(isinstance(block, Waterfall) for block in none.view().blocks)
    assert any(text.startswith("No path of 30 cases or more can be the baseline") for text in texts(none, Caveat))


@settings(max_examples=6, deadline=None)
@given(logs(cases=14))
def test_paths_are_those_of_brute_force(rows: list[Event]) -> None:
    """Cases, median times and costs of each family are what plain Python counts (no median of fewer than five); cases and costs add up to the log."""
    names = sorted({row["activity"] for row in rows})
    card = Card(
        money=MoneyOfTime(labour=(LabourRate("default", None, Decimal(60), "EUR"),)),
        costs=CostFacts({name: (2 + place) * MINUTE for place, name in enumerate(names)}),
    )
    expected: dict[tuple[str, ...], list[tuple[int, Decimal]]] = defaultdict(list)
    for events in ordered(rows).values():
        path = tuple(dict.fromkeys(event["activity"] for event in events))
        took = max(event["timestamp"] for event in events) - min(event["timestamp"] for event in events)
        expected[path].append((took, sum((Decimal(2 + names.index(event["activity"])) for event in events), Decimal(0))))
    rare = [case for cases in expected.values() if len(cases) < 5 for case in cases]
    told = sorted([cases for cases in expected.values() if len(cases) >= 5] + ([rare] if rare else []), key=repr)
    answer = path_costs(log(rows, card=card))
    key = [(len(cases), *_medians(cases), sum(cost for _, cost in cases)) for cases in told]
    found = [(row["cases"], row["median"], row["cost_median"], row["cost"]) for row in answer.records()]
    assert Counter(found) == Counter(key)


def _medians(cases: list[tuple[int, Decimal]]) -> tuple[int | None, Decimal | None]:
    return (round(median(took for took, _ in cases)), median_low(cost for _, cost in cases)) if len(cases) >= 5 else (None, None)


def test_without_rates_there_are_times_only() -> None:
    """What is not known is said with what to declare; the time is told all the same, and a case of which a paid unit has no time costs nothing known."""
    bare = path_costs(log(walked(("ac", 40), ("abc", 31))))
    assert any(text.startswith("What the work of the paths costs is not known: no labour rate is declared") for text in texts(bare, Caveat))
    assert not any(isinstance(block, Waterfall) for block in bare.view().blocks)
    assert texts(bare, Headline) == ["The 31 cases (43.7 %) on the path with b take a median 2 h, 1 h more than the median of all cases."]
    gaps = path_costs(log(walked(("ac", 40), ("adc", 5)), card=CARD))
    assert by_path(gaps)["+ d"]["cost_per_case"] is None
    assert any(text.startswith("What 5 cases cost is not known and in no cost") for text in texts(gaps, Caveat))


def test_only_so_many_paths_are_told() -> None:
    """With a limit the paths of most cases are told and the sums stay those of all; a limit of nothing is refused."""
    answer = path_costs(log(walked(("ac", 40), ("abc", 31), ("bac", 6)), card=CARD), most=2)
    assert len(answer.records()) == 2
    assert by_path(answer)["+ b"]["cases_share"] == 31 / 77
    with pytest.raises(OutOfRange):
        finmine.path_costs(log("a: x@0h"), most=0)
