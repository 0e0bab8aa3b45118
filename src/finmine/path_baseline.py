"""The baseline of what paths cost: the cheapest path that the other cases could have taken, too.

The cheapest path of all is often another kind of document, or lacks a step that is not to be saved. So a **baseline** is a path
that ends in the outcome in which most cases end, leaves out no step that most of those have, and is not rare.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from finmine.engine import Rows
from finmine.words import plural, share

Record: TypeAlias = Mapping[str, Any]

FEW = 30
"""Cases of known cost below which a path is no baseline, and in no headline."""
SHARE = 0.05
"""The share of all compared cases below which a path is a baseline only if none that could be one has more."""


@dataclass(frozen=True, slots=True)
class Usual:
    """How most cases end (``None`` where the card declares no outcomes), by the code of each path how its cases do, and the steps that most of them have."""

    outcome: str | None
    ends: Mapping[int | None, Counter[str | None]]
    steps: frozenset[str]

    @classmethod
    def of(cls, ends: Rows, steps: Rows) -> Usual:
        """From cases by ``code`` of the path and ``outcome``, and cases by ``outcome`` and ``label`` of an activity that they have."""
        every, by_path = Counter[str | None](), dict[int | None, Counter[str | None]]()
        for record in ends.records():
            every[record["outcome"]] += record["cases"]
            by_path.setdefault(record["code"], Counter())[record["outcome"]] += record["cases"]
        outcome = min(every, key=lambda name: (-every[name], name or ""), default=None)
        often = (record["label"] for record in steps.records() if record["outcome"] == outcome and 2 * record["cases"] > every[outcome])
        return cls(outcome, by_path, frozenset(often))

    def unlike(self, code: int, path: Sequence[str]) -> str | None:
        """Why a path is not comparable with most cases; nothing where it is."""
        ends = self.ends[code]
        if 2 * ends[self.outcome] <= ends.total():
            other = min((name for name in ends if name != self.outcome), key=lambda name: (-ends[name], name or ""))
            return f"most end as {other}, not as {self.outcome}"
        if lacking := sorted(self.steps.difference(path)):
            more = f" and {plural(len(lacking) - 1, 'more step', 'more steps')}" if len(lacking) > 1 else ""
            return f"leaves out {lacking[0]}{more} that most cases have"
        return None

    def words(self) -> str:
        """What a baseline is, as a definition."""
        ends = "" if self.outcome is None else f"ends in the outcome of most cases ({self.outcome}), "
        return (
            f"the cheapest path that {ends}leaves out no step that more than half of {'those' if ends else 'the cases'} have, and has {FEW} cases of known "
            f"cost or more and {share(SHARE)} of all (else the one of most cases); what the others cost more or less than its mean adds up to the whole"
        )


@dataclass(frozen=True, slots=True)
class Baseline:
    """The path that is the baseline, if there is one, and the cheaper ones with ``not_baseline``, why they cannot be it."""

    path: Record | None
    cheaper: tuple[Record, ...]


def baseline(records: Sequence[Record], paths: Mapping[int, Sequence[str]], usual: Usual, cases: int) -> Baseline:
    """The cheapest of the paths that can be the baseline, of so many compared cases; of equals that of most cases."""
    known = [record for record in records if record["priced"] and record["cost"] is not None and record["code"] in paths]
    unlike = {record["code"]: usual.unlike(record["code"], paths[record["code"]]) for record in known}
    able = [record for record in known if unlike[record["code"]] is None and record["priced"] >= FEW]
    often = [record for record in able if record["cases"] >= SHARE * cases]
    chosen = min(often, key=_price) if often else max(able, key=lambda record: (record["cases"], -record["code"]), default=None)
    return Baseline(chosen, tuple(_cheaper(known, unlike, chosen)))


def _cheaper(known: Sequence[Record], unlike: Mapping[int, str | None], chosen: Record | None) -> Iterator[Record]:
    for record in sorted(known, key=lambda record: (-record["cases"], record["code"])):
        if chosen is None or _price(record)[0] < _price(chosen)[0]:
            few = f"fewer than {FEW} cases of known cost" if record["priced"] < FEW else f"fewer than {share(SHARE)} of the cases"
            yield {**record, "not_baseline": unlike[record["code"]] or few}


def _price(record: Record) -> tuple[Decimal, int, int]:
    return record["cost"] / record["priced"], -record["cases"], record["code"]
