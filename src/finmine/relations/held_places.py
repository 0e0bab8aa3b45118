"""The places of faults, put into the engine once for all that is asked of them, with the statements that make them elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.engine import quoted_name
from finmine.relations.fault import Fault

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_COLUMNS = {"fault": "VARCHAR", "case": "INTEGER", "source": "SMALLINT", "row": "BIGINT", "found": "VARCHAR"}


@dataclass(frozen=True, slots=True)
class HeldPlaces:
    """The table of all places, and the statements that make it."""

    name: str
    script: tuple[str, ...]

    def relation(self) -> ir.Table:
        """The places of all faults: fault, case, source, row, found."""
        import ibis

        return ibis.table({"fault": "string", "case": "int32", "source": "int16", "row": "int64", "found": "string"}, name=self.name)


@contextmanager
def held_places(log: EventLog, kinds: Sequence[Fault]) -> Iterator[HeldPlaces]:
    """Find the places of these kinds of fault, each kind (or family of kinds) by a statement of its own, and forget them in the end."""
    name = log.engine.name("places")
    columns = ", ".join(f"{quoted_name(column)} {kind}" for column, kind in _COLUMNS.items())
    families: dict[str, list[Fault]] = {}
    for kind in kinds:
        families.setdefault(kind.family or kind.name, []).append(kind)
    found = (f"INSERT INTO {quoted_name(name)} {log.engine.compile(_together(family))}" for family in families.values())
    script = (f"CREATE TABLE {quoted_name(name)} ({columns})", *found)
    try:
        for statement in script:
            log.engine.run(statement)
        yield HeldPlaces(name, script)
    finally:
        log.engine.run(f"DROP TABLE IF EXISTS {quoted_name(name)}")


def _together(family: Sequence[Fault]) -> ir.Table:
    import ibis

    return ibis.union(*(kind.places().select("case", "source", "row", "found", fault=ibis.literal(kind.name)).select(*_COLUMNS) for kind in family))
