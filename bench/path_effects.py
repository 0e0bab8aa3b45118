"""All path effects of a large log: `python bench/path_effects.py` makes 250,000 cases of 12,000 variants and measures the question.

The promise: at most 30 seconds of processor time (so no longer than that on a quiet machine, whatever its cores) for one answer, reading not
counted, and 2 GiB with it. Figures go to `bench/path_effects.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from measure import measured
from page import machine

HERE = Path(__file__).parent
MOST_SECONDS, MOST_BYTES = 30.0, 2 << 30


def make(cases: int, variants: int, target: Path) -> None:
    """Cases whose paths are drawn from so many, few of them often; their times spread, and vendors take turns."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(1)
    pool = []
    for _ in range(variants):
        path = list(range(6))
        for _ in range(int(rng.integers(0, 9))):
            path.insert(int(rng.integers(1, len(path))), int(rng.integers(0, 40)))
        pool.append(path)
    often = 1 / np.arange(1, variants + 1) ** 0.7
    drawn = np.concatenate((np.arange(min(variants, cases)), rng.choice(variants, max(0, cases - variants), p=often / often.sum())))
    lengths = np.array([len(pool[place]) for place in drawn])
    gaps = rng.exponential(86_400e6, int(lengths.sum())).astype(np.int64)
    firsts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    upto = np.cumsum(gaps)
    begins = np.repeat(rng.integers(0, 365 * 86_400_000_000, cases), lengths)
    case = np.repeat(np.arange(cases), lengths)
    columns = {
        "case": pa.array(case).cast(pa.string()),
        "activity": pa.array([f"activity {code:02}" for place in drawn for code in pool[place]]),
        "timestamp": pa.array(1_700_000_000_000_000 + begins + upto - upto[firsts]).cast(pa.timestamp("us", "UTC")),
        "vendor": pa.array(case % 3000).cast(pa.string()),
    }
    pq.write_table(pa.table(columns), target)


def ask(path: str) -> None:
    """Answer the question once, independent and by whole vendors, and print the seconds."""
    import finmine
    from finmine.analyses.path_effects import path_effects

    log = finmine.read(path, case="case", activity="activity", timestamp="timestamp")
    told = {}
    for name, cluster in (("cases independent", None), ("by 3,000 vendors", "vendor")):
        began, spent = time.perf_counter(), time.process_time()
        answer = path_effects(log, cluster=cluster)
        told[name] = {"seconds": time.perf_counter() - began, "processor_seconds": time.process_time() - spent, "comparisons": len(answer.tested)}
    print(json.dumps(told))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the log, ask in a process of its own, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=250_000)
    parser.add_argument("--variants", type=int, default=12_000)
    parser.add_argument("--json", type=Path, default=HERE / "path_effects.json", help="where the figures are written")
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.ask:
        ask(asked.ask)
        return
    where = machine()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.parquet"
        make(asked.cases, asked.variants, log)
        run = measured([sys.executable, __file__, "--ask", str(log)])
    kept = max(one["processor_seconds"] for one in run.told.values()) <= MOST_SECONDS and run.peak <= MOST_BYTES
    found = {"machine": where, "cases": asked.cases, "variants": asked.variants, "peak_bytes": run.peak, "met": kept, "measures": run.told}
    print(json.dumps(found, indent=1))
    asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
