"""What the numbers of effects mean, and where their definitions come from."""

from __future__ import annotations

from collections.abc import Iterator

from finmine.compared_cases import Compared
from finmine.view import Definition

_RATES = Definition("Rework", "whether anything in the case is done more than once; the shift is the difference of the two rates", "Newcombe 1998")
_SHIFT = Definition(
    "Shift",
    "the median of all differences between a case of the one kind and a case of the other; its interval comes from drawing whole clusters of cases "
    "again and again. Burden: the shift times the cases of the one kind",
    "Hodges and Lehmann 1963",
)
_CURVE = Definition(
    "Coverage and burden",
    "the cases that have any of the first paths, each counted once, and their shift against all cases that have none, times their number; "
    "the burden falls where the cases that a path adds take less than those before them",
)
_DELTA = Definition(
    "Cliff's δ",
    "the chance that a case of the one kind has more than one of the other, less the chance of the reverse; from 0.147 on small, from 0.33 medium, from 0.474 large",
    "Cliff 1993; Romano and others 2006",
)
_Q = Definition(
    "q",
    "the p-value of Brunner and Munzel's test, for whole clusters where cases have some, adjusted over all comparisons that were made, shown or not: "
    "of those with q up to 5 %, at most 5 % are expected to be chance",
    "Benjamini and Hochberg 1995",
)
_ADJUSTED = Definition(
    "Adjusted shift",
    "the shifts in the strata of cases that agree, weighted by the inverse of their variances; none where it goes one way in a stratum and the "
    "other way in another, each beyond its interval. I² is the share of the variation between strata that is more than chance",
    "Cochran 1954; Higgins and Thompson 2002; van Elteren 1960",
)
_QUANTILES = Definition(
    "Shift of the median, of the 90th percentile",
    "by how much that quantile is shifted for the cases of the one kind, where each stratum of cases that agree has a level of its own; all cases of strata "
    "with both kinds count. Its interval comes from drawing whole clusters again and again",
    "Koenker and Bassett 1978",
)
_PERMUTATION = Definition(
    "Permutation p",
    "how often chance alone parts the cases as far: inside clusters where those differ inside, else whole clusters are given anew",
)
_FAMILY = Definition(
    "Family",
    "all variants with the same activities in the order of their first occurrence, however often anything is repeated; "
    "a variant of fewer than 30 cases is compared within its family only",
)


def definitions(compared: Compared, curve: bool) -> Iterator[Definition]:
    """The meanings of the numbers that an answer on this outcome has: of a burden curve and of cases that agree only where it has them."""
    yield _RATES if compared.outcome == "rework" else _SHIFT
    if curve:
        yield _CURVE
    yield from (_DELTA, _Q)
    if compared.adjust:
        yield _ADJUSTED
        if compared.outcome != "rework":
            yield _QUANTILES
    yield from (_PERMUTATION, _FAMILY)
