"""Digits: how the digits of amounts lie against Benford's law, after it was asked whether the law can be expected of them at all.

First digits of amounts that span orders of magnitude without limits follow Benford's law; last digits lie evenly. Where the amounts are too few, span less than
two orders of magnitude, end at a limit or are mostly alike, no verdict is given. The deviation is told with what chance alone explains of it; bands of
conformity only where there are enough amounts for them. A departure says where to look, and is no sign of anything by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.log import EventLog
from finmine.relations.digits import amount_digits, spread_of
from finmine.relations.held_relation import HeldRelation, held_relation
from finmine.result import Result, about, opening, table
from finmine.stats.digits import KINDS, Conformity, Kind, conformity
from finmine.view import Block, Caveat, Definition, Headline, Prose, View
from finmine.words import plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_COLUMNS = {"first": "first", "first-two": "first_two", "last-two": "last_two"}
_WORDS = {"first": "first digits", "first-two": "first two digits", "last-two": "last two digits"}
_ORDERS, _AT_LIMIT, _ALIKE, _SURE = 2.0, 0.01, 0.05, 0.05
_TESTS = ("digit_test", "digit_amounts", "mad", "mad_by_chance", "mad_excess", "mad_p", "chi_p", "mad_band")


@dataclass(frozen=True, slots=True, repr=False)
class Digits(Result):
    """The amounts by their digits, and what says whether Benford's law can be expected of them."""

    which: Literal["first", "first-two", "last-two"]
    least: int
    spread: Rows
    told: tuple[HeldRelation, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The amounts by their digits, and how they spread."""
        return {"amounts by digits": self.rows, "spread of amounts": self.spread}

    def looked_up(self) -> tuple[str, ...]:
        """The digits of all amounts."""
        return tuple(statement for each in self.told for statement in each.script)

    def tested(self, which: str) -> Conformity | None:
        """How one kind of digits conforms; None where no amount has any."""
        return conformity(KINDS[which], self._counts(KINDS[which]))

    def _counts(self, kind: Kind) -> list[int]:
        counts = dict.fromkeys(kind.texts, 0)
        for row in self.rows.records():
            if row[_COLUMNS[kind.name]] is not None:
                counts[row[_COLUMNS[kind.name]]] += row["amounts"]
        return list(counts.values())

    def checks(self) -> tuple[Record, ...]:
        """What Benford's law supposes, what the amounts are like, and whether it holds."""
        row = self.spread.records()[0]
        number = row["number"]
        orders = log10(row["high"] / row["low"]) if number and row["low"] > 0 else 0.0
        at_most, alike = (row[name] / number if number else 0.0 for name in ("at_most", "alike"))
        told = (
            (f"at least {self.least:,} amounts", f"{number:,}", number >= self.least),
            (f"{_ORDERS:g} orders of magnitude from the 1st to the 99th percentile", f"{orders:.1f}", orders >= _ORDERS),
            (f"no upper limit: at most {share(_AT_LIMIT)} are the largest amount", share(at_most), at_most <= _AT_LIMIT),
            (f"no fixed prices: at most {share(_ALIKE)} are one amount", share(alike), alike <= _ALIKE),
        )
        return tuple({"suit_check": check, "suit_found": found, "suited": "yes" if holds else "no"} for check, found, holds in told)

    @property
    def suitable(self) -> bool:
        """Whether Benford's law can be expected of the amounts."""
        return all(check["suited"] == "yes" for check in self.checks())

    def records(self) -> tuple[Record, ...]:
        """The chosen digits with their share and what is expected of it."""
        kind, found = KINDS[self.which], self.tested(self.which)
        counts = self._counts(kind)
        return tuple(
            {
                "digit": text,
                "amounts": counts[place],
                "digit_share": float(found.observed[place]) if found else None,
                "digit_expected": float(kind.expected()[place]),
                "digit_z": float(found.z[place]) if found else None,
            }
            for place, text in enumerate(kind.texts)
        )

    def tests(self) -> tuple[Record, ...]:
        """The deviations of all three kinds of digits; bands only where the law can be expected."""
        found = {which: self.tested(which) for which in KINDS}
        return tuple(
            {
                "digit_test": _WORDS[which],
                "digit_amounts": one.number,
                "mad": one.mad,
                "mad_by_chance": one.by_chance,
                "mad_excess": one.excess,
                "mad_p": one.p,
                "chi_p": one.chi_p,
                "mad_band": one.band if self.suitable else None,
            }
            for which, one in found.items()
            if one is not None
        )

    def view(self) -> View:
        """Headlines, whether the law can be expected, the digits, the tests, and what was left out."""
        blocks: list[Block] = [*opening(self.about), *self._headlines()]
        blocks.append(
            table(f"Amounts by their {_WORDS[self.which]}", self.records(), ("digit", "amounts", "digit_share", "digit_expected", "digit_z"))
        )
        blocks.append(table("Whether Benford's law can be expected of them", self.checks(), ("suit_check", "suit_found", "suited")))
        blocks.append(table("How far the digits deviate", self.tests(), _TESTS))
        return View("Digits", (*blocks, *self._limits(), *_DEFINITIONS), self.about.log.zone)

    def _headlines(self) -> Iterator[Headline | Caveat]:
        if not self.suitable:
            failed = "; ".join(f"{check['suit_check']} (found: {check['suit_found']})" for check in self.checks() if check["suited"] == "no")
            yield Caveat(
                f"Not suitable: Benford's law cannot be expected of these amounts, so that nothing is said of how they conform. It supposes {failed}."
            )
            return
        for which in ("first", "first-two"):
            found = self.tested(which)
            if found is not None:
                yield Headline(
                    f"The {_WORDS[which]} of {plural(found.number, 'amount')} deviate from Benford's law by {_said(found)}.", min(found.mad * 10, 1.0)
                )

    def _limits(self) -> Iterator[Block]:
        row = self.spread.records()[0]
        left = [f"{row[name]:,} {words}" for name, words in (("absent", "without an amount"), ("nought", "of nought")) if row[name]]
        if left:
            yield Caveat(f"Left out are cases {' and '.join(left)}.")
        if row["currencies"] > 1:
            yield Caveat(f"The amounts are in {row['currencies']} currencies, each with its own digits; look at one with --keep-cases.")
        if not self.about.log.facts.currencies:
            yield Caveat(self.about.log.money_gap)
        yield Prose("A departure from what is expected is no sign of fraud: it says which digits to look at.")

    def behind(self, record: Record) -> ir.Table:
        """The cases whose amounts have these digits."""
        digits = amount_digits(self.about.log)
        return digits.filter(digits[_COLUMNS[self.which]] == record["digit"]).select("case")


def digits(log: EventLog, *, which: Literal["first", "first-two", "last-two"] = "first", least: int = 300) -> Digits:
    """How the digits of amounts lie against Benford's law, after it was asked whether it can be expected of them.

    Args:
        log: the event log.
        which: which digits are shown one by one; the tests are always of all three.
        least: how many amounts it takes at least.
    """
    if least < 1:
        raise OutOfRange("least", least, "a whole number from 1")
    asked = about(log, "digits", {"which": which, "least": least})
    with held_relation(log, "digits", amount_digits(log)) as held:
        these = held.rows
        keys = list(_COLUMNS.values())
        counted = these.group_by(keys).aggregate(amounts=these.count()).order_by(keys)
        return Digits(asked, log.fetch(counted), which, least, log.fetch(spread_of(log, these)), (held,))


def _said(found: Conformity) -> str:
    if found.band is not None:
        return f"{found.mad:.4f} on average ({found.band} after Nigrini), of which chance explains {found.by_chance:.4f}"
    sure = "more than chance explains" if found.p <= _SURE else "no more than chance explains"
    return f"{found.mad:.4f} on average, {sure} ({found.by_chance:.4f}; p = {found.p:.2g}); they are too few for bands of conformity"


_DEFINITIONS = (
    Definition("Benford's law", "of first digits d the part is log10(1 + 1/d)", "F. Benford, 1938"),
    Definition("Deviation", "the mean of the absolute differences between the parts found and those expected", "M. J. Nigrini, 2012"),
    Definition(
        "By chance",
        "the deviation that samples of this size have on average although they conform: 0.2348/√n for first digits, 0.0793/√n for the first two",
    ),
    Definition(
        "Band",
        "first digits .006, .012 and .015, from 5,000 amounts; first two .0012, .0018 and .0022, from 10,000; below, true Benford data exceed them too often",
    ),
)
