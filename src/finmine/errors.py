"""Refusals: a question that cannot be answered, or a file that cannot be read, with its own class for each situation.

Every refusal says the rule, what was given and what to do. Classes take data and own their words; the file
that knows a situation defines its class there and derives it from ``Refusal``.
"""

from __future__ import annotations

from collections.abc import Iterable

_MOST_WORDS = 40  # known words that a refusal lists


class Refusal(Exception):
    """Something that was asked cannot be done as asked; the text says why and what to do."""


def nearest(given: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the nearest known word, or the known words when none is near; of several words in one, how to give them."""
    words = sorted({str(word) for word in known})
    several = [word.strip() for word in given.split(",")]
    if len(several) > 1 and set(several) <= set(words):
        return f" These are several: give each by itself (on the command line, repeat the option), {' and '.join(map(repr, several))}."
    if meant := did_you_mean(given, words):
        return meant
    shown = ", ".join(repr(word) for word in words[:_MOST_WORDS])
    return f" Known: {shown}{', …' if len(words) > _MOST_WORDS else ''}." if words else ""


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the nearest known word; nothing when none is near."""
    import difflib

    words = sorted({str(word) for word in known})
    folded = {word.casefold(): word for word in words}
    match = folded.get(given.casefold()) or next(iter(difflib.get_close_matches(given, words, n=1, cutoff=0.6)), None)
    return "" if match is None else f" Did you mean {match!r}?"


class UnknownWord(Refusal):
    """A name was given that the log, card or programme does not know."""

    def __init__(self, kind: str, given: str, known: Iterable[str], hint: str = "") -> None:
        super().__init__(f"there is no {kind} {given!r}.{nearest(given, known)}{' ' + hint if hint else ''}")
        self.given = given


class OutOfRange(Refusal):
    """A number was given that cannot be meant, or something that is none."""

    def __init__(self, name: str, given: float | str, wanted: str) -> None:
        super().__init__(f"{name} is {given}; it must be {wanted}.")
