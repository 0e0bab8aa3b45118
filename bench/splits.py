"""How well split purchases are found: purchases with planted splits, and the precision and recall by how many signs are asked for.

Honest purchases are many with few vendors, so that some pass a limit together by chance. Each split parts one purchase above a limit into two to four
below it, in a way of its own. A purchase counts as found wrongly wherever it was not planted. Everything is seeded; the figures are printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, TypeAlias

import pyarrow as pa

import finmine
from finmine.auditing.split_ranges import SIGNS
from finmine.card import Card

Purchase: TypeAlias = dict[str, Any]

LIMITS = (1000, 5000)
HOW = {
    "one day, just below the limit": (1, True, True),
    "one day": (1, False, True),
    "a week, just below the limit": (7, True, True),
    "a month, just below the limit": (30, True, True),
    "a week, other approvers, just below the limit": (7, True, False),
    "a month, other approvers": (30, False, False),
}
"""The days within which each kind of split falls, whether its amounts lie just below the limit, and whether one person approves all of it."""
_NAMES = ("vendor", "cost_centre", "purchase_order", "document_date")


def purchases(number: int, chance: Random) -> list[Purchase]:
    """Honest purchases of a year: amounts from a few to many thousands, vendors of very different size."""
    vendors, people = [f"Vendor {place:03d}" for place in range(150)], [f"user {place:02d}" for place in range(60)]
    return [
        {
            "vendor": vendors[int(150 * chance.random() ** 2)],
            "amount": round(chance.lognormvariate(6.2, 1.4) + 0.01, 2),
            "document_date": date(2024, 1, 1) + timedelta(days=chance.randrange(360)),
            "requester": chance.choice(people),
            "approver": f"chief {chance.randrange(12):02d}",
            "cost_centre": str(4000 + chance.randrange(25)),
            "purchase_order": str(4_500_000_000 + 7 * place),
        }
        for place in range(number)
    ]


def split(how: str, chance: Random, made: Sequence[Purchase]) -> list[Purchase]:
    """One purchase above a limit as several of at most the limit."""
    days, near, one = HOW[how]
    like, limit, parts = chance.choice(made), chance.choice(LIMITS), chance.randrange(2, 5)
    low = 0.9 if near else 1.05 / parts
    own = {**like, "document_date": date(2024, 1, 1) + timedelta(days=chance.randrange(330))}
    return [
        {
            **own,
            "amount": round(limit * chance.uniform(low, 1.0), 2),
            "document_date": own["document_date"] + timedelta(days=chance.randrange(days)),
            "approver": own["approver"] if one else f"chief {chance.randrange(12):02d}",
            "purchase_order": str(int(own["purchase_order"]) + (place + 1 if days == 1 else 7 * place)),
        }
        for place in range(parts)
    ]


def planted(number: int, each: int, seed: int) -> tuple[list[Purchase], dict[str, str]]:
    """Purchases with so many splits of each kind, and the kind of each purchase that belongs to one, by its case."""
    chance = Random(seed)  # noqa: S311 - made-up purchases are no secret
    made = purchases(number, chance)
    kinds: dict[str, str] = {}
    for how in HOW:
        for place in range(each):
            for part in split(how, chance, made[:number]):
                kinds[f"P{len(made):06d}"] = f"{how}|{place}"
                made.append(part)
    return made, kinds


def log_of(made: Sequence[Purchase]) -> finmine.EventLog:
    """The purchases as a log: each is asked for and approved on its day."""
    rows = [
        {"case": f"P{place:06d}", "activity": activity, "timestamp": f"{one['document_date']} {hour:02d}:00:00", "resource": one[who]}
        | {"amount": f"{one['amount']:.2f}", **{name: str(one[name]) for name in _NAMES}}
        for place, one in enumerate(made)
        for activity, hour, who in (("Create purchase order", 9, "requester"), ("Approve purchase order", 11, "approver"))
    ]
    table = pa.table({name: [row[name] for row in rows] for name in rows[0]})
    return finmine.read(table, card=Card(attributes={name: name for name in _NAMES}), zone="UTC", people="names")


def measured(number: int, each: int, seed: int, asked: Sequence[int] = tuple(range(1, len(SIGNS)))) -> list[dict[str, Any]]:
    """For each number of signs: precision and recall of purchases, and of each kind the splits of which a purchase is found."""
    made, kinds = planted(number, each, seed)
    log = log_of(made)
    told = []
    for signs in asked:
        answer = finmine.splits(log, limit=tuple(map(str, LIMITS)), signs=signs)
        found = {row["document"] for row in answer.purchases()}
        sets = {how: {kinds[case] for case in found & set(kinds) if kinds[case].startswith(f"{how}|")} for how in HOW}
        right = len(found & set(kinds))
        figures = {"signs": signs, "found": len(found), "precision": right / max(len(found), 1), "recall": right / len(kinds)}
        told.append({**figures, "kinds": {how: len(these) / each for how, these in sets.items()}})
    return told


def main(arguments: Sequence[str] | None = None) -> None:
    """Plant, find, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--purchases", type=int, default=10_000, help="how many honest purchases there are")
    parser.add_argument("--each", type=int, default=50, help="how many splits of each kind are planted")
    asked = parser.parse_args(arguments)
    for figures in measured(asked.purchases, asked.each, seed=1):
        print(f"{figures['signs']} signs: {figures['found']:,} purchases, precision {figures['precision']:.1%}, recall {figures['recall']:.1%}")
        for how, recall in figures["kinds"].items():
            print(f"   {how}: {recall:.0%} of the splits")


if __name__ == "__main__":
    main()
