"""What is the same for all questions of a log, whatever their filters: found for the first that asks, and kept as long as anybody has the log."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from finmine.engine import quoted_name
from finmine.lease import Lease

if TYPE_CHECKING:
    from finmine.log import EventLog

Found = TypeVar("Found")

_KEPT: weakref.WeakKeyDictionary[Lease, dict[Hashable, tuple[Any, Lease]]] = weakref.WeakKeyDictionary()


def found_once(log: EventLog, key: Hashable, find: Callable[[], Found], tables: Callable[[Found], Sequence[str]]) -> Found:
    """What ``find`` gives, the first time for this log as read and this key; the tables that it names are forgotten with the log.

    It must not hold the log, which would then never be forgotten.
    """
    kept = _KEPT.setdefault(log.tables.lease, {})
    if key not in kept:
        found = find()
        kept[key] = found, log.engine.lease([quoted_name(name) for name in tables(found)])
    value: Found = kept[key][0]
    return value
