"""Rules that tell when batches fire, searched exhaustively among one or two conditions, and measured on batches that had no part in the search.

A seeded draw of half the batches of an activity is searched (every other one would be every other Tuesday): of all conditions and pairs of them the one with the best balance of
support and precision (their harmonic mean) is taken, a pair only where it is clearly better than a single condition. **Support** is the share of firings at which
the rule holds, **precision** the share of the instants at which it holds that are firings; both are told of the other batches. A rule **holds** with a
support of a quarter or more, a precision of 80 % or more, and half as many wrong or fewer than without it. What it does not cover is searched again, up to three rules.
A rule about days alone is measured by days: that a batch fired in the afternoon, and not in the morning, is not held against it.

A batch that fires at a random moment fires the likelier the longer one has looked at it, so that even there "it has waited long" is right more
often than not: at 64 % with a quarter of the firings. A precision of 80 % is well beyond that.

Source: the activation rules of ``pix-framework`` (support of a quarter, three rules at most); the measures on held-out batches are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from finmine.kernels import MISSING

Whole: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

FEATURES = ("size", "weekday", "hour", "month_left", "since_last", "oldest", "newest")
"""What conditions are about, by the code that the kernel gives; of equal rules the one about the first of them is taken."""
LEAST_BATCHES = 20
LEAST_SUPPORT, LEAST_PRECISION = 0.25, 0.8
MOST_RULES = 3
_SEED = 1
_LEAST_OTHERS = 20  # instants without a firing, below which none at which the rule holds may be chance
_MOST_BATCHES = 4_000  # that are looked at, evenly spread over time
_DAYS = ("weekday", "month_left")
_CLEARLY = 0.05  # by how much two conditions must be better than one
_LAST_DAYS = 6
_COLUMNS = (
    "activity",
    "nth",
    "looked_at",
    "tested",
    "firings",
    "held",
    "fired",
    *(f"{place}_{part}" for place in ("first", "second") for part in ("about", "low", "high")),
)


class Condition(NamedTuple):
    """A feature that lies between two bounds, either of which may be missing; of weekdays ``low`` has a bit for each (Monday is the lowest)."""

    about: int
    low: int
    high: int

    def holds(self, values: Mapping[str, Whole]) -> Flags:
        """At which instants it holds; what is missing is in no bounds."""
        found = values[FEATURES[self.about]]
        if FEATURES[self.about] == "weekday":
            named: Flags = (self.low >> found & 1) == 1
            return named
        within: Flags = found != MISSING
        within &= found >= self.low if self.low != MISSING else True
        within &= found <= self.high if self.high != MISSING else True
        return within


Rule: TypeAlias = tuple[Condition, ...]


def firing_rules(lent: Mapping[str, Whole]) -> dict[str, Whole]:
    """A row for each rule that holds, and one without conditions for an activity where none does.

    activity, nth (from 0), looked_at (batches), tested and firings (instants that had no part in the search, and the firings among them), held and
    fired (those at which the rule holds), and of the first and the second condition what it is about (a place in ``FEATURES``, or missing),
    low and high. Activities with fewer than 20 batches are in no row.

    Args:
        lent: the instants of ``firing_instants`` in the order of activity, began, resource and batch, whole activities at a time, with
            ``day`` (since 1970) and ``hour`` on the clocks of the log's zone.
    """
    rows: list[tuple[int, ...]] = []
    changes = np.flatnonzero(np.diff(lent["activity"])) + 1
    for part in np.split(np.arange(len(lent["activity"])), changes):
        own = {name: values[part] for name, values in lent.items()}
        if np.count_nonzero(own["fires"]) >= LEAST_BATCHES:
            rows += _of_activity(own)
    return dict(zip(_COLUMNS, np.array(rows, dtype=np.int64).reshape(-1, len(_COLUMNS)).T, strict=True))


def _of_activity(own: Mapping[str, Whole]) -> Iterator[tuple[int, ...]]:
    new = np.ones(len(own["batch"]), dtype=bool)
    new[1:] = (own["batch"][1:] != own["batch"][:-1]) | (own["resource"][1:] != own["resource"][:-1])
    batch = np.cumsum(new) - 1
    number = int(batch[-1]) + 1
    step = -(-number // _MOST_BATCHES)
    kept = batch % step == 0
    values = _features({name: column[kept] for name, column in own.items()})
    half = np.random.default_rng(_SEED).permutation(number) % 2 == 0
    fires, searched = own["fires"][kept] == 1, half[batch[kept]]
    values["that_day"] = (_on_days_of_firings(own)[kept] & ~fires).astype(np.int64)
    tested = ~searched
    firings = _number(tested & fires)
    activity, told = int(own["activity"][0]), (_number(fires), _number(tested), firings)
    covered = np.zeros(len(fires), dtype=bool)
    for nth in range(MOST_RULES):
        rule = _best({name: column[searched & ~covered] for name, column in values.items()}, fires[searched & ~covered])
        measured = tested & ~covered & _measured(rule, values)
        holds = _holds(rule, values) & measured
        held, fired, others = _number(holds), _number(holds & fires), _number(measured & ~fires)
        least = max(LEAST_PRECISION, 1 - others / max(1, _number(measured)) / 2)
        if not rule or others < _LEAST_OTHERS or fired < LEAST_SUPPORT * firings or fired < least * held:
            if nth == 0:
                yield (activity, 0, *told, 0, 0, *[MISSING] * 6)
            return
        first, second = (*rule, Condition(MISSING, MISSING, MISSING))[:2]
        yield (activity, nth, *told, held, fired, *first, *second)
        covered |= _holds(rule, values)


def _on_days_of_firings(own: Mapping[str, Whole]) -> Flags:
    """Which instants lie on a day on which a batch of the resource fires."""
    days = np.stack((own["resource"], own["day"]))
    _, number = np.unique(days, axis=1, return_inverse=True)
    number = number.reshape(-1)
    return np.isin(number, number[own["fires"] == 1])


def _number(holds: Flags) -> int:
    return int(np.count_nonzero(holds))


def _features(own: Mapping[str, Whole]) -> dict[str, Whole]:
    """What conditions are about, at each instant; 1970-01-01 was a Thursday."""
    days = own["day"].astype("datetime64[D]")
    after = (days.astype("datetime64[M]") + 1).astype("datetime64[D]")
    found = {name: own[name] for name in ("size", "hour", "since_last", "oldest", "newest")}
    return found | {"weekday": (own["day"] + 3) % 7, "month_left": (after - days).astype(np.int64) - 1}


def _holds(rule: Rule, values: Mapping[str, Whole]) -> Flags:
    found: Flags = np.logical_and.reduce([condition.holds(values) for condition in rule])
    return found


def _measured(rule: Rule, values: Mapping[str, Whole]) -> Flags:
    """The instants by which a rule is measured: of one about days alone without others on days of firings."""
    by_day = all(FEATURES[condition.about] in _DAYS for condition in rule)
    return values["that_day"] == 0 if by_day else np.ones(len(values["that_day"]), dtype=bool)


def _best(values: Mapping[str, Whole], fires: Flags) -> Rule:
    """The condition or the pair of them with the best balance of support and precision; none where nothing fires."""
    if not fires.any():
        return ()
    conditions = tuple(_conditions({name: column[fires] for name, column in values.items()}))
    at = np.stack([condition.holds(values) for condition in conditions]).astype(np.float32)
    about = np.array([condition.about for condition in conditions])
    by_day = np.isin(about, [FEATURES.index(name) for name in _DAYS])
    other_days = at[:, ~values["that_day"].astype(bool)]
    of_firings, of_all = at[:, fires] @ at[:, fires].T, np.where(by_day[:, None] & by_day, other_days @ other_days.T, at @ at.T)
    balance = 2 * of_firings / (of_all + np.count_nonzero(fires))  # the harmonic mean of support and precision
    alone = np.diagonal(balance)
    single = int(np.argmax(alone))
    pairs = np.where(about[:, None] < about[None, :], balance, 0)
    one, two = np.unravel_index(int(np.argmax(pairs)), pairs.shape)
    if pairs[one, two] > alone[single] + _CLEARLY:
        return conditions[int(one)], conditions[int(two)]
    return (conditions[single],)


def _conditions(fired: Mapping[str, Whole]) -> Iterator[Condition]:
    """The conditions that are tried: bounds at tenths of what is seen at firings, the days with most firings, spans of hours, and last days of months."""
    for about, name in enumerate(FEATURES):
        known = fired[name][fired[name] != MISSING]
        if name == "weekday":
            yield from _weekdays(about, known)
        elif name == "hour":
            for low, high in combinations_with_replacement(np.unique(known).tolist(), 2):
                yield Condition(about, low, high)
        elif name == "month_left":
            for left in range(_LAST_DAYS):
                yield Condition(about, MISSING, left)
        elif len(known):
            for low in np.unique(np.quantile(known, np.linspace(0, 0.9, 10), method="lower")).tolist():
                if name != "size" or low > 2:  # two units or more are in every batch, so that this would tell nothing
                    yield Condition(about, low, MISSING)


def _weekdays(about: int, known: Whole) -> Iterator[Condition]:
    counts = np.bincount(known, minlength=7)
    days: Sequence[int] = sorted(np.flatnonzero(counts).tolist(), key=lambda day: (-int(counts[day]), day))
    for most in range(1, min(len(days), 6) + 1):
        yield Condition(about, sum(1 << day for day in days[:most]), MISSING)
