"""Invoices: the log of purchase to pay. Its columns, what is planted into it and what is wrong with it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np

from finmine.card_money import MoneyOfTime
from finmine.finance.terms import Capital, DatedRate, LateInterest
from finmine.sample.blueprint import Blueprint, CaseColumns, Column, Finished, coded, dates, decimals, numbered
from finmine.sample.calendar import DAY, wall_second
from finmine.sample.faults import MissingUsers, Misspelt, OddCase, OddName, RepeatedRows, Ties, WrongTimes
from finmine.sample.lots import Ints
from finmine.sample.planting import Bottleneck, DetourSince, Ending, Loop, SlowPath
from finmine.sample.purchase_to_pay import purchase_to_pay
from finmine.sample.truths import Truth
from finmine.sample.work_costs import INVOICE_RATES, INVOICE_TIMES

_DISCOUNT_PERCENT = 2
_EXTRACTED = datetime(2025, 1, 15)
_NEVER = 1 << 62
_MILESTONES = {"received": ("Receive invoice",), "approved": ("Approve invoice", "Second approval"), "paid": ("Pay invoice",)}
_EURO_LATE = (("2023-07-01", "0.12"), ("2024-01-01", "0.125"), ("2024-07-01", "0.1225"), ("2025-01-01", "0.1115"))
"""The reference rate of the European Central Bank at the beginning of each half-year and 8 percentage points (directive 2011/7/EU)."""
_MONEY = MoneyOfTime(
    capital=Capital(Decimal("0.08")),
    late_interest=LateInterest(tuple(DatedRate(Decimal(rate), date.fromisoformat(since)) for since, rate in _EURO_LATE), {"EUR": Decimal("40.00")}),
    labour=INVOICE_RATES,
    milestones=_MILESTONES,
)


def _case_columns(finished: Finished) -> CaseColumns:
    draft = finished.draft
    cases, labels = draft.cases, draft.labels
    row = draft.rows(activity="Receive invoice")[0]
    memo = draft.rows(activity="Receive credit memo")[0]
    credit = cases["document_type"] == 2
    received = np.where(credit, finished.times.completed[memo], finished.times.completed[row])
    unknown = ~np.where(credit, finished.kept[memo], finished.kept[row])
    day = received // DAY - cases["age"]
    discounted = cases["discount_days"] > 0
    return {
        "invoice": numbered(cases["number"], 10),
        "amount": decimals(cases["amount"]),
        "currency": coded(cases["currency"], labels["currency"]),
        "vendor": coded(cases["vendor"], labels["vendor"]),
        "company": coded(cases["company"], labels["company"]),
        "document_type": coded(cases["document_type"], labels["document_type"]),
        "purchase_order": numbered(cases["order"], 10, missing=cases["document_type"] != 0),
        "document_date": dates(day, unknown),
        "due_date": dates(day + cases["net_days"], unknown | credit),
        "discount_date": dates(day + cases["discount_days"], unknown | ~discounted),
        "discount": decimals((cases["amount"] * _DISCOUNT_PERCENT + 50) // 100, ~discounted),
        "cost_centre": coded(cases["cost_centre"], labels["cost_centre"]),
    }


def _discounts(finished: Finished, ids: list[str]) -> tuple[Truth, ...]:
    """Which discounts were taken, and where the others were lost, of all that are decided at the extraction."""
    draft, until = finished.draft, wall_second(_EXTRACTED)
    cases = draft.cases
    received, approved, paid = (_completed(finished, activities) for activities in _MILESTONES.values())
    day = received // DAY - cases["age"]
    ends = (day + cases["discount_days"] + 1) * DAY
    cancelled = _completed(finished, ("Cancel invoice",)) < _NEVER
    offered = (cases["discount_days"] > 0) & (cases["document_type"] != 2) & (received < _NEVER) & ~cancelled
    classes = {
        "discount taken": paid < ends,
        "discount lost after approval": (paid >= ends) & (ends <= until) & (approved < ends),
        "discount lost in process": (paid >= ends) & (ends <= until) & (approved >= ends) & (received < ends),
        "discount lost before receipt": (paid >= ends) & (ends <= until) & (approved >= ends) & (received >= ends),
    }
    cents = (cases["amount"] * _DISCOUNT_PERCENT + 50) // 100
    what = {
        "discount taken": "Paid up to the discount date.",
        "discount lost after approval": "Approved by the discount date, and not paid.",
        "discount lost in process": "Received by the discount date, and approved later or never.",
        "discount lost before receipt": "Received after the discount date; only large logs have any.",
    }
    return tuple(
        Truth(
            "discount",
            name,
            what[name],
            {"percent": _DISCOUNT_PERCENT},
            len(found),
            len(found),
            case_ids=tuple(ids[case] for case in found),
            per_case={"case_cents": cents[found]},
        )
        for name, found in ((name, np.flatnonzero(offered & here)) for name, here in classes.items())
    )


def _completed(finished: Finished, activities: tuple[str, ...]) -> Ints:
    """The last completion of some activities in each case before the extraction; never, where there is none."""
    rows = [row for activity in activities for row in finished.draft.rows(activity=activity)]
    last = np.where(finished.kept[rows], finished.times.completed[rows], -1).max(axis=0)
    return np.where(last < 0, _NEVER, last)


INVOICES = Blueprint(
    name="invoices",
    title="Invoices",
    cases=1200,
    zone="Europe/Berlin",
    extracted=_EXTRACTED,
    stamps_in_utc=False,
    columns=(
        Column("invoice", role="case", attribute="document"),
        Column("activity", role="activity"),
        Column("timestamp", role="timestamp"),
        Column("user", role="resource"),
        Column("role", role="role"),
        Column("amount", role="amount", of_case=True),
        Column("currency", role="currency", of_case=True),
        Column("vendor", attribute="vendor", of_case=True),
        Column("company", attribute="company", of_case=True),
        Column("document_type", attribute="document_type", of_case=True),
        Column("purchase_order", attribute="purchase_order", of_case=True),
        Column("document_date", attribute="document_date", of_case=True),
        Column("due_date", attribute="due_date", of_case=True),
        Column("discount_date", attribute="discount_date", of_case=True),
        Column("discount", attribute="discount", of_case=True),
        Column("cost_centre", attribute="cost_centre", of_case=True),
    ),
    outcomes={"paid": ("Pay invoice",), "credited": ("Clear credit memo",), "cancelled": ("Cancel invoice",)},
    rework={
        "changes": ("Change price", "Correct invoice", "Reverse posting"),
        "returns": ("Reject invoice", "Return goods"),
        "blocks": ("Block invoice",),
    },
    money=_MONEY,
    costs=INVOICE_TIMES,
    judged=_discounts,
    draft=purchase_to_pay,
    case_columns=_case_columns,
    plants=(
        Loop(
            "price change",
            "After the release of an order its price is changed and it is released again.",
            part="price change",
            after="Release purchase order",
            rate=0.13,
            again=0.25,
        ),
        Loop(
            "invoice block",
            "A matched invoice is blocked, the block is resolved and the invoice is matched again.",
            part="block",
            after="Match invoice",
            rate=0.11,
            again=0.2,
        ),
        Loop(
            "invoice correction",
            "The approver rejects an invoice and it is corrected.",
            part="correction",
            after="Enter invoice",
            rate=0.05,
            again=0.15,
        ),
        SlowPath(
            "goods returned",
            "Goods are returned after their receipt, and come again much later than a first delivery.",
            part="return",
            after="goods",
            rate=0.035,
            days=9.0,
        ),
        Ending(
            "cancelled invoices", "Invoices that are cancelled instead of approved.", part="cancellation", instead_of="Approve invoice", rate=0.025
        ),
        Bottleneck(
            "approval in company 3000",
            "Invoices of company 3000 wait longer before they are approved.",
            activities=("Approve invoice",),
            days=5.0,
            column="company",
            equals="3000",
        ),
        DetourSince(
            "manual check",
            "From this day on a share of the matched invoices is also checked by hand; before it none is.",
            part="manual check",
            after="Match invoice",
            since=date(2024, 7, 1),
            rate=0.35,
        ),
    ),
    faults=(
        RepeatedRows("repeated rows", "Rows that are in the file twice, exactly alike.", 10.0),
        MissingUsers("missing users", "Rows without a user.", 15.0),
        WrongTimes("sentinel dates", "Rows dated 1900-01-01 for want of a date.", "Receive invoice", datetime(1900, 1, 1), 1.7),
        WrongTimes("future date", "Rows dated long after the extraction.", "Receive invoice", datetime(2025, 6, 30, 9, 30), 0.85),
        Ties("ties", "Rows with the same time as the next event of their case.", "Receive invoice", "Enter invoice", 7.0),
        Misspelt("activity with trailing blank", "An activity whose name ends in a blank.", "Post invoice", "Post invoice ", 5.0),
        Misspelt("activity in capitals", "An activity whose name differs in upper and lower case.", "Enter invoice", "Enter Invoice", 4.0),
        OddCase("case named NA", "An invoice whose number is the text NA.", "NA"),
        OddName("vendor named null", "Invoices of a vendor whose name is the text null.", "vendor", "null", 5.0),
    ),
    rates=(
        ("USD", date(2023, 10, 1), "0.9300"),
        ("USD", date(2024, 1, 1), "0.9210"),
        ("USD", date(2024, 4, 1), "0.9287"),
        ("USD", date(2024, 7, 1), "0.9105"),
        ("USD", date(2024, 10, 1), "0.9372"),
    ),
)
