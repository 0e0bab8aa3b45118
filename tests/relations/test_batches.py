"""Batches and bursts of a log: who is in one, and what is no batch."""

from __future__ import annotations

from finmine.log import EventLog
from finmine.relations.batches import TYPES, batches, bursts
from finmine.relations.enabled import enabled
from finmine.testing import log
from finmine.words import HOUR, MINUTE

COLLECTED = """
    a: enter@7h-8h/ann, pay@16h-16h 5m/bob
    b: enter@8h-9h/ann, pay@16h 5m-16h 10m/bob
    c: enter@9h-13h/ann, pay@16h 10m-16h 15m/bob
    d: enter@9h 1m-10h/ann, pay@16h 16m-16h 20m/bob
    e: enter@9h 2m-16h 2m/ann, pay@16h 21m-16h 30m/bob
    f: enter@9h 3m-13h/ann, pay@16h-16h 5m
"""


def found(written: EventLog, gap: int) -> list[tuple[object, ...]]:
    """For each unit of a batch its case, the size and the type of the batch, and the hours since 2024 at which it was ready."""
    these = batches(written, enabled(written), gap).table
    rows = written.fetch(these.select("case", "size", "type", "ready", "batch_start").order_by("case")).tuples()
    return [(case, size, TYPES[int(str(kind))], (int(str(ready)) - 19_723 * 24 * HOUR) / HOUR) for case, size, kind, ready, _ in rows]


def test_payments_of_one_person_one_after_the_other_are_a_batch() -> None:
    """Three follow directly and were ready at 13:00; the fourth begins a minute later and joins where a gap is allowed.

    The fifth was enabled when the batch had begun; what nobody recorded did is in no batch.
    """
    written = log(COLLECTED)
    assert found(written, 0) == [(case, 3, "sequential", 13) for case in range(3)]
    assert found(written, MINUTE) == [(case, 4, "sequential", 13) for case in range(4)]


def test_completions_alone_give_bursts() -> None:
    """Completions of one resource and activity within the gap of each other are a burst, numbered in their order."""
    written = log("a: pay@1h/bob\nb: pay@1h/bob\nc: pay@2h/bob\nd: pay@5h/bob\ne: pay@5h/bob\nf: pay@5h/ann\ng: pay@5h\nh: check@5h/bob")
    rows = written.fetch(bursts(written, HOUR).select("case", "burst", "size").order_by("case")).tuples()
    assert rows == ((0, 0, 3), (1, 0, 3), (2, 0, 3), (3, 1, 2), (4, 1, 2), (5, None, None), (7, None, None))
    assert written.fetch(bursts(written, 0).aggregate(lambda found: found["size"].count())).tuples() == ((4,),)
