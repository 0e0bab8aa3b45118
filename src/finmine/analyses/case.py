"""One case, unit by unit, with the places in the sources where its rows stand.

The units stand in the one total order. The gap of a unit is the time since the completion of the one before it in the
case; where start stamps are recorded the start stands beside it, so that waiting and work can be told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finmine.errors import Refusal, UnknownWord
from finmine.glossary import column
from finmine.log import EventLog
from finmine.relations.tables import activity_labels, case_table, resource_labels
from finmine.relations.traces import VARIANT_KEY, traces
from finmine.relations.units import units
from finmine.result import Result, about, table
from finmine.view import Caveat, Cell, Definition, Facts, Kind, Prose, View
from finmine.words import plural

if TYPE_CHECKING:
    import ibis.expr.types as ir

_CANDIDATES = 20


class CaseFilteredOut(Refusal):
    """A case is in the log as read, but a filter removed it."""

    def __init__(self, identifier: str, filters: tuple[str, ...]) -> None:
        super().__init__(
            f"the case {identifier!r} is in the log, but not among the cases that the filters keep ({'; '.join(filters)}); ask without them."
        )


@dataclass(frozen=True, slots=True, repr=False)
class Case(Result):
    """The units of one case in order, with the facts of the case."""

    facts: Mapping[str, Any]

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The units of the case, with the names of the sources."""
        names = {source.number: source.name for source in self.about.log.provenance.sources}
        return tuple({**record, "source": names[record["source"]]} for record in self.rows.records())

    def view(self) -> View:
        """The facts of the case, its units as a table, and what a gap is."""
        log, facts = self.about.log, self.facts
        title = f"Case {facts['case']}"
        names = ["position", "activity", "time", "gap"]
        if log.facts.has_start:
            names.insert(2, "start")
        if log.facts.has_resource:
            names.append("resource")
        if any(record["state"] != "complete" for record in self.rows.records()):
            names.append("state")
        caveats = [] if log.money is not None or facts["amount"] is not None or "amount" not in log.card.roles else [Caveat(log.money_gap)]
        return View(
            title,
            (
                Prose(f"One of {plural(self.about.population.cases, 'case')}."),
                Facts("", self._facts()),
                table(f"Its {log.facts.unit}s", self.records(), (*names, "source", "row")),
                *caveats,
                Definition("Gap", "the time since the completion of the unit before it in the case; it holds work and waiting alike"),
            ),
            log.zone,
        )

    def _facts(self) -> tuple[tuple[str, Cell, Kind], ...]:
        facts = self.facts
        names = ["status", "outcome", "amount", "started", "ended", "throughput", "length"]
        known = [(column(name), facts[name]) for name in names]
        said: list[tuple[str, Cell, Kind]] = []
        for one, value in known:
            if value is not None:
                heading = f"{one.title} ({facts['currency']})" if one.kind == "money" and facts["currency"] else one.title
                said.append((heading, value, one.kind))
        said.append(("Cases with the same trace", facts["same"], "count"))
        said.append(("Share of cases with the same trace", facts["same"] / self.about.population.cases, "share"))
        return tuple(said)

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The case itself."""
        return _of(self.about.log, self.facts["case"]).select("case")


def case(log: EventLog, identifier: str) -> Case:
    """One case, event by event, with its source rows.

    Args:
        log: the event log.
        identifier: the case as it is named in the source.

    Raises:
        UnknownWord: the log has no such case; the nearest is named.
        CaseFilteredOut: the log has it, but a filter removed it.
    """
    these = _of(log, identifier)
    key = these.select(*VARIANT_KEY)
    same = traces(log).semi_join(key, VARIANT_KEY).aggregate(same=lambda found: found.count())
    facts = log.fetch(these.drop("case").rename(case="label").cross_join(same)).records()
    if not facts:
        raise _unknown(log, identifier)
    return Case(about(log, "case", {"identifier": identifier}), log.fetch(_units(log, these)), facts[0])


def _of(log: EventLog, identifier: str) -> ir.Table:
    these = traces(log)
    return these.filter(these.label == identifier)


def _units(log: EventLog, kept: ir.Table) -> ir.Table:
    import ibis

    these = units(log).semi_join(kept, "case")
    before = these.time.lag().over(ibis.window(order_by="position"))
    named = these.mutate(gap=these.time - before).join(activity_labels(log).rename(named="label"), "activity")
    shown = named.left_join(resource_labels(log).rename(shown="label"), "resource")
    columns = {name: shown[name] for name in ("position", "start", "time", "gap", "state", "source", "row")}
    return shown.select(**columns, activity=shown.named, resource=shown.shown).order_by("position")


def _unknown(log: EventLog, identifier: str) -> Refusal:
    """Why there is no such case, with the names that are most like the one that was given."""
    import ibis

    every = case_table(log)
    likeness = _likeness(every.label, identifier)
    near = log.fetch(every.select("label", likeness=likeness).order_by(ibis.desc("likeness"), "label").limit(_CANDIDATES))
    labels = [str(label) for label in near.column("label")]
    if identifier in labels:
        return CaseFilteredOut(identifier, tuple(one.words() for one in log.filters))
    return UnknownWord("case", identifier, labels)


def _likeness(label: ir.StringColumn, identifier: str) -> ir.FloatingColumn:
    import ibis

    @ibis.udf.scalar.builtin(name="jaro_winkler_similarity", signature=(("string", "string"), "float64"))  # type: ignore[untyped-decorator]
    def likeness(one: str, other: str) -> object: ...

    return likeness(label, identifier)
