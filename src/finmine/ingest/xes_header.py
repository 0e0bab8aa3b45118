"""What an XES log says besides its events: attributes of the log, extensions, globals, classifiers, and how much there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

SCALARS = ("string", "date", "int", "float", "boolean", "id")
NESTING = ("list", "container")


class Attribute(NamedTuple):
    """An attribute of the log or a global default, with what is nested in it; lists and containers have no value."""

    type: str
    key: str
    value: str | None
    children: tuple[Attribute, ...] = ()


class Extension(NamedTuple):
    """A declared extension: its name, the prefix of its keys and the address of its definition."""

    name: str
    prefix: str
    uri: str


class Classifier(NamedTuple):
    """A declared classifier: the keys that together name an event (or a trace, when ``scope`` says so)."""

    name: str
    keys: tuple[str, ...]
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class XesHeader:
    """What a log says besides its events.

    ``types`` gives the XES type of each attribute column (``mixed`` where its values have several); ``traces`` counts all
    traces, ``empty_traces`` those without events, which have no row.
    """

    types: Mapping[str, str]
    log_attributes: tuple[Attribute, ...]
    extensions: tuple[Extension, ...]
    global_trace: tuple[Attribute, ...]
    global_event: tuple[Attribute, ...]
    classifiers: tuple[Classifier, ...]
    traces: int
    events: int
    empty_traces: int
