"""Whether each step was preceded by what it requires: after the last change, by another person, within the limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from finmine.auditing.grounds import covered_then
from finmine.auditing.known_order import in_known_order, mixed
from finmine.auditing.reasons import code

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.grounds import Grounds
    from finmine.auditing.policy import Requires


_PLACES = 1 << 32
"""More than a case has units, so that a reason and a position make one number that orders both."""


def judged_order(grounds: Grounds, test: Requires) -> ir.Table:
    """One row for each case with the step: case, reason (its code), and the positions of the step and of what it rests on.

    Of several times that the step was done, the one with the weightiest reason counts. What happened at the same time is in no order,
    nor is what happened on one day where of some of it only the day is known: of several that it rests on at one time, the one that serves best counts.
    """
    found = effective(grounds, test.step, (test.requires,), test.after_last)
    acts = covered_then(grounds, grounds.of_steps(test.requires), test.amount)
    if mixed(grounds, test.step, test.requires, *test.after_last):
        when = in_known_order(grounds, test.step, test.requires, *test.after_last).select("case", "position", "time")
        acts = acts.drop("time").join(when, ["case", "position"])
    done = acts.select("case", effective_at=acts.time, effective=acts.position, person=acts.person, machine=acts.machine, covered=acts.covered)
    joined = found.left_join(done, ["case", "effective_at"]).select(*found.columns, "effective", "person", "machine", "covered")
    same, unknown = _others(grounds, test, joined)
    joined = joined.left_join(same, ["case", "effective"]).select(*joined.columns, "own")
    joined = joined.left_join(unknown, "case").select(*joined.columns, "unknown")
    checks = [
        (joined.reason.notnull(), joined.reason),
        (joined.own.notnull(), code("own work")),
        *([(~joined.covered & ~joined.machine, code("approver over limit"))] if test.within_limit else []),
        (joined.person.isnull() & ~joined.machine, code("person not known")),
        (joined.machine if test.another_than else joined.machine & ~joined.covered, code("person required")),
        (joined.unknown.notnull(), code("person not known")),
        *([(joined.covered.isnull(), code("amount not known"))] if test.within_limit else []),
    ]
    if not (test.another_than or test.within_limit):
        checks = checks[:1]
    reason = ibis.cases(*((when, ibis.literal(then, "int64") if isinstance(then, int) else then) for when, then in checks), else_=code("pass"))
    nobody = joined.person.isnull() & ~joined.machine
    other = ibis.coalesce(joined.effective, joined.other)
    shown = ibis.ifelse(reason == code("person not known"), ibis.ifelse(nobody, other, joined.unknown), joined.one)
    judged = joined.select("case", "one", reason=reason, shown=shown, other=other, rank=reason * _PLACES - joined.effective.fill_null(0))
    best = judged.group_by(["case", "one"]).aggregate(
        reason=judged.reason.max(), shown=judged.shown.argmax(judged.rank), other=judged.other.argmax(judged.rank)
    )
    best = best.mutate(rank=best.reason * _PLACES + best.one)
    worst = best.group_by("case").aggregate(reason=best.reason.min(), one=best.shown.argmin(best.rank), other=best.other.argmin(best.rank))
    return worst.select("case", "reason", "one", "other")


def effective(grounds: Grounds, of: str, requires: Sequence[str], after_last: Sequence[str]) -> ir.Table:
    """What each time of a step rests on: the last of what it requires before it and after the last of others.

    case, one (its position), effective_at (when what it rests on was done), other (what shows it), reason where it fails.
    """
    these = in_known_order(grounds, of, *requires, *after_last)
    step, required = these.activity.isin(grounds.codes(of)), these.activity.isin(grounds.codes(*requires))
    changed = these.activity.isin(grounds.codes(*after_last)) if after_last else ibis.literal(False)
    moments = these.group_by(["case", "time"]).aggregate(
        one=these.position.min(where=step),
        required=these.position.max(where=required),
        changed=these.position.max(where=changed),
    )
    moments = moments.mutate(
        required_at=ibis.ifelse(moments.required.notnull(), moments.time, None), changed_at=ibis.ifelse(moments.changed.notnull(), moments.time, None)
    )
    upto = ibis.window(group_by="case", order_by="time", preceding=None, following=0)
    order = ibis.window(group_by="case", order_by="time")
    whole = ibis.window(group_by="case")
    moments = moments.mutate(
        upto_required=moments.required.max().over(upto),
        upto_required_at=moments.required_at.max().over(upto),
        upto_changed_at=moments.changed_at.max().over(upto),
        later=moments.required.max().over(whole),
    )
    moments = moments.mutate(
        before=moments.upto_required.lag().over(order),
        before_at=moments.upto_required_at.lag().over(order),
        changed_before=moments.upto_changed_at.lag().over(order),
    )
    done = moments.filter(moments.one.notnull())
    holds = done.before_at.notnull() & (done.changed_before.isnull() | (done.before_at > done.changed_before))
    unclear = done.required.notnull() | done.changed.notnull() | (done.before_at == done.changed_before)
    late = done.before_at.isnull() & (done.later > done.one)
    reason = ibis.cases(
        (holds & done.changed.isnull(), ibis.null("int64")),
        (unclear, ibis.literal(code("order not known"), "int64")),
        (done.before_at.notnull(), ibis.literal(code("changed afterwards"), "int64")),
        (late, ibis.literal(code("required too late"), "int64")),
        else_=ibis.literal(code("required never done"), "int64"),
    )
    at = ibis.ifelse(reason.isnull(), done.before_at, None)
    other = ibis.coalesce(done.before, ibis.ifelse(late, done.later, None))
    return done.select("case", "one", effective_at=at, other=other, reason=reason)


def _others(grounds: Grounds, test: Requires, joined: ir.Table) -> tuple[ir.Table, ir.Table]:
    """What the step rests on that somebody did of the steps it must be separate from (case, effective, own); where these are unknown (case, unknown)."""
    others = grounds.of_steps(*test.another_than) if test.another_than else grounds.acts.filter(ibis.literal(False))
    known = others.filter(others.person.notnull(), ~others.machine).select("case", "person", place="position")
    both = joined.filter(joined.person.notnull(), ~joined.machine).select("case", "effective", "person")
    same = both.join(known, ["case", "person"])
    missing = others.filter(others.person.isnull(), ~others.machine)
    return (
        same.group_by(["case", "effective"]).aggregate(own=same.place.min()),
        missing.group_by("case").aggregate(unknown=missing.position.min()),
    )
