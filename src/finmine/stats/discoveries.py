"""False discoveries: p-values of a whole family of tests adjusted, so that at most the chosen share of what is called real is not.

Source: Y. Benjamini and Y. Hochberg 1995; it holds for independent and for positively dependent tests.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finmine.stats.sample import Floats


def adjusted(p: Sequence[float]) -> Floats:
    """The adjusted p-value (q) of each test of a family, which must hold every test that was made, shown or not."""
    from scipy.stats import false_discovery_control

    if len(p) == 0:
        return np.empty(0)
    found: Floats = false_discovery_control(np.asarray(p, dtype=float), method="bh")
    return found
