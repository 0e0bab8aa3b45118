"""Kinds of repeats: what each unit that repeats its activity is, by what the log card declares under ``[rework]``.

Each repeated unit is compared with the previous occurrence of its activity in the case, and has exactly one kind, the first
that holds: **legitimate** (the activity comes several times by design), **partial** (another item of the document),
**return** (a return activity lies between, or is the previous occurrence), **retry** (the previous occurrence failed, or a
blocking activity lies between), **correction** (a tracked value differs, or an activity that changes one lies between),
**no-change** (nothing that is tracked differs). What cannot be told from what is declared and recorded is **not told apart**.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from finmine.errors import Refusal, UnknownWord
from finmine.relations.attributes import case_value_of, recorded_unit_values
from finmine.relations.overlaps import counted_once
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

Kind: TypeAlias = Literal["correction", "no-change", "return", "retry", "partial", "legitimate", "not told apart"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CHARGED: tuple[Kind, ...] = ("correction", "no-change", "return", "retry", "not told apart")
"""The kinds whose time counts as delay; partial and legitimate repeats are no rework."""


class ConstantAttribute(Refusal):
    """The card tells repeats apart by an attribute that is the same for all units of a case."""

    def __init__(self, key: str, name: str) -> None:
        super().__init__(
            f"the card's [rework] {key} names {name!r}, which has one value for each case: it cannot differ between two units. "
            "Name an attribute of the rows."
        )


def repeats(log: EventLog) -> ir.Table:
    """One row for each unit whose activity occurred before in its case, with its kind.

    ``since`` is the completion of the previous occurrence and ``delay`` the time from there to the completion of the unit, for
    the charged kinds; ``delay_once`` leaves out what an earlier delay of the case covers, so that it adds up to the time of the
    case in which at least one delay runs.

    Raises:
        UnknownWord: the card names an attribute that the log does not have.
        ConstantAttribute: the card tells repeats apart by an attribute of cases.
    """
    import ibis

    own = ibis.window(group_by=["case", "activity"], order_by="position")
    these = _told(log)
    previous = these.mutate(
        place=ibis.row_number().over(own),
        since=these.time.lag().over(own),
        **{f"{name}_before": these[name].lag().over(own) for name in _compared(log)},
        **{f"{name}_between": (these[f"{name}_upto"] - these[f"{name}_upto"].lag().over(own)) > 0 for name in _MARKS},
    )
    kinds = previous.filter(previous.place > 0).mutate(kind=_kind(log, previous))
    found = kinds.select("case", "position", "activity", "resource", "start", "time", "suspended", "since", "kind")
    spans = found.mutate(until=found.kind.isin(CHARGED).ifelse(found.time, found.since))
    timed = counted_once(spans, "since", "until", "position", "delay_once")
    return timed.mutate(delay=timed.until - timed.since).drop("until")


_MARKS = ("returns", "blocks", "changes")


def _told(log: EventLog) -> ir.Table:
    """The units with the compared values, and how many return, blocking and changing activities come before each in the case."""
    import ibis

    these, rules = units(log), log.card.rework
    before = ibis.window(group_by="case", order_by="position", preceding=(None, 1))
    upto = {f"{name}_upto": _is(log, these, getattr(rules, name)).ifelse(1, 0).sum().over(before).fill_null(0) for name in _MARKS}
    told = these.mutate(**upto)
    for name, (key, attribute) in _compared(log).items():
        values = recorded_unit_values(log, _of_rows(log, key, attribute), these).rename(**{name: "value"})
        told = told.left_join(values, ["case", "position"]).select(*told.columns, name)
    if rules.item is not None:
        parts = ibis.window(group_by=["case", "activity", "item"], order_by="position")
        own = ibis.window(group_by=["case", "activity"], order_by="position", preceding=(None, 0))
        all_known = told.item.count().over(own) == told.position.count().over(own)
        told = told.mutate(new_item=told.item.notnull() & all_known & (ibis.row_number().over(parts) == 0))
    return told


def _compared(log: EventLog) -> dict[str, tuple[str, str]]:
    """The columns of the compared values, each with the key of the card and the attribute."""
    rules = log.card.rework
    found = {f"tracked_{place}": ("tracked", name) for place, name in enumerate(rules.tracked)}
    found |= {f"failed_{place}": ("failed", name) for place, name in enumerate(rules.failed)}
    return found | ({"item": ("item", rules.item)} if rules.item is not None else {})


def _of_rows(log: EventLog, key: str, name: str) -> str:
    try:
        constant = case_value_of(log, name)
    except UnknownWord:
        raise UnknownWord(f"attribute for the card's [rework] {key}:", name, log.attributes) from None
    if constant:
        raise ConstantAttribute(key, name)
    return name


def _is(log: EventLog, these: ir.Table, names: Collection[str]) -> ir.BooleanValue:
    """Whether the activity of a unit is one of these."""
    return these.activity.isin([code for code, label in enumerate(log.activity_names()) if label in names] or [-1])


def _kind(log: EventLog, these: ir.Table) -> ir.StringValue:
    import ibis

    rules, never = log.card.rework, ibis.literal(False)
    pairs = [(these[name], these[f"{name}_before"]) for name in _compared(log) if name.startswith("tracked_")]
    differs = reduce(or_, ((now != before).fill_null(False) for now, before in pairs), never)
    one_sided = reduce(or_, (now.isnull() != before.isnull() for now, before in pairs), never)
    compared = reduce(or_, (now.notnull() & before.notnull() for now, before in pairs), ibis.literal(bool(rules.changes) and not pairs))
    failed = reduce(or_, (these[f"failed_{place}_before"].isin(values).fill_null(False) for place, values in enumerate(rules.failed.values())), never)
    kinds: tuple[tuple[ir.BooleanValue, Kind], ...] = (
        (_is(log, these, rules.allowed), "legitimate"),
        (these.new_item if rules.item is not None else never, "partial"),
        (these.returns_between, "return"),
        (failed | these.blocks_between, "retry"),
        (differs | these.changes_between, "correction"),
        (compared & ~one_sided, "no-change"),
    )
    return ibis.cases(*kinds, else_="not told apart")
