"""Reading stamps: which format a column of dates and times has, and the SQL that turns it into microseconds UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from finmine.engine import Engine, literal_list, quoted_text
from finmine.errors import Refusal
from finmine.ingest.cells import Cell, first_cells
from finmine.ingest.sources import Raw
from finmine.vocabulary import DateOrder

_ISO = "ISO 8601"
_ISO_SHAPE = r"\d{4}-\d\d?-\d\d?([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?)?"
_DAY_FIRST = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y")
_PLAIN = ("%Y%m%d", "%Y/%m/%d", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d %Y", "%d-%b-%y")
_TIMES = ("", " %H:%M:%S", " %H:%M", " %H:%M:%S.%f", " %H:%M:%S.%g", " %I:%M:%S %p", " %I:%M %p", " %H%M%S", "%H%M%S", "T%H:%M:%S", "T%H%M%S")
_SAMPLE = 2_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2100  # stamps outside take the offset of the nearest of these years


class UnknownStamps(Refusal):
    """A column that should hold times does not; ``cells`` are the first that cannot be read, none where the column is empty."""

    def __init__(self, column: str, cells: Sequence[Cell], files: Sequence[str]) -> None:
        if cells:
            first, *others = cells
            also = f" (nor {' nor '.join(f'{cell.shown} in row {cell.row:,}' for cell in others)})" if others else ""
            found = f"{first.place(column)}: {first.shown} is no date and time{also}, and so it is with most of the column"
        else:
            found = f"column {column!r} should hold dates and times, and is empty in {', '.join(files[:3])}"
        super().__init__(f"{found}; name another column with --timestamp, or write ISO dates (2024-01-31 09:30:05).")


class AmbiguousDates(Refusal):
    """Every date of a column reads both ways."""

    def __init__(self, column: str, cell: Cell) -> None:
        super().__init__(
            f"{cell.place(column)}: {cell.shown} may be day-month or month-day, and every value of the column reads both ways; "
            "say which with --date-order day-first or --date-order month-first (on the card: date_order)."
        )


class MixedOffsets(Refusal):
    """Some stamps of a column carry an offset from UTC and some do not; the first cell of either kind is named."""

    def __init__(self, column: str, without: Cell, bearing: Cell) -> None:
        super().__init__(
            f"{without.place(column)}: {without.shown} carries no offset, and {bearing.shown} in {bearing.file} row {bearing.row:,} does; "
            "some stamps carry an offset and some do not: write all of them with an offset, or none of them."
        )


@dataclass(frozen=True, slots=True)
class Stamps:
    """How a column (or a date and a time column) is read.

    ``local`` is SQL for the written clock time as TIMESTAMP (for stamps without offset) and ``utc`` is SQL
    for microseconds since 1970 UTC; both are NULL where the text is no stamp. ``written`` is SQL for the
    text, NULL where the stamp is missing, which ``absent`` asks more quickly. ``finer`` is SQL that is true for stamps finer than a microsecond,
    ``skipped`` and ``repeated`` for local times that the clocks of the zone did not show, or showed twice.
    """

    format: str
    local: str | None
    utc: str
    written: str
    absent: str
    finer: str
    skipped: str = "false"
    repeated: str = "false"

    @property
    def readable(self) -> str:
        """SQL that is true where the text is a stamp; without the clocks of a zone, which are slow and change nothing about that."""
        return f"{self.utc} IS NOT NULL" if self.local is None else f"epoch_us({self.local}) IS NOT NULL"


def find(engine: Engine, raw: Raw, label: str, columns: Sequence[tuple[str, str]], zone: str | None, order: DateOrder | None, missing: str) -> Stamps:
    """Find how the stamps in ``columns`` (pairs of SQL name and type) of a log are written.

    Raises:
        UnknownStamps: no format reads most of the values.
        AmbiguousDates: day-first and month-first both read all values.
        MixedOffsets: offsets are given for a part of the values.
    """
    (column, kind), *rest = columns
    if not rest and kind != "VARCHAR":
        return _typed(engine, raw, label, column, kind, zone)
    text = _text(column, kind, missing)
    if rest:
        second, second_kind = rest[0]
        clock = f"CASE WHEN {_text(second, second_kind, missing)} IS NULL THEN '' ELSE ' ' || trim({_padded_clock(second, second_kind)}) END"
        text = f"{text} || {clock}"
    sample = f"SELECT v FROM (SELECT DISTINCT trim({text}) AS v FROM {raw.table} LIMIT {_SAMPLE * 20}) WHERE v IS NOT NULL ORDER BY hash(v) LIMIT {_SAMPLE}"
    samples = [row[0] for row in engine.rows(sample)]
    if not samples:
        raise _unknown(engine, raw, label, text, "false")
    offsets = [_has_offset(sample) for sample in samples]
    if any(offsets):
        if 0.02 * len(samples) < sum(offsets) < 0.98 * len(samples):
            raise _mixed(engine, raw, label, text, samples)
        if sum(offsets) * 2 >= len(samples):
            reading = f"CASE WHEN regexp_matches(trim({text}), '^\\d{{4}}-.*(Z|[+-]\\d\\d:?\\d\\d|[+-]\\d\\d| UTC)\\s*$') THEN TRY_CAST(trim({text}) AS TIMESTAMPTZ) END"
            return Stamps(f"{_ISO} with {_offsets(samples, zone)}", None, f"epoch_us({_known(reading)})", text, f"{text} IS NULL", _finer_text(text))
    chosen = _choose(engine, raw, text, sample, label, order)
    local = _known(_read(text, chosen))
    return _on_clocks(engine, raw, Stamps(chosen, local, f"epoch_us({local})", text, f"{text} IS NULL", _finer_text(text)), zone)


def _typed(engine: Engine, raw: Raw, label: str, column: str, kind: str, zone: str | None) -> Stamps:
    written, absent = f"{column}::VARCHAR", f"{column} IS NULL"
    finer = f"coalesce(epoch_ns({column}) % 1000 <> 0, false)" if kind == "TIMESTAMP_NS" else "false"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return Stamps("typed, with zone", None, f"epoch_us({_known(column)})", written, absent, finer)
    if kind in ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "DATE"):
        local = _known(f"{column}::TIMESTAMP")
        return _on_clocks(engine, raw, Stamps("typed", local, f"epoch_us({local})", written, absent, finer), zone)
    if kind in ("BIGINT", "INTEGER", "UINTEGER", "UBIGINT"):
        compact = f"try_strptime({column}::VARCHAR, '%Y%m%d')"
        if engine.value(f'SELECT bool_and({compact} IS NOT NULL) FROM (SELECT {column} FROM "{raw.table}" WHERE {column} IS NOT NULL LIMIT 1000)'):
            return _on_clocks(engine, raw, Stamps("%Y%m%d", compact, f"epoch_us({compact})", written, absent, "false"), zone)
    raise _unknown(engine, raw, label, written, "true")


def _unknown(engine: Engine, raw: Raw, label: str, text: str, condition: str) -> UnknownStamps:
    cells = first_cells(engine, raw, text, f"v IS NOT NULL AND {condition}", most=3)
    return UnknownStamps(label, cells, [staged.name for staged in raw.staged])


def _mixed(engine: Engine, raw: Raw, label: str, text: str, samples: Sequence[str]) -> MixedOffsets:
    kinds = ([sample for sample in samples if _has_offset(sample) is bears] for bears in (False, True))
    without, bearing = (first_cells(engine, raw, text, f"trim(v) IN {literal_list(kind)}")[0] for kind in kinds)
    return MixedOffsets(label, without, bearing)


def _text(column: str, kind: str, missing: str) -> str:
    text = column if kind == "VARCHAR" else f"{column}::VARCHAR"
    return f"CASE WHEN {text} NOT IN {missing} THEN {text} END"


def _padded_clock(column: str, kind: str) -> str:
    """Times such as 93005 that lost their leading zero in a number column are six digits again."""
    text = column if kind == "VARCHAR" else f"{column}::VARCHAR"
    return f"CASE WHEN regexp_full_match({text}, '\\d{{1,6}}') THEN lpad({text}, 6, '0') ELSE {text} END"


def _read(text: str, format_: str) -> str:
    """SQL for the clock time that a text says in a format.

    The engine is more generous than people mean: it reads words such as 'epoch', years of two digits as years of
    antiquity, and drops an offset. A text is read only if it is written as the format says.
    """
    if format_ == _ISO:
        return f"TRY_CAST(CASE WHEN regexp_full_match(trim({text}), {quoted_text(_ISO_SHAPE)}) THEN trim({text}) END AS TIMESTAMP)"
    reading = f"try_strptime(trim({text}), {quoted_text(format_)})"
    if "%Y" not in format_:
        return reading
    year = "^\\d{8}" if format_.startswith("%Y%m") else "(^|\\D)\\d{4}(\\D|$)"
    return f"CASE WHEN regexp_matches(trim({text}), {quoted_text(year)}) THEN {reading} END"


def _known(stamp: str) -> str:
    """SQL that is missing for stamps of years that no calendar of ours holds."""
    return f"CASE WHEN {stamp} BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999' THEN {stamp} END"


def _finer_text(text: str) -> str:
    return f"coalesce(regexp_matches({text}, '\\.\\d{{6}}\\d*[1-9]'), false)"


def _offsets(samples: Sequence[str], zone: str | None) -> str:
    """The offsets that occur, in words; where they are mixed, with the clocks that tell days and months."""
    found = {
        "UTC" if sample.rstrip().endswith(("Z", "UTC")) else re.sub(r".*(?=[+-])", "", sample.rstrip()) for sample in samples if _has_offset(sample)
    }
    if len(found) == 1:
        return f"offset {found.pop()}"
    clocks = f"those of {zone}" if zone else "those of UTC unless a zone is given"
    return f"mixed offsets ({', '.join(sorted(found)[:4])}): days and months are {clocks}"


def _has_offset(sample: str) -> bool:
    tail = sample.rstrip()
    if tail.endswith(("Z", " UTC")):
        return True
    clock = max(tail.rfind("+"), tail.rfind("-"))
    return clock > 10 and ":" in tail[:clock] and tail[clock + 1 :].replace(":", "").isdigit()


def _choose(engine: Engine, raw: Raw, text: str, sample: str, label: str, order: DateOrder | None) -> str:
    """The format that reads most of a sample (its SQL, and its texts); refuses when day and month can be exchanged.

    The sample stays in the engine: lending it texts from Python would import pandas, which takes a second.
    """
    formats = [_ISO, *(day + clock for day in (*_DAY_FIRST, *_MONTH_FIRST, *_PLAIN) for clock in _TIMES)]
    tries = ", ".join(f"count({_attempt(format_)})" for format_ in formats)
    sampled, *read = engine.rows(f"SELECT count(*), {tries} FROM ({sample})")[0]
    counts = dict(zip(formats, read, strict=True))
    best = max(counts.values())
    if best < 0.5 * sampled:
        nearest = next(format_ for format_ in formats if counts[format_] == best)
        raise _unknown(engine, raw, label, text, f"{_attempt(nearest)} IS NULL")
    if counts[_ISO] == best:
        return _ISO
    full = [format_ for format_ in formats if counts[format_] == best]
    days = [format_ for format_ in full if format_.startswith(_DAY_FIRST)]
    months = [format_ for format_ in full if format_.startswith(_MONTH_FIRST)]
    if order is not None:
        wanted = _DAY_FIRST if order == "day-first" else _MONTH_FIRST
        return next((format_ for format_ in full if format_.startswith(wanted)), full[0])
    if days and months:
        raise AmbiguousDates(label, first_cells(engine, raw, text, f"{_attempt(days[0])} IS NOT NULL")[0])
    return full[0]


def _attempt(format_: str) -> str:
    return _read("v", format_)


def _on_clocks(engine: Engine, raw: Raw, written: Stamps, zone: str | None) -> Stamps:
    """Stamps read on the clocks of a zone: skipped local times move forward, repeated ones mean the first.

    The offset of each stretch between two changes of the clocks is written into the SQL: ten times faster than asking
    the engine's calendar for each stamp.
    """
    if zone is None or zone == "UTC" or written.local is None:
        return written
    local = written.local
    years = [
        row[0]
        for row in engine.rows(f"SELECT DISTINCT year({local}) AS y FROM {raw.table} WHERE y BETWEEN {_FIRST_YEAR} AND {_LAST_YEAR} ORDER BY y")
    ]
    changes = clock_changes(zone, years)
    since = sorted(
        {**{f"{year}-01-01": _offset(datetime(year, 1, 1), zone) for year in years}, **{change.end: change.after for change in changes}}.items()
    )
    earliest = _offset(datetime(years[0] if years else _FIRST_YEAR, 1, 1), zone)
    stretches = " ".join(f"WHEN {local} >= TIMESTAMP '{begin}' THEN {offset}" for begin, offset in reversed(since))
    utc = f"epoch_us({local}) - CASE {stretches} ELSE {earliest} END" if since else f"epoch_us({local}) - {earliest}"
    skipped, repeated = ([change for change in changes if change.skips is skips] for skips in (True, False))
    return replace(written, utc=utc, skipped=_any(local, skipped), repeated=_any(local, repeated))


@dataclass(frozen=True, slots=True, order=True)
class ClockChange:
    """Local times that a zone skipped or had twice, from ``begin`` to before ``end``; ``after`` is the offset from then on, in microseconds."""

    begin: str
    end: str
    after: int
    skips: bool


def _any(local: str, changes: Sequence[ClockChange]) -> str:
    within = " OR ".join(f"({local} >= TIMESTAMP '{change.begin}' AND {local} < TIMESTAMP '{change.end}')" for change in changes)
    return f"coalesce({within}, false)" if within else "false"


def _offset(local: datetime, zone: str) -> int:
    """The offset from UTC, in microseconds, at a local time."""
    return (local.replace(tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()) // timedelta(microseconds=1)


def clock_changes(zone: str, years: Sequence[int]) -> list[ClockChange]:
    """The changes of a zone's clocks in some years."""
    here, day = ZoneInfo(zone), timedelta(days=1)
    found: list[ClockChange] = []
    for year in years:
        moments = [datetime(year, 1, 1, tzinfo=UTC) + number * day for number in range(-1, 367)]
        changing = [moment for moment in moments if moment.astimezone(here).utcoffset() != (moment + day).astimezone(here).utcoffset()]
        found += [_change(_bisect(moment, moment + day, here), here) for moment in changing]
    return sorted(set(found))


def _change(moment: datetime, zone: ZoneInfo) -> ClockChange:
    before = (moment - timedelta(microseconds=1)).astimezone(zone).utcoffset() or timedelta()
    after = moment.astimezone(zone).utcoffset() or timedelta()
    old, new = (moment + before).replace(tzinfo=None), (moment + after).replace(tzinfo=None)
    return ClockChange(str(min(old, new)), str(max(old, new)), after // timedelta(microseconds=1), new > old)


def _bisect(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high
