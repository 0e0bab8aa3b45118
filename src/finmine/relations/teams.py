"""The resources that stand for several people, by ``[[capacity]]`` on the card: how many can work at once, and from when on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import floor
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from finmine.relations.tables import recorded_names

if TYPE_CHECKING:
    from finmine.finance.capacity import Capacity
    from finmine.kernels.team_work import Teams
    from finmine.log import EventLog


def teams(log: EventLog) -> Teams:
    """The sizes of the teams by the code of their resource: whole people, at least one, of all capacities that hold on a day together."""
    declared: dict[str, list[Capacity]] = {}
    for one in log.card.costs.capacity:
        if one.level == "resource" and one.people is not None:
            declared.setdefault(one.name, []).append(one)
    if not declared or not log.facts.has_resource:
        return {}
    named = recorded_names(log)
    known = log.fetch(named.filter(named.label.isin(sorted(declared))).order_by("resource")).records()
    sizes = {int(record["resource"]): _sizes(declared[str(record["label"])], log.zone) for record in known}
    return {code: found for code, found in sizes.items() if any(people > 1 for _, people in found)}


def _sizes(parts: list[Capacity], zone: str) -> tuple[tuple[int, int], ...]:
    """How many people there are from which instant on; days begin on the clocks of a zone."""
    begins = {one.since or date.min for one in parts} | {one.until + timedelta(days=1) for one in parts if one.until and one.until < date.max}
    found = []
    for day in sorted(begins):
        there = [one.people for one in parts if one.people and (one.since or date.min) <= day <= (one.until or date.max)]
        found.append((_midnight(day, zone), max(1, floor(sum(there)))))
    return tuple(found)


def _midnight(day: date, zone: str) -> int:
    if day == date.min:
        return -(1 << 62)
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000
