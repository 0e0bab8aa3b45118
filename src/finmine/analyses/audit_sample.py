"""A sample to be looked at by hand: how many, which, and why these, so that anybody draws the same.

A sample of *money* draws monetary units, so that a case is the likelier the larger its amount (monetary-unit sampling); its size
is the least for which misstatements as expected leave the upper limit at or below what is tolerable (Poisson). A sample of *cases*
draws cases with equal chances, of each stratum in proportion; its size comes from the binomial distribution. Everything random
comes from the seed and the names of the cases. With a file of what was found in the drawn cases, the sample is drawn again and
evaluated: what is not exceeded with the confidence, and the exit status on the command line is 1 where that is more than tolerable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from finmine.arrays import Lent
from finmine.auditing.drawn import Drawn, drawn, listed_cases
from finmine.auditing.evaluation import SampleEvaluation, evaluated
from finmine.auditing.sample_plan import SamplePlan, sample_plan
from finmine.engine import Rows
from finmine.log import EventLog
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.stats.assurance import accepted_by_two_stages
from finmine.view import Block, Caveat, Definition, Facts, Headline, View
from finmine.words import money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

_MICRO = Decimal("0.000001")


@dataclass(frozen=True, slots=True, repr=False)
class AuditSample(Result):
    """The drawn cases, large ones first, then in the order of their random numbers' cases; ``plan`` is what they were drawn for."""

    plan: SamplePlan
    drawn: Drawn

    def answers(self) -> Mapping[str, Rows]:
        """The drawn cases, and what they were drawn from."""
        return {"drawn cases": self.rows, "what is drawn from": self.drawn.totals}

    def kernels(self) -> tuple[Lent, ...]:
        """The kernel that draws monetary units."""
        return self.drawn.lent

    def view(self) -> View:
        """The plan, what is drawn from, the drawn cases, and what is not in the draw."""
        log, frame = self.about.log, self.drawn.frame
        money_names = ("amount", "currency") if self.plan.method == "money" else ()
        strata = ("stratum",) if any(self.rows.column("stratum")) else ()
        blocks: list[Block] = [
            *opening(self.about),
            self._headline(),
            self._plan(),
            table("Cases to look at", self.rows, ("case", *strata, "drawn_as", *money_names)),
        ]
        if self.plan.method == "money":
            left = [
                (frame.credits, "with a negative amount", frame.credit_value),
                (frame.zero, "with an amount of zero", 0),
                (frame.missing, "without an amount", 0),
            ]
            said = "; ".join(
                f"{plural(number, 'case')} {what}{f' ({self._money(value)})' if value else ''}" for number, what, value in left if number
            )
            if said:
                blocks.append(Caveat(f"Not in the draw, to be tested in another way: {said}."))
        if self.plan.method == "cases" and self.plan.drawn > frame.cases:
            blocks.append(Caveat(f"The plan asks for {self.plan.drawn:,}, and there are {plural(frame.cases, 'case')}: all are to be looked at."))
        return View("Sample to look at", (*blocks, *self._definitions()), log.zone)

    def _money(self, millionths: int) -> str:
        currency = self.about.log.money.currency if self.about.log.money else ""
        return money(Decimal(millionths) * _MICRO, currency)

    def _headline(self) -> Headline:
        frame, large = self.drawn.frame, sum(value == "large" for value in self.rows.column("drawn_as"))
        if self.plan.extend:
            first = sum(value == "first stage" for value in self.rows.column("drawn_as"))
            return Headline(
                f"{first:,} of {plural(frame.cases, 'case')} are to be looked at first; {len(self.rows) - first:,} more only after {self._after()} there.",
                0.0,
            )
        if self.plan.method == "cases":
            return Headline(f"{len(self.rows):,} of {plural(frame.cases, 'case')} {'is' if len(self.rows) == 1 else 'are'} to be looked at.", 0.0)
        held = sum(int(amount / _MICRO) for amount in self.rows.column("amount") if isinstance(amount, Decimal))
        return Headline(
            f"{plural(len(self.rows), 'case')} with {self._money(held)} are to be looked at, {share(held / frame.book if frame.book else 0.0)} of "
            f"{self._money(frame.book)}; {large:,} of them because they are large.",
            0.0,
        )

    def _after(self) -> str:
        return "one deviation" if self.plan.extend == 1 else f"one to {self.plan.extend} deviations"

    def _plan(self) -> Facts:
        plan, frame = self.plan, self.drawn.frame
        facts: list[tuple[str, Any, Any]] = [("Confidence", plan.confidence, "share"), ("Tolerable share", plan.tolerable, "share")]
        facts += [("Expected share", plan.expected, "share"), ("Planned size", plan.size, "count")]
        if plan.method == "money":
            facts += [
                ("Book value", self._money(frame.book), "text"),
                ("Tolerable misstatement", self._money(int(frame.book * plan.tolerable)), "text"),
            ]
            facts += [("Interval", self._money(self.drawn.interval or 0), "text")] if frame.book else []
            facts.append(("Selection", str(self.about.parameters["selection"]), "text"))
        elif plan.extend:
            chance = accepted_by_two_stages(plan.size, plan.extend, plan.extend, plan.expected)
            facts += [
                ("Stages", f"two of {plan.size:,}; the second after {self._after()} in the first", "text"),
                ("Deviations allowed in both", plan.extend, "count"),
                ("Chance to be accepted at the expected share", chance, "share"),
            ]
        elif plan.allowed is not None:
            facts.append(("Deviations allowed", plan.allowed, "count"))
        return Facts("The plan", (*facts, ("Seed", str(self.about.parameters["seed"]), "text")))

    def _definitions(self) -> Iterable[Block]:
        if self.plan.method == "money":
            yield Definition("Large", "an amount of at least the interval: the case is drawn for certain, and its error counts as it is, once")
        if self.plan.extend:
            yield Definition(
                "Two stages",
                "accepted where no case of the first deviates, or where up to the allowed number do and both stages together have no more; "
                "not accepted at once where more do",
                "double sampling: Dodge and Romig 1944",
            )
        yield Definition(
            "Seed", "all that is random comes from the SHA-256 of the seed and of the names of the cases; the same seed draws the same cases"
        )

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The one case of the row."""
        these = traces(self.about.log)
        return these.filter(these.label == record["case"]).select("case")


def audit_sample(
    log: EventLog,
    *,
    method: Literal["money", "cases"] = "cases",
    confidence: float = 0.95,
    tolerable: float = 0.05,
    expected: float = 0.0,
    size: int | None = None,
    selection: Literal["interval", "cell", "sieve"] = "interval",
    strata: str | None = None,
    extend: int = 0,
    seed: str = "1",
    audited: Path | None = None,
) -> AuditSample | SampleEvaluation:
    """Which cases to look at by hand, and how many, so that anybody draws the same.

    Args:
        log: the event log.
        method: draw monetary units (money), or cases with equal chances.
        confidence: how sure one wants to be.
        tolerable: the share of the book value, or of the cases, that may be wrong.
        expected: the share that is expected to be wrong.
        size: how many to draw; default: the least that is enough.
        selection: how monetary units are drawn.
        strata: an attribute, or variant, of whose values cases are drawn in proportion, and at least one of each.
        extend: draw cases in two stages, and look at the second only after deviations in the first, up to so many.
        seed: what all chance comes from.
        audited: a CSV with a column case and a column audited (the right amount; for money) or deviation (yes or no; for cases): evaluate the sample.
    """
    plan = sample_plan(method, confidence, tolerable, expected, size, extend)
    found = drawn(log, plan, selection, seed, strata)
    asked: dict[str, object] = {"method": method, "confidence": confidence, "tolerable": tolerable, "expected": expected, "size": size}
    asked |= {"selection": selection, "strata": strata, "extend": extend, "seed": seed}
    asked["audited"] = audited.name if audited else None
    rows = log.fetch(listed_cases(log, found))
    told = about(log, "audit-sample", asked)
    return AuditSample(told, rows, plan, found) if audited is None else evaluated(told, rows, plan, found, audited)
