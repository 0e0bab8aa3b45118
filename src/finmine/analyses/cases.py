"""Cases: the cases of a log with their amount, status and times, the longest first."""

from __future__ import annotations

from finmine.case_list import CaseList, list_cases
from finmine.log import EventLog


def cases(log: EventLog, *, most: int = 1000) -> CaseList:
    """The cases themselves, with amount, status and time; the longest first.

    Args:
        log: the event log.
        most: how many cases are listed.
    """
    return list_cases(log, None, "", most)
