"""What a rule can ask of values: that nothing changes after the approval, that documents agree, and that nobody lifts a block that nothing has corrected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnchangedAfter:
    """After the last time the step was done, no attribute of rows has another value than it had then."""

    step: str
    attributes: tuple[str, ...]

    def steps(self) -> tuple[str, ...]:
        """The steps that the test names."""
        return (self.step,)

    def compared(self) -> tuple[tuple[str, ...], ...]:
        """The groups of steps that must not be the same activity: none."""
        return ()

    def words(self) -> str:
        """The test as a sentence."""
        return f"{', '.join(self.attributes)} unchanged after the last {self.step}"


@dataclass(frozen=True, slots=True)
class SameValue:
    """All that is recorded of some attributes is one value, such as the terms of payment of the invoice, the order and the vendor."""

    attributes: tuple[str, ...]

    def steps(self) -> tuple[str, ...]:
        """The steps that the test names: none."""
        return ()

    def compared(self) -> tuple[tuple[str, ...], ...]:
        """The groups of steps that must not be the same activity: none."""
        return ()

    def words(self) -> str:
        """The test as a sentence."""
        return f"the same value of {', '.join(self.attributes[:-1])} and {self.attributes[-1]}"


@dataclass(frozen=True, slots=True)
class CorrectedBefore:
    """Where a person does the step, one of the steps ``by`` was done before it, and after the last of the step ``since`` where one is named.

    What machines do needs no correction: they release what has come to agree.
    """

    step: str
    by: tuple[str, ...]
    since: str | None = None

    def steps(self) -> tuple[str, ...]:
        """The steps that the test names."""
        return (self.step, *self.by, *([self.since] if self.since else []))

    def compared(self) -> tuple[tuple[str, ...], ...]:
        """The groups of steps that must not be the same activity."""
        return ((self.step,), self.by, (self.since,) if self.since else ())

    def words(self) -> str:
        """The test as a sentence."""
        since = f", after the last {self.since}" if self.since else ""
        return f"{self.step} by a person only after {' or '.join(self.by)}{since}"
