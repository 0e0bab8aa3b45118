"""What tests ask of answers: their sentences, and the truths that were planted into the sample logs."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from finmine.result import Result
from finmine.view import Caveat, Definition, Headline, Prose

SAMPLES = Path(__file__).parents[1] / "sample_logs"


def texts(answer: Result, kind: type[Headline | Caveat | Definition | Prose]) -> list[str]:
    """The sentences of one kind of block, in their order."""
    return [block.text for block in answer.view().blocks if isinstance(block, kind)]


def planted(log: str, name: str) -> Mapping[str, Any]:
    """One planted truth of a sample log."""
    truths: list[Mapping[str, Any]] = json.loads((SAMPLES / f"{log}.truths.json").read_text(encoding="utf-8"))["truths"]
    return next(truth for truth in truths if truth["name"] == name)


def planted_shift(truth: Mapping[str, Any], measure: str, cases: Collection[str]) -> float:
    """What a detour adds: the median of all differences between one of these cases and a twin of one of them that goes without it."""
    told = zip(truth["case_ids"], truth[measure], truth[f"{measure}_without"], strict=True)
    pairs: list[tuple[float, float]] = [(whole, without) for case, whole, without in told if case in cases]
    return median(whole - without for whole, _ in pairs for _, without in pairs)
