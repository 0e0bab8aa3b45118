"""Small tables of whole numbers that are put into the engine for a question, with the statements that make them elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.engine import Engine, quoted_name

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_SQL = {"int32": "INTEGER", "int64": "BIGINT"}


@dataclass(frozen=True, slots=True, eq=False)
class HeldRows:
    """Rows in the engine, under the name of their table."""

    name: str
    rows: pa.Table

    def relation(self) -> ir.Table:
        """The rows as a relation."""
        import ibis

        return ibis.table({field.name: str(field.type) for field in self.rows.schema}, name=self.name)

    def script(self) -> tuple[str, ...]:
        """The statements that make the table, for evidence."""
        columns = ", ".join(f"{quoted_name(field.name)} {_SQL[str(field.type)]}" for field in self.rows.schema)
        lists = (", ".join("NULL" if value is None else str(value) for value in column.to_pylist()) for column in self.rows.columns)
        values = ", ".join(f"unnest([{column}])" for column in lists)
        made = f"CREATE TABLE {quoted_name(self.name)} ({columns})"
        return (made, f"INSERT INTO {quoted_name(self.name)} SELECT {values}") if self.rows.num_rows else (made,)


def hold(engine: Engine, noun: str, rows: pa.Table) -> HeldRows:
    """Put rows of whole numbers into the engine; ``noun`` says what they are, for the name of the table."""
    held = HeldRows(engine.name(noun), rows)
    engine.append(held.name, rows, "*")
    return held
