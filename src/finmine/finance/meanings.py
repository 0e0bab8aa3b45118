"""The money of time in words: what each of its numbers means."""

from __future__ import annotations

MEANINGS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "Classes of discounts",
        ("discounts",),
        (
            "taken: paid up to the discount date; lost after approval: approved by then, and not paid; lost in process: received by then, and approved later or "
            "never; lost before receipt: received after it; undecided: not paid, and the discount date has not passed at the extraction. The first four add up to "
            "what was offered and is decided"
        ),
    ),
    (
        "Discounts captured, payments on time",
        ("discounts", "late payment"),
        (
            "over what is decided at the extraction: a document that is overdue and open is late. By money: discounts taken of those offered, amounts paid on time "
            "of those due. The interval is of the share of cases, if they are independent; of the cases in the log it is a complete count. Method: Wilson's score "
            "interval"
        ),
    ),
    (
        "Received, approved, paid",
        ("discounts", "late payment", "capital"),
        (
            "the first receipt, the last approval and the last payment of a case, as declared under [milestones]; a day counts up to its last instant in the log's "
            "zone"
        ),
    ),
    (
        "Cost of late payment",
        ("late payment",),
        (
            "amount times the rate of each day from the day after the due date to payment (so far, where it is open), divided by the days of a year, and the fee "
            "once: simple interest"
        ),
    ),
    (
        "Held",
        ("discounts", "late payment"),
        (
            "the step, from one completion to the next, in which the discount date or due date passed: it is charged with the whole loss of the case. By time: the "
            "loss is divided among the steps from receipt to that date by the time spent on each, in working time where the case has a calendar. Both add up to the "
            "loss"
        ),
    ),
    (
        "Held by",
        ("discounts", "late payment"),
        (
            "where starts are recorded: the work on what came next, or the cause for which it waited, just before the date passed: in the last opening hours until "
            "then, since dates end at night. Batching, contention, prioritisation, unavailability and extraneous are as in waiting causes"
        ),
    ),
    (
        "Labour",
        ("labour",),
        (
            "processing time (working time, where calendars are declared) times the rate of who did it; a step that machines do, or that has no rate, costs nothing "
            "here"
        ),
    ),
    (
        "Rate of a discount a year",
        ("discounts",),
        ("d / (1 - d) times the days of a year over the days that are paid earlier; effective: with interest on interest over 365 days"),
    ),
)
"""Each term, the parts of an answer that it belongs to, and its meaning, in the order in which an answer shows its parts."""
