"""A relation that an answer looks at several times, put into the engine for as long, with the statement that makes it elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.engine import quoted_name

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog


@dataclass(frozen=True, slots=True)
class HeldRelation:
    """The rows of a relation under the name of their table, and the statement that makes it."""

    rows: ir.Table
    script: tuple[str, ...]


@contextmanager
def held_relation(log: EventLog, noun: str, relation: ir.Table) -> Iterator[HeldRelation]:
    """Put the rows of a relation into the engine, and forget them in the end; ``noun`` says what they are."""
    import ibis

    name = log.engine.name(noun)
    statement = f"CREATE TABLE {quoted_name(name)} AS {log.engine.compile(relation)}"
    log.engine.run(statement)
    try:
        yield HeldRelation(ibis.table(relation.schema(), name=name), (statement,))
    finally:
        log.engine.run(f"DROP TABLE {quoted_name(name)}")
