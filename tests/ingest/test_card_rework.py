"""What the card says of repeats: what is read, what is refused, and that a draft reads back the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from finmine.card import BadCard, Card, draft, load
from finmine.card_rework import ReworkRules
from finmine.errors import UnknownWord

CARD = """finmine_card = 1
[rework]
tracked = ["amount", "vendor"]
changes = "Change price"
returns = ["Reject invoice"]
failed = { "Result, coded" = ["failed", "blocked"] }
blocks = ["Block invoice"]
item = "item"
allowed = ["Second approval"]
"""
RULES = ReworkRules(
    ("amount", "vendor"),
    ("Change price",),
    ("Reject invoice",),
    {"Result, coded": ("failed", "blocked")},
    ("Block invoice",),
    "item",
    ("Second approval",),
)


def _load(folder: Path, text: str) -> Card:
    (folder / "log.card.toml").write_text(text, encoding="utf-8")
    return load(folder / "log.card.toml")


def test_rules_are_read_as_they_are_written(tmp_path: Path) -> None:
    """Every key is optional, a single name may stand for a list, and the activities are told with their keys."""
    assert _load(tmp_path, CARD).rework == RULES
    assert _load(tmp_path, "finmine_card = 1\n").rework == ReworkRules()
    assert list(RULES.activities())[:2] == [("changes", "Change price"), ("returns", "Reject invoice")]


def test_a_draft_reads_back_the_same(tmp_path: Path) -> None:
    """What is declared is written so that it is read again; what is not is shown as a comment."""
    assert _load(tmp_path, draft(Card(rework=RULES))).rework == RULES
    assert _load(tmp_path, draft(Card())).rework == ReworkRules()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tracked = []", "at least one text, each once"),
        ('returns = ["a", "a"]', "at least one text, each once"),
        ("allowed = 3", "a text or a list of texts"),
        ('failed = "blocked"', r"a table \[failed\]"),
        ("failed = { result = [] }", "failed result is"),
        ('tracked = ["item"]\nitem = "item"', "another item is another part, not a correction"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, line: str, said: str) -> None:
    """Empty and doubled lists, other types, and an item that is also tracked."""
    with pytest.raises(BadCard, match=said):
        _load(tmp_path, f"finmine_card = 1\n[rework]\n{line}\n")


def test_an_unknown_key_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """A slip of the pen is met with the key that was meant."""
    with pytest.raises(UnknownWord, match="'return'.*Did you mean 'returns'"):
        _load(tmp_path, 'finmine_card = 1\n[rework]\nreturn = ["Reject invoice"]\n')
