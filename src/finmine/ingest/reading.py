"""One reading of a log: from the raw table to the core, the cases and the facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import finmine
from finmine.card import Card
from finmine.engine import Engine, literal_list, quoted_text
from finmine.errors import Refusal
from finmine.ingest import stamps
from finmine.ingest.case_money import CaseMoney, case_money
from finmine.ingest.case_table import build_cases, case_notes
from finmine.ingest.core import CoreTables, Parsed, build
from finmine.ingest.day_order import dated, in_card_order, moved
from finmine.ingest.faults import FaultyLog, ReadingFaults, find_faults
from finmine.ingest.people import NoRole, shown_resources
from finmine.ingest.sources import Raw
from finmine.ingest.staging import Staged
from finmine.log import Asked, Attribute, EventLog, Facts, Provenance, Source, Tables
from finmine.vocabulary import COMPLETING, FaultyRows, People, Resolution, Unit
from finmine.words import plural


class NoEvents(Refusal):
    """After reading, no event is left."""

    def __init__(self) -> None:
        super().__init__("the log has no event left; check the roles and the texts that count as missing.")


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a log: from the raw table to the core, the cases and the facts."""

    engine: Engine
    raw: Raw
    card: Card
    faulty_rows: FaultyRows
    notes: tuple[str, ...]
    asked: Asked

    def log(self) -> EventLog:
        """The event log."""
        parsed, faults, notes = self._parsed()
        core = build(self.engine, parsed, self._pairs(), self.card.unit or "instance")
        if self.engine.value(f'SELECT count(*) FROM "{core.units}"') == 0:
            raise NoEvents
        one_row_each = core.begun is None and not self.card.dates and not faults.left_out
        money = case_money(self.engine, core, self.raw, self.card, self._label("case") if one_row_each else None)
        extracted, declared = self._extracted(core)
        cases, cases_script = build_cases(self.engine, core, self.card, money)
        people: People = self.card.people or "pseudonyms"
        resources, people_script = shown_resources(self.engine, core, people)
        reading = (*self.raw.script, *faults.script, *core.script, *money.script, *cases_script, *people_script)
        lease = self.engine.lease((*reading, *(staged.select for staged in self.raw.staged)))
        tables = Tables(
            core.units, core.events, core.instances, cases, core.activities, resources, core.resources, self.raw.table, faults.table, lease
        )
        facts = self._facts(core, tables, extracted, declared, money, faults, people)
        notes = (*self.notes, *notes, *money.notes, *case_notes(self.engine, core, cases, self.card))
        sources = tuple(self._source(number, staged) for number, staged in enumerate(self.raw.staged))
        provenance = Provenance(self.asked, sources, self.card.zone, notes, reading, finmine.__version__)
        return EventLog(self.engine, tables, self._attributes(core), self.card, facts, provenance)

    def _source(self, number: int, staged: Staged) -> Source:
        rows = self.engine.value(f"SELECT count(*) FROM ({staged.select})")
        return Source(
            number, staged.name, staged.format, staged.sha256, staged.size, int(rows) + len(staged.faulty), len(staged.faulty), len(staged.swallowing)
        )

    def _missing(self) -> str:
        return literal_list(self.card.missing or ("",))

    def _doer(self, person: str | None = None) -> str:
        """SQL for who did it, where a date has a column of its own for that: with people = roles nobody is told apart from others of the same role."""
        if self.card.people != "roles":
            return self._label("resource") if person is None else self._text((person,))
        if "role" not in self.card.roles:
            raise NoRole
        return self._label("role")

    def _label(self, role: str) -> str:
        """SQL for the text of a role's column, NULL where it is missing."""
        return self._text(self.card.roles.get(role, ()))

    def _text(self, columns: Sequence[str]) -> str:
        """SQL for the text of columns, NULL where it is missing."""
        if not columns:
            return "NULL::VARCHAR"
        parts = []
        for name in columns:
            column, kind = self.raw.column(name)
            if kind in ("DOUBLE", "FLOAT"):
                whole = self.engine.value(
                    f'SELECT coalesce(bool_and({column} = floor({column}) AND abs({column}) < 9e15), false) FROM "{self.raw.table}" WHERE {column} IS NOT NULL'
                )
                column = f"{column}::BIGINT::VARCHAR" if whole else f"{column}::VARCHAR"
            elif kind != "VARCHAR":
                column = f"{column}::VARCHAR"
            parts.append(f"CASE WHEN {column} NOT IN {self._missing()} THEN {column} END")
        return parts[0] if len(parts) == 1 else " || ' / ' || ".join(parts)

    def _stamps(self, columns: Sequence[str]) -> stamps.Stamps:
        found = [self.raw.column(name) for name in columns]
        return stamps.find(self.engine, self.raw, " + ".join(columns), found, self.card.zone, self.card.date_order, self._missing())

    def _parsed(self) -> tuple[Parsed, ReadingFaults, tuple[str, ...]]:
        """The parsed rows, the faults found in them, and notes."""
        roles = self.card.roles
        notes: list[str] = []
        rank = self.raw.column(roles["rank"][0]) if "rank" in roles else None
        ranked = "NULL::BIGINT" if rank is None else f"TRY_CAST({rank[0]} AS BIGINT)"
        if self.card.dates:
            selects, readings = [], []
            for place, (activity, columns) in enumerate(self.card.dates.items()):
                reading = self._stamps(columns)
                readings.append((" + ".join(columns), reading))
                person = self.card.person_of.get(activity)
                selects.append(
                    self._select(quoted_text(activity), reading, None, f"{place}::BIGINT", self._doer(person), f"WHERE NOT ({reading.absent})")
                )
                notes.append(f"{activity}: from {' + '.join(columns)!r} ({reading.format})" + (f", done by {person!r}" if person else ""))
            select = " UNION ALL ".join(selects)
        else:
            reading = self._stamps(roles["timestamp"])
            start = self._stamps(roles["start"]) if "start" in roles else None
            readings = [(" + ".join(roles["timestamp"]), reading), *([(" + ".join(roles["start"]), start)] if start else [])]
            select = self._select(self._label("activity"), reading, start, ranked, self._doer(), "")
            notes += [
                f"{' + '.join(columns)!r} is read as {found.format}"
                for columns, found in zip((roles["timestamp"], roles.get("start", ())), (reading, start), strict=True)
                if found
            ]
        if self.card.zone is None and any(found.local for _, found in readings):
            notes.append("zone: unknown (the stamps carry no offset and the card names no zone); hours are shown as written")
        faults = self._faults(readings)
        if faults.left_out and self.faulty_rows == "refuse":
            broken = sum(len(staged.faulty) for staged in self.raw.staged)
            raise FaultyLog(faults.counts, faults.left_out, int(self.engine.value(f'SELECT count(*) FROM "{self.raw.table}"')) + broken)
        if faults.left_out:
            notes.append(
                f"{plural(faults.left_out, 'faulty row was', 'faulty rows were')} left out: "
                + "; ".join(f"{count:,} × {fault}" for fault, count, _ in faults.counts)
            )
        if faults.left_out:
            select = f"SELECT * FROM ({select}) WHERE case_label IS NOT NULL AND activity_label IS NOT NULL AND time IS NOT NULL"
        if faults.left_out and not self.card.dates:
            select += f' AND ("source", "row") NOT IN (SELECT ("source", "row") FROM "{faults.table}" WHERE NOT kept)'
        wide = bool(self.card.dates)
        if wide:
            select, said = self._in_card_order(select)
            notes += said
        return Parsed(select, "start" in roles and not wide, "rank" in roles or wide, len(self.raw.staged) > 1), faults, tuple(notes)

    def _in_card_order(self, select: str) -> tuple[str, list[str]]:
        """The rows of a table with a column per date, where a date without clock time shares its day with timed events; and a note of it."""
        ranks = dated(self.engine, select, self.card.zone)
        if len(ranks) in (0, len(self.card.dates)):
            return select, []
        ordered = in_card_order(select, ranks, self.card.zone)
        later = moved(self.engine, select, ordered)
        names = ", ".join(name for place, name in enumerate(self.card.dates) if place in ranks)
        said = f"dates without a clock time ({names}) stand on their day in the order of the card's columns"
        if later:
            said += f"; {plural(later, 'of them counts', 'of them count')} from the time of the last timed event before it, not from midnight"
        return ordered, [said]

    def _select(self, activity: str, reading: stamps.Stamps, start: stamps.Stamps | None, rank: str, doer: str, where: str) -> str:
        lifecycle = self._label("lifecycle") if not self.card.dates else "NULL::VARCHAR"
        return (
            f'SELECT "source", "row", {self._label("case")} AS case_label, {activity} AS activity_label, {reading.utc} AS time, '
            f"{start.utc if start else 'NULL::BIGINT'} AS start, {lifecycle} AS lifecycle, {doer} AS resource_label, {rank} AS rank "
            f'FROM "{self.raw.table}" {where}'
        )

    def _faults(self, readings: Sequence[tuple[str, stamps.Stamps]]) -> ReadingFaults:
        roles = self.card.roles
        activity = None if self.card.dates else (" + ".join(roles["activity"]), self._label("activity"))
        return find_faults(self.engine, self.raw, (" + ".join(roles["case"]), self._label("case")), activity, readings)

    def _pairs(self) -> bool:
        """Whether start and complete rows are to be paired into instances."""
        if "lifecycle" not in self.card.roles or "start" in self.card.roles or self.card.dates:
            return False
        column, _ = self.raw.column(self.card.roles["lifecycle"][0])
        return bool(
            self.engine.value(
                f'SELECT count(*) > 0 FROM "{self.raw.table}" WHERE {column} IS NOT NULL AND lower({column}::VARCHAR) NOT IN {literal_list(COMPLETING)}'
            )
        )

    def _extracted(self, core: CoreTables) -> tuple[int, bool]:
        if self.card.extracted is None:
            return int(self.engine.value(f'SELECT max(time) FROM "{core.events}"')), False
        moment = self.card.extracted
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(self.card.zone or "UTC"))
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds, True

    def _facts(
        self, core: CoreTables, tables: Tables, extracted: int, declared: bool, money: CaseMoney, faults: ReadingFaults, people: People
    ) -> Facts:
        offset = f"epoch_us(timezone({quoted_text(self.card.zone)}, make_timestamptz(time)))" if self.card.zone not in (None, "UTC") else "time"
        units, first, last, ties, resources, starts, whole_days, minutes, seconds = self.engine.rows(
            f'SELECT count(*), min(coalesce(start, time)), max(time), count(*) FILTER (next_time = time), count("resource"), count(start), '
            # zones differ by whole minutes, so that only whole minutes need their clocks, which are slow
            f"count(*) FILTER (CASE WHEN time % 60000000 = 0 THEN {offset} % 86400000000 = 0 END), "
            f'count(*) FILTER (time % 60000000 = 0), count(*) FILTER (time % 1000000 = 0) FROM "{core.units}"'
        )[0]
        resolution = _resolution(int(units), int(whole_days), int(minutes), int(seconds))
        events = int(self.engine.value(f'SELECT count(*) FROM "{core.events}"'))
        cases = int(self.engine.value(f'SELECT count(*) FROM "{tables.cases}"'))
        held = self.engine.rows(
            f"SELECT coalesce(currency, ''), count(*) FROM \"{tables.cases}\" WHERE amount IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1"
        )
        currencies = tuple(str(currency) for currency, _ in held)
        without_amount = cases - sum(int(priced) for _, priced in held)
        unit: Unit = "instance" if self.card.unit != "event" and (core.pairing is not None or starts > 0) else "event"
        return Facts(
            unit, events, int(units), cases, int(first), int(last), extracted, declared, resolution,
            starts > 0, resources > 0, currencies, money.gap, int(ties), core.pairing, faults.left_out, people,
            without_amount, faults.doubtful,
        )  # fmt: skip

    def _attributes(self, core: CoreTables) -> dict[str, Attribute]:
        found = {name: Attribute(name, self.raw.table, f"c{place}", self.raw.types[place], "row") for place, name in enumerate(self.raw.names)}
        for name, column in self.card.attributes.items():
            found[name] = replace(found[column], name=name)
        for role in ("resource", "role", "amount", "currency"):
            played = self.card.role(role)
            if played is not None and role not in found:
                found[role] = replace(found[played], name=role)
        of_people = {found[name].column for name in (*self.card.person_of.values(), *self.card.roles.get("resource", ()))}
        if self.card.person_of and ("resource" not in found or found["resource"].column in of_people):
            found["resource"] = Attribute("resource", core.resources, "label", "VARCHAR", "unit")
        return found


def _resolution(units: int, whole_days: int, minutes: int, seconds: int) -> Resolution:
    """How exact the stamps are: to the day where 99 of 100 stand at midnight."""
    if whole_days >= 0.99 * units:
        return "day"
    if minutes == units:
        return "minute"
    return "second" if seconds == units else "microsecond"
