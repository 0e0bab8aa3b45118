"""Writers of sample logs: CSV, Parquet, XES and Excel, part by part, the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from finmine.errors import Refusal, nearest
from finmine.sample.blueprint import Blueprint, Write
from finmine.sample.spelling import followed, joined, slices, spelled
from finmine.sample.xes import write_xes

_SHEET = 1_048_575
"""Rows of an Excel sheet below its heading."""


class UnknownSampleFormat(Refusal):
    """A sample log was asked for in a format that is not written."""

    def __init__(self, target: Path) -> None:
        hint = nearest(target.suffix, WRITERS)
        super().__init__(f"a sample log is written in the format that its name ends with, and {target.name!r} ends with none.{hint}")


class TooManyRowsForExcel(Refusal):
    """A sample log does not fit on an Excel sheet."""

    def __init__(self) -> None:
        super().__init__(f"an Excel sheet holds {_SHEET:,} rows and the sample log has more. Ask for fewer cases or write Parquet.")


def format_of(target: Path) -> str:
    """The format of a file by how its name ends.

    Raises:
        UnknownSampleFormat: no format has this ending.
    """
    for ending in WRITERS:
        if target.name.lower().endswith(ending) and len(target.name) > len(ending):
            return ending
    raise UnknownSampleFormat(target)


@contextmanager
def _parquet(path: Path, _: Blueprint) -> Iterator[Write]:
    writers: list[pq.ParquetWriter] = []

    def write(table: pa.Table) -> None:
        if not writers:
            writers.append(pq.ParquetWriter(path, table.schema, compression="zstd", store_schema=False))
        writers[0].write_table(table)

    try:
        yield write
    finally:
        for writer in writers:
            writer.close()


@contextmanager
def _csv(path: Path, blueprint: Blueprint) -> Iterator[Write]:
    with path.open("wb") as file:
        file.write((",".join(column.name for column in blueprint.columns) + "\n").encode())

        def write(table: pa.Table) -> None:
            for part in slices(table):
                cells = [spelled(column, _csv_quoted) for column in part.itercolumns()]
                file.write(joined(pc.binary_join_element_wise(*cells[:-1], followed(cells[-1], "\n"), ",")))

        yield write


def _csv_quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in '",\r\n') or text != text.strip() else text


@contextmanager
def _xlsx(path: Path, blueprint: Blueprint) -> Iterator[Write]:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": datetime(2025, 1, 15), "title": blueprint.title})
        sheet = book.add_worksheet(blueprint.title)
        sheet.write_row(0, 0, [column.name for column in blueprint.columns])
        shown = {"date": "yyyy-mm-dd", "stamp": "yyyy-mm-dd hh:mm:ss", "money": "#,##0.00"}
        formats = {kind: book.add_format({"num_format": spelling}) for kind, spelling in shown.items()}
        row = 0

        def write(table: pa.Table) -> None:
            nonlocal row
            if row + table.num_rows > _SHEET:
                raise TooManyRowsForExcel
            kinds = [_cell_format(field.type, formats) for field in table.schema]
            for values in zip(*(column.to_pylist() for column in table.itercolumns()), strict=True):
                row += 1
                for place, value in enumerate(values):
                    if value is not None:
                        sheet.write(row, place, _local(value, blueprint.zone), kinds[place])

        yield write


def _local(value: object, zone: str) -> object:
    """An instant as the clocks of the zone show it, to the millisecond: Excel knows no zones and nothing finer."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        return value
    return value.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=value.microsecond // 1000 * 1000)


def _cell_format(kind: pa.DataType, formats: dict[str, Any]) -> Any:
    if pa.types.is_timestamp(kind):
        return formats["stamp"]
    if pa.types.is_date(kind):
        return formats["date"]
    return formats["money"] if pa.types.is_decimal(kind) else None


WRITERS: dict[str, Callable[[Path, Blueprint], Any]] = {".csv": _csv, ".parquet": _parquet, ".xes.gz": write_xes, ".xlsx": _xlsx}
