"""Reading spreadsheets: the first sheet (or a named one), its first row as header, every cell as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from finmine.engine import Engine
from finmine.errors import UnknownWord
from finmine.ingest.csv import numbered, unique_names
from finmine.ingest.parquet import stage_placed
from finmine.ingest.staging import EmptySource, Staged, UnreadableSource


def stage_excel(engine: Engine, path: Path, sha256: str, sheet: str | None = None) -> Staged:
    """Read one sheet of a workbook; numbers are spelled with the digits the cell holds, dates as ISO text.

    Raises:
        UnreadableSource: the file is not a workbook.
        UnknownWord: there is no such sheet.
        EmptySource: there is no row under the header.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        if sheet is not None and sheet not in workbook.sheet_names:
            raise UnknownWord(f"sheet in {path.name}", sheet, workbook.sheet_names)
        chosen = sheet or workbook.sheet_names[0]
        cells = workbook.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableSource(path.name, f"it is not a whole workbook ({error})", "save it again as .xlsx") from None
    if len(cells) < 2:
        raise EmptySource(f"sheet {chosen!r} of {path.name}")
    header = [spell(cell) for cell in cells[0]]
    if len(header) > 1 and sum(map(bool, header)) < 2:
        found = f"row 1 of sheet {chosen!r} holds no names of columns" + (f", only {''.join(header)!r}" if any(header) else "")
        raise UnreadableSource(path.name, found, "remove what stands above the header row")
    names = unique_names(header)
    columns = [[None if cell == "" else spell(cell) for cell in column] for column in zip(*cells[1:], strict=True)]
    table = pa.table([pa.array(column, pa.string()) for column in columns], names=names)
    target = engine.folder / f"{engine.name('sheet')}.parquet"
    pq.write_table(table, target)
    staged = stage_placed(engine, target, path.name, sha256, path.stat().st_size, None)
    others = [name for name in workbook.sheet_names if name != chosen]
    notes = (f"{path.name}: sheet {chosen!r} was read, not {', '.join(map(repr, others))}",) if others and sheet is None else ()
    select = staged.select.replace("file_row_number + 1", "file_row_number + 2", 1)
    return replace(staged, format="excel", select=select, notes=(*notes, *numbered(path.name, header)))


def spell(cell: object) -> str:
    """A cell as text: whole numbers without a decimal point, dates and times in ISO form."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        hours, rest = divmod(int(cell.total_seconds()), 3600)
        return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return str(cell)
