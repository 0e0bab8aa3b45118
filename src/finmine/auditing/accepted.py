"""Accepted deviations: a TOML file in which somebody takes upon himself, until a day, that cases differ from the model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from finmine.auditing.toml_reader import BadToml, TomlReader
from finmine.errors import Refusal, nearest
from finmine.words import SECOND

VERSION = 1
MOVES = ("log", "model")
_KEYS = ("move", "activity", "after", "owner", "why", "until")


class BadAccepted(BadToml):
    """A file of accepted deviations says something that cannot be."""

    noun = "accepted deviations"


class NoAcceptedFile(Refusal):
    """The file of accepted deviations is not there, or cannot be read."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"the accepted deviations {str(path)!r} cannot be read: {problem}. Give a file that is there.")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A deviation that its owner accepts in cases that end until a day: on log (done beside the model) or on model (left out).

    ``after`` is the activity after which, ``""`` for the start of the case; where it is missing the deviation is accepted everywhere.
    """

    move: str
    activity: str
    after: str | None
    owner: str
    why: str
    until: date

    def words(self) -> str:
        """What is accepted, in words."""
        place = "" if self.after is None else f" after {self.after}" if self.after else " at the start"
        return f"{self.activity} {'done beside the model' if self.move == 'log' else 'left out'}{place}"

    def covers(self, kind: str, activity: str | None, after: str | None) -> bool:
        """Whether it is about a deviation: a move on log or on model, its activity, and the one after which it is (none at the start)."""
        place = self.after is None or self.after == (after or "")
        return place and kind == f"on {self.move}" and activity == self.activity

    def ends(self, zone: str) -> int:
        """The instant at which its last day ends on the clocks of a zone, in microseconds since 1970 UTC."""
        following = self.until + timedelta(days=1) if self.until < date.max else self.until  # the calendar has no day after its last
        return int(datetime.combine(following, time(), ZoneInfo(zone)).timestamp()) * SECOND


def accepted_deviations(path: Path, activities: Collection[str]) -> tuple[Accepted, ...]:
    """The accepted deviations in a file, of the activities of the log and the model.

    Raises:
        NoAcceptedFile: there is no such file.
        BadAccepted: it is not what it should be; the key and its line are named.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NoAcceptedFile(path, error.strerror or str(error)) from None
    return _Reader(path.name, data).accepted(activities)


def reasons(name: str, data: bytes) -> tuple[str, ...]:
    """Why deviations are accepted, as a file says it.

    Raises:
        BadAccepted: it is not TOML in UTF-8.
    """
    return tuple(str(entry.get("why")) for entry in _Reader(name, data).entries())


class _Reader(TomlReader):
    refusal = BadAccepted

    def accepted(self, activities: Collection[str]) -> tuple[Accepted, ...]:
        self._known(self.said, ("finmine_accepted", "accepted"), "")
        if type(self.said.get("finmine_accepted")) is not int or self.said["finmine_accepted"] != VERSION:
            self._must("finmine_accepted", self.said.get("finmine_accepted"), f"the version of the format, {VERSION}")
        return tuple(self._one(entry, f"accepted[{place}]", activities) for place, entry in enumerate(self.entries(), 1))

    def entries(self) -> list[Mapping[str, Any]]:
        return self._tables(self.said.get("accepted", []), "accepted")

    def _one(self, said: Any, place: str, activities: Collection[str]) -> Accepted:
        self._known(said, _KEYS, place)
        if said.get("move") not in MOVES:
            self._must(f"{place}.move", said.get("move"), "log (done beside the model) or model (left out)")
        activity = self._activity(said.get("activity"), f"{place}.activity", activities)
        after = said.get("after")
        if after is not None and after != "":
            after = self._activity(after, f"{place}.after", activities)
        owner, why = (self._text(said.get(key), f"{place}.{key}") for key in ("owner", "why"))
        return Accepted(said["move"], activity, after, owner, why, self._day(said.get("until"), f"{place}.until"))

    def _activity(self, value: object, key: str, activities: Collection[str]) -> str:
        text = self._text(value, key)
        if text not in activities:
            self._refuse(key, f"neither the log nor the model has an activity {text!r}.{nearest(text, activities)}")
        return text
