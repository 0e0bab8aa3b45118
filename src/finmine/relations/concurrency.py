"""Concurrent activities of a log: which pairs run side by side, with the counts that say so.

What is found in the log can be overruled on its card: ``[concurrency] pairs`` are concurrent and ``never`` are not, whatever
the log shows; ``find = "heuristics"`` leaves finmine's own conditions out, ``find = "none"`` finds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from finmine.arrays import Lent, through
from finmine.engine import Rows
from finmine.errors import UnknownWord
from finmine.kernels.concurrency import Oracle, overlaps, side_by_side
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_COUNTS = ("forth", "back", "turns", "first_again", "second_again")


@dataclass(frozen=True, slots=True)
class Concurrency:
    """The concurrent pairs of activities by code (the smaller first), and for each pair that follows both ways why it is one or not.

    ``rows`` holds these pairs with their counts; ``lent`` are the kernels behind them.
    """

    pairs: tuple[tuple[int, int], ...]
    reasons: Mapping[tuple[int, int], str]
    rows: Rows
    lent: tuple[Lent, ...]

    def records(self) -> list[dict[str, Any]]:
        """The pairs that follow one another both ways or were declared, with their counts, ``concurrent`` and the ``reason``; concurrent ones first."""
        counts = {(record["activity"], record["other"]): record for record in self.rows.records()}
        nothing = dict.fromkeys(_COUNTS, 0)
        found = [
            {"activity": one, "other": other, **nothing, **counts.get((one, other), {}), "concurrent": (one, other) in self.pairs, "reason": reason}
            for (one, other), reason in self.reasons.items()
        ]
        return sorted(found, key=lambda record: (not record["concurrent"], -record["forth"] - record["back"], record["activity"], record["other"]))


def concurrency(log: EventLog) -> Concurrency:
    """The concurrent activities of the units that the filters keep, as the card says they are found.

    Raises:
        UnknownWord: the card names an activity that the log does not have.
    """
    said = log.card.concurrency
    always, never = (_coded(log, pairs, f"[concurrency] {name}") for name, pairs in (("pairs", said.pairs), ("never", said.never)))
    rows = log.fetch(both_ways(log).order_by("activity", "other"))
    reasons: dict[tuple[int, int], str] = {}
    lent: tuple[Lent, ...] = ()
    if said.find != "none":
        how = Oracle(strict=said.find == "careful")
        counts = {name: np.array(rows.column(name), dtype=np.int64) for name in _COUNTS}
        follow = side_by_side(counts, how).tolist()
        pairs = list(zip(rows.column("activity"), rows.column("other"), strict=True))
        reasons = {_pair(pair): _FOLLOW if kept else _NOT for pair, kept in zip(pairs, follow, strict=True)}
        if how.strict and log.facts.has_start:
            apart, lent = _never_overlapping(log, [pair for pair, reason in reasons.items() if reason == _FOLLOW])
            reasons |= dict.fromkeys(apart, _APART)
    reasons |= dict.fromkeys(always, DECLARED) | dict.fromkeys(never, DECLARED_NOT)
    return Concurrency(tuple(sorted(pair for pair, reason in reasons.items() if reason in (_FOLLOW, DECLARED))), reasons, rows, lent)


_FOLLOW = "common both ways, and no loop"
_NOT = "one order is rare, or the two take turns in a loop"
_APART = "never seen to overlap"
DECLARED, DECLARED_NOT = "said on the card", "said on the card not to be"


def both_ways(log: EventLog) -> ir.Table:
    """The pairs of different activities that follow one another both ways: activity, other, and the counts that the oracle looks at."""
    import ibis

    these = units(log)
    after = these.mutate(after=these.activity.lead(2).over(ibis.window(group_by="case", order_by="position")))
    steps = after.filter(after.next_activity.notnull())
    counted = steps.group_by("activity", "next_activity").aggregate(
        steps=steps.count(), turns=steps.count(where=(steps.after == steps.activity) & (steps.next_activity != steps.activity))
    )
    again = counted.filter(counted.activity == counted.next_activity).select("activity", again="steps")
    forth = counted.filter(counted.activity < counted.next_activity).rename(other="next_activity", forth="steps")
    back = counted.select(other="activity", activity="next_activity", back="steps", turns_back="turns")
    met = forth.join(back, ["activity", "other"])
    met = met.left_join(again.rename(first_again="again"), "activity").drop("activity_right")
    met = met.left_join(again.rename(other="activity", second_again="again"), "other").drop("other_right")
    return met.select(
        "activity",
        "other",
        "forth",
        "back",
        turns=met.turns + met.turns_back,
        first_again=met.first_again.fill_null(0),
        second_again=met.second_again.fill_null(0),
    )


def _never_overlapping(log: EventLog, pairs: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], tuple[Lent, ...]]:
    """Those of these pairs of which no units overlap though some of them have an extent, and the kernel that says so."""
    if not pairs:
        return [], ()
    these = units(log)
    these = these.filter(these.activity.isin(sorted({code for pair in pairs for code in pair})))
    lasting = these.filter(these.start < these.time).select("activity").distinct()
    long = {int(str(code)) for code in log.fetch(lasting.order_by("activity")).column("activity")}
    given = these.select("case", "position", "activity", "start", "time").cast(dict.fromkeys(("case", "position", "activity"), "int64"))
    said = f"kernels.concurrency.overlaps(pairs={pairs})"
    lent = through(log.engine, given, partial(overlaps, pairs=pairs), by=["case"], order=["position"], noun="overlaps", said=said)
    seen = lent.table.group_by("activity", "other").aggregate(overlapping=lent.table.overlapping.sum())
    met = {_pair((one, other)) for one, other, number in log.fetch(seen.order_by("activity", "other")).tuples() if number}
    return [pair for pair in pairs if pair not in met and not long.isdisjoint(pair)], (lent,)


def _coded(log: EventLog, pairs: tuple[tuple[str, str], ...], place: str) -> list[tuple[int, int]]:
    codes = {name: code for code, name in enumerate(log.activity_names())}
    for name in (name for pair in pairs for name in pair):
        if name not in codes:
            raise UnknownWord(f"activity in {place}:", name, codes)
    return [_pair((codes[one], codes[other])) for one, other in pairs]


def _pair(pair: tuple[object, object]) -> tuple[int, int]:
    one, other = sorted(int(str(code)) for code in pair)
    return one, other
