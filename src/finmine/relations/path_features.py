"""What the path of a case has: its activities, its directly-follows pairs, what it does more than once, and its family.

A path is a distinct trace, named by the first of its cases. Paths with the same activities in the order of their first
occurrence are one **family**, however often anything in them is repeated: ``a, b, b, c`` and ``a, b, a, b, c`` are of the family
``a, b, c``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from finmine.relations.calendars import Calendars, case_calendars
from finmine.relations.costs import case_costs
from finmine.relations.groups import case_values
from finmine.relations.milestones import milestones
from finmine.relations.money_lines import millionths
from finmine.relations.occurrences import repeated
from finmine.relations.payments import payments
from finmine.relations.traces import VARIANT_KEY, traces
from finmine.relations.units import units
from finmine.relations.working_time import working_time
from finmine.words import DAY

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog
    from finmine.relations.labour import PaidWork

Outcome: TypeAlias = Literal["throughput", "working-time", "late-days", "rework", "cost"]

ACTIVITY, REPEATED, PAIR, FAMILY, VARIANT, VALUE, NUMBER, HAND, DEVIATION = range(9)
"""The kinds of what cases can have.

``first`` is an activity, one that occurs again, the first of a pair whose second is ``second``, the first path of the family, or
the path itself; values of attributes, numbers above a limit, and who works on a case are no features of paths,
and deviations from a model are found elsewhere.
"""


def with_paths(these: ir.Table) -> ir.Table:
    """Traces with a column ``path``: the first of the given cases that has the same trace."""
    import ibis

    return these.mutate(path=these.case.min().over(ibis.window(group_by=list(VARIANT_KEY))))


def measured_cases(log: EventLog, outcome: Outcome, hours: Calendars | None, attributes: Mapping[str, str], work: PaidWork | None = None) -> ir.Table:
    """The cases with their ``measured`` outcome (missing where it is not known) and the values of attributes under the columns of that name.

    Throughput and working time are in microseconds, as is how long after the end of the due day a case was paid (in whole days, below
    nothing if before); rework is 1 for a case in which something occurs again, else 0; cost is in millionths of its currency.
    """
    these = traces(log).select("case", "status", "started", "ended", "throughput", *VARIANT_KEY)
    match outcome:
        case "throughput":
            found = these.mutate(measured=these.throughput)
        case "working-time":
            assert hours is not None  # noqa: S101  (asked for with the outcome)
            told = these.join(case_calendars(log, hours).select("case", "calendar"), "case")
            found = working_time(told, hours, "started", "ended", name="measured")
        case "late-days":
            paid = payments(log, milestones(log)).select("case", "paid_day", "due_day")
            joined = these.left_join(paid, "case")
            found = joined.select(*these.columns, measured=((joined.paid_day - joined.due_day) * DAY).cast("int64"))
        case "cost":
            assert work is not None  # noqa: S101  (asked for with the outcome)
            joined = these.left_join(case_costs(log, work), "case")
            found = joined.select(*these.columns, measured=millionths(joined.cost).cast("int64"))
        case "rework":
            again = repeated(log).select("case").distinct()
            joined = these.left_join(again, "case")
            found = joined.select(*these.columns, measured=joined.case_right.notnull().cast("int64"))
    for column, name in attributes.items():
        values = case_values(log, name).rename({column: "value"})
        found = found.inner_join(values, "case").select(*found.columns, column)
    return found


def compared_cases(log: EventLog, measured: ir.Table) -> ir.Table:
    """Of the measured cases those that can be compared: their outcome is known, and where end activities are declared they have ended."""
    known = measured.filter(measured.measured.notnull())
    kept = known.filter(known.status == "finished") if log.card.outcomes else known
    return with_paths(kept)


def ends_of_cases(log: EventLog, compared: ir.Table) -> ir.Table:
    """With what each of the compared cases begins and how it ends, least outcome first: case, begins, ends.

    It begins with an activity, and ends in the outcome that the card gives to its last activity; where the card declares none, with that activity.
    """
    these = traces(log).select("case", "first_activity", "last_activity", "outcome").join(compared.select("case", "measured"), "case")
    ends = these.outcome if log.card.outcomes else these.last_activity.cast("string")
    return these.select("case", "measured", begins=these.first_activity, ends=ends).order_by(["measured", "case"]).drop("measured")


def having(log: EventLog, compared: ir.Table, kind: int, first: int, second: int | None) -> ir.Table:
    """The compared cases whose path has a feature."""
    features = path_features(log, compared)
    these = features.filter(features.kind == kind, features["first"] == first, features.second.identical_to(second))
    return compared.semi_join(these, "path").select("case")


def path_features(log: EventLog, paths: ir.Table) -> ir.Table:
    """One row for each feature of the paths (a relation with a column ``path``): path, kind, first, second (missing but for pairs)."""
    these = units(log).semi_join(paths.select(case="path").distinct(), "case")
    counted = _counted(these)
    followed = these.filter(these.next_activity.notnull())
    parts = (
        _of_kind(ACTIVITY, counted),
        _of_kind(REPEATED, counted.filter(counted.units > 1)),
        _of_kind(PAIR, followed.select(path="case", first="activity", second="next_activity").distinct()),
        _of_kind(FAMILY, _families(counted)),
        _of_kind(VARIANT, counted.select("path", first="path").distinct()),
    )
    whole, *others = parts
    for part in others:
        whole = whole.union(part)
    return whole


def families(log: EventLog, paths: ir.Table) -> ir.Table:
    """The family of each of the paths (a relation with a column ``path``), named by the first path in it: path, first."""
    return _families(_counted(units(log).semi_join(paths.select(case="path").distinct(), "case")))


def _counted(these: ir.Table) -> ir.Table:
    return these.group_by(path="case", first="activity").aggregate(units=these.count(), place=these.position.min())


def _families(counted: ir.Table) -> ir.Table:
    """The family of each path, named by the first path in it."""
    import ibis

    in_order = counted.first.cast("string").group_concat(",", order_by=counted.place)
    spelled = counted.group_by("path").aggregate(spelled=in_order)
    return spelled.select("path", first=spelled.path.min().over(ibis.window(group_by="spelled")))


def _of_kind(kind: int, these: ir.Table) -> ir.Table:
    import ibis

    second = these.second if "second" in these.columns else ibis.null("int32")
    columns = {"path": these.path, "kind": ibis.literal(kind), "first": these["first"], "second": second}
    return these.select(**{name: column.cast("int32") for name, column in columns.items()})
