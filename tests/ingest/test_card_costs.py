"""Unit times, fixed costs and capacity on the log card: what is read, what is refused, and that a draft reads back the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finmine.card import BadCard, Card, draft, load
from finmine.errors import UnknownWord
from finmine.finance.capacity import Capacity
from finmine.finance.labour import FixedCost, LabourRate
from finmine.finance.time_equation import Driver, TimeEquation
from finmine.words import MINUTE, SECOND

CARD = """finmine_card = 1
[[labour]]
role = "Clerk"
rate = "38.50"
standard = "37"
currency = "EUR"
[unit_times]
"Post invoice" = "4min"
"Pay, later" = "1h 30min"
[[time_equations]]
activity = "Check invoice"
drivers = ["lines", { attribute = "currency", is = "USD" }]
[[time_equations]]
activity = "Scan"
[[time_equations]]
activity = "Approve"
time = "0s"
drivers = [{ attribute = "lines", time = "40s" }, { attribute = "currency", is = "USD", time = "5min" }]
[[fixed_costs]]
activity = "Send reminder"
cost = "1.20"
currency = "EUR"
until = 2024-06-30
[[fixed_costs]]
activity = "Send reminder"
cost = "1.35"
currency = "EUR"
from = 2024-07-01
[[capacity]]
role = "Clerk"
people = "4.5"
[[capacity]]
resource = "Ann \\"A\\" Meyer"
hours = "14583.333333"
practical = "0.75"
cost = "560000"
currency = "EUR"
from = 2024-01-01
until = 2024-12-31
"""


def _load(folder: Path, text: str) -> Card:
    (folder / "log.card.toml").write_text(text, encoding="utf-8")
    return load(folder / "log.card.toml")


def test_what_work_takes_and_costs_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Unit times, fixed costs with their days, capacity by people or hours, and the standard rate beside a rate; numbers are exact."""
    card = _load(tmp_path, CARD)
    assert card.money.labour == (LabourRate("role", "Clerk", Decimal("38.50"), "EUR", standard=Decimal(37)),)
    assert card.costs.unit_times == {"Post invoice": 4 * MINUTE, "Pay, later": 90 * MINUTE}
    drivers = (Driver("lines"), Driver("currency", "USD"))
    fitted = (TimeEquation("Check invoice", drivers), TimeEquation("Scan"))
    assert card.costs.equations == (*fitted, TimeEquation("Approve", drivers, (0, 40 * SECOND, 5 * MINUTE)))
    assert card.costs.fixed == (
        FixedCost("Send reminder", Decimal("1.20"), "EUR", None, date(2024, 6, 30)),
        FixedCost("Send reminder", Decimal("1.35"), "EUR", date(2024, 7, 1)),
    )
    year = (date(2024, 1, 1), date(2024, 12, 31))
    assert card.costs.capacity == (
        Capacity("role", "Clerk", None, Decimal("4.5")),
        Capacity("resource", 'Ann "A" Meyer', Decimal("14583.333333"), None, Decimal("0.75"), Decimal(560_000), "EUR", *year),
    )


def test_the_cost_of_a_capacity_gives_its_rate(tmp_path: Path) -> None:
    """560,000 for 14,583.33 paid hours, three quarters of them practical, are 51.20 an hour, beside the labour rates."""
    card = _load(tmp_path, CARD)
    assert card.labour_rates[1:] == (LabourRate("resource", 'Ann "A" Meyer', Decimal("51.200000"), "EUR", date(2024, 1, 1), date(2024, 12, 31)),)


def test_a_draft_reads_back_the_same(tmp_path: Path) -> None:
    """What a card says is what its draft says; a card that says nothing shows how it is declared."""
    card = _load(tmp_path, CARD)
    again = _load(tmp_path, draft(card))
    assert (again.costs, again.money) == (card.costs, card.money)
    shown = draft(Card())
    assert all(f"# {section}" in shown for section in ("[unit_times]", "[[time_equations]]", "[[fixed_costs]]", "[[capacity]]"))


def test_each_fact_is_told(tmp_path: Path) -> None:
    """The facts in use name what they are for, and when."""
    said = [(name, words) for name, words, _ in _load(tmp_path, CARD).echo()]
    assert said == [
        ("labour", "38.50 EUR an hour (standard 37) for role Clerk"),
        ("unit time", "4min for Post invoice"),
        ("unit time", "1h 30min for Pay, later"),
        ("time equation", "Check invoice by each unit, lines, currency = USD"),
        ("time equation", "Scan by each unit"),
        ("time equation", "Approve: 0s for each unit, 40s for lines, 5min for currency = USD"),
        ("fixed cost", "1.20 EUR for each Send reminder until 2024-06-30"),
        ("fixed cost", "1.35 EUR for each Send reminder from 2024-07-01"),
        ("capacity", "the paid hours of 4.5 people by calendar of role Clerk, 80 % of them practical"),
        (
            "capacity",
            '14583.333333 paid hours a month of resource Ann "A" Meyer, for 560000 EUR, 75 % of them practical from 2024-01-01 until 2024-12-31',
        ),
    ]


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ('[unit_time]\na = "1min"', "'unit_time'.*Did you mean 'unit_times'"),
        ("[unit_times]\nPay = 4", r"\[unit_times\] Pay is 4; it must be a text"),
        ('[unit_times]\nPay = "soon"', r"\[unit_times\] Pay is 'soon'; it must be a time above 0 such as"),
        ('[unit_times]\nPay = "0min"', "time above 0"),
        (
            '[unit_times]\na = "1min"\n[[time_equations]]\nactivity = "a"',
            "activity is 'a'; it must be an activity that has no unit time and no other",
        ),
        ('[[time_equations]]\nactivity = "a"\ndrivers = "lines"', r"drivers is 'lines'; it must be a list such as"),
        ('[[time_equations]]\nactivity = "a"\ndrivers = ["b", "b"]', "drivers is 'b, b'; it must be each driver once"),
        ('[[time_equations]]\nactivity = "a"\ndrivers = [{ attribute = "b" }]', "is is None; it must be a text"),
        (
            '[[time_equations]]\nactivity = "a"\ntime = "1min"\ndrivers = ["b", "c"]',
            r"""time is 'not said for b, c'; it must be said for each unit and every driver \(add \{ attribute = "b", time = "40s" \} and \{ attribute = "c", time""",
        ),
        (
            '[[time_equations]]\nactivity = "a"\ndrivers = [{ attribute = "b", time = "1s" }]',
            r"""time is 'not said for each unit'; it must be said for each unit and every driver \(add time = "3min"\), or for none, so that all are fitted""",
        ),
        ('[unit_times]\nPay = "101d"', "Pay is '101d'; it must be a time above 0 .* and at most 100d"),
        ('[[time_equations]]\nactivity = "a"\ntime = "0s"', "time is '0s'; it must be a time above 0"),
        (
            '[[time_equations]]\nactivity = "a"\ntime = "0s"\ndrivers = [{ attribute = "b", time = "-1s" }]',
            "time is '-1s'; it must be a time above 0",
        ),
        ('[fixed_costs]\nactivity = "a"', r"\[\[fixed_costs\]\] is .*each under its own"),
        ('[[fixed_costs]]\nactivity = "a"\ncost = "-1"\ncurrency = "EUR"', r"cost is '-1'; it must be from 0"),
        ('[[fixed_costs]]\nactivity = "a"\ncost = "1"', "currency is None; it must be a text"),
        ('[[fixed_costs]]\ncost = "1"\ncurrency = "EUR"', "activity is None"),
        ('[[fixed_costs]]\nactivity = "a"\nprice = "1"', r"\[\[fixed_costs\]\].*'price'"),
        (2 * '[[fixed_costs]]\nactivity = "a"\ncost = "1"\ncurrency = "EUR"\n', "the only cost for its days"),
        ('[[capacity]]\nhours = "1"', r"\[\[capacity\]\] is 'of nobody'; it must be of a role or of a resource"),
        ('[[capacity]]\nrole = "a"\nresource = "b"\nhours = "1"', "resource and role"),
        ('[[capacity]]\nrole = "a"', "with neither"),
        ('[[capacity]]\nrole = "a"\nhours = "1"\npeople = "1"', "with both"),
        ('[[capacity]]\nrole = "a"\nhours = "0"', "hours is '0'; it must be above 0"),
        ('[[capacity]]\nrole = "a"\nhours = "1"\npractical = "1.2"', r"practical is '1.2'; .*0.8 is 80 %"),
        ('[[capacity]]\nrole = "a"\npeople = "1"\ncost = "9"\ncurrency = "EUR"', "cost is '9'; it must be said together with hours"),
        ('[[capacity]]\nrole = "a"\nhours = "1"\ncost = "9"', "currency is None"),
        ('[[capacity]]\nrole = "a"\nhours = "1"\nfrom = 2024-02-01\nuntil = 2024-01-01', "no day before from"),
        (
            '[[labour]]\nrole = "a"\nrate = "9"\ncurrency = "EUR"\n[[capacity]]\nrole = "a"\nhours = "1"\ncost = "9"\ncurrency = "EUR"',
            r"\[\[capacity\]\] cost is '11.250000 EUR an hour for role a'; .*there is also 9 EUR an hour for role a",
        ),
        ('[[labour]]\nrate = "9"\nstandard = "x"\ncurrency = "EUR"', "standard is 'x'"),
        ('[[labour]]\nrate = 38.5\ncurrency = "EUR"', r"\[\[labour\]\] rate is 38.5; it must be a number written as text, such as \"38.50\""),
        *(
            (f'[[labour]]\nrate = "{rate}"\ncurrency = "EUR"', rf"\[\[labour\]\] rate is '{rate}'; it must be")
            for rate in ("-1", "nan", "inf", "1e999999999", "1e-999999999", "10000", "0.0000001", "38,50", "much", "")
        ),
        ('[[labour]]\nrate = "9"\ncurrency = " "', r"\[\[labour\]\] currency is ' '; it must be a text that is not empty"),
        ('[[labour]]\nrole = ""\nrate = "9"\ncurrency = "EUR"', r"\[\[labour\]\] role is ''; it must be a text that is not empty"),
        ('[[fixed_costs]]\nactivity = ""\ncost = "1"\ncurrency = "EUR"', "activity is ''; it must be a text that is not empty"),
        ('[[capacity]]\nrole = ""\nhours = "1"', "role is ''; it must be a text that is not empty"),
        (
            '[[labour]]\nrate = "9"\ncurrency = "EUR"\nuntil = 2024-03-31\n[[labour]]\nrate = "8"\ncurrency = "EUR"\nfrom = 2024-03-31',
            "8 EUR an hour for all others from 2024-03-31'; it must be the only rate for its days; there is also 9 EUR",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, section: str, says: str) -> None:
    """Each refusal names the file, the key and what it must be."""
    with pytest.raises((BadCard, UnknownWord), match=says):
        _load(tmp_path, f"finmine_card = 1\n{section}\n")
