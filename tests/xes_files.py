"""A small XES log as text, and its reading."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from finmine.ingest.xes import read_xes
from finmine.ingest.xes_header import XesHeader

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n'
ONE = """\t<trace>
\t\t<string key="concept:name" value="inv1"/>
\t\t<event>
\t\t\t<string key="concept:name" value="Pay &lt;late> &amp; Größe"/>
\t\t\t<date key="time:timestamp" value="2024-03-01T08:00:00.000+01:00"/>
\t\t</event>
\t\t<event>
\t\t\t<string key="concept:name" value=""/>
\t\t\t<float key="cost" value="1.10"/>
\t\t</event>
\t</trace>
"""
FOOT = "</log>"


def read(content: str | bytes, folder: Path) -> tuple[XesHeader, pa.Table]:
    """The header and the rows of a log given as text."""
    source, target = folder / "log.xes", folder / "rows.parquet"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    header = read_xes(source, target)
    return header, pq.read_table(target)
