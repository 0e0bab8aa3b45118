"""Whether a step was done at all, and by somebody whose limit covers the amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from finmine.auditing.grounds import covered_then
from finmine.auditing.reasons import code

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.auditing.grounds import Grounds
    from finmine.auditing.policy import Needed, WithinLimit


def judged_need(grounds: Grounds, test: Needed) -> ir.Table:
    """One row for each case: case, reason (its code), one, other (missing)."""
    these = grounds.of_steps(test.step)
    done = these.group_by("case").aggregate(one=these.position.min())
    cases = grounds.cases.select("case", "status").left_join(done, "case").drop("case_right")
    reason = ibis.cases(
        (cases.one.notnull(), code("pass")),
        (cases.status == "finished", code("step absent")),
        (cases.status == "running", code("not yet due")),
        else_=code("status not known"),
    )
    return cases.select("case", reason=reason, one=ibis.null("int32"), other=ibis.null("int32"))


def judged_limit(grounds: Grounds, test: WithinLimit) -> ir.Table:
    """One row for each case with the step: case, reason (its code), one (the last unit of the step), other (missing)."""
    these = covered_then(grounds, grounds.of_steps(test.step), test.amount)
    facts = these.group_by("case").aggregate(
        covered=these.covered.any(),
        unknown=these.position.min(where=these.person.isnull() & ~these.machine),
        unpriced=these.covered.isnull().any(),
        last=these.position.max(),
    )
    joined = facts.join(grounds.cases.select("case", "status"), "case")
    reason = ibis.cases(
        (joined.covered.fill_null(False), code("pass")),
        (joined.unknown.notnull(), code("person not known")),
        (joined.unpriced, code("amount not known")),
        (joined.status == "running", code("not yet due")),
        else_=code("limit exceeded"),
    )
    shown = ibis.ifelse(reason == code("person not known"), joined.unknown, joined.last)
    return joined.select("case", reason=reason, one=shown, other=ibis.null("int32"))
