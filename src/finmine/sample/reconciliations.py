"""Reconciliations: bank and account items over twelve month-ends, matched by machine or prepared and reviewed by hand."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from finmine.card_money import MoneyOfTime
from finmine.sample.blueprint import Blueprint, CaseColumns, Column, Finished, coded, dates, decimals, numbered
from finmine.sample.calendar import DAY, month_of, working_calendar, working_day_of_month
from finmine.sample.draft import Draft, drafted
from finmine.sample.faults import MissingUsers, RepeatedRows
from finmine.sample.lots import Flags, Floats, Ints, Lot
from finmine.sample.people import staff
from finmine.sample.planting import Bottleneck, Loop, Shortcut
from finmine.sample.steps import SYSTEM, Matrix, Step, at_next, turns
from finmine.sample.work_costs import RECONCILIATION_RATES, RECONCILIATION_TIMES

_CALENDAR = working_calendar(date(2023, 12, 1), date(2027, 12, 31))
_IMPORTS = _CALENDAR.runs(6.0, range(6), holidays_too=True)
_MATCHING = _CALENDAR.runs(6.75, range(6), holidays_too=True)
_CLOSING = _CALENDAR.runs(22.0)

_ENTITIES = ("DE01", "AT01", "NL01", "UK01", "US01")
_ENTITY_SHARES = (0.36, 0.20, 0.16, 0.14, 0.14)
_MATCH_RATES = (0.54, 0.48, 0.41, 0.34, 0.27)
_CURRENCIES = ("EUR", "GBP", "USD")
_CURRENCY_OF = np.array((0, 0, 0, 1, 2))
_ACCOUNTS = ("113100 Bank", "113200 Cash in transit", "140000 Receivables", "160000 Payables", "191100 GR/IR clearing", "199000 Intercompany")
_ACCOUNT_SHARES = (0.42, 0.12, 0.14, 0.12, 0.12, 0.08)
_PERIODS = (*(f"2024-{month:02d}" for month in range(1, 13)), "2025-01")
_JANUARY = 54 * 12  # months since January 1970
_CLOSE = 4  # items imported on the first working days of a month belong to the close of the month before
_DEADLINE = 6
_SMALL, _LARGE = 50_00, 10_000_00

_TEAMS = {"Preparer": (9, 6, 5, 4, 4), "Team lead": (2, 2, 1, 1, 1), "Controller": (2, 1, 1, 1, 1), "Business contact": (12, 8, 8, 6, 6)}

_STEPS = (
    Step("Import item", SYSTEM, part="import", user="INTERFACE", pace=at_next(_IMPORTS)),
    Step("Match item automatically", SYSTEM, part="automatic", user="MATCH_ENGINE", pace=at_next(_MATCHING)),
    Step("Raise exception", SYSTEM, part="manual", user="MATCH_ENGINE", pace=at_next(_MATCHING)),
    Step("Assign item", "Team lead", (0.25, 0.7), part="manual"),
    Step("Reassign item", "Team lead", (0.6, 0.7), part="reassignment"),
    Step("Investigate item", "Preparer", (0.7, 0.9), part="manual"),
    Step("Escalate item", "Preparer", (1.5, 0.7), part="escalation"),
    Step("Request information", "Preparer", (0.3, 0.8), part="information"),
    Step("Receive information", "Business contact", (1.3, 0.8), part="information"),
    Step("Propose adjustment", "Preparer", (0.5, 0.8), part="adjustment"),
    Step("Approve adjustment", "Controller", (0.6, 0.8), part="adjustment"),
    Step("Post adjustment", "Preparer", (0.3, 0.8), part="adjustment"),
    Step("Write off difference", "Controller", (0.8, 0.7), part="write-off"),
    Step("Prepare reconciliation", "Preparer", (0.5, 0.8), part="review"),
    Step("Review reconciliation", "Reviewer", (0.7, 0.8), part="review"),
    *turns(
        3,
        Step("Reopen item", "Reviewer", (0.05, 0.6), part="reopen"),
        Step("Investigate item", "Preparer", (0.7, 0.8), part="reopen"),
        Step("Prepare reconciliation", "Preparer", (0.4, 0.8), part="reopen"),
        Step("Review reconciliation", "Reviewer", (0.6, 0.8), part="reopen"),
    ),
    Step("Approve reconciliation", "Controller", (0.5, 0.8), part="approval"),
    Step("Close item", SYSTEM, part="close", user="CLOSE_RUN", pace=at_next(_CLOSING)),
)


def _season(days: Ints) -> Floats:
    """Most items come with the close: on the last and the first working days of a month."""
    month, nth = month_of(days), working_day_of_month(days)
    last = np.append(month[1:] != month[:-1], False)
    return np.select([last | (nth == 0), nth == 1, nth == 2], [6.0, 4.0, 2.0], 0.7)


def _draft(lot: Lot) -> Draft:
    begin = _CALENDAR.beginnings(lot.quantiles(), date(2024, 1, 8), date(2025, 1, 13), _season)
    cases = _cases(lot, begin)
    labels = {"entity": _ENTITIES, "account": _ACCOUNTS, "period": _PERIODS, "currency": _CURRENCIES}
    team = staff(lot, _STEPS, _TEAMS, alike={"Reviewer": "Preparer"})
    draft = drafted(lot, _STEPS, _CALENDAR, begin, team, cases["entity"], cases, labels)
    _keep_apart(draft, lot)

    def some(part: str, share: float) -> Flags:
        return np.asarray(lot.dice(part).random(lot.count) < share)

    size = np.abs(cases["amount"])
    written_off = (size < _SMALL) & some("write-off", 0.7)
    return draft.taking(
        {
            "import": draft.every,
            "manual": draft.every,
            "reassignment": some("reassignment", 0.06),
            "escalation": some("escalation", 0.05),
            "information": some("information", 0.22),
            "adjustment": some("adjustment", 0.28) & ~written_off,
            "write-off": written_off,
            "review": ~written_off,
            "approval": (size >= _LARGE) & ~written_off,
            "close": draft.every,
        }
    )


def _cases(lot: Lot, begin: Floats) -> dict[str, Matrix]:
    """The columns of the items; ``close`` is the month after their period."""
    rng, count = lot.dice("cases"), lot.count
    entity = rng.choice(len(_ENTITIES), count, p=_ENTITY_SHARES)
    imported = _IMPORTS[np.searchsorted(_IMPORTS, _CALENDAR.wall(begin), "right")] // DAY
    month = month_of(imported)
    so_far = np.searchsorted(_CALENDAR.days, imported, "right") - np.searchsorted(month_of(_CALENDAR.days), month)
    closing = so_far <= _CLOSE
    bank = rng.random(count) < np.where(closing, 0.35, 0.85)
    account = np.where(bank, rng.choice(2, count, p=(0.8, 0.2)), 2 + rng.choice(4, count, p=(0.3, 0.25, 0.28, 0.17)))
    amount = np.maximum(180_000 * np.exp(rng.normal(0.0, 2.0, count)), 1).astype(np.int64)
    return {
        "number": 700_000 + lot.first + np.arange(count),
        "entity": entity,
        "account": account,
        "period": month - closing - _JANUARY,
        "amount": np.where(rng.random(count) < 0.42, -amount, amount),
        "currency": _CURRENCY_OF[entity],
        "place": rng.random(count),
    }


def _keep_apart(draft: Draft, lot: Lot) -> None:
    """One person prepares an item; whoever reviews it is somebody else."""
    rng = lot.dice("reviewers")
    preparing = [row for row, step in enumerate(_STEPS) if step.role == "Preparer"]
    preparer = draft.user[preparing[0]]
    draft.user[preparing] = preparer
    for row in (row for row, step in enumerate(_STEPS) if step.role == "Reviewer"):
        other = draft.team.another("Preparer", draft.unit, preparer, rng)
        draft.user[row] = np.where(draft.user[row] == preparer, other, draft.user[row])


def _case_columns(finished: Finished) -> CaseColumns:
    draft = finished.draft
    cases, days = draft.cases, _CALENDAR.days
    deadline = days[np.searchsorted(month_of(days), cases["period"] + _JANUARY + 1) + _DEADLINE - 1]
    unassigned = ~finished.kept[draft.rows(activity="Assign item")[0]]
    return {
        "item": numbered(cases["number"], 8, "RI"),
        "entity": coded(cases["entity"], _ENTITIES),
        "account": coded(cases["account"], _ACCOUNTS),
        "period": coded(cases["period"], _PERIODS),
        "close_date": dates(deadline),
        "amount": decimals(cases["amount"]),
        "currency": coded(cases["currency"], _CURRENCIES),
        "preparer": coded(draft.user[draft.rows(activity="Investigate item")[0]], draft.team.names, unassigned),
    }


RECONCILIATIONS = Blueprint(
    name="reconciliations",
    title="Reconciliations",
    cases=1200,
    zone="Europe/Berlin",
    extracted=datetime(2025, 1, 15),
    stamps_in_utc=True,
    columns=(
        Column("item", role="case", attribute="document"),
        Column("activity", role="activity"),
        Column("completed", role="timestamp"),
        Column("user", role="resource"),
        Column("role", role="role"),
        Column("amount", role="amount", of_case=True),
        Column("currency", role="currency", of_case=True),
        Column("entity", attribute="company", of_case=True),
        Column("account", attribute="account", of_case=True),
        Column("period", attribute="period", of_case=True),
        Column("close_date", attribute="due_date", of_case=True),
        Column("preparer", attribute="preparer", of_case=True),
    ),
    money=MoneyOfTime(labour=RECONCILIATION_RATES),
    costs=RECONCILIATION_TIMES,
    outcomes={"closed": ("Close item",)},
    rework={"returns": ("Reopen item",)},
    draft=_draft,
    case_columns=_case_columns,
    plants=(
        *(
            Shortcut(
                f"automatic match in {entity}",
                f"The items of {entity} that are matched by machine; the others raise an exception.",
                part="automatic",
                after="Import item",
                to="Close item",
                rate=rate,
                column="entity",
                equals=entity,
            )
            for entity, rate in zip(_ENTITIES, _MATCH_RATES, strict=True)
        ),
        Loop(
            "reopened items",
            "The reviewer reopens an item; it is investigated, prepared and reviewed again.",
            part="reopen",
            after="Review reconciliation",
            rate=0.14,
            again=0.25,
        ),
        Bottleneck(
            "review in the last close",
            "In the last close, of December, items wait longer for their review.",
            activities=("Review reconciliation",),
            days=2.5,
            column="period",
            equals="2024-12",
        ),
    ),
    faults=(
        RepeatedRows("repeated rows", "Rows that are in the file twice, exactly alike.", 5.0),
        MissingUsers("missing users", "Rows without a user.", 8.0),
    ),
    rates=(
        ("USD", date(2023, 10, 1), "0.9300"),
        ("USD", date(2024, 4, 1), "0.9287"),
        ("USD", date(2024, 10, 1), "0.9372"),
        ("GBP", date(2023, 10, 1), "1.1600"),
        ("GBP", date(2024, 4, 1), "1.1720"),
        ("GBP", date(2024, 10, 1), "1.2010"),
    ),
)
