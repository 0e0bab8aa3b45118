"""What a rule can ask of time: that a step is done by a deadline, so many days after another step, a date, or the end of a month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Since: TypeAlias = Literal["step", "day", "month"]


@dataclass(frozen=True, slots=True)
class InTime:
    """One of the steps ``done`` is done at most ``days`` (working) days after ``after``.

    ``since`` says what ``after`` names: a step; an attribute of the case that holds a day; or one that holds a month, of which the end counts.
    """

    done: tuple[str, ...]
    after: str
    since: Since
    days: int
    working: bool

    def steps(self) -> tuple[str, ...]:
        """The steps that the test names."""
        return (*self.done, *([self.after] if self.since == "step" else []))

    def compared(self) -> tuple[tuple[str, ...], ...]:
        """The groups of steps that must not be the same activity."""
        return (self.done, (self.after,) if self.since == "step" else ())

    def words(self) -> str:
        """The test as a sentence."""
        after = {"step": f"the {self.after}", "day": self.after, "month": f"the end of {self.after}"}[self.since]
        said = f"{self.days} {'working ' if self.working else ''}day{'' if self.days == 1 else 's'}"
        by = f"on or before {after}" if not self.days and self.since != "step" and not self.working else f"at most {said} after {after}"
        return f"{' or '.join(self.done)} {by}"
