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


def herfindahl(amounts: Iterable[float]) -> float | None:
    """The sum of the squares of the shares: 1 where one has it all, 1 / n where n have equal parts; missing where there is nothing.

    Source: O. C. Herfindahl, Concentration in the steel industry, 1950.
    """
    held = [float(one) for one in amounts]
    total = sum(held)
    return sum((one / total) ** 2 for one in held) if total else None
