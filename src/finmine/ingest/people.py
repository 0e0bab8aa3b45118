"""How people are shown: by name, under a pseudonym, or only as their role."""

from __future__ import annotations

import csv
import hmac
import io
from dataclasses import replace

from finmine.engine import Engine, quoted_text
from finmine.errors import Refusal
from finmine.ingest.core import CoreTables
from finmine.log import EventLog
from finmine.vocabulary import People


class NoRole(Refusal):
    """People are to be shown as roles, but no column holds the role."""

    def __init__(self) -> None:
        super().__init__("people are to be shown as roles, but no column plays the role 'role'; name it with --role COLUMN, or choose pseudonyms.")


def shown_resources(engine: Engine, core: CoreTables, people: People) -> tuple[str, tuple[str, ...]]:
    """The table of resources as they may be shown, and the script that made it.

    Pseudonyms are numbered by the first unit of each resource, so that a number says nothing about the name and the
    same log always gives the same numbers. With roles, the resources of the core are the roles already.
    """
    if people != "pseudonyms":
        return core.resources, ()
    count = int(engine.value(f'SELECT count(*) FROM "{core.resources}"'))
    width = max(2, len(str(count)))
    label = f"'person ' || lpad(row_number() OVER (ORDER BY first_time, first_source, first_row, r.\"resource\")::VARCHAR, {width}, '0')"
    times = f'SELECT "resource", min(time) AS first_time FROM "{core.events}" GROUP BY "resource"'
    firsts = (
        'SELECT e."resource", first_time, min("source") AS first_source, arg_min("row", ("source", "row")) AS first_row '
        f'FROM "{core.events}" e JOIN ({times}) t ON e."resource" = t."resource" AND e.time = t.first_time GROUP BY e."resource", first_time'
    )
    table = engine.name("people")
    statement = f'CREATE TABLE "{table}" AS SELECT r."resource", {label} AS label FROM "{core.resources}" r LEFT JOIN ({firsts}) f USING ("resource")'
    engine.run(statement)
    return table, (statement,)


def pseudonym(name: str, secret: bytes) -> str:
    """The pseudonym of a name: the first 48 bits of its HMAC-SHA256, the same in every log for whoever has the secret."""
    return f"person {hmac.digest(secret, name.encode(), 'sha256').hex()[:12]}"


def keyed_people(log: EventLog, secret: bytes) -> EventLog:
    """The log with people shown under pseudonyms that come from their names and a secret.

    Raises:
        NoPseudonyms: people are shown by name or as roles.
    """
    if log.facts.people != "pseudonyms":
        raise NoPseudonyms
    names = log.engine.rows(f'SELECT "resource", label FROM "{log.tables.names}" ORDER BY "resource"')
    if not names:
        return log
    table = log.engine.name("people")
    codes, shown = ", ".join(str(code) for code, _ in names), ", ".join(quoted_text(pseudonym(name, secret)) for _, name in names)
    statement = f'CREATE TABLE "{table}" AS SELECT unnest([{codes}])::INTEGER AS "resource", unnest([{shown}]) AS label'
    log.engine.run(statement)
    provenance = replace(log.provenance, script=(*log.provenance.script, statement))
    return replace(log, tables=replace(log.tables, resources=table), provenance=provenance)


def people_key(log: EventLog) -> str:
    """Which pseudonym stands for which name, as CSV: for whoever may know it, kept beside the card."""
    if log.facts.people != "pseudonyms":
        raise NoPseudonyms
    rows = log.engine.rows(
        f'SELECT s.label, n.label FROM "{log.tables.resources}" s JOIN "{log.tables.names}" n USING ("resource") ORDER BY s.label, n.label'
    )
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("shown", "name"))
    writer.writerows(rows)
    return out.getvalue()


class NoPseudonyms(Refusal):
    """There is no key where people are shown by name or as roles."""

    def __init__(self) -> None:
        super().__init__("people are not shown under pseudonyms, so there is no key to write and none to use; read the log with --people pseudonyms.")
