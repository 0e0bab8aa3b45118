'''Small logs written as text: for tests, documentation and reports of faults.

>>> print(log("""
...     inv1 {vendor=ACME}: submit@0h/ana, approve@3h/bob {amount=100.00}, pay@2d
...     inv2: submit@1h/ana, "check, again"@1d-1d 2h/"O'Hara, Eve"
... """))
EventLog of 2 cases and 5 instances as read from pyarrow table

Each line is a case: its name, facts of all its rows in braces if there are any, a colon, and its events, divided by
commas (after a comma the line may be broken). An event is ``activity@time/resource {name=value, …}`` where resource and
facts may be left out. The time is counted from 2024-01-01 00:00 UTC (``30m``, ``3h``, ``1d 2h``); ``1h-3h`` is a start
and a completion. Facts become columns of the log under their names, so that one named amount, currency or role plays that
role, unless the card says otherwise. Names that hold signs of this notation stand in double quotes, a quote in them is doubled.
'''

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.card import Card
from finmine.engine import Engine
from finmine.errors import Refusal
from finmine.ingest.read import read
from finmine.log import EventLog
from finmine.vocabulary import People, Unit
from finmine.words import DAY, parse_duration

if TYPE_CHECKING:
    import pyarrow as pa

Event: TypeAlias = dict[str, Any]

ORIGIN = 19_723 * DAY
"""2024-01-01 00:00 UTC, from which the times of a written log are counted, in microseconds since 1970."""

_ROLES = ("case", "activity", "start", "timestamp", "resource")
_QUOTED = r'"(?:[^"]|"")*"'
_FACT = rf'\s*(?P<name>{_QUOTED}|[^"=,}}\n]+)=(?P<value>{_QUOTED}|[^",}}\n]*)\s*'
_FACTS = rf"\{{(?P<facts>(?:{_QUOTED}|[^\"}}])*)\}}"
_CASE = re.compile(rf'\s*(?P<case>{_QUOTED}|[^":{{\n]+)[ \t]*(?:{_FACTS})?[ \t]*:')
_EVENT = re.compile(
    rf'\s*(?P<activity>{_QUOTED}|[^"@,\n]+)@(?P<time>[^,/{{\n]+)'
    rf'(?:/(?P<resource>{_QUOTED}|[^",{{\n]+))?[ \t]*(?:{_FACTS})?[ \t]*(?P<more>,|(?=\n|\Z))'
)


class UnreadableText(Refusal):
    """A written log breaks the notation."""

    def __init__(self, text: str, place: int, expected: str) -> None:
        rest = text[place:].lstrip()
        line = text.count("\n", 0, len(text) - len(rest)) + 1
        found = rest.partition("\n")[0].rstrip()[:40]
        super().__init__(f"line {line} of the written log: {expected} is expected, and {found!r} was found.")


def log(
    written: str | Sequence[Mapping[str, Any]],
    *,
    card: Card | None = None,
    unit: Unit | None = None,
    people: People | None = None,
    shuffled: int | None = None,
    engine: Engine | None = None,
) -> EventLog:
    """The log of a text, or of events in the form that ``events`` gives.

    Args:
        written: the text, or events.
        card: facts about the log; its roles are set here, its attributes name the facts.
        unit: ``event`` or ``instance``, as in ``finmine.read``.
        people: how resources are shown; as the card says, else by name.
        shuffled: a seed after which the rows are shuffled first.
        engine: the engine that holds the log.

    Raises:
        UnreadableText: the text breaks the notation; its line is named.
    """
    rows = events(written) if isinstance(written, str) else list(written)
    if shuffled is not None:
        random.Random(shuffled).shuffle(rows)  # noqa: S311  (nothing is kept secret)
    table = _table(rows)
    known = (card or Card()).with_roles({role: (role,) for role in _ROLES if role in table.column_names}, "command line")
    return read(table, card=known, unit=unit, people=people or known.people or "names", engine=engine)


def events(text: str) -> list[Event]:
    """The events of a written log, in the order of the text, as dictionaries.

    Each has ``case``, ``activity``, ``timestamp`` and, where they are written, ``start`` (both as microseconds
    since 1970 UTC), ``resource`` and its facts; what is not written is not in the dictionary.

    Raises:
        UnreadableText: the text breaks the notation; its line is named.
    """
    found: list[Event] = []
    place = 0
    while text[place:].strip():
        head = _CASE.match(text, place)
        if head is None:
            raise UnreadableText(text, place, "a case (name: activity@time, …)")
        shared = _facts(text, head)
        place, more = head.end(), True
        while more:
            event = _EVENT.match(text, place)
            if event is None:
                raise UnreadableText(text, place, "an event (activity@time/resource {name=value})")
            found.append({"case": _name(head["case"]), **_event(text, event), **shared, **_facts(text, event)})
            place, more = event.end(), event["more"] == ","
    return found


def _event(text: str, match: re.Match[str]) -> Event:
    try:
        *start, timestamp = (ORIGIN + parse_duration(part) for part in match["time"].split("-", 1))
    except ValueError:
        raise UnreadableText(text, match.start("time"), "a time such as 30m, 3h, 1d 2h or 1h-3h") from None
    resource = {"resource": _name(match["resource"])} if match["resource"] else {}
    return {"activity": _name(match["activity"]), "timestamp": timestamp, **({"start": start[0]} if start else {}), **resource}


def _facts(text: str, match: re.Match[str]) -> Event:
    return dict(_each_fact(text, match)) if match["facts"] else {}


def _each_fact(text: str, match: re.Match[str]) -> Iterator[tuple[str, str]]:
    place, end = match.span("facts")
    while place < end:
        fact = re.compile(_FACT + r"(?:,|\Z)").match(text[:end], place)
        if fact is None or _name(fact["name"]) in _ROLES:
            raise UnreadableText(text, place, "a fact (name=value)")
        yield _name(fact["name"]), _name(fact["value"])
        place = fact.end()


def _name(written: str) -> str:
    bare = written.strip()
    return bare[1:-1].replace('""', '"') if bare.startswith('"') else bare


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    import pyarrow as pa

    def instant(micros: int | None) -> datetime | None:
        return None if micros is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)

    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        stamps = name in ("start", "timestamp")
        columns[name] = pa.array([instant(value) for value in values], pa.timestamp("us", "UTC")) if stamps else pa.array(values)
    return pa.table(columns)
