"""TOML files of an auditor: values checked one by one, and refused with the file, the key and its line where one cannot be."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, NoReturn

from finmine.auditing.key_lines import key_lines
from finmine.errors import Refusal, nearest


class BadToml(Refusal):
    """A file says something that cannot be; ``noun`` is what the file is."""

    noun: ClassVar[str]

    def __init__(self, file: str, key: str, line: int | None, problem: str) -> None:
        place = f"{self.noun} {file}" + (f", line {line}" if line else "")
        super().__init__(f"{place}: {key}: {problem}" if key else f"{place}: {problem}")


class TomlReader:
    """Reads the values of one file; ``said`` is what it holds, ``refusal`` the class of its refusals."""

    refusal: ClassVar[type[BadToml]]

    def __init__(self, file: str, data: bytes) -> None:
        """The reader of a file's bytes.

        Raises:
            BadToml: they are not TOML in UTF-8.
        """
        self.file, self.lines = file, dict[str, int]()
        try:
            text = data.decode("utf-8-sig")
            self.said: Mapping[str, Any] = tomllib.loads(text)
        except UnicodeDecodeError as error:
            self._refuse("", f"it is not text in UTF-8 ({error.reason} at byte {error.start})")
        except tomllib.TOMLDecodeError as error:
            self._refuse("", f"it is not TOML: {error}")
        self.lines = key_lines(text)

    def _refuse(self, key: str, problem: str) -> NoReturn:
        raise self.refusal(self.file, key, self._line(key), problem)

    def _line(self, key: str) -> int | None:
        """The line of a key, else of the nearest table or list in which it stands; none where nothing of it is there."""
        top = key.partition(".")[0]
        places = (key, key.rpartition(".")[0], top, f"{top}[1]", top.partition("[")[0])
        return next((self.lines[place] for place in places if place in self.lines), None)

    def _must(self, key: str, value: object, wanted: str) -> NoReturn:
        """Refuse a value that is not what it must be, spelled as in TOML."""
        self._refuse(key, f"{'is missing' if value is None else f'is {_spelled(value)}'}; it must be {wanted}")

    def _known(self, said: Mapping[str, Any], known: Collection[str], place: str) -> None:
        for key in said:
            if key not in known:
                self._refuse(f"{place}.{key}" if place else key, f"there is no such key.{nearest(key, known)}")

    def _table(self, value: object, key: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self._must(key, value, "a table")
        return value

    def _tables(self, value: object, key: str) -> list[Mapping[str, Any]]:
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self._must(key, value, f"a list of tables, each under its own [[{key}]]")
        return value

    def _text(self, value: object, key: str) -> str:
        if not isinstance(value, str) or not value.strip():
            self._must(key, value, "a text that is not blank")
        return str(value)

    def _texts(self, value: object, key: str, *, none: bool = False) -> tuple[str, ...]:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts) or not (texts or none):
            self._must(key, value, "a text or a list of texts")
        return tuple(texts)

    def _day(self, value: object, key: str) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            self._must(key, value, "a day such as 2026-12-31, without quotes and without a time")
        return value


def _spelled(value: object) -> str:
    """A value as TOML spells it, texts in single quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_spelled(each)}' for key, each in value.items())} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_spelled, value))}]"
    return repr(value) if isinstance(value, str) else str(value)
