"""Tables with one row for each document, on a log card: which column holds the date of each activity, and which says who did it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from finmine.card_values import bare_key, quoted, table, text

_DATE_ENDING = re.compile(r"[ _-]?(on|at|date|day|time)$")
_PERSON_ENDING = re.compile(r"[ _-]?by$")


def read_person_of(said: Mapping[str, Any], place: str) -> dict[str, str]:
    """The column that says who did each activity, under ``[person_of]``."""
    return {name: text(value, f"{place} [person_of] {name}") for name, value in table(said, "person_of", place).items()}


def draft_dates(dates: Mapping[str, tuple[str, ...]], person_of: Mapping[str, str], columns: Iterable[str]) -> Iterator[str]:
    """The facts as lines of a card; where a column beside a date may say who did it, a comment says so."""
    if not dates:
        return
    yield from ("", "[dates]")
    yield from (f"{bare_key(name)} = [{', '.join(map(quoted, names))}]" for name, names in dates.items())
    beside = {name: column for name, column in persons_beside(dates, columns).items() if name not in person_of}
    if person_of:
        yield from ("", "[person_of]", *(f"{bare_key(name)} = {quoted(column)}" for name, column in person_of.items()))
    elif beside:
        yield from ("", "# [person_of]           # who did it, where a column says so for one date: nobody is taken from these columns without it")
    yield from (f"# {bare_key(name)} = {quoted(column)}" for name, column in beside.items())


def persons_beside(dates: Mapping[str, tuple[str, ...]], columns: Iterable[str]) -> dict[str, str]:
    """By activity the column that is called like its date, but ends in "by": ``approved_by`` beside ``approved_on``."""
    stems = {_PERSON_ENDING.sub("", folded): column for column in columns if _PERSON_ENDING.search(folded := column.casefold())}
    dated = {name: _DATE_ENDING.sub("", names[0].casefold()) for name, names in dates.items()}
    return {name: stems[stem] for name, stem in dated.items() if stem in stems}
