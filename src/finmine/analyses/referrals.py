"""Referrals: who redoes whose work.

Work is redone where a self-loop or a repetition is not by the same hands throughout (a redo, see ``relations.chains``): it is
referred from the hands that did the activity first to those that did it last. These can be the same, where others had it in
between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.log import EventLog
from finmine.relations.chains import chains
from finmine.relations.groups import NOT_RECORDED, cases_of, grouped
from finmine.relations.hands import Between, hand_labels
from finmine.relations.traces import traces
from finmine.render.link_graph import Link, Named, link_graph
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, Matrix, Prose, View
from finmine.words import agreeing, count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_PAIRS = ("first_hands", "last_hands", "referrals", "referrals_share", "referral_cases", "redo_self_loops", "redo_repetitions")
_HANDS = ("hands", "referred", "redone", "came_back_round")


@dataclass(frozen=True, slots=True, repr=False)
class Referrals(Result):
    """The pairs of hands between which work is redone, most first, and beside them all self-loops and repetitions and all cases."""

    by: str | None
    between: Between
    pairs: int
    every: Rows
    whole: Rows

    def answers(self) -> Mapping[str, Rows]:
        """The pairs of hands, all self-loops and repetitions, and all cases."""
        return {"pairs of hands": self.rows, "all self-loops and repetitions": self.every, "all cases": self.whole}

    def records(self) -> tuple[Record, ...]:
        """The pairs with their share of all referrals (of the group)."""
        found = self.rows.records()
        all_of: dict[str | None, int] = {}
        for record in found:
            all_of[record.get("group")] = all_of.get(record.get("group"), 0) + record["referrals"]
        return tuple({**record, "referrals_share": record["referrals"] / all_of[record.get("group")]} for record in found)

    def parts(self) -> tuple[Record, ...]:
        """For each hands how much of what they did first others did last, the other way round, and what came back to them; without `by`."""
        found: dict[str, dict[str, Any]] = {}
        for record in self.rows.records():
            first, last = (
                found.setdefault(record[side], {"hands": record[side], "referred": 0, "redone": 0, "came_back_round": 0})
                for side in ("first_hands", "last_hands")
            )
            if first is last:
                first["came_back_round"] += record["referrals"]
            else:
                first["referred"] += record["referrals"]
                last["redone"] += record["referrals"]
        return tuple(sorted(found.values(), key=lambda part: (-part["referred"] - part["redone"], part["hands"])))

    def view(self) -> View:
        """Headlines, the graph and the matrix, every pair, and the part of each."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about), *self._headlines(records)]
        if self.by is None and records:
            parts = self.parts()
            if any(part["referred"] for part in parts):
                blocks.append(self._diagram(records, parts))
            shown = table("Who did it first (rows) and who did it last (columns)", records, ("first_hands", "last_hands", "referrals"))
            blocks.append(Matrix(shown, "first_hands", "last_hands", "referrals", tuple(part["hands"] for part in parts)))
        blocks.append(table("Who redoes whose work", records, _PAIRS, self.by))
        if self.by is None and records:
            blocks.append(table(f"The part of each {self.between}", self.parts(), _HANDS))
        return View("Referrals", (*blocks, *self._limits(), *_DEFINITIONS), self.about.log.zone)

    def _diagram(self, records: tuple[Record, ...], parts: tuple[Record, ...]) -> Block:
        named = {
            part["hands"]: Named(
                part["hands"],
                part["referred"] + part["redone"],
                f"{count(part['referred'])} referred to others, {count(part['redone'])} redone for others",
            )
            for part in parts
        }
        links = [
            Link(
                record["first_hands"],
                record["last_hands"],
                record["referrals"],
                count(record["referrals"]),
                f"{plural(record['referrals'], 'referral')} in {plural(record['referral_cases'], 'case')}",
            )
            for record in records
            if record["first_hands"] != record["last_hands"]
        ]
        return link_graph(f"Whose work goes to whom to be redone, by {self.between}", named, links, "referrals", self.pairs)

    def _headlines(self, records: tuple[Record, ...]) -> Iterator[Headline | Prose]:
        every = sum(record["chains"] for record in self.every.records())
        redone = sum(record["referrals"] for record in records)
        if not every:
            yield Prose("No activity occurs more than once in a case.")
            return
        cases, having = (sum(record[name] for record in self.whole.records()) for name in ("cases", "redo_cases"))
        of = f"of {plural(every, 'self-loop and repetition', 'self-loops and repetitions')}"
        yield Headline(
            f"{count(redone)} {of} ({share(redone / every)}) {agreeing(redone, 'is', 'are')} not by the same {self.between}, in {plural(having, 'case')}.",
            having / cases,
        )
        others = [record for record in records if record["first_hands"] != record["last_hands"]]
        if self.by is None and others:
            most = others[0]
            said = f"{most['last_hands']} redoes what {most['first_hands']} did first: {plural(most['referrals'], 'time')} in {plural(most['referral_cases'], 'case')}"
            yield Headline(f"Most often {said}.", most["referral_cases"] / cases)

    def _limits(self) -> Iterator[Caveat]:
        if self.between == "resource" and self.about.log.facts.people == "roles":
            yield Caveat("People are shown as their roles: a row is a role, and what people of one role redo for one another is not in it.")
        if any(NOT_RECORDED in (record["first_hands"], record["last_hands"]) for record in self.rows.records()):
            yield Caveat(f"Units without a recorded {self.between} count as done by hands of their own: {NOT_RECORDED}.")
        if self.by is not None:
            yield Caveat("The graph and the matrix are drawn only without `by`.")

    def behind(self, record: Record) -> ir.Table:
        """The cases in which work was referred from these hands to the others (of one group)."""
        these = _named(self.about.log, self.between, self.by)
        return cases_of(these.filter(these.first_hands == record["first_hands"], these.last_hands == record["last_hands"]), record, self.by)


def referrals(log: EventLog, *, between: Between = "resource", pairs: int = 40, by: str | None = None) -> Referrals:
    """Who redoes whose work: from the hands that did an activity first to those that did it last.

    Args:
        log: the event log.
        between: whether hands are those of resources or of roles.
        pairs: how many pairs of hands are drawn at most, the strongest first.
        by: an attribute after which the cases are split; shares are then of each group.

    Raises:
        MissingFact: no column plays the role of the resource, or of the role.
    """
    import ibis

    log.require(between)
    groups = ["group"] if by else []
    these = _named(log, between, by)
    found = these.group_by(["first_hands", "last_hands", *groups]).aggregate(
        referrals=these.count(),
        referral_cases=these.case.nunique(),
        redo_self_loops=these.count(where=these.measure == "self-loop"),
        redo_repetitions=these.count(where=these.measure == "repetition"),
    )
    rows = log.fetch(found.order_by([*groups, ibis.desc("referrals"), "first_hands", "last_hands"]))
    all_chains = grouped(log, chains(log, between), by)
    every = all_chains.group_by(["measure", *groups]).aggregate(chains=all_chains.count()).order_by([*groups, "measure"])
    cases = grouped(log, traces(log), by)
    marked = cases.mutate(redo=cases.case.isin(these.case))
    whole = marked.aggregate(by=groups, cases=marked.count(), redo_cases=marked.count(where=marked.redo)).order_by(groups or ["cases"])
    asked = about(log, "referrals", {"between": between, "pairs": pairs, "by": by})
    return Referrals(asked, rows, by, between, pairs, log.fetch(every), log.fetch(whole))


def _named(log: EventLog, between: Between, by: str | None) -> ir.Table:
    """The redone self-loops and repetitions with what is shown for the first and the last hands."""
    import ibis

    these, labels = chains(log, between), hand_labels(log, between)
    redone = these.filter(these.others)
    for side in ("first", "last"):
        shown = labels.rename({f"{side}_hand": "hand", f"{side}_label": "label"})
        redone = redone.left_join(shown, f"{side}_hand").select(*redone.columns, f"{side}_label")
    named = redone.mutate(**{f"{side}_hands": ibis.coalesce(redone[f"{side}_label"], NOT_RECORDED) for side in ("first", "last")})
    return grouped(log, named, by)


_BUPAR = "bupaR, package edeaR, redo_selfloops_referral_matrix and redo_repetitions_referral_matrix"
_DEFINITIONS = (
    Definition("Referral", "a self-loop or repetition that is not by the same hands throughout, from the first hands to the last", _BUPAR),
    Definition("Came back round", "the hands that did it first did it last too, and others in between"),
)
