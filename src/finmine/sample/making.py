"""Making a sample log: its file, its card and its truths, each whole or not at all."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from finmine.card import beside
from finmine.errors import Refusal
from finmine.files import replacing
from finmine.sample.blueprint import Blueprint
from finmine.sample.cards import Written, card_text
from finmine.sample.formats import WRITERS, format_of
from finmine.sample.truths import Truth, joined, truths_text


class SampleNumberTooSmall(Refusal):
    """A sample log was asked for with a number of cases or a seed that cannot be."""

    def __init__(self, what: str, given: int, least: int) -> None:
        super().__init__(f"the {what} of a sample log is {least} or more; {given} was given. Leave it out for the default.")


class OtherCard(Refusal):
    """A card lies where that of a sample log would, and says something else."""

    def __init__(self, card: Path) -> None:
        super().__init__(
            f"{card} exists already and is not the card of this sample log; a card holds what people declared and is not written over. "
            "Move it away, or give the sample log another name."
        )


def write_sample(blueprint: Blueprint, target: Path, cases: int | None, seed: int) -> tuple[Path, ...]:
    """Write a sample log, its card and its truths, and say where they are.

    Raises:
        SampleNumberTooSmall: there are no cases, or the seed is negative.
        UnknownSampleFormat: the target's name ends in no known way.
        TooManyRowsForExcel: the log does not fit on a sheet.
        OtherCard: a card that says something else lies there already.
        CannotWrite: the folder is not there or may not be written to.
    """
    cases = blueprint.cases if cases is None else cases
    if cases < 1:
        raise SampleNumberTooSmall("number of cases", cases, 1)
    if seed < 0:
        raise SampleNumberTooSmall("seed", seed, 0)
    kind = format_of(target)
    card = beside(target)
    truths = card.with_name(card.name.removesuffix(".card.toml") + ".truths.json")
    with ExitStack() as files:
        truths_draft, card_draft, target_draft = (files.enter_context(replacing(path)) for path in (truths, card, target))
        rows, activities, money, found = 0, set[str](), Counter[str](), list[tuple[Truth, ...]]()
        with WRITERS[kind](target_draft, blueprint) as write:
            for part in blueprint.parts(seed, cases, "case" if kind == ".xes.gz" else "time"):
                write(part.table)
                rows += part.table.num_rows
                found.append(part.truths)
                activities |= part.activities
                money.update(part.money)
        text = card_text(blueprint, kind, Written(rows, cases, activities, money))
        if card.exists() and card.read_bytes() != text.encode():
            raise OtherCard(card)
        card_draft.write_text(text, encoding="utf-8", newline="\n")
        whole = [joined(lots) for lots in zip(*found, strict=True)]
        truths_draft.write_text(truths_text(blueprint.name, seed, cases, rows, whole), encoding="utf-8", newline="\n")
    return target, card, truths
