"""One against all others: whether somebody's share of something is larger than that of the peers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from finmine.stats.discoveries import adjusted


class AgainstPeers(NamedTuple):
    """The share of all others, the chance of as many or more with it, and that adjusted over all who were compared; missing for those who were not."""

    peers: float | None
    p: float | None
    q: float | None


def against_peers(counts: Sequence[tuple[int, int]], least: int) -> tuple[AgainstPeers, ...]:
    """For each (with it, of all) the exact binomial test, one-sided, against the share of the others; those with fewer than ``least`` are not compared.

    The share of the others counts one more with it and one more in all, so that it is never nought.
    """
    from scipy.stats import binom

    having, every = sum(has for has, _ in counts), sum(of for _, of in counts)
    shares = [(having - has + 1) / (every - of + 1) for has, of in counts]
    compared = [place for place, (_, of) in enumerate(counts) if of >= least and every > of]
    p = [float(binom.sf(counts[place][0] - 1, counts[place][1], shares[place])) for place in compared]
    found = {place: (one, float(q)) for place, one, q in zip(compared, p, adjusted(p), strict=True)}
    return tuple(AgainstPeers(shares[place] if place in found else None, *found.get(place, (None, None))) for place in range(len(counts)))
