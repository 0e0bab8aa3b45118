"""First-pass yield: how many cases pass each activity once and for all, and how many pass a whole path that way.

A case passes an activity at first where it does it exactly once and nothing is sent back after it. Cases that still run are
not decided and are counted apart. The rolled throughput yield multiplies the yields along a path; it is the share of cases
that pass all of it at first only if failures are independent, so that the exact joint share stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.filters.condition import check_activities
from finmine.log import EventLog
from finmine.relations.first_pass import commonest_path, passes
from finmine.relations.groups import cases_of, grouped
from finmine.relations.tables import activity_labels
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, View
from finmine.words import agreeing, count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_ACTIVITIES = ("activity", "closed_cases", "first_pass", "first_pass_yield", "done_again", "sent_back_later", "undecided")
_PATHS = ("path_cases", "rolled_yield", "joint_yield", "joint_first_pass")
_MOST_BARS = 15


@dataclass(frozen=True, slots=True, repr=False)
class FirstPassYield(Result):
    """The activities with their first-pass yield, lowest first, and beside them the cases on the path and its activities."""

    by: str | None
    joint: Rows
    path: Rows

    def answers(self) -> Mapping[str, Rows]:
        """The activities, the cases that have the whole path, and the activities of the path."""
        return {"activities": self.rows, "cases with the whole path": self.joint, "activities of the path": self.path}

    def records(self) -> tuple[Record, ...]:
        """The activities with their yield, the lowest first (in each group); missing where no case is decided."""
        told = [{**row, "first_pass_yield": row["first_pass"] / row["closed_cases"] if row["closed_cases"] else None} for row in self.rows.records()]
        return tuple(
            sorted(told, key=lambda row: (row.get("group", ""), row["first_pass_yield"] is None, row["first_pass_yield"] or 0, row["activity"]))
        )

    def yields(self) -> tuple[Record, ...]:
        """The rolled yield of the path (the product of exact fractions) and the joint share, of each group."""
        on_path = set(self.path.column("activity"))
        found = []
        for row in self.joint.records():
            parts = [one for one in self.rows.records() if one["code"] in on_path and one.get("group") == row.get("group")]
            known = len(parts) == len(on_path) and all(one["closed_cases"] for one in parts)
            rolled = float(prod(Fraction(one["first_pass"], one["closed_cases"]) for one in parts)) if known and parts else None
            joint = row["joint_first_pass"] / row["path_cases"] if row["path_cases"] else None
            found.append({**row, "rolled_yield": rolled, "joint_yield": joint})
        return tuple(found)

    def view(self) -> View:
        """Headlines, the activities, the yield of the path, and the terms."""
        records, yields = self.records(), self.yields()
        blocks: list[Block] = [*opening(self.about), *self._headlines(records, yields)]
        if self.by is None and (low := [record for record in records if record["first_pass_yield"] not in (None, 1)][:_MOST_BARS]):
            blocks.append(Bars(table("Lowest first-pass yield", low, ("activity", "first_pass_yield")), "activity", "first_pass_yield"))
        blocks.append(table("First-pass yield by activity", records, _ACTIVITIES, self.by))
        blocks.append(table("Yield of the path", yields, _PATHS, self.by))
        if len(self.path):
            blocks.append(Prose(f"The path: {', '.join(str(label) for label in self.path.column('label'))}."))
        return View("First-pass yield", (*blocks, *self._limits(), *_DEFINITIONS), self.about.log.zone)

    def _headlines(self, records: tuple[Record, ...], yields: tuple[Record, ...]) -> Iterator[Headline]:
        if self.by is not None:
            return
        for record in yields:
            if record["joint_yield"] is not None and record["rolled_yield"] is not None:
                said = f"{count(record['joint_first_pass'])} of {plural(record['path_cases'], 'closed case')} with the whole path ({share(record['joint_yield'])})"
                rolled = f"multiplied along the path the yields are {share(record['rolled_yield'])}"
                yield Headline(
                    f"{said} {agreeing(record['joint_first_pass'], 'passes', 'pass')} each of its activities at first; {rolled}.",
                    1 - record["joint_yield"],
                )
        for record in records[:1]:
            if record["first_pass_yield"] is not None and record["first_pass_yield"] < 1:
                fails = f"done again in {count(record['done_again'])}, done once but sent back later in {count(record['sent_back_later'])}"
                of = f"{share(record['first_pass_yield'])} of {plural(record['closed_cases'], 'closed case')}"
                yield Headline(f"{record['activity']} has the lowest yield, {of}: {fails}.", 1 - record["first_pass_yield"])

    def _limits(self) -> Iterator[Caveat]:
        log = self.about.log
        if not log.card.outcomes:
            yield Caveat(log.status_gap)
        if not log.card.rework.returns:
            yield Caveat(
                'No return activities are declared, so that only what is done again counts as failed: [rework] returns = ["Reject invoice"].'
            )

    def behind(self, record: Record) -> ir.Table:
        """The closed cases that did not pass the activity at first (of one group)."""
        these = grouped(self.about.log, passes(self.about.log), self.by)
        return cases_of(these.filter(these.activity == record["code"], these.closed, ~these.first_pass), record, self.by)


def first_pass_yield(log: EventLog, *, path: tuple[str, ...] = (), by: str | None = None) -> FirstPassYield:
    """How many cases pass each activity once and for all, and how many pass a whole path that way.

    Args:
        log: the event log.
        path: the activities whose yields are multiplied; default: those of the path that most closed cases took.
        by: an attribute after which the cases are split.

    Raises:
        UnknownWord: an activity of the path does not occur in the log.
    """
    check_activities(log, path)
    groups = ["group"] if by else []
    these = grouped(log, passes(log), by)
    counted = these.group_by(["activity", *groups]).aggregate(
        closed_cases=these.count(where=these.closed),
        first_pass=these.count(where=these.closed & these.first_pass),
        done_again=these.count(where=these.closed & these.again),
        sent_back_later=these.count(where=these.closed & these.returned),
        undecided=these.count(where=~these.closed),
    )
    named = counted.join(activity_labels(log), "activity").rename(code="activity", activity="label")
    rows = log.fetch(named.order_by([*groups, "activity"]))
    on_path = log.fetch(_path(log, path))
    asked = about(log, "first-pass-yield", {"path": ", ".join(path) or None, "by": by})
    return FirstPassYield(asked, rows, by, log.fetch(_joint(these, on_path, groups)), on_path)


def _path(log: EventLog, path: tuple[str, ...]) -> ir.Table:
    """The activities of the path: activity, label, in the order in which the commonest path first has them, or in that of their names."""
    labels = activity_labels(log)
    if path:
        return labels.filter(labels.label.isin(list(path))).order_by("label")
    of_case = units(log).semi_join(commonest_path(log), "case")
    placed = of_case.group_by("activity").aggregate(place=of_case.position.min()).join(labels, "activity")
    return placed.order_by("place").select("activity", "label")


def _joint(these: ir.Table, on_path: Rows, groups: list[str]) -> ir.Table:
    """The closed cases, those that have every activity of the path, and those of them that pass each at first (in each group)."""
    codes = [int(str(code)) for code in on_path.column("activity")]
    on = these.activity.isin(codes or [-1])
    of_cases = these.filter(these.closed).group_by(["case", *groups]).aggregate(have=on.sum(), passed=(on & these.first_pass).sum())
    whole = of_cases.have == len(codes)
    found = of_cases.aggregate(
        by=groups,
        closed_cases=of_cases.count(),
        path_cases=of_cases.count(where=whole),
        joint_first_pass=of_cases.count(where=of_cases.passed == len(codes)),
    )
    return found.order_by(groups or ["closed_cases"])


_DEFINITIONS = (
    Definition("First pass", "a case does the activity exactly once, and no return comes later in the case; cases that run are undecided"),
    Definition("First-pass yield", "closed cases that pass the activity at first, divided by all closed cases that have it"),
    Definition(
        "Rolled throughput yield",
        "the product of the first-pass yields along the path: the joint share only if failures are independent",
        "Six Sigma",
    ),
    Definition("Joint share", "of the closed cases that have every activity of the path those that pass each of them at first"),
)
