"""How well split purchases are found: purchases with planted splits, and the precision and recall by how many signs are asked for.

Honest purchases are many with few vendors, so that some pass a limit together by chance. Each split parts one purchase above a limit into two to four
below it, in a way of its own. A purchase counts as found wrongly wherever it was not planted. Everything is seeded: the same figures come out everywhere.
They are written as `bench/splits.json` and `docs/splits.md`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pyarrow as pa

import finmine
from finmine.auditing.split_ranges import SIGNS
from finmine.card import Card

Purchase: TypeAlias = dict[str, Any]

HERE = Path(__file__).parent
LIMITS, WINDOWS = (1000, 5000), (1, 3, 7, 30)
HOW = {
    "one day, just below the limit": (1, True, True),
    "one day": (1, False, True),
    "a week, just below the limit": (7, True, True),
    "a month, just below the limit": (30, True, True),
    "a week, other approvers, just below the limit": (7, True, False),
    "a month, other approvers": (30, False, False),
}
"""The days within which each kind of split falls, whether its amounts lie just below the limit, and whether one person approves all of it."""
_KINDS = "kinds"
REASONS = (
    "Why two signs are the default: the question says where to look, and what it leaves out nobody looks at. With two signs every split is found that falls on one",
    "day, lies just below the limit or was approved by one person, and nine of ten purchases that are shown belong to a split; what is lost are splits over a month by",
    "several approvers whose amounts lie anywhere. With three signs the tenth purchase goes, and with it every second split by several approvers within a week. With one",
    "sign nearly every second purchase stands there by chance. Ask for three signs where each finding raises an alarm, as in a nightly run, or where the log is so large that",
    "nobody can look at all of them. A window of a week instead of a month makes two signs a little surer, and loses splits that take longer.",
)
"""Why the default is as it is."""
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


def measured(number: int, each: int, seed: int, asked: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """For each number of signs and longest window: precision and recall of purchases, and of each kind the splits of which a purchase is found."""
    made, kinds = planted(number, each, seed)
    log = log_of(made)
    told = []
    for signs, longest in asked:
        windows = tuple(days for days in WINDOWS if days <= longest)
        answer = finmine.splits(log, limit=tuple(map(str, LIMITS)), signs=signs, days=windows)
        found = {row["document"] for row in answer.purchases()}
        sets = {how: {kinds[case] for case in found & set(kinds) if kinds[case].startswith(f"{how}|")} for how in HOW}
        right = len(found & set(kinds))
        figures = {"signs": signs, "days": longest, "found": len(found), "precision": right / max(len(found), 1), "recall": right / len(kinds)}
        told.append({**figures, _KINDS: {how: len(these) / each for how, these in sets.items()}})
    return told


def page(told: dict[str, Any]) -> str:
    """The figures as a page of the documentation."""
    whole = [one for one in told["figures"] if one["days"] == max(WINDOWS)]
    heads = [f"{one['signs']} sign{'' if one['signs'] == 1 else 's'}" for one in whole]
    lines = [
        "# Splits",
        "",
        f"How well `finmine splits` finds what was planted: {told['purchases']:,} honest purchases of a year from vendors of very different size, and",
        f"{told['planted']:,} splits of {len(HOW)} kinds, under limits of {' and '.join(f'{limit:,}' for limit in LIMITS)}. `python bench/splits.py` gives the same figures",
        "again. A purchase counts as found wrongly wherever it was not planted, though honest purchases can pass a limit together by chance: some of",
        "these an auditor would want to see, too.",
        "",
        "| signs asked for (`--signs`) | longest window in days (`--days`) | purchases found | precision | recall |",
        "|---|---|---|---|---|",
        *(f"| {one['signs']} | {one['days']} | {one['found']:,} | {one['precision']:.1%} | {one['recall']:.1%} |" for one in told["figures"]),
        "",
        "Of each kind of split, the share of which at least one purchase is found, with all windows:",
        "",
        f"| kind of split | {' | '.join(heads)} |",
        f"|---|{'---|' * len(whole)}",
        *(f"| {how} | {' | '.join(f'{one[_KINDS][how]:.0%}' for one in whole)} |" for how in HOW),
        "",
        *REASONS,
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Plant, find, and write the figures and their page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--purchases", type=int, default=10_000, help="how many honest purchases there are")
    parser.add_argument("--each", type=int, default=50, help="how many splits of each kind are planted")
    parser.add_argument("--json", type=Path, default=HERE / "splits.json", help="where the figures are written")
    parser.add_argument("--page", type=Path, default=HERE.parent / "docs" / "splits.md", help="where the page is written")
    asked = parser.parse_args(arguments)
    every = [(signs, longest) for longest in (max(WINDOWS), 7) for signs in range(1, len(SIGNS) + 1)]
    told = {"purchases": asked.purchases, "planted": asked.each * len(HOW), "figures": measured(asked.purchases, asked.each, 1, every)}
    asked.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    asked.page.write_text(page(told), encoding="utf-8")
    print(page(told))


if __name__ == "__main__":
    main()
