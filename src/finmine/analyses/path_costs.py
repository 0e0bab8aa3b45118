"""What a path costs: what the families of paths take and cost, in the median, in the mean and in all, against all other cases.

A **path** here is a family of variants: all with the same activities in the order of their first occurrence, however often anything is
repeated. Means and sums add up, so that the way from all cases on a **baseline** to what they cost can be drawn: the cheapest path
that ends as most cases do and leaves out none of the steps that most have. Whether a difference is more than chance, and what else goes with it, is what `path-effects` tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Lent
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.finance.money import rounded
from finmine.log import EventLog
from finmine.path_baseline import FEW, Baseline, Usual, baseline
from finmine.relations.costs import UNPRICED, case_costs, cost_currency, exchange_note
from finmine.relations.labour import PaidWork, knows_labour, labour, paid_work
from finmine.relations.money_lines import MONEY
from finmine.relations.paid_time import labour_gap
from finmine.relations.path_features import families, with_paths
from finmine.relations.tables import activity_labels
from finmine.relations.traces import spelled_traces, trace_labels, traces, written
from finmine.relations.units import units
from finmine.relations.whole_division import WHOLE
from finmine.result import Result, about, opening, table
from finmine.stats.path_effects import LEAST
from finmine.view import Block, Caveat, Definition, Headline, Table, View, Waterfall
from finmine.words import agreeing, duration, money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_MOST_STEPS = 8
_COMMONEST, _ORDER, _OTHERS = "the commonest path", "in another order", "all other paths"
_TIMES = ("differs", "cases", "median", "time_more")
_MONEY = ("cost_median", "cost_per_case", "cost_more", "cost_extra")


@dataclass(frozen=True, slots=True, repr=False)
class PathCosts(Result):
    """What the families of paths take and cost, those of most cases first, and how long all cases take."""

    currency: str | None
    work: PaidWork | None
    whole: Rows
    spelled: Rows
    ends: Rows
    steps: Rows
    most: int
    unrated: Rows | None

    def answers(self) -> Mapping[str, Rows]:
        """The families, all cases, the traces that name the families, how their cases end, how many have each step, and what has no rate."""
        return {"paths": self.rows, "all cases": self.whole, "traces": self.spelled, "outcomes": self.ends, "steps": self.steps} | (
            {"units without a rate": self.unrated} if self.unrated else {}
        )

    def prepared(self) -> tuple[str, ...]:
        """The calendars by which work is paid."""
        return self.work.calendars.script() if self.work else ()

    def kernels(self) -> tuple[Lent, ...]:
        """The shares of work that one resource does at once."""
        return self.work.shares if self.work else ()

    def looked_up(self) -> tuple[str, ...]:
        """What the units cost in labour."""
        return self.work.script() if self.work else ()

    def records(self) -> tuple[Record, ...]:
        """The paths, those first that cost (or take) most more than all other cases together; of fewer than five cases there are sums alone."""
        labels, every = trace_labels(self.spelled), self.every()
        paths = [(record, tuple(dict.fromkeys(labels.get(record["code"], ())))) for record in self.rows.records()[: self.most]]
        commonest = next((path for _, path in paths if path), ())
        differs = [_differs(path, commonest) if path else f"(paths of fewer than {LEAST} cases: {record['paths']:,})" for record, path in paths]
        again = [f"{said}, {_ORDER}" if said in differs[:place] else said for place, said in enumerate(differs)]
        told = [self._record(record, written(path), said, every) for (record, path), said in zip(paths, again, strict=True)]
        told.sort(key=lambda one: (-(one["cost_extra"] or 0), -one["time_more"] * one["cases"], one["code"] or -1))
        return tuple(one if one["cases"] >= LEAST else {**one, **dict.fromkeys((*_TIMES[2:], *_MONEY))} for one in told)

    def every(self) -> Record:
        """All compared cases: what ``whole`` says of them, and the sums over all paths."""
        (whole,), paths = self.whole.records(), self.rows.records()
        return {
            **whole,
            **{name: sum((path[name] for path in paths if path[name] is not None), start=Decimal(0)) for name in ("total", "priced", "cost")},
        }

    def _record(self, record: Record, path: str, differs: str, every: Record) -> Record:
        costs = {name: self._minor(record[name]) for name in ("cost_median", "cost")}
        mean, others = _mean(record["cost"], record["priced"]), _mean(_rest(every, record, "cost"), every["priced"] - record["priced"])
        more = None if mean is None or others is None else mean - others
        return {
            **record,
            **costs,
            "path_family": path or None,
            "differs": differs,
            "cases_share": record["cases"] / every["cases"],
            "time_more": record["median"] - every["median"],
            "cost_per_case": self._minor(mean),
            "cost_more": self._minor(more),
            "cost_extra": None if more is None else self._minor(more * record["priced"]),
        }

    def _minor(self, amount: Decimal | None) -> Decimal | None:
        return None if amount is None else rounded(amount, self.currency)

    def view(self) -> View:
        """Headlines, the waterfall from the baseline, the paths, and where the statistics are."""
        records = self.records()
        blocks: list[Block] = [*opening(self.about), *self._headlines(records), *self._waterfall(records)]
        columns = (*_TIMES, *(_MONEY if self.work else ()))
        order = "by how much more they cost in all" if self.work else "by how much longer the median is, times the cases"
        shown = table(f"What the paths take and cost, {order}", records, columns, currency=self.currency or "")
        blocks.append(Table(shown.title, shown.columns, shown.rows, len(self.rows) if len(self.rows) > len(records) else None))
        if common := next((record for record in records if _COMMONEST in record["differs"]), None):
            blocks.append(Definition("The commonest path", f"{common['path_family']} ({plural(common['cases'], 'case')})"))
        return View("What a path costs", (*blocks, *self._caveats(), *self._definitions()), self.about.log.zone)

    def _headlines(self, records: Sequence[Record]) -> Iterator[Headline]:
        """The path that goes with most more cost, and that with most more time, than all others."""
        enough = [record for record in records if FEW <= record["cases"] < self.every()["cases"] and record["path_family"]]
        every = self.every()
        dear = max((record for record in enough if record["cost_more"]), key=lambda record: record["cost_extra"], default=None)
        if dear is not None and dear["cost_more"] > 0:
            each, more, extra = (money(dear[name], self.currency or "") for name in ("cost_per_case", "cost_more", "cost_extra"))
            said = f"{_cases(dear)} cost {each} each, {more} more than all others in the mean: {extra} in all."
            yield Headline(said, float(dear["cost_extra"] / every["cost"]))
        others = [record for record in enough if _COMMONEST not in record["differs"]]
        slow = max(others, key=lambda record: record["time_more"] * record["cases"], default=None)
        if slow is not None and slow["time_more"] > 0:
            said = f"{_cases(slow)} take a median {duration(slow['median'])}, {duration(slow['time_more'])} more than the median of all cases"
            yield Headline(f"{said}.", slow["time_more"] * slow["cases"] / float(every["total"]))

    def baseline(self) -> Baseline:
        """The path against which all costs are set, and why cheaper ones are not it."""
        paths = {code: tuple(dict.fromkeys(labels)) for code, labels in trace_labels(self.spelled).items()}
        return baseline(self.records(), paths, self._usual(), self.every()["cases"])

    def _usual(self) -> Usual:
        return Usual.of(self.ends, self.steps)

    def _waterfall(self, records: Sequence[Record]) -> Iterator[Block]:
        """From what all cases would cost on the baseline to what they cost, and the cheaper paths that cannot be it."""
        every, found = self.every(), self.baseline()
        if not every["cost"] or sum(record["priced"] >= FEW for record in records) < 2:
            return
        if (base := found.path) is None:
            yield Caveat(
                f"No path of {FEW} cases or more can be the baseline of a waterfall: each ends otherwise than most cases, or leaves out what most have."
            )
        else:
            yield self._falling(records, every, base)
        if found.cheaper:
            told = ("differs", "cases", "cost_per_case", "not_baseline")
            yield table("Cheaper paths that cannot be the baseline, those of most cases first", found.cheaper, told, currency=self.currency or "")

    def _falling(self, records: Sequence[Record], every: Record, base: Record) -> Waterfall:
        """The waterfall; where all paths are steps, the largest has the rest of rounding."""
        exact = {row["code"]: row["cost"] for row in self.rows.records()}
        mean = exact[base["code"]] / base["priced"]
        whole, actual = (rounded(amount, self.currency) for amount in (mean * every["priced"], every["cost"]))
        extra = {record["code"]: rounded(exact[record["code"]] - mean * record["priced"], self.currency) for record in records if record["priced"]}
        changes = sorted((record for record in records if extra.get(record["code"])), key=lambda record: -abs(extra[record["code"]]))
        steps = [(_step(record), extra[record["code"]]) for record in changes[:_MOST_STEPS]]
        rest = actual - whole - sum((cost for _, cost in steps), Decimal(0))
        if rest and (not steps or len(changes) > _MOST_STEPS or len(self.rows) > len(records)):
            steps.append((_OTHERS, rest))
        elif rest:
            steps[0] = (steps[0][0], steps[0][1] + rest)
        levels = [(f"all on the baseline: {_step(base)}", whole), *steps, ("what they cost", actual)]
        title = f"From the baseline to what {plural(every['priced'], 'case')} cost, in {self.currency}"
        rows = [{"cost_step": step, "cost": cost} for step, cost in levels]
        return Waterfall(table(title, rows, ("cost_step", "cost")), "cost_step", "cost")

    def _caveats(self) -> Iterator[Caveat]:
        log, every = self.about.log, self.every()
        if not log.card.outcomes:
            yield Caveat(log.status_gap)
        elif every["running"]:
            running = plural(every["running"], "case that still runs is", "cases that still run are")
            yield Caveat(f"{running} in no number: what they will take and cost is not known yet.")
        if self.work is None:
            yield Caveat(f"What the work of the paths costs is not known: {labour_gap(log)}.")
        elif unknown := every["cases"] - every["priced"]:
            yield Caveat(f"What {plural(unknown, 'case')} cost is not known and in no cost: {UNPRICED}.")
        for record in self.unrated.records() if self.unrated else ():
            if record["units"]:
                said = f"{plural(record['units'], log.facts.unit)} on {plural(record['cases'], 'case')} of these {agreeing(record['units'], 'costs', 'cost')} no labour"
                yield Caveat(f"{said}, because no labour rate applies to who did {agreeing(record['units'], 'it', 'them')}; `costs` tells to whom.")
        if self.work is not None and (note := exchange_note(log)) is not None:
            yield Caveat(note)
        yield Caveat(
            "What goes with a path need not come from it, and may be chance: `path-effects` tests it, in time and with --outcome cost in money, "
            "among cases that agree in what could confound it."
        )

    def _definitions(self) -> Iterator[Definition]:
        yield Definition("Path", "all variants with the same activities in the order of their first occurrence, however often anything is repeated")
        if self.work:
            yield Definition("Baseline", self._usual().words())
            yield Definition("Cost", "labour at the rates of the card, and the fixed costs of activities, as in `costs`")

    def behind(self, record: Record) -> ir.Table:
        """The cases of one path."""
        cases = _of_families(self.about.log, self.work)
        of_path = cases.path.isnull() if record["code"] is None else cases.path == record["code"]
        return cases.filter(of_path).select("case")


def path_costs(log: EventLog, *, most: int = 100) -> PathCosts:
    """What the families of paths take and cost, against all other cases.

    Args:
        log: the event log.
        most: how many paths are told at most, those of most cases.

    Raises:
        SeveralCurrencies: the card states costs in more than one currency, and has no reporting currency.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    currency = cost_currency(log)
    work = paid_work(log) if knows_labour(log) else None
    cases = _of_families(log, work)
    grouped = cases.group_by(code="path").aggregate(**_sums(cases), cost_median=_middle(cases))
    rows = log.fetch(grouped.order_by([grouped.cases.desc(), "code"]))
    named = (
        traces(log).filter(lambda these: these.case.isin([int(str(code)) for code in rows.column("code")[:most] if code is not None])).select("case")
    )
    whole, spelled, ends, steps = (log.fetch(these) for these in (_whole(log), spelled_traces(log, named), _ends(cases), _steps(log, cases)))
    return PathCosts(
        about(log, "path-costs", {"most": most}),
        rows,
        currency,
        work,
        whole,
        spelled,
        ends,
        steps,
        most,
        None if work is None else log.fetch(_unrated(log, work, cases)),
    )


def _unrated(log: EventLog, work: PaidWork, compared: ir.Table) -> ir.Table:
    """How many units of people have no labour rate, and on how many of the compared cases."""
    these = labour(log, work).semi_join(compared, "case")
    without = ~these.rated & ~these.machine
    return these.aggregate(units=these.count(where=without), cases=these.case.nunique(where=without))


def _whole(log: EventLog) -> ir.Table:
    """How many cases can be compared and how many still run, and the median throughput time of those that can be."""
    import ibis

    cases = traces(log)
    ended = cases.status == "finished" if log.card.outcomes else ibis.literal(True)
    return cases.aggregate(
        cases=cases.count(where=ended), running=cases.count(where=~ended), median=cases.throughput.quantile(0.5, where=ended).round().cast("int64")
    )


def _of_families(log: EventLog, work: PaidWork | None) -> ir.Table:
    """The cases that can be compared: case, throughput, outcome, ``cost`` (missing where it is not known), family, and ``path``, the family where it is not rare.

    A family is named by its first path; one of fewer than five cases is told together with all such.
    """
    import ibis

    cases = traces(log)
    kept = with_paths(cases.filter(cases.status == "finished") if log.card.outcomes else cases)
    joined = kept.join(families(log, kept), "path").select("case", "throughput", "outcome", family="first")
    often = joined.case.count().over(ibis.window(group_by="family")) >= LEAST
    told = joined.mutate(path=often.ifelse(joined.family, ibis.null("int32")))
    if work is None:
        return told.mutate(cost=ibis.null(MONEY))
    return told.left_join(case_costs(log, work), "case").select(*told.columns, "cost")


def _ends(cases: ir.Table) -> ir.Table:
    """How many cases of each path end in each outcome."""
    return cases.group_by(["path", "outcome"]).aggregate(cases=cases.count()).rename(code="path").order_by(["code", "outcome"])


def _steps(log: EventLog, cases: ir.Table) -> ir.Table:
    """How many of the cases of each outcome have each activity."""
    found = units(log).select("case", "activity").distinct().join(cases.select("case", "outcome"), "case").join(activity_labels(log), "activity")
    return found.group_by(["outcome", "label"]).aggregate(cases=found.count()).order_by(["outcome", "label"])


def _sums(cases: ir.Table) -> dict[str, ir.Scalar]:
    return {
        "cases": cases.count(),
        "paths": cases.family.nunique(),
        "total": cases.throughput.cast(WHOLE).sum(),
        "median": cases.throughput.quantile(0.5).round().cast("int64"),
        "priced": cases.cost.count(),
        "cost": cases.cost.sum().cast(MONEY),
    }


def _middle(cases: ir.Table) -> ir.Scalar:
    """The median cost: of an even number of cases the lower of the two in the middle, so that it is a cost that occurred."""
    import ibis

    @ibis.udf.agg.builtin(name="quantile_disc", signature=((MONEY, "float64"), MONEY))  # type: ignore[untyped-decorator]
    def quantile_disc(amount: object, share: float) -> object: ...

    return quantile_disc(cases.cost, 0.5)


def _mean(amount: Decimal | None, number: int) -> Decimal | None:
    return None if amount is None or number <= 0 else amount / number


def _rest(every: Record, record: Record, name: str) -> Decimal | None:
    return None if every[name] is None else every[name] - (record[name] or 0)


def _differs(path: tuple[str, ...], commonest: tuple[str, ...]) -> str:
    """What a path has more and fewer than the commonest."""
    if path == commonest:
        return f"({_COMMONEST})"
    signs = [f"+ {activity}" for activity in path if activity not in commonest] + [f"− {activity}" for activity in commonest if activity not in path]
    return ", ".join(signs) or f"(the same {_ORDER})"


def _step(record: Record) -> str:
    return str(record["differs"]).strip("()")


def _cases(record: Record) -> str:
    """The cases of a path, as they stand in a sentence."""
    differs, cases = str(record["differs"]), f"{plural(record['cases'], 'case')} ({share(record['cases_share'])})"
    if differs.startswith("("):
        return f"The {cases} {'on' if _COMMONEST in differs else 'that do'} {_step(record)}"
    more, fewer = (
        [one[2:] for one in re.split(r", (?=[+−] )", differs.removesuffix(f", {_ORDER}")) if one.startswith(sign)] for sign in ("+ ", "− ")
    )
    parts = [f"{word} {', '.join(some)}" for word, some in (("with", more), ("without", fewer)) if some]
    return f"The {cases} on the path {' and '.join(parts)}"
