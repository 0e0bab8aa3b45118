"""Employees, and which vendors share something with one: a name, a bank account, an address, a tax number, a telephone number or an e-mail address.

Accounts, numbers and addresses are alike where their letters and digits are; names where their words are, in any order and without words of legal form.
Names of one word say too little, and are not compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from finmine.auditing.auditor_table import BadTable, filled_in
from finmine.relations.attributes import case_value_of, recorded_case_values, recorded_unit_values
from finmine.relations.documents import COMPANY_WORDS
from finmine.relations.tables import recorded_names, resource_labels
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.engine import Rows
    from finmine.log import EventLog

NAME = "name"
SHARED: dict[str, str] = {
    NAME: "name",
    "bank_account": "bank account",
    "address": "address",
    "tax_number": "tax number",
    "phone": "telephone number",
    "email": "e-mail address",
}
"""What a vendor and an employee can share: the column of the employees and the attribute of the log (of names, that of the vendor), and its name."""
_MOST = 50_000


class BadEmployees(BadTable):
    """A table of employees cannot be what it should be."""


@dataclass(frozen=True, slots=True)
class Employees:
    """What is known of employees: of each thing the spellings without their accidents, and for each who has it, as it is shown."""

    source: str
    number: int
    known: Mapping[str, Mapping[str, tuple[str, ...]]]


def load_employees(path: Path) -> Employees:
    """The employees in a CSV with columns of ``SHARED``, at least one.

    Raises:
        BadEmployees: it cannot be read, has none of the columns, or too many rows.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadEmployees(path.name, None, f"it cannot be read: {error.strerror}") from None
    rows = filled_in(path.name, data, (), BadEmployees, also=tuple(SHARED))
    if not rows or not rows[0][1]:
        raise BadEmployees(path.name, 1, f"it has no row, or no column of {', '.join(SHARED)}")
    if len(rows) > _MOST:
        raise BadEmployees(path.name, None, f"it has {len(rows):,} rows; at most {_MOST:,} can be compared")
    found: dict[str, dict[str, list[str]]] = {column: defaultdict(list) for column in rows[0][1]}
    for number, told in rows:
        for column, value in told.items():
            if key := key_of(column, value):
                found[column][key].append(f"{path.name} row {number}")
    return Employees(path.name, len(rows), {column: {key: tuple(who) for key, who in keys.items()} for column, keys in found.items()})


def persons_of(log: EventLog) -> Employees:
    """The people of a log by their names; nobody where it shows them as roles."""
    if not log.facts.has_resource or log.facts.people == "roles":
        return Employees("", 0, {})
    named = recorded_names(log).join(resource_labels(log).rename(who="label"), "resource").order_by("resource")
    found = defaultdict[str, list[str]](list)
    for row in log.fetch(named.select("label", "who")).records():
        if key := key_of(NAME, row["label"]):
            found[key].append(row["who"])
    return Employees("", sum(map(len, found.values())), {NAME: {key: tuple(who) for key, who in found.items()}})


def key_of(column: str, value: str) -> str:
    """A spelling without its accidents; empty where it says too little."""
    plain = "".join(letter if letter.isalnum() else " " for letter in value.lower()).split()
    if column != NAME:
        return "".join(plain)
    words = sorted(set(plain) - set(COMPANY_WORDS))
    return " ".join(words) if len(words) > 1 else ""


def compared(log: EventLog, employees: Sequence[Employees]) -> tuple[str, ...]:
    """What can be compared: the log has the attribute (of names, a vendor), and somebody's is known."""
    return tuple(column for column in SHARED if (column == NAME or column in log.attributes) and any(each.known.get(column) for each in employees))


def spellings(log: EventLog, documents: ir.Table, columns: Sequence[str]) -> ir.Table:
    """What the documents of each vendor say of it, without accidents of spelling: vendor_key, place (of the column), key, documents.

    Nothing of the employees is asked of the engine, so that no evidence holds their names or accounts.
    """
    told = [_of(log, documents, column, place) for place, column in enumerate(columns)]
    every = reduce(lambda one, other: one.union(other), told) if told else _of(log, documents, NAME, 0).limit(0)
    return every.group_by(["vendor_key", "place", "key"]).aggregate(documents=every.case.nunique()).order_by("vendor_key", "place", "key")


def in_common(spelled: Rows, columns: Sequence[str], employees: Sequence[Employees]) -> dict[str, str]:
    """For each vendor that shares something with an employee what it is and with whom, in words."""
    found: dict[str, str] = {}
    for row in spelled.records():
        column = columns[row["place"]]
        who = [name for each in employees for name in each.known.get(column, {}).get(row["key"], ())]
        if who:
            said = f"{SHARED[column]} ({', '.join(who)})"
            found[row["vendor_key"]] = f"{found[row['vendor_key']]}; {said}" if row["vendor_key"] in found else said
    return found


def _of(log: EventLog, documents: ir.Table, column: str, place: int) -> ir.Table:
    these = documents.select("case", "vendor_key", value="vendor")
    if column != NAME:
        values = (
            recorded_case_values(log, column) if case_value_of(log, column) else recorded_unit_values(log, column, units(log)).select("case", "value")
        )
        these = documents.select("case", "vendor_key").join(values.distinct(), "case").select("case", "vendor_key", "value")
    spelled = these.mutate(place=ibis.literal(place), key=_key(column, these.value))
    known = spelled.key.contains(" ") if column == NAME else spelled.key != ""
    return spelled.filter(known).select("case", "vendor_key", "place", "key")


def _key(column: str, value: ir.StringColumn) -> ir.StringColumn:
    plain = value.lower().re_replace(r"[^\p{L}\p{N}]+", " ").strip()
    if column != NAME:
        return plain.replace(" ", "")
    bare = plain.re_replace(rf"\b({'|'.join(COMPANY_WORDS)})\b", " ").re_replace(" +", " ").strip()
    return bare.split(" ").unique().sort().join(" ")
