"""Approval paths: who approved, in which order, at which amount, how long each had it, and whether what was posted or paid rests on it.

A path is the sequence of the approvers of a case, by role, person or approval activity. Cases without an approval and cases of which
an approver is not known are rows of their own, so that the rows add up to the population. The effective approval is the last one before
a posting or payment and after the last change that matters; the policy says what needs one and what changes matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import ibis

from finmine.auditing.approvals import KINDS, Approvals, approvals, paths
from finmine.auditing.effective import verdict_of, why
from finmine.auditing.policy import Policy, Verdict
from finmine.auditing.reasons import first_of
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.held_relation import held_relation
from finmine.relations.traces import written
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_EFFECTS = ("with_effective", "not_effective", "effect_unclear", "not_asked")
_HELD = ("held_median", "held_p90")
_BOUNDS: tuple[Verdict, ...] = ("not testable", "not applicable", "pass")
_MOST_PLACES = 5


@dataclass(frozen=True, slots=True, repr=False)
class ApprovalPaths(Result):
    """The paths, most cases first; beside them the whole by kind and effect, each approval of the paths, and each approver."""

    by: str | None
    found: Approvals
    whole: Rows
    places: Rows
    approvers: Rows
    script: tuple[str, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The paths, all cases by kind and effect, the approvals of the paths in their order, and the approvers."""
        return {"approval paths": self.rows, "all cases": self.whole, "approvals in their order": self.places, "approvers": self.approvers}

    def prepared(self) -> tuple[str, ...]:
        """The statements that make the table of persons."""
        return self.found.grounds.script()

    def looked_up(self) -> tuple[str, ...]:
        """The statement that makes the table of the approvals with the facts of their cases."""
        return self.script

    def records(self) -> tuple[Record, ...]:
        """The paths with their shares of all cases (of the group) and of the money."""
        of_cases, of_money = dict[Any, int](), dict[Any, Any]()
        for row in self.whole.records():
            of_cases[row.get("group")] = of_cases.get(row.get("group"), 0) + row["cases"]
            of_money[row.get("group")] = of_money.get(row.get("group"), 0) + (row["absolute"] or 0)
        return tuple(self._record(row, of_cases[row.get("group")], of_money[row.get("group")]) for row in self.rows.records())

    def _record(self, row: Record, cases: int, money: Any) -> dict[str, Any]:
        parts = {
            "cases_share": row["cases"] / cases,
            "value_share": float(row["absolute"] / money) if money and row["absolute"] is not None else None,
        }
        return {**row, **parts, "approval_path": self._path(row), "amount_band": self._band(row)}

    def _path(self, row: Record) -> str:
        return written(tuple(row["path"])) if row["path"] else KINDS[row["kind"]]

    def _band(self, row: Record) -> str | None:
        return self.found.bands.words(row["band"], row["worth_currency"]) if self.found.bands.asked else None

    def view(self) -> View:
        """Headlines, the paths, how they add up, what each approver held, the effective approvals, and what was taken for the steps."""
        log = self.about.log
        shown = self._shown()
        blocks: list[Block] = [*opening(self.about), *self._headlines(), Bars(shown, "approval_path", "cases") if self._plain() else shown]
        blocks += [*self._rest(), self._adds_up(), *self._effects()]
        approvers = [{**row, "amount_band": self._band(row)} for row in self.approvers.records()]
        value = ("value",) if self._valued() else ()
        names = ("approver", *self._banded(), "approvals", "cases", *value, *_HELD, "held_total", *(("rested_on",) if self.found.gates else ()))
        blocks.append(table("What each approver held", approvers, names, self.by, self._currency()))
        if self._plain():
            blocks += self._in_order()
        blocks += [self._steps(), *self._limits(), *self._definitions()]
        return View("Approval paths", tuple(blocks), log.zone)

    def _plain(self) -> bool:
        return self.by is None and not self.found.bands.asked

    def _banded(self) -> tuple[str, ...]:
        return ("amount_band",) if self.found.bands.asked else ()

    def _valued(self) -> bool:
        """Whether the amounts of a row can be added: bands are of one currency each."""
        return self.about.log.money is not None or self.found.bands.asked

    def _money(self) -> tuple[str, ...]:
        return ("value",) if self.about.log.money else ()

    def _currency(self) -> str:
        return self.about.log.money.currency if self.about.log.money else ""

    def _shown(self) -> Table:
        money = ("value", *(("value_share",) if self.about.log.money else ())) if self._valued() else ()
        effects = _EFFECTS if self.found.gates else ()
        names = ("approval_path", *self._banded(), "approvals", "cases", "cases_share", *money, "held_median", *effects)
        shown = table("Approval paths", self.records(), names, self.by, self._currency())
        return replace(shown, total=self._total() if self._total() > len(shown.rows) else None)

    def _total(self) -> int:
        """How many rows there would be if all were listed."""
        return sum({row.get("group"): row["paths"] for row in self.whole.records()}.values())

    def _headlines(self) -> Iterator[Headline]:
        if not self.found.bound:
            return
        cases = self.about.population.cases
        known = [row for row in self.records() if row["kind"] == "approved"]
        if known and self._plain():
            first = known[0]
            paths = self._total() - len({row["kind"] for row in self.whole.records()} - {"approved"})
            said = f"The most frequent of {plural(paths, 'approval path')} is {first['approval_path']}"
            yield Headline(f"{said}: {plural(first['cases'], 'case')} ({share(first['cases_share'])}).", first["cases_share"])
        verdicts = [(verdict_of(row["reason"]), row["cases"]) for row in self.whole.records() if self.found.gates]
        due = sum(cases for verdict, cases in verdicts if verdict != "not applicable")
        if due:
            without = sum(cases for verdict, cases in verdicts if verdict in ("violation", "missing control"))
            steps = " or ".join(dict.fromkeys(gate.step for gate in self.found.gates))
            verb = "has" if without == 1 else "have"
            yield Headline(
                f"{without:,} of {plural(due, 'case')} with {steps} ({share(without / due)}) {verb} no effective approval.", without / cases
            )
        if self._plain() and (slow := max(self.approvers.records(), key=lambda row: row["held_total"] or 0, default=None)) and slow["held_total"]:
            every = sum(row["held_total"] or 0 for row in self.approvers.records())
            said = f"{share(float(slow['held_total'] / every))} of the time that approvers held cases is held by {slow['approver']}"
            yield Headline(f"{said}: half of its {plural(slow['approvals'], 'approval')} took {duration(slow['held_median'])} or more.", 0.0)

    def _rest(self) -> Iterator[Prose]:
        listed, every = sum(record["cases"] for record in self.records()), self.about.population.cases
        if listed < every:
            yield Prose(f"The paths that are not listed have {plural(every - listed, 'case')}; the tables below are of all.")

    def _adds_up(self) -> Block:
        """Cases by kind: each case is in one row."""
        rows: dict[tuple[Any, str], dict[str, Any]] = {}
        for row in self.whole.records():
            told = KINDS[row["kind"]].strip("()") or "approved by known approvers"
            entry = rows.setdefault((row.get("group"), told), {"group": row.get("group"), "path_kind": told, "cases": 0, "value": None})
            entry["cases"] += row["cases"]
            if row["value"] is not None:
                entry["value"] = (entry["value"] or 0) + row["value"]
        return table(
            "How the paths add up to the population", tuple(rows.values()), ("path_kind", "cases", *self._money()), self.by, self._currency()
        )

    def _effects(self) -> Iterator[Block]:
        if not self.found.gates:
            steps = " or ".join(self.found.steps)
            yield Caveat(f"No rule of the policy lets something happen only after {steps} that the log knows, so no approval can be told effective.")
            return
        rows: dict[tuple[Any, str], dict[str, Any]] = {}
        for row in sorted(self.whole.records(), key=lambda row: (row.get("group") or "", -row["reason"])):
            told = why(row["reason"])
            entry = rows.setdefault((row.get("group"), told), {"group": row.get("group"), "effect": told, "cases": 0, "value": None})
            entry["cases"] += row["cases"]
            if row["value"] is not None:
                entry["value"] = (entry["value"] or 0) + row["value"]
        yield table(
            "Effective approvals, and why there is none", tuple(rows.values()), ("effect", "cases", *self._money()), self.by, self._currency()
        )

    def _in_order(self) -> Iterator[Block]:
        """The approvals of the most frequent paths in their order, with how long each took."""
        ranks = {tuple(record["path"]): record for record in self.records() if record["path"]}
        leading = tuple(ranks)[:_MOST_PLACES]
        rows = [
            {**row, "approval_path": ranks[tuple(row["path"])]["approval_path"]} for row in self.places.records() if tuple(row["path"]) in leading
        ]
        rows.sort(key=lambda row: (leading.index(tuple(row["path"])), row["nth"]))
        if rows:
            title = f"How long each approver held it, in the {plural(len(leading), 'most frequent path')}"
            yield table(title, rows, ("approval_path", "nth", "approver", "cases", *_HELD))

    def _steps(self) -> Block:
        bound = self.found.grounds.bound
        after = tuple(step for gate in self.found.gates for step in (gate.requires, gate.step, *gate.after_last))
        rows = [
            {"trade_step": step, "bound_activities": ", ".join(bound.activities[step]) or None, "bound_by": bound.bound_by[step]}
            for step in dict.fromkeys((*self.found.steps, *after))
        ]
        return table("What was taken for the steps of the policy", rows, ("trade_step", "bound_activities", "bound_by"))

    def _limits(self) -> Iterator[Block]:
        log, policy = self.about.log, self.found.grounds.policy
        yield Prose(f"Policy {policy.name!r}, version {policy.version} ({policy.file}, SHA-256 {policy.sha256}).")
        yield from map(Caveat, self.found.grounds.bound.notes)
        if not self.found.bound:
            steps = " or ".join(self.found.steps)
            yield Caveat(f"No activity of the log is known to be {steps}: say on the card, under [steps], which are, or name another policy.")
        if self.about.parameters["level"] != self.found.told:
            yield Caveat("The log records no roles, so approvers are told by what they did.")
        if self.found.told == "person" and log.facts.people == "roles":
            yield Caveat("The card shows people as roles, so no person is known; read the log with people = names or pseudonyms.")
        if not log.money:
            yield Caveat(log.money_gap)

    def _definitions(self) -> Iterator[Definition]:
        yield Definition("Approval path", "the approvers of a case in the order of their approvals; × n marks the same one several times in a row")
        yield Definition(
            "Held", "from the completion of the unit before, when the approval became possible, to the approval: waiting and work together"
        )
        for gate in self.found.gates:
            yield Definition("Effective approval", f"here: {gate.words()}; of several postings or payments each must rest on one")
        if self.found.bands.asked:
            yield Definition("Band", "absolute amounts above the lower bound and up to the upper one, in the currency of the case")

    def behind(self, record: Record) -> ir.Table:
        """The cases of one path (of one group and band)."""
        these = _cases(self.about.log, self.found, self.by)
        kept = these.filter(these.kind == record["kind"])
        if record["path"] is not None:
            kept = kept.filter(kept.path == ibis.literal(list(record["path"]), "array<string>"))
        if self.found.bands.asked:
            kept = kept.filter(kept.band.identical_to(record["band"]), kept.worth_currency.identical_to(record["worth_currency"]))
        return cases_of(kept, record, self.by)


def approval_paths(
    log: EventLog,
    *,
    policy: str | Policy = "purchase-to-pay",
    approval: tuple[str, ...] = ("approval",),
    level: Literal["role", "person", "activity"] = "role",
    bands: str | None = None,
    by: str | None = None,
    most: int = 100,
) -> ApprovalPaths:
    """Who approved what, in which order and at which amount, and how long each held it.

    Args:
        log: the event log.
        policy: a policy file, or one of purchase-to-pay, expenses and record-to-report: what its steps are, what needs approval, and the limits.
        approval: the steps of the policy that are approvals.
        level: whether approvers are told by role, as persons, or by what they did.
        bands: bounds between bands of amounts, such as 1000,10000; default: the limits of the policy, if it has any.
        by: an attribute after which the cases are split; shares are then of each group.
        most: how many paths (of each group and band) are listed; the other tables are always of all.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    found = approvals(log, policy, approval, level, bands)
    asked = about(
        log,
        "approval-paths",
        {"policy": found.grounds.policy.file, "approval": ", ".join(approval), "level": level, "bands": bands, "by": by, "most": most},
    )
    groups = ["group"] if by else []
    keys = [*groups, *(["worth_currency", "band"] if found.bands.asked else [])]
    with held_relation(log, "approvals", _every(found, _cases(log, found, by))) as told:
        every = told.rows
        answers = (_paths(every, keys, most), _whole(every.filter(every.one), groups, keys), _places(every), _approvers(every, keys))
        rows, whole, places, approvers = map(log.fetch, answers)
    return ApprovalPaths(asked, rows, by, found, whole, places, approvers, told.script)


def _cases(log: EventLog, found: Approvals, by: str | None) -> ir.Table:
    """The cases with their path, amount, band, effect and group."""
    return grouped(log, found.cases.join(paths(found), "case"), by)


def _every(found: Approvals, these: ir.Table) -> ir.Table:
    """The approvals with the facts of their cases; a case without one has a row without an approver."""
    acts = found.acts.select("case", "position", "nth", "held", approver=found.acts.who)
    every = these.left_join(acts, "case").drop("case_right")
    first = ibis.row_number().over(ibis.window(group_by=["case", "approver"], order_by="position")) == 0
    value = every.worth if found.bands.asked else every.money
    return every.mutate(value=value, one=every.nth.fill_null(1) == 1, first=first, rests=(every.effective == every.position).fill_null(False))


def _paths(every: ir.Table, keys: list[str], most: int) -> ir.Table:
    counted = every.group_by([*keys, "kind", "path"]).aggregate(
        approvals=every.nth.count(),
        cases=every.one.sum(),
        value=every.value.sum(where=every.one),
        absolute=every.value.abs().sum(where=every.one),
        held_median=every.held.quantile(0.5).round().cast("int64"),
        **{name: (every.one & chosen).sum() for name, chosen in _by_effect(every).items()},
    )
    order = [ibis.desc("cases"), "kind", "path"]
    ranked = counted.mutate(rank=ibis.row_number().over(ibis.window(group_by=keys, order_by=order)))
    listed = ranked.filter(ranked["rank"] < most)
    return listed.order_by([*keys, "rank"]).select(*counted.columns)


def _by_effect(these: ir.Table) -> dict[str, Any]:
    """Which rows are of cases with an effective approval, without, where nobody can say, and where none is asked for."""
    failed, unclear, not_asked = (these.reason < first_of(verdict) for verdict in _BOUNDS)
    parts = (~not_asked, failed, unclear & ~failed, not_asked & ~unclear)
    return dict(zip(_EFFECTS, parts, strict=True))


def _whole(these: ir.Table, groups: list[str], keys: list[str]) -> ir.Table:
    """All cases by kind and effect, and how many paths they have (of the group)."""
    counted = these.group_by([*groups, "kind", "reason"]).aggregate(cases=these.count(), value=these.money.sum(), absolute=these.money.abs().sum())
    distinct = these.select(*keys, "kind", "path").distinct()
    number = distinct.aggregate(by=groups, paths=distinct.count())
    joined = counted.join(number, "group") if groups else counted.cross_join(number)
    return joined.select(*counted.columns, "paths").order_by([*groups, "kind", "reason"])


def _places(every: ir.Table) -> ir.Table:
    """The approvals of each path in their order, whatever the group: path, nth, approver, cases and how long it was held."""
    these = every.filter(every.kind == "approved")
    found = these.group_by(["path", "nth", "approver"]).aggregate(cases=these.count(), **_times(these))
    return found.order_by("path", "nth")


def _approvers(every: ir.Table, keys: list[str]) -> ir.Table:
    these = every.filter(every.approver.notnull())
    found = these.group_by([*keys, "approver"]).aggregate(
        approvals=these.count(),
        cases=these.first.sum(),
        value=these.value.sum(where=these.first),
        **_times(these),
        held_total=these.held.cast("decimal(38, 0)").sum(),
        rested_on=these.rests.sum(),
    )
    return found.order_by([*keys, ibis.desc("approvals"), "approver"])


def _times(these: ir.Table) -> dict[str, ir.Scalar]:
    quantiles = {"held_median": 0.5, "held_p90": 0.9}
    return {name: these.held.quantile(part).round().cast("int64") for name, part in quantiles.items()}
