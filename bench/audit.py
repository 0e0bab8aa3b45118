"""All audit questions on a large log: `python bench/audit.py` makes 250,000 cases of purchase to pay and asks each question once.

The promise: all of them together pass within 60 seconds, reading not counted. Figures go to `bench/audit.json`. A log that was made
before is given as `--log FILE`; `--questions` names a part of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from page import machine

HERE = Path(__file__).parent
MOST_SECONDS, CASES = 60.0, 250_000
QUESTIONS: dict[str, dict[str, Any]] = {
    "audit": {},
    "approval_paths": {},
    "approval_graph": {},
    "rubber_stamps": {},
    "duplicates": {},
    "splits": {},
    "three_way_match": {},
    "postings": {},
    "digits": {},
    "vendors": {},
    "conformance": {},
    "audit_sample": {"method": "money"},
}
MAKE = """
import sys
from pathlib import Path
from finmine.sample import make
make("invoices", Path(sys.argv[1]), cases=int(sys.argv[2]))
"""


def spent() -> float:
    """Processor seconds of this process and of its children that have ended."""
    return time.process_time() + sum(_children())


def _children() -> Sequence[float]:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime, used.ru_stime


def model_of(folder: Path) -> Path:
    """A model of the process, discovered from a small log of it."""
    import finmine

    subprocess.run([sys.executable, "-c", MAKE, str(folder / "small.parquet"), "1200"], check=True)
    finmine.model(finmine.read(folder / "small.parquet")).write(folder / "model.pnml")
    return folder / "model.pnml"


def ask(log: Any, question: str, given: dict[str, Any]) -> dict[str, float]:
    """One question, answered and shown: processor seconds, and seconds that passed."""
    import finmine

    cpu, begun = spent(), time.monotonic()
    shown = str(getattr(finmine, question)(log, **given))
    return {"processor": round(spent() - cpu, 1), "passed": round(time.monotonic() - begun, 1), "letters": len(shown)}


def main() -> int:
    """Make the log where none is given, ask, print the table, and give 1 where the promise is missed."""
    import finmine

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=CASES)
    asked.add_argument("--log", type=Path)
    asked.add_argument("--questions", nargs="*", default=list(QUESTIONS))
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = given.log or folder / "invoices.parquet"
        if given.log is None:
            subprocess.run([sys.executable, "-c", MAKE, str(place), str(given.cases)], check=True)
        parameters = {**QUESTIONS, **({"conformance": {"model": model_of(folder)}} if "conformance" in given.questions else {})}
        log = finmine.read(place)
        print(f"{log.facts.cases:,} cases, {log.facts.units:,} units")
        told = {}
        for question in given.questions:
            told[question] = ask(log, question, parameters[question])
            print(f"{question:<16} {told[question]['processor']:>7.1f} s of processor time {told[question]['passed']:>7.1f} s passed", flush=True)
    processor, passed = (round(sum(one[clock] for one in told.values()), 1) for clock in ("processor", "passed"))
    print(f"{'all together':<16} {processor:>7.1f} s of processor time {passed:>7.1f} s passed; at most {MOST_SECONDS:.0f} s are promised")
    if set(given.questions) == {*QUESTIONS} and given.cases == CASES:
        said = {
            "machine": machine(),
            "cases": CASES,
            "seconds": {name: {clock: one[clock] for clock in ("passed", "processor")} for name, one in told.items()},
            "all": {"passed": passed, "processor": processor},
            "most": MOST_SECONDS,
        }
        (HERE / "audit.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return int(passed > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
