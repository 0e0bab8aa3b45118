"""The command line: every command has help, answers, refuses in one sentence, and says so by its exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import finmine
from finmine.analyses import CONTENTS, Question
from finmine.cli import OUR_FAULT, REFUSED, main
from finmine.cli.contents import VERBS, contents_page
from finmine.cli.reading import progress

SAMPLES = Path(__file__).parents[2] / "sample_logs"
LOG = "case_id,activity,timestamp,user\n" + "".join(f"i{n},Create,2024-01-0{n} 08:00,ann\ni{n},Pay,2024-01-1{n} 08:00,bob\n" for n in range(1, 6))


def run(*arguments: str | Path) -> int:
    """The exit status of a command."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(str(left.value.code))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A small log."""
    (tmp_path / "log.csv").write_text(LOG)
    return tmp_path / "log.csv"


@pytest.mark.parametrize("name", [*(question.name for question in CONTENTS), *VERBS])
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command says what it does and explains every option."""
    assert run(name, "--help") == 0
    shown = capsys.readouterr().out
    assert "Usage: finmine" in shown
    assert len(shown.splitlines()) > 5


def test_every_name_stands_apart_on_the_contents_page() -> None:
    """Two blanks lie between each question or verb and what it answers."""
    lines = contents_page().splitlines()
    for name in (*(question.name for question in CONTENTS), *VERBS):
        assert any(line.startswith(f"  {name}  ") for line in lines), name


@pytest.mark.parametrize("question", CONTENTS, ids=lambda question: question.name)
def test_every_question_is_answered(log: Path, question: Question, capsys: pytest.CaptureFixture[str]) -> None:
    """Each question, to the terminal; its dresses are those of its result. An audit that can test nothing of a log has failed."""
    asked: list[str | Path] = [question.name, log, *(["i1"] if question.name == "case" else [])]
    assert run(*asked, "--to", "json") == (1 if question.name == "audit" else 0)
    assert json.loads(capsys.readouterr().out)["question"] == question.name


@pytest.mark.parametrize("dress", ["text", "json", "csv", "html", "xlsx"])
def test_every_dress_goes_to_a_file(log: Path, dress: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer in each dress is written to the file that is named, and nothing to the terminal."""
    output = log.with_name(f"answer.{dress}")
    assert run("variants", log, "--to", dress, "--output", output, "--quiet") == 0
    assert output.stat().st_size > 0
    assert not capsys.readouterr().out


def test_an_empty_column_is_not_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A question about hands refuses a log whose column of the resource holds nothing, and names that column."""
    written = tmp_path / "log.csv"
    written.write_text("case,activity,timestamp,user\ni1,a,2024-03-01 08:00:00,\ni1,b,2024-03-01 09:00:00,\n")
    assert run("handovers", written, "--resource", "user", "--quiet") == 2
    assert "'user', which plays that role, holds nothing. Say it with --resource COLUMN." in capsys.readouterr().err


def test_refusals_are_one_sentence_and_exit_with_two(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file, an unknown question, attribute or filter: words on the error stream, nothing on the other."""
    for arguments in (
        ["variants", "nothing.csv"],
        ["varants", log],
        ["variants", log, "--by", "vendr"],
        ["variants", log, "--keep-cases", "has 'Pya'"],
        ["variants", log, "--keep-cases", "hass"],
        ["summary", log, "--zone", "Mars"],
        ["summary", log, "--to", "xlsx"],
        ["case", log, "i99"],
        ["cases", log, "--most", "-5"],
        ["variants", log, "--most", "0"],
        ["directly-follows", log, "--activities", "5"],
        ["directly-follows", log, "--paths", "nan"],
    ):
        assert run(*arguments) == REFUSED
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "Traceback" not in captured.err
        assert captured.err.strip()


def test_a_fault_of_ours_exits_with_three(log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An error that is no refusal shows where it happened and says that it is not the log's fault."""
    monkeypatch.setattr("finmine.ingest.read.together", lambda *_: 1 / 0)
    assert run("summary", log) == OUR_FAULT
    assert "fault of finmine" in capsys.readouterr().err


def test_what_was_assumed_is_said_unless_quiet(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Guessed columns are printed beside the answer, not in it."""
    assert run("variants", log) == 0
    captured = capsys.readouterr()
    assert "case: column 'case_id'" in captured.err
    assert "case_id" not in captured.out
    assert run("variants", log, "--quiet") == 0
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_no_fault_of_ours(log: Path) -> None:
    """What is printed to a disk that is full is refused in a sentence."""
    command = [sys.executable, "-c", "from finmine.cli import main; main()", "cases", str(log), "--quiet"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (REFUSED, 1)
    assert "cannot be printed" in done.stderr


def test_csv_says_what_it_leaves_out(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CSV holds one table: its title is said beside the answer, and how many others the workbook holds; an answer of one table needs no word."""
    assert run("bottlenecks", log, "--to", "csv") == 0
    assert "the CSV holds the table 'Throughput time by what follows what'; " in capsys.readouterr().err
    assert run("cases", log, "--to", "csv") == 0
    assert "the CSV holds" not in capsys.readouterr().err


def test_a_missing_card_and_a_wide_table_are_told_apart(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A card that is not there is called a card; a table without activities is told how to name its date columns."""
    assert run("summary", log, "--card", "nothing.toml") == REFUSED
    assert "no log card 'nothing.toml'" in capsys.readouterr().err
    log.write_text("invoice,made,paid\n1,2024-01-01,2024-01-02\n")
    assert run("summary", log) == REFUSED
    assert '--date "made=made" --date "paid=paid"' in capsys.readouterr().err
    assert run("summary", log, "--date", "Make=made", "--person", "Make") == REFUSED
    assert "--person 'Make' is not of the form 'ACTIVITY=COLUMN'" in capsys.readouterr().err
    log.write_text("invoice,made,by,paid\n1,2024-01-01,ann,2024-01-02\n")
    assert run("resources", log, "--date", "Make=made", "--date", "Pay=paid", "--person", "Make=by", "--people", "names") == 0
    assert "ann" in capsys.readouterr().out


def test_filters_chain_and_write(log: Path) -> None:
    """A filtered log is written with its card and reads back with what was kept."""
    target = log.with_name("kept.parquet")
    assert run("write", log, "--keep-cases", "throughput > 9d", "--keep-events", "activity = 'Pay'", "--output", target) == 0
    assert run("summary", target, "--to", "json", "--output", log.with_name("s.json")) == 0
    said = json.loads(log.with_name("s.json").read_text(encoding="utf-8"))
    assert (said["population"]["cases"], said["population"]["units"]) == (5, 5)


def test_cards_and_samples_and_keys(tmp_path: Path, log: Path) -> None:
    """A card is drafted once and not written over; a sample is made with card and truths; the key of pseudonyms is written."""
    card = log.with_name("log.card.toml")
    assert run("card", log, "--output", card, "--people-key", log.with_name("key.csv")) == 0
    assert run("card", log, "--output", card) == REFUSED
    assert "person 01,ann" in log.with_name("key.csv").read_text(encoding="utf-8")
    assert run("sample", "invoices", "--cases", "20", "--output", tmp_path / "made.csv") == 0
    assert run("summary", tmp_path / "made.csv") == 0
    assert (tmp_path / "made.truths.json").exists()


@pytest.mark.parametrize("encoding", ["cp437", "ascii", "utf-8", "cp1252"])
def test_consoles_of_any_code_page(encoding: str) -> None:
    """A terminal that cannot show a letter gets another one, never a crash."""
    code = "from finmine.cli import main; main()"
    command = [sys.executable, "-c", code, "bottlenecks", str(SAMPLES / "invoices.csv")]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}, check=False)
    assert done.returncode == 0, done.stderr.decode(encoding, "replace")
    assert done.stdout.decode(encoding)


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` says the name and the version."""
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("finmine ")


def test_an_output_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody waits for a report that has no place: the folder is missed before the log is."""
    none = tmp_path / "none.csv"
    for verb in ("report", "variants", "write", "model", "card", "pack"):
        assert run(verb, none, "--output", tmp_path / "nowhere" / "a.html") == REFUSED
        assert "there is no folder" in capsys.readouterr().err
    late = {
        "is none of these": ("model", "-o", "a.zzz"),
        "so there is none": ("model", "--miner", "split", "-o", "a.ptml"),
        "does not end": ("write", "-o", "a.zzz"),
    }
    late |= {"is not printed": ("summary", "--to", "xlsx"), "ZIP archive": ("pack", "-o", "a.html"), "written over": ("card", "-o", "a.toml")}
    (tmp_path / "a.toml").touch()
    for said, (verb, *asked) in late.items():
        assert run(verb, none, *(tmp_path / word if "." in word else word for word in asked)) == REFUSED
        assert said in capsys.readouterr().err


def test_outputs_do_not_replace_what_is_read(log: Path) -> None:
    """The log, its card, its case table and the files of its folder are never written over, and an ending that says no dress is refused."""
    before = log.read_text()
    assert run("variants", log, "--to", "csv", "--output", log) == REFUSED
    assert run("write", log, "--output", log) == REFUSED
    assert run("report", log, "--output", log) == REFUSED
    assert run("report", log, "--output", log.with_name("report.bogus")) == REFUSED
    assert run("variants", log, "--output", log.with_name("picture.gif")) == REFUSED
    assert run("variants", log.parent, "--output", log) == REFUSED
    assert run("card", log, "--people-key", log) == REFUSED
    assert log.read_text() == before
    card, table = log.with_name("log.card.toml"), log.with_name("owners.csv")
    card.write_text("finmine_card = 1\n")
    table.write_text("case,owner\ni1,ann\n")
    assert run("variants", log, "--explain", "--output", card) == REFUSED
    assert run("variants", log, "--case-table", table, "case", "--output", table) == REFUSED
    assert (card.read_text(), table.read_text()) == ("finmine_card = 1\n", "case,owner\ni1,ann\n")


def test_the_map_is_drawn_as_asked(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The process map as SVG, PNG and DOT, by frequency or time, whole or in part."""
    picture = log.with_name("map.png")
    assert run("directly-follows", log, "--output", picture) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run("directly-follows", log, "--to", "dot", "--overlay", "time", "--quiet") == 0
    shown = capsys.readouterr().out
    assert "digraph" in shown
    assert "10 d" in shown
    assert run("summary", log, "--to", "dot") == REFUSED


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_a_terminal_shows_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moving line says each step as it is, names with signs of markup included, and is gone at the end; quiet or piped there is none."""
    monkeypatch.setenv("TERM", "xterm")
    for quiet, stream, shown in ((False, Screen(), True), (True, Screen(), False), (False, io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress(quiet) as moving:
            moving("reading [red]log.csv")
            time.sleep(0.3 if shown else 0)
        assert ("reading [red]log.csv" in stream.getvalue()) is shown
        assert stream.getvalue().endswith("\x1b[2K") is shown  # the line is wiped


def test_reading_and_reporting_say_their_steps(log: Path, tmp_path: Path) -> None:
    """Reading names the file, the report each of its sections, and then the drawing of the page."""
    said: list[str] = []
    found = finmine.read(log, progress=said.append)
    assert said == ["reading log.csv", "building the core"]
    finmine.write_report(found, tmp_path / "report.html", progress=said.append)
    assert said[2:] == [*(question.title for question in CONTENTS if question.in_report and not question.told_by), "drawing the page"]
