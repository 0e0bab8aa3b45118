"""Exemplars: one case of each variant tells what the sequence of activities decides, exactly as all cases do."""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import conditions, logs

from finmine.card import AmountRule, Card
from finmine.filters.condition import Condition
from finmine.log import EventLog
from finmine.relations.exemplars import cases_with, units_that_repeat
from finmine.relations.groups import grouped
from finmine.relations.units import steps, units
from finmine.testing import Event, log

Drawn: TypeAlias = tuple[list[Event], Condition | None]


@st.composite
def filtered(draw: st.DrawFn) -> Drawn:
    """The rows of a log of few activities, so that variants repeat, and nothing or a filter of its cases or events."""
    rows = draw(logs(cases=8, length=4))
    activities = st.sampled_from(sorted({row["activity"] for row in rows}))
    people = st.sampled_from(sorted({row["resource"] for row in rows if row["resource"]}))
    return rows, draw(st.none() | conditions("cases", activities, people) | conditions("events", activities, people))


def kept(drawn: Drawn) -> EventLog:
    """The log with its filter."""
    rows, one = drawn
    read = log(rows, card=Card(amount=AmountRule("event", "first")))
    if one is None:
        return read
    return read.keep_cases(one) if one.keeps == "cases" else read.keep_events(one)


@settings(max_examples=25)
@given(drawn=filtered(), by=st.sampled_from([None, "vendor"]))
def test_exemplars_count_the_cases_of_edges_and_activities_as_the_units_do(drawn: Drawn, by: str | None) -> None:
    """The cases with each edge, and with each activity, are the distinct cases of all units that have it, in every group."""
    these, groups = kept(drawn), ["group"] if by else []
    for keys, all_units in ((["activity", "next_activity"], steps(these)), (["activity"], units(these))):
        split = grouped(these, all_units, by)
        expected = split.group_by([*keys, *groups]).aggregate(cases=split.case.nunique()).order_by([*keys, *groups])
        found = cases_with(these, by, *keys).order_by([*keys, *groups])
        assert these.fetch(found).tuples() == these.fetch(expected).tuples()


@settings(max_examples=25)
@given(drawn=filtered())
def test_exemplars_find_the_units_that_repeat(drawn: Drawn) -> None:
    """The units of each activity that comes more than once in its case are found, and no others."""
    these = kept(drawn)
    every = units(these)
    several = every.group_by("case", "activity").having(every.count() > 1).aggregate(n=every.count())
    order = ["case", "position"]
    expected = every.semi_join(several, ["case", "activity"]).select(order).order_by(order)
    assert these.fetch(units_that_repeat(these).select(order).order_by(order)).tuples() == these.fetch(expected).tuples()
