"""The tokens of a filter's words, and the values that are read from them: texts, numbers, days and lengths of time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NoReturn, cast

from finmine.errors import Refusal
from finmine.filters import spelling
from finmine.filters.comparison import Comparison, Number, Operator, decimal, duration, whole
from finmine.filters.condition import Keeps
from finmine.filters.times import BadPeriod, Days

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
        "status = 'finished' or throughput > 90d",
    ),
    "events": (
        "activity in 'Approve', 'Pay invoice'",
        "between 2024-01-01 and 2024-03-31",
        "resource != 'person 01'",
        "cost_centre is missing",
        "not amount >= 1000.00 EUR",
    ),
}

_PATTERNS = {
    "text": spelling.TEXT,
    "name": spelling.NAME,
    "day": spelling.DAY,
    "duration": spelling.DURATION,
    "number": spelling.NUMBER,
    "word": spelling.WORD,
    "sign": "<=|>=|!=|[=<>,()%]",
}
_TOKEN = re.compile(rf"\s*(?:{'|'.join(f'(?P<{kind}>{pattern})' for kind, pattern in _PATTERNS.items())})")


class UnreadableFilter(Refusal):
    """The words of a filter break its language."""

    def __init__(self, text: str, place: int, expected: str, keeps: Keeps) -> None:
        first = max(0, place - 60)
        shown = "".join(letter if letter.isprintable() else " " for letter in text[first : place + 60])
        lines = [f"this filter cannot be read; {expected} is expected here:", f"  {shown}", f"  {' ' * (place - first)}^"]
        lines += [f"Filters of {keeps} are written like these:", *(f"  {example}" for example in EXAMPLES[keeps])]
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Token:
    """A word, sign or value as it is written, and its place in the text."""

    kind: str
    written: str
    place: int

    @property
    def folded(self) -> str:
        """The word in lower case, or the sign; nothing for values."""
        return self.written.casefold() if self.kind in ("word", "sign") else ""


class Reader:
    """One pass over the tokens of a text."""

    def __init__(self, text: str, keeps: Keeps) -> None:
        self.keeps = keeps
        self._text = text
        self._tokens = self._split()
        self._at = 0

    def _split(self) -> list[Token]:
        tokens, place, end = [], 0, len(self._text.rstrip())
        while place < end:
            match = _TOKEN.match(self._text, place)
            if match is None:
                start = end - len(self._text[place:end].lstrip())
                raise UnreadableFilter(
                    self._text, start, "a closing quote" if self._text[start] in "'\"" else "a word, a text in quotes or a number", self.keeps
                )
            kind = str(match.lastgroup)
            tokens.append(Token(kind, match[kind], match.start(kind)))
            place = match.end()
        return [*tokens, Token("end", "", end)]

    @property
    def coming(self) -> Token:
        """The next token."""
        return self._tokens[self._at]

    def fail(self, expected: str) -> NoReturn:
        """Refuse the text at the next token."""
        raise UnreadableFilter(self._text, self.coming.place, expected, self.keeps)

    def take(self, kind: str, expected: str) -> str:
        """Step over a token of a kind."""
        token = self.coming
        if token.kind != kind:
            self.fail(expected)
        self._at += 1
        return token.written

    def come(self, *words: str) -> bool:
        """Whether these words or signs come next."""
        return [token.folded for token in self._tokens[self._at : self._at + len(words)]] == list(words)

    def accept(self, *words: str) -> bool:
        """Step over words or signs if they all come next."""
        found = self.come(*words)
        self._at += len(words) if found else 0
        return found

    def demand(self, *words: str) -> None:
        """Step over words or signs that must come next."""
        for word in words:
            if not self.accept(word):
                self.fail(f"'{word}'")

    def text(self) -> str:
        """A text in single quotes."""
        return spelling.unquoted(self.take("text", "a text in single quotes, such as 'Pay invoice',"))

    def texts(self) -> tuple[str, ...]:
        """Texts divided by commas."""
        found = [self.text()]
        while self.accept(","):
            found.append(self.text())
        return tuple(found)

    def any_of(self) -> tuple[str, ...]:
        """One text, or several after ``any of``."""
        return self.texts() if self.accept("any", "of") else (self.text(),)

    def name(self) -> str:
        """The name of an attribute."""
        if self.coming.kind == "name":
            return spelling.unquoted(self.take("name", ""))
        return self.take("word", "the name of an attribute")

    def number(self) -> Decimal:
        """An exact number."""
        return decimal(self.take("number", "a number such as 1000.00"))

    def count(self) -> int:
        """A whole number."""
        place, found = self.coming, self.number()
        if found != int(found):
            raise UnreadableFilter(self._text, place.place, "a whole number", self.keeps)
        return whole(int(found))

    def duration(self) -> int:
        """A length of time in microseconds."""
        return duration(self.take("duration", "a length of time such as 30d 4h, 90min or 2s"))

    def day(self) -> date:
        """A day."""
        written = self.take("day", "a day such as 2024-01-31")
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise BadPeriod(f"with the day {written}") from None

    def days(self) -> Days:
        """A period."""
        if self.accept("since"):
            return Days(self.day(), None)
        if self.accept("until"):
            return Days(None, self.day())
        if self.accept("before"):
            day = self.day()
            if day == date.min:
                raise BadPeriod(f"before {day}")
            return Days(None, day - timedelta(days=1))
        if not self.accept("between"):
            self.fail("'between', 'since', 'until' or 'before' with a day such as 2024-01-31")
        return self.span()

    def span(self) -> Days:
        """A first and a last day."""
        first = self.day()
        self.demand("and")
        return Days(first, self.day())

    def compares_numbers(self) -> bool:
        """Whether a comparison with a number comes next."""
        if self.coming.folded in ("<", "<=", ">", ">=", "between"):
            return True
        return self.coming.folded in ("=", "!=") and self._tokens[self._at + 1].kind == "number"

    def comparison(self, bound: Callable[[], Number]) -> tuple[Comparison, bool]:
        """A comparison with bounds of a kind, and whether it is negated."""
        if self.accept("between"):
            low = bound()
            self.demand("and")
            return Comparison("between", low, bound()), False
        sign = self.coming.folded
        if sign not in ("=", "!=", "<", "<=", ">", ">="):
            self.fail("a comparison (=, !=, <, <=, >, >= or between)")
        self.accept(sign)
        return Comparison("=" if sign == "!=" else cast("Operator", sign), bound()), sign == "!="

    def values(self) -> tuple[tuple[str, ...], bool]:
        """The texts of which a value is one, and whether that is negated."""
        for sign, negated in (("=", False), ("!=", True)):
            if self.accept(sign):
                return (self.text(),), negated
        for words, negated in ((("in",), False), (("not", "in"), True)):
            if self.accept(*words):
                return self.texts(), negated
        return self.fail("=, !=, in, not in, a comparison with a number, is recorded or is missing")

    def recorded(self) -> bool:
        """Whether a value is said to be recorded, or missing."""
        if self.accept("recorded"):
            return True
        if not self.accept("missing"):
            self.fail("'recorded' or 'missing'")
        return False
