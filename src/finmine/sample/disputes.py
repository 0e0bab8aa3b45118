"""Disputes: what customers deduct from invoices, from the claim to the credit note, at desks of which it is known why work waits there."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np

from finmine.card_money import MoneyOfTime
from finmine.finance.labour import LabourRate
from finmine.sample.blueprint import Blueprint, CaseColumns, Column, Finished, coded, decimals, numbered
from finmine.sample.calendar import office_season, working_calendar
from finmine.sample.desks import Desk
from finmine.sample.draft import Draft, drafted
from finmine.sample.faults import MissingUsers
from finmine.sample.lots import Lot
from finmine.sample.people import staff
from finmine.sample.planting import Collected, Loop, Queue
from finmine.sample.steps import SYSTEM, Matrix, Step, at_next, turns

_CALENDAR = working_calendar(date(2023, 12, 1), date(2027, 12, 31))
_NIGHTLY = _CALENDAR.runs(21.0, range(7), holidays_too=True)
_EARLY = _CALENDAR.runs(5.25, range(7), holidays_too=True)

_CASES = 300
_CUSTOMERS = tuple(f"C{2000 + 7 * number}" for number in range(60))
_KEY_CUSTOMERS = 12
_REASONS = ("price", "quantity", "quality", "late delivery", "double invoice")
_CURRENCIES = ("EUR", "USD")

_CLERKS, _MANAGERS = Desk(), Desk(weekdays=(0, 1, 2))
_CHECKS, _BILLING = Desk(prefers="key"), Desk(collects=(1, 3))

_TEAMS = {
    "Dispute clerk": (5,),
    "Claims checker": (1,),
    "Sales": (9,),
    "Document clerk": (4,),
    "Credit manager": (3,),
    "Deputy manager": (3,),
    "Billing clerk": (2,),
}

_STEPS = (
    Step("Register dispute", "Dispute clerk", (0.0, 0.0), (0.02, 0.6), "register"),
    Step("Check claim", "Claims checker", (0.0, 0.0), (0.27, 0.4), "check", desk=_CHECKS),
    *turns(
        3,
        Step("Ask sales", "Dispute clerk", (0.3, 0.7), (0.02, 0.6), "question"),
        Step("Answer question", "Sales", (0.7, 0.7), (0.04, 0.6), "question"),
        Step("Record answer", "Dispute clerk", (0.2, 0.7), (0.01, 0.6), "question"),
    ),
    Step("Call customer", "Dispute clerk", (0.6, 0.7), (0.03, 0.6), "call"),
    Step("Inspect goods", "Sales", (1.5, 0.6), (0.1, 0.5), "inspection"),
    Step("Examine documents", "Document clerk", (3.0, 0.5), (0.05, 0.5), "documents", desk=_CLERKS),
    Step("Decide claim", "Credit manager", (0.0, 0.0), (0.03, 0.5), "decision", desk=_MANAGERS),
    Step("Escalate dispute", "Dispute clerk", (0.5, 0.7), (0.02, 0.5), "escalation"),
    *turns(
        2,
        Step("Return claim", "Deputy manager", (0.4, 0.6), (0.02, 0.5), "return"),
        Step("Complete claim", "Dispute clerk", (0.8, 0.7), (0.06, 0.6), "return"),
        Step("Decide claim", "Deputy manager", (0.6, 0.7), (0.03, 0.5), "return"),
    ),
    Step("Issue credit note", "Billing clerk", (0.0, 0.0), (0.01, 0.3), "credit", desk=_BILLING),
    Step("Send credit note", SYSTEM, part="credit", user="OUTPUT", pace=at_next(_NIGHTLY)),
    *turns(
        2,
        Step("Report failed output", SYSTEM, part="another try", user="OUTPUT", pace=at_next(_EARLY)),
        Step("Send credit note", SYSTEM, part="another try", user="OUTPUT", pace=at_next(_NIGHTLY)),
    ),
    Step("Clear dispute", SYSTEM, part="credit", user="CLEARING", pace=at_next(_NIGHTLY)),
)


def _draft(lot: Lot) -> Draft:
    rng, count = lot.dice("cases"), lot.count
    customer = (len(_CUSTOMERS) * rng.random(count) ** 1.5).astype(np.int64)
    cases: dict[str, Matrix] = {
        "number": lot.first + np.arange(count) + 1,
        "customer": customer,
        "key": (customer < _KEY_CUSTOMERS).astype(np.int64),
        "reason": rng.choice(len(_REASONS), count, p=(0.34, 0.26, 0.18, 0.13, 0.09)),
        "currency": rng.choice(len(_CURRENCIES), count, p=(0.85, 0.15)),
        "amount": np.maximum(45_000 * np.exp(rng.normal(0.0, 1.2, count)), 500).astype(np.int64),
        "place": rng.random(count),
    }
    labels = {"customer": _CUSTOMERS, "reason": _REASONS, "currency": _CURRENCIES}
    begin = _CALENDAR.beginnings(lot.quantiles(), date(2024, 7, 1), date(2025, 1, 10), office_season)
    draft = drafted(lot, _STEPS, _CALENDAR, begin, staff(lot, _STEPS, _TEAMS), np.zeros(count, dtype=np.int64), cases, labels)
    desks = [row for row, step in enumerate(_STEPS) if step.desk is not None]
    draft.work[desks] *= min(1.0, _CASES / lot.total * max((lot.total / 2000) ** 0.5, 1.0))  # desks are as busy, however many cases there are
    clerk = [row for row, step in enumerate(_STEPS) if step.role in ("Dispute clerk", "Sales")]
    for row in clerk:  # one clerk and one seller for each dispute, so that questions go to and fro between the two
        draft.user[row] = draft.user[next(first for first in clerk if _STEPS[first].role == _STEPS[row].role)]
    ways = lot.dice("ways").random((3, count))
    some = {"call": ways[0] < 0.2, "inspection": ways[1] < 0.12, "escalation": ways[2] < 0.06}
    return draft.taking({**dict.fromkeys(("register", "check", "documents", "decision", "credit"), draft.every), **some})


def _case_columns(finished: Finished) -> CaseColumns:
    cases = finished.draft.cases
    return {
        "dispute": numbered(cases["number"], 5, "D"),
        "customer": coded(cases["customer"], _CUSTOMERS),
        "reason": coded(cases["reason"], _REASONS),
        "key_customer": coded(cases["key"], ("no", "yes")),
        "amount": decimals(cases["amount"]),
        "currency": coded(cases["currency"], _CURRENCIES),
    }


DISPUTES = Blueprint(
    name="disputes",
    title="Disputes",
    cases=_CASES,
    zone="Europe/Berlin",
    extracted=datetime(2025, 1, 15),
    stamps_in_utc=False,
    columns=(
        Column("dispute", role="case", attribute="document"),
        Column("activity", role="activity"),
        Column("lifecycle", role="lifecycle"),
        Column("timestamp", role="timestamp"),
        Column("user", role="resource"),
        Column("role", role="role"),
        Column("amount", role="amount", of_case=True),
        Column("currency", role="currency", of_case=True),
        Column("customer", attribute="customer", of_case=True),
        Column("reason", attribute="reason", of_case=True),
        Column("key_customer", attribute="key_customer", of_case=True),
    ),
    rework={"returns": ("Return claim",), "blocks": ("Report failed output",)},
    money=MoneyOfTime(labour=(LabourRate("role", "Credit manager", Decimal("66.00"), "EUR"), LabourRate("default", None, Decimal("38.50"), "EUR"))),
    outcomes={"cleared": ("Clear dispute",)},
    draft=_draft,
    case_columns=_case_columns,
    plants=(
        Loop(
            "questions to and fro",
            "The clerk asks sales and gets the work back with the answer, once or several times.",
            part="question",
            after="Check claim",
            rate=0.3,
            again=0.5,
            sort="ping-pong",
        ),
        Loop(
            "returned claims",
            "The deputy returns a claim; it is completed and decided again.",
            part="return",
            after="Decide claim",
            rate=0.15,
            again=0.2,
            sort="return",
        ),
        Loop(
            "credit notes sent again",
            "The output fails and is tried again the next night.",
            part="another try",
            after="Send credit note",
            rate=0.1,
            again=0.2,
            sort="retry",
        ),
        Queue("queue before the check", "One person checks all claims, one after another.", activity="Check claim", cause="contention"),
        Queue(
            "key customers first",
            "Claims of key customers are checked before those that came earlier.",
            activity="Check claim",
            cause="prioritisation",
        ),
        Queue(
            "documents from outside",
            "The customer takes days to send documents; the log does not say so.",
            activity="Examine documents",
            cause="extraneous",
        ),
        Queue(
            "managers from Monday to Wednesday", "Credit managers decide on three days of the week.", activity="Decide claim", cause="unavailability"
        ),
        Collected("credit notes in batches", "Credit notes are collected and done one after the other.", activity="Issue credit note"),
        Queue(
            "credit notes collected",
            "Credit notes are collected and issued on Tuesdays and Thursdays.",
            activity="Issue credit note",
            cause="batching",
        ),
    ),
    faults=(MissingUsers("missing users", "Rows without a user.", 4.0),),
    hours={"desks": ("Mon-Fri", ("Claims checker", "Document clerk", "Billing clerk")), "managers": ("Mon-Wed", ("Credit manager",))},
)
