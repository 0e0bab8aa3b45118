"""The family of comparisons that a log allows: its cases with their outcome, and everything by which they can be told apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Digest
from finmine.compared_cases import FEW, Compared, PathDeviations, coded, numbers, places_of
from finmine.engine import Rows
from finmine.kernels.exposures import Exposure
from finmine.relations.path_features import ACTIVITY, DEVIATION, FAMILY, HAND, PAIR, REPEATED, VALUE, VARIANT
from finmine.relations.traces import spelled_traces, trace_labels, written
from finmine.stats.path_effects import LEAST, SEED, Family, OfCodes, halves_by_cluster, halves_by_time
from finmine.usual_path import letters, told

if TYPE_CHECKING:
    import numpy.typing as npt

Whole: TypeAlias = "npt.NDArray[Any]"

KINDS = {ACTIVITY: "activity", REPEATED: "repeated activity", PAIR: "directly follows", FAMILY: "family", VARIANT: "variant"}
_LEAST = {ACTIVITY: LEAST, REPEATED: LEAST, PAIR: LEAST, FAMILY: FEW, VARIANT: FEW, VALUE: LEAST, HAND: LEAST, DEVIATION: LEAST}


@dataclass(frozen=True, slots=True)
class PathFamily:
    """The compared cases and the features of their paths as fetched, and the exposures and statistics made of them.

    ``codes`` and ``labels`` are those of ``Coded``.
    ``hands`` are those who work on the cases, where they are compared, and ``of_hands`` the place of the case of each of these rows.
    """

    compared: Compared
    rows: Rows
    features: Rows
    hands: Rows | None
    of_hands: Whole | None
    deviations: PathDeviations | None
    exposures: tuple[Exposure, ...]
    codes: Mapping[str, Whole]
    labels: Mapping[str, tuple[str, ...]]
    family: Family
    strata: tuple[str, ...]

    def words(self) -> str:
        """The line of evidence that names the statistics and their input."""
        digest = Digest()
        digest.add({name: numbers(self.rows, name) for name in ("path", "measured")})
        function = f"finmine.stats.path_effects.Family, seed {SEED}"
        return f"The effects are what {function}, finds in the compared cases in their order (path and measured: SHA-256 {digest.hexdigest()})."

    @property
    def usual(self) -> int:
        """The path of most compared cases, the first of several."""
        import numpy as np

        paths, cases = np.unique(numbers(self.rows, "path"), return_counts=True)
        return int(paths[cases.argmax()])

    def spelled(self, places: list[int]) -> Rows:
        """The traces of the variants and families among these exposures, and that of the usual path."""
        paths = [self.exposures[place].first for place in places if self.exposures[place].kind in (FAMILY, VARIANT)]
        paths += [self.usual] if len(self.rows) else []
        cases = self.compared.cases()
        return self.compared.log.fetch(spelled_traces(self.compared.log, cases.filter(cases.case.isin(paths)).select("case")))

    def named(self, places: list[int], spelled: Rows) -> Iterator[dict[str, Any]]:
        """Kind, name and codes of these exposures."""
        activities, traces, found, usual = self.compared.log.activity_names(), trace_labels(spelled), 0, self.usual if len(self.rows) else -1
        for place in places:
            one = self.exposures[place]
            said: dict[str, Any] = {"kind": one.kind, "first": one.first, "second": one.second if one.second >= 0 else None, "without": one.without}
            if one.kind == VALUE:
                name, value = self.compared.columns[one.column], self.labels[one.column][one.first]
                said |= {"column": one.column, "value": value, "exposure_kind": name, "exposure": f"{name} {'≠' if one.without else '='} {value}"}
            elif one.kind == DEVIATION and self.deviations is not None:
                name = self.deviations.names[one.first]
                said |= {"exposure_kind": "deviation", "exposure": f"no {name.removeprefix('any ')}" if one.without else name}
            elif one.kind == HAND:
                who = self.labels["hand"][one.first]
                said |= {"value": who, "exposure_kind": self.compared.hands, "exposure": f"no {who}" if one.without else who}
            else:
                has = _spoken(one, activities, traces)
                said |= {"exposure_kind": KINDS[one.kind], "exposure": f"no {has}" if one.without else has}
                if one.kind in (FAMILY, VARIANT):
                    said |= _path(one, traces, usual, letters(found))
                    found += 1
            yield said


def _path(one: Exposure, traces: Mapping[int, tuple[str, ...]], usual: int, letter: str) -> dict[str, str]:
    """A variant or family by its letter, what it does otherwise than the usual path, and in full."""
    trace, most = (_folded(one.kind, traces[path]) for path in (one.first, usual))
    return {"group": f"{KINDS[one.kind]} {letter}", "unlike": told(trace, most), "trace": written(trace)}


def _folded(kind: int, trace: tuple[str, ...]) -> tuple[str, ...]:
    """A trace as it is, or that of its family."""
    return tuple(dict.fromkeys(trace)) if kind == FAMILY else trace


def _spoken(one: Exposure, activities: Sequence[str], traces: Mapping[int, tuple[str, ...]]) -> str:
    """A feature of paths in words."""
    if one.kind in (FAMILY, VARIANT):
        return written(_folded(one.kind, traces[one.first]))
    if one.kind == PAIR:
        return f"{activities[one.first]} → {activities[one.second]}"
    return f"{activities[one.first]} more than once" if one.kind == REPEATED else activities[one.first]


def path_family(compared: Compared, deviations: PathDeviations | None = None) -> PathFamily:
    """Fetch the cases that are compared and the features of their paths, and find what tells cases apart.

    Rework is read off the path itself, so that only activities and attributes are compared in it.
    """
    found = coded(compared, deviations)
    rows, codes = found.rows, found.codes
    exposures = tuple(
        found.exposures({kind: least for kind, least in _LEAST.items() if compared.outcome != "rework" or kind in (ACTIVITY, VALUE, HAND, DEVIATION)})
    )
    clusters = codes.get("cluster")
    second = halves_by_time(numbers(rows, "started")) if clusters is None else halves_by_cluster(clusters)
    flags = [OfCodes(codes[one.column], one.having) for one in exposures]
    strata, named = _strata(codes, found.labels) if compared.adjust else (None, ())
    family = Family(numbers(rows, "measured").astype(float), clusters, second, flags, compared.outcome == "rework", strata)
    of_hands = None if found.hands is None else places_of(rows, numbers(found.hands, "case"))
    return PathFamily(compared, rows, found.features, found.hands, of_hands, deviations, exposures, codes, found.labels, family, named)


def _strata(coded: Mapping[str, Whole], labels: Mapping[str, tuple[str, ...]]) -> tuple[Whole, tuple[str, ...]]:
    """The stratum of each case (a code) and their names: what the cases agree in, in all attributes that could confound."""
    import numpy as np

    columns = [column for column in labels if column.startswith("stratum")]
    found, codes = np.unique(np.stack([coded[column] for column in columns]), axis=1, return_inverse=True)
    names = (", ".join(labels[column][code] for column, code in zip(columns, one, strict=True)) for one in found.T.tolist())
    return codes.ravel().astype(np.int64), tuple(names)
