"""What finmine promises of its speed, and whether the measures keep it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from measure import Measure

Measures = Mapping[tuple[str, str], Measure]
MIB = 1 << 20
TEN_MILLION = 10_000_000
OWN = ("path_effects",)
"""Questions with a promise and a file of their own."""


@dataclass(frozen=True, slots=True)
class Target:
    """A promise: a value that shall be at least or at most a limit, and how it was measured."""

    name: str
    value: float
    unit: str
    limit: float
    at_least: bool

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def targets(measures: Measures, events: int) -> Iterator[Target]:
    """The promises that the measures say something about; ``events`` is the size of the log of the questions."""
    yield from _against(measures, "whole", "pm4py", "whole (file to map, variants, times, rework)", 4.0, 0.5)
    yield from _against(measures, "whole", "pm4py", "whole (aim)", 6.0, None)
    yield from _large(measures)
    yield from _questions(measures, events)
    for (task, tool), measure in measures.items():
        if task.startswith("prepared, ") and tool == "finmine":
            yield from _each(measure, measure.found["events"], task.removeprefix("prepared, "))
    yield from _against(measures, "discovery", "r4pm", "three columns to map and variants", 1.0, None)
    yield from _against(measures, "xes", "pm4py", "reading XES", 3.0, 0.5)
    yield from _against(measures, "xes", "r4pm", "reading XES (aim)", 1.0, None)
    if ("working", "finmine") in measures and ("working", "pm4py") in measures:
        ours, theirs = (measures["working", tool].seconds["directly_follows"] for tool in ("finmine", "pm4py"))
        yield Target("map in working time on a prepared log: times faster than pm4py", theirs / ours, "×", 8.0, at_least=True)
    if report := measures.get(("report", "finmine")):
        yield Target("report", report.wall, "s", 20.0, at_least=False)
        yield Target("report, memory", report.peak / MIB, "MiB", 1024.0, at_least=False)
    for (task, _), measure in measures.items():
        if task.startswith("report of "):
            yield Target(task, measure.wall, "s", 6.0, at_least=False)
    if ("help", "finmine") in measures and ("help", "python") in measures:
        ratio = measures["help", "finmine"].cpu / measures["help", "python"].cpu
        yield Target("help, processor time against an empty Python", ratio, "×", 6.0, at_least=False)


def _against(measures: Measures, task: str, peer: str, name: str, faster: float, memory: float | None) -> Iterator[Target]:
    ours, theirs = measures.get((task, "finmine")), measures.get((task, peer))
    if ours is None or theirs is None:
        return
    yield Target(f"{name}: times faster than {peer}", theirs.wall / ours.wall, "×", faster, at_least=True)
    if memory is not None:
        yield Target(f"{name}: memory against {peer}", ours.peak / theirs.peak, "×", memory, at_least=False)


def _large(measures: Measures) -> Iterator[Target]:
    """From ten million events on; and that the cost of an event does not grow with the log, under a limit of memory."""
    for task, tool in measures:
        if task.startswith("whole, ") and tool == "pm4py":
            yield from _against(measures, task, "pm4py", task, 4.0, 0.5)
            if measures[task, tool].found["events"] >= TEN_MILLION:
                yield from _against(measures, task, "pm4py", f"{task} (aim)", 10.0, None)
    grown = sorted((one.found["events"], one) for (task, _), one in measures.items() if task.endswith(" under 4 GiB"))
    for events, one in grown:
        yield Target(f"{one.task}, memory", one.peak / MIB, "MiB", 4096.0, at_least=False)
        if events > grown[0][0]:
            cost = (one.cpu / events) / (grown[0][1].cpu / grown[0][0])
            yield Target(f"{one.task}: processor time of an event against {grown[0][0] / 1e6:.1f} million", cost, "×", 1.25, at_least=False)


def _questions(measures: Measures, events: int) -> Iterator[Target]:
    ours, theirs = measures.get(("prepared", "finmine")), measures.get(("prepared", "pm4py"))
    if ours is None:
        return
    if theirs is not None:
        together = sum(ours.seconds[question] for question in theirs.seconds)
        yield Target("questions that pm4py has too, together: times faster", sum(theirs.seconds.values()) / together, "×", 5.0, at_least=True)
    yield from _each(ours, events, "")


def _each(ours: Measure, events: int, size: str) -> Iterator[Target]:
    """What each question takes for a million events of a log of this size."""
    of = f" of {size.removesuffix(' events')}" if size else ""
    for question, taken in ours.seconds.items():
        if question not in OWN:
            yield Target(f"{question.replace('_', '-')}, per million events{of}", taken / events * 1e6, "s", 0.2, at_least=False)


def differences(measures: Measures) -> Iterator[str]:
    """Where two tools did not find the same in the same file."""
    for (task, tool), measure in measures.items():
        ours = measures.get((task, "finmine"))
        if ours is None or tool == "finmine":
            continue
        for what, number in measure.found.items():
            if ours.found.get(what) != number:
                yield f"{task}: {tool} found {number:,} {what}, finmine {ours.found.get(what):,}"


def samples(folder: Path) -> list[Path]:
    """The sample logs of a folder: what has a card."""
    cards = sorted(folder.glob("*.card.toml"))
    return [log for card in cards for log in folder.glob(f"{card.name.removesuffix('.card.toml')}.*") if not log.name.endswith((".toml", ".json"))]
