"""All comparisons that were made, each with what became of it: a question that is answered with no difference is answered, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from finmine.effect_words import short
from finmine.result import table
from finmine.stats.path_effects import LEVEL, Effect, Tested
from finmine.view import Table
from finmine.words import share

Record: TypeAlias = Mapping[str, Any]

_COLUMNS = ("exposure_kind", "exposure", "cases", "others", "delta", "p_robust", "q", "became")
_BRIEF = 5  # rows of a text or a page: who asks for more takes the workbook
_SHOWN = "shown"


def all_comparisons(
    tested: Sequence[Tested], named: Mapping[int, Record], effects: Sequence[Effect], by_definition: Mapping[int, str | None]
) -> tuple[dict[str, Any], ...]:
    """A record for each comparison, those not shown first and there the least q; all are ``named`` by place, ``by_definition`` has the reasons of those that differ."""
    shown = {effect.tested.place: short(named[effect.tested.place]) for effect in effects}
    same = {place: shown[effect.tested.place] for effect in effects for place in effect.alike}
    ordered = sorted(tested, key=lambda one: (one.place in shown, one.q, one.whole.p, one.place))
    return tuple(
        {
            **named[one.place],
            "exposure": short(named[one.place]),
            "cases": one.whole.n_first,
            "others": one.whole.n_second,
            "delta": one.whole.delta,
            "p_robust": one.whole.p,
            "q": one.q,
            "became": _became(one, shown, same, by_definition),
        }
        for one in ordered
    )


def comparisons_table(records: Sequence[Record]) -> Table:
    """The records as a table, of which a text shows the first few."""
    return replace(table("All comparisons, first those that are in no table above", records, _COLUMNS), brief=_BRIEF)


def _became(one: Tested, shown: Mapping[int, str], same: Mapping[int, str], by_definition: Mapping[int, str | None]) -> str:
    if one.q > LEVEL:
        return f"no difference beyond chance (q above {share(LEVEL)})"
    if one.place in shown:
        return _SHOWN
    if one.place in same:
        return f"holds for nearly the same cases as {same[one.place]}"
    return "holds by definition, smaller than what is shown" if by_definition[one.place] else "smaller burden than what is shown"
