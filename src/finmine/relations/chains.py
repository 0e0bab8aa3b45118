"""Chains: self-loops and repetitions one by one, with their size and the hands that began and ended them.

The terms are those of bupaR (package edeaR), as in ``relations.occurrences``. The size of a self-loop is its units but the
first, that of a repetition its runs but the first. It is a **repeat** where the same hands did it all, else a **redo**; hands
that are not recorded are hands of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from finmine.relations.hands import Between, hands
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

Measure: TypeAlias = Literal["self-loop", "repetition"]


def chains(log: EventLog, between: Between | None = None) -> ir.Table:
    """One row for each self-loop and each repetition: case, activity, measure, size, ``others`` (a redo), first_hand, last_hand.

    Hands are the roles or resources as they are shown; without ``between`` the resources as recorded, by their code.
    """
    import ibis

    these = units(log) if between is None else hands(log, between)
    hand = these.resource if between is None else these.hand
    these = these.select("case", "activity", "position", hand=hand)
    before = ibis.window(group_by="case", order_by="position")
    told = these.mutate(starts=~these.activity.identical_to(these.activity.lag().over(before)))
    runs = told.mutate(run=told.starts.ifelse(1, 0).sum().over(ibis.window(group_by="case", order_by="position", preceding=(None, 0))))
    loops = _summed(runs, ["case", "activity", "run"]).drop("run").mutate(measure=ibis.literal("self-loop"))
    again = _summed(runs, ["case", "activity"]).mutate(measure=ibis.literal("repetition"))
    loops, again = loops.mutate(size=loops.units - 1), again.mutate(size=again.runs - 1)
    columns = ("case", "activity", "measure", "size", "others", "first_hand", "last_hand")
    return loops.filter(loops["size"] > 0).select(*columns).union(again.filter(again["size"] > 0).select(*columns))


def _summed(these: ir.Table, keys: list[str]) -> ir.Table:
    known = these.hand.nunique() + these.hand.isnull().any().ifelse(1, 0)
    return these.group_by(keys).aggregate(
        units=these.count(),
        runs=these.count(where=these.starts),
        others=known > 1,
        first_hand=these.hand.first(order_by="position", include_null=True),
        last_hand=these.hand.last(order_by="position", include_null=True),
    )
