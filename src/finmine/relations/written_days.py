"""Days and months written as text: ISO 8601, or day, month and year parted by dots."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


def written_day(text: ir.StringColumn) -> ir.DateColumn:
    """The day that a text says, missing where it says none."""
    import ibis

    written = text.strip()
    return ibis.coalesce(
        written.substr(0, 10).try_cast("date"),
        written.re_replace(r"^(\d{1,2})\.(\d{1,2})\.(\d{4}).*$", r"\3-\2-\1").try_cast("date"),
    )


def written_month(text: ir.StringColumn) -> ir.DateColumn:
    """The first day of the month that a text says (``2024-03``, ``202403``, or a day in it), missing where it says none."""
    import ibis

    written = text.strip()
    month = written.re_replace(r"^(\d{4})[-./]?(\d{2})$", r"\1-\2-01").try_cast("date")
    return ibis.coalesce(month, written_day(text)).truncate("M")
