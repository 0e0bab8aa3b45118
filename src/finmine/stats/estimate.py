"""An estimate: a value with its interval, of how many, and by which method."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value between ``low`` and ``high`` with a confidence of 95 %, from ``n`` observations, found by ``method``.

    ``low`` and ``high`` are missing where the method gives no interval for so few observations.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    method: str
