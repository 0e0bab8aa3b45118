"""Sample logs: made-up finance processes with known truths in them, for demonstration, tests and benchmarks."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Literal, TypeAlias

from finmine.errors import UnknownWord

SampleName: TypeAlias = Literal["invoices", "approvals", "reconciliations", "disputes"]

SAMPLES: dict[str, str] = {
    "invoices": "purchase to pay, from the requisition to the payment run: orders, receipts, matching, blocks; three companies, two currencies",
    "approvals": "expense and payment requests through a chain of approvers, with start and complete: rejections, delegation, escalation",
    "reconciliations": "bank and account items over twelve month-ends: matched automatically or by hand, prepared, reviewed, reopened, closed",
    "disputes": "deductions of customers, from the claim to the credit note, at desks of which it is known why work waits: queues, batches, hours",
}


def make(name: SampleName, target: Path, *, cases: int | None = None, seed: int = 1) -> tuple[Path, ...]:
    """Write a sample log in the format of the target's name (.csv, .parquet, .xes.gz, .xlsx), its card and its truths beside it.

    The same name, cases and seed give the same rows. ``cases`` is the number of cases; each log has its own default.
    Returns the paths of the log, the card (``….card.toml``) and the truths (``….truths.json``).

    Raises:
        UnknownWord: there is no sample log of this name.
        UnknownSampleFormat: the target's name ends in no known way.
        SampleNumberTooSmall: there are no cases, or the seed is negative.
        TooManyRowsForExcel: the log does not fit on an Excel sheet.
        OtherCard: a card that says something else lies there already.
        CannotWrite: the folder is not there or may not be written to.
    """
    if name not in SAMPLES:
        raise UnknownWord("sample log", name, SAMPLES)
    from finmine.sample.making import write_sample

    blueprint = getattr(import_module(f"finmine.sample.{name}"), name.upper())
    return write_sample(blueprint, target, cases, seed)
