"""The cases behind a number: each with its money, status, times and trace length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finmine.log import EventLog
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
    """Cases with their money, status and times, longest throughput first; ``total`` is how many there are in all."""

    total: int
    reason: str

    def view(self) -> View:
        """The table of the cases, and how many are not in it."""
        cut = (Caveat(f"The {len(self.rows):,} longest of {plural(self.total, 'case')} are listed."),) if self.total > len(self.rows) else ()
        shown = table(f"{plural(self.total, 'case')} {self.reason}".strip(), self.rows, COLUMNS)
        return View("Cases", (*opening(self.about), shown, *cut), self.about.log.zone)

    def behind(self, record: Mapping[str, Any]) -> ir.Table:
        """The one case of the row."""
        these = traces(self.about.log)
        return these.filter(these.label == record["case"]).select("case")


def list_cases(log: EventLog, kept: ir.Table | None, reason: str, most: int) -> CaseList:
    """The cases of a relation with the column ``case`` (all cases of the log where it is none)."""
    import ibis

    these = traces(log) if kept is None else traces(log).semi_join(kept, "case")
    listed = these.select(**{name: these["label"] if name == "case" else these[name] for name in COLUMNS})
    rows = log.fetch(listed.order_by(ibis.desc("throughput"), "case").limit(most))
    total = log.fetch(these.aggregate(total=these.count())).column("total")[0]
    return CaseList(about(log, "cases", {"most": most}), rows, int(str(total)), reason)
