"""Purchases as they are looked at for splits: what was bought, from whom, who asked for it and who approved it, at most at each limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from finmine.auditing.approvals import person_labels
from finmine.auditing.grounds import Grounds, amount_in, with_own_limit
from finmine.relations.attributes import recorded_case_values
from finmine.relations.document_pairs import with_beat
from finmine.relations.documents import Fields, documents
from finmine.relations.instants import day_number
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.asked_limits import Limit
    from finmine.log import EventLog

_MONEY = "decimal(38, 6)"


def purchases(
    ground: Grounds, fields: Fields, asks: Sequence[str], approves: Sequence[str], limits: Sequence[Limit], centre: str | None, group: str | None
) -> ir.Table:
    """One row for each case that the filters keep.

    case, label, day, day_number, vendor, vendor_key, head and tail (of its number), amount, currency, reported, beat (of a regular series), requester and
    approver (as shown, missing where not known), centre and material (missing without attribute), and for the currency in each place of the limits'
    currencies ``worth_0`` (the absolute amount, missing for credits) and ``own_0`` (the approver's limit).
    """
    log = ground.log
    these = with_beat(documents(log, fields))
    names = ("case", "label", "day", "vendor", "vendor_key", "head", "tail", "amount", "currency", "reported", "beat")
    these = these.select(*names, day_number=day_number(these.day).cast("int64"))
    asked = _who(ground, asks, first=True).rename(requester="who")
    these = these.left_join(asked, "case").select(*these.columns, "requester")
    money = currencies(limits)
    approved = _who(ground, approves, first=False, money=money).rename(approver="who")
    these = these.left_join(approved, "case").select(*these.columns, "approver", *(f"own_{place}" for place in range(len(money))))
    for name, attribute in (("centre", centre), ("material", group)):
        if attribute is None:
            these = these.mutate(**{name: ibis.null("string")})
        else:
            these = these.left_join(recorded_case_values(log, attribute).rename(**{name: "value"}), "case").select(*these.columns, name)
    bought = {
        f"worth_{place}": ibis.ifelse(these.amount > 0, amount_in(log, these, currency), None).cast(_MONEY) for place, currency in enumerate(money)
    }
    return these.mutate(**bought)


def currencies(limits: Sequence[Limit]) -> tuple[str, ...]:
    """The currencies of the limits, in the order of the alphabet."""
    return tuple(sorted({limit.currency for limit in limits}))


def at_limits(bought: ir.Table, limits: Sequence[Limit], own: bool) -> ir.Table:
    """The purchases at each limit: place (of the limit), bound (the limit), worth (in its currency), ``signed`` and ``passed``.

    With ``own`` the limits are those of persons: ``signed`` by somebody whose own it is, ``passed`` on to somebody whose is higher. Else all and none are.
    """
    names = [name for name in bought.columns if not name.startswith(("worth_", "own_"))]
    if not limits:
        none = bought.filter(ibis.literal(False)).select(*names)
        return none.mutate(
            place=ibis.null("int32"), bound=ibis.null(_MONEY), worth=ibis.null(_MONEY), signed=ibis.literal(False), passed=ibis.literal(False)
        )
    money = currencies(limits)
    told = [{"place": place, "money": money.index(limit.currency), "limit": limit.amount} for place, limit in enumerate(limits)]
    listed = ibis.literal(told, type=f"array<struct<place: int32, money: int32, limit: {_MONEY}>>").unnest().name("told").as_table()
    listed = listed.select(place=listed.told["place"], money=listed.told["money"], bound=listed.told["limit"])
    both = bought.cross_join(listed)
    worth = ibis.cases(*((both.money == place, both[f"worth_{place}"]) for place in range(len(money))), else_=None)
    mine = ibis.cases(*((both.money == place, both[f"own_{place}"]) for place in range(len(money))), else_=None)
    signed = (mine == both.bound).fill_null(False) if own else ibis.literal(True)
    passed = (mine > both.bound).fill_null(False) if own else ibis.literal(False)
    told_of = both.mutate(worth=worth, signed=signed, passed=passed)
    kept = told_of.filter(told_of.worth.notnull())
    return kept.select(*names, "place", "bound", "worth", "signed", "passed")


def bought_in(log: EventLog, bought: ir.Table, inside: ir.Table) -> ir.Table:
    """The purchases of these cases with the first row of the source of each, and who asked for and approved them."""
    these = units(log)
    first = these.group_by("case").aggregate(source=these["source"].argmin(these.position), row=these.row.argmin(these.position))
    kept = bought.semi_join(inside, "case").join(first, "case")
    return kept.select(
        "case", "label", "day", "vendor", "amount", "currency", "source", "row", asked_by="requester", approved_by="approver"
    ).order_by("case")


def counted(bought: ir.Table) -> ir.Table:
    """How many purchases are looked at, how many are not and why, and of how many something is not known."""
    priced = bought.amount > 0
    return bought.aggregate(
        looked_at=(priced & bought.beat.isnull()).sum(),
        no_amount=bought.amount.isnull().sum(),
        credit=(bought.amount <= 0).sum(),
        regular=(priced & bought.beat.notnull()).sum(),
        **{f"no_{name}": (priced & bought[name].isnull()).sum() for name in ("requester", "approver", "vendor")},
    )


def _who(ground: Grounds, steps: Sequence[str], *, first: bool, money: Sequence[str] | None = None) -> ir.Table:
    """Who did the first (else the last) of some steps in each case: case, who, and with ``money`` the limits ``own_0`` and so on."""
    acts = ground.of_steps(*steps).select("case", "position", "time", "person", "machine")
    acts = acts.filter(~acts.machine)
    end = acts.group_by("case").aggregate(position=acts.position.min() if first else acts.position.max())
    done = acts.semi_join(end, ["case", "position"])
    for place, currency in enumerate(money or ()):
        done = with_own_limit(ground, done, currency).rename(**{f"own_{place}": "own_limit"})
    named = done.left_join(person_labels(ground.log, ground.persons), "person")
    return named.select("case", "who", *(f"own_{place}" for place in range(len(money or ()))))
