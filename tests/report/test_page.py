"""The report: one file, every section, headlines first, with evidence, provenance and the lines that make it again."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest

import finmine
from finmine.analyses import CONTENTS
from finmine.analyses.directly_follows import DirectlyFollows
from finmine.card import Card
from finmine.card_money import MoneyOfTime
from finmine.errors import Refusal
from finmine.finance.labour import LabourRate
from finmine.render.overlays import overlays_of
from finmine.report.page import _headlines, _overlaid
from finmine.report.reproduce import python_lines
from finmine.testing import log as written
from finmine.view import Headline, View

LOG = """
inv1: Create@0h/ana, Approve@3h/bob, Approve@5h/bob, Pay@2d/ana
inv2: Create@1h/ana, Pay@3d
<script>alert(1)</script>: "<img src=x onerror=alert(2)>"@1d/ana, Pay@4d/bob
"""
SAMPLES = Path(__file__).parents[2] / "sample_logs"


def test_every_section_is_there_and_nothing_is_obeyed(tmp_path: Path) -> None:
    """Each question of the contents page that the log tells something of has its section with evidence; text of the log is shown, not run; nothing is loaded from elsewhere."""
    page = finmine.write_report(written(LOG), tmp_path / "report.html", command="finmine report x").read_text(encoding="utf-8")
    for question in CONTENTS:
        assert (f">{question.title}</h2>" in page) == (question.in_report and not question.told_by)
    assert "<script" not in page
    assert "<img" not in page
    assert not re.search(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", page)
    assert "finmine report x" in page
    assert "Evidence: from the core to these numbers" in page
    assert "No rows." not in page
    assert re.findall("<figcaption>(Frequency|Time|Rework|Waiting): ", page) == ["Frequency", "Time", "Rework"]


def test_the_process_map_tells_what_other_sections_found() -> None:
    """Where starts and rates are known and work comes back, the map tells rework, waiting and money too, with evidence; a refused answer adds nothing."""
    work, refused = "i1: a@0h-1h/ann, b@2h-3h/bob, a@4h-5h/ann, c@6h-7h/bob", Refusal("no")
    told = ("frequency", "time", "rework", "waiting")
    for rates, overlays in (((), told), ((LabourRate("default", None, Decimal(40), "EUR"),), (*told, "money"))):
        done = written(work, card=Card(money=MoneyOfTime(labour=rates)))
        flow, waited = finmine.directly_follows(done), finmine.waiting_causes(done)
        more = _overlaid(done, {"directly-follows": flow, "waiting-causes": waited})["directly-follows"]
        assert isinstance(more, DirectlyFollows)
        assert overlays_of(more.map()) == overlays
        assert ("cost by path" in more.answers()) == bool(rates)
        assert {"steps back by path", "waiting by path"} <= set(more.answers())
    assert _overlaid(done, {"directly-follows": refused, "waiting-causes": refused}) == {}


def test_the_python_lines_name_all_that_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options of reading stand in the lines, and the paths as they were given; a table in memory stands under a name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "wide.csv").write_text("doc,made,paid\n1,2024-01-01,?\n2,2024-01-02,2024-01-05\n", encoding="utf-8")
    (tmp_path / "owners.csv").write_text("doc,owner\n1,ann\n2,bob\n", encoding="utf-8")
    given = dict(dates={"Make": "made", "Pay": ("paid",)}, missing=["", "?"], extracted="2024-02-01", case_table=(Path("owners.csv"), "doc"))
    log = finmine.read("in/wide.csv", case="doc", zone="Europe/Berlin", **given)  # type: ignore[arg-type]
    line = python_lines(log).splitlines()[1].removeprefix("log = ")
    again = eval(line, {"finmine": finmine})
    assert "'in/wide.csv'" in line
    assert (again.card, again.facts) == (log.card, log.facts)
    assert [source.sha256 for source in again.provenance.sources] == [source.sha256 for source in log.provenance.sources]
    assert "finmine.read(table" in python_lines(written(LOG))


def test_the_lines_at_the_end_of_a_report_make_it_again(tmp_path: Path) -> None:
    """Of a filtered log, run on other clocks and in another language: the command gives the same file to the byte, the Python lines the same but for the command."""
    for kind in ("csv", "card.toml"):
        (tmp_path / f"it's a log.{kind}").write_text((SAMPLES / f"invoices.{kind}").read_text(encoding="utf-8"), encoding="utf-8")

    def made(lines: str, *asked: str, **place: str) -> str:
        subprocess.run([sys.executable, "-c", lines, *asked], cwd=tmp_path, env={**os.environ, **place}, check=True, capture_output=True)
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        (tmp_path / "report.html").unlink()
        return page

    command, asked = "from finmine.cli import main; main()", ["--zone", "Europe/Berlin", "--keep-cases", "has 'Block invoice'"]
    first = made(command, "report", "it's a log.csv", *asked, "--output", "report.html", TZ="Asia/Tokyo", LC_ALL="C")
    [again] = re.findall(r"<code>\s*(finmine report .*?)</code>", first, re.DOTALL)
    assert made(command, *shlex.split(unescape(again))[1:], TZ="Pacific/Apia", LC_ALL="tr_TR.UTF-8") == first
    [lines] = re.findall(r"import finmine\n.*?report\.html&#39;\)", first, re.DOTALL)
    assert numbers(made(unescape(lines), TZ="America/Caracas")) == numbers(first)


def numbers(page: str) -> list[str]:
    """The cells of all tables of a page."""
    return re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)


def test_filters_say_what_they_removed(tmp_path: Path) -> None:
    """The report of a filtered log counts the cases that each filter removed, with their amounts."""
    log = written("i1 {amount=10.00}: a@0h, b@1h\ni2 {amount=2.50}: a@0h\ni3 {amount=-4.00}: a@0h").keep_cases(finmine.has("a"))
    page = finmine.write_report(log.keep_cases(finmine.has("b")), tmp_path / "report.html").read_text(encoding="utf-8")
    cells = numbers(page[page.index("What each filter removed") :])
    assert cells[0] == "keep cases: has &#39;a&#39;"
    assert cells[5:10] == ["keep cases: has &#39;b&#39;", "2", "2", "-1.50", "1"]


def test_a_report_replaces_the_old_one_as_a_whole(tmp_path: Path) -> None:
    """When the report cannot be written, the folder is named and an old file stays as it is."""
    with pytest.raises(Refusal, match="nowhere"):
        finmine.write_report(written(LOG), tmp_path / "nowhere" / "report.html")


@pytest.mark.parametrize("name", ["invoices.csv", "approvals.xes.gz", "reconciliations.parquet"])
def test_the_sample_logs_have_a_report(tmp_path: Path, name: str) -> None:
    """Each sample log gives a report in which the ledger agrees, with the control totals of every month."""
    page = finmine.write_report(finmine.read(SAMPLES / name), tmp_path / "report.html").read_text(encoding="utf-8")
    assert "The log agrees with the ledger" in page
    summary = page[page.index(">Summary</h2>") : page.index(">Process map</h2>")]
    assert "2024-12" in summary[summary.index("Control totals by month") :]


def test_headlines_are_ranked_by_time_and_money() -> None:
    """Claims about time and about money stand by their share of it, whatever their section; claims about cases alone come after them, by section."""
    said = {
        "summary": [Headline("differs", 1.0)],
        "rework": [Headline("rework", 0.4, "money"), Headline("again", 0.9)],
        "bottlenecks": [Headline("edge", 0.3, "time"), Headline("again", 0.1, "time")],
        "check": [Headline("errors", 0.05, "money")],
        "loops": [Headline("region", 0.5, "time")],
    }
    views = [(question, View("", tuple(said.get(question.name, [])))) for question in CONTENTS]
    assert [headline.text for headline in _headlines(views)] == ["region", "rework", "edge", "again", "errors", "differs"]


def test_the_money_of_rework_ranks_it() -> None:
    """Where money can be added up, the claim about rework says how much of it lies in the cases with rework, and ranks by that."""
    told = written("i1 {amount=-30.00}: a@0h, b@1h, a@2h\ni2 {amount=10.00}: a@0h, b@1h")
    [first, *_] = [block for block in finmine.rework(told).view().blocks if isinstance(block, Headline)]
    said = "In 50.0 % of the cases (1), with 75.0 % of the money, something is done more than once: "
    assert first == Headline(f"{said}1 of 5 events (20.0 %) repeats what was done before in the case.", 0.75, "money")
