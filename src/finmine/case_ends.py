"""How cases end where ends compete, such as paid, credited or cancelled: the share of all cases that has come to each by a time.

A case that is cancelled can no longer be paid, and one that still runs may come to any end yet. The share that has come to an end is
therefore the cumulative incidence of Aalen and Johansen, in which running cases count as long as they were seen; with the share that
still runs all ends add up to one at every time. Among the finished cases alone quick ends have too large a share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from finmine.engine import Rows
from finmine.result import table
from finmine.stats.sample import Floats
from finmine.stats.survival import cumulative_incidence
from finmine.view import Column, Curve, Table

Record: TypeAlias = Mapping[str, Any]

_MOST_LINES = 5  # of ends; rarer ones are drawn together
_POINTS = 200
_STILL = "(still runs)"


@dataclass(frozen=True, slots=True, eq=False)
class CaseEnds:
    """The outcomes, most of all cases first, with their share by the horizon; how many still run, and which share of all does by then."""

    outcomes: tuple[Record, ...]
    running: int
    going: float
    horizon: int
    at: Floats
    incidence: Floats

    @property
    def compete(self) -> bool:
        """Whether there is more than one way to end."""
        return len(self.outcomes) > 1

    def table(self, title: str) -> Table:
        """The outcomes, and those that still run; their shares of all cases add up to one."""
        still = {"outcome": _STILL, "cases": self.running, "incidence": self.going, "finished_share": None}
        return table(title, [*self.outcomes, still], ("outcome", "cases", "incidence", "finished_share"))

    def curve(self, title: str) -> Curve:
        """The share of all cases that has come to each end after so long, and that which still runs; rare ends together."""
        since = np.linspace(0, self.horizon, _POINTS)
        places = np.searchsorted(self.at, since, "right")
        shares = np.concatenate((np.zeros((len(self.incidence), 1)), self.incidence), axis=1)[:, places]
        names = [str(one["outcome"]) for one in self.outcomes]
        if len(names) > _MOST_LINES:
            names = [*names[: _MOST_LINES - 1], "(other ends)"]
            shares = np.concatenate((shares[: _MOST_LINES - 1], shares[_MOST_LINES - 1 :].sum(axis=0, keepdims=True)))
        lines = [*zip(names, shares, strict=True), (_STILL, 1 - shares.sum(axis=0))]
        columns = (*table("", (), ("since",)).columns, *(Column(f"ended_{place}", name, "share") for place, (name, _) in enumerate(lines, 1)))
        rows = tuple(zip((round(time) for time in since), *(line.tolist() for _, line in lines), strict=True))
        return Curve(Table(title, columns, rows), "since", tuple(column.name for column in columns[1:]), steps=True)


def case_ends(rows: Rows, horizon: float) -> CaseEnds:
    """The ends of the fetched cases, with ``time``, ``ended`` and ``outcome``, by a horizon in microseconds."""
    outcomes = [str(outcome) if ended else None for outcome, ended in zip(rows.column("outcome"), rows.column("ended"), strict=True)]
    names = sorted({outcome for outcome in outcomes if outcome is not None})
    codes = np.array([0 if outcome is None else 1 + names.index(outcome) for outcome in outcomes], dtype=np.int64)
    at, incidence = cumulative_incidence(np.asarray(rows.column("time"), dtype=float), codes)
    shares = incidence[:, int(np.searchsorted(at, horizon, "right")) - 1] if len(at) and at[0] <= horizon else np.zeros(len(names))
    finished = int(np.count_nonzero(codes))
    cases = np.bincount(codes, minlength=1 + len(names))[1:]
    told = [
        {"outcome": name, "cases": int(many), "incidence": float(share), "finished_share": int(many) / finished}
        for name, many, share in zip(names, cases, shares, strict=True)
    ]
    order = sorted(range(len(names)), key=lambda place: (-shares[place], names[place]))
    return CaseEnds(
        tuple(told[place] for place in order), len(codes) - finished, max(1 - float(shares.sum()), 0.0), round(horizon), at, incidence[order]
    )
