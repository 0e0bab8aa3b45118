"""What finmine finds of what was planted into the sample logs: precision and recall of each planting. `python bench/truths.py [LOG …]` prints them.

The answers come from the questions as anybody asks them. Recall is the share of what was planted that was found, precision the share of what was found
that was planted; both of cases, of steps where a bottleneck is sought, and of seconds where a cause of waiting is. Breaches of rules are planted by
``breaches``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from breaches import POLICIES, planted

import finmine
from finmine.relations.waiting_causes import Precedence
from finmine.sample import SampleName, make

Truth: TypeAlias = Mapping[str, Any]
FORMATS: dict[SampleName, str] = {"invoices": ".csv", "approvals": ".xes.gz", "reconciliations": ".parquet", "disputes": ".csv"}
REPEATS = {
    "price change": "Release purchase order",
    "invoice block": "Match invoice",
    "rejection": "Submit request",
    "reopened items": "Review reconciliation",
    "returned claims": "Decide claim",
    "credit notes sent again": "Send credit note",
}
"""What is done again in each planted loop."""
KINDS = {
    "price change": "correction",
    "invoice block": "retry",
    "rejection": "return",
    "reopened items": "return",
    "returned claims": "return",
    "credit notes sent again": "retry",
}
"""Why, where the cards say enough to tell."""
CAUSES = ("batching", "contention", "prioritisation", "unavailability", "extraneous")
LOSSES = {
    "discount taken": "taken",
    "discount lost after approval": "lost after approval",
    "discount lost in process": "lost in process",
    "discount lost before receipt": "lost before receipt",
}


@dataclass(frozen=True, slots=True)
class Score:
    """How much of what was planted was found, and how much of what was found was planted."""

    log: str
    planted: str
    what: str
    unit: str
    true: float
    found: float
    both: float

    @property
    def precision(self) -> float | None:
        """Of what was found, the share that was planted."""
        return self.both / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Of what was planted, the share that was found."""
        return self.both / self.true if self.true else None

    def line(self) -> str:
        """The score as a line of the table."""
        shares = ("–" if share is None else f"{share:.1%}" for share in (self.precision, self.recall))
        precision, recall = shares
        return f"{self.log:<16}{self.planted:<36}{self.what:<28}{self.unit:<7}{self.true:>9,.0f}{self.found:>9,.0f}{self.both:>9,.0f}{precision:>11}{recall:>9}"


HEADING = f"{'log':<16}{'planted':<36}{'sought as':<28}{'of':<7}{'planted':>9}{'found':>9}{'both':>9}{'precision':>11}{'recall':>9}"


def of_cases(log: str, truth: Truth, what: str, found: set[str]) -> Score:
    """The score of cases."""
    true = set(truth["case_ids"])
    return Score(log, truth["name"], what, "cases", len(true), len(found), len(true & found))


def cases_of(answer: Any, chosen: Callable[[Mapping[str, Any]], bool]) -> set[str]:
    """The cases behind the rows of an answer that are chosen."""
    return {case["case"] for record in answer.records() if chosen(record) for case in answer.cases(record).records()}


def loops(name: str, log: finmine.EventLog, truths: list[Truth]) -> Iterator[Score]:
    """Loops: cases in which an activity comes again, and those in which it does for the planted reason."""
    again, kinds = finmine.rework(log), finmine.rework_kinds(log)
    for truth in truths:
        if activity := REPEATS.get(truth["name"]):
            found = again.cases(next(record for record in again.records() if record["activity"] == activity)).records()
            yield of_cases(name, truth, "repeats", {case["case"] for case in found})
        if kind := KINDS.get(truth["name"]):
            behind = cases_of(kinds, lambda record, why=kind, of=REPEATS[truth["name"]]: (record["kind"], record["activity"]) == (why, of))
            yield of_cases(name, truth, kind, behind)
        if truth["parameters"].get("sort") == "ping-pong":
            yield of_cases(name, truth, "ping-pong", back_and_forth(log))


def back_and_forth(log: finmine.EventLog) -> set[str]:
    """The cases in which work goes from the clerk to sales and comes back."""
    answer = finmine.handovers(log, between="role")
    pairs = {(record["source_hands"], record["target_hands"]): record for record in answer.records()}
    there = {case["case"] for case in answer.cases(pairs["Dispute clerk", "Sales"]).records()}
    return there & {case["case"] for case in answer.cases(pairs["Sales", "Dispute clerk"]).records()}


def bottlenecks(name: str, log: finmine.EventLog, truths: list[Truth]) -> Iterator[Score]:
    """Bottlenecks: as many steps as were planted, with the longest working time on average, or that of a group against all others."""
    for truth in truths:
        if truth["kind"] != "bottleneck":
            continue
        said = truth["parameters"]
        ranked = slowest(log, said.get("column"), said.get("equals"))
        true = {step for step in ranked if step[1] in said["activities"]}
        yield Score(name, truth["name"], "slowest steps", "steps", len(true), len(true), len(true & set(ranked[: len(true)])))


def slowest(log: finmine.EventLog, column: str | None, equals: str | None) -> list[tuple[str, str]]:
    """Steps that are taken at least twenty times, slowest first: by their mean, or by how much it exceeds that outside the group."""
    column = {"entity": "company"}.get(column or "", column)

    def means(part: finmine.EventLog) -> dict[tuple[str, str], float]:
        records = finmine.bottlenecks(part, clock="working").records()
        return {(one["source_activity"], one["target_activity"]): one["mean"] for one in records if one["steps"] >= 20 and one["mean"] is not None}

    if column is None:
        here = means(log)
        return sorted(here, key=lambda step: -here[step])
    inside, outside = (means(log.keep_cases(finmine.parse_filter(f"{column} {sign} '{equals}'"))) for sign in ("=", "!="))
    return sorted(inside.keys() & outside.keys(), key=lambda step: outside[step] - inside[step])


def batches(name: str, log: finmine.EventLog, truths: list[Truth]) -> Iterator[Score]:
    """Batches: cases whose work was collected and done together with others'."""
    for truth in truths:
        if truth["kind"] == "batches":
            yield of_cases(
                name, truth, "batches", cases_of(finmine.batches(log), lambda record, of=truth: record["activity"] == of["parameters"]["activity"])
            )


def causes(name: str, log: finmine.EventLog, truths: list[Truth]) -> Iterator[Score]:
    """Causes of waiting: seconds of the planted cause before the planted activity, case by case, in the default order of precedence and work first."""
    planted = [truth for truth in truths if truth["kind"] == "waiting cause"]
    orders: dict[str, Precedence] = {"": "batch-last", ", work first": "work-first"} if planted else {}
    for said, order in orders.items():
        found = waited(log, order)
        for truth in planted:
            activity, cause = truth["parameters"]["activity"], truth["parameters"]["cause"]
            true = dict(zip(truth["case_ids"], truth["case_seconds"], strict=True))
            here = {case: seconds[cause] for (case, of), seconds in found.items() if of == activity}
            both = sum(min(true.get(case, 0), seconds) for case, seconds in here.items())
            yield Score(name, truth["name"], cause + said, "hours", sum(true.values()) / 3600, sum(here.values()) / 3600, both / 3600)


def waited(log: finmine.EventLog, order: Precedence) -> dict[tuple[str, str], dict[str, float]]:
    """Seconds of waiting by case and activity and cause."""
    found = finmine.waiting_causes(log, by="document", order=order).records()
    return {(one["group"], one["activity"]): {cause: one[cause] / 1_000_000 for cause in CAUSES} for one in found}


def discounts(name: str, log: finmine.EventLog, truths: list[Truth]) -> Iterator[Score]:
    """Discounts: cases in each class."""
    planted = [truth for truth in truths if truth["name"] in LOSSES and truth["cases"]]
    answer = finmine.money_of_time(log) if planted else None
    for truth in planted:
        yield of_cases(name, truth, "money of time", cases_of(answer, lambda record, of=truth: record["measure"] == LOSSES[of["name"]]))


def audits(name: SampleName, folder: Path) -> Iterator[Score]:
    """Rules of policies: cases in which each was broken in a copy of the log, by the test of the rule that finds them."""
    for each in planted(name, folder / "breaches") if name in POLICIES else ():
        yield Score(name, f"{each.rule}, {each.how}", "audit", "cases", len(each.cases), len(each.found), len(each.cases & each.found))


@cache
def sample(name: SampleName, folder: Path) -> tuple[finmine.EventLog, list[Truth]]:
    """A sample log of the default size, and what was planted."""
    path, _, truths = make(name, folder / f"{name}{FORMATS[name]}")
    return finmine.read(path), json.loads(truths.read_text(encoding="utf-8"))["truths"]


def scores(folder: Path, names: Sequence[SampleName]) -> Iterator[Score]:
    """All scores, log by log."""
    for name in names:
        log, truths = sample(name, folder)
        for sought in (bottlenecks, loops, batches, causes, discounts):
            yield from sought(name, log, truths)
        yield from audits(name, folder)


def main() -> None:
    """Print the table, of all sample logs or of those named."""
    names = [name for name in FORMATS if name in sys.argv[1:]] or list(FORMATS)
    began = time.perf_counter()
    print(HEADING)
    with TemporaryDirectory() as folder:
        for score in scores(Path(folder), names):
            print(score.line(), flush=True)
    print(f"\n{time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
