"""Approval graph: who approves for whom, who do so for each other or in a circle, and how few carry a document from end to end.

An edge goes from who made the last request before an approval to who gave it. The policy says which step is the request: the one from
which it keeps the approval apart. Approvals of which one side is not known, or is a machine, are counted and in no edge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, TypeAlias

import ibis

from finmine.auditing.approvals import Approvals, approvals, named_steps, person_labels
from finmine.auditing.fewest_persons import fewest_persons
from finmine.auditing.policy import Policy
from finmine.auditing.policy_file import MOST_GROUPS
from finmine.auditing.requests import request_steps, requested
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.graphs.approval import Approved, Circle, Reciprocal, circles, reciprocal, sums_by
from finmine.graphs.approval import approval_graph as graph_of
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.held_relation import held_relation
from finmine.render.link_graph import Link, Named, link_graph
from finmine.result import Result, about, opening, table
from finmine.stats.concentration import fewest, herfindahl
from finmine.view import Block, Caveat, Definition, Headline, Prose, View
from finmine.words import count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_SIDES: dict[str, str] = {
    "told": "both sides are known",
    "not asked": "nothing was requested before it",
    "approver not known": "who approved is not known",
    "requester not known": "who requested is not known",
    "machine": "a machine approved or requested",
}
_END = "carried to the end by known persons"
_MOST_OF_THEM, _MOST_OF_ONE = 0.8, 0.5
_SHOWN = 20


@dataclass(frozen=True, slots=True, repr=False)
class ApprovalGraph(Result):
    """The edges, most cases first; beside them all approvals by what is known of them, and the cases by the fewest persons who could carry them."""

    by: str | None
    found: Approvals
    request: tuple[str, ...]
    steps: tuple[str, ...]
    pairs: int
    most: int
    whole: Rows
    carried: Rows
    script: tuple[str, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The edges, all approvals by what is known of both sides, and the cases by the fewest persons."""
        return {"who approves for whom": self.rows, "all approvals": self.whole, "fewest persons": self.carried}

    def prepared(self) -> tuple[str, ...]:
        """The statements that make the table of persons."""
        return self.found.grounds.script()

    def looked_up(self) -> tuple[str, ...]:
        """The statement that makes the table of the approvals with both sides."""
        return self.script

    def records(self) -> tuple[Record, ...]:
        """The edges that are listed, those of most cases (of each group)."""
        groups = groupby(self.edges(), key=lambda one: one.get("group"))
        return tuple(record for _, these in groups for record in islice(these, self.most))

    def edges(self) -> tuple[Record, ...]:
        """All edges with their share of the approvals of which both sides are known (of the group)."""
        all_of: dict[Any, int] = {}
        for record in self.rows.records():
            all_of[record.get("group")] = all_of.get(record.get("group"), 0) + record["approvals"]
        return tuple({**record, "approvals_share": record["approvals"] / all_of[record.get("group")]} for record in self.rows.records())

    def pairs_of(self) -> tuple[Reciprocal, ...]:
        """Who approve for each other, whatever the group."""
        return reciprocal(graph_of(self._edges()))

    def circles(self) -> tuple[Circle, ...]:
        """At least three people among whom approvals go round, whatever the group."""
        return circles(graph_of(self._edges()))

    def _edges(self) -> Iterator[Approved]:
        cases: dict[tuple[str, str], int] = {}
        for record in self.rows.records():
            edge = (record["requester"], record["approver"])
            cases[edge] = cases.get(edge, 0) + record["cases"]
        return (Approved(*edge, number) for edge, number in cases.items())

    def view(self) -> View:
        """Headlines, the graph, who approves for whom, for each other and in a circle, how concentrated it is, and how few carry a case."""
        log, records = self.about.log, self.edges()
        currency = log.money.currency if log.money else ""
        money = ("value",) if log.money else ()
        blocks: list[Block] = [*opening(self.about), *self._headlines(records)]
        if self.by is None and records:
            blocks.append(self._diagram(records))
        names, listed = ("requester", "approver", "approvals", "approvals_share", "cases", *money), self.records()
        shown = table("Who approves for whom", listed, names, self.by, currency)
        blocks.append(replace(shown, total=len(records) if len(records) > len(listed) else None))
        if len(records) > len(listed):
            held = sum(record["approvals"] for record in listed) / sum(record["approvals"] for record in records)
            blocks.append(Prose(f"The {len(listed):,} strongest of {len(records):,} edges hold {share(held)} of the approvals; --most lists more."))
        blocks += [*self._mutual(), *self._concentration(records)]
        whole = [{**row, "known_sides": _SIDES[row["sides"]]} for row in self.whole.records()]
        blocks.append(table("How the approvals add up", whole, ("known_sides", "approvals", "cases"), self.by))
        blocks.append(self._carried(currency))
        return View("Approval graph", (*blocks, self._steps(), *self._limits(), *self._definitions()), log.zone)

    def _carried(self, currency: str) -> Block:
        """The cases by the fewest persons, in each band of amounts."""
        bands = self.found.bands
        rows = [
            {**row, "carried": row["carried"] or _END, "amount_band": bands.words(row["band"], row["worth_currency"]) if bands.asked else None}
            for row in self.carried.records()
        ]
        value = ("value",) if self.about.log.money or bands.asked else ()
        names = (*(("amount_band",) if bands.asked else ()), "carried", "fewest", "cases", *value)
        return table("How few persons could carry a case from end to end", rows, names, self.by, currency)

    def _diagram(self, records: tuple[Record, ...]) -> Block:
        given, asked = sums_by(records, "approver"), sums_by(records, "requester")
        named = {
            name: Named(name, given.get(name, 0), f"{plural(given.get(name, 0), 'approval')} given, {count(asked.get(name, 0))} received")
            for name in sorted({*given, *asked})
        }
        links = [Link(record["requester"], record["approver"], record["approvals"], count(record["approvals"]), _told(record)) for record in records]
        return link_graph("From who requests to who approves; in the boxes the approvals given", named, links, "approvals", self.pairs)

    def _headlines(self, records: tuple[Record, ...]) -> Iterator[Headline]:
        if not records:
            return
        given = sums_by(records, "approver")
        every = sum(given.values())
        own = [record for record in records if record["requester"] == record["approver"]]
        if own:
            cases = sum(record["cases"] for record in own)
            who = plural(len({record["approver"] for record in own}), "person approves", "persons approve")
            yield Headline(f"{who} what they requested themselves, in {plural(cases, 'case')}.", cases / self.about.population.cases)
        few = fewest(given.values(), _MOST_OF_THEM)
        said = f"{few:,} of {plural(len(given), 'approver')} {'gives' if few == 1 else 'give'} {share(sum(sorted(given.values())[-few:]) / every)}"
        yield Headline(f"{said} of the approvals.", 0.0)
        pairs, round_ = self.pairs_of(), self.circles()
        if pairs:
            yield Headline(f"{plural(len(pairs), 'pair')} of persons approve for each other.", 0.0)
        if round_:
            yield Headline(f"Approvals go round among {plural(len(round_[0].people), 'person')}: {_ring(round_[0])}.", 0.0)
        low = sum(row["cases"] for row in self.carried.records() if row["fewest"] in (1, 2))
        done = sum(row["cases"] for row in self.carried.records() if row["fewest"] is not None)
        if low:
            verb = "was or could have been" if low == 1 else "were or could have been"
            yield Headline(
                f"{low:,} of {plural(done, 'case')} {verb} carried from end to end by one or two persons ({share(low / done)}).", low / done
            )

    def _mutual(self) -> Iterator[Block]:
        pairs, round_ = self.pairs_of(), self.circles()
        if pairs:
            rows = [{"approver": pair.one, "requester": pair.other, "for_other": pair.for_other, "for_one": pair.for_one} for pair in pairs[:_SHOWN]]
            told = [{"one_person": row["approver"], "other_person": row["requester"], **row} for row in rows]
            yield table("Who approve for each other", told, ("one_person", "other_person", "for_other", "for_one"))
        if round_:
            circled = [{"people": ", ".join(each.people), "persons": len(each.people), "cases": each.cases, "circle": _ring(each)} for each in round_]
            yield table("Where approvals go round", circled, ("people", "persons", "cases", "circle"))
        if self.about.population.cases and self.rows.records() and not (pairs or round_):
            yield Prose("Nobody approves for somebody who approves for him, and no approvals go round in a circle.")

    def _concentration(self, records: tuple[Record, ...]) -> Iterator[Block]:
        if not records:
            return
        given = {"approvals": sums_by(records, "approver")}
        if self.about.log.money:
            given["absolute amounts"] = sums_by(records, "approver", "absolute")
        rows = []
        for what, amounts in given.items():
            ranked, whole = sorted(amounts.values(), reverse=True), sum(amounts.values())
            if whole:
                tops = {f"top_{top}": float(sum(ranked[:top]) / whole) for top in (1, 3, 10)}
                rows.append({"what": what, "approvers": len(ranked), **tops, "herfindahl": herfindahl(map(float, ranked))})
        yield table("How concentrated approvals are", rows, ("what", "approvers", "top_1", "top_3", "top_10", "herfindahl"))

    def _steps(self) -> Block:
        bound = self.found.grounds.bound
        rows = [
            {"trade_step": step, "bound_activities": ", ".join(bound.activities[step]) or None, "bound_by": bound.bound_by[step]}
            for step in dict.fromkeys((*self.request, *self.found.steps, *self.steps))
        ]
        return table("What was taken for the steps of the policy", rows, ("trade_step", "bound_activities", "bound_by"))

    def _limits(self) -> Iterator[Block]:
        log, policy = self.about.log, self.found.grounds.policy
        said = f"Policy {policy.name!r}, version {policy.version}. {' '.join(self.found.grounds.persons.notes())}"
        yield Prose(f"{said} From end to end: {', '.join(self.steps) or 'no step that the log has'}.")
        yield from map(Caveat, self.found.grounds.bound.notes)
        if not self.found.bound:
            yield Caveat(f"No activity of the log is known to be {' or '.join(self.found.steps)}: say on the card, under [steps], which are.")
        if not self.request:
            yield Caveat("The policy keeps the approval apart from no other step, so nobody can say who requested it; name the step with --request.")
        if log.facts.people == "roles" or not log.facts.has_resource:
            yield Caveat("No person is known: the log does not say who did what, or the card shows people as roles.")
        own = max((row for row in self.edges() if row["requester"] == row["approver"]), key=lambda row: row["approvals_share"], default=None)
        if own and own["approvals_share"] > _MOST_OF_ONE:
            said = f"{own['approver']} approves own requests in {share(own['approvals_share'])} of the approvals"
            yield Caveat(f"{said}: where this is a machine or a name that stands for anybody, say so on the card ([persons] technical or anonymous).")
        if log.money is None:
            yield Caveat(log.money_gap)

    def _definitions(self) -> Iterator[Definition]:
        yield Definition("Edge", "from who did the last request before an approval, in the same case, to who gave the approval")
        yield Definition(
            "Go round",
            "people each of whom can be reached from each other along edges, at least three: a strongly connected component",
            "Tarjan 1972",
        )
        yield Definition(
            "Herfindahl", "the sum of the squares of the approvers' shares: 1 where one gives all, 1 / n where n give equally many", "Herfindahl 1950"
        )
        yield Definition(
            "Fewest persons",
            "the size of the smallest set of persons that has somebody who did each step: those who would have to act in concert; a step that only "
            "machines did needs nobody",
        )

    def behind(self, record: Record) -> ir.Table:
        """The cases in which one person approved for another (of one group)."""
        these = grouped(self.about.log, _sided(requested(self.found, self.request)), self.by)
        kept = these.filter(these.sides == "told", these.requester == record["requester_code"], these.approver == record["approver_code"])
        return cases_of(kept, record, self.by)


def approval_graph(
    log: EventLog,
    *,
    policy: str | Policy = "purchase-to-pay",
    approval: tuple[str, ...] = ("approval",),
    request: tuple[str, ...] = (),
    steps: tuple[str, ...] = (),
    bands: str | None = None,
    pairs: int = 40,
    most: int = 30,
    by: str | None = None,
) -> ApprovalGraph:
    """Who approves for whom, who do so for each other or in a circle, and how few carry a document from end to end.

    Args:
        log: the event log.
        policy: a policy file, or one of purchase-to-pay, expenses and record-to-report: what its steps are.
        approval: the steps of the policy that are approvals.
        request: the steps that are requests; default: those from which the policy keeps the approval apart.
        steps: the steps from end to end, at most 8; default: the request, the approval, and what the policy lets happen only after it.
        bands: bounds between bands of amounts for the fewest persons, such as 1000,10000; default: the limits of the policy, if it has any.
        pairs: how many edges are drawn at most, those with most cases first.
        most: how many edges (of each group) are listed; all else is of all.
        by: an attribute after which the cases are split; shares are then of each group.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    found = approvals(log, policy, approval, "person", bands)
    held, bound = found.grounds.policy, found.grounds.bound
    asks = named_steps(held, request) or request_steps(held, bound, found.steps)
    known = (*asks, *found.steps, *(gate.step for gate in found.gates))
    carried = named_steps(held, steps) or tuple(step for step in dict.fromkeys(known) if bound.codes[step])[:MOST_GROUPS]
    if len(carried) > MOST_GROUPS:
        raise OutOfRange("steps", len(carried), f"at most {MOST_GROUPS} steps")
    named = {"approval": ", ".join(approval), "request": ", ".join(request), "steps": ", ".join(steps)}
    asked = about(log, "approval-graph", {"policy": held.file, **named, "bands": bands, "pairs": pairs, "most": most, "by": by})
    groups = ["group"] if by else []
    sided = grouped(log, _sided(requested(found, asks)), by)
    with held_relation(log, "approvals", sided.join(found.cases.select("case", "money"), "case")) as told:
        rows, whole = log.fetch(_edges(found, told.rows, groups)), log.fetch(_whole(told.rows, groups))
    return ApprovalGraph(asked, rows, by, found, asks, carried, pairs, most, whole, log.fetch(_carried(found, carried, by)), told.script)


def _sided(these: ir.Table) -> ir.Table:
    """The approvals with ``sides``: whether both sides are known persons, and if not, why."""
    sides = ibis.cases(
        (~these.asked, "not asked"),
        (these.approver_machine | these.requester_machine, "machine"),
        (these.approver.isnull(), "approver not known"),
        (these.requester.isnull(), "requester not known"),
        else_="told",
    )
    return these.mutate(sides=sides)


def _edges(found: Approvals, sided: ir.Table, groups: list[str]) -> ir.Table:
    told = sided.filter(sided.sides == "told")
    keys = [*groups, "requester", "approver"]
    first = ibis.row_number().over(ibis.window(group_by=["case", "requester", "approver"], order_by="position")) == 0
    worth = told.mutate(first=first)
    counted = worth.group_by(keys).aggregate(
        approvals=worth.count(), cases=worth.first.sum(), value=worth.money.sum(where=worth.first), absolute=worth.money.abs().sum(where=worth.first)
    )
    labels = person_labels(found.grounds.log, found.grounds.persons)
    for side in ("requester", "approver"):
        counted = counted.rename(**{f"{side}_code": side})
        shown = labels.rename(**{f"{side}_code": "person", side: "who"})
        counted = counted.join(shown, f"{side}_code")
    columns = ("requester", "approver", "approvals", "cases", "value", "absolute", "requester_code", "approver_code")
    return counted.select(*groups, *columns).order_by([*groups, ibis.desc("cases"), "requester", "approver"])


def _whole(sided: ir.Table, groups: list[str]) -> ir.Table:
    order = sided.sides.cases(*((side, place) for place, side in enumerate(_SIDES)), else_=len(_SIDES))
    placed = sided.mutate(order=order)
    counted = placed.group_by([*groups, "order", "sides"]).aggregate(approvals=placed.count(), cases=placed.case.nunique())
    return counted.order_by([*groups, "order"]).drop("order")


def _carried(found: Approvals, steps: tuple[str, ...], by: str | None) -> ir.Table:
    """The cases by the fewest persons who could carry them; those that did not come to the end, or of which a performer is not known, apart."""
    few = fewest_persons(found.grounds.of_groups([(step,) for step in steps]), max(1, len(steps)))
    joined = found.cases.left_join(few, "case").drop("case_right")
    carried = ibis.cases(
        (joined.groups.fill_null(0) < max(1, len(steps)), "did not come to the end"),
        (joined.unknown.notnull(), "a performer is not known"),
        else_=None,
    )
    value = joined.worth if found.bands.asked else joined.money
    marked = joined.mutate(carried=carried, fewest=ibis.ifelse(carried.isnull(), joined.persons, None), value=value)
    told = grouped(found.grounds.log, marked, by)
    keys = [*(["group"] if by else []), *(["worth_currency", "band"] if found.bands.asked else []), "carried", "fewest"]
    counted = told.group_by(keys).aggregate(cases=told.count(), value=told.value.sum())
    return counted.order_by([*keys[:-2], ibis.asc("carried", nulls_first=True), ibis.asc("fewest", nulls_first=True)])


def _told(record: Record) -> str:
    if record["requester"] == record["approver"]:
        return f"{record['approver']} for himself or herself: {plural(record['cases'], 'case')}"
    return f"{record['approver']} for {record['requester']}: {plural(record['approvals'], 'approval')} in {plural(record['cases'], 'case')}"


def _ring(circle: Circle) -> str:
    if not circle.shortest:
        return "in pairs only"
    return " → ".join((*circle.shortest, circle.shortest[0]))
