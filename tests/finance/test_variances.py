"""Variances: by hand, by textbook, and that they add up."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from finmine.finance.variances import Spending, Split, Variance, variances
from finmine.words import HOUR

MONEY = st.decimals(0, 10_000, places=6)
SPENDING = st.builds(
    lambda units, time, labour, fixed_units, fixed: Spending(
        units, time * (units > 0), labour * (units > 0 and time > 0), fixed_units, fixed * (fixed_units > 0)
    ),
    st.integers(0, 50),
    st.integers(0, 10**12),
    MONEY,
    st.integers(0, 20),
    MONEY,
)


def test_a_flexible_budget_by_hand() -> None:
    """Budget: 900 units, 2 hours each at 20; actual: 1,000 units, 2.1 hours at 21. Price 2,100, time 2,000, volume 4,000: 8,100 in all."""
    budget, actual = Spending(900, 1800 * HOUR, Decimal(36_000)), Spending(1000, 2100 * HOUR, Decimal(44_100))
    (found,) = variances([(budget, actual)], "USD")
    assert found == Variance(*map(Decimal, (36_000, 2_100, 2_000, 4_000, 44_100)))


def test_without_an_order_each_part_is_the_mean_of_all_orders() -> None:
    """The Shapley parts of the same example, worked out by hand: price 1,948.33, time 1,948.33, volume 4,203.34 (rounded up to the sum)."""
    budget, actual = Spending(900, 1800 * HOUR, Decimal(36_000)), Spending(1000, 2100 * HOUR, Decimal(44_100))
    (found,) = variances([(budget, actual)], "USD", "shapley")
    price = (2 * (1 * 2 * 900) + 2 * (1 * Decimal("2.1") * 1000) + 1 * Decimal("2.1") * 900 + 1 * 2 * 1000) / 6
    assert abs(found.price - price) <= Decimal("0.01")
    assert found.price + found.time + found.volume == 8_100


def test_what_a_unit_costs_beside_labour_has_a_price_and_a_volume() -> None:
    """Ten at 1.00 become twelve at 1.50: price 6.00, volume 2.00."""
    (found,) = variances([(Spending(fixed_units=10, fixed=Decimal(10)), Spending(fixed_units=12, fixed=Decimal(18)))], "EUR")
    assert found == Variance(*map(Decimal, (10, 6, 0, 2, 18)))


@example([(Spending(1, 1, Decimal("0.010001")), Spending()), (Spending(1, 1, Decimal("0.000001")), Spending())], "ordered", "EUR")
@given(st.lists(st.tuples(SPENDING, SPENDING), max_size=6), st.sampled_from(["ordered", "shapley"]), st.sampled_from(["EUR", "JPY", "KWD", None]))
def test_parts_add_up_exactly(pairs: list[tuple[Spending, Spending]], split: Split, currency: str | None) -> None:
    """Each row adds up from base to actual, all rows to the rounded totals; what is new or has vanished is all volume, up to a minor unit of rounding."""
    found = variances(pairs, currency, split)
    digits = {"EUR": 2, "JPY": 0, "KWD": 3, None: 2}[currency]
    for (base, actual), one in zip(pairs, found, strict=True):
        assert one.base + one.price + one.time + one.volume == one.actual
        assert abs(one.base - base.cost) <= Decimal(1).scaleb(-digits)
        if (not base.units and not base.fixed_units) or (not actual.units and not actual.fixed_units):
            assert abs(one.price) + abs(one.time) <= Decimal(1).scaleb(-digits)
    for place, name in enumerate(("base", "actual")):
        exact = sum((pair[place].cost for pair in pairs), Decimal(0))
        assert abs(sum(getattr(one, name) for one in found) - exact) <= Decimal("0.5").scaleb(-digits)
