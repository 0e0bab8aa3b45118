"""The SQL of relations: ibis with its compiler for DuckDB, and none of its compilers for other engines.

Before it compiles the first relation ibis loads a compiler for each of twenty engines, with all their dialects: a third of a
second in every process. Its package of compilers is therefore laid down so that only what is asked for is loaded; for whoever
asks for another engine it is what it always was.

The SQL of the latest relations is kept: compiling takes some ten milliseconds a relation, often more than the engine takes to answer,
and in a notebook the same questions are asked again.
"""

from __future__ import annotations

import functools
import sys
import threading
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.operations as ops
    import ibis.expr.types as ir

_MOST_KEPT = 256
_PACKAGE, _OURS = "ibis.backends.sql.compilers", "duckdb"
_laying = threading.Lock()


def to_sql(expression: ir.Table) -> str:
    """The SQL of a relation for DuckDB."""
    return _sql_of(expression.op())


@functools.lru_cache(maxsize=_MOST_KEPT)
def _sql_of(relation: ops.Relation) -> str:
    with _laying:
        if _PACKAGE not in sys.modules:
            _lay_down()
    compiler = import_module(f"{_PACKAGE}.{_OURS}").compiler
    # what ibis.to_sql does, but for unbinding tables that are unbound and copying a tree that nobody else has
    return str(compiler.to_sqlglot(relation.to_expr()).sql(dialect=compiler.dialect, pretty=True, copy=False))


def load() -> None:
    """Load ibis and its compiler, before the first relation needs them."""
    import ibis

    to_sql(ibis.table({"one": "int32"}, name="nothing"))


def _lay_down() -> None:
    """The package of compilers, of which nothing but ours is loaded until something else is asked for."""
    above = import_module(_PACKAGE.rpartition(".")[0])
    spec = find_spec(_PACKAGE)
    if spec is None or spec.loader is None:
        return
    package, loader = module_from_spec(spec), spec.loader

    def member(name: str) -> Any:
        if name == _OURS:
            return import_module(f"{_PACKAGE}.{_OURS}")
        if vars(package).pop("__getattr__", None) is not None:
            loader.exec_module(package)
        return getattr(package, name)

    vars(package)["__getattr__"] = member
    sys.modules[_PACKAGE] = package
    vars(above)["compilers"] = package
