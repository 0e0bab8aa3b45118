"""A view as JSON: every block with its kind and its plain values, in one stable form.

Version 1 is an object with ``finmine_view`` (the version), ``title``, ``zone`` and ``blocks``. Each block has a ``kind``
(``headline``, ``prose``, ``definition``, ``caveat``, ``facts``, ``table``, ``bars``, ``curve``, ``intervals``, ``waterfall``, ``matrix``,
``spans``, ``map``, ``diagram``, ``code``)
and the fields of the class of that name in ``finmine.view``, in their order. Durations are whole microseconds, instants are
microseconds since 1970 UTC, shares run from 0 to 1, money is a text with a decimal point (so that no digit is lost), what is
missing or not a number is ``null``. Fields may be added within a version; a change of meaning is a new version.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from finmine.view import Block, View

VERSION = 1


def to_json(view: View) -> str:
    """A view as JSON text in ASCII, the same for the same view."""
    return json.dumps(blocks(view), ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def blocks(view: View) -> dict[str, Any]:
    """A view as plain values, ready to be written as JSON or to stand in a larger document."""
    return {"finmine_view": VERSION, "title": view.title, "zone": view.zone, "blocks": [_block(block) for block in view.blocks]}


def _block(block: Block) -> dict[str, Any]:
    return {"kind": type(block).__name__.lower(), **_plain(block)}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
