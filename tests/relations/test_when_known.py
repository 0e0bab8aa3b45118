"""When cases show what they have."""

from __future__ import annotations

from statistics import median

import pytest
from hypothesis import given, settings
from tests.brute_force import ordered
from tests.strategies import logs

from finmine.card import Card
from finmine.card_amount import AmountRule
from finmine.relations.path_features import ACTIVITY, PAIR, REPEATED
from finmine.relations.traces import traces
from finmine.relations.when_known import features_known, values_known
from finmine.testing import Event, log


@settings(max_examples=8)
@given(logs())
def test_features_show_as_plain_python_finds(rows: list[Event]) -> None:
    """The median share of the time that has passed at the first, the second, and the second of a pair."""
    read = log(rows)
    names = read.activity_names()
    shown: dict[tuple[int, int, int | None], list[float]] = {}
    for events in ordered(rows).values():
        begins = min(int(event.get("start") or event["timestamp"]) for event in events)
        span = max(event["timestamp"] for event in events) - begins
        seen: dict[tuple[int, int, int | None], float] = {}
        done: dict[int, int] = {}
        for place, event in enumerate(events):
            code = names.index(event["activity"])
            passed = (event["timestamp"] - begins) / span if span else 0.0
            done[code] = done.get(code, 0) + 1
            keys: list[tuple[int, int, int | None]] = [({1: ACTIVITY, 2: REPEATED}[done[code]], code, None)] if done[code] <= 2 else []
            keys += [(PAIR, names.index(events[place - 1]["activity"]), code)] if place else []
            for key in keys:
                seen[key] = min(seen.get(key, passed), passed)
        for key, passed in seen.items():
            if span:
                shown.setdefault(key, []).append(passed)
    found = {
        (row["kind"], row["first"], row["second"]): (row["cases"], row["known"]) for row in read.fetch(features_known(read, traces(read))).records()
    }
    assert found.keys() == shown.keys()
    for key, (cases, known) in found.items():
        assert cases == len(shown[key])
        assert known == pytest.approx(median(shown[key]))


TEXT = """
i1: a@0h {vendor=V, amount=10, currency=EUR}, b@5h {reason=late, amount=10, currency=EUR}, c@10h {amount=30, currency=EUR}
i2: a@0h {vendor=W, amount=20, currency=EUR}, b@9h {reason=late, amount=20, currency=EUR}, c@10h {amount=20, currency=EUR}
"""


@pytest.mark.parametrize(("take", "known"), [("first", 0.0), ("last", 0.5), ("sum", 1.0)])
def test_values_show_with_the_first_unit_that_has_them(take: str, known: float) -> None:
    """A value that is recorded later shows later; an amount that is taken last, with the last unless all are the same."""
    read = log(TEXT, card=Card(amount=AmountRule("event", take)))  # type: ignore[arg-type]
    columns = {"value_0": "vendor", "value_1": "reason", "value_2": "month", "money": "amount"}
    relation = values_known(read, traces(read), columns)
    assert relation is not None
    found = {row["column"]: row["known"] for row in read.fetch(relation).records()}
    assert found == {"money": known, "value_0": 0.0, "value_1": 0.7}
    assert values_known(read, traces(read), {"value_0": "status"}) is None
