"""The cases that can be compared, with their outcome and everything by which they can be told apart, as codes for the statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Lent
from finmine.calendar_fit import UNKNOWN, CalendarFit, calendar_fit, calendars_of_cases
from finmine.engine import Rows
from finmine.kernels.exposures import Exposure, of_features, of_limits, of_values
from finmine.log import EventLog
from finmine.relations.costs import UNPRICED, cost_currency, exchange_note, priced_work
from finmine.relations.groups import NOT_RECORDED
from finmine.relations.hands import Between, hands_of_cases
from finmine.relations.labour import PaidWork
from finmine.relations.numbers import number_of
from finmine.relations.path_features import DEVIATION, HAND, NUMBER, VALUE, Outcome, compared_cases, having, measured_cases, path_features
from finmine.relations.traces import prove_keys, trace_facts, traces
from finmine.relations.units import units
from finmine.view import Caveat
from finmine.words import plural

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt

Record: TypeAlias = Mapping[str, Any]
Whole: TypeAlias = "npt.NDArray[Any]"

AMOUNT = "amount"
"""The name under which the money of cases is compared as a number."""
FEW = 30
"""Cases below which an effect has a caveat, and below which a variant or a family of variants is not told alone."""
_FEW_CLUSTERS = 20
_CODES = ("kind", "first", "second")
_MOST_CASES = 5_000_000
_MOST_FEATURES = 20_000_000
_PARTS = 16  # into which limits part the values of a number, about equally many in each


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared: the outcome, attributes whose values are compared too, what makes cases dependent, and what could confound.

    ``numbers`` are attributes that are compared by size, and with them goes the amount of the case; nothing where sizes are not compared.
    ``hands`` says whether who works on a case is compared, by resource or by role.
    """

    log: EventLog
    outcome: Outcome
    attributes: tuple[str, ...]
    cluster: str | None
    adjust: tuple[str, ...]
    numbers: tuple[str, ...] | None
    fit: CalendarFit | None
    work: PaidWork | None = None
    hands: Between | None = None

    @classmethod
    def of(
        cls,
        log: EventLog,
        outcome: Outcome,
        attributes: tuple[str, ...] = (),
        cluster: str | None = None,
        adjust: tuple[str, ...] = (),
        numbers: tuple[str, ...] | None = None,
        hands: Between | None = None,
    ) -> Compared:
        """What is compared, with the calendars and their fit where working time is.

        Raises:
            NoCalendar: working time was asked for and no calendar can apply to cases.
            MissingFact: hands were asked for, and the log does not know them.
            NoCost, SeveralCurrencies: costs were asked for, and are not known, or cannot be told in one currency.
        """
        if hands is not None:
            log.require(hands)
        fit = calendar_fit(log, calendars_of_cases(log)) if outcome == "working-time" else None
        work = priced_work(log) if outcome == "cost" else None
        return cls(log, outcome, attributes, cluster, adjust, numbers, fit, work, hands)

    @property
    def currency(self) -> str | None:
        """The currency of the outcome, where that is money."""
        return cost_currency(self.log) if self.work else None

    def script(self) -> tuple[str, ...]:
        """The statements that make the calendars on which the outcome rests, where it rests on any."""
        hours = self.fit.found if self.fit else self.work.calendars if self.work else None
        return hours.script() if hours else ()

    def kernels(self) -> tuple[Lent, ...]:
        """The shares of work that one resource does at once, where costs are compared."""
        return self.work.shares if self.work else ()

    def looked_up(self) -> tuple[str, ...]:
        """What the units cost in labour, where costs are compared."""
        return self.work.script() if self.work else ()

    @property
    def columns(self) -> dict[str, str]:
        """The columns of the cases that hold attributes, and the names of these."""
        named = {"value": self.attributes, "stratum": self.adjust}
        found = {f"{role}_{place}": name for role, names in named.items() for place, name in enumerate(names)}
        return found | ({"cluster": self.cluster} if self.cluster else {})

    @property
    def counted(self) -> dict[str, str]:
        """The columns of the cases that hold numbers, and the names of these."""
        if self.numbers is None:
            return {}
        named = {f"number_{place}": name for place, name in enumerate(self.numbers)}
        return named | ({"money": AMOUNT} if self.log.money else {})

    def measured(self) -> ir.Table:
        """All cases with their outcome."""
        texts = {column: name for column, name in self.counted.items() if column != "money"}
        found = measured_cases(self.log, self.outcome, self.fit.found if self.fit else None, self.columns | texts, self.work)
        found = found.mutate(**{column: number_of(self.log, name, found[column]) for column, name in texts.items()})
        if "money" not in self.counted:
            return found
        return found.join(traces(self.log).select("case", "money"), "case").select(*found.columns, "money")

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

    def not_compared(self, left: Record) -> Iterator[Caveat]:
        """Who is ``left`` out of every comparison of these cases, and why."""
        if not self.log.card.outcomes:
            yield Caveat(self.log.status_gap)
        elif left["running"]:
            running = plural(left["running"], "case that still runs is", "cases that still run are")
            yield Caveat(f"{running} not compared: {'what they cost' if self.work else 'how long they take'} is not known yet.")
        if left["unknown"]:
            cases = plural(left["unknown"], "case")
            if self.outcome == "late-days":
                yield Caveat(f"Of {cases} is not known when they were due or paid; they are in no number.")
            elif self.outcome == "cost":
                yield Caveat(f"What {cases} cost is not known and in no number: {UNPRICED}.")
            else:
                yield Caveat(f"The working time of {cases} is not known and in no number: {UNKNOWN}.")

    def caveats(self, left: Record, rows: Rows) -> Iterator[Caveat]:
        """What limits every comparison of these cases, as fetched: who is ``left`` out, and how far they depend on one another."""
        yield from self.not_compared(left)
        if self.work and (note := exchange_note(self.log)) is not None:
            yield Caveat(note)
        if self.cluster is None:
            what = "What cases of one vendor, day or month share can look like an effect: say --cluster ATTRIBUTE to move whole clusters."
            yield Caveat(f"Cases are taken as independent of one another. {what}")
            return
        clusters = rows.column("cluster")
        if (count := len(set(clusters))) < _FEW_CLUSTERS:
            yield Caveat(f"There are only {plural(count, 'cluster')} of {self.cluster}, so all this is exploratory.")
        if alone := clusters.count(NOT_RECORDED):
            yield Caveat(f"{plural(alone, 'case has', 'cases have')} no {self.cluster}, and are taken as one cluster.")

    def having(self, record: Record) -> ir.Table:
        """The compared cases that have what an effect is about."""
        these = self.cases()
        if record["kind"] == VALUE:
            found = these.filter(these[record["column"]] == record["value"])
        elif record["kind"] == NUMBER:
            found = these.filter(these[record["column"]] > record["value"])
        elif record["kind"] == HAND and self.hands is not None:
            worked = hands_of_cases(self.log, self.hands, these)
            found = these.semi_join(worked.filter(worked.label == record["value"]), "case")
        else:
            found = having(self.log, these, *(record[name] for name in _CODES))
        return these.anti_join(found, "case").select("case") if record["without"] else found.select("case")


@dataclass(frozen=True, slots=True, eq=False)
class PathDeviations:
    """The deviations of paths from a model: the paths (by their first case) and the places of the deviations among ``names``, row by row.

    ``spelled`` are the traces that were held against the ``model``; of ``untold`` cases nobody can say whether they deviate.
    """

    spelled: Rows
    paths: Whole
    codes: Whole
    names: tuple[str, ...]
    model: str
    untold: int


@dataclass(frozen=True, slots=True)
class Coded:
    """The compared cases and the features of their paths as fetched.

    ``codes`` has for each column a code for each case, in the order of the rows: ``path``, the columns of attributes, whose
    ``labels`` they number, and those of numbers, whose code is how many of the ``limits`` the number is above. ``hands`` are those who
    work on the cases, numbered by ``labels``, too, and ``deviations`` those of their paths from a model.
    """

    rows: Rows
    features: Rows
    hands: Rows | None
    deviations: PathDeviations | None
    codes: Mapping[str, Whole]
    labels: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, tuple[Decimal, ...]]

    def exposures(self, least: Mapping[int, int]) -> Iterator[Exposure]:
        """What enough cases have, and enough others have not: the features of the kinds that are told how many, values, and numbers above a limit."""
        import numpy as np

        if not len(self.rows):
            return
        lent = {name: numbers(self.features, name) for name in self.features.names}
        if (found := self.deviations) is not None:
            more = {"path": found.paths, "kind": np.full(len(found.paths), DEVIATION), "first": found.codes, "second": np.full(len(found.paths), -1)}
            lent = {name: np.concatenate((lent[name], more[name])) for name in lent}
        lent["path"] = np.searchsorted(np.unique(numbers(self.rows, "path")), lent["path"])
        alike = dict[int, list[Exposure]]()
        for one in of_features(self.codes["path"], lent, least):
            alike.setdefault(one.cases, []).append(one)
            yield one
        if self.hands is not None:
            worked = of_features(self.codes["hand"], self._of_hands(self.hands), least, "hand")
            yield from (one for one in worked if not any(self._same(one, other) for other in alike.get(one.cases, ())))
        for column in self.labels:
            if column.startswith("value"):
                yield from of_values(column, VALUE, self.codes[column], least[VALUE])
        for column in self.limits:
            yield from of_limits(column, NUMBER, self.codes[column], least[NUMBER])

    def _of_hands(self, hands: Rows) -> dict[str, Whole]:
        """Who works on each case as features of it."""
        import numpy as np

        case, codes = places_of(self.rows, numbers(hands, "case")), values(hands, "label")[0]
        return {"path": case, "kind": np.full(len(case), HAND), "first": codes, "second": np.full(len(case), -1)}

    def _same(self, one: Exposure, other: Exposure) -> bool:
        return bool((one.having[self.codes[one.column]] == other.having[self.codes[other.column]]).all())


def places_of(rows: Rows, cases: Whole) -> Whole:
    """The place of each of these cases among the compared cases as fetched."""
    import numpy as np

    held = numbers(rows, "case")
    order = np.argsort(held)
    found: Whole = order[np.searchsorted(held, cases, sorter=order)]
    return found


def fetched(compared: Compared) -> Rows:
    """The cases that are compared with what is told of them, least outcome first."""
    log = compared.log
    if log.edited:
        prove_keys(log, units(log), trace_facts(units(log)))
    named = compared.cases().select("case", "path", "started", "measured", *compared.columns, *compared.counted)
    return log.fetch(named.order_by(["measured", "case"]), _MOST_CASES)


def coded(compared: Compared, deviations: PathDeviations | None = None) -> Coded:
    """Fetch the cases that are compared and the features of their paths, and code what tells cases apart, with deviations from a model where these are given."""
    import numpy as np

    log, rows = compared.log, fetched(compared)
    features = log.fetch(path_features(log, compared.cases()).order_by(["kind", "first", "second", "path"]), _MOST_FEATURES)
    codes: dict[str, Whole] = {"path": np.unique(numbers(rows, "path"), return_inverse=True)[1]}
    labels, limits = dict[str, tuple[str, ...]](), dict[str, tuple[Decimal, ...]]()
    for column in compared.columns:
        codes[column], labels[column] = values(rows, column)
    for column in compared.counted:
        limits[column] = _limits(rows, column)
        codes[column] = _above(rows, column, limits[column])
    if compared.hands is None:
        return Coded(rows, features, None, deviations, codes, labels, limits)
    hands = log.fetch(hands_of_cases(log, compared.hands, compared.cases()).order_by("case", "label"), _MOST_FEATURES)
    return Coded(rows, features, hands, deviations, codes | {"hand": np.arange(len(rows))}, labels | {"hand": values(hands, "label")[1]}, limits)


def _limits(rows: Rows, column: str) -> tuple[Decimal, ...]:
    """Limits of two digits that part the known numbers of a column into about equally many."""
    known = sorted(value for value in rows.column(column) if isinstance(value, Decimal))
    places = (len(known) * part // _PARTS for part in range(1, _PARTS)) if known else ()
    cut = {_two_digits(known[place]) for place in places}
    return tuple(sorted(cut))


def _two_digits(number: Decimal) -> Decimal:
    return round(number, 1 - number.adjusted()) if number else Decimal(0)


def _above(rows: Rows, column: str, limits: tuple[Decimal, ...]) -> Whole:
    """How many of the limits each number is above, exactly; none where it is not known."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    held = rows.table.column(column)
    found: Whole = np.zeros(len(rows), dtype=np.int64)
    for limit in limits:
        above = pc.greater(held, pa.scalar(limit, held.type))
        found += pc.fill_null(above, False).to_numpy()
    return found


def values(rows: Rows, column: str) -> tuple[Whole, tuple[str, ...]]:
    """A code for the value of each case in a column of texts, and the values that the codes number."""
    import numpy as np

    found = rows.table.column(column).combine_chunks().dictionary_encode()
    return found.indices.to_numpy().astype(np.int64), tuple(found.dictionary.to_pylist())


def numbers(rows: Rows, name: str) -> Whole:
    """A column of whole numbers; missing ones are -1."""
    import pyarrow.compute as pc

    numbers: Whole = pc.fill_null(rows.table.column(name).cast("int64"), -1).to_numpy()
    return numbers
