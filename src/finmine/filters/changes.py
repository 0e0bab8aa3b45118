"""Changes to a process as they are written: a step or an activity, and what becomes of its time or of how often it is taken.

A step is ``'A' -> 'B'``; ``start`` and ``end`` without quotes are where cases begin and finish. An activity alone stands for
every step that leads to it. Names are quoted as in filters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from finmine.errors import Refusal, UnknownWord
from finmine.filters import spelling
from finmine.graphs.flow import END, START
from finmine.log import EventLog
from finmine.words import parse_duration, spell_duration

EXAMPLES = (
    "'Approve' -> 'Pay' 50% faster",
    "'Approve' -> 'Pay' 1d 4h faster",
    "'Approve' takes 2d",
    "'Check' -> 'Correct' removed",
    "'Check' -> 'Correct' 30% rarer",
    "start -> 'Check' 10% more often",
)

_NAME = rf"(?:{spelling.TEXT})"
_ARROW = r"\s*(?:->|→)\s*"
_STEP = rf"(?:(?P<source>{_NAME}|start){_ARROW})?(?P<target>{_NAME}|end)"
_EFFECT = (
    rf"(?P<percent>[0-9]+(?:\.[0-9]+)?)\s*%\s*(?P<by_percent>faster|slower|rarer|more\s+often)"
    rf"|(?P<length>{spelling.DURATION})\s*(?P<by_length>faster|slower)"
    rf"|takes\s+(?P<whole>{spelling.DURATION})"
    r"|(?P<removed>removed)"
)
_CHANGE = re.compile(rf"\s*{_STEP}\s+(?:{_EFFECT})\s*", re.IGNORECASE)
_ONLY_STEP = re.compile(rf"\s*{_STEP}\s*", re.IGNORECASE)

Kind = Literal["scaled", "shifted", "takes", "rerouted"]


class UnreadableChange(Refusal):
    """The words of a change break their language."""

    def __init__(self, text: str, examples: Iterable[str] = EXAMPLES) -> None:
        super().__init__("\n".join((f"{text!r} cannot be read. It is written like these:", *(f"  {example}" for example in examples))))


class NoSuchStep(Refusal):
    """No case takes a step."""

    def __init__(self, step: str) -> None:
        super().__init__(f"no case takes {step}; `directly-follows` lists the steps that cases take.")


class EndUnreachable(Refusal):
    """With the changed routes cases could never end, so that no mean time would be finite."""

    def __init__(self, names: Sequence[str]) -> None:
        where = ", ".join(repr(name) for name in names[:3])
        super().__init__(f"without these routes a case that comes to {where} never ends, since no other way on was ever taken; remove less.")


class NoRouteLeft(Refusal):
    """The shares of the routes out of an activity no longer add up to one."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the routes out of {name} can no longer add up to 100 %: every other way on is changed too, or one would pass 100 %.")


@dataclass(frozen=True, slots=True)
class Step:
    """A step by the names of its activities: from the start of a case where ``source`` is START, to its end where ``target`` is END.

    Without a source, every step that leads to the target. ``from_start`` and ``to_end`` say it, since an activity may be called "start".
    """

    source: str | None
    target: str | None
    from_start: bool = False

    def words(self) -> str:
        """The step as it is written."""
        target = "end" if self.target is None else spelling.text(self.target)
        source = "start" if self.from_start else None if self.source is None else spelling.text(self.source)
        return target if source is None else f"{source} -> {target}"

    def pairs(self, log: EventLog, taken: Iterable[tuple[int | str, int | str]]) -> tuple[tuple[int | str, int | str], ...]:
        """The steps that cases take and that are meant, by the codes of the activities, START and END.

        Raises:
            UnknownWord: there is no activity of a name.
            NoSuchStep: no case takes it.
        """
        codes = {name: code for code, name in enumerate(log.activity_names())}
        for name in (self.source, self.target):
            if name is not None and name not in codes:
                raise UnknownWord("activity", name, codes)
        target: int | str = END if self.target is None else codes[self.target]
        source = START if self.from_start else None if self.source is None else codes[self.source]
        found = tuple(pair for pair in taken if pair[1] == target and source in (None, pair[0]))
        if not found:
            raise NoSuchStep(self.words())
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a step: its time is ``scaled`` by a factor, ``shifted`` by microseconds or ``takes`` a mean of so many, or it is ``rerouted`` by a factor."""

    step: Step
    kind: Kind
    amount: Decimal

    def words(self) -> str:
        """The change as it is written."""
        step = self.step.words()
        if self.kind == "takes":
            return f"{step} takes {spell_duration(int(self.amount))}"
        if self.kind == "shifted":
            return f"{step} {spell_duration(abs(int(self.amount)))} {'faster' if self.amount < 0 else 'slower'}"
        if self.kind == "rerouted" and self.amount == 0:
            return f"{step} removed"
        less, more = ("faster", "slower") if self.kind == "scaled" else ("rarer", "more often")
        return f"{step} {(abs(self.amount - 1) * 100).normalize():f}% {less if self.amount < 1 else more}"


def read_change(text: str) -> Change:
    """The change of a text.

    Raises:
        UnreadableChange: the text breaks the language, or makes something faster or rarer by more than all of it.
    """
    match = _CHANGE.fullmatch(text)
    if match is None:
        raise UnreadableChange(text)
    step = _step(match, text)
    if match["removed"]:
        return Change(step, "rerouted", Decimal(0))
    if match["whole"]:
        return Change(step, "takes", Decimal(parse_duration(match["whole"])))
    if match["length"]:
        length = parse_duration(match["length"])
        return Change(step, "shifted", Decimal(-length if match["by_length"].casefold() == "faster" else length))
    word, part = " ".join(match["by_percent"].casefold().split()), Decimal(match["percent"]) / 100
    factor = 1 - part if word in ("faster", "rarer") else 1 + part
    if factor < 0:
        raise UnreadableChange(text)
    return Change(step, "scaled" if word in ("faster", "slower") else "rerouted", factor)


def read_step(text: str) -> Step:
    """The step of a text such as ``'A' -> 'B'``.

    Raises:
        UnreadableChange: the text is no step.
    """
    match = _ONLY_STEP.fullmatch(text)
    if match is None or not match["source"]:
        raise UnreadableChange(text, ("'Approve' -> 'Pay'",))
    return _step(match, text)


def _step(match: re.Match[str], text: str) -> Step:
    source, target = match["source"], match["target"]
    ends, starts = target.casefold() == "end", (source or "").casefold() == "start"
    if ends and (source is None or starts):
        raise UnreadableChange(text)
    named = None if source is None or starts else spelling.unquoted(source)
    return Step(named, None if ends else spelling.unquoted(target), starts)
