"""The words of finmine: roles, lifecycle transitions, statuses and how people are shown, each with its meaning."""

from __future__ import annotations

from typing import Literal, TypeAlias

ROLES: dict[str, str] = {
    "case": "the thing that is followed from start to end: an invoice, a request, a reconciliation item",
    "activity": "what was done",
    "timestamp": "when it was done (completed)",
    "start": "when the work on it began",
    "lifecycle": "which transition of the activity the row records (start, complete, suspend, …)",
    "resource": "who or what did it: a person or a technical user",
    "role": "the role or department of the resource",
    "amount": "the amount of money",
    "currency": "the currency of the amount",
    "rank": "the declared order of events that have the same time",
}
REQUIRED_ROLES = ("case", "activity", "timestamp")

TRADE_ATTRIBUTES = (
    "document",
    "item",
    "vendor",
    "company",
    "document_type",
    "document_date",
    "due_date",
    "discount_date",
    "discount",
    "cost_centre",
)

# XES 1849 lifecycle extension, standard model, and the spellings found in exports of older tools.
STARTING = ("start",)
COMPLETING = ("complete",)
ABORTING = ("ate_abort", "pi_abort", "abort", "abort_activity", "abort_case")
WITHDRAWING = ("withdraw",)
SUSPENDING = ("suspend",)
RESUMING = ("resume",)

Unit: TypeAlias = Literal["event", "instance"]
People: TypeAlias = Literal["names", "pseudonyms", "roles"]
DateOrder: TypeAlias = Literal["day-first", "month-first"]
Formulas: TypeAlias = Literal["plain", "escaped"]
Level: TypeAlias = Literal["case", "event"]
Take: TypeAlias = Literal["first", "last", "max", "sum"]
Resolution: TypeAlias = Literal["microsecond", "second", "minute", "day"]
Status: TypeAlias = Literal["finished", "running", "unknown"]
FaultyRows: TypeAlias = Literal["refuse", "leave-out"]

STATUSES: dict[str, str] = {
    "finished": "the last activity of the case is a declared end activity, and no work was begun after it",
    "running": "end activities are declared and the case has not come to one at the time of extraction",
    "unknown": "no end activities are declared on the card, so nobody can say",
}
