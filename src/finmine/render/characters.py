"""Characters that people can see: control characters made visible, widths on a terminal, and code pages.

Labels come from other people's files. A label must not move the cursor, colour a terminal, turn the direction of the
line (Unicode Technical Report 36, bidirectional text spoofing) or hide a difference from the reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

EMPTY = "«empty»"

# Controls (C0, DEL, C1), soft hyphen, marks and overrides of direction, invisible operators, line and paragraph
# separators, byte order marks, tags, lone surrogates and noncharacters. The joiners U+200C and U+200D stay: words of
# some languages and many emoji need them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SIGNS = {"\n": "¶", "\t": "\\t"}  # as word processors do; and the font of pictures has them
_BETWEEN_WORDS = re.compile(" (?!%)")
_LONGEST_WORD, _LONGEST_SENTENCE = 120, 2_500  # letters, of what is read as a sentence
_LONG_WORDS = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")
_EDGES = re.compile(r"^\s+|\s+$")
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("─", "-"),
        **dict.fromkeys("━═", "="),
        **dict.fromkeys("│┃", "|"),
        **dict.fromkeys("–—−‑", "-"),
        **dict.fromkeys("‘’‚", "'"),
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("▸→", ">"),
        "•": "*",
        "●": "o",
        "δ": "delta",
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        **dict(zip("▁▂▃▄▅▆▇█", "_.-=+*%#", strict=True)),
        **dict(zip("▏▎▍▌▋▊▉", "   ####", strict=True)),
        "░": "-",
        "…": "~",
        "¶": "\\n",
        "·": ".",
        "«": "<",
        "»": ">",
        "×": "x",
        "µ": "u",
        "≤": "<=",
        "≥": ">=",
    }
)


def visible_characters(text: str) -> str:
    r"""The text on one line with nothing hidden in it.

    ``¶`` stands for a line end, ``·`` for blanks at the edges, ``\t`` for a tab, ``\x1b`` and ``\u202e`` for what a terminal
    or a browser would obey, and ``«empty»`` for the empty text.
    """
    if not text:
        return EMPTY
    marked = _EDGES.sub(lambda blanks: re.sub(r"[^\S\x00-\x1f\x7f-\x9f\u2028\u2029]", "·", blanks[0]), text)
    return visible_prose(marked)


def visible_prose(text: str) -> str:
    """As ``visible_characters``, for sentences: blanks at the edges and the empty text are nothing to point at."""
    return _UNSEEN.sub(_sign, text.replace("\r\n", "\n"))


def visible_sentence(text: str) -> str:
    """As ``visible_prose``, but a name as long as a page does not fill a page: such a word, and such a sentence, is cut in the middle."""
    seen = visible_prose(text)
    if len(seen) <= _LONGEST_WORD:
        return seen
    return shorten(_LONG_WORDS.sub(lambda word: shorten(word[0], _LONGEST_WORD), seen), _LONGEST_SENTENCE)


def storable(text: str) -> str:
    """The text as data in a file: exactly as it is, but for controls that no file format carries safely, which are written out."""
    return _UNSTORABLE.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    return _SIGNS.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def columns(text: str) -> int:
    """How many columns of a terminal a text takes (wide letters and emoji take two, combining marks none: Unicode Annex 11)."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """The text cut in the middle to at most ``width`` columns, with ``…`` in the gap: both ends of a label tell it apart.

    Where little is lost by it, it is cut between words.
    """
    if columns(text) <= width:
        return text
    tail = _start(text[::-1], (width - 1) // 2)
    head = _start(text, width - 1 - columns(tail))
    return f"{_whole_words(head)}…{_whole_words(tail)[::-1]}"


def shorten_apart(texts: Sequence[str], width: int) -> list[str]:
    """Every text shortened; different texts that would read the same get ``(1)``, ``(2)``, … in their order."""
    cut = {text: shorten(text, width) for text in dict.fromkeys(texts)}
    readers = Counter(cut.values())
    seen: Counter[str] = Counter()
    for text, short in cut.items():
        if readers[short] > 1:
            seen[short] += 1
            mark = f" ({seen[short]})"
            cut[text] = shorten(text, max(1, width - len(mark))) + mark
    return [cut[text] for text in texts]


def _whole_words(start: str) -> str:
    """The beginning of a text up to its last blank, where that keeps two thirds of it."""
    kept = start[: start.rfind(" ") + 1]
    return kept if 3 * len(kept) >= 2 * len(start) else start


def _start(text: str, width: int) -> str:
    room = width
    kept = []
    for character in text:
        room -= _columns(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept)


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text broken at blanks, but not before a per cent sign, into at most ``width`` columns; a longer word is broken where it must be."""
    lines = [""]
    for word in _BETWEEN_WORDS.split(text):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if columns(joined) <= width:
            lines[-1] = joined
        else:
            pieces = _pieces(word, width)
            lines = [*lines, *pieces] if lines[-1] else [*lines[:-1], *pieces]
    return lines


def _pieces(word: str, width: int) -> list[str]:
    pieces = []
    while columns(word) > width:
        piece = _start(word, width) or word[0]
        pieces.append(piece)
        word = word[len(piece) :]
    return [*pieces, word]


def printable(text: str, encoding: str | None) -> str:
    r"""The text in characters that a console of this code page has; never raises.

    Frames and bars become ASCII, accents are dropped where the letter alone can be shown, anything else becomes its
    number (``\u4e2d``). An encoding nobody knows is taken for ASCII.
    """
    page = _page(encoding)
    if _speaks(page, text):
        return text
    return "".join(character if _speaks(page, character) else _replacement(page, character) for character in text)


def _page(encoding: str | None) -> str:
    try:
        "".encode(encoding or "ascii")
    except (LookupError, ValueError):
        return "ascii"
    return encoding or "ascii"


def _speaks(page: str, text: str) -> bool:
    try:
        text.encode(page)
    except UnicodeError:
        return False
    return True


def _replacement(page: str, character: str) -> str:
    plain = character.translate(_PLAIN)
    if plain != character:
        return plain
    letter = "".join(takewhile(lambda part: not unicodedata.combining(part), unicodedata.normalize("NFKD", character)))
    return letter if letter and _speaks(page, letter) else character.encode("ascii", "backslashreplace").decode()
