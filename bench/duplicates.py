"""How well duplicates are found: invoices with planted duplicates, and the precision and recall at each threshold.

Everything is seeded: the same figures come out everywhere. They are written as `bench/duplicates.json` and `docs/duplicates.md`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pyarrow as pa

import finmine
from finmine.card import Card

HERE = Path(__file__).parent
THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99)
DEFAULT = 0.9
Document: TypeAlias = dict[str, Any]

_FIRST = "Alder Beacon Cobalt Delta Ember Falcon Garnet Harbour Indigo Juniper Keystone Lumen Meridian Nimbus Orchard Pioneer Quartz Ridge Summit Tundra".split()
_SECOND = "Logistics Office Foods Energy Print Software Security Travel Steel Cleaning".split()
_FORMS = ("GmbH", "Ltd", "AG", "Inc.", "S.A.", "KG")


def invoices(number: int, chance: Random) -> list[Document]:
    """Honest invoices: vendors of very different size that number their invoices on, some with rents, some with many equal amounts."""
    vendors = [f"{first} {second} {chance.choice(_FORMS)}" for first in _FIRST for second in _SECOND]
    last = {vendor: chance.randrange(10_000, 900_000) for vendor in vendors}
    made: list[Document] = []
    for place in range(number):
        vendor = vendors[int(len(vendors) * chance.random() ** 2)]
        last[vendor] += chance.choice((1, 1, 2, 7, 40))
        amount = round(chance.lognormvariate(6, 1.3), 2) if chance.random() < 0.8 else float(chance.choice((50, 99, 100, 120, 250, 500, 1000)))
        made.append(
            {
                "vendor": vendor,
                "reference": f"{vendor[:2].upper()}-{last[vendor]:06d}",
                "amount": amount,
                "document_date": date(2024, 1, 1) + timedelta(days=chance.randrange(360)),
                "purchase_order": str(4_500_000_000 + place) if chance.random() < 0.7 else "",
                "company": chance.choice(("1000", "2000")),
            }
        )
    for vendor in vendors[::10]:
        rent = round(chance.uniform(300, 4000), 2)
        for month in range(1, 13):
            rented = {"vendor": vendor, "reference": f"{vendor[:2].upper()}-2024-{month:02d}", "amount": rent, "document_date": date(2024, month, 1)}
            made.append({**rented, "purchase_order": "", "company": "1000"})
    return made


def _respelled(one: Document, chance: Random) -> Document:
    return {**one, "reference": one["reference"].replace("-", chance.choice(("", " ", "/"))).replace("0", "O", 1)}


def _mistyped(one: Document, chance: Random) -> Document:
    text = one["reference"]
    place = chance.randrange(len(text) - 5, len(text) - 1)
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    changed = text[:place] + str((int(text[place]) + chance.randrange(1, 10)) % 10) + text[place + 1 :] if text[place].isdigit() else swapped
    return {**one, "reference": swapped if swapped != text and chance.random() < 0.5 else changed}


def _extended(one: Document, chance: Random) -> Document:
    return {**one, "reference": one["reference"] + chance.choice(("A", "-1", "/24"))}


def _amount_swapped(one: Document, chance: Random) -> Document:
    text = f"{one['amount']:.2f}"
    places = [
        place for place in range(len(text) - 1) if text[place] != text[place + 1] and "." not in text[place : place + 2] and (place or text[1] != "0")
    ]
    if not places:
        return one
    place = chance.choice(places)
    return {**one, "amount": float(text[:place] + text[place + 1] + text[place] + text[place + 2 :])}


def _gross(one: Document, _: Random) -> Document:
    return {**one, "amount": (round(one["amount"] * 100) * 119 + 50) // 100 / 100}


def _later(one: Document, chance: Random) -> Document:
    return {**one, "document_date": one["document_date"] + timedelta(days=chance.randrange(1, 6))}


def _other_record(one: Document, chance: Random) -> Document:
    name = one["vendor"].rpartition(" ")[0]
    return {**one, "vendor": chance.choice((f"{name.upper()} {chance.choice(_FORMS)}", name, name.replace(" ", "-")))}


def _unlike_record(one: Document, _: Random) -> Document:
    return {**one, "vendor": "".join(word[0] for word in one["vendor"].split()[:2]) + " Services"}


def _without_reference(one: Document, _: Random) -> Document:
    return {**one, "reference": ""}


def _without_order(one: Document, _: Random) -> Document:
    return {**one, "purchase_order": ""}


def _together(*changes: Callable[[Document, Random], Document]) -> Callable[[Document, Random], Document]:
    def changed(one: Document, chance: Random) -> Document:
        for change in changes:
            one = change(one, chance)
        return one

    return changed


KINDS: dict[str, Callable[[Document, Random], Document]] = {
    "recorded again as it is": lambda one, _: dict(one),
    "reference spelled otherwise": _respelled,
    "reference mistyped": _mistyped,
    "reference extended": _extended,
    "some days later": _later,
    "vendor under another record": _other_record,
    "digits of the amount swapped": _amount_swapped,
    "with tax": _gross,
    "reference mistyped, without order, some days later": _together(_mistyped, _without_order, _later),
    "vendor under another record, reference spelled otherwise": _together(_other_record, _respelled),
    "vendor under another record, reference mistyped, without order": _together(_other_record, _mistyped, _without_order),
    "vendor under an unlike name": _unlike_record,
    "without reference, some days later": _together(_without_reference, _later),
    "amount swapped, reference mistyped": _together(_amount_swapped, _mistyped),
}


def planted(number: int, each: int, seed: int) -> tuple[list[Document], dict[tuple[str, str], str]]:
    """Invoices with so many duplicates of each kind, and the kind of each planted pair."""
    chance = Random(seed)  # noqa: S311 - made-up invoices are no secret
    made = invoices(number, chance)
    truths = {}
    originals = chance.sample(range(number), each * len(KINDS))
    for place, original in enumerate(originals):
        kind = list(KINDS)[place % len(KINDS)]
        truths[f"D{original:06d}", f"D{len(made):06d}"] = kind
        made.append(KINDS[kind](made[original], chance))
    return made, truths


def log_of(made: Sequence[Document]) -> finmine.EventLog:
    """The invoices as a log of one event each."""
    names = ("vendor", "reference", "purchase_order", "company")
    columns = {name: [one[name] for one in made] for name in names}
    days = [one["document_date"].isoformat() for one in made]
    cases = [f"D{place:06d}" for place in range(len(made))]
    told = {"case": cases, "activity": ["Enter invoice"] * len(made), "timestamp": days, "amount": [f"{one['amount']:.2f}" for one in made]}
    card = Card(attributes={name: name for name in (*names, "document_date")})
    return finmine.read(pa.table({**told, **columns, "document_date": days}), card=card, zone="UTC")


def measured(number: int, each: int, seed: int) -> dict[str, Any]:
    """Precision and recall at each threshold with both kinds of weights, and the recall of each kind of duplicate at the default."""
    made, truths = planted(number, each, seed)
    log = log_of(made)
    told: dict[str, Any] = {"documents": len(made), "planted": len(truths), "seed": seed, "thresholds": [], "kinds": []}
    for weights in ("shipped", "learned"):
        found = finmine.duplicates(log, at_least=THRESHOLDS[0], weights=weights).pairs()
        for threshold in THRESHOLDS:
            pairs = {(pair["document"], pair["other_document"]) for pair in found if pair["chance"] >= threshold}
            pairs = {(min(pair), max(pair)) for pair in pairs}
            right = len(pairs & set(truths))
            told["thresholds"].append(
                {"weights": weights, "threshold": threshold, "found": len(pairs), "precision": right / len(pairs), "recall": right / len(truths)}
            )
            if (weights, threshold) == ("shipped", DEFAULT):
                told["kinds"] = [
                    {
                        "kind": kind,
                        "planted": sum(of == kind for of in truths.values()),
                        "found": sum(truths[pair] == kind for pair in pairs & set(truths)),
                    }
                    for kind in KINDS
                ]
    return told


def page(told: dict[str, Any]) -> str:
    """The figures as a page of the documentation."""
    lines = [
        "# Duplicates",
        "",
        f"How well `finmine duplicates` finds what was planted: {told['documents']:,} invoices with rents, equal amounts and vendors that number their",
        f"invoices on, among them {told['planted']:,} duplicates of {len(KINDS)} kinds. `python bench/duplicates.py` gives the same figures again. A pair counts as found",
        "wrongly wherever it was not planted. The chances that come with finmine are judgements; the learned ones are estimated from the log.",
        "",
        "| weights | threshold | pairs found | precision | recall |",
        "|---|---|---|---|---|",
        *(
            f"| {one['weights']} | {one['threshold']} | {one['found']:,} | {one['precision']:.1%} | {one['recall']:.1%} |"
            for one in told["thresholds"]
        ),
        "",
        f"With the shipped weights at the default threshold of {DEFAULT}:",
        "",
        "| kind of duplicate | planted | found |",
        "|---|---|---|",
        *(f"| {one['kind']} | {one['planted']} | {one['found']} |" for one in told["kinds"]),
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Plant, find, and write the figures and their page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000, help="how many honest invoices there are")
    parser.add_argument("--each", type=int, default=50, help="how many duplicates of each kind are planted")
    parser.add_argument("--json", type=Path, default=HERE / "duplicates.json", help="where the figures are written")
    parser.add_argument("--page", type=Path, default=HERE.parent / "docs" / "duplicates.md", help="where the page is written")
    asked = parser.parse_args(arguments)
    told = measured(asked.documents, asked.each, seed=1)
    asked.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    asked.page.write_text(page(told), encoding="utf-8")
    print(page(told))


if __name__ == "__main__":
    main()
