"""What a sample is drawn for: how sure one wants to be of what, and how many that takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from finmine.errors import OutOfRange, Refusal
from finmine.stats.assurance import case_sample_size, money_sample_size, two_stage_size

MOST_CASES, MOST_EXTEND = 20_000, 100
"""How many cases a plan asks for at most where it allows deviations, and how many deviations in the first stage lead to a second at most."""

Method: TypeAlias = Literal["money", "cases"]


class NothingTolerable(Refusal):
    """As much is expected to be wrong as is tolerable, so that no sample can show less."""

    def __init__(self, expected: float, tolerable: float) -> None:
        super().__init__(
            f"as much as {expected:g} is expected to be wrong, and {tolerable:g} is tolerable: no sample shows that less is wrong; "
            "look at everything, or say more for --tolerable."
        )


class TooManyCases(Refusal):
    """What is expected to be wrong is so near to what is tolerable that no sample of reason tells them apart."""

    def __init__(self, expected: float, tolerable: float) -> None:
        super().__init__(
            f"to show that less than {tolerable:g} deviates where {expected:g} is expected, more than {MOST_CASES:,} cases would have to be looked at; "
            "say more for --tolerable, less for --expected, or how many with --size."
        )


class NoStages(Refusal):
    """Two stages were asked of what is drawn in one."""

    def __init__(self, what: str) -> None:
        super().__init__(f"a sample of two stages is drawn of cases, with equal chances; {what} are drawn in one. Leave --extend out.")


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """How a sample is planned: shares of the book value (money) or of the cases that may be, and are expected to be, wrong."""

    method: Method
    confidence: float
    tolerable: float
    expected: float
    size: int
    allowed: int | None
    """How many of the drawn cases may deviate, where cases are drawn and their number was not given."""
    extend: int = 0
    """After how many deviations in the first stage a second of the same ``size`` is looked at; nought where there is one stage."""

    @property
    def drawn(self) -> int:
        """How many are drawn, over both stages."""
        return self.size * 2 if self.extend else self.size


def sample_plan(method: Method, confidence: float, tolerable: float, expected: float, size: int | None, extend: int = 0) -> SamplePlan:
    """The plan with its size: as given, else the least that is enough.

    Raises:
        OutOfRange: a share, the size or the deviations before a second stage cannot be meant.
        NothingTolerable: no size is enough.
        TooManyCases: no size of reason is enough.
        NoStages: two stages of monetary units.
    """
    for name, value in (("confidence", confidence), ("tolerable", tolerable)):
        if not 0 < value < 1:
            raise OutOfRange(name, value, "a share between 0 and 1, such as 0.05")
    if not 0 <= expected < 1:
        raise OutOfRange("expected", expected, "a share from 0 to below 1")
    if not 0 <= extend <= MOST_EXTEND:
        raise OutOfRange("extend", extend, f"a whole number from 0 to {MOST_EXTEND}")
    if extend and method == "money":
        raise NoStages("monetary units")
    if size is not None:
        if size < 1:
            raise OutOfRange("size", size, "a whole number from 1")
        return SamplePlan(method, confidence, tolerable, expected, size, None, extend)
    if expected >= tolerable:
        raise NothingTolerable(expected, tolerable)
    if method == "money":
        return SamplePlan(method, confidence, tolerable, expected, money_sample_size(confidence, tolerable, expected), None)
    if extend:
        return SamplePlan(method, confidence, tolerable, expected, two_stage_size(confidence, tolerable, extend), extend, extend)
    enough = case_sample_size(confidence, tolerable, expected, MOST_CASES)
    if enough is None:
        raise TooManyCases(expected, tolerable)
    return SamplePlan(method, confidence, tolerable, expected, *enough)
