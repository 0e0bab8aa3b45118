"""Proposing which column plays which role, by its name; what is proposed is always said, never kept silent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finmine.errors import Refusal
from finmine.vocabulary import REQUIRED_ROLES, TRADE_ATTRIBUTES

# In order of trust: the names that XES and its exporters use, then what people call such columns.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "case": (
        "case:concept:name", "case_concept_name", "case_id", "caseid", "case", "case_key", "case_number", "trace_id", "process_instance",
        "process_instance_id", "document_number", "invoice_number", "invoice_id", "invoice", "request_id", "claim_id", "journal_id", "item_id",
    ),
    "activity": ("concept:name", "concept_name", "activity", "activity_name", "event_name", "event", "task", "task_name", "step", "action", "status_change"),
    "timestamp": (
        "time:timestamp", "time_timestamp", "timestamp", "complete_timestamp", "end_timestamp", "complete_time", "end_time", "completed", "completed_at",
        "completion_time", "event_time", "eventtime", "end", "datetime", "date_time", "created_at", "time", "date",
    ),
    "start": ("start_timestamp", "start_time", "started", "started_at", "begin_time", "start"),
    "lifecycle": ("lifecycle:transition", "lifecycle_transition", "lifecycle", "transition"),
    "resource": ("org:resource", "org_resource", "resource", "user", "user_name", "username", "user_id", "performer", "employee", "actor"),
    "role": ("org:role", "org_role", "role", "department", "org:group"),
    "amount": ("amount", "case:amount", "case_amount", "net_amount", "gross_amount", "invoice_amount", "value", "net_worth", "requestedamount"),
    "currency": ("currency", "currency_code", "waers", "curr"),
}  # fmt: skip
_WIDE = "; where a row is a document with a column for each date, name those columns instead: "
_START_NAMES = set(_NAMES["start"])
WHO = ("resource", "role")


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposed columns by role, the attributes of the trade that were recognised, and sentences on what was open."""

    roles: Mapping[str, str]
    attributes: Mapping[str, str]
    open_questions: tuple[str, ...]


class MissingRole(Refusal):
    """No column was named for a required role and none could be proposed."""

    def __init__(self, role: str, samples: Mapping[str, str], dated: Sequence[str] = ()) -> None:
        shown = ", ".join(f"{name!r} ({sample})" for name, sample in list(samples.items())[:20])
        more = f" and {len(samples) - 20} more" if len(samples) > 20 else ""
        wide = (
            _WIDE + " ".join(f'--date "{name}={name}"' for name in dated) if len(dated) > 1 else f'{_WIDE}--date "Create=COLUMN" --date "Pay=COLUMN"'
        )
        super().__init__(
            f"no column is named for the {role}, and neither names nor values suggest one. The columns (with a value) are {shown}{more}. "
            f"Say it with --{role} COLUMN, or on the card: [roles] {role} = …{wide}"
        )


def plain(name: str) -> str:
    """A column name in lower case with every other sign as one underscore; the prefix of case attributes is dropped."""
    bare = re.sub(r"^\(?case\)?[:_ ]+(?=\w)", "", name.casefold()) if not name.casefold().startswith("case:concept") else name.casefold()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


def propose(names: Sequence[str], given: Mapping[str, tuple[str, ...]], dates: int) -> Proposal:
    """Propose a column for each role that was not given; ``dates`` is how many columns of a row are events by themselves.

    With several dates no column is proposed for who did it: a journal that its approver's column made the approver's from end to end would break every rule on persons.
    """
    taken = {column for columns in given.values() for column in columns}
    roles: dict[str, str] = {}
    open_questions: list[str] = []
    needed = [role for role in _NAMES if role not in given and not (dates and role in ("activity", "timestamp", "start", "lifecycle"))]
    for role in needed:
        candidates = _candidates(role, [name for name in names if name not in taken])
        if not candidates:
            continue
        if dates > 1 and role in WHO:
            open_questions.append(
                f"{role}: none; column {candidates[0]!r} cannot say it for each of {dates} dates, and is shown as it is (say --{role} where it does)"
            )
            continue
        roles[role] = candidates[0]
        taken.add(candidates[0])
        others = [name for name in candidates[1:] if _rank(role, name) is not None]
        if role in REQUIRED_ROLES and others:
            open_questions.append(
                f"{role}: {candidates[0]!r} was taken; {', '.join(map(repr, others))} could be meant as well (say it with --{role})"
            )
    attributes = _trade(names, taken)
    return Proposal(roles, attributes, tuple(open_questions))


def _rank(role: str, name: str) -> int | None:
    spellings = _NAMES[role]
    for form in (name.casefold(), re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_"), plain(name)):
        if form in spellings:
            return spellings.index(form)
    return None


def _candidates(role: str, names: Sequence[str]) -> list[str]:
    ranked = [(rank, place, name) for place, name in enumerate(names) if (rank := _rank(role, name)) is not None]
    if role == "timestamp":
        ranked = [entry for entry in ranked if plain(entry[2]) not in _START_NAMES] or ranked
    return [name for _, _, name in sorted(ranked)]


def _trade(names: Sequence[str], taken: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        word = plain(name)
        if word in TRADE_ATTRIBUTES and word not in found and name not in taken:
            found[word] = name
    return found
