"""Waiting causes on logs of growing size: `python bench/waiting.py [INSTANCES]` (default 1,000,000, with 200 resources).

Three logs of a quarter, a half and all of so many activity instances are made: five steps a case, resources with queues, office hours,
and payments in batches. Each is read and asked why work waits, in a process of its own. Promised are at most 20 seconds of processor time for when units were
enabled, their batches and the parts of their waits on the largest (so no longer than that on a quiet machine, whatever its cores), and growth that is about linear:
twice the instances take at most 2.6 times as long.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

RESOURCES = 200
SECONDS, GROWTH = 20.0, 2.6


def make(target: Path, instances: int) -> None:
    """A log of so many instances: work that starts in a queue of its resource, five steps a case, the last one in batches."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = np.random.default_rng(1)
    steps, cases = 5, instances // 5
    hour = 3_600_000_000
    day = 24 * hour
    arrived = np.sort(draw.integers(0, cases * hour // 20, cases))
    start, end = np.zeros((cases, steps), dtype=np.int64), np.zeros((cases, steps), dtype=np.int64)
    ready = arrived
    for step in range(steps):
        ready = ready + draw.integers(0, 3 * day, cases)
        if step == steps - 1:
            ready = -(-ready // day) * day + 16 * hour  # payments wait for four o'clock
        start[:, step] = ready
        end[:, step] = ready + draw.integers(hour // 60, 2 * hour, cases)
        ready = end[:, step]
    people = draw.integers(0, RESOURCES // steps, (cases, steps)) * steps + np.arange(steps)
    labels = np.array([f"p{number}" for number in range(RESOURCES)])
    table = pa.table(
        {
            "case": np.repeat(np.arange(cases), steps),
            "activity": np.tile(np.array(["enter", "check", "match", "approve", "pay"]), cases),
            "start": pa.array(start.reshape(-1), pa.timestamp("us", "UTC")),
            "timestamp": pa.array(end.reshape(-1), pa.timestamp("us", "UTC")),
            "resource": labels[people.reshape(-1)],
        }
    )
    pq.write_table(table, target)


def measure(path: str) -> None:
    """Ask the log of a file, and print what was found and how long it took, as JSON."""
    import finmine
    from finmine.card import Card
    from finmine.card_calendars import CalendarOf
    from finmine.finance.working_hours import Shift, WorkingHours
    from finmine.relations.calendars import calendars
    from finmine.relations.waiting_causes import waiting_parts

    office = WorkingHours("office", (*(((Shift(540, 1020),),) * 5), (), ()))
    log = finmine.read(path, card=Card(calendars={"office": office}, calendar_of=CalendarOf("office")))
    hours = calendars(log)
    began, worked = time.perf_counter(), time.process_time()
    parts = waiting_parts(log, hours)
    kernel = time.perf_counter() - began, time.process_time() - worked
    answer = finmine.waiting_causes(log)
    whole = answer.whole
    found = {"instances": log.facts.units, "waits": whole["waits"], "batched": parts.batches.rows}
    print(json.dumps(found | {"seconds": kernel[0], "processor": kernel[1], "question": time.perf_counter() - began - kernel[0]}))


def main(instances: int) -> int:
    """Measure, print a table and the promises; 1 where one is broken."""
    taken = []
    print("| instances | waits | in batches | relation, s | its processor, s | question, s |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for part in (4, 2, 1):
            path = Path(folder) / f"{part}.parquet"
            make(path, instances // part)
            run = subprocess.run([sys.executable, __file__, "--measure", str(path)], check=True, capture_output=True, text=True)
            found = json.loads(run.stdout)
            taken.append(found)
            counts = " | ".join(f"{found[name]:,}" for name in ("instances", "waits", "batched"))
            print(f"| {counts} | {found['seconds']:.1f} | {found['processor']:.1f} | {found['question']:.1f} |", flush=True)
    growth = [late["processor"] / early["processor"] for early, late in pairwise(taken)]
    kept = taken[-1]["processor"] <= SECONDS and max(growth) <= GROWTH
    print(
        f"\nlargest {taken[-1]['processor']:.1f} s of processor time (at most {SECONDS:g}); growth per doubling {', '.join(f'{one:.2f}' for one in growth)} (at most {GROWTH:g})"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2])
    else:
        sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000))
