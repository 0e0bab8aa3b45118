"""What holds by definition: effects that tell where cases begin or end, or what the very units cost that tell the cases apart.

Time and cost of a case are of what the log has of it. Where most cases of one side begin, or end, otherwise than those of the other (invoices without an
order begin with the invoice, cases that are not posted were cancelled), the two are not measured over the same part of the work, and
that they differ is no finding. Nor is it one that a case costs more by what the check costs that it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from finmine.compared_cases import Compared, numbers, places_of, values
from finmine.engine import Rows
from finmine.kernels.apart import Tally
from finmine.outcome_sizes import in_unit
from finmine.path_family import PathFamily
from finmine.relations.own_costs import own_costs_of_activities, own_costs_of_hands
from finmine.relations.path_features import ACTIVITY, HAND, PAIR, REPEATED, ends_of_cases
from finmine.stats.sample import Sample
from finmine.stats.two_groups import shift
from finmine.view import Definition

if TYPE_CHECKING:
    import numpy.typing as npt

    from finmine.stats.path_effects import Effect

Whole: TypeAlias = "npt.NDArray[Any]"

APART: Final = 0.5
"""The share of a side from which on the two sides begin, or end, elsewhere; and of a shift that must be left without its own cost."""
BEGINS, ENDS, OWN, ALWAYS = "begins elsewhere", "ends elsewhere", "its own cost", "always with rework"
_MOST = 20_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """With what each compared case begins and how it ends, as fetched and as codes, in the order of the compared cases."""

    rows: Rows
    begins: Whole
    ends: Whole

    @classmethod
    def of(cls, compared: Compared) -> Spans | None:
        """The spans of the compared cases; none where lateness is compared, which depends on the day of payment alone."""
        if compared.outcome == "late-days":
            return None
        rows = compared.log.fetch(ends_of_cases(compared.log, compared.cases()), _MOST)
        return cls(rows, numbers(rows, "begins"), values(rows, "ends")[0])

    def tallies(self, codes: Whole) -> tuple[Tally, Tally]:
        """How the cases of each code begin, and how they end."""
        return Tally.of(codes, self.begins), Tally.of(codes, self.ends)


def apart(found: PathFamily, spans: Spans | None, places: Sequence[int]) -> dict[int, dict[str, Any]]:
    """For exposures (by their places) how far their sides begin and end elsewhere, and the reason why an effect of them holds by definition."""
    if spans is None:
        return {place: _told(None, None) for place in places}
    exposures = {place: found.exposures[place] for place in places}
    tallies = {column: spans.tallies(found.codes[column]) for column in {one.column for one in exposures.values()}}
    return {place: _told(*(tally.apart(one.having) for tally in tallies[one.column])) for place, one in exposures.items()}


def apart_of_codes(spans: Spans | None, codes: Whole, count: int) -> list[dict[str, Any]]:
    """For each of so many groups, of which each compared case has a code (-1: none), how far it begins and ends elsewhere than the others, and the reason."""
    import numpy as np

    if spans is None:
        return [_told(None, None) for _ in range(count)]
    tallies = spans.tallies(np.where(codes < 0, count, codes))
    return [_told(*(tally.apart(np.arange(count + 1) == code) for tally in tallies)) for code in range(count)]


def _told(begins: float | None, ends: float | None) -> dict[str, Any]:
    return {"begins_apart": begins, "ends_apart": ends, "by_definition": reasons(begins, ends)}


def reasons(begins: float | None, ends: float | None, own: bool = False, always: bool = False) -> str | None:
    """Why an effect holds by definition, in words; nothing where it does not."""
    said = [(BEGINS, (begins or 0) >= APART), (ENDS, (ends or 0) >= APART), (OWN, own), (ALWAYS, always)]
    return ", ".join(word for word, holds in said if holds) or None


@dataclass(frozen=True, slots=True, eq=False)
class OwnCosts:
    """What the units that exposures are about cost in each case: of activities, and of those who work on the cases."""

    found: PathFamily
    activities: Rows | None
    hands: Rows | None

    @classmethod
    def of(cls, found: PathFamily, places: Sequence[int]) -> OwnCosts:
        """The own costs of these exposures, where cost is what is compared."""
        compared = found.compared
        if compared.work is None:
            return cls(found, None, None)
        exposures = [found.exposures[place] for place in places]
        codes = sorted({code for one in exposures if one.kind in (ACTIVITY, REPEATED, PAIR) for code in (one.first, one.second) if code >= 0})
        names = sorted({found.labels["hand"][one.first] for one in exposures if one.kind == HAND})
        activities = compared.log.fetch(own_costs_of_activities(compared.log, compared.work, codes), _MOST) if codes else None
        if not names or compared.hands is None:
            return cls(found, activities, None)
        return cls(found, activities, compared.log.fetch(own_costs_of_hands(compared.log, compared.work, compared.hands, names), _MOST))

    def answers(self) -> dict[str, Rows]:
        """The own costs as fetched."""
        told = {"own costs of activities": self.activities, "own costs of who works on the cases": self.hands}
        return {name: rows for name, rows in told.items() if rows is not None}

    def told(self, effect: Effect, spans: dict[str, Any]) -> dict[str, Any]:
        """What ``apart`` tells of an effect, with ``rest``, the shift without the own cost.

        The effect is mostly its own cost where less than half is left; one on rework restates it where all cases that have what is named have rework.
        """
        own, rest = self._of_cases(effect.tested.place), None
        if own is not None:
            sample = Sample.of(self.found.family.values - own)
            rest = shift(sample, self.found.family.exposures[effect.tested.place]()[sample.order])
        mostly = rest is not None and effect.shift.value != 0 and rest / effect.shift.value < APART
        said = reasons(spans["begins_apart"], spans["ends_apart"], mostly, self._always(effect.tested.place))
        return {**spans, "rest": in_unit(rest, self.found.compared), "by_definition": said}

    def _always(self, place: int) -> bool:
        family = self.found.family
        return family.rates and not self.found.exposures[place].without and bool(family.values[family.exposures[place]()].all())

    def _of_cases(self, place: int) -> Whole | None:
        import numpy as np

        one, own = self.found.exposures[place], np.zeros(len(self.found.rows))
        if one.kind in (ACTIVITY, REPEATED, PAIR) and self.activities is not None:
            rows, chosen = self.activities, np.isin(numbers(self.activities, "own"), [one.first, one.second])
        elif one.kind == HAND and self.hands is not None:
            rows, chosen = self.hands, np.array(self.hands.column("own")) == self.found.labels["hand"][one.first]
        else:
            return None
        compared = np.isin(numbers(rows, "case"), numbers(self.found.rows, "case")) & chosen
        np.add.at(own, places_of(self.found.rows, numbers(rows, "case")[compared]), numbers(rows, "cost")[compared])
        return own


_ELSEWHERE = (
    "the sides begin or end elsewhere where at least half of the cases of one side would have to begin with another activity (or end in another outcome; where the "
    "card declares none, with another activity) for both sides to be alike: what the log has of them is then not the same part of the work"
)
_SOURCE = "distance of total variation"
_OF_OUTCOMES = {
    "cost": ". A cost is its own where less than half of the shift is left once the units of the named activities, or hands, are left out of all cases",
    "rework": ". What only cases with rework have, such as a correction, restates that there is some",
}
SPANS = Definition("By definition", _ELSEWHERE, _SOURCE)


def definition(compared: Compared) -> Definition:
    """What holds by definition of this outcome."""
    return Definition("By definition", f"{_ELSEWHERE}{_OF_OUTCOMES.get(compared.outcome, '')}", _SOURCE)
