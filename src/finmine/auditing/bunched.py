"""How the amounts of purchases lie around each limit: of all, of each requester and vendor, and of what each approver signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import ibis

from finmine.auditing.asked_limits import Limit
from finmine.stats.bunching import REACH, bunching
from finmine.stats.discoveries import adjusted

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

WIDTHS = (1, 2, 5)
"""The widths, in percent of the limit, within which amounts just below and just above it are compared."""
OF = ("all", "requester", "vendor", "approver")


class Tested(NamedTuple):
    """The tests of one family, and how many units and limits had too few amounts around to be tested."""

    rows: tuple[Record, ...]
    untested: int


def points(limits: Sequence[Limit]) -> tuple[Limit, ...]:
    """The limits, and after them amounts that are none but as round: half of each and twice each, as placebos."""
    placebos = {limit._replace(amount=limit.amount * factor / 2) for limit in limits for factor in (1, 4)} - set(limits)
    return (*limits, *sorted(placebos))


def histogram(at: ir.Table, least: int, limits: int) -> ir.Table:
    """How many purchases lie in each percent of each point: side, unit, place, percent (as ``bunching`` has it), documents.

    Of all purchases at every point; of a requester, vendor or approver at limits with at least so many around.
    """
    near = at.filter(at.worth * 100 >= at.bound * (100 - REACH), at.worth * 100 <= at.bound * (100 + REACH))
    worth, limit = (near.worth * 100).round().cast("int64"), (near.bound * 100).round().cast("int64")
    below, above = (worth * 100) // limit, (worth * 100 + limit - 1) // limit - 1
    percent = ibis.cases((worth < limit, below), (worth == limit, 99), else_=above)
    sides = ibis.literal(list(range(len(OF))), type="array<int32>").unnest().name("side").as_table()
    both = near.mutate(percent=percent.cast("int64")).cross_join(sides)
    unit = ibis.cases((both.side == 0, ""), (both.side == 1, both.requester), (both.side == 2, both.vendor), else_=both.approver)
    both = both.mutate(unit=unit)
    kept = both.filter(both.unit.notnull(), (both.side < OF.index("approver")) | both.signed)
    whole = kept.mutate(around=kept.count().over(ibis.window(group_by=["side", "unit", "place"])))
    told = whole.filter(((whole.around >= least) & (whole.place < limits)) | (whole.side == 0))
    return told.group_by(["side", "unit", "place", "percent"]).aggregate(documents=told.count()).order_by("side", "unit", "place", "percent")


def tested(rows: Iterable[Record], these: Sequence[Limit], limits: int, own: bool) -> Tested:
    """Each unit at each point with the width that tells most; ``q`` is over every test that was made at limits, ``placebo`` marks points that are none.

    With ``own`` the limits are those of approvers, above which they sign nothing.
    """
    counts: dict[tuple[int, str, int], dict[int, int]] = {}
    for row in rows:
        counts.setdefault((row["side"], row["unit"], row["place"]), {})[row["percent"]] = row["documents"]
    made: list[dict[str, Any]] = []
    untested = 0
    for (side, unit, place), found in counts.items():
        answers = [(width, bunching(found, width, only_below=own and OF[side] == "approver")) for width in WIDTHS]
        untested += place < limits and all(answer is None for _, answer in answers)
        made += [
            {
                "side": OF[side],
                "unit": unit or None,
                "place": place,
                "limit": these[place],
                "placebo": place >= limits,
                "width": width,
                **answer._asdict(),
            }
            for width, answer in answers
            if answer is not None
        ]
    for placebo in (False, True):
        family = [row for row in made if row["placebo"] == placebo]
        for row, q in zip(family, adjusted([row["p"] for row in family]), strict=True):
            row["q"] = float(q)
    best: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in made:
        key = (row["side"], row["unit"], row["place"])
        if key not in best or row["p"] < best[key]["p"]:
            best[key] = row
    order = sorted(best.values(), key=lambda row: (row["placebo"], row["q"], row["p"], OF.index(row["side"]), row["unit"] or "", row["place"]))
    return Tested(tuple(order), untested)


def as_shown(row: Record) -> Record:
    """A test as it is shown."""
    return {
        "bunching_of": row["side"],
        "unit_name": row["unit"],
        "limit_amount": row["limit"].amount,
        "currency": row["limit"].currency or None,
        "is_limit": "no, as round" if row["placebo"] else "yes",
        "width_share": row["width"] / 100,
        "just_below": row["below"],
        "near_limit": row["of"],
        "below_share": row["below"] / row["of"] if row["of"] else None,
        "below_expected": row["expected"],
        "p": row["p"],
        "q": row["q"],
    }
