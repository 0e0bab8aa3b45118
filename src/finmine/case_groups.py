"""Cases in groups of which each is one: by the value of an attribute, or by the variant, where rare ones stand together in their family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finmine.arrays import Digest
from finmine.compared_cases import FEW, Compared, fetched, numbers, values
from finmine.engine import Rows
from finmine.relations.path_features import FAMILY, VALUE, VARIANT, path_features
from finmine.relations.traces import spelled_traces, trace_labels, written
from finmine.stats.path_effects import LEAST
from finmine.usual_path import letters, told

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class CaseGroups:
    """The compared cases as fetched, the groups with most of them, and the code of the group of each case (-1: in none).

    ``families`` are those of the paths, and ``spelled`` the traces by which groups are named, where groups are of variants.
    """

    compared: Compared
    rows: Rows
    families: Rows | None
    spelled: Rows | None
    groups: tuple[Mapping[str, Any], ...]
    codes: npt.NDArray[Any]
    all_groups: int

    @property
    def measured(self) -> npt.NDArray[Any]:
        """The outcome of each compared case."""
        return numbers(self.rows, "measured").astype(float)

    def said(self) -> str:
        """The line of evidence that names the statistics and their input."""
        digest = Digest()
        digest.add({"measured": numbers(self.rows, "measured"), "group": self.codes})
        return f"The tests are what finmine.stats.many_groups, finds in the compared cases in their order (measured and group: SHA-256 {digest.hexdigest()})."

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The compared cases of a group."""
        found = self.compared.having({**record, "without": False})
        for other in self.groups:
            if record["kind"] == FAMILY and other["kind"] == VARIANT:
                found = found.anti_join(self.compared.having({**other, "without": False}), "case")
        return found


def case_groups(compared: Compared, most: int) -> CaseGroups:
    """Fetch the cases that are compared, and group them by the one attribute that is compared, or else by their variants."""
    import numpy as np

    rows = fetched(compared)
    if compared.attributes:
        families, (codes, labels) = None, values(rows, "value_0")
        facts: list[dict[str, Any]] = [{"kind": VALUE, "first": 0, "column": "value_0", "value": label, "group": label} for label in labels]
    else:
        families = _families(compared)
        codes, facts = _variants(rows, families)
    counts = np.bincount(codes, minlength=len(facts))
    every = int(np.count_nonzero(counts))
    largest = sorted((code for code in range(len(facts)) if counts[code] >= LEAST), key=lambda code: (-counts[code], code))[:most]
    places = np.full(max(len(facts), 1), -1)
    places[largest] = np.arange(len(largest))
    paths, cases = np.unique(numbers(rows, "path"), return_counts=True)
    usual = [int(paths[cases.argmax()])] if len(rows) else []
    groups, spelled = _named(compared, [facts[code] for code in largest], usual)
    return CaseGroups(compared, rows, families, spelled, groups, places[codes] if len(rows) else codes, every)


def _families(compared: Compared) -> Rows:
    """The family of each path, named by the first path in it."""
    features = path_features(compared.log, compared.cases())
    return compared.log.fetch(features.filter(features.kind == FAMILY).select("path", family="first").order_by("path"), 5_000_000)


def _variants(rows: Rows, families: Rows) -> tuple[npt.NDArray[Any], list[dict[str, Any]]]:
    """The group of each case: its variant where that has enough cases, else its family."""
    import numpy as np

    paths, inverse, counts = np.unique(numbers(rows, "path"), return_inverse=True, return_counts=True)
    family = numbers(families, "family")[np.searchsorted(numbers(families, "path"), paths)] if len(paths) else paths
    kinds = np.where(counts >= FEW, VARIANT, FAMILY)
    keys = np.stack([kinds, np.where(counts >= FEW, paths, family)])
    told, of_path = np.unique(keys, axis=1, return_inverse=True)
    facts = [{"kind": kind, "first": first, "second": None} for kind, first in told.T.tolist()]
    return of_path.ravel()[inverse].astype(np.int64), facts


def _named(compared: Compared, facts: list[dict[str, Any]], usual: list[int]) -> tuple[tuple[Mapping[str, Any], ...], Rows | None]:
    """The groups with their names, and the traces that were spelled for them."""
    if compared.attributes:
        return tuple(facts), None
    cases = compared.cases()
    paths = [*(one["first"] for one in facts), *usual[:1]]
    spelled = compared.log.fetch(spelled_traces(compared.log, cases.filter(cases.case.isin(paths)).select("case")))
    traces = trace_labels(spelled)
    most = traces[usual[0]] if usual else ()
    return tuple({**one, **_spoken(one["kind"], place, traces[one["first"]], most)} for place, one in enumerate(facts)), spelled


def _spoken(kind: int, place: int, trace: tuple[str, ...], usual: tuple[str, ...]) -> Mapping[str, str]:
    """The name of a group of variants, a letter in the order of the groups, what it does otherwise than the usual path, and its activities in order."""
    if kind == VARIANT:
        return {"group": f"variant {letters(place)}", "unlike": told(trace, usual), "trace": written(trace)}
    folded, folded_usual = (tuple(dict.fromkeys(one)) for one in (trace, usual))
    return {"group": f"rare variants {letters(place)}", "unlike": told(folded, folded_usual), "trace": written(folded)}
