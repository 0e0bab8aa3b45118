"""What work costs in the sample logs that record completions only: rates an hour by role, and how many minutes a unit of each activity takes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from finmine.card_costs import CostFacts
from finmine.finance.labour import LabourRate
from finmine.words import MINUTE


def hourly(rates: Mapping[str, str]) -> tuple[LabourRate, ...]:
    """A rate in euro for each role."""
    return tuple(LabourRate("role", role, Decimal(rate), "EUR") for role, rate in rates.items())


def taking(minutes: Mapping[str, int]) -> CostFacts:
    """How long a unit of each activity takes, as the card declares it."""
    return CostFacts({activity: each * MINUTE for activity, each in minutes.items()})


INVOICE_RATES = hourly(
    {
        "AP clerk": "38.50",
        "AP manager": "58.00",
        "Approver": "62.00",
        "Buyer": "46.00",
        "Cost centre manager": "66.00",
        "Purchasing manager": "64.00",
        "Requester": "42.00",
        "Warehouse": "31.00",
    }
)
INVOICE_TIMES = taking(
    {
        "Create purchase requisition": 12,
        "Release purchase requisition": 4,
        "Create purchase order": 10,
        "Release purchase order": 4,
        "Change price": 9,
        "Change quantity": 7,
        "Record goods receipt": 8,
        "Return goods": 20,
        "Enter invoice": 6,
        "Assign account": 5,
        "Match invoice": 7,
        "Check invoice manually": 15,
        "Resolve block": 18,
        "Reject invoice": 4,
        "Correct invoice": 12,
        "Approve invoice": 5,
        "Second approval": 5,
        "Post invoice": 3,
        "Set payment block": 3,
        "Remove payment block": 3,
        "Reverse posting": 8,
        "Cancel invoice": 6,
        "Enter credit memo": 6,
        "Approve credit memo": 4,
        "Post credit memo": 3,
    }
)
RECONCILIATION_RATES = hourly({"Business contact": "45.00", "Controller": "66.00", "Preparer": "41.00", "Reviewer": "52.00", "Team lead": "55.00"})
RECONCILIATION_TIMES = taking(
    {
        "Assign item": 3,
        "Reassign item": 3,
        "Investigate item": 25,
        "Request information": 8,
        "Receive information": 6,
        "Propose adjustment": 12,
        "Approve adjustment": 6,
        "Post adjustment": 5,
        "Prepare reconciliation": 20,
        "Review reconciliation": 10,
        "Reopen item": 4,
        "Approve reconciliation": 5,
        "Escalate item": 5,
        "Write off difference": 8,
    }
)
