"""Working time of many spans: `python bench/working_time.py [SPANS]` (default 1,000,000).

As many pairs of instants in three years are drawn (seeded), and their working time on a calendar of Berlin with two shifts and holidays is asked
of its arrays and, of a table of the engine, as a relation. Both must agree on every sum; each is to take at most a second of processor time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import ibis
import numpy as np
import pyarrow as pa

from finmine.card import Card
from finmine.card_calendars import CalendarOf
from finmine.finance.working_hours import Shift, WorkingHours
from finmine.relations.calendars import calendars
from finmine.relations.working_time import working_time
from finmine.testing import ORIGIN, log
from finmine.words import DAY

SECONDS = 1.0
SHIFTS = (Shift(420, 720), Shift(765, 1110))


def taken(what: Callable[[], int]) -> tuple[int, float]:
    """What a call gives, and the least of three processor times."""
    seconds = []
    for _ in range(3):
        began = time.process_time()
        found = what()
        seconds.append(time.process_time() - began)
    return found, min(seconds)


def main(spans: int) -> int:
    """Measure both ways, and print them with the promise; 1 where it is broken."""
    draw = np.random.default_rng(1)
    since = ORIGIN + draw.integers(0, 1000 * DAY, spans)
    until = since + draw.integers(0, 30 * DAY, spans)
    office = WorkingHours("office", (*((SHIFTS,) * 5), (), ()), zone="Europe/Berlin", holidays=("DE",))
    read = log("a: x@0h, y@1095d", card=Card(calendars={"office": office}, calendar_of=CalendarOf("office")))
    hours = calendars(read)
    name = read.engine.name("spans")
    read.engine.append(name, pa.table({"since": since, "until": until, "calendar": np.zeros(spans, dtype=np.int64)}), "*")
    these = ibis.table({"since": "int64", "until": "int64", "calendar": "int64"}, name=name)
    total = working_time(these, hours, "since", "until").aggregate(total=lambda one: one.worked.cast("decimal(38, 0)").sum())
    calendar = hours.calendars[0]
    arrays, from_arrays = taken(lambda: int(calendar.worked(since, until).sum()))
    engine, from_relation = taken(lambda: int(read.fetch(total).records()[0]["total"]))
    print(f"{spans:,} spans: from arrays {from_arrays:.2f} s, from a relation {from_relation:.2f} s of processor time (at most {SECONDS:g} s each)")
    if arrays != engine:
        print(f"they differ: {arrays:,} and {engine:,} microseconds")
    return 0 if arrays == engine and max(from_arrays, from_relation) <= SECONDS else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000))
