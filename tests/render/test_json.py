"""Views as JSON."""

from __future__ import annotations

import json
from dataclasses import fields
from decimal import Decimal
from typing import get_args

from finmine import view as views
from finmine.render import json as dress
from finmine.render.json import VERSION, blocks, to_json
from finmine.view import Block, Column, Map, Prose, Table, View


def test_everything_in_a_view_is_in_its_json(hostile_view: View) -> None:
    """Each block has its kind and the fields of its class, in order, with the labels as they are."""
    read = json.loads(to_json(hostile_view))
    assert list(read) == ["finmine_view", "title", "zone", "blocks"]
    assert (read["finmine_view"], read["title"]) == (VERSION, hostile_view.title)
    for block, plain in zip(hostile_view.blocks, read["blocks"], strict=True):
        assert list(plain) == ["kind", *(field.name for field in fields(block))]
        assert getattr(views, plain["kind"].title()) is type(block)


def test_it_is_ascii_and_the_same_every_time(hostile_view: View) -> None:
    """No code page, control character or half of a character can spoil it, and the same view gives the same text."""
    text = to_json(hostile_view)
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert text == to_json(hostile_view)


def test_numbers_keep_every_digit() -> None:
    """Money is a text, durations are whole numbers, and what is no number is null."""
    columns = (Column("m", "M", "money"), Column("d", "D", "duration"), Column("x", "X", "number"), Column("f", "F", "flag"))
    table = Table("T", columns, ((Decimal("12345678901234567890.10"), 2**60, float("nan"), True), (Decimal("1E+3"), None, 0.1, None)))
    assert blocks(View("V", (table,)))["blocks"][0]["rows"] == [["12345678901234567890.10", 2**60, None, True], ["1000", None, 0.1, None]]


def test_a_map_keeps_all_measures(hostile_map: Map) -> None:
    """A process map is whole: every node and edge with every measure."""
    plain = blocks(View("V", (hostile_map,)))["blocks"][0]
    assert (len(plain["nodes"]), len(plain["edges"])) == (len(hostile_map.nodes), len(hostile_map.edges))
    assert list(plain["edges"][0]) == ["source", "target", "steps", "cases", "mean", "median", "p90", "total", "back", "waits", "cost", "contrast"]


def test_a_view_without_blocks_is_json_too() -> None:
    """Nothing to see is an empty list."""
    assert json.loads(to_json(View("V", ())))["blocks"] == []
    assert json.loads(to_json(View("V", (Prose("x"),))))["blocks"] == [{"kind": "prose", "text": "x"}]


def test_every_kind_of_block_is_documented() -> None:
    """The description of the format names every kind of block."""
    assert not [block.__name__ for block in get_args(Block) if f"``{block.__name__.lower()}``" not in (dress.__doc__ or "")]
