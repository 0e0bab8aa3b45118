"""What was found when the cases of a sample were looked at: a CSV with a column ``case`` and a column ``audited`` (money) or ``deviation``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from finmine.auditing.auditor_table import BadTable, filled_in
from finmine.errors import nearest

_YES = {"yes": True, "y": True, "1": True, "true": True, "no": False, "n": False, "0": False, "false": False}


class BadFindings(BadTable):
    """The file of what was found cannot be what it should be."""


def audited_amounts(path: Path, drawn: Collection[str]) -> dict[str, Decimal]:
    """The amount that was found right for each drawn case.

    Raises:
        BadFindings: a drawn case is missing or twice, another is there, or an amount cannot be read; its row is named.
    """
    return {case: _amount(path, row, text) for case, (row, text) in _read(path, "audited", drawn).items()}


def deviations(path: Path, drawn: Collection[str], second: Collection[str] = ()) -> dict[str, bool]:
    """Whether each drawn case deviates; the cases of a second stage may all be missing.

    Raises:
        BadFindings: as for ``audited_amounts``.
    """
    found: dict[str, bool] = {}
    for case, (row, text) in _read(path, "deviation", drawn, second).items():
        if text.strip().casefold() not in _YES:
            raise BadFindings(path.name, row, f"{text!r} stands under deviation; it must be yes or no")
        found[case] = _YES[text.strip().casefold()]
    return found


def _amount(path: Path, row: int, text: str) -> Decimal:
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise BadFindings(path.name, row, f"{text!r} stands under audited; it must be an amount such as 1234.56")
    return amount


def _read(path: Path, column: str, drawn: Collection[str], second: Collection[str] = ()) -> Mapping[str, tuple[int, str]]:
    """The text of a column for each drawn case, with its row; the header is row 1."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFindings(path.name, None, f"it cannot be read: {error.strerror}") from None
    found: dict[str, tuple[int, str]] = {}
    for row, record in filled_in(path.name, data, ("case", column), BadFindings):
        case, value = record["case"], record[column]
        if case not in drawn:
            raise BadFindings(path.name, row, f"the case {case!r} was not drawn by this plan and seed.{nearest(case, drawn)}")
        if case in found:
            raise BadFindings(path.name, row, f"the case {case!r} stands in row {found[case][0]} already")
        found[case] = (row, value)
    missing = [case for case in drawn if case not in found]
    if missing and {*missing} != {*second}:
        shown = ", ".join(map(repr, missing[:5]))
        raise BadFindings(path.name, None, f"{len(missing)} of {len(drawn)} drawn cases are not in it: {shown}{', …' if len(missing) > 5 else ''}")
    return found
