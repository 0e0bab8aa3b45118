"""What several questions need of a log: found for the first that asks, and kept as long as anybody has the log."""

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


def found_once(log: EventLog, key: Hashable, find: Callable[[], Found], tables: Callable[[Found], Sequence[str]] = lambda _: ()) -> Found:
    """What ``find`` gives, the first time for this log as read and this key; the tables that ``tables`` names are forgotten with the log.

    What depends on the filters of the log has their words in its key. What is found must not hold the log, which would then never be forgotten.
    """
    kept = _KEPT.setdefault(log.tables.lease, {})
    if key not in kept:
        found = find()
        kept[key] = found, log.engine.lease([quoted_name(name) for name in tables(found)])
    value: Found = kept[key][0]
    return value


def filters_in_words(log: EventLog) -> tuple[tuple[str, str], ...]:
    """What the filters of a log keep, and their words, which say all of them."""
    return tuple((one.keeps, one.words()) for one in log.filters)
