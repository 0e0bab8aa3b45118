"""The enabling path: the throughput time of each case charged to the work and the waiting of the units that held up its end.

See ``kernels.enabling_path`` for the definition. Beside the completion clock (see ``relations.completion_clock``), which charges what
was completed next and needs no starts, it tells work from waiting, and charges nothing to side branches that were done in time.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from finmine.arrays import Lent, through
from finmine.kernels.enabling_path import enabling_path as walked
from finmine.relations.units import units

if TYPE_CHECKING:
    from finmine.log import EventLog
    from finmine.relations.enabled import Enabled

KINDS = ("start lag", "waiting", "gap", "work")
"""What is charged, by the code that the kernel gives."""


def enabling_path(log: EventLog, found: Enabled) -> Lent:
    """The charges: case, kind (a place in ``KINDS``), source (the activity that enabled, missing where none did), activity, charge.

    The kernel runs here. The charges of a case add up to its throughput time (from its first beginning, where a start that is
    later than the completion counts as not known); a case has one row or several for each kind and pair of activities.
    """
    these = units(log).select("case", "position", "activity", "start", "time").cast(dict.fromkeys(("case", "position", "activity"), "int64"))
    pairs = found.concurrency.pairs
    said = f"kernels.enabling_path.enabling_path(concurrent={pairs})"
    return through(log.engine, these, partial(walked, concurrent=pairs), by=["case"], order=["position"], noun="path", said=said)
