"""How the attributes of an XES log are named as columns, so that no two of them ever meet in one place.

An event attribute is a column named by its key, a trace attribute the column ``case:<key>``, and ``xes:trace`` numbers the
traces that have events from 1, since their names may be missing or occur twice. Whatever does not fit a column stands in one
beside it:

- ``<column>.children``: what is nested in an attribute, as JSON ``[[type, key, value, children], ...]``. The ``<values>`` of
  a list are a child of type ``values``. Lists and containers always have it (``[]`` when empty), other attributes only when
  something is nested.
- ``<column>.xes:repeat2`` and so on: the second value of a key that an event or trace has twice.
- ``<column>.xes:type``: the type of each value, only for a column whose values have several (``mixed`` in the header).
- ``xes:event:<key>``: an event attribute whose key begins with ``case:`` or ``xes:``.
- ``<key>.xes:key``: an attribute whose key ends like one of the endings above.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

TRACE = "xes:trace"
CHILDREN = ".children"
TYPE = ".xes:type"
MOST_COLUMNS = 4096  # of one log; more are made by a file that is meant to exhaust memory

_ENDING = re.compile(r"\.(?:children|xes:type|xes:key|xes:repeat[0-9]+)\Z")
_REPEAT = re.compile(r"(.*)\.xes:repeat([0-9]+)\Z", re.DOTALL)


class Place(NamedTuple):
    """Where a column belongs: to traces or events, under which key, as which of its repeats, and which part of it."""

    of_trace: bool
    key: str
    nth: int = 1
    part: str = ""

    def column(self) -> str:
        """The name of the column at this place."""
        name = f"{self.key}.xes:key" if _ENDING.search(self.key) else self.key
        if self.nth > 1:
            name = f"{name}.xes:repeat{self.nth}"
        if self.of_trace:
            name = f"case:{name}"
        elif name.startswith(("case:", "xes:")):
            name = f"xes:event:{name}"
        return name + self.part


def place_of(column: str) -> Place:
    """The place that a column's name means; the inverse of ``Place.column``."""
    part = next((end for end in (CHILDREN, TYPE) if column.endswith(end)), "")
    name = column.removesuffix(part)
    of_trace = name.startswith("case:")
    name = name.removeprefix("case:") if of_trace else name.removeprefix("xes:event:")
    repeat = _REPEAT.match(name)
    name, nth = (repeat[1], int(repeat[2])) if repeat else (name, 1)
    return Place(of_trace, name.removesuffix(".xes:key"), nth, part)


def in_order(columns: Mapping[str, str]) -> list[str]:
    """All columns: the number of the trace, trace columns, event columns; what stands beside a column follows it.

    ``columns`` gives the type of each attribute column, and ``""`` for one that stands beside another.
    """
    attributes = sorted((name for name, kind in columns.items() if kind), key=lambda name: not name.startswith("case:"))
    return [TRACE, *(name + part for name in attributes for part in ("", TYPE, CHILDREN) if name + part in columns)]
