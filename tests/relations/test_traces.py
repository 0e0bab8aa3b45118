"""Traces: the facts of a case, and the key of its variant."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from tests.brute_force import ordered, started, trace_of
from tests.strategies import logs

import finmine
from finmine.card import AmountRule, Card
from finmine.filters import activity_is, has
from finmine.relations.tables import activity_labels
from finmine.relations.traces import VARIANT_KEY, VariantsCollide, prove_keys, spelled_traces, trace_facts, trace_labels, traces, variants
from finmine.relations.units import units
from finmine.testing import Event, log

INVOICES = """
    inv1 {amount=100.00, currency=EUR}: submit@0h, approve@1d, pay@2d
    inv2 {amount=50.00, currency=USD}: submit@1d, approve@2d
"""


@settings(max_examples=12)
@given(rows=logs(starts=True))
def test_the_facts_of_a_trace_are_those_of_its_events(rows: list[Event]) -> None:
    """Length, ends and times of every case are those that its events give (oracle: brute force)."""
    read = log(rows)
    labels = activity_labels(read)
    named = traces(read).join(labels.rename(first="label", first_activity="activity"), "first_activity")
    named = named.join(labels.rename(last="label", last_activity="activity"), "last_activity")
    found = read.fetch(named.select("label", "length", "first", "last", "started", "ended", "throughput").order_by("label")).tuples()
    expected = []
    for case, events in ordered(rows).items():
        begun, done = started(events), events[-1]["timestamp"]
        expected.append((case, len(events), events[0]["activity"], events[-1]["activity"], begun, done, done - begun))
    assert list(found) == expected


@settings(max_examples=12)
@given(rows=logs(cases=10))
def test_variants_are_the_distinct_traces_and_add_up_to_the_cases(rows: list[Event]) -> None:
    """Two cases have one key if and only if they have one trace, and each representative shows its own (oracle: brute force)."""
    read = log(rows)
    found = read.fetch(variants(read)).records()
    spelled = trace_labels(read.fetch(spelled_traces(read, variants(read).select(case="representative"))))
    counted = Counter(trace_of(events) for events in ordered(rows).values())
    assert Counter({spelled[record["representative"]]: record["cases"] for record in found}) == counted
    assert len(found) == len(counted)
    assert sum(record["cases"] for record in found) == read.facts.cases


def test_a_key_that_two_traces_share_is_found() -> None:
    """The proof that equal keys mean equal traces fails where a key is made to say nothing."""
    read = log("a: x@1h, y@2h\nb: y@1h, x@2h")
    these = units(read)
    facts = trace_facts(these)
    blind = facts.mutate(**dict.fromkeys(VARIANT_KEY, facts.case * 0))
    prove_keys(read, these, facts)
    with pytest.raises(VariantsCollide):
        prove_keys(read, these, blind)


def test_no_answer_comes_of_keys_that_two_traces_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where keys collide, reading stops, and so does the question after a filter of events; it is a fault of finmine, no refusal."""
    text = "a: x@1h, y@2h, z@3h\nb: y@1h, x@2h, z@3h"
    read = log(text).keep_events(~activity_is("z"))
    monkeypatch.setattr("finmine.relations.traces._PRIMES", (1, 1))
    for asked in (lambda: log(text), lambda: finmine.variants(read)):
        with pytest.raises(VariantsCollide):
            asked()


def test_the_key_does_not_depend_on_the_filters_of_events() -> None:
    """After a filter of events, traces that became equal have one key, and the facts are of what is left."""
    read = log("a: x@1h, z@2h, y@3h\nb: x@1h, y@2h, z@9h").keep_events(~activity_is("z"))
    assert read.fetch(variants(read)).column("cases") == (2,)
    assert sorted(read.fetch(traces(read).select("label", "throughput")).tuples()) == [("a", 2 * 3_600_000_000), ("b", 3_600_000_000)]


def test_money_that_cannot_be_added_up_is_missing() -> None:
    """In two currencies cases have amounts and no money; a case filter leaves them as they are."""
    two = log(INVOICES)
    assert two.fetch(traces(two).select("money")).column("money") == (None, None)
    one = log(INVOICES.replace("USD", "EUR"), card=Card(amount=AmountRule("case", "first"))).keep_cases(has("pay"))
    assert [(str(money), label) for money, label in one.fetch(traces(one).select("money", "label")).tuples()] == [("100.000000", "inv1")]
