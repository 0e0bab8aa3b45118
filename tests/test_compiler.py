"""Relations are compiled for DuckDB without loading what ibis has for other engines, which stay usable."""

from __future__ import annotations

import subprocess
import sys

import ibis
import pytest

from finmine.compiler import to_sql

COMPILED = """
import sys
import ibis
from finmine.compiler import to_sql
places = ibis.table({"one": "int32", "two": "string"}, name="places")
counted = places.group_by("two").aggregate(n=places.one.sum()).order_by("two")
written = to_sql(counted)
loaded = {name.rpartition(".")[2] for name in sys.modules if name.startswith("ibis.backends.sql.compilers.")}
"""


def run(code: str) -> None:
    """Run lines in a process of their own, where nothing is loaded yet."""
    ran = subprocess.run([sys.executable, "-W", "error", "-c", COMPILED + code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    "use",
    [
        pytest.param("assert '`' in ibis.to_sql(counted, dialect='mysql')", id="by the name of a dialect"),
        pytest.param("from ibis.backends.sql.compilers import BigQueryCompiler", id="by the name of a compiler"),
        pytest.param("import ibis.backends.sql.compilers as all; assert set(all.__all__) <= set(dir(all))", id="all of them"),
        pytest.param("import ibis.backends.sql.compilers as all; assert not hasattr(all, 'nothing')", id="one that does not exist"),
    ],
)
def test_other_engines_are_loaded_when_they_are_asked_for(use: str) -> None:
    """Only the compiler for DuckDB is there at first; whoever asks for another afterwards gets it, and ours goes on as before."""
    run(f"assert 'duckdb' in loaded and not {{'mysql', 'bigquery', 'postgres'}} & loaded, loaded\n{use}\nassert to_sql(counted) == written")


def test_the_sql_is_that_of_ibis() -> None:
    """Where ibis has loaded all its compilers itself, it writes the same SQL."""
    plain = COMPILED.replace(
        "from finmine.compiler import to_sql\n", "from functools import partial\nto_sql = partial(ibis.to_sql, dialect='duckdb')\n"
    )
    said = [
        subprocess.run([sys.executable, "-c", f"{code}print(written)"], capture_output=True, text=True, check=True).stdout
        for code in (COMPILED, plain)
    ]
    assert said[0] == said[1]


def test_the_same_relation_is_compiled_once() -> None:
    """A relation that is built anew, but is the same, has its SQL at once; one that differs in a name, a type or a number has its own."""

    def more_than(least: float, name: str = "places", kind: str = "int64") -> str:
        these = ibis.table({"one": kind}, name=name)
        return to_sql(these.filter(these.one > least))

    assert more_than(1) is more_than(1)
    assert len({more_than(1), more_than(2), more_than(1.0), more_than(1, name="others")}) == 4
