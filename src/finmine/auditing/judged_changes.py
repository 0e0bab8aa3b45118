"""Whether anything changed after an approval, and whether blocks were lifted by hand although nothing was corrected."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import ibis

from finmine.auditing.judged_order import effective
from finmine.auditing.reasons import code
from finmine.relations.attributes import recorded_unit_values
from finmine.relations.numbers import number_of
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.change_tests import CorrectedBefore, UnchangedAfter
    from finmine.auditing.grounds import Grounds

_PLACES = 1 << 32


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
    every = units(log)
    recorded = recorded_unit_values(log, attribute, every)
    text = recorded.value.strip()
    number = number_of(log, attribute, recorded.value)
    plain = ibis.ifelse(text.re_search("[.,]") & number.notnull(), number.cast("string"), text)
    values = recorded.select("case", "position", value=plain).join(every.select("case", "position", "time"), ["case", "position"])
    approvals = grounds.of_steps(test.step).select("case", "position", own=ibis.literal(True))
    both = last.join(values, "case").left_join(approvals, ["case", "position"]).drop("case_right", "position_right")
    both = both.mutate(own=both.own.fill_null(False) & (both.time == both.at_time))
    counted = both.filter(both.own | (both.time < both.at_time))
    first = counted.mutate(decides=counted.time == counted.time.max().over(ibis.window(group_by="case")))
    known = first.filter(first.decides).group_by("case").aggregate(approved=first.value.min(), other_value=first.value.max())
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
