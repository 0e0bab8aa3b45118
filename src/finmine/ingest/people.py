"""How people are shown: by name, under a pseudonym, or only as their role."""

from __future__ import annotations

import csv
import io

from finmine.card import Card
from finmine.engine import Engine
from finmine.errors import Refusal
from finmine.ingest.core import CoreTables
from finmine.ingest.sources import Raw
from finmine.log import EventLog
from finmine.vocabulary import People


class NoRole(Refusal):
    """People are to be shown as roles, but no column holds the role."""

    def __init__(self) -> None:
        super().__init__("people are to be shown as roles, but no column plays the role 'role'; name it with --role COLUMN, or choose pseudonyms.")


def shown_resources(engine: Engine, core: CoreTables, raw: Raw, card: Card, people: People) -> tuple[str, tuple[str, ...]]:
    """The table of resources as they may be shown, and the script that made it.

    Pseudonyms are numbered by the first unit of each resource, so that a number says nothing about the name and the
    same log always gives the same numbers. Roles are the most frequent role of the resource.

    Raises:
        NoRole: roles are wanted and the log has none.
    """
    if people == "names":
        return core.resources, ()
    if people == "pseudonyms":
        count = int(engine.value(f'SELECT count(*) FROM "{core.resources}"'))
        width = max(2, len(str(count)))
        label = f"'person ' || lpad(row_number() OVER (ORDER BY first_time, first_source, first_row, r.\"resource\")::VARCHAR, {width}, '0')"
        first = 'min(time) AS first_time, arg_min("source", (time, "source", "row")) AS first_source, arg_min("row", (time, "source", "row")) AS first_row'
        firsts = f'SELECT "resource", {first} FROM "{core.events}" GROUP BY "resource"'
        select = f'SELECT r."resource", {label} AS label FROM "{core.resources}" r LEFT JOIN ({firsts}) f USING ("resource")'
    else:
        if "role" not in card.roles:
            raise NoRole
        column, _ = raw.column(card.roles["role"][0])
        counted = f'SELECT e."resource", raw.{column}::VARCHAR AS label, count(*) AS n FROM "{core.events}" e JOIN "{raw.table}" raw USING ("source", "row") GROUP BY ALL'
        select = f'SELECT "resource", coalesce(arg_max(label, (n, label)), \'(no role)\') AS label FROM ({counted}) WHERE "resource" IS NOT NULL GROUP BY "resource"'
    table = engine.name("people")
    statement = f'CREATE TABLE "{table}" AS {select}'
    engine.run(statement)
    return table, (statement,)


def people_key(log: EventLog) -> str:
    """Which pseudonym (or role) stands for which name, as CSV: for whoever may know it, kept beside the card."""
    if log.card.people == "names":
        raise NamesShown
    rows = log.engine.rows(
        f'SELECT s.label, n.label FROM "{log.tables.resources}" s JOIN "{log.tables.names}" n USING ("resource") ORDER BY s.label, n.label'
    )
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("shown", "name"))
    writer.writerows(rows)
    return out.getvalue()


class NamesShown(Refusal):
    """There is no key where names are shown."""

    def __init__(self) -> None:
        super().__init__("people are shown by name, so there is no key to write.")
