"""The interval of a share of independent units: Wilson's score interval, which never leaves 0 to 1 and holds for few units."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist


def wilson(hits: int, of: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """The limits within which the share of the process lies with this confidence, if units are independent; None where there are no units.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference (JASA 22, 1927).
    """
    if of == 0:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle, spread = (hits + z * z / 2) / (of + z * z), z / (of + z * z) * sqrt(hits * (of - hits) / of + z * z / 4)
    return max(middle - spread, 0.0), min(middle + spread, 1.0)
