"""The money of cases: one exact amount in one currency for each case, as the card says, or none and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

from finmine.card import AmountRule, Card
from finmine.engine import Engine, literal_list, quoted_name, quoted_text
from finmine.ingest.amounts import amount_sql
from finmine.ingest.core import CoreTables
from finmine.ingest.sources import Raw
from finmine.words import plural

_TAKES = {"first": "arg_min(amount, position)", "last": "arg_max(amount, position)", "max": "max(amount)", "sum": "sum(amount)::DECIMAL(38, 6)"}


@dataclass(frozen=True, slots=True)
class CaseMoney:
    """The table of the cases' money (case, amount, currency), or the gap: why there is none and what to declare."""

    table: str | None
    rule: AmountRule | None
    gap: str | None
    notes: tuple[str, ...]
    script: tuple[str, ...]


def case_money(engine: Engine, core: CoreTables, raw: Raw, card: Card, case: str | None) -> CaseMoney:
    """Find how the cases take their money from the card and, where that is silent, only if every row of a case agrees.

    Where each row of the sources is one unit, ``case`` is the SQL of its case's name: whether rows agree can then be seen
    without looking for their units.
    """
    if "amount" not in card.roles:
        return CaseMoney(None, None, "no column plays the role amount; name it with --amount COLUMN", (), ())
    rows = _rows(core, raw, card)
    alike = rows if case is None else _distinct(core, raw, card, case)
    unreadable = _unreadable(engine, raw, card)
    agreeing = _table(engine, alike, "CASE WHEN min(amount) = max(amount) THEN min(amount) END", card.amount or AmountRule("case"), unreadable)
    differing = engine.value(f'SELECT count(*) FROM "{agreeing.table}" WHERE amount IS NULL AND one_currency')
    if not differing:
        note = "amount: every row of a case gives the same amount, so it is taken once for each case"
        repeated = card.amount is not None and card.amount.level == "event" and card.amount.take == "sum"
        if not repeated:
            return agreeing if card.amount else replace(agreeing, notes=(*agreeing.notes, note))
    if card.amount is not None:
        take = "first" if card.amount.level == "case" and card.amount.take == "sum" else card.amount.take
        return _table(engine, rows, _TAKES[take], card.amount, unreadable)
    return CaseMoney(None, None, _gap(engine, core, card, rows, int(differing)), unreadable, ())


def decimal_mark(engine: Engine, raw: Raw, card: Card) -> tuple[str, tuple[str, ...]]:
    """The decimal mark of the amounts, where nobody has said it: the one with which most of them are numbers, and what was assumed."""
    name = card.role("amount")
    if card.decimal is not None or name is None or raw.column(name)[1] != "VARCHAR":
        return card.decimal or ".", ()
    column, kind = raw.column(name)
    point, comma = (amount_sql(column, kind, mark) for mark in (".", ","))
    found = f"SELECT count({point}), count({comma}), min({column}) FILTER ({point} <> {comma}) FROM {quoted_name(raw.table)}"
    points, commas, either = engine.rows(found)[0]
    if commas > points:
        return ",", ("amount: the decimal mark is taken to be ',' (more of the values are numbers with it than with '.')",)
    if commas == points and either is not None:
        return ".", (f"amount: {either!r} reads with either decimal mark and '.' was taken; if that is wrong, say --decimal ,",)
    return ".", ()


def _unreadable(engine: Engine, raw: Raw, card: Card) -> tuple[str, ...]:
    """A note when there are amounts that are no numbers."""
    name = card.roles["amount"][0]
    column, kind = raw.column(name)
    if kind != "VARCHAR":
        return ()
    missing = literal_list((*card.missing, ""))
    amount = amount_sql(column, kind, card.decimal or ".")
    found = f"FROM {quoted_name(raw.table)} WHERE trim({column}) NOT IN {missing} AND {amount} IS NULL"
    count, example = engine.rows(f"SELECT count(*), min({column}) {found}")[0]
    if not count:
        return ()
    said = f"amount: {plural(int(count), 'value')} of {name!r} cannot be read as a number (such as {example!r}, decimal mark {card.decimal!r})"
    return (f"{said} and {'counts' if count == 1 else 'count'} as missing",)


def _gap(engine: Engine, core: CoreTables, card: Card, rows: str, cases: int) -> str:
    """Why cases have no money, with an example and what to declare."""
    differing = f'SELECT "case", min(amount) AS low, max(amount) AS high FROM ({rows}) GROUP BY "case" HAVING low <> high ORDER BY "case" LIMIT 1'
    label, low, high = engine.rows(f'SELECT label, low, high FROM ({differing}) JOIN "{core.labels}" USING ("case")')[0]
    return (
        f"{card.roles['amount'][0]!r} differs within {plural(cases, 'case')} (in case {label!r} from {_plain(low)} to {_plain(high)}), "
        'and nobody has said which value is the case\'s. Declare it on the card: [amount] level = "event", take = "first" | "last" | "max" | "sum"'
    )


def _plain(amount: object) -> str:
    text = f"{amount:f}" if hasattr(amount, "as_tuple") else str(amount)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rows(core: CoreTables, raw: Raw, card: Card) -> str:
    """SQL for the amounts of all units: case, position, amount, currency."""
    values = f'u."case" AS "case", u."position" AS position, {_amount(raw, card)}'
    joined = f'{quoted_name(core.units)} u JOIN {quoted_name(raw.table)} raw USING ("source", "row")'
    if not card.dates:
        return f"SELECT {values} FROM {joined}"
    # A row with one column per date is several units, and its amount is one.
    return f'SELECT DISTINCT ON ("case", "source", "row") * FROM (SELECT {values}, u."source", u."row" FROM {joined}) ORDER BY position'


def _distinct(core: CoreTables, raw: Raw, card: Card, case: str) -> str:
    """SQL for the different amounts of each case: case, amount, currency."""
    columns = ", ".join(dict.fromkeys(raw.column(card.roles[role][0])[0] for role in ("amount", "currency") if role in card.roles))
    different = f"SELECT DISTINCT {case} AS label, {columns} FROM {quoted_name(raw.table)}"
    return f'SELECT l."case", {_amount(raw, card)} FROM ({different}) raw JOIN {quoted_name(core.labels)} l USING (label)'


def _amount(raw: Raw, card: Card) -> str:
    """SQL for the amount and the currency of a row of the sources."""
    column, kind = raw.column(card.roles["amount"][0])
    if "currency" in card.roles:
        currency = f"nullif(trim(raw.{raw.column(card.roles['currency'][0])[0]}::VARCHAR), '')"
    else:
        currency = quoted_text(card.amount.currency) if card.amount and card.amount.currency else "NULL::VARCHAR"
    return f"{amount_sql(f'raw.{column}', kind, card.decimal or '.')} AS amount, {currency} AS currency"


def _table(engine: Engine, rows: str, take: str, rule: AmountRule, notes: tuple[str, ...]) -> CaseMoney:
    table = engine.name("money")
    one = "min(currency) IS NOT DISTINCT FROM max(currency)"
    statement = (
        f'CREATE TABLE "{table}" AS SELECT "case", CASE WHEN {one} THEN {take} END AS amount, CASE WHEN {one} THEN min(currency) END AS currency, {one} AS one_currency '
        f'FROM ({rows}) WHERE amount IS NOT NULL GROUP BY "case"'
    )
    engine.run(statement)
    mixed = int(engine.value(f'SELECT count(*) FROM "{table}" WHERE NOT one_currency'))
    if mixed:
        notes = (*notes, f"amount: {plural(mixed, 'case holds', 'cases hold')} several currencies and {'has' if mixed == 1 else 'have'} no amount")
    return CaseMoney(table, rule, None, notes, (statement,))
