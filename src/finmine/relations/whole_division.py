"""Division of whole numbers that is exact for all 38 digits of a decimal, on any engine.

Engines divide decimals as floating point. Here the quotient is found in rounds: each divides what the one before left over, so
that its error shrinks by fifteen digits, and what is one too much or too little at the end is set right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

WHOLE = "decimal(38, 0)"
_ROUNDS = 3


def quotient(these: ir.Table, whole: str, by: str | int, name: str) -> ir.Table:
    """The relation with a column ``name``: how often a divisor above 0 (a column, or a number) goes into a column of whole numbers from 0."""
    import ibis

    divisor = ibis.literal(by, WHOLE) if isinstance(by, int) else these[by].cast(WHOLE)
    found = these.mutate(**{name: ibis.literal(0, WHOLE), "_left": these[whole].cast(WHOLE), "_by": divisor})
    for _ in range(_ROUNDS):
        times = (found["_left"].cast("float64") / found["_by"].cast("float64")).cast(WHOLE)
        staged = found.mutate(_times=times)
        found = staged.mutate(**{name: staged[name] + staged["_times"], "_left": staged["_left"] - staged["_times"] * staged["_by"]})
    set_right = (found["_left"] >= found["_by"]).cast("int64") - (found["_left"] < 0).cast("int64")
    return found.select(*(column for column in these.columns if column != name), **{name: (found[name] + set_right).cast(WHOLE)})
