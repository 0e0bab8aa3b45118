"""finmine: process mining for finance, from the traces of the work to models, bottlenecks, rework and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "model": "finmine.models.of_log",
    "pack": "finmine.report.pack",
    "read": "finmine.ingest.read",
    "verify": "finmine.report.verify",
    "Card": "finmine.card",
    "Engine": "finmine.engine",
    "EventLog": "finmine.log",
    "Refusal": "finmine.errors",
    "write_report": "finmine.report.page",
    "write_log": "finmine.ingest.write",
    **dict.fromkeys(
        (
            *("has", "has_no", "starts_with", "ends_with", "followed_by", "directly_followed_by", "activity_is"),
            *("started", "ended", "active", "within", "during", "throughput_is", "length_is", "variants_covering", "variants_ranked"),
            *("attribute_is", "attribute_recorded", "number_is", "amount_is", "amount_recorded", "involves", "parse_filter"),
        ),
        "finmine.filters",
    ),
}

if TYPE_CHECKING:
    from finmine.card import Card as Card
    from finmine.engine import Engine as Engine
    from finmine.errors import Refusal as Refusal
    from finmine.filters import active as active
    from finmine.filters import activity_is as activity_is
    from finmine.filters import amount_is as amount_is
    from finmine.filters import amount_recorded as amount_recorded
    from finmine.filters import attribute_is as attribute_is
    from finmine.filters import attribute_recorded as attribute_recorded
    from finmine.filters import directly_followed_by as directly_followed_by
    from finmine.filters import during as during
    from finmine.filters import ended as ended
    from finmine.filters import ends_with as ends_with
    from finmine.filters import followed_by as followed_by
    from finmine.filters import has as has
    from finmine.filters import has_no as has_no
    from finmine.filters import involves as involves
    from finmine.filters import length_is as length_is
    from finmine.filters import number_is as number_is
    from finmine.filters import parse_filter as parse_filter
    from finmine.filters import started as started
    from finmine.filters import starts_with as starts_with
    from finmine.filters import throughput_is as throughput_is
    from finmine.filters import variants_covering as variants_covering
    from finmine.filters import variants_ranked as variants_ranked
    from finmine.filters import within as within
    from finmine.ingest.read import read as read
    from finmine.ingest.write import write_log as write_log
    from finmine.log import EventLog as EventLog
    from finmine.models.of_log import model as model
    from finmine.report.pack import pack as pack
    from finmine.report.page import write_report as write_report
    from finmine.report.verify import verify as verify


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
    from finmine.analyses import CONTENTS

    return sorted([*_HOMES, *(question.module for question in CONTENTS), "__version__"])
