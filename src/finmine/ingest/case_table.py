"""The table of cases: trace facts, status by declared end activities, and the money of each case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finmine.card import Card
from finmine.engine import Engine, literal_list, quoted_text
from finmine.errors import nearest
from finmine.finance.money import minor_digits
from finmine.ingest.case_money import CaseMoney
from finmine.ingest.core import CoreTables
from finmine.relations.tables import units_table
from finmine.relations.traces import prove_keys, trace_facts
from finmine.words import plural

if TYPE_CHECKING:
    import ibis.expr.types as ir


def build_cases(engine: Engine, core: CoreTables, card: Card, money: CaseMoney) -> tuple[str, tuple[str, ...]]:
    """Make the table of cases of a log as read; gives its name and script."""
    traces = engine.name("traces")
    units = units_table(core.units)
    facts = f'CREATE TABLE "{traces}" AS {engine.compile(trace_facts(units))}'
    engine.run(facts)
    table = engine.name("cases")
    idle = "(b.begun IS NULL OR b.begun <= t.ended) AND " if core.begun else ""
    ending = " ".join(f"WHEN {idle}a.label IN {literal_list(names)} THEN {quoted_text(outcome)}" for outcome, names in card.outcomes.items())
    outcome = f"CASE {ending} END" if ending else "NULL::VARCHAR"
    status = f"CASE WHEN {outcome} IS NOT NULL THEN 'finished' ELSE 'running' END" if ending else "'unknown'"
    joined = (
        f'LEFT JOIN "{money.table}" m USING ("case")'
        if money.table
        else 'LEFT JOIN (SELECT NULL::INTEGER AS "case", NULL::DECIMAL(38, 6) AS amount, NULL::VARCHAR AS currency) m USING ("case")'
    )
    if core.begun:
        joined += f' LEFT JOIN "{core.begun}" b USING ("case")'
    statement = (
        f'CREATE TABLE "{table}" AS SELECT t."case", l.label, length, started, ended, first_activity, last_activity, residue_one, residue_two, '
        f"{status} AS status, {outcome} AS outcome, m.amount, m.currency, {_reported(card)} AS reported "
        f'FROM "{traces}" t JOIN "{core.labels}" l USING ("case") JOIN "{core.activities}" a ON a."activity" = t.last_activity {joined}'
    )
    engine.run(statement)
    engine.run(f'DROP TABLE "{traces}"')
    prove_keys(engine, units, keyed_cases(table))
    return table, (facts, statement)


def keyed_cases(name: str) -> ir.Table:
    """The keys of the variants in a table of cases."""
    import ibis

    return ibis.table({"case": "int32", "length": "int64", "residue_one": "int64", "residue_two": "int64"}, name=name)


def case_notes(engine: Engine, core: CoreTables, cases: str, card: Card) -> tuple[str, ...]:
    """What the reader should know: end activities that do not occur, and cases in which nothing was completed."""
    known = [row[0] for row in engine.rows(f'SELECT label FROM "{core.activities}"')]
    absent = [(outcome, name) for outcome, names in card.outcomes.items() for name in names if name not in known]
    notes = [
        f"the end activity {name!r} (outcome {outcome!r} on the card) does not occur in the log.{nearest(name, known)}" for outcome, name in absent
    ]
    idle = int(engine.value(f'SELECT count(*) FROM "{core.labels}" ANTI JOIN "{cases}" USING ("case")'))
    if idle:
        notes.append(
            f"{plural(idle, 'case has', 'cases have')} no completed unit (only work that was begun) and {'is' if idle == 1 else 'are'} in no answer"
        )
    return tuple(notes)


def _reported(card: Card) -> str:
    """SQL for the amount in the reporting currency at the rate of the day the case started; NULL where no rate is known."""
    if card.amount is None or card.amount.reporting is None:
        return "NULL::DECIMAL(38, 6)"
    cases = [f"WHEN m.currency = {quoted_text(card.amount.reporting)} THEN m.amount"]
    cases += [
        f"WHEN m.currency = {quoted_text(rate.currency)} AND started >= epoch_us(TIMESTAMP '{rate.since.isoformat()}') "
        f"THEN (m.amount::DECIMAL(28, 6) * {rate.rate:f}::DECIMAL(10, 6))::DECIMAL(38, 6)"
        for rate in sorted(card.rates, key=lambda rate: rate.since, reverse=True)
    ]
    return f"round(CASE {' '.join(cases)} END, {minor_digits(card.amount.reporting)})"
