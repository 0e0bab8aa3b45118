"""Concentration: how few do most of it."""

from __future__ import annotations

from collections.abc import Iterable


def fewest(amounts: Iterable[int], part: float) -> int:
    """How many of the amounts, the largest first, hold at least this part of their sum."""
    ranked = sorted(amounts, reverse=True)
    enough, total = part * sum(ranked), 0
    for number, one in enumerate(ranked, 1):
        total += one
        if total >= enough:
            return number
    return len(ranked)
