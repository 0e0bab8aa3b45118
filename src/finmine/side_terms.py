"""What is said of a comparison of two sides beside its numbers: its words, and the activities that only one of two logs has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from finmine.path_distance import MOST_FAMILIES, MOST_VARIANTS
from finmine.view import Definition
from finmine.words import plural

_EXAMPLES = 3


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
