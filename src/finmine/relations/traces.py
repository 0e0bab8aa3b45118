"""Traces: one row for each case, with its first and last activity, its throughput time and the key of its variant.

A variant is keyed by the length of the trace and two residues over (activity, position): integers of fixed
size that every engine can compute. That equal keys mean equal traces is proved by ``prove_keys``.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from finmine.relations.tables import activity_labels, case_table
from finmine.relations.units import units

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.engine import Rows
    from finmine.log import EventLog

VARIANT_KEY = ("length", "residue_one", "residue_two")
# Two different primes: one alone would make the residues polynomials in (activity, position), which collide on real logs.
_PRIMES = (2_147_483_647, 2_147_483_629)
_FACTS = ("label", "status", "outcome", "amount", "currency", "reported")


def trace_facts(these: ir.Table) -> ir.Table:
    """The facts of each trace of the given units."""
    import ibis

    def residue(of_activity: int, of_position: int) -> ir.IntegerScalar:
        mixed = ((these.activity.cast("int64") + 1) * of_activity + these.position.cast("int64") * of_position) % _PRIMES[0]
        square = (mixed * mixed) % _PRIMES[0]
        return ((square * square) % _PRIMES[1]).sum().cast("int64")

    return these.group_by("case").aggregate(
        length=these.count(),
        started=ibis.coalesce(these.start, these.time).min(),
        ended=these.time.max(),
        first_activity=these.activity.argmin(these.position),
        last_activity=these.activity.argmax(these.position),
        residue_one=residue(1_000_003, 7_919),
        residue_two=residue(15_485_863, 104_729),
    )


def traces(log: EventLog) -> ir.Table:
    """One row for each case that the filters keep: trace facts, ``throughput`` in microseconds, status and money as read.

    ``money`` is the amount that can be added up (one currency, or the reporting currency), missing where none can.
    """
    import ibis

    cases = case_table(log)
    if log.edited:
        facts = trace_facts(units(log))
        known = cases.select("case", *_FACTS)
        cases = facts.join(known, "case").select(*facts.columns, *_FACTS)
    elif log.filters:
        cases = cases.semi_join(units(log), "case")
    money = cases[log.money.column] if log.money else ibis.null("decimal(38, 6)")
    return cases.mutate(throughput=cases.ended - cases.started, money=money)


def variants(log: EventLog) -> ir.Table:
    """One row for each distinct trace: its number of cases and one representative case."""
    these = traces(log)
    return these.group_by(list(VARIANT_KEY)).aggregate(cases=these.count(), representative=these.case.min())


class VariantsCollide(Exception):
    """Two different traces have one variant key: a fault of finmine, with which no answer about variants is right."""

    def __init__(self) -> None:
        super().__init__("two different traces got the same variant key, so that no answer about variants would be right")


class _Fetches(Protocol):
    """A log, or the engine in which one is being read."""

    def fetch(self, expression: ir.Table) -> Rows: ...


def prove_keys(source: _Fetches, these: ir.Table, facts: ir.Table) -> None:
    """Prove that the keys of the traces of these units are exact: no key and position has more than one activity.

    Raises:
        VariantsCollide: two different traces have one key.
    """
    if source.fetch(_collisions(these, facts)).column("collisions")[0]:
        raise VariantsCollide


def _collisions(these: ir.Table, facts: ir.Table) -> ir.Table:
    """The number of (variant, position) with more than one activity."""
    joined = these.select("case", "position", "activity").join(facts.select("case", *VARIANT_KEY), "case")
    places = joined.group_by([*VARIANT_KEY, "position"]).aggregate(low=joined.activity.min(), high=joined.activity.max())
    return places.filter(places.low != places.high).aggregate(collisions=lambda found: found.count())


def spelled_traces(log: EventLog, representatives: ir.Table) -> ir.Table:
    """The units of the given cases with the names of their activities, in order."""
    kept = units(log).semi_join(representatives, "case")
    named = kept.join(activity_labels(log), "activity")
    return named.select("case", "position", "label").order_by("case", "position")


def trace_labels(spelled: Rows) -> dict[int, tuple[str, ...]]:
    """The activities of each spelled case, in order."""
    rows = zip(spelled.column("case"), spelled.column("label"), strict=True)
    return {int(str(case)): tuple(str(label) for _, label in steps) for case, steps in groupby(rows, key=lambda row: row[0])}


def written(labels: tuple[str, ...]) -> str:
    """A trace in a line; immediate repeats are folded and counted."""
    parts = []
    for label, repeats in groupby(labels):
        times = len(list(repeats))
        parts.append(f"{label} × {times}" if times > 1 else label)
    return " → ".join(parts)
