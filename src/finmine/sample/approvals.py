"""Approvals: expense and payment requests through a chain of approvers by amount, with start and complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

import numpy as np

from finmine.card_money import MoneyOfTime
from finmine.finance.labour import LabourRate
from finmine.sample.blueprint import Blueprint, CaseColumns, Column, Finished, coded, decimals, numbered
from finmine.sample.calendar import office_season, working_calendar
from finmine.sample.draft import Draft, drafted
from finmine.sample.faults import LostRows, MissingUsers
from finmine.sample.lots import Lot
from finmine.sample.people import staff
from finmine.sample.planting import Bottleneck, Ending, Planted, SlowerSince
from finmine.sample.steps import SYSTEM, Matrix, Step, at_next

_CALENDAR = working_calendar(date(2023, 12, 1), date(2027, 12, 31))
_PAYMENTS = _CALENDAR.runs(15.0)

_DEPARTMENTS = ("Sales", "Operations", "Engineering", "Marketing", "Information Technology", "Human Resources", "Legal", "Finance")
_DEPARTMENT_SHARES = (0.24, 0.21, 0.18, 0.13, 0.11, 0.06, 0.04, 0.03)
_CURRENCIES = ("EUR", "USD", "GBP")
_TYPES = ("expense", "payment", "advance")
_COST_CENTRES = tuple(f"{7100 + 10 * number}" for number in range(24))

_LEVELS = ("team lead", "department head", "controller", "CFO")
_ROLES = ("Team lead", "Department head", "Controller", "CFO")
_LIMITS = np.array((150_00, 1_500_00, 7_500_00, 30_000_00))
"""Cents from which a level has to approve as well."""
_WAITS = ((0.5, 1.0), (0.9, 1.0), (1.0, 0.9), (1.6, 0.9))
_PATIENCE = 4.0
"""Working days after which the workflow escalates an approval of the first two levels."""
_PASSES = 3
_HOURS = {"Accounts payable": "38.50", "Team lead": "52.00", "Department head": "74.00", "Controller": "66.00", "CFO": "130.00", "Requester": "45.00"}
"""What an hour of work costs, in EUR."""

_TEAMS = {
    "Requester": (40, 35, 30, 22, 18, 10, 8, 6),
    "Accounts payable": (9,),
    "Team lead": (6, 5, 5, 4, 3, 2, 2, 2),
    "Department head": (3, 3, 2, 2, 2, 2, 2, 2),
    "Controller": (4,),
    "CFO": (2,),
}


def _level(place: int, turn: int) -> tuple[Step, ...]:
    """The steps of one approver in one pass through the chain."""
    level, role, wait = _LEVELS[place], _ROLES[place], _WAITS[place]
    return (
        Step("Escalate approval", SYSTEM, (_PATIENCE, 0.0), part=f"escalate {place}", turn=turn, user="WORKFLOW"),
        Step("Delegate approval", role, (0.4, 0.8), part=f"delegate {place}", turn=turn),
        Step(f"Approve by {level}", role, wait, (0.02, 0.9), f"approve {place}", turn),
        Step(f"Reject by {level}", role, wait, (0.03, 0.8), f"reject {place}", turn),
    )


def _pass(turn: int) -> tuple[Step, ...]:
    """One pass through the chain; those after the first are turns of the loop of rejections."""
    revise = (Step("Revise request", "Requester", (0.9, 0.9), (0.06, 0.8), "revise", turn),) if turn else ()
    return (
        *revise,
        Step("Submit request", "Requester", (0.02, 0.8) if turn else (0.0, 0.0), (0.03, 0.8), "submit", turn),
        Step("Check request", "Accounts payable", (0.6, 0.8), (0.04, 0.8), "check", turn),
        *(step for place in range(len(_LEVELS)) for step in _level(place, turn)),
    )


def _withdrawal(place: int, ends: str) -> tuple[Step, ...]:
    """An approval under way that ends without a decision, because the requester withdraws the request."""
    part = f"withdrawal {place}"
    return (
        Step(f"Approve by {_LEVELS[place]}", _ROLES[place], (0.6, 0.8), (0.4, 0.8), part, ends=ends),
        Step("Withdraw request", "Requester", (0.01, 0.5), part=part),
    )


_STEPS = (
    *_pass(0),
    *_withdrawal(0, "ate_abort"),
    *_withdrawal(1, "withdraw"),
    *(step for turn in range(1, _PASSES) for step in _pass(turn)),
    Step("Register payment", "Accounts payable", (0.5, 0.8), (0.03, 0.8), "payment"),
    Step("Pay request", SYSTEM, part="payment", user="PAYRUN", pace=at_next(_PAYMENTS)),
)


@dataclass(frozen=True, slots=True)
class Rejections:
    """In each pass through the chain a share of the requests is rejected at one of its levels; most are revised and submitted again."""

    kind: ClassVar[str] = "rework loop"
    name: str
    what: str
    rate: float
    again: float
    given_up: float

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        levels, checks = draft.cases["levels"], draft.rows(part="check")
        going = judged = levels > 0
        added = np.zeros_like(draft.present)
        for turn in range(_PASSES - 1):
            rejected = going & (rng.random(len(levels)) < (self.again if turn else self.rate))
            at = (levels * rng.random(len(levels))).astype(np.int64)
            given_up = rejected & (rng.random(len(levels)) < self.given_up)
            going = rejected & ~given_up
            for place in range(len(_LEVELS)):
                draft = draft.switched(draft.rows(part=f"approve {place}", turn=turn), rejected & (at <= place), on=False)
                draft = draft.switched(draft.rows(part=f"reject {place}", turn=turn), rejected & (at == place), on=True)
                draft = draft.switched(draft.rows(part=f"approve {place}", turn=turn + 1), going & (levels > place), on=True)
            again = [row for part in ("revise", "submit", "check") for row in draft.rows(part=part, turn=turn + 1)]
            draft = draft.switched(again, going, on=True).switched(draft.rows(part="payment"), given_up, on=False)
            added[checks[0] + 1 : checks[turn + 1] + 1, going] = True  # all between the first check and the last
        return draft, Planted(draft.cells(draft.rows(part="revise"), draft.every), draft.cells(checks[:1], judged), added=added)


@dataclass(frozen=True, slots=True)
class Escalations:
    """An approval of the first two levels that waits longer than the workflow's patience is escalated, and then decided soon."""

    kind: ClassVar[str] = "escalation"
    name: str
    what: str
    working_days: float = _PATIENCE

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        wait, decisions, escalations = draft.wait.copy(), [], []
        for place, turn in np.ndindex(2, _PASSES):
            decision, escalation = draft.rows(part=f"approve {place}", turn=turn)[0], draft.rows(part=f"escalate {place}", turn=turn)[0]
            late = draft.present[decision] & (wait[decision] > self.working_days)
            wait[decision, late] = 0.3 * rng.random(int(late.sum()))
            draft = draft.switched([escalation], late, on=True)
            decisions.append(decision)
            escalations.append(escalation)
        return draft.waiting(wait), Planted(draft.cells(escalations, draft.every), draft.cells(decisions, draft.every))


@dataclass(frozen=True, slots=True)
class Delegations:
    """A share of the approvals is handed to a colleague of the same role, who then approves."""

    kind: ClassVar[str] = "delegation"
    name: str
    what: str
    rate: float

    def plant(self, draft: Draft, rng: np.random.Generator) -> tuple[Draft, Planted]:
        user, decisions, delegations = draft.user.copy(), [], []
        for place, turn in np.ndindex(len(_LEVELS), _PASSES):
            decision, delegation = draft.rows(part=f"approve {place}", turn=turn)[0], draft.rows(part=f"delegate {place}", turn=turn)[0]
            handed = draft.present[decision] & (rng.random(len(draft.begin)) < self.rate)
            deputy = draft.team.another(_ROLES[place], draft.unit, user[delegation], rng)
            user[decision] = np.where(handed, deputy, user[decision])
            draft = draft.switched([delegation], handed, on=True)
            decisions.append(decision)
            delegations.append(delegation)
        return draft.served(user), Planted(draft.cells(delegations, draft.every), draft.cells(decisions, draft.every))


def _draft(lot: Lot) -> Draft:
    rng, count = lot.dice("cases"), lot.count
    department = rng.choice(len(_DEPARTMENTS), count, p=_DEPARTMENT_SHARES)
    kind = rng.choice(len(_TYPES), count, p=(0.55, 0.37, 0.08))
    amount = np.maximum(100_000 * np.exp(rng.normal(0.0, 1.5, count) + np.array((-0.5, 0.6, 0.0))[kind]), 800).astype(np.int64)
    amount = np.where(kind == 2, np.maximum(amount // 5000, 1) * 5000, amount)
    levels = np.searchsorted(_LIMITS, amount, "right")
    cases: dict[str, Matrix] = {
        "number": lot.first + np.arange(count) + 1,
        "department": department,
        "request_type": kind,
        "amount": amount,
        "currency": rng.choice(len(_CURRENCIES), count, p=(0.82, 0.12, 0.06)),
        "cost_centre": 3 * department + rng.integers(3, size=count),
        "levels": levels,
        "place": rng.random(count),
    }
    labels = {"department": _DEPARTMENTS, "request_type": _TYPES, "currency": _CURRENCIES}
    begin = _CALENDAR.beginnings(lot.quantiles(), date(2024, 1, 2), date(2025, 1, 13), office_season)
    draft = drafted(lot, _STEPS, _CALENDAR, begin, staff(lot, _STEPS, _TEAMS), department, cases, labels)
    by_requester = [row for row, step in enumerate(_STEPS) if step.role == "Requester"]
    draft.user[by_requester] = draft.user[by_requester[0]]
    chain = {f"approve {place}": levels > place for place in range(len(_LEVELS))}
    return draft.taking({"submit": draft.every, "check": draft.every, "payment": draft.every, **chain})


def _case_columns(finished: Finished) -> CaseColumns:
    draft = finished.draft
    cases = draft.cases
    return {
        "request": numbered(cases["number"], 6, "REQ-"),
        "requester": coded(draft.user[draft.rows(part="submit", turn=0)[0]], draft.team.names),
        "department": coded(cases["department"], _DEPARTMENTS),
        "request_type": coded(cases["request_type"], _TYPES),
        "amount": decimals(cases["amount"]),
        "currency": coded(cases["currency"], _CURRENCIES),
        "cost_centre": coded(cases["cost_centre"], _COST_CENTRES),
    }


APPROVALS = Blueprint(
    name="approvals",
    title="Approvals",
    cases=1500,
    zone="Europe/Berlin",
    extracted=datetime(2025, 1, 15),
    stamps_in_utc=False,
    columns=(
        Column("request", role="case", attribute="document"),
        Column("activity", role="activity"),
        Column("lifecycle", role="lifecycle"),
        Column("timestamp", role="timestamp"),
        Column("user", role="resource"),
        Column("role", role="role"),
        Column("amount", role="amount", of_case=True),
        Column("currency", role="currency", of_case=True),
        Column("department", attribute="department", of_case=True),
        Column("requester", attribute="requester", of_case=True),
        Column("request_type", attribute="document_type", of_case=True),
        Column("cost_centre", attribute="cost_centre", of_case=True),
    ),
    outcomes={
        "paid": ("Pay request",),
        "rejected": tuple(f"Reject by {level}" for level in _LEVELS),
        "withdrawn": ("Withdraw request",),
    },
    rework={"returns": tuple(f"Reject by {level}" for level in _LEVELS)},
    money=MoneyOfTime(labour=tuple(LabourRate("role", role, Decimal(rate), "EUR") for role, rate in _HOURS.items())),
    draft=_draft,
    case_columns=_case_columns,
    plants=(
        Rejections(
            "rejection",
            "A request of 150 or more is rejected, revised, submitted and checked again; some are given up instead.",
            rate=0.12,
            again=0.2,
            given_up=0.15,
        ),
        Ending(
            "withdrawn from team lead",
            "Requests withdrawn while the team lead has them open: the approval is aborted.",
            part="withdrawal 0",
            instead_of="Approve by team lead",
            rate=0.02,
        ),
        Ending(
            "withdrawn from department head",
            "Requests withdrawn while the department head has them open: the approval is withdrawn.",
            part="withdrawal 1",
            instead_of="Approve by department head",
            rate=0.02,
        ),
        Bottleneck("controller", "Controllers decide late.", activities=("Approve by controller", "Reject by controller"), days=4.0),
        Escalations("escalation", "The workflow escalates what waits too long at the first two levels; it is then decided soon."),
        Delegations("delegation", "Approvers hand the approval to a colleague.", rate=0.04),
        SlowerSince(
            "slower check",
            "From this day on requests wait longer for the check by accounts payable.",
            activity="Check request",
            since=date(2024, 9, 2),
            times=2.5,
        ),
    ),
    faults=(
        LostRows("starts without completion", "Rows that start what has no completion in the file.", "Register payment", "complete", 8.0),
        LostRows("completions without start", "Rows that complete what has no start in the file.", "Register payment", "start", 4.0),
        MissingUsers("missing users", "Rows without a user.", 10.0),
    ),
)
