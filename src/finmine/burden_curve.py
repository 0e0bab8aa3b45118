"""The burden curve: how many cases have any of the first paths that go with more, and how much burden that is.

Effects overlap, so that their burdens do not add up. Here each case counts once: those with the first path, those with any of the first two, and so
on, always against all cases that have none of them (where effects are adjusted, among cases that agree). A path all of whose cases have one before
it adds none, and is no point of the curve.
Like all shifts this one is of ranks, so that a few wrong dates do not make it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from finmine.compared_cases import Compared
from finmine.outcome_sizes import NOUNS, column, in_unit, sized_table
from finmine.stats.path_effects import Together
from finmine.view import Curve

Record: TypeAlias = Mapping[str, Any]


def points(records: Sequence[Record], together: Sequence[Together], every: int, compared: Compared) -> tuple[Record, ...]:
    """A point of the curve for each path that adds cases, with those of ``every`` case that have it or one before it."""
    before = (0, *(one.cases for one in together))
    added = [(record, one) for record, one, cases in zip(records, together, before, strict=False) if one.cases > cases]
    return tuple(
        {
            "first_paths": place,
            "exposure": record["exposure"],
            "any_cases": one.cases,
            "in_any": one.cases / every,
            "burden": in_unit(one.burden, compared),
        }
        for place, (record, one) in enumerate(added, start=1)
    )


def burden_curve(found: Sequence[Record], compared: Compared) -> Curve:
    """The curve of cases, and in a panel of its own that of the burden."""
    among = f" among cases that agree in {', '.join(compared.adjust)}" if compared.adjust else ""
    title = f"Coverage and burden of the paths that go with more {NOUNS[compared.outcome]}{among}, each case counted once"
    told = sized_table(title, found, ("first_paths", "exposure", "any_cases", "in_any", "burden"), compared)
    return Curve(told, "first_paths", ("in_any", column("burden", compared)))
