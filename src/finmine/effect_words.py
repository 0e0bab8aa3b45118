"""What effects are about, in words: as cells of tables and in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finmine.relations.path_features import HAND, VALUE


def short(one: Mapping[str, Any]) -> str:
    """What a row is about, as it stands in a table: variants and families by what they do otherwise than the usual path."""
    return f"{'not ' if one['without'] else ''}{one['group']}: {one['unlike']}" if "trace" in one else str(one["exposure"])


def which(one: Mapping[str, Any]) -> str:
    """The cases of a row, as they stand in a sentence."""
    if one["kind"] == HAND:
        return f"{'not ' if one['without'] else ''}worked on by {one['value']}"
    if one["kind"] == VALUE:
        return f"with {one['exposure']}"
    if "trace" in one:
        return f"{'not ' if one['without'] else ''}of {one['group']} ({one['unlike']})"
    return f"without {one['exposure'].removeprefix('no ')}" if one["without"] else f"with {one['exposure']}"
