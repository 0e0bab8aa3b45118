"""Paths told by what they do otherwise than the usual one, since long paths of one process share most of their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from finmine.relations.traces import written
from finmine.view import Definition

_MOST = 5


def told(trace: Sequence[str], usual: Sequence[str]) -> str:
    """What a trace does more (+) and less (−) often than the usual one; the trace itself where that is more than five activities."""
    more, less = Counter(trace), Counter(usual)
    more.subtract(usual)
    less.subtract(trace)
    signs = [
        f"{sign} {activity}{f' × {times}' if times > 1 else ''}"
        for sign, found in (("+", more), ("−", less))
        for activity, times in found.items()
        if times > 0
    ]
    if len(signs) > _MOST:
        return written(tuple(trace))
    if not signs:
        return "usual path" if tuple(trace) == tuple(usual) else "usual path in another order"
    return f"usual path {' '.join(signs)}"


def letters(place: int) -> str:
    """The letters that name the path at a place, counted from 0: A to Z, then AA to ZZ."""
    return chr(ord("A") + place % 26) * (place // 26 + 1)


USUAL = Definition("Usual path", "the variant of most compared cases; others are told by what they do more (+) or less (−) often")
