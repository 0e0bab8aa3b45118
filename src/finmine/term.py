"""A word of a table: its heading, the kind of its values, and its meaning."""

from __future__ import annotations

from typing import NamedTuple

from finmine.view import Kind


class Term(NamedTuple):
    """A heading with its kind and its meaning."""

    title: str
    kind: Kind
    meaning: str
