"""The page of the seventeen analytics names questions and rules that there are."""

from __future__ import annotations

import re
from pathlib import Path

from finmine.analyses import CONTENTS
from finmine.auditing.policy_file import RULE_KINDS

PAGE = (Path(__file__).parent.parent / "docs" / "analytics.md").read_text(encoding="utf-8")


def test_each_analytic_names_what_answers_it() -> None:
    """The seventeen stand on the page in their order; each is answered by questions or rules of these names."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.partition("\n## ")[0].splitlines() if re.match(r"\| \d", line)]
    assert [int(row[0]) for row in rows] == list(range(1, 18))
    questions = {question.name for question in CONTENTS}
    for _, name, answered, how in rows:
        named = re.findall(r"`([^`]+)`", answered)
        assert named, name
        assert set(named) <= (set(RULE_KINDS) if answered.startswith("rule") else questions), name
        assert how


def test_all_that_the_page_names_is_there() -> None:
    """Every question, rule and option that stands in code on the page is one."""
    words = {word.split()[0] for word in re.findall(r"`([^`]+)`", PAGE)}
    known = {question.name for question in CONTENTS} | set(RULE_KINDS) | {"purchase-to-pay", "record-to-report", "from", "after_last", "python"}
    assert {word for word in words if not word.startswith("--")} <= known
