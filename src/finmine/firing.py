"""When the batches of each activity fire, as rules in words, with their support and precision on batches that had no part in the search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.engine import Rows
from finmine.finance.working_hours import WEEKDAYS
from finmine.kernels.firing_rules import FEATURES, LEAST_BATCHES
from finmine.relations.firing_rules import firing_rules
from finmine.relations.tables import activity_labels
from finmine.result import table
from finmine.view import Block, Definition
from finmine.words import duration

if TYPE_CHECKING:
    from finmine.arrays import Lent
    from finmine.log import EventLog
    from finmine.relations.enabled import Enabled

Record: TypeAlias = Mapping[str, Any]

NO_RULE = "no rule"
_COLUMNS = ("activity", "batches", "firing_rule", "rule_support", "rule_precision", "rule_instants")
_WAITED = {
    "oldest": "the oldest has waited {} or more",
    "newest": "the newest has waited {} or more",
    "since_last": "{} or more after the batch before",
}


@dataclass(frozen=True, slots=True)
class Firing:
    """The rules by activity, and the kernels behind them."""

    rows: Rows
    lent: tuple[Lent, Lent]

    def records(self) -> tuple[Record, ...]:
        """The rules with their words; an activity without one has its row all the same."""
        return tuple(
            {
                "activity": one["label"],
                "batches": one["looked_at"],
                "firing_rule": " and ".join(_conditions(one)) or NO_RULE,
                "rule_support": one["fired"] / one["firings"] if one["first_about"] is not None else None,
                "rule_precision": one["fired"] / one["held"] if one["first_about"] is not None else None,
                "rule_instants": one["held"] if one["first_about"] is not None else None,
            }
            for one in self.rows.records()
        )

    def blocks(self, shown: str = "") -> Iterator[Block]:
        """The rules as a table; nothing where no activity has enough batches."""
        if records := self.records():
            yield table(f"When batches fire{shown}: rules found in half of the batches, measured on the others", records, _COLUMNS)

    def definitions(self) -> tuple[Definition, ...]:
        """What a rule is, where there is a table of them."""
        return (_RULE,) if len(self.rows) else ()


def firing(log: EventLog, found: Enabled, together: Lent) -> Firing:
    """Search the rules; the kernels run here."""
    lent = firing_rules(log, found, together)
    named = lent[1].table.cast({"activity": "int32"}).join(activity_labels(log), "activity")
    return Firing(log.fetch(named.order_by(named.looked_at.desc(), "label", "activity", "nth")), lent)


def _conditions(one: Record) -> Iterator[str]:
    for place in ("first", "second"):
        if one[f"{place}_about"] is not None:
            yield _said(FEATURES[one[f"{place}_about"]], one[f"{place}_low"], one[f"{place}_high"])


def _said(about: str, low: int | None, high: int | None) -> str:
    """A condition in words."""
    if about == "weekday":
        return f"on {' or '.join(name for day, name in enumerate(WEEKDAYS) if (low or 0) >> day & 1)}"
    if about == "hour":
        return f"from {low:02d}:00 to {high:02d}:59"
    if about == "month_left":
        return "on the last day of the month" if not high else f"on the last {high + 1} days of the month"
    return f"{low:,} units or more" if about == "size" else _WAITED[about].format(duration(low))


_RULE = Definition(
    "Firing rule",
    "one or two conditions that tell the instants at which a batch was begun from others at which work for it was there: when units were enabled, between the "
    "last of these and the beginning, and the two days before at the same time. A seeded draw of half the batches is searched, exhaustively, for up to three rules. Support is the "
    "share of the other batches that begin where the rule holds, precision the share of their instants at which it holds that are beginnings. A rule is told "
    f"with a support of 25 % and a precision of 80 % or more, of activities with {LEAST_BATCHES} batches or more",
    "after pix-framework",
)
