"""Whether anything changed after an approval, documents agree, and blocks were lifted by hand although nothing was corrected."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import ibis

from finmine.auditing.judged_order import effective
from finmine.auditing.reasons import code
from finmine.relations.attributes import case_value_of, recorded_case_values, recorded_unit_values, units_with_value
from finmine.relations.numbers import number_of
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.change_tests import CorrectedBefore, SameValue, UnchangedAfter
    from finmine.auditing.grounds import Grounds
    from finmine.log import EventLog

_PLACES = 1 << 32
_SIGNS = "[-+()0-9.,'\\s\N{NO-BREAK SPACE}]*"
_DECIMAL = f"^{_SIGNS}[.,]{_SIGNS}$"
"""What may be a number with decimals: nothing else is read as one, since that takes ten times as long."""


def judged_unchanged(grounds: Grounds, test: UnchangedAfter) -> ir.Table:
    """One row for each case with the step: case, reason (its code), one (the first change), other (the step).

    The value that counts is that of the step itself the last time, or the last recorded before it. What is recorded at one time is in no order.
    """
    these = grounds.of_steps(test.step)
    last = these.group_by("case").aggregate(at=these.position.max(), at_time=these.time.max())
    judged = [_of_attribute(grounds, test, last, attribute) for attribute in test.attributes]
    every = reduce(lambda one, other: one.union(other), judged)
    ranked = every.mutate(rank=every.reason * _PLACES + every.one.fill_null(0))
    return ranked.group_by("case").aggregate(reason=ranked.reason.min(), one=ranked.one.argmin(ranked.rank), other=ranked.other.min())


def judged_same(grounds: Grounds, test: SameValue) -> ir.Table:
    """One row for each case: case, reason (its code), one (the first unit with another value than the first, else the first of the case), other (missing)."""
    log = grounds.log
    told = [_recorded(log, name).mutate(place=ibis.literal(place)) for place, name in enumerate(test.attributes) if name in log.attributes]
    first = units(log).group_by("case").aggregate(begins=lambda these: these.position.min())
    cases = grounds.cases.select("case").join(first, "case")
    if not told:
        unknown = ibis.literal(code("values not known"), "int64")
        return cases.select("case", reason=unknown, one=ibis.null("int32"), other=ibis.null("int32"))
    every = reduce(lambda one, other: one.union(other), told)
    ranked = every.mutate(start=every.value.first().over(ibis.window(group_by="case", order_by=["position", "place", "value"])))
    found = ranked.group_by("case").aggregate(
        places=ranked.place.nunique(), differs=(ranked.value != ranked.start).any(), another=ranked.position.min(where=ranked.value != ranked.start)
    )
    joined = cases.left_join(found, "case").drop("case_right")
    reason = ibis.cases(
        (joined.differs.fill_null(False), code("values differ")),
        (joined.places.fill_null(0) < len(test.attributes), code("values not known")),
        else_=code("pass"),
    )
    shown = ibis.ifelse(joined.another >= 0, joined.another, joined.begins)
    return joined.select("case", reason=reason.cast("int64"), one=shown, other=ibis.null("int32"))


def judged_corrected(grounds: Grounds, test: CorrectedBefore) -> ir.Table:
    """One row for each case with the step: case, reason (its code), one (the first unit that shows it), other (missing)."""
    found = effective(grounds, test.step, test.by, (test.since,) if test.since else ())
    who = grounds.of_steps(test.step).select("case", "time", "person", "machine", one="position")
    timed = found.select("case", "one", "reason").join(who.select("case", "one", "time"), ["case", "one"]).drop("one")
    joined = timed.join(who, ["case", "time"])
    reason = ibis.cases(
        (joined.reason.isnull() | joined.machine, code("pass")),
        (joined.person.isnull(), code("person not known")),
        (joined.reason == code("order not known"), code("order not known")),
        else_=code("released by hand"),
    )
    told = joined.mutate(told=reason)
    told = told.mutate(rank=told.told * _PLACES + told.one)
    worst = told.group_by("case").aggregate(reason=told.told.min(), one=told.one.argmin(told.rank))
    return worst.mutate(other=ibis.null("int32"))


def _of_attribute(grounds: Grounds, test: UnchangedAfter, last: ir.Table, attribute: str) -> ir.Table:
    """The verdict on one attribute: case, reason, one, other."""
    log = grounds.log
    if attribute not in log.attributes or log.attribute(attribute).level == "case":
        return last.select("case", reason=ibis.literal(code("value not known"), "int64"), one=last["at"], other=last["at"])
    these = units_with_value(log, attribute, units(log))
    values = these.select("case", "position", "time", value=_plain(log, attribute, these.value))
    approvals = grounds.of_steps(test.step).select("case", "position", own=ibis.literal(True))
    both = last.join(values, "case").left_join(approvals, ["case", "position"]).drop("case_right").drop("position_right")
    both = both.mutate(own=both.own.fill_null(False) & (both.time == both.at_time))
    counted = both.filter(both.own | (both.time < both.at_time))
    decides = counted.group_by("case").aggregate(time=counted.time.max())
    first = counted.join(decides, ["case", "time"]).select("case", "value")
    known = first.group_by("case").aggregate(approved=first.value.min(), other_value=first.value.max())
    held = both.join(known, "case")
    differs = held.value != held.approved
    seen = held.group_by("case").aggregate(
        approved=held.approved.max(),
        unclear=(held.approved != held.other_value).any(),
        changed=held.position.min(where=differs & (held.time > held.at_time)),
        tied=held.position.min(where=differs & (held.time == held.at_time)),
    )
    joined = last.left_join(seen, "case").drop("case_right")
    reason = ibis.cases(
        (joined.approved.isnull(), code("value not known")),
        (joined.unclear, code("order not known")),
        (joined.changed.notnull(), code("value changed")),
        (joined.tied.notnull(), code("order not known")),
        else_=code("pass"),
    )
    return joined.select("case", reason=reason.cast("int64"), one=ibis.coalesce(joined.changed, joined.tied, joined["at"]), other=joined["at"])


def _recorded(log: EventLog, attribute: str) -> ir.Table:
    """The recorded values of an attribute, those with decimals as numbers: case, position (-1 where each case has one), value."""
    these = _of_cases(log, attribute) if case_value_of(log, attribute) else recorded_unit_values(log, attribute, units(log))
    return these.select("case", "position", value=_plain(log, attribute, these.value))


def _plain(log: EventLog, attribute: str, value: ir.StringColumn) -> ir.StringValue:
    """A text with decimals as a number, anything else as it is."""
    text = value.strip()
    if log.attribute(attribute).type != "VARCHAR":
        return text
    return ibis.ifelse(text.re_search(_DECIMAL), ibis.coalesce(number_of(log, attribute, value).cast("string"), text), text)


def _of_cases(log: EventLog, attribute: str) -> ir.Table:
    return recorded_case_values(log, attribute).mutate(position=ibis.literal(-1, "int32"))
