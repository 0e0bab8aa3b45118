"""All faults that can be looked for in a log, and what cannot be looked for and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.relations.amount_faults import amount_faults
from finmine.relations.case_faults import case_faults
from finmine.relations.name_faults import name_faults
from finmine.relations.row_faults import row_faults
from finmine.relations.time_faults import time_faults

if TYPE_CHECKING:
    from finmine.log import EventLog
    from finmine.relations.fault import Fault


def faults_of(log: EventLog) -> tuple[Fault, ...]:
    """The kinds of fault that can be looked for in a log, each with the relation of its places; nothing runs."""
    return (*row_faults(log), *time_faults(log), *name_faults(log), *amount_faults(log), *case_faults(log))


def untested(log: EventLog) -> tuple[str, ...]:
    """What cannot be looked for, because a fact or a column is missing."""
    roles, facts = log.card.roles, log.facts
    reasons = {
        "stamps after the extraction (the card declares no time of extraction)": facts.extracted_declared,
        "local times that do not exist, or exist twice (the zone is unknown or the stamps carry offsets)": log.provenance.zone not in (None, "UTC"),
        "midnights of the log's own zone (it is unknown; midnight is looked for on the clock that is shown)": log.provenance.zone is not None,
        "ends before starts (no starts are recorded)": facts.has_start,
        "missing resources and resources spelled alike (no column plays the resource)": facts.has_resource,
        "missing roles (no column plays the role)": "role" in roles,
        "faults of amounts (no column plays the amount)": "amount" in roles,
        "running cases (the card declares no end activities)": bool(log.card.outcomes),
    }
    return tuple(reason for reason, tested in reasons.items() if not tested)
