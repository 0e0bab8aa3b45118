"""What a log card says of activities that run side by side, so that neither waits for the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from finmine.card_values import BadCard, check_known, quoted, table, text

Find: TypeAlias = Literal["careful", "heuristics", "none"]
"""How concurrent activities are found in the log: carefully, by the heuristics alone, or not at all."""

_KEYS = ("find", "pairs", "never")


@dataclass(frozen=True, slots=True)
class Concurrency:
    """How concurrent activities are found, which pairs are so whatever the log shows, and which are not."""

    find: Find = "careful"
    pairs: tuple[tuple[str, str], ...] = ()
    never: tuple[tuple[str, str], ...] = ()


def read_concurrency(said: Mapping[str, Any], place: str) -> Concurrency:
    """What ``[concurrency]`` says."""
    found = table(said, "concurrency", place)
    place = f"{place} [concurrency]"
    check_known(found, _KEYS, place)
    find = found.get("find", "careful")
    if find not in get_args(Find):
        raise BadCard(f"{place} find", find, "one of " + ", ".join(get_args(Find)))
    pairs, never = (_pairs(found.get(name, []), f"{place} {name}") for name in ("pairs", "never"))
    for pair in pairs:
        if {*pair} in [{*other} for other in never]:
            raise BadCard(f"{place} never", list(pair), "of other activities than those of pairs")
    return Concurrency(find, pairs, never)


def _pairs(value: object, place: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise BadCard(place, value, 'a list of pairs of activities such as [["Check price", "Check quantity"]]')
    return tuple(_pair(pair, place) for pair in value)


def _pair(value: object, place: str) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2 or len(names := {text(name, place) for name in value}) != 2:
        raise BadCard(place, value, 'of two different activities such as ["Check price", "Check quantity"]')
    first, second = sorted(names)
    return first, second


def draft_concurrency(declared: Concurrency) -> list[str]:
    """The section as lines of a card, or lines that show how it is declared."""
    if declared == Concurrency():
        return [
            "# [concurrency]         # activities that run side by side, so that neither waits for the other",
            '# pairs = [["Check price", "Check quantity"]]',
        ]
    lists = [(name, pairs) for name, pairs in (("pairs", declared.pairs), ("never", declared.never)) if pairs]
    said = [f"{name} = [{', '.join(f'[{quoted(one)}, {quoted(other)}]' for one, other in pairs)}]" for name, pairs in lists]
    return ["[concurrency]", f"find = {quoted(declared.find)}", *said]
