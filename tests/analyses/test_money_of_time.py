"""Money of time: classes that add up, interest by hand, labour by rate, and blame against brute force."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.answers import texts

import finmine
from finmine.analyses.money_of_time import CASE_START, OPEN_END, MoneyOfTime, money_of_time
from finmine.card import AmountRule, Card, Rate
from finmine.card_calendars import CalendarOf
from finmine.card_money import MoneyOfTime as Terms
from finmine.finance.labour import LabourRate
from finmine.finance.money import shared_out
from finmine.finance.terms import Capital, DatedRate, LateInterest
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.relations.money_lines import DISCOUNTS, LATENESS
from finmine.relations.payments import LATE, LOST, NOT_DUE, ON_TIME, OVERDUE, TAKEN, UNDECIDED
from finmine.testing import ORIGIN, Event, log
from finmine.view import Caveat, Headline
from finmine.words import DAY, HOUR

ZONE = "Europe/Berlin"
MILESTONES = {"received": ("receive",), "approved": ("approve",), "paid": ("pay",)}
LATE_INTEREST = LateInterest(
    (DatedRate(Decimal("0.1")), DatedRate(Decimal("0.2"), date(2024, 1, 20)), DatedRate(Decimal("0.05"), None, "JPY")), {"EUR": Decimal("1.5")}
)
TERMS = Terms(capital=Capital(Decimal("0.0801"), 360), late_interest=LATE_INTEREST, milestones=MILESTONES)
CARD = Card(
    zone=ZONE,
    extracted=datetime(2024, 2, 1, tzinfo=UTC),
    amount=AmountRule("case"),
    outcomes={"paid": ("pay",), "cancelled": ("cancel",)},
    money=TERMS,
)
OFFICE = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()))


def lines(answer: MoneyOfTime, **wanted: str) -> list[Mapping[str, Any]]:
    """The lines with these values."""
    return [line for line in answer.records() if all(line[name] == value for name, value in wanted.items())]


def one(answer: MoneyOfTime, measure: str) -> Mapping[str, Any]:
    """The only line of a measure."""
    (line,) = lines(answer, measure=measure)
    return line


INVOICE = "{amount=1000.00, currency=EUR, discount=20.00, discount_date=2024-01-10, due_date=2024-01-30}"


CLASSES = {
    "receive@1d, approve@2d, pay@9d 22h 59m": TAKEN,  # 23:59 in Berlin on the discount date
    "receive@1d, approve@2d, pay@9d 23h": LOST[0],  # midnight in Berlin
    "receive@1d, approve@9d 23h, pay@12d": LOST[1],
    "receive@1d, note@12d": LOST[1],
    "note@1d, receive@9d 23h, approve@11d": LOST[2],
    "receive@1d, cancel@2d": "not counted: ended without a payment",
}


def test_a_discount_is_in_the_class_that_its_milestones_say() -> None:
    """A day counts up to its last instant on the clocks of the log's zone; the whole discount is in one class, with its cases behind it."""
    written = "\n".join(f"i{place} {INVOICE}: {events}" for place, events in enumerate(CLASSES))
    answer = money_of_time(log(written, card=CARD))
    expected: dict[str, list[str]] = defaultdict(list)
    for place, measure in enumerate(CLASSES.values()):
        expected[measure].append(f"i{place}")
    found = {line["measure"]: line for line in lines(answer, part=DISCOUNTS)}
    assert {measure: (line["currency"], line["cases"], line["money"]) for measure, line in found.items()} == {
        measure: ("EUR", len(cases), Decimal("20.00") * len(cases)) for measure, cases in expected.items()
    }
    assert [case["case"] for case in answer.cases(found[LOST[1]]).records()] == expected[LOST[1]]


def test_a_discount_that_can_still_be_taken_is_undecided() -> None:
    """Before the discount date is over at the extraction nothing is lost, and before the due date nobody is late."""
    card = replace(CARD, extracted=datetime(2024, 1, 10, 22, tzinfo=UTC))
    answer = money_of_time(log(f"i1 {INVOICE}: receive@1d\ni2 {INVOICE}: receive@1d, pay@2d", card=card))
    assert {line["measure"]: line["cases"] for line in lines(answer, part=DISCOUNTS)} == {TAKEN: 1, UNDECIDED: 1}
    assert {line["measure"]: line["cases"] for line in lines(answer, part=LATENESS)} == {NOT_DUE: 2}


def test_open_and_overdue_is_late_and_costs_interest_so_far() -> None:
    """Paid two days late 0.82 of interest (at 20 % from 20 January on) and a fee; open from the due date to the extraction likewise."""
    answer = money_of_time(log(f"i1 {INVOICE}: receive@1d, pay@31d\ni2 {INVOICE}: receive@1d\ni3 {INVOICE}: receive@1d, pay@29d", card=CARD))
    assert (one(answer, LATE)["days_mean"], one(answer, LATE)["money"]) == (2.0, Decimal("2.60"))
    assert (one(answer, OVERDUE)["days_mean"], one(answer, OVERDUE)["money"]) == (2.0, Decimal("2.60"))
    assert one(answer, ON_TIME)["money"] is None
    late, *_ = [text for text in texts(answer, Headline) if "due" in text]
    assert late == "2 of 3 cases in EUR that were due were paid late or are overdue, which costs 5.20 EUR of interest and fees."


def test_rates_say_what_they_are_of() -> None:
    """Numerator, denominator, what is not counted and what is undecided stand beside each rate, with an interval; no division by nought."""
    written = f"i1 {INVOICE}: receive@1d, pay@3d\ni2 {INVOICE}: receive@1d, pay@12d\ni3 {INVOICE}: receive@1d, cancel@2d"
    answer = money_of_time(log(written, card=CARD))
    shown = next(block for block in answer.view().blocks if getattr(block, "title", "") == "Discounts captured and payments on time")
    rows = [dict(zip((column.name for column in shown.columns), row, strict=True)) for row in shown.rows]  # type: ignore[union-attr]
    captured = rows[0]
    assert (captured["numerator"], captured["denominator"], captured["count_share"], captured["money_share"]) == (1, 2, 0.5, 0.5)
    assert (captured["not_counted"], captured["undecided_cases"]) == (1, 0)
    assert captured["share_low"] == pytest.approx(0.0945, abs=1e-4)


def test_labour_is_paid_by_who_did_it_and_when() -> None:
    """The rate of the resource beats that of the role and the default; days before and after its validity fall through."""
    rates = (
        LabourRate("resource", "ann", Decimal(60), "EUR", date(2024, 1, 3)),
        LabourRate("role", "clerk", Decimal(36), "EUR"),
        LabourRate("default", None, Decimal("7.2"), "USD", None, date(2024, 1, 1)),
    )
    card = Card(zone="UTC", money=Terms(labour=rates))
    written = "a {role=clerk}: x@1d 1h-1d 2h/ann, x@2d 1h-2d 2h/ann, y@2d 3h-2d 3h 30m/bob, w@3d/bob\nb {role=boss}: x@1h-1h 1m/eve, x@30h-31h/eve, z@40h/eve"
    answer = money_of_time(log(written, card=card))
    found = {(line["currency"], line["cases"], line["money"]) for line in lines(answer, part="labour")}
    assert found == {("EUR", 1, Decimal("114.00")), ("USD", 1, Decimal("0.12"))}
    said = " ".join(texts(answer, Caveat))
    assert "1 instance costs nothing here because how long it took is not known" in said
    assert "2 instances cost nothing here because no labour rate applies to who did them" in said


def test_labour_is_paid_for_working_time() -> None:
    """What is left open overnight is paid for the hours of its calendar only."""
    card = Card(
        zone="UTC",
        calendars={"office": OFFICE},
        calendar_of=CalendarOf("office"),
        money=Terms(labour=(LabourRate("default", None, Decimal(10), "EUR"),)),
    )
    answer = money_of_time(log("a: x@1d 16h-2d 10h/ann", card=card))
    assert one(answer, "labour")["money"] == Decimal("20.00")


def test_capital_is_a_benefit_of_payables_and_a_cost_of_receivables() -> None:
    """1,000 for 36 days at 8.01 % of a year of 360 days is 8.01, from the day of the document on; paid early it is the other way round."""
    facts = "{amount=1000.00, currency=EUR, document_date=2024-01-01, due_date=2024-02-20}"
    written, later = f"i1 {facts}: receive@1d, pay@36d", datetime(2024, 3, 1, tzinfo=UTC)
    for side, sign in (("payables", -1), ("receivables", 1)):
        card = replace(CARD, extracted=later, money=replace(TERMS, capital=Capital(Decimal("0.0801"), 360, side)))  # type: ignore[arg-type]
        answer = money_of_time(log(written, card=card))
        assert one(answer, "from document to payment")["money"] == sign * Decimal("8.01")
        assert (one(answer, "paid early")["days_mean"], one(answer, "paid early")["money"]) == (14.0, -sign * Decimal("3.12"))
    assert not lines(money_of_time(log(written, card=replace(CARD, extracted=later)), early=14), measure="paid early")


def test_currencies_are_never_added_but_by_the_rates_of_the_card() -> None:
    """Each currency has its own lines; with a reporting currency and rates there is one sum of what has a rate."""
    euro, dollar = INVOICE, INVOICE.replace("EUR", "USD")
    written = f"i1 {euro}: receive@1d, pay@12d\ni2 {dollar}: receive@1d, pay@12d\ni3 {INVOICE.replace('EUR', 'GBP')}: receive@1d, pay@12d"
    answer = money_of_time(log(written, card=CARD))
    assert [(line["currency"], line["money"]) for line in lines(answer, measure=LOST[1])] == [
        (name, Decimal("20.00")) for name in ("EUR", "GBP", "USD")
    ]
    assert answer.reported is None
    card = replace(CARD, amount=AmountRule("case", reporting="EUR"), rates=(Rate("USD", date(2024, 1, 1), Decimal("0.9")),))
    reported = money_of_time(log(written, card=card)).reported
    assert reported is not None
    lost = next(record for record in reported.records() if record["measure"] == LOST[1])
    assert (lost["cases"], lost["value"], lost["money"]) == (2, Decimal(1900), Decimal(38))


def test_what_is_in_the_reporting_currency_is_not_rounded_case_by_case() -> None:
    """Three cases with a minute of work each at 10.00 an hour cost 0.50 together, and so they do in the reporting currency; 0.17 each would be 0.51."""
    card = Card(zone="UTC", money=Terms(labour=(LabourRate("resource", "ann", Decimal(10), "EUR"),)), amount=AmountRule("case", reporting="EUR"))
    written = "\n".join(f"{case} {{amount=1.00, currency=EUR}}: x@{hour}h-{hour}h 1m/ann" for case, hour in (("a", 1), ("b", 2), ("c", 3)))
    answer = money_of_time(log(f"{written}\nd {{amount=1.00, currency=USD}}: x@4h-5h/bob", card=card))
    assert answer.reported is not None
    assert [record["money"].quantize(Decimal("0.01")) for record in answer.reported.records() if record["part"] == "labour"] == [Decimal("0.50")]
    assert [line["money"] for line in lines(answer, part="labour")] == [Decimal("0.50")]


def test_what_held_the_invoice_when_its_date_passed_gets_the_loss() -> None:
    """The step on which the discount date passed is named; by time the loss is divided among the steps from receipt on."""
    answer = money_of_time(log(f"i1 {INVOICE}: order@1d, receive@4d 23h, check@5d 23h-7d 23h, approve@12d, pay@13d", card=CARD))
    steps = {(step["source_activity"], step["target_activity"]): step for step in answer._blamed() if step["part"] == DISCOUNTS}
    assert {step: record["blamed"] for step, record in steps.items() if record["held_cases"]} == {("check", "approve"): Decimal(20)}
    assert {step: record["split"] for step, record in steps.items() if record["split"]} == {
        ("receive", "check"): Decimal(12),
        ("check", "approve"): Decimal(8),
    }
    assert any("100.0 % of the lost discounts in EUR fell due on the step check → approve." in text for text in texts(answer, Headline))


def test_what_a_document_waited_for_when_its_date_passed() -> None:
    """In the last opening hours up to the date: Ann was at other work that came earlier, or later; at nothing; away; or already at it."""
    card = replace(CARD, zone="UTC", calendars={"office": OFFICE}, calendar_of=CalendarOf("office"))
    facts = INVOICE.replace("2024-01-10", "2024-01-08")  # a Monday: its office hours end at 17:00
    other = "{currency=EUR}"
    written = f"""
        earlier {facts}: receive@4d 10h-4d 11h/bob, approve@9d 10h-9d 11h/ann, pay@10d/pat
        w1 {other}: note@4d 9h-4d 10h/bob, work@7d 16h-7d 18h/ann
        later {facts}: receive@4d 10h-4d 11h/bob, approve@9d 10h-9d 11h/cid, pay@10d/pat
        w2 {other}: note@5d 9h-5d 10h/bob, work@7d 16h-7d 18h/cid
        idle {facts}: receive@4d 10h-4d 11h/bob, approve@9d 12h-9d 13h/dan, pay@10d/pat
        away {facts}: receive@7d 17h-7d 18h/bob, approve@9d 12h-9d 13h/eve, pay@10d/pat
        busy {facts}: receive@4d 10h-4d 11h/bob, approve@7d 12h-9d 13h/fay, pay@10d/pat
        nobody {facts}: receive@4d 10h-4d 11h/bob, approve@9d 12h-9d 13h, pay@10d/pat
        ended {facts}: receive@4d 10h-4d 11h/bob
    """
    answer = money_of_time(log(written, card=card))
    assert answer.caused is not None
    found = {one["held_by"]: (one["held_cases"], one["blamed"]) for one in answer.caused.records() if one["part"] == DISCOUNTS}
    whole = ("contention", "prioritisation", "extraneous", "unavailability", "work", "not told: no start or resource is recorded")
    assert found == dict.fromkeys((*whole, "not told: nothing followed"), (1, Decimal(20)))
    assert "What they waited for just then" in answer.to_text()
    assert answer.kernels()


def test_milestones_are_proposed_from_names_and_said() -> None:
    """Without milestones on the card the names of activities are taken, and the answer says which; declared ones that are not there too."""
    card = replace(CARD, money=replace(TERMS, milestones={}))
    answer = money_of_time(
        log(f'i1 {INVOICE}: "Receive invoice"@1d, "Approve invoice"@2d, "Cancel invoice receipt"@3d, "Pay invoice"@12d', card=card)
    )
    said = " ".join(texts(answer, Caveat))
    assert "received = 'Receive invoice'; approved = 'Approve invoice'; paid = 'Pay invoice'" in said
    assert one(answer, LOST[0])["cases"] == 1
    absent = money_of_time(log(f"i1 {INVOICE}: receive@1d, payed@2d", card=CARD))
    assert any("'pay' (paid on the card) does not occur in the log. Did you mean 'payed'?" in text for text in texts(absent, Caveat))


def test_a_log_without_any_of_it_says_what_is_missing() -> None:
    """Without payments, dates and rates there are no lines, and each missing fact is named with how to declare it."""
    answer = money_of_time(log("a: x@1h, y@2h"))
    assert not answer.records()
    said = " ".join(texts(answer, Caveat))
    assert "[milestones]" in said
    assert "[[labour]]" in said


@dataclass(frozen=True)
class Invoice:
    """A case as brute force sees it."""

    times: list[tuple[str, int]]
    amount: Decimal | None
    currency: str
    due: date | None
    discount_date: date | None
    discount: Decimal | None


def invoices(seed: int) -> list[Event]:
    """Eighty invoices with terms, of which some lack a fact or hold one that cannot be read, in any order."""
    draw, rows = random.Random(seed), []
    days = [str(date(2024, 1, 1) + timedelta(day)) for day in range(41)]
    for number in range(80):
        currency = draw.choice(["EUR", "JPY"])
        facts = {
            "amount": draw.choice(["100.00", "99999.99", "0.03", "-5", "", "7"]),
            "currency": currency,
            "due_date": draw.choice([*days, *["", "soon"] * 3]),
            "discount_date": draw.choice([*days, *["", "31.01.2024", "never"] * 3]),
            "discount": draw.choice(["", "0", "2.01" if currency == "EUR" else "2", "x", "13"]),
        }
        for hour in draw.sample(range(24 * 40), draw.randint(1, 6)):
            activity = draw.choice(["receive", "approve", "pay", "check", "note", "cancel"])
            rows.append({"case": f"i{number}", "activity": activity, "timestamp": ORIGIN + hour * HOUR, **facts})
    draw.shuffle(rows)
    return rows


@pytest.fixture(scope="module", params=[1])
def random_log(request: pytest.FixtureRequest) -> tuple[list[Event], MoneyOfTime]:
    """Random invoices and their money of time."""
    rows = invoices(request.param)
    return rows, money_of_time(log(rows, card=CARD))


def read(rows: list[Event]) -> dict[str, Invoice]:
    """The invoices of a log."""

    def day(text: str) -> date | None:
        for form in ("%Y-%m-%d", "%d.%m.%Y"):
            try:
                return datetime.strptime(text, form).replace(tzinfo=UTC).date()
            except ValueError:
                continue
        return None

    found: dict[str, Invoice] = {}
    for row in sorted(rows, key=lambda row: row["timestamp"]):
        money = {name: Decimal(row[name]) if row[name] not in ("", "x") else None for name in ("amount", "discount")}
        invoice = Invoice([], money["amount"], row["currency"], day(row["due_date"]), day(row["discount_date"]), money["discount"])
        found.setdefault(row["case"], invoice).times.append((row["activity"], row["timestamp"]))
    return found


def over(day: date) -> int:
    """The instant at which a day is over in the zone of the log."""
    return round(datetime.combine(day + timedelta(1), datetime.min.time(), ZoneInfo(ZONE)).timestamp()) * 1_000_000


def local_day(instant: int) -> date:
    """The day of an instant in the zone of the log."""
    return datetime.fromtimestamp(instant / 1e6, ZoneInfo(ZONE)).date()


AS_OF = ORIGIN + 31 * DAY


def losses(invoice: Invoice) -> dict[str, tuple[Decimal, int]]:
    """What an invoice lost, and the instant at which it did, by brute force; the classes are asserted elsewhere."""
    paid = max((time for name, time in invoice.times if name == "pay"), default=None)
    found: dict[str, tuple[Decimal, int]] = {}
    if paid is None and invoice.times[-1][0] == "cancel":
        return found
    received = min((time for name, time in invoice.times if name == "receive"), default=None)
    approved = max((time for name, time in invoice.times if name == "approve"), default=None)
    if invoice.amount is not None and invoice.discount and 0 < invoice.discount < invoice.amount and invoice.discount_date:
        end = over(invoice.discount_date)
        missed = (paid is None or paid >= end) and end <= AS_OF
        if missed and (received is not None or (approved is not None and approved < end)):
            found[DISCOUNTS] = (invoice.discount, end)
    if invoice.amount and invoice.amount > 0 and invoice.due and over(invoice.due) <= AS_OF and (paid is None or paid >= over(invoice.due)):
        interest = LATE_INTEREST.interest(invoice.amount, invoice.due, local_day(paid or AS_OF), invoice.currency)
        assert interest is not None
        found[LATENESS] = (interest + LATE_INTEREST.fee.get(invoice.currency, Decimal(0)), over(invoice.due))
    return found


def test_losses_and_blame_equal_brute_force(random_log: tuple[list[Event], MoneyOfTime]) -> None:
    """Every loss is found to the cent, charged to the step on which its date passed, and divided by time; all add up to the losses."""
    rows, answer = random_log
    held: dict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    split: dict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    lost: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for invoice in read(rows).values():
        for part, (loss, deadline) in losses(invoice).items():
            key = (part, invoice.currency)
            lost[key] += loss
            steps, weights = charged(invoice, deadline)
            if loss:
                held[(*key, *steps[-1])] += loss
            for step, share in zip(steps, shared_out(int(loss * 10**6), weights), strict=True):
                split[(*key, *step)] += Decimal(share) / 10**6
    found = answer.blamed.records()
    names = answer._blamed()
    keys = [(one["part"], one["currency"], one["source_activity"], one["target_activity"]) for one in names]
    assert {key: one["blamed"] for key, one in zip(keys, found, strict=True) if one["blamed"]} == {key: loss for key, loss in held.items() if loss}
    assert {key: one["split"] for key, one in zip(keys, found, strict=True) if one["split"]} == {key: loss for key, loss in split.items() if loss}
    for part, currency in {(one["part"], one["currency"]) for one in found}:
        here = [one for one in found if (one["part"], one["currency"]) == (part, currency)]
        assert sum(one["blamed"] for one in here) == sum(one["split"] for one in here) == lost[part, currency]
    lines_lost: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in answer.records():
        if line["measure"] in (*LOST, LATE, OVERDUE):
            lines_lost[line["part"], line["currency"]] += line["money"]
    assert {key: money for key, money in lines_lost.items() if money} == {key: money for key, money in lost.items() if money}


def charged(invoice: Invoice, deadline: int) -> tuple[list[tuple[str, str]], list[int]]:
    """The steps of an invoice up to a deadline, and the time from receipt (or its start) on that was spent on each."""
    received = min((time for name, time in invoice.times if name == "receive"), default=None)
    clock = received if received is not None and received < deadline else invoice.times[0][1]
    steps, weights = [(CASE_START, invoice.times[0][0])], [0]
    for place, (name, time) in enumerate(invoice.times):
        if time < deadline:
            following = invoice.times[place + 1] if place + 1 < len(invoice.times) else (OPEN_END, deadline)
            steps.append((name, following[0]))
            weights.append(max(min(following[1], deadline) - max(time, clock), 0))
    return steps, weights


def test_the_classes_of_discounts_add_up(random_log: tuple[list[Event], MoneyOfTime]) -> None:
    """Taken and the three kinds of lost are all that was offered and is decided, per currency; every case with terms is in one line."""
    rows, answer = random_log
    for currency in ("EUR", "JPY"):
        offered = sum(line["money"] for line in lines(answer, part=DISCOUNTS, currency=currency) if line["measure"] in (TAKEN, *LOST))
        expected = Decimal(0)
        for invoice in read(rows).values():
            ended = invoice.times[-1][0] == "cancel" and all(name != "pay" for name, _ in invoice.times)
            if (
                invoice.amount is None
                or invoice.currency != currency
                or not invoice.discount
                or not 0 < invoice.discount < invoice.amount
                or not invoice.discount_date
                or ended
            ):
                continue
            paid = max((time for name, time in invoice.times if name == "pay"), default=None)
            taken = paid is not None and paid < over(invoice.discount_date)
            if taken or DISCOUNTS in losses(invoice):
                expected += invoice.discount
        assert offered == expected
    due = sum(line["cases"] for line in lines(answer, part=LATENESS))
    assert due == len({row["case"] for row in rows if row["due_date"]})
    assert all(line["money"] is None for line in lines(answer, part=DISCOUNTS) if line["currency"] is None)


def test_splitting_by_an_attribute_changes_no_sum(random_log: tuple[list[Event], MoneyOfTime]) -> None:
    """The lines and the blame of all groups add up to those of the whole, and the groups hold each case once."""
    rows, whole = random_log
    parts = money_of_time(log(rows, card=CARD), by="currency")
    assert sum(line["cases"] for line in whole.records()) == sum(line["cases"] for line in parts.records())
    assert sum(step["split"] for step in whole.blamed.records()) == sum(step["split"] for step in parts.blamed.records())
    assert sum(line["money"] or 0 for line in whole.records()) == sum(line["money"] or 0 for line in parts.records())


def test_working_time_divides_the_loss_where_a_calendar_applies() -> None:
    """A weekend weighs nothing: of Friday 17:00 to Monday 13:00 only four hours count, beside four on Friday."""
    card = replace(CARD, zone="UTC", calendars={"office": OFFICE}, calendar_of=CalendarOf("office"))
    facts = INVOICE.replace("2024-01-10", "2024-01-08")
    answer = money_of_time(log(f"i1 {facts}: receive@4d 13h, check@4d 17h, approve@7d 13h, pay@12d", card=card))
    split = {step["target_activity"]: step["split"] for step in answer._blamed() if step["part"] == DISCOUNTS and step["split"]}
    assert split == {"check": Decimal("6.67"), "approve": Decimal("6.67"), "pay": Decimal("6.67")}


def test_real_declarations_get_honest_words(third_party_logs: Any) -> None:
    """A log without due dates and rates gives no money, and says which facts are missing."""
    answer = finmine.money_of_time(finmine.read(third_party_logs / "bpic2020" / "DomesticDeclarations.xes.gz"))
    said = " ".join(texts(answer, Caveat))
    assert "paid = 'Payment Handled'" in said
    assert "has no attribute due_date, discount_date, discount" in said
    assert {line["part"] for line in answer.records()} == {"capital"}
