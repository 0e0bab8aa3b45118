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
        kind = "working day" if self.working else "day"
        by = f"at most {self.days} {kind}{'' if self.days == 1 else 's'} after {after}" if self.days else f"by the end of the {kind} of {after}"
        return f"{' or '.join(self.done)} {by}"
