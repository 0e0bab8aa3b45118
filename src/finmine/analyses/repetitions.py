"""Self-loops and repetitions: how many, how large and by whose hands, of the log and of each case, activity and resource.

Counts and sizes are those of bupaR (package edeaR): number_of_selfloops, size_of_selfloops, number_of_repetitions and
size_of_repetitions, of all of them and of repeats and redos alone. At the levels of the resource a chain counts for the
resource that did it first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.relations.chains import chains
from finmine.relations.groups import NOT_RECORDED, cases_of, grouped
from finmine.relations.tables import activity_labels, case_table, resource_labels
from finmine.relations.units import units
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Headline, Prose, View
from finmine.words import count, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]
ChainLevel: TypeAlias = Literal["log", "case", "activity", "resource", "resource-activity"]

_KEYS: dict[ChainLevel, tuple[str, ...]] = {
    "log": (),
    "case": ("case",),
    "activity": ("activity",),
    "resource": ("resource",),
    "resource-activity": ("resource", "activity"),
}
_NUMBERS = ("chain_number", "chain_number_repeat", "chain_number_redo", "chain_share")
_SIZES = ("chain_size", "chain_size_repeat", "chain_size_redo")
_OF: dict[ChainLevel, str] = {
    "log": "all units",
    "case": "the units of the case",
    "activity": "the units of the activity",
    "resource": "the units of the resource",
    "resource-activity": "the units of the activity by the resource",
}


@dataclass(frozen=True, slots=True, repr=False)
class Repetitions(Result):
    """The self-loops and repetitions of each case, activity or resource (or of all), largest first; and how many of these there are."""

    by: str | None
    level: ChainLevel
    whole: Rows

    def answers(self) -> Mapping[str, Rows]:
        """What is at the level, and all self-loops and repetitions."""
        return {"self-loops and repetitions": self.rows, "in all": self.whole}

    def view(self) -> View:
        """Headlines, the self-loops and repetitions, and the terms."""
        rows = table("Self-loops and repetitions", self.rows, ("measure", *_KEYS[self.level], *_NUMBERS, *_SIZES), self.by)
        blocks: list[Block] = [*opening(self.about), *self._headlines(), rows]
        return View("Self-loops and repetitions", (*blocks, *self._limits(), *self._definitions()), self.about.log.zone)

    def _headlines(self) -> Iterator[Headline | Prose]:
        whole, found = self.whole.records(), False
        for measure in ("self-loop", "repetition"):
            number, redo, size, cases = (
                sum(row[name] for row in whole if row["measure"] == measure)
                for name in ("chain_number", "chain_number_redo", "chain_size", "chain_cases")
            )
            if number:
                found = True
                hands = f", {share(redo / number)} of them by more than one resource" if self.about.log.facts.has_resource else ""
                text = f"{plural(number, measure)} in {plural(cases, 'case')}{hands}; {count(size)} in size."
                yield Headline(text, cases / self.about.population.cases)
        if not found:
            yield Prose("No activity occurs more than once in a case.")

    def _limits(self) -> Iterator[Caveat]:
        there = sum(row["chain_keys"] for row in self.whole.records())
        if len(self.rows) < there:
            yield Caveat(f"The first {count(len(self.rows))} of {count(there)} rows, the largest; --most says how many are listed.")
        if not self.about.log.facts.has_resource:
            yield Caveat("The log names no resource, so nobody can say whether the same hands did the work again: all count as repeats.")

    def _definitions(self) -> Iterator[Definition]:
        bupar = "bupaR, package edeaR"
        yield Definition("Self-loop", "a run of one activity with more than one unit in a row; its size is its units but the first", bupar)
        yield Definition(
            "Repetition",
            "an activity that comes back in a case after something else, in more than one run; its size is its runs but the first",
            bupar,
        )
        yield Definition("Repeat, redo", "by one resource throughout, or by more than one; a unit without a resource has hands of its own", bupar)
        yield Definition("Share", f"the number divided by {_OF[self.level]}", bupar)
        if "resource" in self.level:
            yield Definition("Resource", "the one that did it first", bupar)

    def behind(self, record: Record) -> ir.Table:
        """The cases with such self-loops or repetitions (of one group)."""
        these = _placed(self.about.log, self.level, self.by)
        kept = these.filter(these.measure == record["measure"], *(these[key] == record[key] for key in _KEYS[self.level] if key != "case"))
        if self.level == "case":
            kept = kept.filter(kept.case == record["code"])
        return cases_of(kept, record, self.by)


def repetitions(log: EventLog, *, level: ChainLevel = "activity", most: int = 1000, by: str | None = None) -> Repetitions:
    """How many self-loops and repetitions there are, how large, and whether by the same hands.

    Args:
        log: the event log.
        level: of what they are counted: the log, or each case, activity, resource, or activity of a resource.
        most: how many rows are listed at most, the largest first.
        by: an attribute after which the cases are split.
    """
    import ibis

    if most < 1:
        raise OutOfRange("most", most, "1 or more")
    groups = ["group"] if by else []
    keys = [*_codes(level), *groups]
    these = _placed(log, level, by)
    counted = _counted(these, ["measure", *keys])
    base = _based(log, level, by)
    joined = counted.join(base, keys) if keys else counted.cross_join(base)
    shared = joined.mutate(chain_share=joined.chain_number.cast("float64") / joined.units.cast("float64")).drop("units")
    named = _labelled(log, shared, level)
    order = [*groups, ibis.desc("chain_number"), ibis.desc("chain_size"), *_KEYS[level], "measure"]
    rows = log.fetch(named.order_by(order).limit(most))
    keyed = counted.group_by(["measure", *groups]).aggregate(chain_keys=counted.count())
    whole = _counted(these, ["measure", *groups]).join(keyed, ["measure", *groups]).order_by([*groups, "measure"])
    return Repetitions(about(log, "repetitions", {"level": level, "most": most, "by": by}), rows, by, level, log.fetch(whole))


def _codes(level: ChainLevel) -> list[str]:
    """The columns that key a level: codes, the resource as it is shown."""
    return ["code"] if level == "case" else list(_KEYS[level])


def _shown(log: EventLog, these: ir.Table, column: str) -> ir.Table:
    """The rows with ``resource`` as it is shown, from a column with its code."""
    import ibis

    labels = resource_labels(log).rename({"_code": "resource", "_label": "label"})
    found = these.left_join(labels, these[column] == labels["_code"])
    kept = [name for name in these.columns if name != "resource"]
    return found.select(*kept, resource=ibis.coalesce(found["_label"], NOT_RECORDED))


def _placed(log: EventLog, level: ChainLevel, by: str | None) -> ir.Table:
    """The self-loops and repetitions with the keys of the level."""
    return _keyed(log, chains(log), "first_hand", level, by)


def _based(log: EventLog, level: ChainLevel, by: str | None) -> ir.Table:
    """The number of units that shares are taken of, for the keys of the level."""
    named = _keyed(log, units(log).select("case", "activity", "resource"), "resource", level, by)
    return named.aggregate(by=[*_codes(level), *(["group"] if by else [])], units=named.count())


def _keyed(log: EventLog, these: ir.Table, hand: str, level: ChainLevel, by: str | None) -> ir.Table:
    """The rows with the names of their activity and (of the column ``hand``, where the level asks for it) resource, and the code of the case."""
    if "resource" in level:
        these = _shown(log, these, hand)
    coded = grouped(log, these.rename(code="activity"), by)
    named = coded.join(activity_labels(log).rename(code="activity", activity="label"), "code").drop("code")
    return named.mutate(code=named.case)


def _counted(these: ir.Table, keys: list[str]) -> ir.Table:
    return these.group_by(keys).aggregate(
        chain_number=these.count(),
        chain_number_repeat=these.count(where=~these.others),
        chain_number_redo=these.count(where=these.others),
        chain_size=these["size"].sum(),
        chain_size_repeat=these["size"].sum(where=~these.others).fill_null(0),
        chain_size_redo=these["size"].sum(where=these.others).fill_null(0),
        chain_cases=these.case.nunique(),
    )


def _labelled(log: EventLog, these: ir.Table, level: ChainLevel) -> ir.Table:
    """The rows with the label of the case, where that is the level."""
    if level != "case":
        return these
    return these.join(case_table(log).select(code="case", case="label"), "code")
