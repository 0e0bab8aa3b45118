"""Dispositions: findings keep their verdict and say what became of them; the latest stands; one of a finding that is not there is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.answers import texts

from finmine.analyses.audit import audit
from finmine.auditing.dispositions import BadDispositions, load_dispositions
from finmine.log import EventLog
from finmine.testing import log
from finmine.view import Caveat

POLICY = (
    'finmine_policy = 1\nname = "Small"\nversion = "1"\n[steps]\nentry = "Enter"\napproval = "Approve"\n'
    '[[rules]]\nid = "four eyes"\ndifferent_persons = ["entry", "approval"]\n'
)
HEADER = "Rule;Case;Disposition;Who;When;Why;Note\n"


@pytest.fixture(scope="module")
def read() -> EventLog:
    """Two cases that were entered and approved by one person, and one that was not."""
    return log("i1: Enter@0h/ann, Approve@1h/ann\ni2: Enter@0h/ann, Approve@1h/ann\ni3: Enter@0h/ann, Approve@1h/bob")


@pytest.fixture
def policy(tmp_path: Path) -> str:
    """The file of a policy of one rule."""
    (tmp_path / "small.toml").write_text(POLICY)
    return str(tmp_path / "small.toml")


def said(folder: Path, *rows: str) -> Path:
    """The file of these dispositions."""
    (folder / "said.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8-sig")
    return folder / "said.csv"


def test_findings_say_what_became_of_them(read: EventLog, policy: str, tmp_path: Path) -> None:
    """Verdicts stay as they are; the finding shows who said what when and why; the control fails while a finding is open."""
    one = audit(read, policy=policy, dispositions=said(tmp_path, "four eyes;i1;Accepted;C. Auditor;2024-02-01;tiny;x"))
    assert one.records()[0]["violation"] == 2
    assert [(finding["case"], finding["disposition"], finding["disposed_by"], finding["disposed_on"]) for finding in one.breaches()] == [
        ("i1", "accepted", "C. Auditor", "2024-02-01"),
        ("i2", None, None, None),
    ]
    assert one.became() == ({"rule": "four eyes", "breaches": 2, "accepted": 1, "corrected": 0, "false": 0, "open": 1},)
    both = audit(
        read, policy=policy, dispositions=said(tmp_path, "four eyes;i1;false;A;2024-02-01;x;", 'four eyes;i2;corrected;A;2024-02-01;"a\nb";')
    )
    assert (one.failed, both.failed, audit(read, policy=policy).failed) == (True, False, True)
    assert "What became of the findings" in both.to_text()


def test_the_latest_disposition_stands(read: EventLog, policy: str, tmp_path: Path) -> None:
    """Of several for one finding the latest day stands, of one day the row further down; how many are superseded is said."""
    rows = ("four eyes;i1;false;A;2024-02-02;x;", "four eyes;i1;accepted;A;2024-02-01;y;", "four eyes;i1;corrected;A;2024-02-02;z;")
    answer = audit(read, policy=policy, dispositions=said(tmp_path, *rows))
    assert answer.breaches()[0]["disposition"] == "corrected"
    assert any("2 dispositions are superseded" in text for text in texts(answer, Caveat))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("four eyes;i3;false;A;2024-02-01;x;", "row 2: there is no finding of the rule 'four eyes' in a case 'i3'"),
        ("four eyes;i9;false;A;2024-02-01;x;", "row 2: there is no finding of the rule 'four eyes' in a case 'i9'"),
        ("for eyes;i1;false;A;2024-02-01;x;", "row 2: the policy has no rule 'for eyes'. Did you mean 'four eyes'"),
    ],
)
def test_a_disposition_of_no_finding_is_refused(read: EventLog, policy: str, tmp_path: Path, row: str, words: str) -> None:
    """A case that passes or is not there, or another rule: the row is named."""
    with pytest.raises(BadDispositions) as refused:
        audit(read, policy=policy, dispositions=said(tmp_path, row))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEADER + "r;c;maybe;A;2024-02-01;x;\n", "row 2: 'maybe' stands under disposition; it must be one of accepted, corrected, false"),
        (HEADER + "r;c;false;A;1.2.24;x;\n", "row 2: '1.2.24' stands under when; it must be a day"),
        (HEADER + "r;c;false; ;2024-02-01;x;\n", "row 2: nothing stands under who"),
        (HEADER + "r;c;false\n", "row 2: nothing stands under who"),
        ("rule,case,disposition,who,why\n", "row 1: there is no column 'when'."),
        ("rule,case,disposition,who,when,why\n\xff", "not text in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """The row and what stands there are named."""
    (tmp_path / "bad.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(BadDispositions) as refused:
        load_dispositions(tmp_path / "bad.csv")
    assert words in str(refused.value)
    with pytest.raises(BadDispositions, match="cannot be read"):
        load_dispositions(tmp_path / "none.csv")
