"""Endpoints: with which activities cases begin, and with which they end.

An end is where the trace of a case stops in the log. Whether the case is finished there, only the end activities
declared on the card can say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, Prose, View
from finmine.words import count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

_PLACES: Mapping[str, str] = {"start": "first_activity", "end": "last_activity"}


@dataclass(frozen=True, slots=True, repr=False)
class Endpoints(Result):
    """The start activities, then the end activities, each with most cases first."""

    by: str | None

    def view(self) -> View:
        """What most cases begin and end with, and all start and end activities."""
        log = self.about.log
        names = ["endpoint", "activity", "cases", "cases_share"]
        names += ["finished", "running"] if log.card.outcomes else []
        names += ["value"] if log.money else []
        shown = table("Start and end activities", self.rows, names, self.by, log.money.currency if log.money else "")
        return View(
            "Endpoints", (*opening(self.about), *self._claims(), shown, *self._limits(), *_DEFINITIONS[: 2 if log.card.outcomes else 1]), log.zone
        )

    def _claims(self) -> Iterable[Block]:
        starts, ends = (self._all("start"), self._all("end"))
        if self.by is not None or not starts:
            return
        first, last = starts[0], ends[0]
        yield Prose(_claim("begin", first, len(starts) - 1))
        yield Headline(_claim("end", last, len(ends) - 1), 1 - last["cases_share"])

    def _all(self, endpoint: Literal["start", "end"]) -> list[dict[str, Any]]:
        return [record for record in self.rows.records() if record["endpoint"] == endpoint]

    def _limits(self) -> Iterable[Block]:
        log = self.about.log
        if not log.card.outcomes:
            yield Caveat(
                "No end activities are declared, so an end is only where the log stops and nobody can say which cases are finished. "
                'Declare them on the card: [outcomes] paid = ["Pay invoice"].'
            )
        if log.money is None and "amount" in log.card.roles:
            yield Caveat(log.money_gap)

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases that begin (or end) with one activity (in one group)."""
        these = _named(self.about.log, grouped(self.about.log, traces(self.about.log), self.by), record["endpoint"])
        kept = these.filter(these.activity == record["activity"])
        return cases_of(kept, record, self.by)


_DEFINITIONS = (
    Definition("Start and end", "the first and the last activity of a case, in the order of completion, start, declared rank, file and row"),
    Definition("Finished", "the last activity of the case is an end activity that the card declares; otherwise the case is running"),
)


def endpoints(log: EventLog, *, by: str | None = None) -> Endpoints:
    """With which activities cases begin and end.

    Args:
        log: the event log.
        by: an attribute after which the cases are split; shares are then of each group.
    """
    import ibis

    groups = ["group"] if by else []
    these = grouped(log, traces(log), by)
    counted = [_counted(_named(log, these, place), groups).mutate(endpoint=ibis.literal(place), place=number) for number, place in enumerate(_PLACES)]
    found = counted[0].union(counted[1])
    order = [*groups, "place", ibis.desc("cases"), "activity"]
    return Endpoints(about(log, "endpoints", {"by": by}), log.fetch(found.order_by(order).drop("place")), by)


def _named(log: EventLog, these: ir.Table, place: str) -> ir.Table:
    """The traces with the name of their first (or last) activity."""
    labels = activity_labels(log).rename(code="activity", endpoint_activity="label")
    found = these.join(labels, these[_PLACES[place]] == labels.code)
    return found.drop("code").rename(activity="endpoint_activity")


def _counted(these: ir.Table, groups: list[str]) -> ir.Table:
    import ibis

    found = these.group_by([*groups, "activity"]).aggregate(
        cases=these.count(),
        finished=(these.status == "finished").sum(),
        running=(these.status == "running").sum(),
        value=these.money.sum(),
    )
    whole = found.cases.sum().over(ibis.window(group_by=groups))
    return found.mutate(cases_share=found.cases.cast("float64") / whole.cast("float64"))


def _claim(do: str, first: dict[str, Any], others: int) -> str:
    """With which activity most cases do it, or all of them."""
    if not others:
        who = f"All {count(first['cases'])} cases {do}" if first["cases"] > 1 else f"The only case {do}s"
        return f"{who} with {first['activity']}."
    rest = f"the others with {plural(others, 'other activity', 'other activities')}"
    return f"{share(first['cases_share'])} of the cases {do} with {first['activity']}, {rest}."
