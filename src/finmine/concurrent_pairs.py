"""The concurrent activities that stand beside every number that rests on enabled times: which are taken to run side by side, and why."""

from __future__ import annotations

from collections.abc import Iterator

from finmine.log import EventLog
from finmine.relations.concurrency import Concurrency
from finmine.result import table
from finmine.view import Block, Definition, Prose, Table
from finmine.words import plural

_COLUMNS = ("activity", "other_activity", "forth", "back", "turns", "why")
_MOST = 30


def concurrent_pairs(log: EventLog, found: Concurrency) -> Iterator[Block]:
    """The pairs that neither enable nor wait for each other, or that there are none."""
    names, records = log.activity_names(), found.records()
    pairs = [record for record in records if record["concurrent"]]
    others = len(records) - len(pairs)
    rest = f"{plural(others, 'other pair')} of activities that follow one another both ways {'is' if others == 1 else 'are'} not" if others else ""
    if not pairs:
        yield Prose("No two activities are taken to run side by side" + (f": {rest}." if rest else "."))
        return
    told = [
        {**record, "activity": names[record["activity"]], "other_activity": names[record["other"]], "why": record["reason"]}
        for record in pairs[:_MOST]
    ]
    shown = table("Activities that run side by side, so that neither waits for the other", told, _COLUMNS)
    yield Table(shown.title, shown.columns, shown.rows, len(pairs) if len(pairs) > _MOST else None)
    if rest:
        yield Prose(f"{rest} taken to run side by side.")


ENABLED = Definition(
    "Enabled",
    "a unit is enabled when the last unit before it in its case is completed, of those completed by the time it begins whose activity does not run side "
    "by side with its own; the card can overrule which do, under [concurrency]. The time from there to its start is waiting. A unit that nothing before "
    "it enables is a first one: the time from the start of the case to its start is start lag, and no waiting",
    "pix-framework, as used by Kronos, with conditions against rework that looks like concurrency",
)
