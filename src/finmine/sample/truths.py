"""Truths: what was planted into a sample log, counted when it was planted, for a machine to compare its answers with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from finmine.sample.lots import Floats, Ints

VERSION = 1
LISTED = 5_000
"""So many cases and rows of a truth are named; beyond it only the counts are given."""

_NO_INTS: Ints = np.empty(0, dtype=np.int64)
_NO_FLOATS: Floats = np.empty(0)


@dataclass(frozen=True, slots=True)
class Truth:
    """One planted thing. Events and cases are those that it made or changed, as far as they were recorded before the extraction.

    Of behaviour, counts are of the log without the rows that faults repeat; ``base`` is what it is to be compared with (where
    it could have happened, or the same activity without it). Rows are data rows of the file, counted from 1, in XES events.
    """

    kind: str
    name: str
    what: str
    parameters: Mapping[str, Any]
    events: int
    cases: int
    base_events: int | None = None
    base_cases: int | None = None
    gaps: Ints = field(default_factory=lambda: _NO_INTS)
    """Where it is about waits: seconds from the completion before to that of each planted event, the first of a case left out."""
    base_gaps: Ints = field(default_factory=lambda: _NO_INTS)
    extra: Floats = field(default_factory=lambda: _NO_FLOATS)
    """Working days added to each planted event."""
    case_ids: tuple[str, ...] = ()
    per_case: Mapping[str, Ints] = field(default_factory=dict)
    """What is known of each of these cases, by name: ``case_seconds`` of waiting, ``case_cents`` of money, and what it takes beside its twin."""
    rows: tuple[int, ...] = ()

    def record(self) -> dict[str, Any]:
        """The truth as plain values for JSON."""
        said: dict[str, Any] = {"kind": self.kind, "name": self.name, "what": self.what, "parameters": dict(self.parameters)}
        said |= {"events": self.events, "cases": self.cases}
        if self.base_events is not None:
            said |= {"base_events": self.base_events, "base_cases": self.base_cases}
        if len(self.gaps):
            said["median_gap_seconds"] = float(np.median(self.gaps))
        if len(self.base_gaps):
            said["base_median_gap_seconds"] = float(np.median(self.base_gaps))
        if len(self.extra):
            said["extra_working_days"] = {"median": round(float(np.median(self.extra)), 4), "mean": round(float(np.mean(self.extra)), 4)}
        if self.case_ids:
            said["case_ids"] = list(self.case_ids[:LISTED])
        said |= {name: values[:LISTED].tolist() for name, values in self.per_case.items()}
        if self.rows:
            said["rows"] = list(self.rows[:LISTED])
        return said


def joined(truths: Iterable[Truth]) -> Truth:
    """One truth from those of all lots."""
    parts = list(truths)
    first = parts[0]
    return Truth(
        kind=first.kind,
        name=first.name,
        what=first.what,
        parameters=first.parameters,
        events=sum(part.events for part in parts),
        cases=sum(part.cases for part in parts),
        base_events=None if first.base_events is None else sum(part.base_events or 0 for part in parts),
        base_cases=None if first.base_cases is None else sum(part.base_cases or 0 for part in parts),
        gaps=np.concatenate([part.gaps for part in parts]),
        base_gaps=np.concatenate([part.base_gaps for part in parts]),
        extra=np.concatenate([part.extra for part in parts]),
        case_ids=tuple(case for part in parts for case in part.case_ids)[:LISTED],
        per_case={name: np.concatenate([part.per_case[name] for part in parts]) for name in first.per_case},
        rows=tuple(row for part in parts for row in part.rows)[:LISTED],
    )


def truths_text(log: str, seed: int, cases: int, rows: int, truths: Iterable[Truth]) -> str:
    """The truths of a log as JSON text."""
    said = {"finmine_truths": VERSION, "log": log, "seed": seed, "cases": cases, "rows": rows, "truths": [truth.record() for truth in truths]}
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"
