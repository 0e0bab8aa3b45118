"""Characters that people can see, widths, and code pages."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.render.characters import columns, printable, shorten, shorten_apart, storable, visible_characters, visible_sentence, wrapped

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
ENCODINGS = ("ascii", "cp437", "cp850", "cp1252", "latin-1", "utf-8", "utf-16", "shift_jis", "no such page", "hex", None)


@given(ANY_TEXT)
def test_nothing_is_left_that_a_terminal_or_a_line_of_text_would_obey(text: str) -> None:
    """No control character, no mark of direction and no lone surrogate survives, and every label is a visible text on one line."""
    shown = visible_characters(text)
    assert shown
    assert shown.strip() == shown
    assert not [sign for sign in shown if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [sign for sign in shown if unicodedata.bidirectional(sign) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")]
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "«empty»"),
        ("a\nb", "a¶b"),
        ("a\r\nb", "a¶b"),
        ("a\tb", "a\\tb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("Approve ", "Approve·"),
        (" \u00a0x", "··x"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("Rechnung prüfen", "Rechnung prüfen"),
    ],
)
def test_what_is_hidden_is_shown(text: str, shown: str) -> None:
    """Each kind of hidden character has its visible sign, and ordinary text stays as it is."""
    assert shown == visible_characters(text)


@given(ANY_TEXT, st.integers(1, 30))
def test_a_shortened_text_fits_and_keeps_both_ends(text: str, width: int) -> None:
    """Cutting never makes a text wider than asked, and what fits is not cut."""
    text = visible_characters(text)
    short = shorten(text, width)
    assert columns(short) <= width
    assert (short == text) == (columns(text) <= width)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Check request → Approve by team lead → Register payment", "Check request → … → Register payment"),
        ("Declaration FINAL_APPROVED_by_somebody_of_long_name", "Declaration FINAL_APP…omebody_of_long_name"),
        ("RechnungseingangsprüfungsfreigabeimZahlungslauf", "Rechnungseingangsprüf…eigabeimZahlungslauf"),
    ],
)
def test_a_text_is_cut_between_its_words(text: str, short: str) -> None:
    """Where blanks stand near the gap no word is torn; a long word is."""
    assert shorten(text, 42) == short


@given(st.lists(st.text("ab", min_size=20, max_size=24), max_size=12), st.integers(9, 12))
def test_different_texts_stay_different_when_shortened(texts: list[str], width: int) -> None:
    """Texts that would read the same are told apart by a number, and the same text reads the same everywhere."""
    short = shorten_apart(texts, width)
    assert len(set(short)) == len(set(texts))
    assert all((a == b) == (one == other) for a, one in zip(texts, short, strict=True) for b, other in zip(texts, short, strict=True))


@given(ANY_TEXT, st.integers(2, 30))
def test_wrapping_loses_no_letter(text: str, width: int) -> None:
    """Lines fit the width and together hold all letters of the text."""
    text = visible_characters(text)
    lines = wrapped(text, width)
    assert all(columns(line) <= width for line in lines)
    assert text.replace(" ", "") == "".join(lines).replace(" ", "")


def test_a_per_cent_sign_stays_with_its_number() -> None:
    """No line begins with the sign of a share whose number ends the line before."""
    assert wrapped("of all 12.5 % wait", 11) == ["of all", "12.5 % wait"]


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("承認", 4), ("e\u0301", 1), ("👍", 2), ("", 0)])
def test_widths_are_those_of_a_terminal(text: str, width: int) -> None:
    """Wide letters take two columns and combining marks none (Unicode Annex 11)."""
    assert width == columns(text)


@given(ANY_TEXT, st.sampled_from(ENCODINGS))
def test_every_console_can_print_it(text: str, encoding: str | None) -> None:
    """Whatever the code page, the text can be written to it, and text that it has is left alone."""
    shown = printable(text, encoding)
    known = encoding if encoding not in ("no such page", "hex", None) else "ascii"
    assert shown.encode(known) is not None
    assert printable(shown, encoding) == shown


def test_frames_and_bars_become_plain_signs() -> None:
    """Where a console has no frames, rules are dashes and bars are number signs; accents go before letters do."""
    assert printable("═ ─ ██▌ … é “x”", "ascii") == '= - ### ~ e "x"'
    assert printable("██ é", "cp437") == "██ é"


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cn")), max_size=60))
def test_stored_text_is_what_it_was(text: str) -> None:
    """Data keep every character that is not a control."""
    assert storable(text) == text


@given(ANY_TEXT)
def test_stored_text_has_no_controls(text: str) -> None:
    """Controls other than tab and line ends, and halves of characters, are written out."""
    assert not [sign for sign in storable(text) if unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\t\n\r"]


def test_a_name_as_long_as_a_page_does_not_fill_a_sentence() -> None:
    """A very long word and a very long sentence are cut in the middle; what people write is left as it is."""
    said = f"Half of the time lies between {'A' * 3000} and Pay."
    assert visible_sentence(said) == f"Half of the time lies between {'A' * 60}…{'A' * 59} and Pay."
    assert len(visible_sentence("word " * 2000)) <= 2500
    assert visible_sentence("of 1,200 cases " * 20) == "of 1,200 cases " * 20
