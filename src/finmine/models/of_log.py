"""The model of a log: its variants with their numbers of cases, handed to discovery."""

from __future__ import annotations

from finmine.log import EventLog
from finmine.models.discovery import discover
from finmine.models.model import Miner, Model
from finmine.relations.traces import spelled_traces, trace_labels, variants

MOST_UNITS = 20_000_000


def model(
    log: EventLog,
    *,
    miner: Miner = "inductive",
    noise: float | None = None,
    coverage: float = 1.0,
    collapse: bool = True,
    seconds: float = 60.0,
) -> Model:
    """Discover a process model of the cases that the filters of the log keep, with its fit and precision on all of them.

    The arguments are those of ``finmine.models.discovery.discover``.

    Raises:
        Refusal: nothing to learn from, or it took longer than ``seconds``.
    """
    counted = variants(log)
    cases = {record["representative"]: record["cases"] for record in log.fetch(counted).records()}
    labels = trace_labels(log.fetch(spelled_traces(log, counted.select(case=counted.representative)), limit=MOST_UNITS))
    learned = [(labels[case], number) for case, number in cases.items()]
    return discover(learned, miner, noise, coverage, collapse, seconds)
