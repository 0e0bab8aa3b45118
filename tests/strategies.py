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
    hours = st.lists(st.integers(0, 24 * 6), min_size=1, max_size=length, unique=not ties)
    rows: list[Event] = []
    for case in draw(st.lists(st.sampled_from([*ODD_NAMES, *map(str, range(20))]), min_size=1, max_size=cases, unique=True)):
        for hour in draw(hours):
            row: Event = {"case": case, "activity": draw(st.sampled_from(activities)), "timestamp": ORIGIN + hour * HOUR}
            if starts:
                row["start"] = draw(st.none() | st.integers(0, 3).map(lambda work, end=row["timestamp"]: end - work * HOUR))
            row["resource"] = draw(st.sampled_from([None, *people])) if rows else people[0]
            row["vendor"] = draw(st.sampled_from(VENDORS))
            row["amount"] = draw(st.sampled_from(list(AMOUNTS)))
            rows.append(row)
    return draw(st.permutations(rows))


EARLIEST, LATEST = date(2023, 12, 30), date(2024, 1, 9)
OPERATORS = ("=", "<", "<=", ">", ">=")


def comparisons(bounds: st.SearchStrategy[Number]) -> st.SearchStrategy[Comparison]:
    """Comparisons with such bounds."""
    ranges = st.tuples(bounds, bounds).map(sorted).map(lambda pair: Comparison("between", *pair))
    return st.builds(Comparison, st.sampled_from(OPERATORS), bounds) | ranges


def periods(first: date = EARLIEST, last: date = LATEST) -> st.SearchStrategy[Days]:
    """Periods of days, some open at one end."""
    some = st.dates(first, last)
    both = st.tuples(some, some).map(sorted).map(lambda pair: Days(*pair))
    return both | some.map(lambda day: Days(day, None)) | some.map(lambda day: Days(None, day))


def decimals() -> st.SearchStrategy[Decimal]:
    """Exact numbers, often one of the written amounts."""
    known = [amount for amount in AMOUNTS.values() if amount is not None]
    return st.sampled_from(known) | st.decimals(-2000, 2000, places=2) | st.decimals(-(10**20), 10**20, places=6)


def conditions(
    keeps: Keeps,
    activities: st.SearchStrategy[str],
    people: st.SearchStrategy[str],
    *,
    names: st.SearchStrategy[str] | None = None,
    currencies: st.SearchStrategy[str | None] | None = None,
    days: st.SearchStrategy[Days] | None = None,
) -> st.SearchStrategy[Condition]:
    """Conditions of every kind on cases or events, negated and combined."""
    some = st.lists(activities, min_size=1, max_size=3).map(tuple)
    amounts = st.builds(AmountIs, st.none() | comparisons(decimals()), currencies or st.none(), keeps=st.just(keeps))
    when = days or periods()
    facts = st.one_of(
        amounts,
        st.builds(Recorded, names or st.sampled_from(["vendor", "amount", "resource"]), keeps=st.just(keeps)),
        st.builds(NumberIs, names or st.just("amount"), comparisons(decimals()), keeps=st.just(keeps)),
        _texts(names or st.just("vendor"), st.sampled_from([vendor for vendor in VENDORS if vendor]), keeps),
        _texts(names or st.just("resource"), people, keeps),
    )
    plain = facts | _of_cases(activities, some, people, when) if keeps == "cases" else facts | st.builds(ActivityIs, some) | st.builds(During, when)
    return st.recursive(plain, lambda inner: inner.map(operator.invert) | st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]), max_leaves=3)


def _texts(names: st.SearchStrategy[str], values: st.SearchStrategy[str], keeps: Keeps) -> st.SearchStrategy[Condition]:
    return st.builds(AttributeIs, names, st.lists(values, min_size=1, max_size=3).map(tuple), keeps=st.just(keeps))


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
