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

    @property
    def beyond_zero(self) -> int:
        """1 where the whole interval lies above zero, -1 where it lies below, 0 where it holds zero or there is none."""
        if self.low is None or self.high is None:
            return 0
        return int(self.low > 0) - int(self.high < 0)
