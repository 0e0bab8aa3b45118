"""XES is read without loss: the laws of the two ways through a file, oracles, and every refusal."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmine.ingest import xes
from finmine.ingest.xes import TRACE, Attribute, Classifier, Extension, Place, XesHeader, XesRefusal, place_of, read_xes

# ---- writing logs down ----


def read(folder: Path, content: str | bytes, name: str = "log.xes") -> tuple[XesHeader, pa.Table]:
    """The header and rows of a log given as text."""
    source, target = folder / name, folder / "rows.parquet"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    header = read_xes(source, target)
    return header, pq.read_table(target)


def log(*traces: str) -> str:
    """A whole file around traces."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n{"".join(traces)}</log>\n'


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

KEYS = st.sampled_from(["concept:name", "a", "b", "Permit ID", "Permit id", "case:x", "xes:trace", "a.children", "a.xes:key", "x & 'y' \"z\"", "ö", ""])
VALUES = st.one_of(st.sampled_from(["", " ", "NA", "x<y>&'\"", "😀\n", "1", "\t\r"]), st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6))
KINDS = st.sampled_from(["string", "string", "string", "date", "int", "float", "boolean", "id"])
GAPS = st.sampled_from(["", "\n", " \t", "\r\n", "<!-- </trace><trace> \"' -->", "<?note <event> ?>", "<![CDATA[ </event> \" ]]>", "text"])


def _xml_only(text: str) -> str:
    return "".join(c for c in text if xes._is_character(ord(c)))


@st.composite
def quoted(draw: st.DrawFn, text: str) -> str:
    """An XML attribute value in one of its spellings."""
    mark = draw(st.sampled_from("\"\"\"\"'"))
    spelled = escape(_xml_only(text), {mark: "&quot;" if mark == '"' else "&apos;"})
    spaces = {"\n": "&#10;", "\r": "&#xD;", "\t": "&#9;"} if draw(st.integers(0, 9)) else {}
    return mark + escape(spelled, {}).replace("&amp;", "&", 0).replace("&amp;amp;", "&amp;").replace("&amp;lt;", "&lt;").replace("&amp;gt;", "&gt;").replace(
        "&amp;quot;", "&quot;"
    ).replace("&amp;apos;", "&apos;").translate(str.maketrans(spaces)) + mark
