"""Reading filters from their words.

A filter is one condition, or several divided by ``or``; ``not`` stands before a condition, and brackets hold a filter
together. Texts stand in single quotes, names of attributes bare or in double quotes; a quote within is doubled. The
words of the language may be written in any letter case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from finmine.filters import spelling
from finmine.filters.activities import ActivityIs, Endpoint, Follows, Has
from finmine.filters.attributes import AttributeIs, Involves, NumberIs, Recorded
from finmine.filters.comparison import Comparison, Number
from finmine.filters.condition import Condition, Keeps
from finmine.filters.money import AmountIs
from finmine.filters.reader import Reader
from finmine.filters.times import During, Extent, Period
from finmine.filters.variants import Covering, Ranked

_DEEPEST = 50
_PERIODS = ("between", "since", "until", "before")


def parse_filter(text: str, keeps: Keeps = "cases") -> Condition:
    """The filter that a text says; ``parse_filter(one.words(), one.keeps) == one`` for every filter.

    Args:
        text: the words, such as ``has 'Block invoice'`` or ``throughput > 30d``.
        keeps: whether it is a filter of cases or of events.

    Raises:
        UnreadableFilter: the text breaks the language; the place is shown with examples.
    """
    return _Parser(text, keeps).filter()


class _Parser:
    """Recursive descent over the words of one filter."""

    def __init__(self, text: str, keeps: Keeps) -> None:
        self._read = Reader(text, keeps)
        self._keeps = keeps
        self._depth = 0

    def filter(self) -> Condition:
        found = self._alternatives()
        if self._read.coming.kind != "end":
            self._read.fail("the end, or 'or' and another condition,")
        return found

    def _alternatives(self) -> Condition:
        found = self._alternative()
        while self._read.accept("or"):
            found = found | self._alternative()
        return found

    def _alternative(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._read.fail(f"a filter of at most {_DEEPEST} levels")
        if self._read.accept("not"):
            found = ~self._alternative()
        elif self._read.accept("("):
            found = self._alternatives()
            self._read.demand(")")
        else:
            found = self._of_case() if self._keeps == "cases" else self._of_event()
        self._depth -= 1
        return found

    def _of_case(self) -> Condition:
        if self._read.coming.kind == "text":
            return self._follows()
        conditions: dict[str, Callable[[], Condition]] = {
            "has": self._has,
            "starts": lambda: self._endpoint("starts"),
            "ends": lambda: self._endpoint("ends"),
            "started": lambda: Period("started", self._read.days()),
            "ended": lambda: Period("ended", self._read.days()),
            "active": lambda: Period("active", self._read.days()),
            "within": lambda: Period("within", self._read.span()),
            "variant": self._variant,
            "variants": self._variants,
            "throughput": lambda: self._extent("throughput", self._read.duration),
            "length": lambda: self._extent("length", self._read.count),
            "involves": lambda: Involves(self._read.any_of()),
            "amount": self._amount,
        }
        word = self._read.coming.folded
        if word in conditions:
            self._read.accept(word)
            return conditions[word]()
        return self._attribute()

    def _of_event(self) -> Condition:
        if self._read.coming.folded in _PERIODS:
            return During(self._read.days())
        if self._read.accept("activity"):
            activities, negated = self._read.values()
            return _negated(ActivityIs(activities), negated)
        return self._amount() if self._read.accept("amount") else self._attribute()

    def _has(self) -> Condition:
        if self._read.accept("no"):
            return ~Has((self._read.text(),))
        if self._read.accept("none", "of"):
            return ~Has(self._read.texts())
        return Has(self._read.any_of())

    def _endpoint(self, end: Literal["starts", "ends"]) -> Condition:
        self._read.demand("with")
        return Endpoint(self._read.any_of(), end)

    def _follows(self) -> Condition:
        first, never, directly = self._read.text(), self._read.accept("never"), self._read.accept("directly")
        self._read.demand("followed", "by")
        second, gap = self._read.text(), None
        if self._read.accept("within"):
            gap = Comparison("<=", self._read.duration())
        elif self._read.accept("after", "more", "than"):
            gap = Comparison(">", self._read.duration())
        return _negated(Follows(first, second, directly, gap), never)

    def _variant(self) -> Condition:
        rank = self._read.count()
        return Ranked(rank, rank)

    def _variants(self) -> Condition:
        if self._read.accept("covering"):
            share = self._read.number()
            self._read.demand("%")
            return Covering(share)
        first = self._read.count()
        self._read.demand("to")
        return Ranked(first, self._read.count())

    def _extent(self, measure: Literal["throughput", "length"], bound: Callable[[], Number]) -> Condition:
        comparison, negated = self._read.comparison(bound)
        return _negated(Extent(measure, comparison), negated)

    def _amount(self) -> Condition:
        if self._read.accept("is"):
            missing = not self._read.recorded()
            return _negated(AmountIs(None, self._currency(), keeps=self._keeps), missing)
        comparison, negated = self._read.comparison(self._read.number)
        return _negated(AmountIs(comparison, self._currency(), keeps=self._keeps), negated)

    def _currency(self) -> str | None:
        if self._read.coming.kind == "text":
            return self._read.text()
        if self._read.coming.kind == "word" and self._read.coming.folded not in spelling.RESERVED:
            return self._read.take("word", "a currency")
        return None

    def _attribute(self) -> Condition:
        if self._read.coming.folded in spelling.RESERVED:
            self._read.fail(f"a condition on {self._keeps}")
        name = self._read.name()
        if self._read.accept("is"):
            return _negated(Recorded(name, keeps=self._keeps), not self._read.recorded())
        if self._read.compares_numbers():
            comparison, negated = self._read.comparison(self._read.number)
            return _negated(NumberIs(name, comparison, keeps=self._keeps), negated)
        values, negated = self._read.values()
        return _negated(AttributeIs(name, values, keeps=self._keeps), negated)


def _negated(condition: Condition, negated: bool) -> Condition:
    return ~condition if negated else condition
