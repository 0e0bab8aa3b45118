"""Small tables of whole numbers that are put into the engine for a question, with the statements that make them elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.arrays import nullable
from finmine.engine import Engine, quoted_name
from finmine.kernels import MISSING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.arrays import Arrays


@dataclass(frozen=True, slots=True, eq=False)
class HeldRows:
    """Rows in the engine, under the name of their table."""

    name: str
    columns: Arrays

    def relation(self) -> ir.Table:
        """The rows as a relation."""
        import ibis

        return ibis.table(dict.fromkeys(self.columns, "int64"), name=self.name)

    def script(self) -> tuple[str, ...]:
        """The statements that make the table, for evidence."""
        columns = ", ".join(f"{quoted_name(name)} BIGINT" for name in self.columns)
        lists = (", ".join("NULL" if value == MISSING else str(value) for value in column.tolist()) for column in self.columns.values())
        values = ", ".join(f"unnest([{column}])" for column in lists)
        made = f"CREATE TABLE {quoted_name(self.name)} ({columns})"
        some = any(len(column) for column in self.columns.values())
        return (made, f"INSERT INTO {quoted_name(self.name)} SELECT {values}") if some else (made,)


def hold(engine: Engine, noun: str, columns: Arrays) -> HeldRows:
    """Put rows of whole numbers into the engine; ``noun`` says what they are, for the name of the table."""
    held = HeldRows(engine.name(noun), columns)
    engine.append(held.name, columns, nullable(columns))
    return held
