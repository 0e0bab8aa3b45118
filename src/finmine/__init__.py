"""finmine: process mining for finance, from the traces of the work to models, bottlenecks, rework and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "read": "finmine.ingest.read",
    "Card": "finmine.card",
    "Engine": "finmine.engine",
    "EventLog": "finmine.log",
    "Refusal": "finmine.errors",
}

if TYPE_CHECKING:
    from finmine.card import Card as Card
    from finmine.engine import Engine as Engine
    from finmine.errors import Refusal as Refusal
    from finmine.ingest.read import read as read
    from finmine.log import EventLog as EventLog


def __getattr__(name: str) -> Any:
    import importlib

    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'finmine' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_HOMES, "__version__"])
