"""Whether path effects hold what was planted: `python bench/paths.py [NAME …] [--seeds 1 2 3]` asks how much time and money the detours of sample logs add.

It is planted, and not measured: the truths of a log tell of each case that takes a detour what it takes, and what its twin takes that goes the same
way without it. The planted shift is the median of all differences between a case and a twin. ``path-effects`` knows neither: it compares cases that
have what only detours have with all others that could have come to it. So a detour is **found** where an effect is shown whose cases are those of
the detour (nine tenths of both together), and it is **held** where the interval of its shift holds the planted one; of 95 in 100 that is to be expected.
It is asked a second time among cases that agree in what else makes them long or dear, where only those are set against each other that agree in it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

import finmine
from finmine.relations.traces import traces
from finmine.sample import SampleName, make
from finmine.words import SECOND, duration

Outcome: TypeAlias = Literal["throughput", "cost"]
Floats: TypeAlias = npt.NDArray[np.float64]
FORMATS: dict[SampleName, str] = {"invoices": ".csv", "approvals": ".xes.gz", "reconciliations": ".parquet", "disputes": ".xlsx"}
TOLD: dict[Outcome, tuple[str, float]] = {"throughput": ("elapsed_seconds", SECOND), "cost": ("labour_cents", 0.01)}
"""By what name the truths tell an outcome, and what one of it is in microseconds or money."""
SAME = 0.9


@dataclass(frozen=True, slots=True)
class Detour:
    """A planted detour: its log and name, the cases that could have come to it, and what else makes these long or dear."""

    log: SampleName
    planted: str
    among: tuple[str, ...]
    adjust: str


REAL_DATES = "throughput <= 400d"  # without the invoices whose date is a placeholder
DETOURS = (
    Detour("invoices", "price change", ("has 'Release purchase order'", REAL_DATES), "company"),
    Detour("invoices", "invoice block", ("has 'Match invoice'", REAL_DATES), "company"),
    Detour("invoices", "invoice correction", ("has 'Enter invoice'", REAL_DATES), "company"),
    Detour("invoices", "goods returned", ("'Record goods receipt' followed by 'Receive invoice'", REAL_DATES), "company"),
    Detour("approvals", "rejection", ("has 'Register payment'", "has 'Approve by team lead'"), "document_type"),
    Detour("reconciliations", "reopened items", ("has 'Review reconciliation'",), "company"),
    Detour("disputes", "questions to and fro", ("has 'Check claim'",), "key_customer"),
    Detour("disputes", "returned claims", ("has 'Decide claim'",), "key_customer"),
    Detour("disputes", "credit notes sent again", ("has 'Send credit note'",), "key_customer"),
)


@dataclass(frozen=True, slots=True)
class Size:
    """A planted shift, in microseconds or money, and the shift that was found with its interval (none, where none was)."""

    planted: float
    found: tuple[float, float, float] | None

    @property
    def held(self) -> bool:
        """Whether the interval holds what was planted."""
        return self.found is not None and self.found[1] <= self.planted <= self.found[2]

    def words(self, outcome: Outcome) -> str:
        """The columns of the table."""
        told = [duration(round(size)) if outcome == "throughput" else f"{size:,.2f}" for size in (self.planted, *(self.found or ()))]
        return (
            "".join(f"{size:>11}" for size in (told if self.found else [told[0], *("–",) * 3]))
            + f"  {'held' if self.held else 'NOT' if self.found else '':<6}"
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What was planted with a detour into the log of a seed, and what was found of it, in all cases and among those that agree."""

    detour: Detour
    seed: int
    outcome: Outcome
    cases: int
    raw: Size
    agreeing: Size

    def line(self) -> str:
        """The row of the table."""
        said = f"{self.detour.log:<17}{self.detour.planted:<25}{self.seed:>4}  {self.outcome:<11}{self.cases:>5}"
        return said + self.raw.words(self.outcome) + self.agreeing.words(self.outcome)


_SIZES = "".join(f"{name:>11}" for name in ("planted", "shift", "from", "to"))
HEADING = f"{'log':<17}{'planted':<25}{'seed':>4}  {'outcome':<11}{'cases':>5}{_SIZES}  {'':<6}{_SIZES}  among those that agree"


def asked(detour: Detour, seed: int, folder: Path) -> Iterator[Asked]:
    """What was planted with a detour into the log of a seed, and what is found of it."""
    target = folder / f"{detour.log}-{seed}{FORMATS[detour.log]}"
    path, _, truths = make(detour.log, target, seed=seed)
    truth = next(one for one in json.loads(truths.read_text(encoding="utf-8"))["truths"] if one["name"] == detour.planted)
    log = finmine.read(path)
    for words in detour.among:
        log = log.keep_cases(finmine.parse_filter(words))
    for outcome in TOLD:
        answer = finmine.path_effects(log, outcome=outcome, adjust=(detour.adjust,), most=500)
        yield compared(detour, seed, outcome, answer, taken(truth, outcome))


def taken(truth: Mapping[str, Any], outcome: Outcome) -> dict[str, tuple[float, float]]:
    """What each case that takes a detour takes, and what its twin does, in microseconds or money."""
    name, unit = TOLD[outcome]
    pairs = zip(truth[name], truth[f"{name}_without"], strict=True)
    return {case: (unit * whole, unit * without) for case, (whole, without) in zip(truth["case_ids"], pairs, strict=True)}


def compared(detour: Detour, seed: int, outcome: Outcome, answer: Any, known: Mapping[str, tuple[float, float]]) -> Asked:
    """What is known of the planted cases that were compared, and the effect that is of these."""
    log = answer.compared.log
    labels = dict(log.fetch(traces(log).select("case", "label")).tuples())
    strata = {labels[case]: stratum for case, stratum in zip(*(answer.rows.column(name) for name in ("case", "stratum_0")), strict=True)}
    cases = [case for case in known if case in strata]
    pairs, stratum = np.array([known[case] for case in cases]), np.array([strata[case] for case in cases])
    row = effect_of(set(cases), answer)
    raw, agreeing = (_found(row, names) for names in (("shift", "shift_low", "shift_high"), ("adjusted", "adjusted_low", "adjusted_high")))
    alike = stratum[:, None] == stratum[None, :]
    return Asked(detour, seed, outcome, len(cases), Size(shift(pairs, np.ones_like(alike)), raw), Size(shift(pairs, alike), agreeing))


def shift(pairs: Floats, chosen: npt.NDArray[np.bool_]) -> float:
    """The median of all differences between a case and a twin, of the pairs that are chosen."""
    return float(np.median((pairs[:, :1] - pairs[:, 1:].T)[chosen]))


def effect_of(cases: set[str], answer: Any) -> Mapping[str, Any] | None:
    """The first effect shown whose cases are these, nearly all of them and hardly any other."""
    for row in answer.records():
        if not row["without"] and SAME * len(cases) <= row["cases"] <= len(cases) / SAME:
            having = {one["case"] for one in answer.cases(row).records()}
            if len(having & cases) >= SAME * len(having | cases):
                return dict(row)
    return None


def _found(row: Mapping[str, Any] | None, names: Sequence[str]) -> tuple[float, float, float] | None:
    if row is None or row[names[0]] is None:
        return None
    value, low, high = (float(row[name]) for name in names)
    return value, low, high


def main() -> None:
    """Print the table, of all detours or of those named, and how many were found and held."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="NAME", help="of logs or detours: disputes, 'goods returned'; all where none is given")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="of the logs; that of the sample logs is 1")
    given = parser.parse_args()
    done = list[Asked]()
    print(HEADING)
    with TemporaryDirectory() as folder:
        for seed in given.seeds:
            for detour in DETOURS:
                named = not given.names or {detour.log, detour.planted} & set(given.names)
                for one in asked(detour, seed, Path(folder)) if named else ():
                    done.append(one)
                    print(one.line(), flush=True)
    found, agreeing = ([size for size in sizes if size.found] for sizes in ([one.raw for one in done], [one.agreeing for one in done]))
    print(f"\n{len(done)} asked, {len(found)} found, {sum(size.held for size in found)} held; among cases that agree ", end="")
    print(f"{len(agreeing)} told, {sum(size.held for size in agreeing)} held")


if __name__ == "__main__":
    main()
