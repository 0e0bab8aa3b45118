"""Dispositions: what an auditor says became of findings, in a CSV with a row for each; none is ever deleted, a later one stands for an earlier."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from finmine.auditing.auditor_table import BadTable, filled_in
from finmine.errors import nearest

DISPOSITIONS = {
    "accepted": "it is as the finding says, and who answers for it lets it stand",
    "corrected": "it was as the finding says, and was put right",
    "false": "it is not as the finding says: what the log holds misleads",
}
"""What can become of a finding, and what that means."""
MOST_DISPOSED = 1_000_000
_COLUMNS = ("rule", "case", "disposition", "who", "when", "why")


class BadDispositions(BadTable):
    """A file of dispositions cannot be what it should be."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """What became of one finding, the one of a rule in a case: who says so since when, and why; ``row`` is where it stands."""

    rule: str
    case: str
    disposition: str
    who: str
    when: date
    why: str
    row: int


@dataclass(frozen=True, slots=True)
class Dispositions:
    """The dispositions in a file, in their order."""

    name: str
    rows: tuple[Disposition, ...]

    def cases(self) -> frozenset[str]:
        """The cases that they are about."""
        return frozenset(one.case for one in self.rows)

    def of(self, findings: Collection[tuple[str, str]], rules: Collection[str]) -> dict[tuple[str, str], Disposition]:
        """The disposition that stands for each of these findings (rule and case): the latest, of one day the one further down.

        Raises:
            BadDispositions: one is of a finding that there is not.
        """
        known = frozenset(findings)
        for one in self.rows:
            if one.rule not in rules:
                raise BadDispositions(self.name, one.row, f"the policy has no rule {one.rule!r}.{nearest(one.rule, rules)}")
            if (one.rule, one.case) not in known:
                raise BadDispositions(
                    self.name,
                    one.row,
                    f"there is no finding of the rule {one.rule!r} in a case {one.case!r}; audit the log, with the filters, in which it was found, or take the row out.",
                )
        return {(one.rule, one.case): one for one in sorted(self.rows, key=lambda one: (one.when, one.row))}


def load_dispositions(path: Path) -> Dispositions:
    """The dispositions in a file.

    Raises:
        BadDispositions: it cannot be read, or a value in it cannot be; its row is named.
    """
    try:
        return read_dispositions(path.name, path.read_bytes())
    except OSError as error:
        raise BadDispositions(path.name, None, f"it cannot be read: {error.strerror}") from None


def read_dispositions(name: str, data: bytes) -> Dispositions:
    """The dispositions that the bytes of a file hold; raises as ``load_dispositions``."""
    return Dispositions(name, tuple(_read(name, row, said) for row, said in filled_in(name, data, _COLUMNS, BadDispositions)))


def _read(name: str, row: int, said: dict[str, str]) -> Disposition:
    given = {column: text.strip() for column, text in said.items()}
    for column in ("disposition", "who", "when", "why"):
        if not given[column]:
            raise BadDispositions(name, row, f"nothing stands under {column}; say it")
    if given["disposition"].casefold() not in DISPOSITIONS:
        raise BadDispositions(name, row, f"{given['disposition']!r} stands under disposition; it must be one of {', '.join(DISPOSITIONS)}")
    try:
        when = date.fromisoformat(given["when"])
    except ValueError:
        raise BadDispositions(name, row, f"{given['when']!r} stands under when; it must be a day such as 2026-12-31") from None
    return Disposition(said["rule"], said["case"], given["disposition"].casefold(), given["who"], when, given["why"], row)
