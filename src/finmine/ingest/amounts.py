"""Reading amounts of money as exact decimals."""

from __future__ import annotations

SCALE = 6
DECIMAL = f"DECIMAL(38, {SCALE})"


def amount_sql(column: str, kind: str, decimal: str) -> str:
    """SQL for the exact decimal of an amount, NULL where the text is none.

    Thousands separators and blanks are dropped, a trailing minus (as SAP writes it) and brackets (as
    accountants write it) make the amount negative. Digits after the sixth decimal are rounded half away from zero.
    """
    if kind != "VARCHAR":
        return f"TRY_CAST({column} AS {DECIMAL})" if kind.startswith("DECIMAL") or "INT" in kind else f"TRY_CAST({column}::VARCHAR AS {DECIMAL})"
    text = f"replace(replace(replace(trim({column}), ' ', ''), chr(160), ''), '''', '')"
    text = f"replace(replace({text}, '.', ''), ',', '.')" if decimal == "," else f"replace({text}, ',', '')"
    signed = f"CASE WHEN {text} LIKE '%-' THEN '-' || left({text}, -1) WHEN {text} LIKE '(%)' THEN '-' || substr({text}, 2, length({text}) - 2) ELSE {text} END"
    return f"TRY_CAST(CASE WHEN regexp_full_match({signed}, '[+-]?\\d+(\\.\\d*)?|[+-]?\\.\\d+') THEN {signed} END AS {DECIMAL})"


def finer_sql(column: str, kind: str, decimal: str) -> str:
    """SQL that is true where an amount has more decimals than are kept."""
    mark = "," if decimal == "," else "\\."
    text = column if kind == "VARCHAR" else f"{column}::VARCHAR"
    return f"coalesce(regexp_matches({text}, '{mark}\\d{{{SCALE}}}\\d*[1-9]'), false)"
