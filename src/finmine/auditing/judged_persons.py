"""Whether steps were done by different persons, and by how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from finmine.auditing.fewest_persons import fewest_persons
from finmine.auditing.reasons import code

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.grounds import Grounds
    from finmine.auditing.policy import DifferentPersons, FewestPersons


def judged_persons(grounds: Grounds, test: DifferentPersons) -> ir.Table:
    """One row for each case with any of the steps: case, reason (its code), and the positions of the units that show it.

    Machines differ from everybody. A case that lacks a group is not looked at, unless two of its groups already have one person.
    """
    these = grounds.of_groups(test.groups)
    unknown = these.person.isnull() & ~these.machine
    facts = these.group_by("case").aggregate(groups=these.place.nunique(), unknown=these.position.min(where=unknown))
    pairs = _same_persons(these)
    joined = facts.left_join(pairs, "case").drop("case_right")
    reason = ibis.cases(
        (joined.first.notnull(), code("same person")),
        (joined.groups < len(test.groups), code("steps not done")),
        (joined.unknown.notnull(), code("person not known")),
        else_=code("pass"),
    )
    return joined.select("case", reason=reason, one=ibis.coalesce(joined.first, joined.unknown), other=joined.second)


def judged_fewest(grounds: Grounds, test: FewestPersons) -> ir.Table:
    """One row for each case with any of the steps: case, reason (its code), and the positions of its first and last unit.

    A group that no known person did counts as done by a person of its own, whoever it was, so that a violation is one for certain.
    """
    found = fewest_persons(grounds.of_groups(test.groups), len(test.groups))
    most = found.persons + (len(test.groups) - found.by_persons)
    reason = ibis.cases(
        (most < test.least, code("too few persons")),
        (found.groups < len(test.groups), code("steps not done")),
        (found.unknown.notnull(), code("person not known")),
        (found.persons < test.least, code("person required")),
        else_=code("pass"),
    )
    shown = ibis.ifelse(reason == code("person not known"), found.unknown, found.first)
    return found.select("case", reason=reason, one=shown, other=found.last)


def _same_persons(these: ir.Table) -> ir.Table:
    """The cases in which a person did steps of two groups, with the first unit of each that shows it: case, first, second."""
    known = these.filter(these.person.notnull(), ~these.machine)
    once = known.group_by(["case", "person", "place"]).aggregate(position=known.position.min())
    several = once.group_by(["case", "person"]).aggregate(groups=once.count(), first=once.position.min(), second=once.position.max())
    found = several.filter(several.groups > 1)
    return found.group_by("case").aggregate(first=found.first.min(), second=found.second.argmin(found.first))
