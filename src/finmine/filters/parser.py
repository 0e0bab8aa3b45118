"""Reading filters from their words.

    filter     = alternative {"or" alternative}
    alternative = "not" alternative | "(" filter ")" | condition

Texts stand in single quotes and names of attributes bare or in double quotes; a quote within is doubled. Words of the
language may be written in any letter case.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NoReturn

from finmine.errors import Refusal
from finmine.filters import spelling
from finmine.filters.activities import ActivityIs, Endpoint, Follows, Has
from finmine.filters.attributes import AttributeIs, Involves, NumberIs, Recorded
from finmine.filters.comparison import Comparison, Number, decimal, duration, whole
from finmine.filters.condition import Condition, Keeps
from finmine.filters.money import AmountIs
from finmine.filters.times import BadPeriod, Days, During, Extent, Period, days
from finmine.filters.variants import Covering, Ranked

EXAMPLES: dict[Keeps, tuple[str, ...]] = {
    "cases": (
        "has 'Block invoice'",
        "has no 'Receive goods'",
        "starts with 'Create order'",
        "'Receive invoice' directly followed by 'Pay invoice' within 1d",
        "'Approve' never followed by 'Pay invoice'",
        "started between 2024-01-01 and 2024-03-31",
        "variants covering 80%",
        "throughput > 30d 4h",
        "vendor in 'ACME', 'Globex'",
        "amount >= 1000.00",
        "status = 'finished'",
    ),
    "events": ("activity in 'Approve', 'Pay invoice'", "between 2024-01-01 and 2024-03-31", "resource != 'person 01'", "cost_centre is missing"),
}

_KINDS = {"text": spelling.TEXT, "name": spelling.NAME, "day": spelling.DAY, "duration": spelling.DURATION, "number": spelling.NUMBER, "word": spelling.WORD, "sign": "<=|>=|!=|[=<>,()%]"}
_TOKEN = re.compile(rf"\s*(?:{'|'.join(f'(?P<{kind}>{pattern})' for kind, pattern in _KINDS.items())})")
_DEEPEST = 50


class UnreadableFilter(Refusal):
    """The words of a filter break its language."""

    def __init__(self, text: str, place: int, expected: str, keeps: Keeps) -> None:
        shown = "".join(letter if letter.isprintable() else " " for letter in text)
        examples = "".join(f"\n  {example}" for example in EXAMPLES[keeps])
        super().__init__(f"this filter cannot be read; here {expected} is expected:\n  {shown}\n  {' ' * place}^\nFilters of {keeps} are written like these:{examples}")
        self.place, self.expected = place, expected


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    written: str
    place: int


def parse_filter(text: str, keeps: Keeps = "cases") -> Condition:
    """The filter that a text says; ``parse_filter(filter.words(), filter.keeps)`` is the filter.

    Raises:
        UnreadableFilter: the text breaks the language; the place and examples are shown.
    """
    return _Parser(text, keeps).whole()


class _Parser:
    """One pass over the tokens of a text, by recursive descent."""

    def __init__(self, text: str, keeps: Keeps) -> None:
        self._text, self._keeps = text, keeps
        self._tokens = self._split()
        self._at = self._depth = 0

    def _split(self) -> list[_Token]:
        tokens, place = [], 0
        end = len(self._text.rstrip())
        while place < end:
            match = _TOKEN.match(self._text, place)
            if match is None:
                start = place + len(self._text[place:]) - len(self._text[place:].lstrip())
                raise UnreadableFilter(self._text, start, "a closing quote" if self._text[start] in "'\"" else "a name, a text in quotes or a number", self._keeps)
            kind = str(match.lastgroup)
            tokens.append(_Token(kind, match[kind], match.start(kind)))
            place = match.end()
        return [*tokens, _Token("end", "", end)]

    def _fail(self, expected: str) -> NoReturn:
        raise UnreadableFilter(self._text, self._tokens[self._at].place, expected, self._keeps)

    def _take(self, kind: str, expected: str) -> str:
        token = self._tokens[self._at]
        if token.kind != kind:
            self._fail(expected)
        self._at += 1
        return token.written

    def _next_is(self, *words: str) -> bool:
        """Step over words or signs if they all come next."""
        coming = self._tokens[self._at : self._at + len(words)]
        if [token.written.casefold() if token.kind in ("word", "sign") else None for token in coming] != list(words):
            return False
        self._at += len(words)
        return True

    def _demand(self, *words: str) -> None:
        if not self._next_is(*words):
            self._fail(repr(" ".join(words)))

    def whole(self) -> Condition:
        found = self._alternatives()
        if self._tokens[self._at].kind != "end":
            self._fail("the end, or 'or' and another condition,")
        return found

    def _alternatives(self) -> Condition:
        found = self._alternative()
        while self._next_is("or"):
            found = found | self._alternative()
        return found

    def _alternative(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._fail(f"no more than {_DEEPEST} levels of 'not' and brackets")
        if self._next_is("not"):
            found = ~self._alternative()
        elif self._next_is("("):
            found = self._alternatives()
            self._demand(")")
        else:
            found = self._condition()
        self._depth -= 1
        return found

    def _condition(self) -> Condition:
        token = self._tokens[self._at]
        if token.kind == "name":
            return self._attribute()
        if token.kind == "text" and self._keeps == "cases":
            return self._follows()
        if token.kind != "word":
            self._fail("a condition")
        word = token.written.casefold()
        conditions = self._of_cases() if self._keeps == "cases" else self._of_events()
        if word in conditions:
            self._at += 1
            return conditions[word]()
        if word in spelling.RESERVED:
            self._fail(f"a condition on {self._keeps}")
        return self._attribute()

    def _of_cases(self) -> dict[str, Callable[[], Condition]]:
        return {
            "has": self._has,
            "starts": lambda: self._endpoint("starts"),
            "ends": lambda: self._endpoint("ends"),
            "started": lambda: Period("started", self._days()),
            "ended": lambda: Period("ended", self._days()),
            "active": lambda: Period("active", self._days()),
            "within": lambda: Period("within", self._first_and_last()),
            "variant": lambda: self._ranked(1),
            "variants": self._variants,
            "throughput": lambda: self._extent("throughput", self._duration),
            "length": lambda: self._extent("length", self._count),
            "involves": lambda: Involves(self._named()),
            "amount": self._amount,
        }

    def _of_events(self) -> dict[str, Callable[[], Condition]]:
        bounds = {word: lambda: During(self._days(stepped=True)) for word in ("between", "since", "until", "before")}
        return {**bounds, "activity": self._activity, "amount": self._amount}

    def _has(self) -> Condition:
        if self._next_is("no") or self._next_is("none", "of"):
            return ~Has(self._texts())
        return Has(self._named())

    def _endpoint(self, end: Literal["starts", "ends"]) -> Condition:
        self._demand("with")
        return Endpoint(self._named(), end)

    def _follows(self) -> Condition:
        first, never = self._text_token(), self._next_is("never")
        directly = self._next_is("directly")
        self._demand("followed", "by")
        second, gap = self._text_token(), None
        if self._next_is("within"):
            gap = Comparison("<=", self._duration())
        elif self._next_is("after", "more", "than"):
            gap = Comparison(">", self._duration())
        found = Follows(first, second, directly, gap)
        return ~found if never else found

    def _variants(self) -> Condition:
        if self._next_is("covering"):
            share = decimal(self._take("number", "a percentage such as 80%"))
            self._demand("%")
            return Covering(share)
        first = self._count()
        self._demand("to")
        return Ranked(first, self._count())

    def _variant(self) -> Condition:
        rank = self._count()
        return Ranked(rank, rank)

    def _extent(self, measure: Literal["throughput", "length"], bound: Callable[[], Number]) -> Condition:
        negated, comparison = self._comparison(bound)
        found = Extent(measure, comparison)
        return ~found if negated else found

    def _amount(self) -> Condition:
        if self._next_is("is"):
            recorded = self._recorded()
            found = AmountIs(None, self._currency(), keeps=self._keeps)
            return found if recorded else ~found
        negated, comparison = self._comparison(self._number)
        found = AmountIs(comparison, self._currency(), keeps=self._keeps)
        return ~found if negated else found

    def _currency(self) -> str | None:
        token = self._tokens[self._at]
        if token.kind == "text":
            return self._text_token()
        return self._take("word", "a currency") if token.kind == "word" and token.written.casefold() not in spelling.RESERVED else None

    def _activity(self) -> Condition:
        negated, names = self._values()
        return ~ActivityIs(names) if negated else ActivityIs(names)

    def _attribute(self) -> Condition:
        token = self._tokens[self._at]
        self._at += 1
        name = spelling.unquoted(token.written) if token.kind == "name" else token.written
        if self._next_is("is"):
            found: Condition = Recorded(name, keeps=self._keeps)
            return found if self._recorded() else ~found
        if self._numbers_come():
            negated, comparison = self._comparison(self._number)
            found = NumberIs(name, comparison, keeps=self._keeps)
        else:
            negated, values = self._values()
            found = AttributeIs(name, values, keeps=self._keeps)
        return ~found if negated else found
