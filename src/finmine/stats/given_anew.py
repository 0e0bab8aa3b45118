"""Values given anew at random: what values would be if nothing told their cases apart, drawn again and again.

Independent values are permuted. Where values stand in clusters, **whole clusters** change places: each takes the values of
another of about its size (within a factor of two), in any order, so that what the values of a cluster have in common stays
together. A cluster that none is like keeps its own values, and only their order is drawn; so nothing can be found
that only one large cluster has.
"""

from __future__ import annotations

import numpy as np

from finmine.stats.sample import Floats, Ints


def given_anew(values: Floats, clusters: Ints | None, draws: int, rng: np.random.Generator) -> Floats:
    """So many draws of the values, one in each column; ``clusters`` has a code for each value, and none of them: independent."""
    found = np.empty((len(values), draws))
    if clusters is None:
        for draw in range(draws):
            found[:, draw] = rng.permutation(values)
        return found
    _, codes, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    order = np.argsort(codes, kind="stable")
    inside, begins = codes[order], np.cumsum(sizes) - sizes
    places = np.arange(len(values)) - begins[inside]
    alike = np.frexp(sizes)[1]
    by_size = np.lexsort((np.arange(len(sizes)), alike))
    for draw in range(draws):
        shuffled = order[np.argsort(inside + rng.random(len(values)))]  # the values of each cluster in any order
        donors = np.empty_like(by_size)
        donors[by_size] = np.lexsort((rng.random(len(sizes)), alike))
        taken = donors[inside]
        found[order, draw] = values[shuffled[begins[taken] + places % sizes[taken]]]
    return found
