"""Purchase to pay: the process behind the invoices, from the requisition to the payment, in three companies and two currencies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from finmine.sample.calendar import DAY, office_season, working_calendar
from finmine.sample.draft import Draft, drafted
from finmine.sample.lots import Flags, Floats, Ints, Lot
from finmine.sample.people import staff
from finmine.sample.steps import SYSTEM, Matrix, Moment, Step, at_next, during, turns
from finmine.sample.vendors import vendors

_CALENDAR = working_calendar(date(2023, 12, 1), date(2027, 12, 31))
_NIGHTLY = _CALENDAR.runs(21.0, range(7), holidays_too=True)
_EARLY = _CALENDAR.runs(5.25, range(7), holidays_too=True)
_EVENING = _CALENDAR.runs(18.5)
_PAYMENTS = _CALENDAR.runs(10.5, (1, 3))

_COMPANIES = ("1000", "2000", "3000")
_COMPANY_SHARES = (0.52, 0.27, 0.21)
_CURRENCIES = ("EUR", "USD")
_TYPES = ("RE", "KR", "KG")  # invoice for an order, invoice without one, credit memo
_TERMS = np.array([(14, 0), (30, 14), (30, 0), (60, 0), (7, 0)])  # days net, days for the discount
_TERM_SHARES = (0.24, 0.34, 0.28, 0.06, 0.08)
_LARGE = 20_000_00
_COST_CENTRES = tuple(f"{4100 + 10 * number}" for number in range(40))

_TEAMS = {
    "Requester": (14, 8, 7),
    "Cost centre manager": (7, 4, 4),
    "Buyer": (6, 3, 3),
    "Purchasing manager": (2, 1, 1),
    "Warehouse": (5, 3, 3),
    "AP clerk": (6, 4, 3),
    "Approver": (9, 5, 4),
    "AP manager": (2, 1, 1),
}


def _pays(moment: Moment) -> Ints:
    """The last payment run that keeps the discount, else the last before the due date, else the next."""
    document = moment.last("Receive invoice") // DAY - moment.case("age")
    soonest = np.searchsorted(_PAYMENTS, moment.previous, "right")
    by_discount = np.searchsorted(_PAYMENTS, (document + moment.case("discount_days") + 1) * DAY) - 1
    by_due = np.searchsorted(_PAYMENTS, (document + moment.case("net_days") + 1) * DAY) - 1
    keeps = (moment.case("discount_days") > 0) & (by_discount >= soonest)
    run = np.where(keeps, by_discount, np.maximum(by_due, soonest))
    return during(_PAYMENTS[run], moment)


_STEPS = (
    Step("Create purchase requisition", "Requester", (0.0, 0.0), part="requisition"),
    Step("Release purchase requisition", "Cost centre manager", (0.6, 0.9), part="requisition"),
    Step("Create purchase order", "Buyer", (0.7, 0.8), part="order"),
    Step("Release purchase order", "Purchasing manager", (0.4, 0.8), part="order"),
    *turns(
        3,
        Step("Change price", "Buyer", (0.6, 0.8), part="price change"),
        Step("Release purchase order", "Purchasing manager", (0.5, 0.8), part="price change"),
    ),
    Step("Send purchase order", SYSTEM, part="order", user="WF-BATCH", pace=at_next(_NIGHTLY)),
    Step("Change quantity", "Buyer", (1.2, 0.7), part="quantity change"),
    Step("Record goods receipt", "Warehouse", (4.0, 0.5), part="goods"),
    Step("Return goods", "Warehouse", (0.8, 0.6), part="return"),
    Step("Record goods receipt", "Warehouse", (4.0, 0.4), part="return"),
    Step("Record goods receipt", "Warehouse", (2.5, 0.6), part="second delivery"),
    Step("Receive invoice", SYSTEM, (1.2, 0.8), part="invoice", user="SCAN_USER"),
    Step("Enter invoice", SYSTEM, part="entry by machine", user="OCR_USER", pace=at_next(_EARLY)),
    Step("Enter invoice", "AP clerk", (0.6, 0.8), part="entry by hand"),
    Step("Record goods receipt", "Warehouse", (2.5, 0.7), part="late goods"),
    Step("Assign account", "AP clerk", (0.7, 0.8), part="no order"),
    Step("Match invoice", SYSTEM, part="match by machine", user="BATCH_USER", pace=at_next(_EARLY)),
    Step("Match invoice", "AP clerk", (0.4, 0.8), part="match by hand"),
    *turns(
        3,
        Step("Block invoice", SYSTEM, part="block", user="BATCH_USER", pace=at_next(_EARLY)),
        Step("Resolve block", "Buyer", (2.0, 0.8), part="block"),
        Step("Match invoice", SYSTEM, part="block", user="BATCH_USER", pace=at_next(_EARLY)),
    ),
    Step("Check invoice manually", "AP clerk", (1.4, 0.7), part="manual check"),
    *turns(
        2,
        Step("Reject invoice", "Approver", (1.2, 0.8), part="correction"),
        Step("Correct invoice", "AP clerk", (1.0, 0.8), part="correction"),
    ),
    Step("Cancel invoice", "AP manager", (1.5, 0.8), part="cancellation"),
    Step("Approve invoice", "Approver", (1.2, 0.9), part="approval"),
    Step("Second approval", "AP manager", (0.9, 0.8), part="second approval"),
    Step("Post invoice", SYSTEM, part="posting by machine", user="BATCH_USER", pace=at_next(_EVENING)),
    Step("Post invoice", "AP clerk", (0.3, 0.8), part="posting by hand"),
    Step("Reverse posting", "AP clerk", (1.5, 0.8), part="reversal"),
    Step("Post invoice", "AP clerk", (0.2, 0.8), part="reversal"),
    Step("Set payment block", "AP clerk", (0.8, 0.8), part="payment block"),
    Step("Remove payment block", "AP manager", (4.0, 0.7), part="payment block"),
    Step("Pay invoice", SYSTEM, part="payment", user="BATCH_USER", pace=_pays),
    Step("Receive credit memo", SYSTEM, (0.0, 0.0), part="credit memo", user="SCAN_USER"),
    Step("Enter credit memo", "AP clerk", (0.8, 0.8), part="credit memo"),
    Step("Approve credit memo", "Approver", (2.0, 0.8), part="credit memo"),
    Step("Post credit memo", "AP clerk", (0.5, 0.8), part="credit memo"),
    Step("Clear credit memo", SYSTEM, part="credit memo", user="BATCH_USER", pace=at_next(_PAYMENTS)),
)


def purchase_to_pay(lot: Lot) -> Draft:
    """The draft of a lot of invoices, with the parts of the process that each takes by nature."""
    cases, labels = _cases(lot)
    begin = _CALENDAR.beginnings(lot.quantiles(), date(2024, 1, 2), date(2024, 12, 31), office_season)
    draft = drafted(lot, _STEPS, _CALENDAR, begin, staff(lot, _STEPS, _TEAMS), cases["company"], cases, labels)
    late = lot.dice("late goods").random(lot.count) < 0.10
    draft = draft.taking(_parts(lot, cases, late))
    return draft.waiting(_with_delivery(draft, late))


def _cases(lot: Lot) -> tuple[dict[str, Matrix], dict[str, tuple[str, ...]]]:
    """The columns of the cases."""
    rng, count = lot.dice("cases"), lot.count
    known = vendors(lot, _COMPANY_SHARES, american=(False, False, True))
    company = rng.choice(3, count, p=_COMPANY_SHARES)
    vendor = known.picked(company, rng)
    kind = rng.choice(3, count, p=(0.80, 0.145, 0.055))
    common = lot.common_dice("vendor habits")
    terms = _TERMS[common.choice(len(_TERMS), len(known.names), p=_TERM_SHARES)][vendor]
    level = common.normal(0.0, 0.9, len(known.names))[vendor]
    cases: dict[str, Matrix] = {
        "number": 1_900_000 + 3 * (lot.first + np.arange(count)) + rng.integers(3, size=count),
        "company": company,
        "currency": (company == 2).astype(np.int64),
        "vendor": vendor,
        "lead_time": np.exp(common.normal(0.0, 0.4, len(known.names)))[vendor],
        "document_type": kind,
        "amount": _amounts(level, kind, rng),
        "net_days": terms[:, 0],
        "discount_days": np.where(kind < 2, terms[:, 1], 0),
        "age": rng.integers(1, 5, count),
        "order": 4_500_000_000 + 2 * (lot.first + np.arange(count)) + rng.integers(2, size=count),
        "cost_centre": (len(_COST_CENTRES) * rng.random(count) ** 2).astype(np.int64),
        "place": rng.random(count),
    }
    return cases, {"company": _COMPANIES, "currency": _CURRENCIES, "vendor": known.names, "document_type": _TYPES, "cost_centre": _COST_CENTRES}


def _amounts(level: Floats, kind: Ints, rng: np.random.Generator) -> Ints:
    """Cents: skewed, with some round sums; credit memos are smaller and negative."""
    amount = 90_000 * np.exp(level + rng.normal(0.0, 1.1, len(level)))
    amount = np.where(rng.random(len(level)) < 0.07, np.ceil(amount / 5000) * 5000, amount)
    cents = np.maximum(amount.astype(np.int64), 500)
    return np.where(kind == 2, -(cents // 4), cents)


def _parts(lot: Lot, cases: Mapping[str, Matrix], late: Flags) -> dict[str, Flags]:
    """Which cases take which part of the process, loops and what is planted left out."""

    def some(part: str, share: float) -> Flags:
        return np.asarray(lot.dice(part).random(lot.count) < share)

    kind = cases["document_type"]
    order, invoice = kind == 0, kind < 2
    entry, match, posting = some("entry", 0.45), some("match", 0.75), some("posting", 0.6)
    return {
        "requisition": order & some("requisition", 0.95),
        "order": order,
        "quantity change": order & some("quantity change", 0.04),
        "goods": order & ~late,
        "second delivery": order & ~late & some("second delivery", 0.05),
        "late goods": order & late,
        "invoice": invoice,
        "entry by machine": invoice & entry,
        "entry by hand": invoice & ~entry,
        "no order": kind == 1,
        "match by machine": order & match,
        "match by hand": order & ~match,
        "approval": invoice,
        "second approval": invoice & (cases["amount"] >= _LARGE),
        "posting by machine": invoice & posting,
        "posting by hand": invoice & ~posting,
        "reversal": invoice & some("reversal", 0.012),
        "payment block": invoice & some("payment block", 0.02),
        "payment": invoice,
        "credit memo": kind == 2,
    }


def _with_delivery(draft: Draft, late: Flags) -> Floats:
    """Waits with each vendor's time of delivery, and without a wait before the first step of a case."""
    wait = draft.wait.copy()
    goods, received = draft.rows(part="goods")[0], draft.rows(activity="Receive invoice")[0]
    wait[goods] *= draft.cases["lead_time"]
    wait[received] = np.where(late, wait[goods], wait[received])
    for row in (received, draft.rows(activity="Create purchase order")[0]):
        wait[row, ~draft.present[:row].any(axis=0)] = 0.0
    return wait
