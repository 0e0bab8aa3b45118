"""Kinds of rework: each kind, the order in which they hold, sums by brute force, and planted loops."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers import SAMPLES, planted, texts
from tests.brute_force import ordered
from tests.strategies import logs
from tests.test_evidence import check

import finmine
from finmine.analyses.rework_kinds import ReworkKinds, rework_kinds
from finmine.card import AmountRule, Card
from finmine.card_money import MoneyOfTime
from finmine.card_rework import ReworkRules
from finmine.errors import UnknownWord
from finmine.finance.labour import LabourRate
from finmine.finance.terms import Capital, Side
from finmine.relations.repeat_kinds import CHARGED, ConstantAttribute
from finmine.testing import Event, log
from finmine.view import Caveat, Definition, Headline, Prose
from finmine.words import HOUR

RULES = ReworkRules(("price",), ("change",), ("reject",), {"result": ("bad",)}, ("block",), "item", ("sign",))
RETURNS = ReworkRules(returns=("reject",))


def kinds(written: str) -> dict[str, dict[str, int]]:
    """The repeats of each activity by kind."""
    found: dict[str, dict[str, int]] = {}
    for record in rework_kinds(log(f"{written}\nelse: other@0h {{price=9, item=9, result=good}}", card=Card(rework=RULES))).records():
        found.setdefault(record["activity"], {})[record["kind"]] = record["repeats"]
    return found


def kind_of(events: list[Event], place: int, rules: ReworkRules) -> str:
    """By the definitions: the kind of a repeat, looking back over the events of its case."""
    now = events[place]
    own = [number for number in range(place) if events[number]["activity"] == now["activity"]]
    before, between = events[own[-1]], {event["activity"] for event in events[own[-1] : place]}
    items = [events[number].get(rules.item or "") or None for number in own]
    item = now.get(rules.item or "") or None
    sides = [(now.get(name) or None, before.get(name) or None) for name in rules.tracked]
    if now["activity"] in rules.allowed:
        return "legitimate"
    if item is not None and None not in items and item not in items:
        return "partial"
    if between & set(rules.returns):
        return "return"
    if any(before.get(name) in values for name, values in rules.failed.items()) or between & set(rules.blocks):
        return "retry"
    if any(None not in side and side[0] != side[1] for side in sides) or between & set(rules.changes):
        return "correction"
    compared = any(None not in side for side in sides) or (bool(rules.changes) and not sides)
    one_sided = any((one is None) != (other is None) for one, other in sides)
    return "no-change" if compared and not one_sided else "not told apart"


def test_each_kind() -> None:
    """One repeat of each kind, told by what is declared for it."""
    assert kinds("c: sign@0h, sign@1h")["sign"] == {"legitimate": 1}
    assert kinds("c: post@0h {item=1}, post@1h {item=2}")["post"] == {"partial": 1}
    assert kinds("c: post@0h, reject@1h, post@2h")["post"] == {"return": 1}
    assert kinds("c: post@0h {result=bad}, post@2h")["post"] == {"retry": 1}
    assert kinds("c: post@0h, block@1h, post@2h")["post"] == {"retry": 1}
    assert kinds("c: post@0h {price=1}, post@2h {price=2}")["post"] == {"correction": 1}
    assert kinds("c: post@0h, change@1h, post@2h")["post"] == {"correction": 1}
    assert kinds("c: post@0h {price=1}, post@2h {price=1}")["post"] == {"no-change": 1}
    assert kinds("c: post@0h {price=1}, post@2h")["post"] == {"not told apart": 1}


def test_the_cause_holds_before_the_effect() -> None:
    """A rejected document that comes with another price is a return; the same item again is no part."""
    assert kinds("c: post@0h {price=1}, reject@1h, post@2h {price=2}")["post"] == {"return": 1}
    assert kinds("c: post@0h {item=1, price=1}, post@1h {item=2}, post@2h {item=1, price=1}")["post"] == {"partial": 1, "not told apart": 1}


def test_a_second_rejection_is_a_return() -> None:
    """What sends work back comes again because it was sent back before."""
    assert kinds("c: post@0h, reject@1h, post@2h, reject@3h")["reject"] == {"return": 1}


@settings(max_examples=10)
@given(logs(length=8), st.data())
def test_kinds_and_delays_are_those_of_brute_force(rows: list[Event], data: st.DataObject) -> None:
    """Each repeat has the kind that a walk over its case finds, the kinds add up to all repeats, and delays count no hour twice."""
    names = sorted({event["activity"] for event in rows})
    some = st.lists(st.sampled_from(names), max_size=2, unique=True).map(tuple)
    rules = ReworkRules(changes=data.draw(some), returns=data.draw(some), blocks=data.draw(some), allowed=data.draw(some), tracked=("resource",))
    rules = data.draw(st.sampled_from([rules, replace(rules, tracked=()), replace(rules, tracked=(), item="resource")]))
    expected: Counter[tuple[str, str]] = Counter()
    delay = 0
    for events in ordered(rows).values():
        hours: set[int] = set()
        for place, event in enumerate(events):
            before = [earlier for earlier in events[:place] if earlier["activity"] == event["activity"]]
            if before:
                kind = kind_of(events, place, rules)
                expected[event["activity"], kind] += 1
                hours |= set(range(before[-1]["timestamp"], event["timestamp"], HOUR)) if kind in CHARGED else set()
        delay += len(hours) * HOUR
    answer = rework_kinds(log(rows, card=Card(rework=rules)))
    assert {(row["activity"], row["kind"]): row["repeats"] for row in answer.records()} == dict(expected)
    for table in (answer.rows, answer.kinds):
        assert sum(row["delay_total"] for row in table.records()) == delay


@settings(max_examples=3)
@given(logs(length=8))
def test_groups_add_up(rows: list[Event]) -> None:
    """Repeats and delays of the groups sum to those of the log."""
    read = log(rows)
    whole, split = rework_kinds(read), rework_kinds(read, by="vendor")
    for name in ("repeats", "delay_total"):
        assert sum(row[name] for row in split.rows.records()) == sum(row[name] for row in whole.rows.records())


PRICED = """
c1 {amount=1000.00, currency=EUR}: a@0h-1h/ana, b@1h-2h/bob, reject@2h-3h/bob, a@10d 1h-10d 3h/ana, b@20d-20d 2h/bob, sign@21d-22d/bob, sign@22d-23d/bob
c2 {amount=500.00, currency=USD}: a@0h-1h/bob, reject@2h-3h/bob, a@10d-10d 1h
"""


def priced(side: Side = "receivables") -> ReworkKinds:
    """Two cases of two currencies; ana has a rate of her own, and of who did the last unit nothing is known."""
    rates = (LabourRate("resource", "ana", Decimal(40), "EUR"), LabourRate("resource", "bob", Decimal(100), "EUR"))
    known = MoneyOfTime(labour=rates, capital=Capital(Decimal("0.365"), 365, side))
    rules = replace(RETURNS, allowed=("sign",))
    return rework_kinds(log(PRICED, card=Card(amount=AmountRule("case"), money=known, rework=rules)))


def test_labour_and_capital_of_rework() -> None:
    """Ana's 2 and bob's 2 hours are paid, the allowed repeat is not; the delays of c1 cover 19 d 23 h in all, each hour once."""
    lines = {(line["part"], line["currency"]): line for line in priced().costs()}
    assert (lines["labour", "EUR"]["money"], lines["labour", "EUR"]["priced"], lines["labour", "EUR"]["spent"]) == (Decimal("280.00"), 2, 4 * HOUR)
    # a comes back after 10 d 2 h, b after 20 d; together they run from 1 h to 20 d 2 h: 481 hours
    assert lines["capital", "EUR"]["delay_total"] == 481 * HOUR
    assert lines["capital", "EUR"]["money"] == (Decimal("0.001") * 1000 * 481 / 24).quantize(Decimal("0.01"))
    assert lines["capital", "USD"]["money"] == (Decimal("0.001") * 500 * 240 / 24).quantize(Decimal("0.01"))
    assert lines["capital", "EUR"]["repeats"] + lines["capital", "USD"]["repeats"] == 3


def test_delays_of_payables_are_worth_something() -> None:
    """What is owed is paid later; the headlines say which way it goes, and which repeats have no price."""
    answer = priced("payables")
    assert texts(answer, Headline)[-2:] == [
        "The work on repeats costs 280.00 EUR.",
        "Paying later by the delays of repeats is worth 20.04 EUR and 5.00 USD of capital.",
    ]
    assert "1 repeat costs no labour here: how long it took is not known, or no calendar or no rate applies to it." in texts(answer, Caveat)
    assert texts(priced(), Headline)[-1] == "The delays of repeats cost 20.04 EUR and 5.00 USD of capital."


def test_the_evidence_of_prices_gives_the_same_rows(tmp_path: Path) -> None:
    """The script of a priced answer, from paired rows and in calendars, runs as a whole in plain DuckDB to the same rows."""
    steps = [(case, activity, state) for case in ("i1", "i2") for activity in ("Post", "Reject", "Post", "Pay") for state in ("start", "complete")]
    rows = [f"{case},{activity},{state},2024-01-02 {hour:02d}:00,ana,100.00,EUR" for hour, (case, activity, state) in enumerate(steps)]
    (tmp_path / "log.csv").write_text("\n".join(["case,activity,lifecycle,timestamp,user,amount,currency", *rows]) + "\n")
    sections = '[amount]\nlevel = "case"\n[rework]\nreturns = ["Reject"]\n[capital]\nrate = "0.08"\n[[labour]]\nrate = "40"\ncurrency = "EUR"\n'
    (tmp_path / "log.card.toml").write_text(f'finmine_card = 1\n{sections}[calendars.office]\nhours = {{ Mon-Fri = "03:00-09:00" }}\n')
    answer = rework_kinds(finmine.read(tmp_path / "log.csv"))
    assert {line["part"]: line["repeats"] for line in answer.costs()} == {"labour": 2, "capital": 2}
    check(answer)


def test_without_rates_nothing_is_priced() -> None:
    """Neither labour nor capital is guessed; the caveats say what to declare."""
    answer = rework_kinds(log("c: a@0h, reject@1h, a@2h"))
    assert answer.costs() == ()
    said = " ".join(texts(answer, Caveat))
    assert "no labour rate is declared" in said
    assert "no cost of capital is declared" in said


def test_what_is_not_declared_is_not_guessed() -> None:
    """Without a section all repeats are not told apart, and a caveat says which kinds those may be and how they are declared."""
    answer = rework_kinds(log("c: a@0h, reject@1h, a@2h"))
    assert [row["kind"] for row in answer.records()] == ["not told apart"]
    said = next(text for text in texts(answer, Caveat) if "[rework]" in text)
    assert all(kind in said for kind in ("correction and no-change", "return", "retry", "partial", "legitimate"))


def test_names_that_mean_nothing_are_told() -> None:
    """An activity that does not occur and a tracked value that never differs are caveats; an attribute that is not there is refused."""
    rules = ReworkRules(tracked=("vendor",), returns=("Reject",))
    said = texts(rework_kinds(log("c {vendor=A}: a@0h, reject@1h, a@2h", card=Card(rework=rules))), Caveat)
    assert "The activity 'Reject' ([rework] returns on the card) does not occur in the log. Did you mean 'reject'?" in said
    assert "'vendor' ([rework] tracked on the card) differs within no case, so that it cannot tell a correction." in said
    with pytest.raises(UnknownWord, match=r"\[rework\] tracked: 'price'"):
        rework_kinds(log("c: a@0h, a@1h", card=Card(rework=ReworkRules(tracked=("price",)))))
    with pytest.raises(ConstantAttribute, match="'month', which has one value for each case"):
        rework_kinds(log("c: a@0h, a@1h", card=Card(rework=ReworkRules(tracked=("month",)))))


def test_cases_behind_a_row() -> None:
    """The cases with repeats of the activity and the kind."""
    read = log("c1: a@0h, reject@1h, a@2h\nc2: a@0h, a@1h\nc3: a@0h", card=Card(rework=RETURNS))
    answer = rework_kinds(read)
    behind = {record["kind"]: set(answer.cases(record).rows.column("case")) for record in answer.records()}
    assert behind == {"return": {"c1"}, "not told apart": {"c2"}}


def test_sums_of_delays_are_below_their_medians_only_as_the_words_say() -> None:
    """Of two delays that overlap, the later keeps its length in the median and only what is its own in the sum, and the definition says so."""
    answer = rework_kinds(log("c1: a@0h, b@1h, a@10h, b@11h"))
    found = {record["activity"]: (record["delay_median"], record["delay_total"]) for record in answer.records()}
    assert found == {"a": (10 * HOUR, 10 * HOUR), "b": (10 * HOUR, HOUR)}
    assert any("In sums, but not in medians" in block.text for block in answer.view().blocks if isinstance(block, Definition))


def test_what_is_said() -> None:
    """How many repeats of which kinds, how long they hold the cases, and the most common; nothing of it without repeats."""
    answer = rework_kinds(log("c1: a@0h, reject@1h, a@3h, b@6h\nc2: a@0h, b@6h", card=Card(rework=RETURNS)))
    assert texts(answer, Headline) == [
        "1 repeat in 1 case: return 1; the delays hold this case for 25.0 % of all throughput time, each hour of a case counted once.",
        "Most common: a is done again 1 time in 1 case, as return.",
    ]
    once = rework_kinds(log("c: a@0h, b@1h"))
    assert (texts(once, Headline), texts(once, Prose)[1:]) == ([], ["No activity occurs more than once in a case."])


@pytest.mark.parametrize(
    ("file", "truth", "activity", "kind"),
    [
        ("invoices.csv", "price change", "Release purchase order", "correction"),
        ("invoices.csv", "invoice block", "Match invoice", "retry"),
        ("invoices.csv", "goods returned", "Record goods receipt", "return"),
        ("approvals.xes.gz", "rejection", "Submit request", "return"),
        ("reconciliations.parquet", "reopened items", "Prepare reconciliation", "return"),
    ],
)
def test_planted_loops_have_their_kind(file: str, truth: str, activity: str, kind: str) -> None:
    """What was planted into the sample logs is found with its kind, in as many cases; a fault may hide one or two."""
    answer: ReworkKinds = rework_kinds(finmine.read(SAMPLES / file))
    record: Any = next(one for one in answer.records() if (one["activity"], one["kind"]) == (activity, kind))
    expected = planted(file.partition(".")[0], truth)
    assert abs(record["repeats"] - expected["events"]) <= 2
    assert abs(record["repeat_cases"] - expected["cases"]) <= 2
