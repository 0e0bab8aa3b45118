"""Variants: of which cases they are."""

from __future__ import annotations

from tests.answers import texts

import finmine
from finmine.analyses.variants import variants
from finmine.card import Card
from finmine.filters import parse_filter
from finmine.testing import log
from finmine.view import Caveat

READ = "i1: a@0h, pay@1h\ni2: a@0h, pay@2h\ni3: a@0h"


def test_running_cases_are_counted_and_said() -> None:
    """A case that still runs has a variant of its own, the path so far; it is said how many these are, and the filter leaves them out."""
    read = log(READ, card=Card(outcomes={"paid": ("pay",)}))
    answer = variants(read)
    said = "1 case still runs, and is counted with the path so far, which may be the beginning of another: --keep-cases \"status = 'finished'\" leaves them out."
    assert said in texts(answer, Caveat)
    assert [record["cases"] for record in answer.records()] == [2, 1]
    finished = variants(read.keep_cases(parse_filter("status = 'finished'", keeps="cases")))
    assert [record["cases"] for record in finished.records()] == [2]
    assert not any("still run" in text for text in texts(finished, Caveat))
    assert not any("still run" in text for text in texts(variants(log(READ)), Caveat))


def test_cases_without_an_amount_are_counted_and_said() -> None:
    """A case whose amount nobody recorded is in no amount, and it is said of how many."""
    rows = [
        {"case": f"i{case}", "activity": step, "timestamp": place, "amount": "" if case == 2 else "10.00", "currency": "EUR"}
        for case in range(4)
        for place, step in enumerate(("a", "pay"))
    ]
    answer = variants(log(rows))
    assert "Of 1 case no amount is known; it is in no amount, and in all cases and times." in texts(answer, Caveat)


def test_an_empty_log_has_no_variants() -> None:
    """Where filters keep no case there is none to say anything of."""
    assert variants(log(READ).keep_cases(finmine.has_no("a"))).records() == ()
