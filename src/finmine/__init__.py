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
    "write_report": "finmine.report.page",
    "write_log": "finmine.ingest.write",
}

if TYPE_CHECKING:
    from finmine.card import Card as Card
    from finmine.engine import Engine as Engine
    from finmine.errors import Refusal as Refusal
    from finmine.ingest.read import read as read
    from finmine.ingest.write import write_log as write_log
    from finmine.log import EventLog as EventLog
    from finmine.report.page import write_report as write_report


def __getattr__(name: str) -> Any:
    import importlib

    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    from finmine.analyses import find

    question = find(name)
    if question is not None and name == question.module:
        return getattr(importlib.import_module(f"finmine.analyses.{name}"), name)
    raise AttributeError(f"module 'finmine' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_HOMES, "__version__"])
