"""Path effects: which paths go with more or less time or cost, tested as one family, with sizes, intervals and a second look at other cases.

Each variant, family of variants, activity, repeated activity and directly-follows pair, and each value of the named attributes,
parts the cases into those that have it and the others. The size of a difference is the **shift**: the median of all
differences between a case of the one kind and a case of the other. The **burden** is the shift times the cases that have it, so
that a small effect on many cases outranks a large one on three. All tests that are made are one family, and the p-values are
adjusted over all of it. That things go together does not say that one brings about the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Lent
from finmine.compared_cases import FEW, Compared
from finmine.effect_rows import TURNS, adjusted, at_quantiles, measures
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.models.path_deviations import path_deviations
from finmine.outcome_sizes import AT_QUANTILES, NOUNS, SIZES, column, outcome_definitions, size_words, sized_table
from finmine.path_family import PathFamily, path_family
from finmine.relations.hands import Between
from finmine.relations.path_features import DEVIATION, FAMILY, HAND, VALUE, VARIANT, Outcome
from finmine.result import Result, about, opening, table
from finmine.stats.path_effects import LEVEL, Tested
from finmine.view import Block, Caveat, Definition, Headline, Intervals, Prose, Table, View
from finmine.words import count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_SAID = {FAMILY: "of the family", VARIANT: "of the variant"}
_WAYS = {"rework": ("more often", "less often"), "cost": ("higher", "lower")}
_MOST_HEADLINES = 3
_MOST_LINES = 20
_SURE = ("exposure", "cases", "others", "delta", "delta_size", "q", "p_ranks", "p_robust", "p_permuted", "permuted")
_HALVES = ("exposure", "delta_first", "q_first", "delta_second", "p_second", "second_half")


@dataclass(frozen=True, slots=True, repr=False)
class PathEffects(Result):
    """The effects with the largest burden, among all that were tested; ``rows`` are the cases that were compared."""

    family: PathFamily
    counted: Rows
    spelled: Rows
    tested: tuple[Tested, ...]
    shown: tuple[Record, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The cases that were compared, what their paths have, all cases by what became of them, and the traces of the paths that are named."""
        told = {"compared cases": self.rows, "features of their paths": self.family.features, "all cases": self.counted, "traces": self.spelled}
        told |= {"calendar fit": self.compared.fit.rows} if self.compared.fit else {}
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
        """The effects, largest burden first."""
        return self.shown

    def view(self) -> View:
        """Headlines, the forest plot, the effects, how sure they are, what became of them in the other half, and the terms."""
        blocks: list[Block] = [*opening(self.about), *self._headlines(), Prose(self._tested())]
        if self.shown:
            lines = self._table(f"What goes with more or less {self._noun}", self.shown[:_MOST_LINES], ("exposure", "cases", *SIZES[:3]))
            blocks.append(Intervals(lines, "exposure", *(column(name, self.compared) for name in SIZES[:3])))
        blocks.append(
            self._table("Path effects, largest burden first", self.shown, ("exposure_kind", "exposure", "cases", *SIZES[:4], "second_half"))
        )
        if self.shown:
            blocks.append(table("How sure it is", self.shown, _SURE))
            if self.compared.adjust:
                agreeing = f"mong cases that agree in {', '.join(self.compared.adjust)}"
                columns = ("exposure", "cases", "adjusted_cases", "strata", "shift", *SIZES[4:], "i_squared", "p_strata", "finding")
                blocks.append(self._table(f"A{agreeing}", self.shown, columns))
                if self.compared.outcome != "rework":
                    at_quantiles = ("exposure", "quantile_cases", *AT_QUANTILES)
                    blocks.append(self._table(f"Median and 90th percentile a{agreeing}", self.shown, at_quantiles))
            blocks.append(table("Discovered in one half of the cases, confirmed in the other", self.shown, _HALVES))
        blocks += [*(self.compared.fit.blocks() if self.compared.fit else ()), *self._caveats(), *self._definitions()]
        return View("Path effects", tuple(blocks), self.about.log.zone)

    @property
    def _noun(self) -> str:
        return NOUNS[self.compared.outcome]

    def _table(self, title: str, records: Sequence[Record], names: Sequence[str]) -> Table:
        return sized_table(title, records, names, self.compared)

    def _told(self, size: float | Decimal) -> str:
        return size_words(size, self.compared) if self.compared.outcome != "rework" else f"{100 * abs(float(size)):.1f} points"

    def _headlines(self) -> Iterator[Headline]:
        """The largest burdens that the second half confirms and whose permutation does not give them easily."""
        sound = [
            one for one in self.shown if one["second_half"] == "confirmed" and one["p_permuted"] <= LEVEL and one["cases"] >= FEW and one["shift"]
        ]
        for one in sound[:_MOST_HEADLINES]:
            way = _WAYS.get(self.compared.outcome, ("longer", "shorter"))[one["shift"] < 0]
            low, high = sorted((abs(one["shift_low"]), abs(one["shift_high"])))
            said = f"{self._told(one['shift'])} {way} (95 % interval {self._told(low)} to {self._told(high)})"
            cases = f"{plural(one['cases'], 'case')} {_which(one)}"
            if self.compared.outcome == "rework":
                yield Headline(f"{cases} go with rework {said} than the {count(one['others'])} others.", abs(one["shift"]))
                continue
            whole = f"{self._told(one['burden'])} in all" if one["shift"] > 0 else f"{self._told(one['burden'])} less in all"
            yield Headline(f"{cases} go with a {self._noun} {said} than the {count(one['others'])} others: {whole}.", one["weight"])

    def _tested(self) -> str:
        real = [one for one in self.tested if one.q <= LEVEL]
        confirmed = sum(one.verdict == "confirmed" for one in self.tested)
        found = sum(one.verdict in ("confirmed", "not confirmed") for one in self.tested)
        halves = f"by whole clusters of {self.compared.cluster}" if self.compared.cluster else "by the time at which cases began"
        said = f"{plural(len(self.rows), 'case was', 'cases were')} compared in {plural(len(self.tested), 'way')}; all tests are one family."
        said += f" In {count(len(real)) if real else 'none'} of them the cases differ (q at most {share(LEVEL)})"
        if len(self.shown) < len(real):
            said += f"; the {count(len(self.shown))} with the largest burden are shown, of several that hold for nearly the same cases the first"
        said += "."
        of_these = f", and the second confirms {count(confirmed)} of these" if found else ""
        return f"{said} Halved {halves}, the first half discovers {count(found) if found else 'none'}{of_these}."

    def _caveats(self) -> Iterator[Caveat]:
        (left,) = self.counted.records()
        yield from self.compared.caveats(left, self.rows)
        if few := sum(one["cases"] < FEW or one["others"] < FEW for one in self.shown):
            yield Caveat(f"{plural(few, 'effect shown rests', 'effects shown rest')} on fewer than {FEW} cases.")
        if self.family.deviations and (untold := self.family.deviations.untold):
            yield Caveat(
                f"{plural(untold, 'case')} could not be held against the model {self.family.deviations.model}, and count as without deviation."
            )
        for one in self.shown:
            if one["finding"] == TURNS:
                said = f"{one['exposure']} goes with {'more' if one['shift'] > 0 else 'less'} {self._noun} in all cases, and with the opposite"
                yield Caveat(f"Simpson's paradox: {said} among cases that agree in {', '.join(self.compared.adjust)}.")
        yield Caveat(
            f"Effects are associations: what goes with more {'cost' if self.compared.work else 'time'} need not bring it about, and effects overlap, so that burdens do not add up."
        )

    def _definitions(self) -> Iterator[Definition]:
        if self.compared.outcome == "rework":
            yield Definition(
                "Rework", "whether anything in the case is done more than once; the shift is the difference of the two rates", "Newcombe 1998"
            )
        else:
            yield _SHIFT
        yield from outcome_definitions(self.compared)
        yield from _DEFINITIONS

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
        adjust: attributes that could confound an effect: it is looked at again among cases that agree in them.
        hands: whether who works on a case is compared, too: the resources, or the roles, such as the levels of approvers.
        model: a BPMN or PNML file: deviations of the paths from it are compared, too.
        most: how many effects are shown, largest burden first; all are tested.

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
    effects = found.family.effects([one for one in tested if one.q <= LEVEL], most)
    places = [one.tested.place for one in effects]
    spelled = found.spelled(places)
    whole = float(abs(found.family.values).sum())
    shown = tuple(
        {**named, **measures(one, whole, compared), **adjusted(one, found.strata, compared), **at_quantiles(one, compared)}
        for named, one in zip(found.named(places, spelled), effects, strict=True)
    )
    asked = {"outcome": outcome, "attributes": ", ".join(attributes) or None, "cluster": cluster, "adjust": ", ".join(adjust) or None}
    return PathEffects(
        about(log, "path-effects", asked | {"hands": hands, "model": model.name if model else None, "most": most}),
        found.rows,
        found,
        log.fetch(compared.left_out()),
        spelled,
        tested,
        shown,
    )


def _which(one: Record) -> str:
    """The cases of a row, as they stand in a sentence."""
    if one["kind"] == HAND:
        return f"{'not ' if one['without'] else ''}worked on by {one['value']}"
    if one["kind"] == VALUE:
        return f"with {one['exposure']}"
    said = _SAID.get(one["kind"], "with")
    return (
        f"{'without' if said == 'with' else f'not {said}'} {one['exposure'].removeprefix('no ')}" if one["without"] else f"{said} {one['exposure']}"
    )


_SHIFT = Definition(
    "Shift",
    "the median of all differences between a case of the one kind and a case of the other; its interval comes from drawing whole clusters of cases "
    "again and again. Burden: the shift times the cases of the one kind",
    "Hodges and Lehmann 1963",
)
_DEFINITIONS = (
    Definition(
        "Cliff's δ",
        "the chance that a case of the one kind has more than one of the other, less the chance of the reverse; from 0.147 on small, from 0.33 medium, from 0.474 large",
        "Cliff 1993; Romano and others 2006",
    ),
    Definition(
        "q",
        "the p-value of Brunner and Munzel's test for whole clusters, adjusted over all comparisons that were made, shown or not: "
        "of those with q up to 5 %, at most 5 % are expected to be chance",
        "Benjamini and Hochberg 1995",
    ),
    Definition(
        "Adjusted shift",
        "the shifts in the strata of cases that agree, weighted by the inverse of their variances; none where it goes one way in a stratum and the "
        "other way in another, each beyond its interval. I² is the share of the variation between strata that is more than chance",
        "Cochran 1954; Higgins and Thompson 2002; van Elteren 1960",
    ),
    Definition(
        "Shift of the median, of the 90th percentile",
        "by how much that quantile is shifted for the cases of the one kind, where each stratum of cases that agree has a level of its own; all cases of strata "
        "with both kinds count. Its interval comes from drawing whole clusters again and again",
        "Koenker and Bassett 1978",
    ),
    Definition(
        "Permutation p",
        "how often chance alone parts the cases as far: inside clusters where those differ inside, else whole clusters are given anew",
    ),
    Definition(
        "Family",
        "all variants with the same activities in the order of their first occurrence, however often anything is repeated; "
        "a variant of fewer than 30 cases is compared within its family only",
    ),
)
