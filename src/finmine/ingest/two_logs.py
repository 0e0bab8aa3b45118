"""Two logs as one: all cases of both, each of which says from which log it comes, so that every question can tell them apart.

Cases and people of the two logs are different ones, whatever they are called; activities of the same name are the same. Status,
outcome and money of a case are those that its own card gives; all else is asked of the card of the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from finmine.card import Card
from finmine.engine import quoted_name, quoted_text
from finmine.errors import Refusal
from finmine.ingest.case_table import keyed_cases
from finmine.log import Attribute, EventLog, Facts, Provenance, Tables
from finmine.relations.tables import units_table
from finmine.relations.traces import prove_keys, trace_facts

_NAMES = ("log", "log of the case", "finmine log")


class UnlikeLogs(Refusal):
    """Two logs were not read or filtered alike, so that what they differ in would be that."""

    def __init__(self, what: str) -> None:
        super().__init__(f"two logs are compared that are read and filtered alike, and these have different {what}: read both with the same options.")


@dataclass(frozen=True, slots=True)
class TwoLogs:
    """The one log of all cases, the attribute that says from which log a case comes, and its values."""

    log: EventLog
    attribute: str
    names: tuple[str, str]


def two_logs(first: EventLog, second: EventLog) -> TwoLogs:
    """All cases of two logs of one engine, as one log.

    Raises:
        UnlikeLogs: they are in different engines or have different filters, or the units of one are events and of the other instances.
    """
    if first.engine is not second.engine:
        raise UnlikeLogs("engines")
    if first.facts.unit != second.facts.unit:
        raise UnlikeLogs(f"units ({first.facts.unit}s and {second.facts.unit}s)")
    if first.filters != second.filters:
        raise UnlikeLogs("filters")
    names = _names(first, second)
    joined = _Joining(first, second).log(names)
    return TwoLogs(joined, next(name for name in _NAMES if joined.attributes[name].column == _Joining.MARK), names)


def _names(first: EventLog, second: EventLog) -> tuple[str, str]:
    """What the logs are called: by their first source, and by their place where that is the same."""
    one, other = (log.provenance.sources[0].name for log in (first, second))
    return (one, other) if one != other else (f"{one} (first)", f"{other} (second)")


class _Joining:
    """The tables of two logs laid under each other: codes of the second begin where those of the first end."""

    MARK = "from_log"

    def __init__(self, first: EventLog, second: EventLog) -> None:
        self.logs, self.engine = (first.as_read(), second.as_read()), first.engine
        self.script, self.made = list[str](), list[str]()
        self.cases, self.sources, self.resources = (
            1 + int(self.engine.value(f'SELECT coalesce(max({code}), -1) FROM "{table}"'))
            for code, table in (('"case"', first.tables.cases), ('"source"', first.tables.raw), ('"resource"', first.tables.names))
        )

    def log(self, names: tuple[str, str]) -> EventLog:
        """The log of all cases."""
        first, second = self.logs
        activities = self._activities()
        units = self._make("units", self._units("units", activities))
        paired = [log.tables.instances != log.tables.events for log in self.logs]
        events, instances = units, units
        if any(paired):
            other = "events" if first.facts.unit == "instance" else "instances"
            rest = self._make("units", self._units(other, activities))
            events, instances = (rest, units) if other == "events" else (units, rest)
        raw, attributes = self._raw(names)
        people = self._people("names")
        attributes |= {name: Attribute(name, people, "label", "VARCHAR", "unit") for name in self._of_units()}
        outcomes = bool(first.card.outcomes) and bool(second.card.outcomes)
        tables = Tables(
            units,
            events,
            instances,
            self._cases(units, known=outcomes),
            activities,
            self._people("resources"),
            people,
            raw,
            self._faults(),
            self.engine.lease([quoted_name(name) for name in self.made], [log.tables.lease for log in self.logs]),
        )
        provenance = Provenance(
            first.provenance.asked,
            (*first.provenance.sources, *(replace(one, number=one.number + self.sources) for one in second.provenance.sources)),
            first.provenance.zone,
            tuple(dict.fromkeys((*first.provenance.assumptions, *second.provenance.assumptions))),
            (*first.provenance.script, *second.provenance.script, *self.script),
            first.provenance.version,
        )
        return EventLog(self.engine, tables, attributes, self._card(outcomes), self._facts(), provenance, first.filters)

    def _make(self, noun: str, select: str, kind: str = "TABLE") -> str:
        name = self.engine.name(noun)
        statement = f'CREATE {kind} "{name}" AS {select}'
        self.engine.run(statement)
        self.script.append(statement)
        self.made.append(name)
        return name

    def _activities(self) -> str:
        labels = " UNION ".join(f'SELECT label FROM "{log.tables.activities}"' for log in self.logs)
        return self._make("activities", f'SELECT (row_number() OVER (ORDER BY label) - 1)::INTEGER AS "activity", label FROM ({labels})')

    def _units(self, which: str, activities: str) -> str:
        """The units of both logs with the codes of the one."""
        parts = []
        for place, log in enumerate(self.logs):
            codes = f'(SELECT o."activity" AS old, n."activity" AS new FROM "{log.tables.activities}" o JOIN "{activities}" n USING (label))'
            parts.append(
                f'SELECT (u."case" + {place * self.cases})::INTEGER AS "case", u."position", a.new AS "activity", u.start, u.time, '
                f'(u."resource" + {place * self.resources})::INTEGER AS "resource", u.suspended, u.state, '
                f'(u."source" + {place * self.sources})::SMALLINT AS "source", u."row", f.new AS next_activity, '
                f"(u.next_resource + {place * self.resources})::INTEGER AS next_resource, u.next_time, u.next_start "
                f'FROM "{getattr(log.tables, which)}" u JOIN {codes} a ON a.old = u."activity" LEFT JOIN {codes} f ON f.old = u.next_activity'
            )
        return " UNION ALL ".join(parts)

    def _cases(self, units: str, *, known: bool) -> str:
        """The cases with the keys of their variants made anew, because these are of the codes of activities."""
        facts = self._make("traces", self.engine.compile(trace_facts(units_table(units))))
        status = "status, outcome" if known else "'unknown' AS status, NULL::VARCHAR AS outcome"
        told = " UNION ALL ".join(
            f'SELECT ("case" + {place * self.cases})::INTEGER AS "case", label, {status}, amount, currency, reported FROM "{log.tables.cases}"'
            for place, log in enumerate(self.logs)
        )
        columns = "length, started, ended, first_activity, last_activity, residue_one, residue_two"
        select = f'SELECT t."case", c.label, {columns}, c.status, c.outcome, c.amount, c.currency, c.reported FROM "{facts}" t JOIN ({told}) c USING ("case")'
        name = self._make("cases", select)
        prove_keys(self.engine, units_table(units), keyed_cases(name))
        return name

    def _people(self, which: str) -> str:
        parts = (
            f'SELECT ("resource" + {place * self.resources})::INTEGER AS "resource", label FROM "{getattr(log.tables, which)}"'
            for place, log in enumerate(self.logs)
        )
        return self._make("resources", " UNION ALL ".join(parts))

    def _faults(self) -> str:
        parts = (
            f'SELECT * REPLACE (("source" + {place * self.sources})::SMALLINT AS "source") FROM "{log.tables.faults}"'
            for place, log in enumerate(self.logs)
        )
        return self._make("faults", " UNION ALL ".join(parts), "VIEW")

    def _of_units(self) -> set[str]:
        """The attributes of units in either log: they are so in both."""
        return {name for log in self.logs for name, one in log.attributes.items() if one.level == "unit"}

    def _raw(self, names: tuple[str, str]) -> tuple[str, dict[str, Attribute]]:
        """The rows of both with every attribute that either has, as text where its type differs, and the name of the log."""
        known = dict.fromkeys(name for log in self.logs for name in log.attributes if name not in self._of_units())
        found, columns = dict[str, Attribute](), [list[str](), list[str]()]
        for place, name in enumerate(known):
            held = [log.attributes.get(name) for log in self.logs]
            types = {one.type for one in held if one is not None}
            kind = types.pop() if len(types) == 1 else "VARCHAR"
            for select, one in zip(columns, held, strict=True):
                select.append(f"{'NULL' if one is None else quoted_name(one.column)}::{kind} AS c{place}")
            found[name] = Attribute(name, "", f"c{place}", kind, "row")
        mark = next(name for name in _NAMES if name not in known)
        found[mark] = Attribute(mark, "", self.MARK, "VARCHAR", "row")
        parts = (
            f'SELECT ("source" + {place * self.sources})::SMALLINT AS "source", "row", {", ".join((*columns[place], quoted_text(names[place])))} AS {self.MARK} '
            f'FROM "{log.tables.raw}"'
            for place, log in enumerate(self.logs)
        )
        table = self._make("raw", " UNION ALL ".join(parts), "VIEW")
        return table, {name: replace(one, table=table) for name, one in found.items()}

    def _card(self, outcomes: bool) -> Card:
        first, second = (log.card for log in self.logs)
        amount = first.amount
        if amount is not None and (second.amount is None or second.amount.reporting != amount.reporting):
            amount = replace(amount, reporting=None)
        return replace(
            first,
            person_of={**second.person_of, **first.person_of},
            amount=amount,
            outcomes={**second.outcomes, **first.outcomes} if outcomes else {},
        )

    def _facts(self) -> Facts:
        first, second = (log.facts for log in self.logs)
        resolutions = ("day", "minute", "second", "microsecond")
        pairings = [facts.pairing for facts in (first, second) if facts.pairing is not None]
        return Facts(
            unit=first.unit,
            events=first.events + second.events,
            units=first.units + second.units,
            cases=first.cases + second.cases,
            first=min(first.first, second.first),
            last=max(first.last, second.last),
            extracted=max(first.extracted, second.extracted),
            extracted_declared=first.extracted_declared and second.extracted_declared,
            resolution=min(first.resolution, second.resolution, key=resolutions.index),
            has_start=first.has_start or second.has_start,
            has_resource=first.has_resource or second.has_resource,
            currencies=tuple(dict.fromkeys((*first.currencies, *second.currencies))),
            money_gap=first.money_gap or second.money_gap,
            ties=first.ties + second.ties,
            pairing={name: sum(one[name] for one in pairings) for name in pairings[0]} if pairings else None,
            left_out=first.left_out + second.left_out,
            people=first.people,
            without_amount=first.without_amount + second.without_amount,
            doubtful=first.doubtful | second.doubtful,
        )
