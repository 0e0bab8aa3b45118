"""Waterfalls: two levels, and the changes between them, each from where the one before ended."""

from __future__ import annotations

from decimal import Decimal

from finmine.render.pictures import picture
from finmine.render.text import to_text
from finmine.render.waterfall import waterfall, waterfall_spans, waterfall_spec
from finmine.view import Cell, Column, Table, View, Waterfall


def falling(*rows: tuple[Cell, Cell]) -> Waterfall:
    """A waterfall of money."""
    return Waterfall(Table("Costs", (Column("what", "What", "text"), Column("cost", "Cost", "money")), rows), "what", "cost")


STEPS = falling(("before", Decimal(100)), ("volume", Decimal("30.5")), ("time", Decimal(-50)), ("now", Decimal("80.5")))


def test_each_change_begins_where_the_one_before_ended() -> None:
    """The first and the last bar stand on nothing, and the last change ends at the last level."""
    assert waterfall_spans(STEPS) == [(0, 100), (100, 130.5), (130.5, 80.5), (0, 80.5)]
    assert waterfall_spans(falling()) == []
    assert waterfall_spans(falling(("alone", Decimal(3)))) == [(0, 3)]


def test_levels_and_ways_are_told_apart() -> None:
    """What goes up, what goes down and what stands have colours of their own; values are written as money, changes with their sign."""
    rows = waterfall_spec(STEPS, "UTC")["data"]["values"]
    assert [row["way"] for row in rows] == ["level", "up", "down", "level"]
    assert [row["spoken"] for row in rows] == ["100.00", "+30.50", "-50.00", "80.50"]
    drawn = picture(STEPS, "UTC")
    assert drawn is not None
    assert drawn.title == "Costs"
    assert all(f">{text}<" in waterfall(STEPS, "UTC", titled=True) for text in ("before", "volume", "-50.00", "Costs"))


def test_bars_of_characters_hang_where_they_belong() -> None:
    """In text a change stands under the end of the one before it, light where it goes down."""
    lines = to_text(View("W", (STEPS,))).splitlines()
    bars = [line[line.index("0 ") + 2 :] if "0 " in line else "" for line in lines if line.startswith(("before", "volume", "time", "now"))]
    assert [len(bar) - len(bar.lstrip()) for bar in bars] == [1, 19, 16, 1]
    assert [bar.strip()[0] for bar in bars] == ["█", "█", "░", "█"]


def test_nothing_falls_nowhere() -> None:
    """Without rows, or with values of nothing, there is a picture all the same."""
    assert waterfall(falling(), "UTC").startswith("<svg")
    assert "0.00" in waterfall(falling(("a", Decimal(0)), ("b", None)), "UTC")
    assert "(no rows)" in to_text(View("W", (falling(),)))
