"""Path effects: which paths go with more or less time or cost, tested as one family, with sizes, intervals and a second look at other cases.

Each variant, family of variants, activity, repeated activity and directly-follows pair, and each value of the named attributes,
parts the cases into those that have it and the others. The size of a difference is the **shift**: the median of all
differences between a case of the one kind and a case of the other. The **burden** is the shift times the cases that have it, so
that a small effect on many cases outranks a large one on three. All tests that are made are one family, and the p-values are
adjusted over all of it. That things go together does not say that one brings about the other; and where cases begin or end elsewhere, or cost
more by what the very activity costs that they have, it says nothing at all: such effects are told apart, as what holds **by definition**.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.all_comparisons import all_comparisons, comparisons_table
from finmine.arrays import Lent
from finmine.burden_curve import burden_curve, points
from finmine.by_definition import ALWAYS, OWN, OwnCosts, Spans, apart, definition
from finmine.compared_cases import FEW, Compared
from finmine.effect_definitions import definitions
from finmine.effect_headlines import alarms, headlines
from finmine.effect_rows import adjusted, at_quantiles, measures
from finmine.effect_words import short
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.models.path_deviations import path_deviations
from finmine.outcome_sizes import AT_QUANTILES, NOUNS, SIZES, column, outcome_definitions, sized_table
from finmine.path_family import PathFamily, path_family
from finmine.relations.hands import Between
from finmine.relations.path_features import DEVIATION, Outcome
from finmine.result import Result, about, opening, table
from finmine.stats.path_effects import LEVEL, Tested
from finmine.usual_path import USUAL
from finmine.view import Block, Caveat, Definition, Intervals, Prose, Table, View
from finmine.words import agreeing, count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_MOST_LINES = 20
_SURE = ("exposure", "cases", "others", "delta", "delta_size", "q", "p_ranks", "p_robust", "p_permuted", "permuted")
_HALVES = ("exposure", "delta_first", "q_first", "delta_second", "p_second", "second_half")


@dataclass(frozen=True, slots=True, repr=False)
class PathEffects(Result):
    """The effects with the largest burden, among all that were tested; ``rows`` are the cases that were compared.

    Of the comparisons that ``differ``, so many hold ``by_definition`` because their sides begin or end elsewhere.
    """

    family: PathFamily
    counted: Rows
    spelled: Rows
    spans: Spans | None
    own: OwnCosts
    tested: tuple[Tested, ...]
    shown: tuple[Record, ...]
    comparisons: tuple[Record, ...]
    differ: int
    by_definition: int
    curve: tuple[Record, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The cases that were compared, what their paths have, all cases by what became of them, and the traces of the paths that are named."""
        told = {"compared cases": self.rows, "features of their paths": self.family.features, "all cases": self.counted, "traces": self.spelled}
        told |= {"calendar fit": self.compared.fit.rows} if self.compared.fit else {}
        told |= {"begins and ends of the cases": self.spans.rows} if self.spans else {}
        told |= self.own.answers()
        told |= {"who works on the cases": self.family.hands} if self.family.hands is not None else {}
        return told | ({"traces held against the model": self.family.deviations.spelled} if self.family.deviations else {})

    def prepared(self) -> tuple[str, ...]:
        """The calendars, where the outcome rests on them, and which function gives the statistics of which input."""
        held = (
            ("-- deviations are what finmine.models.conformance.checked finds of the traces, held against the model",)
            if self.family.deviations
            else ()
        )
        return (*self.compared.script(), *held, f"-- {self.family.words()}")

    def kernels(self) -> tuple[Lent, ...]:
        """The shares of work that one resource does at once, where costs are compared."""
        return self.compared.kernels()

    def looked_up(self) -> tuple[str, ...]:
        """What the units cost in labour, where costs are compared."""
        return self.compared.looked_up()

    @property
    def compared(self) -> Compared:
        """What is compared."""
        return self.family.compared

    def records(self) -> tuple[Record, ...]:
        """The effects, largest burden first; after them those that hold by definition."""
        return self.shown

    @property
    def sound(self) -> tuple[Record, ...]:
        """The effects that do not hold by definition."""
        return tuple(one for one in self.shown if one["by_definition"] is None)

    def view(self) -> View:
        """Headlines, the forest plot, the effects, how sure they are, what became of them in the other half, and the terms."""
        blocks: list[Block] = [*opening(self.about), *headlines(self.sound, self.compared), *alarms(self.shown, self.compared)]
        blocks += [*map(Prose, self._tested()), *self._effects()]
        if len(self.curve) > 1:
            blocks.append(burden_curve(self.curve, self.compared))
        if len(self.sound) < len(self.shown):
            rest = ("rest",) if self.compared.work else ()
            columns = ("exposure", "cases", *SIZES[:1], *rest, "burden", "begins_apart", "ends_apart", "by_definition")
            blocks.append(self._table("What holds by definition", [one for one in self.shown if one["by_definition"]], columns))
        if self.shown:
            if paths := [one for one in self.shown if "trace" in one]:
                blocks.append(table("The variants and families in full", paths, ("group", "cases", "trace")))
            blocks.append(self._table("How sure it is", self.shown, _SURE))
            if self.compared.adjust:
                columns = ("exposure", "cases", "adjusted_cases", "strata", "i_squared", "p_strata", "finding")
                blocks.append(self._table(f"A{self._agreeing}", self.shown, columns))
                if self.compared.outcome != "rework":
                    at_quantiles = ("exposure", "quantile_cases", *AT_QUANTILES)
                    blocks.append(self._table(f"Median and 90th percentile a{self._agreeing}", self.shown, at_quantiles))
            of_all = " (of all cases, not among those that agree)" if self.compared.adjust else ""
            blocks.append(self._table(f"Discovered in one half of the cases, confirmed in the other{of_all}", self.shown, _HALVES))
        if len(self.comparisons) > len(self.shown):
            blocks.append(comparisons_table(self.comparisons))
        blocks += [*(self.compared.fit.blocks() if self.compared.fit else ()), *self._caveats(), *self._definitions()]
        return View("Path effects", tuple(blocks), self.about.log.zone)

    @property
    def _noun(self) -> str:
        return NOUNS[self.compared.outcome]

    @property
    def _agreeing(self) -> str:
        return f"mong cases that agree in {', '.join(self.compared.adjust)}"

    def _effects(self) -> Iterator[Block]:
        """The forest plot and the effects; among cases that agree, with those of all cases beside them, where that was asked for."""
        sizes, among = (SIZES[4:7], f" a{self._agreeing}") if self.compared.adjust else (SIZES[:3], "")
        beside = SIZES[:3] if among else ()
        if self.sound:
            title = f"What goes with more or less {self._noun}{among}{', and in all cases' if among else ''}"
            lines = self._table(title, self.sound[:_MOST_LINES], ("exposure", "cases", *sizes, *beside))
            value, low, high, *rest = (column(name, self.compared) for name in (*sizes, *beside))
            yield Intervals(lines, "exposure", value, low, high, (rest[0], rest[1], rest[2]) if rest else None)
        told = (*SIZES[4:], "finding", "shift") if among else (*SIZES[:4], "second_half")
        yield self._table(f"Path effects{among}, largest burden first", self.sound, ("exposure_kind", "exposure", "cases", *told))

    def _table(self, title: str, records: Sequence[Record], names: Sequence[str]) -> Table:
        """These columns of the effects, of which variants and families are told by what they do otherwise than the usual path."""
        return sized_table(title, [{**one, "exposure": short(one)} for one in records], names, self.compared)

    def _tested(self) -> Iterator[str]:
        confirmed = sum(one.verdict == "confirmed" for one in self.tested)
        found = sum(one.verdict in ("confirmed", "not confirmed") for one in self.tested)
        halves = f"by whole clusters of {self.compared.cluster}" if self.compared.cluster else "by the time at which cases began"
        said = f"{plural(len(self.rows), 'case was', 'cases were')} compared in {plural(len(self.tested), 'way')}; all tests are one family."
        said += f" In {count(self.differ) if self.differ else 'none'} of them the cases differ (q at most {share(LEVEL)})"
        if len(self.shown) < self.differ:
            said += f"; the {count(len(self.shown))} with the largest burden are shown, of several that hold for nearly the same cases the first"
        said += "."
        of_these = f", and the second confirms {count(confirmed)} of these" if found else ""
        yield f"{said} Halved {halves}, the first half discovers {count(found) if found else 'none'}{of_these}."
        own, always = (sum(one["by_definition"] == reason for one in self.shown) for reason in (OWN, ALWAYS))
        if self.by_definition:
            yield (
                f"In {count(self.by_definition)} of the {count(self.differ)} the cases begin or end elsewhere than those they are compared with, "
                f"so that they differ by definition; these are in a table of their own, and in no headline."
            )
        if own:
            are = agreeing(own, "is", "are")
            yield f"{plural(own, 'effect')} on cost {are} mostly what the very units cost that tell the cases apart, and {are} told there, too."
        if always:
            are = agreeing(always, "is", "are")
            yield f"{plural(always, 'effect')} on rework {are} of what only cases with rework have, and {are} told there, too."

    def _caveats(self) -> Iterator[Caveat]:
        (left,) = self.counted.records()
        yield from self.compared.caveats(left, self.rows)
        if few := sum(one["cases"] < FEW or one["others"] < FEW for one in self.shown):
            yield Caveat(f"{plural(few, 'effect shown rests', 'effects shown rest')} on fewer than {FEW} cases.")
        if self.family.deviations and (untold := self.family.deviations.untold):
            yield Caveat(
                f"{plural(untold, 'case')} could not be held against the model {self.family.deviations.model}, and count as without deviation."
            )
        yield Caveat(
            f"Effects are associations: what goes with more {self._noun} need not bring it about, and effects overlap, so that burdens do not add up."
        )

    def _definitions(self) -> Iterator[Definition]:
        yield from definitions(self.compared, len(self.curve) > 1)
        yield from outcome_definitions(self.compared)
        if any("trace" in one for one in self.shown):
            yield USUAL
        if self.spans:
            yield definition(self.compared)

    def behind(self, record: Record) -> ir.Table:
        """The compared cases that have what a row is about."""
        found = self.family.deviations
        if record["kind"] != DEVIATION or found is None:
            return self.compared.having(record)
        cases = self.compared.cases()
        deviates = cases.path.isin(found.paths[found.codes == record["first"]].tolist())
        return cases.filter(~deviates if record["without"] else deviates).select("case")


def path_effects(
    log: EventLog,
    *,
    outcome: Outcome = "throughput",
    attributes: tuple[str, ...] = (),
    cluster: str | None = None,
    adjust: tuple[str, ...] = (),
    hands: Between | None = None,
    model: Path | None = None,
    most: int = 25,
) -> PathEffects:
    """Which paths go with more or less time, cost or rework, and by how much.

    Args:
        log: the event log.
        outcome: what is compared: throughput time, working time, how many days after its due date a case was paid, whether it has rework, or what its work costs.
        attributes: attributes whose values are compared, too.
        cluster: an attribute whose cases are not independent of one another, such as the vendor.
        adjust: attributes that could confound an effect: it is looked at again among cases that agree in them, and told as it is there.
        hands: whether who works on a case is compared, too: the resources, or the roles, such as the levels of approvers.
        model: a BPMN or PNML file: deviations of the paths from it are compared, too.
        most: how many effects are shown, largest burden first, and as many of those that hold by definition; all are tested.

    Raises:
        NoCalendar: working time was asked for and no calendar can apply to cases.
        MissingFact: hands were asked for, and the log does not know them.
        NoCost, SeveralCurrencies: costs were asked for, and are not known, or not in one currency.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    compared = Compared.of(log, outcome, attributes, cluster, adjust, hands=hands)
    found = path_family(compared, path_deviations(compared, model) if model is not None else None)
    tested = found.family.tested()
    real = [one for one in tested if one.q <= LEVEL]
    spans = Spans.of(compared)
    told = apart(found, spans, [one.place for one in real])
    parted = [[one for one in real if (told[one.place]["by_definition"] is not None) == by_definition] for by_definition in (False, True)]
    effects = [effect for some in parted for effect in found.family.effects(some, most)]
    places = [effect.tested.place for effect in effects]
    others = [one.place for one in tested if one.place not in set(places)]
    spelled, own = found.spelled([*places, *others]), OwnCosts.of(found, places)
    names = [*found.named([*places, *others], spelled)]
    whole = float(abs(found.family.values).sum())
    rows = [
        (
            effect,
            {
                **named,
                **measures(effect, whole, compared),
                **adjusted(effect, found.strata, compared),
                **at_quantiles(effect, compared),
                **own.told(effect, told[effect.tested.place]),
            },
        )
        for named, effect in zip(names, effects, strict=False)
    ]
    rows.sort(key=lambda row: (row[1]["by_definition"] is not None, -row[1]["weight"]))
    sound = [(effect, {**record, "exposure": short(record)}) for effect, record in rows if record["by_definition"] is None]
    more = [(effect, record) for effect, record in sound if (_burden(record, compared) or 0) > 0]
    curve = points([record for _, record in more], found.family.together([effect for effect, _ in more]), len(found.rows), compared)
    asked = {"outcome": outcome, "attributes": ", ".join(attributes) or None, "cluster": cluster, "adjust": ", ".join(adjust) or None}
    return PathEffects(
        about(log, "path-effects", asked | {"hands": hands, "model": model.name if model else None, "most": most}),
        found.rows,
        found,
        log.fetch(compared.left_out()),
        spelled,
        spans,
        own,
        tested,
        tuple(record for _, record in rows),
        all_comparisons(
            tested, dict(zip([*places, *others], names, strict=True)), effects, {place: one["by_definition"] for place, one in told.items()}
        ),
        len(real),
        len(parted[1]),
        curve,
    )


def _burden(record: Record, compared: Compared) -> float | Decimal | None:
    """The burden that is told: the adjusted one, where that was asked for."""
    burden: float | Decimal | None = record["adjusted_burden" if compared.adjust else "burden"]
    return burden
