"""The family of comparisons that a log allows: its cases with their outcome, and everything by which they can be told apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Digest
from finmine.calendar_fit import CalendarFit, calendar_fit, calendars_of_cases
from finmine.engine import Rows
from finmine.kernels.exposures import Exposure, of_features, of_values
from finmine.log import EventLog
from finmine.relations.groups import NOT_RECORDED
from finmine.relations.path_features import (
    ACTIVITY,
    FAMILY,
    PAIR,
    REPEATED,
    VALUE,
    VARIANT,
    Outcome,
    compared_cases,
    having,
    measured_cases,
    path_features,
)
from finmine.relations.traces import prove_keys, spelled_traces, trace_facts, trace_labels, written
from finmine.relations.units import units
from finmine.stats.path_effects import LEAST, SEED, Family, halves_by_cluster, halves_by_time

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt

Record: TypeAlias = Mapping[str, Any]
Whole: TypeAlias = "npt.NDArray[Any]"

FEW = 30
"""Cases below which an effect has a caveat, and below which a variant or a family of variants is not told alone."""
KINDS = {ACTIVITY: "activity", REPEATED: "repeated activity", PAIR: "directly follows", FAMILY: "family", VARIANT: "variant"}
_LEAST = {ACTIVITY: LEAST, REPEATED: LEAST, PAIR: LEAST, FAMILY: FEW, VARIANT: FEW}
_CODES = ("kind", "first", "second")
_MOST_CASES = 5_000_000
_MOST_FEATURES = 20_000_000


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared: the outcome, attributes whose values are compared too, what makes cases dependent, and what could confound."""

    log: EventLog
    outcome: Outcome
    attributes: tuple[str, ...]
    cluster: str | None
    adjust: tuple[str, ...]
    fit: CalendarFit | None

    @classmethod
    def of(cls, log: EventLog, outcome: Outcome, attributes: tuple[str, ...], cluster: str | None, adjust: tuple[str, ...]) -> Compared:
        """What is compared, with the calendars and their fit where working time is.

        Raises:
            NoCalendar: working time was asked for and no calendar can apply to cases.
        """
        fit = calendar_fit(log, calendars_of_cases(log)) if outcome == "working-time" else None
        return cls(log, outcome, attributes, cluster, adjust, fit)

    @property
    def columns(self) -> dict[str, str]:
        """The columns of the cases that hold attributes, and the names of these."""
        named = {"value": self.attributes, "stratum": self.adjust}
        found = {f"{role}_{place}": name for role, names in named.items() for place, name in enumerate(names)}
        return found | ({"cluster": self.cluster} if self.cluster else {})

    def measured(self) -> ir.Table:
        """All cases with their outcome."""
        return measured_cases(self.log, self.outcome, self.fit.found if self.fit else None, self.columns)

    def cases(self) -> ir.Table:
        """The cases that can be compared."""
        return compared_cases(self.log, self.measured())

    def left_out(self) -> ir.Table:
        """How many cases there are, and how many are not compared: they still run, or their outcome is not known."""
        import ibis

        these = self.measured()
        running = these.status != "finished" if self.log.card.outcomes else ibis.literal(False)
        flagged = these.mutate(open=running, gap=these.measured.isnull() & ~running)
        return flagged.aggregate(cases=flagged.count(), running=flagged.count(where=flagged.open), unknown=flagged.count(where=flagged.gap))

    def having(self, record: Record) -> ir.Table:
        """The compared cases that have what an effect is about."""
        these = self.cases()
        of_value = record["kind"] == VALUE
        found = these.filter(these[record["column"]] == record["value"]) if of_value else having(self.log, these, *(record[name] for name in _CODES))
        return these.anti_join(found, "case").select("case") if record["without"] else found.select("case")


@dataclass(frozen=True, slots=True)
class PathFamily:
    """The compared cases and the features of their paths as fetched, and the exposures and statistics made of them."""

    compared: Compared
    rows: Rows
    features: Rows
    exposures: tuple[Exposure, ...]
    labels: Mapping[str, tuple[str, ...]]
    family: Family
    strata: tuple[str, ...]

    @property
    def unclustered(self) -> int:
        """The cases without a value of the attribute that makes clusters; they are one cluster."""
        return 0 if self.compared.cluster is None else self.rows.column("cluster").count(NOT_RECORDED)

    def words(self) -> str:
        """The line of evidence that names the statistics and their input."""
        digest = Digest()
        digest.add({name: _numbers(self.rows, name) for name in ("path", "measured")})
        function = f"finmine.stats.path_effects.Family, seed {SEED}"
        return f"The effects are what {function}, finds in the compared cases in their order (path and measured: SHA-256 {digest.hexdigest()})."

    def spelled(self, places: list[int]) -> Rows:
        """The traces of the variants and families among these exposures."""
        paths = [self.exposures[place].first for place in places if self.exposures[place].kind in (FAMILY, VARIANT)]
        cases = self.compared.cases()
        return self.compared.log.fetch(spelled_traces(self.compared.log, cases.filter(cases.case.isin(paths)).select("case")))

    def named(self, places: list[int], spelled: Rows) -> Iterator[dict[str, Any]]:
        """Kind, name and codes of these exposures."""
        activities, traces = self.compared.log.activity_names(), trace_labels(spelled)
        for place in places:
            one = self.exposures[place]
            said: dict[str, Any] = {"kind": one.kind, "first": one.first, "second": one.second if one.second >= 0 else None, "without": one.without}
            if one.kind == VALUE:
                name, value = self.compared.columns[one.column], self.labels[one.column][one.first]
                said |= {"column": one.column, "value": value, "exposure_kind": name, "exposure": f"{name} {'≠' if one.without else '='} {value}"}
            else:
                has = _spoken(one, activities, traces)
                said |= {"exposure_kind": KINDS[one.kind], "exposure": f"no {has}" if one.without else has}
            yield said


def _spoken(one: Exposure, activities: Sequence[str], traces: Mapping[int, tuple[str, ...]]) -> str:
    """A feature of paths in words."""
    if one.kind == FAMILY:
        return written(tuple(dict.fromkeys(traces[one.first])))
    if one.kind == VARIANT:
        return written(traces[one.first])
    if one.kind == PAIR:
        return f"{activities[one.first]} → {activities[one.second]}"
    return f"{activities[one.first]} more than once" if one.kind == REPEATED else activities[one.first]


def path_family(compared: Compared) -> PathFamily:
    """Fetch the cases that are compared and the features of their paths, and find what tells cases apart.

    Rework is read off the path itself, so that only activities and attributes are compared in it.
    """
    import numpy as np

    log, cases = compared.log, compared.cases()
    if log.edited:
        prove_keys(log, units(log), trace_facts(units(log)))
    rows = log.fetch(cases.select("case", "path", "started", "measured", *compared.columns).order_by(["measured", "case"]), _MOST_CASES)
    features = log.fetch(path_features(log, cases).order_by(["kind", "first", "second", "path"]), _MOST_FEATURES)
    paths, codes = np.unique(_numbers(rows, "path"), return_inverse=True)
    coded, labels = {"path": codes}, {}
    for column in compared.columns:
        values = rows.table.column(column).combine_chunks().dictionary_encode()
        coded[column], labels[column] = values.indices.to_numpy().astype(np.int64), tuple(values.dictionary.to_pylist())
    lent = {name: _numbers(features, name) for name in features.names}
    lent["path"] = np.searchsorted(paths, lent["path"])
    least = {kind: number for kind, number in _LEAST.items() if compared.outcome != "rework" or kind == ACTIVITY}
    exposures = [*of_features(codes, lent, least)] if len(rows) else []
    for column in (column for column in labels if column.startswith("value") and len(rows)):
        exposures += of_values(column, VALUE, coded[column], LEAST)
    clusters = coded.get("cluster")
    second = halves_by_time(_numbers(rows, "started")) if clusters is None else halves_by_cluster(clusters)
    flags = [partial(_flags, one, coded) for one in exposures]
    strata, named = _strata(coded, labels) if compared.adjust else (None, ())
    family = Family(_numbers(rows, "measured").astype(float), clusters, second, flags, compared.outcome == "rework", strata)
    return PathFamily(compared, rows, features, tuple(exposures), labels, family, named)


def _strata(coded: Mapping[str, Whole], labels: Mapping[str, tuple[str, ...]]) -> tuple[Whole, tuple[str, ...]]:
    """The stratum of each case (a code) and their names: what the cases agree in, in all attributes that could confound."""
    import numpy as np

    columns = [column for column in labels if column.startswith("stratum")]
    found, codes = np.unique(np.stack([coded[column] for column in columns]), axis=1, return_inverse=True)
    names = (", ".join(labels[column][code] for column, code in zip(columns, one, strict=True)) for one in found.T.tolist())
    return codes.ravel().astype(np.int64), tuple(names)


def _flags(one: Exposure, coded: Mapping[str, Whole]) -> Any:
    return one.having[coded[one.column]]


def _numbers(rows: Rows, name: str) -> Whole:
    """A column of whole numbers; missing ones are -1."""
    import pyarrow.compute as pc

    numbers: Whole = pc.fill_null(rows.table.column(name).cast("int64"), -1).to_numpy()
    return numbers
