"""What a sample says of the whole: the misstatement or the rate of deviations that is not exceeded with the confidence.

For money, the error of each case drawn by chance, as a share of its amount
(its taint), counts for its whole interval, the largest first (Poisson factors); the errors of large cases count as they are.
Overstatements only; understatements are told beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finmine.arrays import Lent
from finmine.auditing.drawn import Drawn
from finmine.auditing.looked_at import audited_amounts, deviations
from finmine.auditing.sample_plan import SamplePlan
from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.relations.traces import traces
from finmine.result import About, Result, opening, table
from finmine.stats.assurance import basic_precision, stringer_bound, upper_misstatement, upper_rate, upper_rate_of_two_stages
from finmine.view import Block, Caveat, Definition, Facts, Headline, View
from finmine.words import money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

_CENT = Decimal("0.01")


class NothingDrawn(Refusal):
    """A sample without a case was to be evaluated."""

    def __init__(self) -> None:
        super().__init__("no case was drawn, so that nothing can be said of what was found; see with audit-sample what the sample is drawn from.")


@dataclass(frozen=True, slots=True, repr=False)
class SampleEvaluation(Result):
    """What was found in each drawn case (``found``), and what that says of the whole."""

    plan: SamplePlan
    drawn: Drawn
    found: tuple[Mapping[str, Any], ...]

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The drawn cases with what was found, errors first."""
        return self.found

    def answers(self) -> Mapping[str, Rows]:
        """The drawn cases, and what they were drawn from."""
        return {"drawn cases": self.rows, "what is drawn from": self.drawn.totals}

    def kernels(self) -> tuple[Lent, ...]:
        """The kernel that draws monetary units."""
        return self.drawn.lent

    @property
    def failed(self) -> bool:
        """Whether more than tolerable may be wrong."""
        return self.upper > self.tolerable

    @property
    def tolerable(self) -> float:
        """What may be wrong: money, or the rate of cases."""
        return self.plan.tolerable * (self.drawn.frame.book / 1e6 if self.plan.method == "money" else 1.0)

    @property
    def taints(self) -> tuple[float, ...]:
        """The overstated shares of the cases drawn by chance, the largest first; more than the whole amount counts as the whole."""
        found = (record for record in self.found if record["drawn_as"] != "large" and record["error"] > 0)
        return tuple(sorted((min(1.0, record["taint"]) for record in found for _ in range(record["hits"])), reverse=True))

    @property
    def large_errors(self) -> Decimal:
        """The overstatements of the large cases, as they are."""
        return sum((record["error"] for record in self.found if record["drawn_as"] == "large" and record["error"] > 0), Decimal(0))

    @property
    def upper(self) -> float:
        """What is not exceeded with the confidence: the overstatement in all (upper misstatement limit), or the rate of deviations."""
        if self.plan.extend:
            return upper_rate_of_two_stages(self.plan.confidence, self._of_stage("first stage"), self.plan.extend, *self._by_stage())
        if self.plan.method == "cases":
            return upper_rate(self.plan.confidence, self._deviating(), len(self.found))
        return upper_misstatement(self.plan.confidence, (self.drawn.interval or 0) / 1e6, self.taints) + float(self.large_errors)

    @property
    def undecided(self) -> bool:
        """Whether the first stage has deviations that a second may make good, and that was not looked at yet."""
        first, second = self._by_stage()
        return 0 < first <= self.plan.extend and second is None

    def _by_stage(self) -> tuple[int, int | None]:
        """The deviations in the first stage and, where it was looked at, in the second."""
        first, second = (
            sum(record["drawn_as"] == stage and record["deviation"] == "yes" for record in self.found) if self._of_stage(stage) else None
            for stage in ("first stage", "second stage")
        )
        return first or 0, second

    def _of_stage(self, stage: str) -> int:
        return sum(record["drawn_as"] == stage for record in self.found)

    def _deviating(self) -> int:
        return sum(record["deviation"] == "yes" for record in self.found)

    def view(self) -> View:
        """The verdict on the sample, how it comes about, and what was found in each case."""
        names = (
            ("case", "drawn_as", "amount", "audited", "error", "taint")
            if self.plan.method == "money"
            else ("case", *(("drawn_as",) if self.plan.extend else ()), "deviation")
        )
        currency = self.about.log.money.currency if self.about.log.money else ""
        facts = self._money_facts(currency) if self.plan.method == "money" else self._case_facts()
        blocks: list[Block] = [*opening(self.about), self._headline(currency), Facts("How it comes about", facts)]
        blocks += [table("What was found", self.found, names, None, currency), *self._caveats(currency)]
        return View(
            "Evaluation of the sample", (*blocks, Definition("Taint", "the overstatement of a case divided by its amount")), self.about.log.zone
        )

    def _headline(self, currency: str) -> Headline:
        plan = self.plan
        verdict = "more than tolerable may be wrong" if self.failed else "no more than tolerable is wrong"
        if self.undecided:
            return Headline(
                f"Not decided yet: {plural(self._deviating(), 'deviation')} in {len(self.found):,} of the first stage; look at the second, of {plan.size:,} more.",
                0.0,
            )
        if plan.method == "cases":
            return Headline(
                f"With {share(plan.confidence)} confidence at most {share(self.upper)} of the cases deviate ({plural(self._deviating(), 'deviation')} in "
                f"{len(self.found):,}); tolerable are {share(plan.tolerable)}: {verdict}.",
                0.0,
            )
        return Headline(
            f"With {share(plan.confidence)} confidence at most {_amount(self.upper, currency)} are overstated; "
            f"tolerable are {_amount(self.tolerable, currency)}: {verdict}.",
            0.0,
        )

    def _money_facts(self, currency: str) -> tuple[tuple[str, Any, Any], ...]:
        interval, chance = (self.drawn.interval or 0) / 1e6, sum(record["hits"] for record in self.found if record["drawn_as"] != "large")
        projected = interval * sum(self.taints)
        basic = basic_precision(self.plan.confidence, interval)
        limit = upper_misstatement(self.plan.confidence, interval, self.taints)
        book = (self.drawn.frame.book / 1e6) - sum(float(record["amount"]) for record in self.found if record["drawn_as"] == "large")
        stringer = stringer_bound(self.plan.confidence, book, chance, self.taints) if chance else 0.0
        under = sum((record["error"] for record in self.found if record["error"] < 0), Decimal(0))
        return (
            ("Cases looked at", len(self.found), "count"),
            ("Overstated units among those drawn by chance", len(self.taints), "count"),
            ("Basic precision", _amount(basic, currency), "text"),
            ("Projected misstatement", _amount(projected, currency), "text"),
            ("Allowance for more than was found", _amount(limit - basic - projected, currency), "text"),
            ("Overstatement of large cases", _amount(float(self.large_errors), currency), "text"),
            ("Upper misstatement limit", _amount(self.upper, currency), "text"),
            ("Stringer bound, with the large cases", _amount(stringer + float(self.large_errors), currency), "text"),
            ("Understatement found", _amount(float(-under), currency), "text"),
        )

    def _case_facts(self) -> tuple[tuple[str, Any, Any], ...]:
        found = self._deviating()
        if self.plan.extend:
            first, second = self._by_stage()
            return (
                ("Looked at in the first stage", self._of_stage("first stage"), "count"),
                ("Deviations in it", first, "count"),
                ("Looked at in the second stage", self._of_stage("second stage"), "count"),
                ("Deviations in that", second, "count"),
                ("Deviations allowed in both", self.plan.extend, "count"),
                ("Upper limit of the rate", self.upper, "share"),
            )
        facts: list[tuple[str, Any, Any]] = [("Cases looked at", len(self.found), "count"), ("Deviations", found, "count")]
        if self.plan.allowed is not None:
            facts.append(("Deviations allowed by the plan", self.plan.allowed, "count"))
        return (*facts, ("Rate in the sample", found / len(self.found), "share"), ("Upper limit of the rate", self.upper, "share"))

    def _caveats(self, currency: str) -> Iterable[Block]:
        if any(record.get("taint") is not None and record["taint"] > 1 for record in self.found):
            yield Caveat("Where more than the whole amount of a case is overstated, its taint counts as 100 %.")
        if self.about.parameters["strata"]:
            yield Caveat("The limit is that of a sample without strata; drawn in proportion it is rather too high than too low.")
        frame = self.drawn.frame
        if self.plan.method == "money" and (frame.credits or frame.missing):
            yield Caveat(
                f"It says nothing of {plural(frame.credits, 'credit')} and {plural(frame.missing, 'case')} without an amount, which were not in the draw."
            )

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The one case of the row."""
        these = traces(self.about.log)
        return these.filter(these.label == record["case"]).select("case")


def evaluated(asked: About, rows: Rows, plan: SamplePlan, drawing: Drawn, audited: Path) -> SampleEvaluation:
    """The evaluation of a drawn sample with what a file says of its cases.

    Raises:
        BadFindings: the file does not say it for exactly the drawn cases.
        NothingDrawn: there are no drawn cases.
    """
    cases = [str(case) for case in rows.column("case")]
    if not cases:
        raise NothingDrawn
    if plan.method == "money":
        return SampleEvaluation(asked, rows, plan, drawing, _with_amounts(rows, audited_amounts(audited, cases)))
    second = [str(row["case"]) for row in rows.records() if row["drawn_as"] == "second stage"]
    found = _with_deviations(rows, deviations(audited, cases, second))
    return SampleEvaluation(asked, rows, plan, drawing, found)


def _with_amounts(rows: Rows, right: Mapping[str, Decimal]) -> tuple[Mapping[str, Any], ...]:
    found = [{**record, "audited": right[record["case"]], "error": record["amount"] - right[record["case"]]} for record in rows.records()]
    told = ({**record, "taint": float(record["error"] / record["amount"])} for record in found)
    return tuple(sorted(told, key=lambda record: (-abs(record["error"]), record["case"])))


def _with_deviations(rows: Rows, deviating: Mapping[str, bool]) -> tuple[Mapping[str, Any], ...]:
    found = ({**record, "deviation": "yes" if deviating[record["case"]] else "no"} for record in rows.records() if record["case"] in deviating)
    return tuple(sorted(found, key=lambda record: (record["deviation"] == "no", record["case"])))


def _amount(value: float, currency: str) -> str:
    return money(Decimal(str(value)).quantize(_CENT), currency)
