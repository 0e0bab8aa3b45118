"""Run finmine and its peers side by side: `python bench/run.py [LOG.parquet]`.

Without options it takes some five minutes on two quiet cores and prints every promise with what was measured, met or missed.
The promises for large logs are measured only when asked for: `--large 10` (times faster than pm4py from ten million events on;
pm4py needs some 12 GiB and two minutes for them; and the questions on such a log) and `--scale 1,5,20` (that cost grows linearly under a limit of 4 GiB).

A further task is a function `TOOL_TASK` in `tasks.py` for each tool, which prints what it found or the seconds of its parts; its
name in `TASKS` and its jobs in `jobs`, here; and what it promises in `targets.py`. Tasks that are too long for every run stand in
`ON_DEMAND` and are done when `--tasks` names them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from measure import Measure, Run, measured
from page import figures, machine, page, promises
from targets import differences, samples, targets

HERE = Path(__file__).parent
ROOT = HERE.parent
TASKS = ("whole", "prepared", "discovery", "xes", "report", "samples", "help")
ON_DEMAND = ("working",)
TOOLS = ("finmine", "pm4py", "r4pm")
EVENTS_OF_A_CASE = 11
GENERATED = ("invoice", "activity", "timestamp")
OFFICE = """
finmine_card = 1
[log]
zone = "UTC"
[calendars.nine]
hours = { "Mon-Fri" = "09:00-17:00" }
zone = "UTC"
[calendar_of]
default = "nine"
"""
HELP = "import sys; from finmine.cli import main; sys.argv = ['finmine', '--help']; main()"
MAKE = """
import sys
from pathlib import Path
from finmine.sample import make
make("invoices", Path(sys.argv[1]), cases=int(sys.argv[2]))
"""
THREE = """
import sys
import pyarrow.parquet as pq
pq.write_table(pq.read_table(sys.argv[1], columns=sys.argv[3:]), sys.argv[2])
"""
COUNT = "import sys; import pyarrow.parquet as pq; print(pq.read_metadata(sys.argv[1]).num_rows)"


class Job(NamedTuple):
    """A task for one tool: the command that does it, and what its environment sets."""

    task: str
    tool: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()


def python(code: str, *arguments: str | Path) -> str:
    """Run a few lines in a process of their own, so that this one stays small."""
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True, capture_output=True, text=True).stdout.strip()


def task(name: str, tool: str, *arguments: str | Path, shown: str | None = None, **environment: str) -> Job:
    """A job that ``tasks.py`` does."""
    return Job(shown or name, tool, (sys.executable, str(HERE / "tasks.py"), name, tool, *map(str, arguments)), tuple(environment.items()))


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", nargs="?", type=Path, help="a Parquet log; default: one that is made")
    parser.add_argument("--case", default="invoice", help="column of the case")
    parser.add_argument("--activity", default="activity", help="column of the activity")
    parser.add_argument("--timestamp", default="timestamp", help="column of the time")
    parser.add_argument("--events", type=int, default=1_200_000, help="events of the log that is made")
    parser.add_argument("--xes-events", type=int, default=200_000, help="events of the XES log that is made")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tasks", nargs="+", choices=(*TASKS, *ON_DEMAND), default=TASKS)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    parser.add_argument("--working-events", type=int, default=600_000, help="events of the log for the task `working`")
    parser.add_argument("--scale", type=millions, default=[], metavar="1,5,20", help="also finmine on logs of so many million events, under 4 GiB")
    parser.add_argument("--large", type=millions, default=[], metavar="10", help="also finmine and pm4py on logs of so many million events, once")
    parser.add_argument("--json", type=Path, default=HERE / "results.json", help="where the figures are written")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md", help="where the page is written")
    return parser.parse_args(arguments)


def millions(text: str) -> list[float]:
    """Numbers of millions, as an option gives them."""
    return [float(part) for part in text.split(",")]


def make(target: Path, events: int) -> Path:
    """A log of at least so many events."""
    python(MAKE, target, round(events / EVENTS_OF_A_CASE) + 1)
    return target


def jobs(asked: argparse.Namespace, log: Path, folder: Path) -> Iterator[Job]:
    """All jobs of one round, the tools in turn."""
    columns = (asked.case, asked.activity, asked.timestamp)
    for name in ("whole", "prepared"):
        if name in asked.tasks:
            yield from (task(name, tool, log, *columns) for tool in asked.tools if tool != "r4pm")
    if "discovery" in asked.tasks:
        python(THREE, log, folder / "three.parquet", *columns)
        yield from (task("discovery", tool, folder / "three.parquet", *columns) for tool in asked.tools if tool != "pm4py")
    if "xes" in asked.tasks:
        xes = make(folder / "exchange.xes.gz", asked.xes_events)
        yield from (task("xes", tool, xes) for tool in asked.tools)
    if "working" in asked.tasks:
        office = make(folder / "office.parquet", asked.working_events)
        (folder / "office.card.toml").write_text(OFFICE, encoding="utf-8")
        yield from (task("working", tool, office, *GENERATED) for tool in asked.tools if tool != "r4pm")
    if "report" in asked.tasks:
        yield task("report", "finmine", log, *columns)
    if "samples" in asked.tasks:
        for sample in samples(ROOT / "sample_logs"):
            yield task("report", "finmine", sample, "", "", "", shown=f"report of {sample.name}")
    if "help" in asked.tasks:
        yield Job("help", "finmine", (sys.executable, "-c", HELP))
        yield Job("help", "python", (sys.executable, "-c", "pass"))


def rounds(planned: Sequence[Job], repeats: int) -> list[Measure]:
    """Do every job once, then every job again, and so on: what disturbs the machine for a while disturbs all tools."""
    runs: dict[tuple[str, str], list[Run]] = {(job.task, job.tool): [] for job in planned}
    for number in range(repeats):
        for job in planned:
            run = measured(job.command, dict(job.environment))
            runs[job.task, job.tool].append(run)
            print(f"{number + 1}/{repeats} {job.task} {job.tool}: {run.wall:.2f} s", file=sys.stderr)
    return [Measure(name, tool, tuple(done)) for (name, tool), done in runs.items()]


def grown(asked: argparse.Namespace, folder: Path) -> Iterator[Measure]:
    """Large logs: the whole task with finmine under a limit of 4 GiB as they grow, and with all tools side by side, each once; and the questions."""
    for size in asked.scale:
        log = make(folder / f"scale_{size:g}.parquet", round(size * 1e6))
        job = task("whole", "finmine", log, shown=f"whole, {size:g} million events under 4 GiB", FINMINE_MEMORY="4GiB")
        yield from rounds([job], 1)
    for size in asked.large:
        log = make(folder / f"large_{size:g}.parquet", round(size * 1e6))
        shown = f"whole, {size:g} million events"
        asking = task("prepared", "finmine", log, *GENERATED, shown=f"prepared, {size:g} million events")
        yield from rounds([*(task("whole", tool, log, shown=shown) for tool in asked.tools if tool != "r4pm"), asking], 1)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the tables, and write the figures and the page."""
    asked = options(arguments)
    asked.tools = [tool for tool in asked.tools if find_spec(tool)]
    where = machine()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        log = asked.log or make(folder / "log.parquet", asked.events)
        events = int(python(COUNT, log))
        measures = rounds(list(jobs(asked, log, folder)), asked.repeats)
        measures += grown(asked, folder)
    by_name = {(measure.task, measure.tool): measure for measure in measures}
    kept, differing = list(targets(by_name, events)), list(differences(by_name))
    logs = {"log" if asked.log else "invoices (generated)": events}
    if xes := by_name.get(("xes", "finmine")):
        logs["XES (generated, packed)"] = xes.found["events"]
    print("\n".join(["", *figures(measures), "", *promises(kept), "", *differing]))
    results = {
        "machine": where,
        "events": logs,
        "targets": [
            {"name": one.name, "value": round(one.value, 3), "unit": one.unit, "limit": one.limit, "at_least": one.at_least, "met": one.met}
            for one in kept
        ],
        "measures": [measure.summary() for measure in measures],
        "differences": differing,
    }
    asked.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    asked.page.write_text(page(where, logs, kept, measures, differing), encoding="utf-8")


if __name__ == "__main__":
    main()
