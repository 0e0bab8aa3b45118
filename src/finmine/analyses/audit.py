"""Audit: every case held against every rule of a policy, with one of five verdicts each.

For each rule a case is, in this order, a violation, a missing control, not testable, not applicable, or a pass; the five add up to
the population, in number and in money, so that no case drops out of sight. First it is asked whether the rule looks at the case
(its steps, amounts and attributes, and what the policy exempts), then what its test says. The exit status on the command line is 1
where a rule of the chosen severity has a violation or a missing control, or none could be tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from finmine.auditing.dispositions import DISPOSITIONS, MOST_DISPOSED, Disposition, Dispositions, load_dispositions
from finmine.auditing.findings import OF_PERSONS, breaches_of, counted, listed_breaches, most_violations, unit_words
from finmine.auditing.grounds import Grounds, grounds
from finmine.auditing.policy import SEVERITIES, VERDICTS, Policy, Rule, Severity, Verdict
from finmine.auditing.policy_file import policy_of
from finmine.auditing.reasons import REASONS, first_of
from finmine.auditing.ties import ties
from finmine.auditing.verdicts import verdicts, verdicts_of
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.finance.local_days import date_of
from finmine.log import EventLog
from finmine.relations.groups import cases_of, grouped
from finmine.relations.held_relation import held_relation
from finmine.relations.totals import money_by_currency
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import day, money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

_BREACHES: tuple[Verdict, ...] = ("violation", "missing control")
_MANY = 20
FINDING = ("rule", "verdict", "case", "amount", "currency", "reason", "rows_of_source")
DISPOSED = ("disposition", "disposed_by", "disposed_on", "disposed_why")
"""The columns of a finding, and of what became of it."""
_NAMES = {verdict: verdict.replace(" ", "_") for verdict in VERDICTS}


@dataclass(frozen=True, slots=True, repr=False)
class Audit(Result):
    """The verdicts of each rule; ``findings`` are the breaches that are listed, ``breached`` how many there are in all."""

    by: str | None
    severity: Severity
    grounds: Grounds
    findings: Rows
    people: Rows
    read: Rows
    script: tuple[str, ...]
    disposed: Mapping[tuple[str, str], Disposition]
    superseded: int

    @property
    def failed(self) -> bool:
        """Whether a rule at least as severe as was chosen has a breach of which nobody has said what became of it, or none could be tested for any case."""
        asked = SEVERITIES[: SEVERITIES.index(self.severity) + 1]
        weighty = [record for record in self.records() if record["severity"] in asked]
        names, untested = {record["rule"] for record in weighty}, sum(record["not_testable"] for record in weighty)
        if untested and untested == sum(record["looked_at"] for record in weighty):
            return True
        return any(record["open"] for record in self.became() if record["rule"] in names)

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """One row for each rule (of each group): how many cases, and how much money, got which verdict."""
        found: dict[tuple[str | None, int], dict[str, Any]] = {}
        for row in self.rows.records():
            rule = self.grounds.policy.rules[row["rule"]]
            key = (row.get("group"), row["rule"])
            record = found.setdefault(key, self._empty(rule, row.get("group")))
            verdict = _NAMES[REASONS[row["reason"]].verdict]
            record[verdict] += row["cases"]
            record["population"] += row["cases"]
            if row["value"] is not None:
                record[f"{verdict}_value"] = (record[f"{verdict}_value"] or 0) + row["value"]
                record["population_value"] = (record["population_value"] or 0) + row["value"]
        for record in found.values():
            record["breaches"] = sum(record[_NAMES[verdict]] for verdict in _BREACHES)
            record["looked_at"] = record["population"] - record["not_applicable"]
        return tuple(found[key] for key in sorted(found, key=lambda key: (key[0] or "", key[1])))

    def _empty(self, rule: Rule, group: str | None) -> dict[str, Any]:
        counts = dict.fromkeys((*_NAMES.values(), "population"), 0)
        values = dict.fromkeys((f"{name}_value" for name in (*_NAMES.values(), "population")), None)
        said = {"rule": rule.name, "title": rule.title, "severity": rule.severity, "tests": rule.test.words(), "scope": rule.scope()}
        return {"group": group, **said, **counts, **values}

    def reasons(self) -> tuple[Mapping[str, Any], ...]:
        """Why cases got their verdicts, rule by rule, passes left out."""
        rows = [row for row in self.rows.records() if REASONS[row["reason"]].verdict != "pass"]
        return tuple(
            {
                "group": row.get("group"),
                "rule": self.grounds.policy.rules[row["rule"]].name,
                "verdict": REASONS[row["reason"]].verdict,
                "reason": REASONS[row["reason"]].name,
                "cases": row["cases"],
                "value": row["value"],
            }
            for row in rows
        )

    def breaches(self) -> tuple[Mapping[str, Any], ...]:
        """The findings as they are listed: rule, verdict, case, amount, the reason in a sentence, and the rows of the source that show it."""
        files = {source.number: source.name for source in self.about.log.provenance.sources}
        return tuple(self._finding(row, files) for row in self.findings.records())

    def _finding(self, row: Mapping[str, Any], files: Mapping[int, str]) -> dict[str, Any]:
        reason, rule = REASONS[row["reason"]], self.grounds.policy.rules[row["rule"]]
        shown = {place: unit_words(row, place) for place in ("one", "other")}
        sentence = reason.sentence.format(**shown, due=None if row["due"] is None else date_of(row["due"]))
        rows = "; ".join(f"{files[row[f'{place}_source']]} row {row[f'{place}_row']}" for place in shown if row[f"{place}_row"] is not None)
        became = self.disposed.get((rule.name, row["case"]))
        return {
            "rule": rule.name,
            "verdict": reason.verdict,
            "case": row["case"],
            "amount": row["amount"],
            "currency": row["currency"],
            "reason": f"{sentence[0].upper()}{sentence[1:]}.",
            "rows_of_source": rows or None,
            "disposition": became and became.disposition,
            "disposed_by": became and became.who,
            "disposed_on": became and became.when.isoformat(),
            "disposed_why": became and became.why,
        }

    def became(self) -> tuple[Mapping[str, Any], ...]:
        """For each rule, of how many findings there is which disposition, and of how many none."""
        found: dict[str, dict[str, Any]] = {}
        for record in self.records():
            told = found.setdefault(record["rule"], {"rule": record["rule"], "breaches": 0})
            told["breaches"] += record["breaches"]
        said = [(rule, one.disposition) for (rule, _), one in self.disposed.items()]
        return tuple(
            {**told, **{name: said.count((rule, name)) for name in DISPOSITIONS}, "open": told["breaches"] - sum(of == rule for of, _ in said)}
            for rule, told in found.items()
        )

    def answers(self) -> Mapping[str, Rows]:
        """The verdicts with their reasons, the findings, and the amounts of the log as read."""
        return {
            "verdicts and reasons": self.rows,
            "findings": self.findings,
            "persons with most violations": self.people,
            "amounts as read": self.read,
        }

    def prepared(self) -> tuple[str, ...]:
        """The statements that make the tables of persons and calendars."""
        return self.grounds.script()

    def looked_up(self) -> tuple[str, ...]:
        """The statement that makes the table of all verdicts."""
        return self.script

    def view(self) -> View:
        """Headlines, the verdicts in number and money, findings, reasons, how the population ties to the source, and what was assumed."""
        log, policy = self.about.log, self.grounds.policy
        currency = log.money.currency if log.money else ""
        said = f"Policy {policy.name!r}, version {policy.version} ({policy.file}, SHA-256 {policy.sha256}): {plural(len(policy.rules), 'rule')}."
        blocks: list[Block] = [*opening(self.about), Prose(said), *self._headlines(), *self._one_for_many(), *self._untested()]
        counts = ("rule", "title", "severity", *_NAMES.values(), "population")
        blocks.append(table("Verdicts of each rule, in cases", self.records(), counts, self.by))
        if self.by is None:
            looked = [name for verdict, name in _NAMES.items() if verdict != "not applicable"]
            blocks.append(
                Bars(
                    table("What came of the cases that each rule looks at", self.records(), ("rule", *looked, "looked_at")),
                    "rule",
                    "looked_at",
                    tuple(looked),
                )
            )
        if log.money:
            values = ("rule", *(f"{name}_value" for name in (*_NAMES.values(), "population")))
            blocks.append(table("Verdicts of each rule, in absolute amounts", self.records(), values, self.by, currency))
        else:
            blocks.append(Caveat(log.money_gap))
        blocks.append(self._findings())
        if self.disposed:
            blocks.append(table("What became of the findings", self.became(), ("rule", "breaches", *DISPOSITIONS, "open")))
        if len(self.people):
            blocks.append(table("Resources with most violations of rules about persons", self.people, ("resource", "violations", "cases")))
        blocks.append(
            table("Why not passed", self.reasons(), ("rule", "verdict", "reason", "cases", *(("value",) if log.money else ())), self.by, currency)
        )
        blocks += [*ties(self.about, self.read.records()), self._steps(), *self._notes()]
        return View("Audit", (*blocks, *(Definition(verdict, meaning) for verdict, meaning in VERDICTS.items())), log.zone)

    def _untested(self) -> Iterable[Block]:
        """Rules that look at cases and can be tested for none of them."""
        names = [record["rule"] for record in self.records() if record["not_testable"] and record["looked_at"] == record["not_testable"]]
        if names and self.by is None:
            yield Caveat(
                f"{plural(len(names), 'rule')} of {len(self.grounds.policy.rules):,} could be tested for no case, so that nothing is known of what "
                f"{'it asks' if len(names) == 1 else 'they ask'}: {', '.join(names)}. Why stands under 'Why not passed'."
            )

    def _headlines(self) -> Iterable[Block]:
        records = self.records()
        broken = [record for record in records if record["breaches"]]
        if not self.about.population.cases:
            yield Headline(f"There is no case that {plural(len(self.grounds.policy.rules), 'rule')} could judge.", 0.0)
        elif not broken:
            tested, rules = sum(record["pass"] for record in records), plural(len(self.grounds.policy.rules), "rule")
            passed, untested = f"No rule is broken: {plural(tested, 'pass', 'passes')} over {rules}.", f"Nothing could be tested by {rules}"
            yield Headline(passed if tested else f"{untested}: what they ask for is not known in the log, or not done.", 0.0)
        order = sorted(broken, key=lambda record: (SEVERITIES.index(record["severity"]), -record["breaches"]))
        for record in order[:3]:
            looked = record["looked_at"]
            part = record["breaches"] / looked if looked else 0.0
            yield Headline(
                f"{record['rule']} ({record['severity']}), {_begun(record['title'])}: {plural(record['breaches'], 'case')} "
                f"of {looked:,} that the rule looks at break it ({share(part)}){self._exposure(record)}.",
                part,
            )

    def _exposure(self, record: Mapping[str, Any]) -> str:
        values = [record[f"{_NAMES[verdict]}_value"] for verdict in _BREACHES if record[f"{_NAMES[verdict]}_value"] is not None]
        return f", {money(sum(values), self.about.log.money.currency)}" if values and self.about.log.money else ""

    def _findings(self) -> Block:
        shown = self.breaches()
        total = sum(record["breaches"] for record in self.records())
        if not total:
            return Prose("There is no finding.")
        found = table(
            "Findings, most severe first, then the largest amounts",
            shown,
            FINDING + (DISPOSED if self.disposed else ()),
        )
        return Table(found.title, found.columns, found.rows, total if total > len(shown) else None)

    def _steps(self) -> Table:
        bound = self.grounds.bound
        used = dict.fromkeys(step for rule in self.grounds.policy.rules for step in rule.steps())
        rows = [
            {"trade_step": step, "bound_activities": ", ".join(bound.activities[step]) or None, "bound_by": bound.bound_by[step]} for step in used
        ]
        return table("What was taken for the steps of the policy", rows, ("trade_step", "bound_activities", "bound_by"))

    def _notes(self) -> Iterable[Block]:
        log = self.about.log
        yield from map(Caveat, self.grounds.bound.notes)
        if self.superseded:
            yield Caveat(f"{plural(self.superseded, 'disposition is', 'dispositions are')} superseded by a later one of the same finding.")
        yield Prose(" ".join(self.grounds.persons.notes()))
        if not log.facts.has_resource:
            named = '; name the column that says who did a date with --person "ACTIVITY=COLUMN"' if log.card.dates else ""
            yield Caveat(f"The log does not say who did what, so that no rule about persons can be tested{named}.")
        elif log.facts.people == "roles":
            yield Caveat(
                "The card shows people as roles, so that no rule about persons can be tested; read the log with people = names or pseudonyms."
            )
        expired = [each for each in self.grounds.policy.exemptions if each.until.isoformat() < day(log.facts.extracted, log.zone)]
        if expired:
            said = "; ".join(
                f"{each.rule} for {each.attribute} {', '.join(each.values)} until {each.until} ({each.owner}: {each.why})" for each in expired
            )
            yield Caveat(f"Exemptions that have expired do not count for cases that end after them: {said}.")

    def _one_for_many(self) -> Iterable[Block]:
        """A name with most violations is perhaps no person."""
        found = sum(row["cases"] for row in self.rows.records() if row["reason"] in OF_PERSONS)
        if found >= _MANY and (most := self.people.records()[0])["violations"] * 2 > found:
            yield Caveat(
                f"{most['violations']:,} of {found:,} violations of rules about persons are of one resource, {most['resource']}: where this is a machine "
                "or a name that stands for anybody, say so on the card ([persons] technical or anonymous)."
            )

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The cases that break one rule (of one group)."""
        rule = next(rule for rule in self.grounds.policy.rules if rule.name == record["rule"])
        found = verdicts_of(self.grounds, rule)
        kept = found.filter(found.reason < first_of("not testable")).select("case")
        return cases_of(grouped(self.about.log, kept, self.by), record, self.by)


def _begun(title: str) -> str:
    """A title as the rest of a sentence; one that begins with an abbreviation, such as VAT, stays as it is."""
    return title if title[1:2].isupper() else title[0].lower() + title[1:]


def audit(
    log: EventLog,
    *,
    policy: str | Policy = "purchase-to-pay",
    severity: Literal["high", "medium", "low"] = "low",
    dispositions: Path | Dispositions | None = None,
    by: str | None = None,
    most: int = 1000,
) -> Audit:
    """Which cases break which rule of a policy, and which cannot be tested.

    Args:
        log: the event log.
        policy: a policy file, or one of purchase-to-pay, expenses and record-to-report, which come with finmine.
        severity: from which severity on a breach makes the exit status 1.
        dispositions: a CSV that says of findings (rule, case) what became of them (disposition: accepted, corrected or false; who, when, why).
        by: an attribute after which the cases are split.
        most: how many findings are listed; the counts are always of all.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    held = policy_of(policy)
    ground = grounds(log, held)
    worth = ground.cases.select("case", "label", "amount", "currency", "money")
    said = load_dispositions(dispositions) if isinstance(dispositions, Path) else dispositions or Dispositions("", ())
    asked = about(log, "audit", {"policy": held.file, "severity": severity, "dispositions": said.name or None, "by": by, "most": most})
    with held_relation(log, "verdicts", verdicts(ground)) as told:
        answers = (counted(log, told.rows, worth, by), listed_breaches(ground, told.rows, worth, most), most_violations(ground, told.rows))
        rows, findings, people = map(log.fetch, answers)
        known = log.fetch(breaches_of(told.rows, worth, said.cases()), limit=MOST_DISPOSED).tuples() if said.rows else ()
    disposed = said.of([(held.rules[int(str(rule))].name, str(case)) for rule, case in known], [rule.name for rule in held.rules])
    read = log.fetch(money_by_currency(log.as_read()))
    return Audit(asked, rows, by, severity, ground, findings, people, read, told.script, disposed, len(said.rows) - len(disposed))
