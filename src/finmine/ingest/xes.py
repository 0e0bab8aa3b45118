"""Reading XES event logs (IEEE 1849), plain or gzipped, into one Parquet file of texts: nothing is lost and nothing guessed.

**Rows and columns.** One row for each event, in the order of the document. Values are the texts of the file after XML
unescaping; an absent attribute is null, an empty one the empty text. Trace columns come first, each kind in the order of first
appearance; ``xes_columns`` says how they are named, and where nested, repeated and differently typed attributes stand.

**Globals** are kept in the header and never filled into events: they promise that an attribute is there, and a default that
is filled in would be a value that nobody recorded. Traces without events have no row; they are counted. Text between
elements and the XML attributes of ``<log>`` itself mean nothing in XES and are dropped.

**Two ways through one file.** Traces written as nearly all programmes write them (double quotes, no comments, nothing nested)
are cut apart by array arithmetic, which accounts for every byte; any other stretch goes through expat. Both give the same
rows, and memory is bounded by the stretch, not by the file.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

from finmine.files import replacing
from finmine.ingest.xes_document import Document
from finmine.ingest.xes_header import XesHeader
from finmine.ingest.xes_refusals import DamagedGzip, Truncated
from finmine.ingest.xes_regular import regular
from finmine.ingest.xes_spool import Spool

_BLOCK = 4 << 20
_LONGEST = 16 << 20


def read_xes(path: Path, target: Path, progress: Callable[[int, int], None] | None = None) -> XesHeader:
    """Write the events of an XES file to the Parquet file ``target`` and return what the file says besides them.

    Compression is recognised by content, not by name. All columns are text; ``xes_columns`` says how they are named.
    ``progress`` is told the bytes of the file done and in all.

    Raises:
        XesRefusal: the file is truncated, damaged, not XES, or hostile; ``target`` is then left as it was.
        CannotWrite: ``target`` cannot be written.
    """
    place = target.resolve()
    with replacing(target) as draft, TemporaryDirectory(prefix=".finmine-", dir=place.parent) as folder, path.open("rb") as raw:
        size = os.fstat(raw.fileno()).st_size
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if zipped else raw
        log = _Log(path, Path(folder))
        try:
            for piece, before_trace in _pieces(stream):
                log.take(piece, before_trace=before_trace)
                if progress is not None:
                    progress(raw.tell(), size)
        except EOFError as error:
            raise Truncated(path, log.document.line) from error
        except (zlib.error, gzip.BadGzipFile) as error:
            raise DamagedGzip(path, log.document.line, str(error)) from error
        return log.finish(draft)


def _pieces(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """The stream in stretches, and after which of them a trace may begin: what precedes all traces, and those that end with one.

    An overlong stretch without the end of a trace is cut anywhere.
    """
    rest, headed, mark = b"", False, b"</trace>"
    while block := stream.read(_BLOCK):
        rest += block
        if not headed and (start := rest.find(b"<trace")) >= 0:
            yield rest[:start], True
            rest, headed = rest[start:], True
        if (end := rest.rfind(mark)) >= 0:
            yield rest[: end + len(mark)], True
            rest = rest[end + len(mark) :]
        elif len(rest) > _LONGEST:
            yield rest, False
            rest = b""
    yield rest, False


class _Log:
    """A log on its way from stretches of XML to Parquet."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.columns: dict[str, str] = {}
        self.document = Document(path, self.columns)
        self.spool = Spool(folder, self.columns)
        self.between_traces = False

    def take(self, piece: bytes, *, before_trace: bool) -> None:
        """Read one stretch, the quick way if it is regular and begins between two traces."""
        quick = regular(piece, self.columns, self.document.traces_with_events) if self.between_traces else None
        if quick is not None:
            table, traces = quick
            self.document.skip(piece.count(b"\n"), traces, table.num_rows)
            self.spool.add(table)
            return
        self.document.feed(piece)
        self.spool.add(self.document.table())
        self.between_traces = before_trace and self.document.is_between_traces()

    def finish(self, draft: Path) -> XesHeader:
        """Read to the end; all rows are in ``draft`` then."""
        self.document.close()
        self.spool.add(self.document.table())
        self.spool.finish(draft)
        return self.document.header()
