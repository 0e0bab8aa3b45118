"""The cases behind a number: each with its money, status, times and trace length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.relations.groups import grouped
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Caveat, View
from finmine.words import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.types as ir

COLUMNS = ("case", "status", "outcome", "amount", "currency", "started", "ended", "throughput", "length")


@dataclass(frozen=True, slots=True, repr=False)
class CaseList(Result):
    """Cases (of each group) with their money, status and times, longest throughput first; ``total`` is how many there are in all."""

    by: str | None
    total: int
    reason: str

    def view(self) -> View:
        """The table of the cases, and how many are not in it."""
        longest = f"{len(self.rows):,} longest" if self.by is None else f"longest of each group, {len(self.rows):,}"
        cut = (Caveat(f"The {longest} of {plural(self.total, 'case')} are listed."),) if self.total > len(self.rows) else ()
        shown = table(f"{plural(self.total, 'case')} {self.reason}".strip(), self.rows, COLUMNS, self.by)
        return View("Cases", (*opening(self.about), shown, *cut), self.about.log.zone)

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The one case of the row."""
        these = traces(self.about.log)
        return these.filter(these.label == record["case"]).select("case")


def list_cases(log: EventLog, kept: ir.Table | None, reason: str, most: int, by: str | None = None) -> CaseList:
    """The ``most`` longest cases (of each group) of a relation with the column ``case``, or of the log where it is none."""
    import ibis

    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    these = grouped(log, traces(log) if kept is None else traces(log).semi_join(kept, "case"), by)
    groups, longest = ["group"] if by else [], [ibis.desc("throughput"), "case"]
    listed = these.select(*groups, **{name: these["label"] if name == "case" else these[name] for name in COLUMNS})
    if by is None:
        listed = listed.order_by(longest).limit(most)
    else:
        place = ibis.row_number().over(ibis.window(group_by="group", order_by=longest))
        listed = listed.mutate(place=place).filter(lambda one: one.place < most).drop("place").order_by("group", *longest)
    total = log.fetch(these.aggregate(total=these.count())).column("total")[0]
    return CaseList(about(log, "cases", {"by": by, "most": most}), log.fetch(listed), by, int(str(total)), reason)
