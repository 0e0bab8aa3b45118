"""Group effects: which groups of cases take longer or cost more than which, all at once and each against each.

Groups are the values of an attribute, or the variants, of which rare ones stand together in their family. That groups differ
does not say what makes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from finmine.arrays import Lent
from finmine.by_definition import SPANS, Spans, apart_of_codes
from finmine.case_groups import CaseGroups, case_groups
from finmine.compared_cases import FEW, Compared, values
from finmine.engine import Rows
from finmine.errors import OutOfRange, Refusal
from finmine.log import EventLog
from finmine.outcome_sizes import NOUNS, column, in_unit, outcome_definitions, size_words, sized_table
from finmine.relations.path_features import Outcome
from finmine.result import Result, about, opening, table
from finmine.stats.many_groups import ManyGroups, Pair, many_groups, pairs, permuted_clusters
from finmine.stats.path_effects import LEAST, LEVEL, SEED
from finmine.stats.sample import Ints, Sample
from finmine.stats.two_groups import compare, shift_limits, size_of
from finmine.usual_path import USUAL
from finmine.view import Block, Caveat, Definition, Headline, Intervals, Prose, Table, View
from finmine.words import agreeing, count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_MEASURES = ("median", "shift", "shift_low", "shift_high")


class GroupsAreClusters(Refusal):
    """Groups and clusters are the same, so that chance could give no other groups."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"cases are grouped by {name!r} and moved in whole clusters of {name!r}: with one cluster in each group nobody can say how far chance "
            "would part them. Leave --cluster out, or name what is finer than the groups."
        )


@dataclass(frozen=True, slots=True)
class Tests:
    """All groups at once, with the p-value of whole clusters where there are any and how many draws it is of; and each pair of them."""

    whole: ManyGroups
    permuted: tuple[float, int] | None
    pairs: tuple[Pair, ...]

    @property
    def p(self) -> float:
        """The p-value that takes clusters whole."""
        return self.whole.p if self.permuted is None else self.permuted[0]


@dataclass(frozen=True, slots=True, repr=False)
class GroupEffects(Result):
    """The groups, those with most first; ``rows`` are the cases that were compared."""

    found: CaseGroups
    counted: Rows
    spans: Spans | None
    tests: Tests | None
    groups: tuple[Record, ...]
    different: tuple[Record, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The cases that were compared, the families of their paths and the traces by which groups are named, and all cases by what became of them."""
        told = {"compared cases": self.rows, "families of their paths": self.found.families, "traces": self.found.spelled, "all cases": self.counted}
        told |= {"begins and ends of the cases": self.spans.rows if self.spans else None}
        told |= {"calendar fit": self.compared.fit.rows if self.compared.fit else None}
        return {name: rows for name, rows in told.items() if rows is not None}

    def prepared(self) -> tuple[str, ...]:
        """The calendars, where the outcome rests on them, and which function gives the statistics of which input."""
        return (*self.compared.script(), f"-- {self.found.said()}")

    def kernels(self) -> tuple[Lent, ...]:
        """The shares of work that one resource does at once, where costs are compared."""
        return self.compared.kernels()

    def looked_up(self) -> tuple[str, ...]:
        """What the units cost in labour, where costs are compared."""
        return self.compared.looked_up()

    @property
    def compared(self) -> Compared:
        """What is compared."""
        return self.found.compared

    def records(self) -> Sequence[Record]:
        """The groups, those with most of what is compared first."""
        return self.groups

    def view(self) -> View:
        """How far the groups explain the times, the groups, the pairs that differ, and the terms."""
        noun = NOUNS[self.compared.outcome]
        blocks: list[Block] = [*opening(self.about), *self._headlines(), *self._tested()]
        if len(self.groups) > 1:
            drawn = self._table(f"{noun.capitalize()} of each group against the others", self.groups, ("group", *_MEASURES[1:]))
            value, low, high = (column(name, self.compared) for name in _MEASURES[1:])
            blocks.append(Intervals(drawn, "group", value, low, high))
        blocks.append(self._table("Groups", self.groups, ("group", "cases", *_MEASURES, "mean_rank")))
        if self._elsewhere:
            apart = ("group", "cases", "begins_apart", "ends_apart", "by_definition")
            blocks.append(table("Groups that begin or end elsewhere than the others", self._elsewhere, apart))
        if not self.compared.attributes:
            blocks.append(table("What the groups do", self.groups, ("group", "cases", "unlike", "trace")))
        if self.different:
            columns = ("group", "than_group", *_MEASURES[1:], "delta", "delta_size", "p_pair", "q_pair")
            blocks.append(self._table("Pairs of groups that differ", self.different, columns))
        blocks += [*(self.compared.fit.blocks() if self.compared.fit else ()), *self._caveats(), *outcome_definitions(self.compared)]
        blocks += [*([SPANS] if self._elsewhere else []), *([] if self.compared.attributes else [USUAL]), *_DEFINITIONS]
        return View("Group effects", tuple(blocks), self.about.log.zone)

    def _table(self, title: str, records: Sequence[Record], names: Sequence[str]) -> Table:
        return sized_table(title, records, names, self.compared)

    @property
    def _elsewhere(self) -> list[Record]:
        """The groups that differ from the others by definition."""
        return [one for one in self.groups if one["by_definition"]]

    def _headlines(self) -> Iterator[Headline]:
        """How much the groups explain, and the groups that stand furthest apart, where they differ beyond chance and not by definition.

        Where two have thirty cases, none of fewer is named.
        """
        tests, sound = self.tests, [one for one in self.groups if not one["by_definition"]]
        enough = [one for one in sound if one["cases"] >= FEW]
        sound = enough if len(enough) > 1 else sound
        if tests is None or tests.p > LEVEL or len(sound) < 2:
            return
        most, least = sound[0], sound[-1]
        noun = f"{'share of cases with' if self.compared.outcome == 'rework' else 'median'} {NOUNS[self.compared.outcome]}"
        middle, lowest = (size_words(one["median"], self.compared) for one in (most, least))
        high, low = (f"{one['group']}{_meant(one)}" for one in (most, least))
        said = f"The {noun} is {middle} in {high} and {lowest} in {low}"
        explain = share(tests.whole.epsilon_squared)
        yield Headline(f"{said}; the {len(self.groups)} groups explain {explain} of how the ranks of all cases vary.", tests.whole.epsilon_squared)

    def _tested(self) -> Iterator[Prose]:
        by = self.compared.attributes[0] if self.compared.attributes else "variant"
        compared = sum(one["cases"] for one in self.groups)
        said = f"{plural(len(self.rows), 'case is', 'cases are')} in {plural(self.found.all_groups, 'group')} by {by}"
        if len(self.groups) < self.found.all_groups:
            said += f"; the {count(len(self.groups))} with most of them, and at least {LEAST} cases, are compared, with {plural(compared, 'case')}"
        yield Prose(f"{said}.")
        if self.tests is None:
            yield Prose("There are no two groups to compare.")
            return
        whole = self.tests.whole
        said = f"Kruskal and Wallis: H = {whole.statistic:,.1f} with {plural(len(whole.sizes) - 1, 'degree')} of freedom, {_p(whole.p)}"
        said += f"; ε² = {whole.epsilon_squared:.3f}."
        if self.tests.permuted is not None:
            p, draws = self.tests.permuted
            said += f" That takes cases as independent; whole clusters of {self.compared.cluster} given anew {draws} times, {_p(p)}."
        yield Prose(
            f"{said} In {count(len(self.different)) if self.different else 'none'} of {plural(len(self.tests.pairs), 'pair')} the two differ (q at most {share(LEVEL)})."
        )

    def _caveats(self) -> Iterator[Caveat]:
        (left,) = self.counted.records()
        yield from self.compared.caveats(left, self.rows)
        if few := sum(one["cases"] < FEW for one in self.groups):
            yield Caveat(f"{plural(few, 'group has', 'groups have')} fewer than {FEW} cases.")
        if elsewhere := len(self._elsewhere):
            begin, are = agreeing(elsewhere, "begins or ends", "begin or end"), agreeing(elsewhere, "is", "are")
            yield Caveat(
                f"{elsewhere} of {plural(len(self.groups), 'group')} {begin} elsewhere than the other cases, so that what {are} compared is not the same part of "
                "the work; no headline names them, and all tests hold them."
            )
        worse = "costs more does not say that it is dearer" if self.compared.work else "takes longer does not say that it is slower"
        yield Caveat(f"Groups differ in more than their name: that one {worse} at the same work.")

    def behind(self, record: Record) -> ir.Table:
        """The compared cases of a group."""
        return self.found.behind(record)


def group_effects(
    log: EventLog, *, by: str | None = None, outcome: Outcome = "throughput", cluster: str | None = None, most: int = 20
) -> GroupEffects:
    """Which groups of cases take longer or cost more than which, all at once and each against each.

    Args:
        log: the event log.
        by: the attribute whose values make the groups; without it, the variants, of which rare ones stand together in their family.
        outcome: what is compared: throughput time, working time, how many days after its due date a case was paid, whether it has rework, or what its work costs.
        cluster: an attribute whose cases are not independent of one another, such as the vendor; finer than the groups.
        most: how many groups are compared, those with most cases.

    Raises:
        GroupsAreClusters: groups and clusters are of the same attribute.
        NoCalendar: working time was asked for and no calendar can apply to cases.
        NoCost, SeveralCurrencies: costs were asked for, and are not known, or not in one currency.
    """
    if not 2 <= most <= 100:
        raise OutOfRange("most", most, "a whole number from 2 to 100")
    if by is not None and by == cluster:
        raise GroupsAreClusters(by)
    compared = Compared.of(log, outcome, (by,) if by else (), cluster)
    found = case_groups(compared, most)
    sample, codes = _sample(found)
    tests = _tests(sample, codes, cluster) if len(found.groups) > 1 else None
    spans = Spans.of(compared)
    elsewhere = apart_of_codes(spans, found.codes, len(found.groups))
    groups = [{**_group(one, code, sample, codes, tests, compared), **elsewhere[code]} for code, one in enumerate(found.groups)]
    groups.sort(key=lambda one: (-one["median"], -one["cases"], one["group"]))
    different = [_pair(one, found, sample, codes) for one in tests.pairs if one.q <= LEVEL] if tests else []
    different.sort(key=lambda one: (one["q_pair"], -abs(one["delta"]), one["group"], one["than_group"]))
    asked = {"by": by, "outcome": outcome, "cluster": cluster, "most": most}
    return GroupEffects(
        about(log, "group-effects", asked), found.rows, found, log.fetch(compared.left_out()), spans, tests, tuple(groups), tuple(different)
    )


def _sample(found: CaseGroups) -> tuple[Sample, Ints]:
    """The cases of all groups that are compared, and the group of each."""
    places = np.flatnonzero(found.codes >= 0)
    clusters = None
    if found.compared.cluster:
        clusters = np.unique(values(found.rows, "cluster")[0][places], return_inverse=True)[1].astype(np.int64)
    sample = Sample.of(found.measured[places], clusters, places)
    return sample, found.codes[sample.order].astype(np.int64)


def _tests(sample: Sample, codes: Ints, cluster: str | None) -> Tests:
    permuted = permuted_clusters(sample, codes, seed=SEED) if cluster else None
    return Tests(many_groups(sample, codes), permuted, pairs(sample, codes))


def _group(one: Record, code: int, sample: Sample, codes: Ints, tests: Tests | None, compared: Compared) -> Record:
    """A group as a row, its sizes in their unit."""
    rates = compared.outcome == "rework"
    flags = codes == code
    mine = sample.values[flags]
    middle = float(mine.mean() if rates else np.median(mine))
    sizes = (middle, *(_size(sample, flags, rates) if tests else (None, None, None)))
    told = [in_unit(size, compared) for size in sizes]
    return {**one, "cases": len(mine), "mean_rank": tests.whole.mean_ranks[code] if tests else None, **dict(zip(_MEASURES, told, strict=True))}


def _size(sample: Sample, flags: Any, rates: bool) -> tuple[float | None, float | None, float | None]:
    found = compare(sample, flags).interval() if rates else shift_limits(sample, flags)
    return found.value, found.low, found.high


def _pair(one: Pair, found: CaseGroups, sample: Sample, codes: Ints) -> Record:
    """A pair as a row, told from the group that has more."""
    first, second, sign = (one.first, one.second, 1) if one.compared.delta >= 0 else (one.second, one.first, -1)
    here = np.flatnonzero((codes == first) | (codes == second))
    clusters = None if sample.single else np.unique(sample.clusters[here], return_inverse=True)[1].astype(np.int64)
    sizes = _size(Sample.of(sample.values[here], clusters), codes[here] == first, found.compared.outcome == "rework")
    told = [in_unit(size, found.compared) for size in sizes]
    delta = sign * one.compared.delta
    said = {"group": found.groups[first]["group"], "than_group": found.groups[second]["group"], "delta": delta, "delta_size": size_of(delta)}
    return {**said, "p_pair": one.p, "q_pair": one.q, **dict(zip(_MEASURES[1:], told, strict=True))}


def _meant(one: Record) -> str:
    """What a group of variants does, and how many cases a group has, where they are few."""
    said = [*([one["unlike"]] if "unlike" in one else []), *([plural(one["cases"], "case")] if one["cases"] < FEW else [])]
    return f" ({', '.join(said)})" if said else ""


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


_DEFINITIONS = (
    Definition(
        "Kruskal and Wallis", "a test of whether any group has larger values than another, by ranks, with ties corrected", "Kruskal and Wallis 1952"
    ),
    Definition("ε²", "the share of the variation of ranks that lies between the groups: H divided by n − 1", "Tomczak and Tomczak 2014"),
    Definition(
        "p of a pair",
        "Dunn's test of the mean ranks of two groups within the ranks of all; where cases stand in clusters, Brunner and Munzel's test for whole clusters "
        "of the two. q is that p adjusted over all pairs",
        "Dunn 1964; Benjamini and Hochberg 1995",
    ),
    Definition(
        "Shift",
        "the median of all differences between a case of the group and one of the others, or of the other group, with the limits that the test does not reject",
        "Hodges and Lehmann 1963",
    ),
    Definition(
        "Rare variants", f"variants of fewer than {FEW} cases, together where they have the same activities in the order of their first occurrence"
    ),
)
