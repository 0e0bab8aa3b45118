"""The money of cases: one exact amount in one currency for each case, as the card says, or none and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

from finmine.card import AmountRule, Card
from finmine.engine import Engine, quoted_name, quoted_text
from finmine.ingest.amounts import amount_sql
from finmine.ingest.core import CoreTables
from finmine.ingest.sources import Raw

_TAKES = {"first": "arg_min(amount, position)", "last": "arg_max(amount, position)", "max": "max(amount)", "sum": "sum(amount)::DECIMAL(38, 6)"}


@dataclass(frozen=True, slots=True)
class CaseMoney:
    """The table of the cases' money (case, amount, currency), or the gap: why there is none and what to declare."""

    table: str | None
    rule: AmountRule | None
    gap: str | None
    notes: tuple[str, ...]
    script: tuple[str, ...]


def case_money(engine: Engine, core: CoreTables, raw: Raw, card: Card) -> CaseMoney:
    """Find how the cases take their money from the card and, where that is silent, only if every row of a case agrees."""
    if "amount" not in card.roles:
        return CaseMoney(None, None, "no column plays the role amount; name it with --amount COLUMN", (), ())
    rows = _rows(core, raw, card)
    if card.amount is not None:
        return _table(engine, rows, card.amount, ())
    differing = engine.rows(f'SELECT "case", min(amount), max(amount), count(*) OVER () FROM ({rows}) GROUP BY "case" HAVING min(amount) <> max(amount) ORDER BY "case" LIMIT 1')
    if differing:
        case, low, high, count = differing[0]
        label = engine.rows(f'SELECT label FROM "{core.labels}" WHERE "case" = {int(case)}')[0][0]
        cases = int(engine.value(f'SELECT count(*) FROM (SELECT "case" FROM ({rows}) GROUP BY "case" HAVING min(amount) <> max(amount))'))
        column = card.roles["amount"][0]
        gap = (
            f"{column!r} differs within {cases:,} {'case' if cases == 1 else 'cases'} (in case {label!r} from {_plain(low)} to {_plain(high)}), and nobody has said which value is the case's. "
            'Declare it on the card: [amount] level = "event", take = "first" | "last" | "max" | "sum"'
        )
        return CaseMoney(None, None, gap, (), ())
    note = "amount: every row of a case gives the same amount, so it is taken once for each case"
    return _table(engine, rows, AmountRule("case", "first"), (note,))


def _plain(amount: object) -> str:
    text = f"{amount:f}" if hasattr(amount, "as_tuple") else str(amount)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rows(core: CoreTables, raw: Raw, card: Card) -> str:
    """SQL for the amounts of all units: case, position, amount, currency."""
    column, kind = raw.column(card.roles["amount"][0])
    if "currency" in card.roles:
        currency = f"nullif(trim(raw.{raw.column(card.roles['currency'][0])[0]}::VARCHAR), '')"
    else:
        currency = quoted_text(card.amount.currency) if card.amount and card.amount.currency else "NULL::VARCHAR"
    return (
        f'SELECT u."case" AS "case", min(u."position") AS position, any_value({amount_sql(f"raw.{column}", kind, card.decimal)}) AS amount, any_value({currency}) AS currency '
        f'FROM {quoted_name(core.units)} u JOIN {quoted_name(raw.table)} raw USING ("source", "row") GROUP BY u."case", "source", "row"'
    )


def _table(engine: Engine, rows: str, rule: AmountRule, notes: tuple[str, ...]) -> CaseMoney:
    table = engine.name("money")
    take = _TAKES["first" if rule.level == "case" and rule.take == "sum" else rule.take]
    one = "min(currency) IS NOT DISTINCT FROM max(currency)"
    statement = (
        f'CREATE TABLE "{table}" AS SELECT "case", CASE WHEN {one} THEN {take} END AS amount, CASE WHEN {one} THEN min(currency) END AS currency, {one} AS one_currency '
        f'FROM ({rows}) WHERE amount IS NOT NULL GROUP BY "case"'
    )
    engine.run(statement)
    mixed = int(engine.value(f'SELECT count(*) FROM "{table}" WHERE NOT one_currency'))
    if mixed:
        notes = (*notes, f"amount: {mixed:,} cases hold several currencies and have no amount")
    return CaseMoney(table, replace(rule), None, notes, (statement,))
