"""Random logs for laws: small, with ties, shuffled rows, missing facts and names that break careless programmes; and random filters."""

from __future__ import annotations

import operator
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from finmine.filters.activities import ActivityIs, Endpoint, Follows, Has
from finmine.filters.attributes import AttributeIs, Involves, NumberIs, Recorded
from finmine.filters.comparison import Comparison, Number
from finmine.filters.condition import Condition, Keeps
from finmine.filters.money import AmountIs
from finmine.filters.times import Days, During, Extent, Period
from finmine.filters.variants import Covering, Ranked
from finmine.testing import ORIGIN, Event
from finmine.words import HOUR

ODD_NAMES = (
    "a",
    "A",
    "a ",
    "b",
    "it's",
    'say "yes"',
    "a, b",
    "line\nbreak",
    "→ 💶",
    "\ufffd",
    "Start",
    "End",
    "None",
    "=1+1",
    "%",
    "not 'a'",
    "e\u0301",
    "é",
)
"""Names of activities and people; the order of their letters is not that of any dictionary."""

AMOUNTS: dict[str | None, Decimal | None] = {
    None: None,
    "": None,
    "n/a": None,
    "0": Decimal(0),
    "100.00": Decimal(100),
    "1,234.50": Decimal("1234.5"),
    "(3.20)": Decimal("-3.2"),
    "7-": Decimal(-7),
    "-0.000001": Decimal("-0.000001"),
    "99999999999999999999.99": Decimal("99999999999999999999.99"),
}
"""Amounts as people write them, and what they mean."""

VENDORS = (None, "", "ACME", "acme", "O'Hara", "(not recorded)")


@st.composite
def logs(draw: st.DrawFn, *, cases: int = 6, length: int = 5, ties: bool = True, starts: bool = False) -> list[Event]:
    """The rows of a log, in the shuffled order of its source.

    Args:
        draw: given by hypothesis.
        cases: the most cases.
        length: the most events of a case.
        ties: whether events of a case may have the same time.
        starts: whether events may have a start.
    """
    activities = draw(st.lists(st.sampled_from(ODD_NAMES), min_size=1, max_size=4, unique=True))
    people = draw(st.lists(st.sampled_from(ODD_NAMES), min_size=1, max_size=3, unique=True))
    hour = st.integers(0, 2) | st.integers(0, 24 * 6) if ties else st.integers(0, 24 * 6)
    hours = st.lists(hour, min_size=1, max_size=length, unique=not ties)
    rows: list[Event] = []
    for case in draw(st.lists(st.sampled_from([*ODD_NAMES, *map(str, range(20))]), min_size=1, max_size=cases, unique=True)):
        for ended in draw(hours):
            row: Event = {"case": case, "activity": draw(st.sampled_from(activities)), "timestamp": ORIGIN + ended * HOUR}
            if starts:
                row["start"] = draw(st.sampled_from([None, *(ORIGIN + (ended - work) * HOUR for work in (0, 1, 5))]))
            row["resource"] = draw(st.sampled_from([None, *people])) if rows else people[0]
            row["vendor"] = draw(st.sampled_from(VENDORS))
            row["amount"] = draw(st.sampled_from(list(AMOUNTS)))
            rows.append(row)
    return draw(st.permutations(rows))


EARLIEST, LATEST = date(2023, 12, 30), date(2024, 1, 9)
OPERATORS = ("=", "<", "<=", ">", ">=")


def comparisons(bounds: st.SearchStrategy[Number]) -> st.SearchStrategy[Comparison]:
    """Comparisons with such bounds."""
    ranges = st.builds(_between, bounds, bounds)
    return st.builds(Comparison, st.sampled_from(OPERATORS), bounds) | ranges


def _between(one: Number, other: Number) -> Comparison:
    return Comparison("between", min(one, other), max(one, other))


def periods(first: date = EARLIEST, last: date = LATEST) -> st.SearchStrategy[Days]:
    """Periods of days, some open at one end."""
    some = st.dates(first, last)
    both = st.builds(lambda one, other: Days(min(one, other), max(one, other)), some, some)
    return both | st.builds(Days, some, st.none()) | st.builds(Days, st.none(), some)


def decimals() -> st.SearchStrategy[Decimal]:
    """Exact numbers, often one of the written amounts."""
    known = [amount for amount in AMOUNTS.values() if amount is not None]
    return st.sampled_from(known) | st.decimals(-2000, 2000, places=2) | st.decimals(-(10**20), 10**20, places=6)


_TEXT_FACTS = st.sampled_from(["vendor", "resource"])
_NUMBER_FACTS = st.just("amount")
_NO_CURRENCY: st.SearchStrategy[str | None] = st.none()
_PERIODS = periods()


def conditions(
    keeps: Keeps,
    activities: st.SearchStrategy[str],
    people: st.SearchStrategy[str],
    *,
    names: st.SearchStrategy[str] = _TEXT_FACTS,
    numbers: st.SearchStrategy[str] = _NUMBER_FACTS,
    currencies: st.SearchStrategy[str | None] = _NO_CURRENCY,
    days: st.SearchStrategy[Days] = _PERIODS,
) -> st.SearchStrategy[Condition]:
    """Conditions of every kind on cases or events, negated and combined.

    Args:
        keeps: whether cases or events are kept.
        activities: names of activities.
        people: names of resources.
        names: names of attributes.
        numbers: names of attributes that hold numbers.
        currencies: currencies of amounts.
        days: periods.
    """
    side = st.just(keeps)
    values = st.lists(people | st.sampled_from([vendor for vendor in VENDORS if vendor]), min_size=1, max_size=3).map(tuple)
    some = st.lists(activities, min_size=1, max_size=3).map(tuple)
    facts = st.one_of(
        st.builds(AmountIs, st.none() | comparisons(decimals()), currencies, keeps=side),
        st.builds(Recorded, names | numbers, keeps=side),
        st.builds(NumberIs, numbers, comparisons(decimals()), keeps=side),
        st.builds(AttributeIs, names, values, keeps=side),
    )
    others = _of_cases(activities, some, people, days) if keeps == "cases" else st.builds(ActivityIs, some) | st.builds(During, days)
    return st.recursive(facts | others, lambda inner: inner.map(operator.invert) | st.builds(operator.or_, inner, inner), max_leaves=3)


def _of_cases(
    activities: st.SearchStrategy[str], some: st.SearchStrategy[tuple[str, ...]], people: st.SearchStrategy[str], when: st.SearchStrategy[Days]
) -> st.SearchStrategy[Condition]:
    hours = st.integers(0, 24 * 7).map(lambda hour: hour * HOUR)
    gaps = st.builds(Comparison, st.sampled_from(["<=", ">"]), hours)
    ranks = st.tuples(st.integers(1, 5), st.integers(1, 5)).map(sorted)
    return st.one_of(
        st.builds(Has, some),
        st.builds(Endpoint, some, st.sampled_from(["starts", "ends"])),
        st.builds(Follows, activities, activities, st.booleans(), st.none() | gaps),
        st.builds(Period, st.sampled_from(["started", "ended", "active"]), when),
        st.builds(Period, st.just("within"), when.filter(lambda days: days.first is not None and days.last is not None)),
        st.builds(Extent, st.just("throughput"), comparisons(hours)),
        st.builds(Extent, st.just("length"), comparisons(st.integers(0, 6))),
        st.builds(Covering, st.decimals("0.01", 100, places=2)),
        ranks.map(lambda pair: Ranked(*pair)),
        st.builds(Involves, st.lists(people, min_size=1, max_size=3).map(tuple)),
    )
