"""Results: frozen answers that show themselves in every dress and can show where they come from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from finmine.arrays import Lent
from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.glossary import column
from finmine.log import EventLog
from finmine.relations.attributes import varying
from finmine.relations.units import units
from finmine.render.process_map import WHOLE, Lens
from finmine.view import Block, Caveat, Column, Prose, Table, View
from finmine.vocabulary import Unit
from finmine.words import count, plural

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from finmine.case_list import CaseList

JSON_VERSION = 1


class NoSuchRow(Refusal):
    """An answer has no row of the number that was asked for."""

    def __init__(self, row: int, rows: int) -> None:
        there = f"its {plural(rows, 'row')} are numbered from 0 to {rows - 1:,}" if rows else "it has none"
        super().__init__(f"the answer has no row {row:,}; {there}.")


@dataclass(frozen=True, slots=True)
class Population:
    """What an answer is about: the cases and units in it, of how many as read, and what was left out."""

    cases: int
    units: int
    of_cases: int
    of_units: int
    unit: Unit
    left_out: int
    filters: tuple[str, ...]

    def sentence(self) -> str:
        """The population in words."""
        said = f"Of {plural(self.cases, 'case')} and {plural(self.units, self.unit)}"
        if self.filters:
            said += f" (of {count(self.of_cases)} and {count(self.of_units)} as read), keeping " + "; ".join(self.filters)
        said += "."
        return said + (
            f" {plural(self.left_out, 'faulty row of the source is', 'faulty rows of the source are')} in no number." if self.left_out else ""
        )


def population(log: EventLog) -> Population:
    """The population of a log with its filters."""
    facts = log.facts
    cases, kept = facts.cases, facts.units
    if log.filters:
        rows = log.fetch(units(log).aggregate(cases=lambda these: these.case.nunique(), units=lambda these: these.count()))
        cases, kept = rows.records()[0].values()
    words = tuple(f"{one.keeps}: {one.words()}" for one in log.filters)
    return Population(cases, kept, facts.cases, facts.units, facts.unit, facts.left_out, words)


@dataclass(frozen=True, slots=True)
class About:
    """What was asked: the log, the question by name, its parameters, and the population of the answer."""

    log: EventLog
    question: str
    parameters: Mapping[str, object]
    population: Population
    limits: tuple[str, ...] = ()


def about(log: EventLog, question: str, parameters: Mapping[str, object] | None = None) -> About:
    """What is asked of a log."""
    asked = dict(parameters or {})
    by = asked.get("by")
    limits = () if by is None else _split_limits(log, str(by))
    return About(log, question, MappingProxyType(asked), population(log), limits)


def _split_limits(log: EventLog, by: str) -> tuple[str, ...]:
    """Whether an attribute differs within cases, so that a split after it follows its first value only."""
    several = varying(log, by)
    if several is None:
        return ()
    cases = int(str(log.fetch(several).column("cases")[0]))
    if not cases:
        return ()
    differs = f"{by!r} differs within {plural(cases, 'case')}"
    return (
        f"{differs}; each case is in the group of its first recorded value, with all its units. To split by the value of each unit, filter with --keep-events.",
    )


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """An answer: its rows, what was asked, and every dress."""

    about: About
    rows: Rows

    @abstractmethod
    def view(self) -> View:
        """What there is to see."""

    @abstractmethod
    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases (a relation with the column ``case``) behind one row of the answer."""

    def records(self) -> Sequence[Mapping[str, Any]]:
        """The rows of the answer as they are shown, in their order."""
        return self.rows.records()

    def answers(self) -> Mapping[str, Rows]:
        """All tables that were fetched for this answer by name, the main one first."""
        return {self.about.question: self.rows}

    @property
    def failed(self) -> bool:
        """Whether a control failed, so that the command ends with exit status 1."""
        return False

    def prepared(self) -> tuple[str, ...]:
        """The statements that make the tables, beside those of the log, on which this answer rests."""
        return ()

    def kernels(self) -> tuple[Lent, ...]:
        """What this answer rests on that no SQL can say: the tables that kernels returned."""
        return ()

    def looked_up(self) -> tuple[str, ...]:
        """The statements that make the tables of what this answer looks at several times, which may rest on kernels."""
        return ()

    def cases(self, row: int | Mapping[str, Any] = 0, *, most: int = 10_000) -> CaseList:
        """The cases behind one row of the answer (its number from 0, or the row itself), with amount, status and time.

        Raises:
            NoSuchRow: the answer has no row of this number.
        """
        from finmine.case_list import list_cases

        if isinstance(row, int) and not -len(self.records()) <= row < len(self.records()):
            raise NoSuchRow(row, len(self.records()))
        record = self.records()[row] if isinstance(row, int) else row
        return list_cases(self.about.log, self.behind(record), f"behind row {row}" if isinstance(row, int) else "behind a row", most)

    def evidence(self) -> str:
        """A script that runs as it is in plain DuckDB, from the source files to the rows of this answer, each table under its name.

        Where an answer rests on kernels, the script names for each the function, and gives its input and the hashes of both.
        """
        from finmine.evidence import script

        return script(self)

    def to_text(self, width: int = 100) -> str:
        """The answer for a terminal or a plain text file."""
        from finmine.render.text import to_text

        return to_text(self.view(), width)

    def to_json(self) -> str:
        """The answer as JSON, in the form that the documentation describes."""
        import json

        from finmine.render.json import blocks

        about, provenance = self.about, self.about.log.provenance
        said = {
            "finmine": provenance.version,
            "format": JSON_VERSION,
            "question": about.question,
            "parameters": {
                name: value if isinstance(value, str | int | float | bool | None) else str(value) for name, value in about.parameters.items()
            },
            "population": {
                "cases": about.population.cases,
                "units": about.population.units,
                "of_cases": about.population.of_cases,
                "of_units": about.population.of_units,
            }
            | {"unit": about.population.unit, "left_out_rows": about.population.left_out, "filters": list(about.population.filters)},
            "sources": [
                {"name": source.name, "format": source.format, "sha256": source.sha256, "rows": source.rows} for source in provenance.sources
            ],
            "zone": provenance.zone,
            "view": blocks(self.view()),
        }
        return json.dumps(said, ensure_ascii=False, indent=1) + "\n"

    def to_csv(self) -> str:
        """The main table as CSV; text that a spreadsheet would run as a formula is made harmless."""
        from finmine.render.csv import to_csv

        return to_csv(self.view())

    def to_html(self) -> str:
        """The answer as a fragment of HTML that needs nothing else."""
        from finmine.render.html import to_html

        return to_html(self.view(), (self.lens(),))

    def lens(self) -> Lens:
        """How the answer's process map is looked at when it is drawn alone."""
        return WHOLE

    def to_svg(self) -> str:
        """The first picture of the answer.

        Raises:
            Refusal: the answer has no picture.
        """
        from finmine.render.pictures import to_svg

        return to_svg(self.view(), self.lens())

    def to_dot(self) -> str:
        """The DOT source of the answer's process map.

        Raises:
            Refusal: the answer has no map.
        """
        from finmine.render.pictures import to_dot

        return to_dot(self.view(), self.lens())

    def to_png(self, target: str | Path) -> Path:
        """Write the first picture of the answer as PNG; gives the path.

        Raises:
            Refusal: the answer has no picture.
        """
        from finmine.files import write_atomically
        from finmine.render.pictures import to_png

        write_atomically(Path(target), to_png(self.view(), self.lens()))
        return Path(target)

    def to_xlsx(self, target: str | Path) -> Path:
        """Write the answer as a workbook, one sheet for each table."""
        from finmine.render.workbook import to_xlsx

        to_xlsx(self.view(), Path(target))
        return Path(target)

    def to_pandas(self) -> pd.DataFrame:
        """The main table of the answer as a pandas frame, row for row.

        Durations are ``Timedelta`` and instants ``Timestamp`` in the zone of the log, exact to the microsecond; money stays ``Decimal``.
        ``records()`` and JSON hold whole microseconds.
        """
        from finmine.render.frames import to_pandas
        from finmine.render.tables import main_table

        main = main_table(self.view())
        if main is None:
            frame: pd.DataFrame = self.rows.table.to_pandas()
            return frame
        return to_pandas(main, self.about.log.zone)

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()


def table(title: str, rows: Rows | Sequence[Mapping[str, Any]], names: Sequence[str], group: str | None = None, currency: str = "") -> Table:
    """A table of the named columns of rows.

    With ``group``, a first column holds the value of that attribute; with ``currency``, the headings of money name it.
    """
    records = rows.records() if isinstance(rows, Rows) else rows
    columns: list[Column] = [Column("group", group, "text")] if group is not None else []
    columns += [replace(one, title=f"{one.title} ({currency})") if one.kind == "money" and currency else one for one in map(column, names)]
    return Table(title, tuple(columns), tuple(tuple(record[one.name] for one in columns) for record in records))


def opening(about: About) -> tuple[Block, ...]:
    """The blocks that stand first in every answer: its population, and what limits its split into groups."""
    return (Prose(about.population.sentence()), *map(Caveat, about.limits))
