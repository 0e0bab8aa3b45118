"""Cases: the cases of a log with their amount, status and times, the longest first."""

from __future__ import annotations

from finmine.case_list import CaseList, list_cases
from finmine.log import EventLog


def cases(log: EventLog, *, by: str | None = None, most: int = 1000) -> CaseList:
    """The cases themselves, with amount, status and time; the longest first.

    Args:
        log: the event log.
        by: an attribute after which the cases are listed group by group.
        most: how many cases are listed, of each group where there are groups.
    """
    return list_cases(log, None, "", most, by)
