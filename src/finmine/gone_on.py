"""Cases that had come to an end and went on: by their last activity they run, which a wrong stamp may be the reason of."""

from __future__ import annotations

from collections.abc import Iterator

from finmine.engine import Rows
from finmine.log import EventLog
from finmine.view import Caveat
from finmine.words import count, money, plural


def told_gone_on(log: EventLog, rows: Rows) -> Iterator[Caveat]:
    """What is said of them, where there are any."""
    (found,) = rows.records()
    if not found["cases"]:
        return
    running, one = plural(found["running"], "case that still runs", "cases that still run"), found["cases"] == 1
    owed = f" ({money(found['owed'], log.money.currency)})" if log.money and found["owed"] else ""
    said = f"Of {running}, {count(found['cases'])}{owed} had come to an end and {'has' if one else 'have'} a later unit"
    if found["planned"]:
        said += f"; {count(found['planned'])} {'is' if found['planned'] == 1 else 'are'} stamped after the extraction"
    counted = "its last activity it runs and is" if one else "their last activity they run and are"
    yield Caveat(f"{said}. By {counted} in what is open and will be late. `check` lists doubtful stamps.")
