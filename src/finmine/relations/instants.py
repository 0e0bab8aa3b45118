"""Instants kept as whole microseconds, as the engine's own times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.words import MINUTE

if TYPE_CHECKING:
    import ibis.expr.types as ir


def utc(micros: ir.IntegerColumn) -> ir.TimestampColumn:
    """The time on the clocks of UTC, without zone."""
    import ibis

    return ibis.timestamp("1970-01-01 00:00:00") + micros.as_interval("us")


def local(micros: ir.IntegerColumn, zone: str) -> ir.TimestampColumn:
    """The time on the clocks of a zone, without zone."""
    import ibis

    if zone == "UTC":
        return utc(micros)

    @ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp"))  # type: ignore[untyped-decorator]
    def timezone(clock: str, stamp: object) -> object: ...

    return timezone(zone, utc(micros).cast("timestamp('UTC')"))


def local_month(micros: ir.IntegerColumn, zone: str) -> ir.StringColumn:
    """The calendar month on the clocks of a zone, as ``2024-03``."""
    return local(micros, zone).strftime("%Y-%m")


def midnight(day: ir.DateColumn, zone: str) -> ir.IntegerColumn:
    """The instant, in microseconds, at which a day begins on the clocks of a zone."""
    import ibis

    @ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp"), "timestamp('UTC')"))  # type: ignore[untyped-decorator]
    def timezone(clock: str, stamp: object) -> object: ...

    @ibis.udf.scalar.builtin(name="epoch_us", signature=(("timestamp('UTC')",), "int64"))  # type: ignore[untyped-decorator]
    def epoch_us(stamp: object) -> object: ...

    return epoch_us(timezone(zone, day.cast("timestamp")))


def at_midnight(micros: ir.IntegerColumn, zone: str) -> ir.BooleanColumn:
    """Whether an instant is midnight on the clocks of a zone, as where only a day was recorded.

    The offsets of zones are whole quarters of an hour, so only the instants on these are looked up.
    """
    here = local(micros, zone)
    return (micros % (15 * MINUTE) == 0) & (here == here.truncate("D"))


def day_number(day: ir.DateColumn) -> ir.IntegerColumn:
    """Days since 1970-01-01."""
    import ibis

    return day.delta(ibis.date("1970-01-01"), unit="day")
