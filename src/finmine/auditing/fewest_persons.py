"""The fewest persons who could carry a case through its steps: the smallest set that has somebody of each step.

Who did the same step as somebody else is not needed twice, so the number is not that of all who took part but of those who would
have to act in concert: 1 says that one person had a hand in every step. It is exact: all unions of the steps of 1, 2, 3 … persons.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir


def fewest_persons(these: ir.Table, most: int = 8) -> ir.Table:
    """One row for each case of some units with ``place``, the group of steps (0 to 7) that each belongs to.

    case; ``groups``: how many were done; ``by_persons``: those with a known person; ``persons``: the fewest who have a hand in each of
    these; ``first`` and ``last``: positions; ``unknown``: the position of the first unit of nobody known; ``machines``: whether any is a machine's.

    Args:
        these: the units: case, position, person (missing where not known), machine and place.
        most: the number of groups, above which there can be no smallest set.
    """
    facts = these.group_by("case").aggregate(
        groups=these.place.nunique(),
        first=these.position.min(),
        last=these.position.max(),
        unknown=these.position.min(where=these.person.isnull() & ~these.machine),
        machines=these.machine.any(),
    )
    known = these.filter(these.person.notnull(), ~these.machine)
    known = known.mutate(mark=ibis.literal(1, "int32") << known.place.cast("int32"))
    masks = known.group_by(["case", "person"]).aggregate(mask=known.mark.bit_or()).select("case", "mask").distinct()
    whole = known.group_by("case").aggregate(whole=known.mark.bit_or(), by_persons=known.place.nunique())
    smallest = _smallest(masks, most)
    found = facts.left_join(whole.join(smallest, "case").select("case", "by_persons", "persons"), "case").drop("case_right")
    return found.mutate(by_persons=found.by_persons.fill_null(0), persons=found.persons.fill_null(0))


def _smallest(masks: ir.Table, most: int) -> ir.Table:
    """The least number of a case's masks that make up its whole: case, persons.

    Cases with the same masks are one kind, of which one case is looked at: there are far fewer kinds than cases.
    """
    kinds = masks.group_by("case").aggregate(kind=masks.mask.cast("string").group_concat(",", order_by=masks.mask))
    one_of_each = kinds.group_by("kind").aggregate(case=kinds.case.min())
    told = _of_one_each(masks.semi_join(one_of_each, "case"), most).join(one_of_each, "case").select("kind", "persons")
    return kinds.join(told, "kind").select("case", "persons")


def _of_one_each(masks: ir.Table, most: int) -> ir.Table:
    whole = masks.group_by("case").aggregate(whole=masks.mask.bit_or())
    unions = [masks]
    for _ in range(most - 1):
        more = unions[-1].join(masks.rename(other="mask"), "case")
        unions.append(more.select("case", mask=more.mask | more.other).distinct())
    levels = [each.mutate(persons=ibis.literal(number, "int64")) for number, each in enumerate(unions, 1)]
    every = reduce(lambda one, other: one.union(other), levels).join(whole, "case")
    reached = every.filter(every.mask == every.whole)
    return reached.group_by("case").aggregate(persons=reached.persons.min())
