"""A figure of a simulation: how often the answer was what was asked, and between which shares it shall lie."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was asked, under which part of the page, how often the answer was that, of how many simulations, and between which shares it shall lie."""

    part: str | None
    name: str
    share: float
    runs: int
    low: float
    high: float

    @property
    def slack(self) -> float:
        """Two standard errors of the share by the chance of so many simulations."""
        return float(2 * (max(self.share * (1 - self.share), 0.25 / self.runs) / self.runs) ** 0.5)

    @property
    def met(self) -> bool:
        """Whether the share lies where it shall, allowing for the chance of so many simulations (two standard errors)."""
        return self.low - self.slack <= self.share <= self.high + self.slack

    @property
    def row(self) -> str:
        """The figure as a row of a page, which says so where the share itself lies outside."""
        said = "" if self.low <= self.share <= self.high else f"; outside, by no more than chance (±{100 * self.slack:.1f} points)"
        named = f"{self.part}: {self.name}" if self.part else self.name
        return f"| {named} | {self.share:.1%} | {self.low:.0%} to {self.high:.0%}{said if self.met else ', and is not'} |"
