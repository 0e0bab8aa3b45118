"""What is said of a comparison of two sides beside its numbers: its words, the activities that only one of two logs has, and sides of which not alike much is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from finmine.compared_cases import numbers
from finmine.path_distance import MOST_FAMILIES, MOST_VARIANTS
from finmine.stats.path_effects import LEVEL
from finmine.stats.rates import fisher
from finmine.stats.transport import Way
from finmine.two_sides import TwoSides
from finmine.view import Definition
from finmine.words import plural

_EXAMPLES = 3
GIVEN_ANEW: Mapping[Way, str] = {
    "all cases": "The p-value of the distance of the paths gives each case anew to a side, whatever its {cluster}.",
    "inside clusters": "The p-value of the distance of the paths gives cases anew to the sides inside each {cluster}.",
    "whole clusters": "The p-value of the distance of the paths gives whole clusters of {cluster} anew to the sides.",
    "not permuted: some clusters are on both sides": "The distance of the paths has no p-value: some clusters of {cluster} are on both sides, and cannot be given anew as a whole.",
    "not permuted: too few clusters": "The distance of the paths has no p-value: there are too few clusters of {cluster} to give anew to the sides.",
}
"""How the sides were given anew for the p-value of the distance."""


def only_on_one_side(differences: Sequence[Mapping[str, Any]]) -> str | None:
    """That activities are in one of two logs alone, with examples, in a sentence; nothing where both have all of them."""
    done = [one for one in differences if one["kind"] == "activity"]
    alone = [sorted((one for one in done if not one[other]), key=lambda one: -one["cases"]) for other in ("share_second", "share_first")]
    if not any(alone):
        return None
    told = [f"{plural(len(these), 'activity', 'activities')} only in the {side} log ({_examples(these)})" for side, these in _sides(alone) if these]
    return (
        f"{' and '.join(told)}, of {len(done)} in all: where the same work has another name there, it is taken for other work, "
        "and lies as far apart as anything can. One name in both files makes them comparable."
    )


def unequally_known(sided: TwoSides, cases: Sequence[int], running: Sequence[int], declared: bool) -> str | None:
    """That more of the cases of one side still run, so that its compared cases are the quicker ones; in a sentence, nothing where both are alike.

    Where no end is ``declared`` it is told of a side that began later by more than half of the cases take.
    """
    if not all(cases) or not sided.enough:
        return None
    if not declared:
        started = numbers(sided.family.rows, "started")
        first, second = (float(np.median(started[these])) for these in (sided.first, ~sided.first))
        if abs(first - second) <= float(np.median(sided.family.family.values)):
            return None
        later = "first" if first > second else "second"
        return f"The cases of the {later} side began later, and which of them had ended is not declared: what they had not come to yet counts as not done, and their time as short."
    if fisher(running[0], cases[0], running[1], cases[1]) > LEVEL:
        return None
    more = int(running[1] * cases[0] > running[0] * cases[1])
    this, other = ("second", "first") if more else ("first", "second")
    still = [f"{running[place]:,} of {plural(cases[place], 'case')} of the {side} side" for place, side in ((more, this), (1 - more, other))]
    return f"{still[0]} still run and are not compared, {still[1]}: those of the {this} side that are compared are the quicker ones. `open-cases` counts what runs, too."


def _sides(alone: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    yield from zip(("first", "second"), alone, strict=True)


def _examples(these: Sequence[Mapping[str, Any]]) -> str:
    said = ", ".join(repr(one["measure"]) for one in these[:_EXAMPLES])
    return f"{said}, …" if len(these) > _EXAMPLES else said


def definitions(working: bool) -> Iterator[Definition]:
    """The words of a comparison, in elapsed or in working time."""
    yield Definition(
        "Compared cases",
        "those of either side that have come to a declared end (all, where none is declared); counts, money, variants and activities of a side are of all its cases",
    )
    noun = "working time of its calendar" if working else "time from its first start (or completion) to its last completion"
    yield Definition(
        "Time of a case",
        f"the {noun}; the shift is the median of all differences between a case of the one side and one of the other",
        "Hodges and Lehmann 1963",
    )
    yield Definition(
        "Difference of shares",
        "the share of the first side's cases less that of the second's; Newcombe's interval and Fisher's exact test, with clusters those for whole clusters",
        "Newcombe 1998; Fisher 1935",
    )
    yield Definition(
        "q",
        "the p-value adjusted over all comparisons that were made: of those with q up to 5 %, at most 5 % are expected to be chance",
        "Benjamini and Hochberg 1995",
    )
    yield Definition(
        "Distance of the paths",
        "the least share of its activities that has to change, averaged over the cases, to turn the mix of paths of the one side into that of the other; "
        f"of the {MOST_VARIANTS} most frequent variants and the {MOST_FAMILIES} most frequent families of the others",
        "earth mover's distance over Levenshtein's, divided by the longer trace; Rubner and others 2000; Leemans and others 2019",
    )
