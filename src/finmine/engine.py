"""The engine: one embedded DuckDB that holds the tables of many logs, and the one door through which answers leave it."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import shutil
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finmine.compiler import to_sql
from finmine.errors import Refusal
from finmine.lease import EndedLeases, Lease
from finmine.limits import default_memory, number_of_threads, sixty_percent
from finmine.placed import ChangedSource, DamagedSource, Placed
from finmine.view import Cell

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

MOST_ROWS = 1_000_000
_ROOMY = 128 << 20


class EngineFailure(Exception):
    """The engine could not carry out a query; the text holds its words and the SQL."""

    def __init__(self, words: str, sql: str) -> None:
        super().__init__(f"the engine failed: {words}\n\n{sql}")
        self.words, self.sql = words, sql


class TooManyRows(Refusal):
    """A fetch would bring more rows out of the engine than a summary has."""

    def __init__(self, rows: int, limit: int) -> None:
        super().__init__(
            f"the answer has {rows:,} rows and at most {limit:,} leave the engine; filter the log, or write it to a file with `finmine write`."
        )


class ForeignTable(Refusal):
    """An expression names a table that is not in the engine that was asked."""

    def __init__(self, table: str) -> None:
        super().__init__(f"the table {table!r} is not in this engine; compare logs that were read with the same engine.")


class OutOfMemory(Refusal):
    """A query needs more memory than the engine may use."""

    def __init__(self, limit: str) -> None:
        super().__init__(f"the query needs more than the engine's memory limit ({limit}); set FINMINE_MEMORY higher, or filter the log.")


@dataclass(frozen=True, slots=True)
class Rows:
    """A small table that left the engine, with the SQL that made it and the seconds it took."""

    table: pa.Table
    sql: str
    seconds: float

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.table.column_names)

    def column(self, name: str) -> tuple[Cell, ...]:
        """The values of one column; whole decimals are given as ``int``."""
        column = self.table.column(name)
        values = column.to_pylist()
        if str(column.type).startswith("decimal") and column.type.scale == 0:
            return tuple(None if value is None else int(value) for value in values)
        return tuple(values)

    def tuples(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows as tuples."""
        return tuple(zip(*(self.column(name) for name in self.names), strict=True)) if self.names else ()

    def records(self) -> list[dict[str, Any]]:
        """The rows as dictionaries."""
        names = self.names
        return [dict(zip(names, row, strict=True)) for row in self.tuples()]


class Engine:
    """One DuckDB connection with its memory limit, threads and temporary folder.

    Its outside access is switched off from the start: it reads only what was put into its own folder under
    names of ours, so that a file's name is never taken for a pattern and no text can open another file.
    """

    def __init__(self, memory: str | None = None, threads: int | None = None, folder: Path | None = None) -> None:
        import duckdb

        self.memory = memory or os.environ.get("FINMINE_MEMORY") or default_memory()
        limit = sixty_percent(self.memory)
        workers = number_of_threads(threads if threads is not None else os.environ.get("FINMINE_THREADS"))
        self.folder = Path(tempfile.mkdtemp(prefix="finmine-", dir=folder)).resolve()
        self._connection = duckdb.connect(":memory:")
        self._names = itertools.count(1)
        self._tables: set[str] = set()
        self._placed: list[Placed] = []
        self._ended = EndedLeases()
        self._compressed = 0
        settings = [
            f"SET memory_limit = {quoted_text(limit)}",
            f"SET temp_directory = {quoted_text(str(self.folder / 'spill'))}",
            "SET TimeZone = 'UTC'",
            "SET asof_loop_join_threshold = 0",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            f"SET allowed_directories = [{quoted_text(str(self.folder) + os.sep)}]",
            "SET enable_external_access = false",
        ]
        if workers is not None:
            settings.insert(0, f"SET threads = {workers}")
        if self.value("SELECT current_setting('enable_progress_bar')"):  # where it is off it cannot be set in a notebook without ipywidgets
            settings.append("SET enable_progress_bar = false")  # it would be written among the answers
        for setting in settings:
            self._connection.execute(setting)
        self._finalizer = weakref.finalize(self, _close, self._connection, self.folder)

    def close(self) -> None:
        """Forget all tables and remove the temporary folder."""
        self._finalizer()

    def name(self, noun: str) -> str:
        """A table name that is unique in this engine, remembered as one of its own."""
        name = f"{noun}_{next(self._names)}"
        self._tables.add(name)
        return name

    def place(self, path: Path, suffix: str) -> Path:
        """Make a file readable for the engine: linked into its folder under a plain name, or copied where links cannot be."""
        placed = self.folder / f"source_{next(self._names)}{suffix}"
        try:
            os.link(path.resolve(), placed)
        except OSError:
            shutil.copyfile(path, placed)
        return placed

    def keep(self, placed: Path, name: str) -> None:
        """Remember a file of this engine's folder that queries go on reading; one that is changed or damaged is then refused by its name."""
        self._placed.append(Placed.of(placed, name))

    def lease(self, texts: Sequence[str], rests_on: Sequence[Lease] = ()) -> Lease:
        """A lease for the tables and files of this engine that these texts name; once nobody has it, ``sweep`` forgets them.

        ``rests_on`` are the leases of what they are made from, which stays as long.
        """
        lease = Lease(rests_on)
        self._ended.until(lease, texts)
        return lease

    def sweep(self) -> None:
        """Forget the tables, views and files of which nobody has the lease any more."""
        said = "\n".join(self._ended.taken())
        if not said:
            return
        # first, since what became of a file that nobody needs is no reason to refuse
        self._placed = [placed for placed in self._placed if str(placed.path) not in said]
        for name, kind in self.rows("SELECT table_name, table_type FROM information_schema.tables"):
            if quoted_name(name) in said:
                self.run(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {quoted_name(name)}")
                self._tables.discard(name)
        for file in self.folder.iterdir():
            if str(file) in said:
                file.unlink()

    def compress(self) -> None:
        """Keep the tables in less room, where those made since the last time take much; answers are the same, and take as long."""
        held = "SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'"
        if self.value(held) - self._compressed > _ROOMY:
            self.run("CHECKPOINT")
            self._compressed = self.value(held)

    def run(self, sql: str) -> None:
        """Execute one statement that makes tables: at reading, and for what a question looks at many times."""
        with self._failures(sql):
            self._connection.execute(sql)

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """The column names and types of a query."""
        with self._failures(sql):
            return [(row[0], row[1]) for row in self._connection.execute(f"DESCRIBE {sql}").fetchall()]

    def value(self, sql: str) -> Any:
        """The only value of a one-row query."""
        return self.rows(sql)[0][0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query that reading itself needs."""
        with self._failures(sql):
            return self._connection.execute(sql).fetchall()

    def compile(self, expression: ir.Table) -> str:
        """The SQL of a relation.

        Raises:
            ForeignTable: a table of the relation is not this engine's.
        """
        sql = to_sql(expression)
        for name in set(re.findall(r'FROM "([a-z]+_\d+)"|JOIN "([a-z]+_\d+)"', sql)):
            table = name[0] or name[1]
            if table not in self._tables:
                raise ForeignTable(table)
        return sql

    def fetch(self, expression: ir.Table, limit: int = MOST_ROWS) -> Rows:
        """Run a relation and bring its rows out.

        Raises:
            TooManyRows: more rows than a summary has.
            ForeignTable: a table of the relation is not this engine's.
            EngineFailure: the engine could not carry out the query.
        """
        return self.fetch_sql(self.compile(expression), limit)

    def fetch_sql(self, sql: str, limit: int = MOST_ROWS) -> Rows:
        """Run a compiled query and bring its rows out; the same rules as ``fetch``."""
        began = time.perf_counter()
        with self._failures(sql):
            table = self._connection.execute(sql).to_arrow_table()
        if table.num_rows > limit:
            raise TooManyRows(table.num_rows, limit)
        return Rows(table, sql, time.perf_counter() - began)

    def batches(self, sql: str, size: int = 100_000) -> Iterator[pa.RecordBatch]:
        """The rows of a query in batches, for writing a whole log with bounded memory."""
        cursor = self._connection.cursor()
        with self._failures(sql, cursor):
            yield from cursor.execute(sql).to_arrow_reader(size)

    def append(self, name: str, table: pa.Table | Mapping[str, npt.NDArray[np.int64]], select: str) -> None:
        """Add what is selected of the columns of an Arrow table or of arrays to the table of a name, which is made where it is not there.

        Arrays need no pandas: where it is handed Arrow, the engine loads the part of Arrow that does.
        """
        lent = f"{name}_lent"
        self._connection.register(lent, table)
        rows = f"SELECT {select} FROM {quoted_name(lent)}"
        try:
            self.run(f"CREATE TABLE IF NOT EXISTS {quoted_name(name)} AS {rows} LIMIT 0; INSERT INTO {quoted_name(name)} {rows}")
        finally:
            self._connection.unregister(lent)

    def copy(self, sql: str, target: Path, options: str) -> None:
        """Write the rows of a query to a file in the engine's own folder."""
        self.run(f"COPY ({sql}) TO {quoted_text(str(target))} ({options})")

    @contextlib.contextmanager
    def _failures(self, sql: str, cursor: duckdb.DuckDBPyConnection | None = None) -> Iterator[None]:
        import duckdb

        running = cursor or self._connection
        if any(placed.changed() for placed in self._placed):
            for placed in self._read_by(sql):
                if placed.changed():
                    raise ChangedSource(placed.name)
        try:
            yield
        except KeyboardInterrupt:
            running.interrupt()
            raise
        except duckdb.OutOfMemoryException:
            raise OutOfMemory(self.memory) from None
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None
        except RuntimeError as error:
            if "interrupted" not in str(error):
                raise
            # the engine gives the call up, but its workers go on until they are told, and closing would wait for them
            running.interrupt()
            raise KeyboardInterrupt from None
        except duckdb.Error as error:
            self._refuse_damaged(sql)
            raise EngineFailure(str(error), sql) from error

    def _read_by(self, sql: str) -> list[Placed]:
        """The kept files that a query reads, itself or through a view."""
        views = self._connection.execute("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall()
        said = sql + "".join(text for name, text in views if quoted_name(name) in sql)
        return [placed for placed in self._placed if str(placed.path) in said]

    def _refuse_damaged(self, sql: str) -> None:
        """Refuse the first of the kept files behind a failed query that cannot be read to its end."""
        import duckdb

        for placed in self._read_by(sql):
            try:
                self._connection.execute(f"SELECT max(hash(these)) FROM read_parquet({quoted_text(str(placed.path))}) these").fetchall()
            except duckdb.OutOfMemoryException:
                continue
            except duckdb.Error as error:
                words = str(error).partition("\n")[0].replace(str(placed.path), placed.name)
                raise DamagedSource(placed.name, words) from None


def _close(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.close()
    shutil.rmtree(folder, ignore_errors=True)


def quoted_text(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """A column or table name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal_list(texts: Sequence[str]) -> str:
    """Texts as a parenthesised SQL list."""
    return "(" + ", ".join(quoted_text(text) for text in texts) + ")"


@functools.cache
def shared() -> Engine:
    """The engine of this process, made when first needed."""
    return Engine()
