"""Text that is not UTF-8, or only in part, as UTF-8."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Recoded:
    """A text as UTF-8, with how many of its lines hold letters beyond ASCII that were UTF-8 before, and that were of Windows' cp1252."""

    text: Path
    utf_8: int = 0
    cp1252: int = 0


def recode(plain: Path, target: Path, encoding: str) -> Recoded:
    """A copy as UTF-8; for cp1252 a line that is UTF-8 as it stands is taken as such, for files put together from several sources.

    Raises:
        UnicodeError: it is not in the encoding.
    """
    if encoding != "cp1252":
        with plain.open(encoding=encoding, newline="") as file, target.open("w", encoding="utf-8", newline="") as out:
            shutil.copyfileobj(file, out, _CHUNK)
        return Recoded(target)
    utf_8, cp1252 = 0, 0
    with plain.open("rb") as lines, target.open("wb") as copy:
        for line in lines:
            if line.isascii():
                copy.write(line)
            elif _is_utf_8(line):
                utf_8 += 1
                copy.write(line)
            else:
                cp1252 += 1
                copy.write(line.decode("cp1252").encode())
    return Recoded(target, utf_8, cp1252)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
