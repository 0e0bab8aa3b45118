"""How much each agreement of two documents says about whether they are the same: chances that come with finmine.

They are judgements, in the order of what is published on duplicate payments, to be replaced by those learned from a log that has many: of
documents that are one and the same how many agree so (``same``), and of other candidates how many (``apart``).
"""

from __future__ import annotations

from finmine.stats.record_linkage import Linkage

AS_SHIPPED = Linkage(
    prior=0.001,
    same={
        "reference_match": {
            "equal": 0.55,
            "spelled alike": 0.10,
            "one sign differs": 0.10,
            "extended": 0.06,
            "next number": 0.01,
            "other": 0.18,
        },
        "amount_match": {
            "equal": 0.85,
            "digits swapped": 0.03,
            "point shifted": 0.02,
            "with and without tax": 0.04,
            "equal after rates": 0.01,
            "other": 0.05,
        },
        "day_match": {"equal": 0.45, "near": 0.30, "swapped": 0.05, "year": 0.02, "other": 0.18},
        "vendor_match": {"equal": 0.80, "spelled alike": 0.06, "similar": 0.06, "other": 0.08},
        "order_match": {"equal": 0.60, "other": 0.40},
        "company_match": {"equal": 0.90, "other": 0.10},
        "rhythm": {"regular": 0.05, "none": 0.95},
    },
    apart={
        "reference_match": {
            "equal": 0.001,
            "spelled alike": 0.0005,
            "one sign differs": 0.002,
            "extended": 0.0015,
            "next number": 0.05,
            "other": 0.945,
        },
        "amount_match": {
            "equal": 0.05,
            "digits swapped": 0.002,
            "point shifted": 0.001,
            "with and without tax": 0.004,
            "equal after rates": 0.002,
            "other": 0.941,
        },
        "day_match": {"equal": 0.02, "near": 0.10, "swapped": 0.003, "year": 0.01, "other": 0.867},
        "vendor_match": {"equal": 0.10, "spelled alike": 0.002, "similar": 0.005, "other": 0.893},
        "order_match": {"equal": 0.02, "other": 0.98},
        "company_match": {"equal": 0.50, "other": 0.50},
        "rhythm": {"regular": 0.50, "none": 0.50},
    },
)
