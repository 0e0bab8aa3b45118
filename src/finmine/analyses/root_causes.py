"""Root causes: which questions about a case part slow from fast, or dear from cheap cases furthest, one after another, told by cases that had no part in the choice.

One half of the cases chooses the questions, whose p-values are those of the best among all that could be asked; the other half
tells how long the cases of each part take, or what they cost. What parts cases goes with that; that it brings it about, it does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Lent
from finmine.cause_tree import CauseTree, cause_tree, unknown_when, words
from finmine.compared_cases import Compared
from finmine.doubtful_units import found_wrong_dates
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.outcome_sizes import NOUNS, in_unit, outcome_definitions, size_words, sized_table
from finmine.relations.path_features import Outcome
from finmine.render.split_tree import Part, split_tree
from finmine.result import Result, about, opening, table
from finmine.stats.honest_tree import DRAWS, MOST
from finmine.stats.leaves import Again, Leaf, leaves, told_again
from finmine.view import Block, Caveat, Definition, Diagram, Headline, Prose, Table, View
from finmine.words import count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_MEASURES = ("median", "shift", "shift_low", "shift_high")
_WAYS = {"late-days": ("later", "earlier"), "cost": ("more", "less")}
_FIRST = {"throughput": "slowest", "working-time": "slowest", "late-days": "latest", "rework": "most rework", "cost": "dearest"}


@dataclass(frozen=True, slots=True, repr=False)
class RootCauses(Result):
    """The leaves of the tree, slowest first; ``rows`` are the cases that were compared."""

    found: CauseTree
    counted: Rows
    leaves: tuple[Record, ...]
    explained: float
    again: Mapping[int, Again]

    def answers(self) -> Mapping[str, Rows]:
        """The cases that were compared, what their paths have, when that shows, and all cases by what became of them."""
        told = {"compared cases": self.rows, "features of their paths": self.found.coded.features, "when features show": self.found.features_known}
        if self.found.values_known is not None:
            told["when values show"] = self.found.values_known
        told["all cases"] = self.counted
        return told | ({"calendar fit": self.compared.fit.rows} if self.compared.fit else {})

    def prepared(self) -> tuple[str, ...]:
        """The calendars, where the outcome rests on them, and which function gives the tree of which input."""
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
        """The leaves, slowest first."""
        return self.leaves

    def view(self) -> View:
        """What the leaves say, the tree, the leaves and the questions as tables, and the terms."""
        blocks: list[Block] = [*opening(self.about), *self._wrong_dates(), *self._headlines(), Prose(self._tested()), *self._unsure()]
        if len(self.leaves) > 1:
            blocks.append(self._picture())
        columns = ["leaf", "cases", "telling", *_MEASURES, "outcome_share"]
        if self.compared.outcome == "late-days":
            columns.remove("outcome_share")
        blocks.append(self._table(f"Leaves, {_FIRST[self.compared.outcome]} first", self.leaves, columns))
        if asked := [*self._asked()]:
            blocks.append(
                table("Questions", asked, ("asked_of", "asked", "choosing", "explained", "p_best", "asked_result", "p_told", "asked_again"))
            )
        blocks += [*(self.compared.fit.blocks() if self.compared.fit else ()), *self._caveats(), *outcome_definitions(self.compared), *_DEFINITIONS]
        return View("Root causes", tuple(blocks), self.about.log.zone)

    def _table(self, title: str, records: Sequence[Record], names: Sequence[str]) -> Table:
        return sized_table(title, records, names, self.compared)

    def _told(self, size: float | Decimal) -> str:
        return size_words(size, self.compared)

    def _wrong_dates(self) -> Iterator[Caveat]:
        """Wrong dates hardly move medians and shifts of many cases, but the share that a leaf has of the whole time."""
        if self.compared.outcome == "throughput" and (wrong := found_wrong_dates(self.about.log)):
            yield wrong.caveat("the time from or to there is in the shares of the whole time where these cases tell")

    def _headlines(self) -> Iterator[Headline]:
        """The leaves that differ from the other cases beyond their interval and are confirmed, largest burden first; of two leaves one says it all."""
        sure = sorted((one for one in self.leaves if _sure(one) and not self._doubted(one)), key=lambda one: -abs(one["shift"]) * one["telling"])
        for one in sure[: 1 if len(self.leaves) == 2 else None]:
            yield Headline(f"{self._typical(one)}, {self._against(one)}; {_rests(one)}.", one["outcome_share"] or 0.0)

    def _unsure(self) -> Iterator[Prose]:
        """The leaves that may be like the other cases, or like those that answer their last question the other way."""
        for one in self.leaves if len(self.leaves) > 1 else ():
            if _sure(one) and (asked := self._doubted(one)):
                yield Prose(f"{self._typical(one)}, {self._against(one)}; that {asked.removesuffix('?')} parts them is not confirmed; {_rests(one)}.")
            elif not _sure(one):
                yield Prose(f"{self._typical(one)}, which may be what the others {'cost' if self.compared.work else 'take'}; {_rests(one)}.")

    def _doubted(self, one: Record) -> str:
        """The last question of a leaf, where the half that tells does not confirm it; nothing where it does."""
        again = self.again.get(one["number"] // 2)
        return "" if again is None or again.confirmed else one["answers"][-1][0].asked

    def _typical(self, one: Record) -> str:
        """What the cases of a leaf are like, as somebody would say it."""
        told = self._told(one["median"])
        match self.compared.outcome:
            case "rework":
                return f"{told} of the cases {one['leaf']} have rework"
            case "late-days":
                return f"Cases {one['leaf']} are paid a median {told} {'before' if one['median'] < 0 else 'after'} they are due"
            case "cost":
                return f"Cases {one['leaf']} cost a median {told}"
            case "working-time":
                return f"Cases {one['leaf']} take a median working time of {told}"
            case _:
                return f"Cases {one['leaf']} take a median {told}"

    def _against(self, one: Record) -> str:
        """By how much they differ from the others."""
        low, high = sorted((abs(one["shift_low"]), abs(one["shift_high"])))
        if self.compared.outcome == "rework":
            points = [f"{abs(size) * 100:.1f}" for size in (one["shift"], low, high)]
            return f"{points[0]} points {'more' if one['shift'] > 0 else 'less'} than of the others (95 % interval {points[1]} to {points[2]})"
        more, less = _WAYS.get(self.compared.outcome, ("longer", "shorter"))
        said = f"{self._told(one['shift'])} {more if one['shift'] > 0 else less} than the others"
        return f"{said} (95 % interval {self._told(low)} to {self._told(high)})"

    def _tested(self) -> str:
        telling = int(self.found.telling.sum())
        halves = f"by whole clusters of {self.compared.cluster}" if self.compared.cluster else "at random"
        said = (
            f"{plural(len(self.rows), 'case was', 'cases were')} compared, halved {halves}: {count(len(self.rows) - telling)} choose the questions, "
        )
        said += f"and {count(telling)}, which had no part in that, tell. {plural(len(self.found.questions), 'question')} could be asked."
        if len(self.leaves) > 1:
            return f"{said} The {len(self.leaves)} leaves explain {share(self.explained)} of how the ranks of the cases that tell vary (ε²)."
        root = self.found.tree.nodes[0]
        if root.p is None:
            return f"{said} None leaves enough cases on both sides of both halves, so nothing is parted."
        best = self.found.questions[root.question or 0].asked
        return f"{said} None parts the cases further than chance does: the best, {best} has p = {root.p:.3f}."

    def _asked(self) -> Iterator[Record]:
        """The questions of the tree, and those that were the best and did not do."""
        for node in self.found.tree.nodes:
            if node.question is None:
                continue
            yield {
                "asked_of": words(self.found.answers(node)),
                "asked": self.found.questions[node.question].asked,
                "choosing": node.choosing,
                "explained": node.share,
                "p_best": node.p,
                "asked_result": node.ended,
                "p_told": again.p if (again := self.again.get(node.number)) else None,
                "asked_again": None if again is None else "confirmed" if again.confirmed else "not confirmed",
            }

    def _picture(self) -> Diagram:
        told = {one["number"]: one for one in self.leaves}
        medians = sorted(one["median"] for one in self.leaves)
        span = medians[-1] - medians[0] or 1
        parts = []
        for node in self.found.tree.nodes:
            one = told.get(node.number)
            if one is None:
                question, again = self.found.questions[node.question or 0], self.again[node.number]
                said = f"p = {node.p:.3f}" if again.confirmed else f"p = {node.p:.3f}, not confirmed"
                parts.append(Part(node.number, said, question.asked, 0.0, f"{plural(node.telling, 'case')} that tell", again.confirmed))
                continue
            size = share(one["median"]) if self.compared.outcome == "rework" else self._signed(one["median"])
            said = f"{size}\n{plural(one['telling'], 'case')}"
            parts.append(Part(node.number, said, None, float((one["median"] - medians[0]) / span), one["leaf"]))
        what = "the share of cases with rework" if self.compared.outcome == "rework" else f"the median {NOUNS[self.compared.outcome]}"
        text = f"Each question with its p-value; in the leaves {what} and the number of the cases that tell, the darker the more."
        if not all(part.sure for part in parts):
            text += " A dashed question is not confirmed by the half that tells."
        return split_tree("What parts the cases", parts, text)

    def _signed(self, size: float | Decimal) -> str:
        return f"{'-' if size < 0 else ''}{self._told(size)}"

    def _caveats(self) -> Iterator[Caveat]:
        (left,) = self.counted.records()
        yield from self.compared.caveats(left, self.rows)
        if not self.compared.attributes:
            yield Caveat("Only paths and amounts part the cases here: say --attributes company to let the values of an attribute part them, too.")
        for name, cases in self.found.differing().items():
            yield Caveat(f"{name!r} differs within {plural(cases, 'case')}; a case has the value that is recorded first.")
        yield from self._unconfirmed()
        yield from self._late()
        if self.found.tree.nodes[0].choosing < len(self.rows) - int(self.found.telling.sum()):
            yield Caveat(f"The questions are chosen by {count(MOST)} cases, drawn at random from their half.")
        yield Caveat(
            f"What parts cases goes with their {'cost' if self.compared.work else 'time'} and need not bring it about; whoever acts on it should look at the cases first."
        )

    def _unconfirmed(self) -> Iterator[Caveat]:
        """Warnings that the half that tells does not say what the half that chose a question did."""
        for node in self.found.tree.nodes:
            if node.question is None or (again := self.again.get(node.number)) is None or again.confirmed:
                continue
            how = "the other way" if again.chosen * again.told < 0 else "no further than chance does"
            said = f"{self.found.questions[node.question].asked} (asked of cases {words(self.found.answers(node))}) is not confirmed"
            yield Caveat(f"{said}: in the half that tells it parts the cases {how} (p = {again.p:.3f}).")

    def _late(self) -> Iterator[Caveat]:
        """Warnings that an answer shows only when the outcome nearly does, or nobody knows when."""
        nodes, copied = self.found.tree.nodes, self.found.copied()
        for place in dict.fromkeys(node.question for node in nodes if node.ended == "parted" and node.question is not None):
            question = self.found.questions[place]
            if question.late:
                said = f"{question.asked} shows only when a median {share(question.known)} of the time of a case has passed"
                yield Caveat(f"{said}: it may be a mark of how cases ended, and no ground for it. Say --early to leave out what shows so late.")
            elif unknown_when(self.compared, question):
                yield Caveat(f"{question.asked} is about what is kept for whole cases; nobody can say whether it was known before they ended.")
        columns = self.compared.columns | self.compared.counted
        parting = (self.found.questions[node.question].fact.get("column") for node in nodes if node.ended == "parted" and node.question is not None)
        for column in dict.fromkeys(one for one in parting if one in copied):
            said = f"{columns[column]} stands alike on every row of a case, where sources copy also what they know at the end only"
            yield Caveat(f"{said}: whoever acts on it should make sure that it was known before the case ended.")

    def behind(self, record: Record) -> ir.Table:
        """The compared cases of a leaf, of both halves."""
        return self.found.behind(record["answers"])


def root_causes(
    log: EventLog,
    *,
    outcome: Outcome = "throughput",
    attributes: tuple[str, ...] = (),
    numbers: tuple[str, ...] = (),
    cluster: str | None = None,
    early: bool = False,
    leaf: int = 50,
    depth: int = 3,
) -> RootCauses:
    """Which questions about a case part slow from fast, or dear from cheap cases furthest, one after another.

    Args:
        log: the event log.
        outcome: what is told: throughput time, working time, how many days after its due date a case was paid, whether it has rework, or what its work costs.
        attributes: attributes whose values may part the cases, beside what their paths have and their amount.
        numbers: attributes whose size may part the cases.
        cluster: an attribute whose cases are not independent of one another, such as the vendor.
        early: leave out what shows only when nine tenths of the time of a case have passed.
        leaf: the least number of cases in each part, in either half.
        depth: how many questions may be asked one after another, at most 3.

    Raises:
        NoCalendar: working time was asked for and no calendar can apply to cases.
        NoCost, SeveralCurrencies: costs were asked for, and are not known, or not in one currency.
    """
    if leaf < 5:
        raise OutOfRange("leaf", leaf, "a whole number from 5")
    if not 1 <= depth <= 3:
        raise OutOfRange("depth", depth, "1, 2 or 3")
    compared = Compared.of(log, outcome, attributes, cluster, numbers=numbers)
    found = cause_tree(compared, leaf=leaf, depth=depth, early=early)
    halves = (found.measured, found.coded.codes.get("cluster"), found.telling, found.tree)
    told, explained = leaves(*halves, outcome == "rework")
    records = [_leaf(found, one) for one in told]
    named = {"attributes": ", ".join(attributes) or None, "numbers": ", ".join(numbers) or None, "cluster": cluster}
    asked = {"outcome": outcome, **named, "early": early, "leaf": leaf, "depth": depth}
    counted = log.fetch(compared.left_out())
    return RootCauses(about(log, "root-causes", asked), found.coded.rows, found, counted, tuple(records), explained, told_again(*halves))


def _sure(one: Record) -> bool:
    """Whether a leaf differs from the other cases beyond its interval."""
    return one["shift_low"] is not None and (one["shift_low"] > 0 or one["shift_high"] < 0)


def _rests(one: Record) -> str:
    return f"{plural(one['telling'], 'case')} in the half that tells"


def _leaf(found: CauseTree, one: Leaf) -> Record:
    """A leaf as a row, its sizes in their unit."""
    node = next(node for node in found.tree.leaves if node.number == one.number)
    sizes = (one.median, *((None,) * 3 if one.size is None else (one.size.value, one.size.low, one.size.high)))
    told = [in_unit(size, found.compared) for size in sizes]
    answers = found.answers(node)
    said = {"number": one.number, "leaf": words(answers), "cases": one.cases, "telling": one.telling, "outcome_share": one.share, "answers": answers}
    return said | dict(zip(_MEASURES, told, strict=True))


_DEFINITIONS = (
    Definition(
        "Question",
        "whether a case has an activity, a pair of activities that directly follow or a repeated activity, whether it is of a value, or above "
        "a limit; each time that which lowers the variance of the outcome's ranks most is asked",
        "Breiman and others 1984",
    ),
    Definition(
        "p",
        f"how often the best of all questions parts the cases as far when their outcomes are given anew ({DRAWS} times; whole clusters change places "
        "with others of about their size). Only a question with less than 5 % is asked",
        "Westfall and Young 1993",
    ),
    Definition(
        "Leaf",
        "cases that give the same answers. Median, shift and ε² are those of the half of the cases that had no part in choosing the questions",
        "Athey and Imbens 2016",
    ),
    Definition(
        "Shift",
        "the median of all differences between a case of the leaf and another; its interval comes from drawing whole clusters of cases again and again",
        "Hodges and Lehmann 1963",
    ),
    Definition(
        "Shows late",
        "an activity shows when it is first completed, a repetition the second time, a value with the first unit that has it; late is after nine "
        "tenths of the throughput time, in the median. What a source copies onto every row shows with the first",
    ),
)
