"""The oracle of waiting causes: their definition, word for word, with sets of single moments in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Opening = Mapping[str, frozenset[int]]
CAUSES = ("batching", "contention", "prioritisation", "unavailability", "unknown", "extraneous")


@dataclass(frozen=True)
class Unit:
    """A unit of work; all times are whole moments. ``calendar`` names opening hours, ``first`` one that nothing enabled."""

    case: int
    activity: int
    resource: int | None
    enabled: int
    start: int
    end: int
    calendar: str | None = None
    first: bool = False


def batches(units: Sequence[Unit], gap: int = 0) -> list[list[int]]:
    """The batches of two units or more, each as places in the list: work that was enabled by the time the batch began, and follows on."""
    found: list[list[int]] = []
    keys = sorted({(unit.resource, unit.activity) for unit in units if unit.resource is not None})
    for key in keys:
        mine = sorted(
            (place for place, unit in enumerate(units) if (unit.resource, unit.activity) == key),
            key=lambda place: (units[place].start, units[place].end, place),
        )
        held: list[int] = []
        for place in mine:
            unit = units[place]
            if held and unit.enabled <= units[held[0]].start and unit.start - max(units[other].end for other in held) <= gap:
                held.append(place)
            else:
                found.append(held)
                held = [place]
        found.append(held)
    return [held for held in found if len(held) > 1]


def parts(units: Sequence[Unit], place: int, together: Sequence[Sequence[int]]) -> tuple[set[int], set[int], set[int], set[int]]:
    """The moments of the wait of one unit, and those of batching, contention and prioritisation in it, which may overlap."""
    unit = units[place]
    mates = next((set(batch) - {place} for batch in together if place in batch), set[int]())
    ready = max(units[other].enabled for other in {place, *mates}) if mates else unit.enabled
    contention, priority = set[int](), set[int]()
    for other, work in enumerate(units):
        if other == place or work.resource != unit.resource or work.start >= unit.start or work.end <= unit.enabled:
            continue
        since = unit.enabled if other in mates else min(ready, unit.start) if mates else unit.enabled
        moments = set(range(max(since, work.start), min(unit.start, work.end)))
        (contention if work.enabled <= since else priority).update(moments)
    return set(range(unit.enabled, unit.start)), set(range(unit.enabled, ready)) if mates else set(), contention, priority


def team_parts(units: Sequence[Unit], place: int, people: Callable[[int], int]) -> tuple[set[int], set[int]]:
    """The moments of the wait of one unit in which all people of its resource are busy: with all of them on older work, or some on newer."""
    unit = units[place]
    contention, priority = set[int](), set[int]()
    for moment in range(unit.enabled, unit.start):
        at_work = [other.enabled for other in units if other.resource == unit.resource and other.start <= moment < other.end]
        if len(at_work) >= people(moment):
            older = [since for since in at_work if since <= unit.enabled]
            (contention if len(older) >= people(moment) else priority).add(moment)
    return contention, priority


_ORDERS = {
    "batch": ("contention", "prioritisation", "unavailability", "batching"),
    "work": ("batching", "contention", "prioritisation", "unavailability"),
    "hours": ("unavailability", "batching", "contention", "prioritisation"),
}


def causes(units: Sequence[Unit], place: int, opening: Opening, order: str = "work", gap: int = 0, *, raw: bool = False) -> dict[str, set[int]]:
    """The moments of the wait of one unit by cause.

    ``order`` is ``batch`` (other work counts as if there were no batches, and batching comes last), ``work`` or ``hours`` (unavailability
    comes before all others). Contention and prioritisation count in opening hours only, or always where they are ``raw``.
    """
    unit = units[place]
    found: dict[str, set[int]] = {cause: set() for cause in CAUSES}
    if unit.first or unit.start <= unit.enabled:
        return found
    if unit.resource is None:
        return found | {"unknown": set(range(unit.enabled, unit.start))}
    wait, batching, contention, priority = parts(units, place, batches(units, gap))
    known = unit.calendar is not None
    opened = opening[unit.calendar] if unit.calendar is not None else frozenset(wait)
    closed = wait - opened
    if order == "batch":
        _, _, contention, priority = parts(units, place, [])
    if not raw:
        contention, priority = contention & opened, priority & opened
    true = {"batching": batching, "contention": contention, "prioritisation": priority, "unavailability": closed}
    left = wait
    for cause in _ORDERS[order]:
        found[cause] = left & true[cause]
        left = left - true[cause]
    found["extraneous" if known else "unknown"] = left
    return found
