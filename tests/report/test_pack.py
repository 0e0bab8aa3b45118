"""Evidence packs: what is in them, that nothing of the machine is, and that they are made again to the byte."""

from __future__ import annotations

import csv
import hmac
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from tests.report.packed import CARD, LIMITS, LOG, NAMES, ONE_RULE, PERSONS, POLICY, Folder

import finmine
from finmine.errors import Refusal
from finmine.models.reference import straight_line
from finmine.report.archive import archived
from finmine.report.manifest import canonical
from finmine.report.pack import Pack
from finmine.report.pack_answers import Answer
from finmine.report.pack_order import QUESTIONS, PackOrder
from finmine.report.shown_names import ShownNames, card_member, policy_member, refuse_spelled
from finmine.testing import log as written
from finmine.view import Prose

SECRET = "a secret of the auditor, long enough"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The small folder."""
    return Folder.filled(tmp_path_factory.mktemp("audit") / "in")


@pytest.fixture(scope="module")
def made(folder: Folder) -> Pack:
    """A pack with a sample of both cases with money."""
    return folder.pack(sample=finmine.audit_sample(folder.read(), method="money", size=2, seed="x"), prepared_by="C. Auditor")


def rows(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV."""
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_the_manifest_says_what_the_pack_is_of(folder: Folder, made: Pack) -> None:
    """Versions, sources with their hash, control totals, what was asked for, and every member with its hash, in the one spelling of JSON."""
    said = json.loads(made.members()["manifest.json"])
    assert canonical(said) == made.members()["manifest.json"]
    assert said["made_with"]["finmine"] == finmine.__version__
    assert said["made_with"]["duckdb"] == duckdb.__version__
    data = folder.source.read_bytes()
    source = {"name": "log.csv", "format": "csv", "sha256": sha256(data).hexdigest(), "bytes": len(data), "rows": 8, "faulty_rows": 0}
    assert said["sources"] == [source]
    assert [(one["company"], one["month"], one["currency"], one["cases"], one["amount"]) for one in said["control_totals"]] == [
        ("1000", "2024-01", "EUR", 2, "120.000000"),
        ("2000", "2024-02", "EUR", 1, "-3.000000"),
    ]
    assert said["order"]["sample"]["seed"] == "x"
    assert said["order"]["prepared_by"] == "C. Auditor"
    members = {name: sha256(one).hexdigest() for name, one in made.members().items() if name != "manifest.json"}
    assert {one["name"]: one["sha256"] for one in said["members"]} == members


def test_the_members_hold_verdicts_findings_and_sample(folder: Folder, made: Pack) -> None:
    """The tables are those of the answers: verdicts add up to the population, findings name their rows, the sample has its cases."""
    members = made.members()
    verdicts = rows(members["verdicts.csv"])
    kinds = ("violation", "missing_control", "not_testable", "not_applicable", "pass")
    assert [(one["rule"], *(int(one[kind]) for kind in kinds)) for one in verdicts] == [("A", 1, 0, 0, 1, 1), ("B", 0, 1, 0, 0, 2)]
    findings = rows(members["findings.csv"])
    assert [(one["rule"], one["case"], one["rows_of_source"]) for one in findings] == [
        ("A", "'=2+5", "log.csv row 5; log.csv row 6"),
        ("B", "i3", ""),
    ]
    drawn = finmine.audit_sample(folder.read(), method="money", size=2, seed="x").rows.column("case")
    assert [one["case"].removeprefix("'") for one in rows(members["sample.csv"])] == list(drawn)
    assert members["policy.toml"] != POLICY.encode()
    assert b'different_persons = ["entry", "approval"]' in members["policy.toml"]
    assert sha256(members["policy.toml"]).hexdigest().encode() in members["audit.json"]


def test_working_papers_are_a_workbook_of_texts(made: Pack) -> None:
    """The workbook opens, holds no formula and no link, and a case whose name is a formula is a text."""
    with zipfile.ZipFile(io.BytesIO(made.members()["working_papers.xlsx"])) as book:
        sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        names = book.read("xl/workbook.xml").decode()
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)
    assert any(b"<t>=2+5</t>" in sheet for sheet in sheets)
    assert {"Findings, most severe first", "Cases to look at", "Sources"} <= set(re.findall(r'<sheet name="([^"]*)"', names))


def test_nothing_of_the_machine_is_in_a_pack(folder: Folder, made: Pack) -> None:
    """No path, neither of the sources nor of a temporary folder, no name of an engine's own file."""
    for name, data in made.members().items():
        assert not re.search(rb"/tmp|finmine-|" + re.escape(str(folder.path.parent).encode()), data), name


def test_the_scripts_run_beside_the_sources(folder: Folder, made: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder with the source under its name, plain DuckDB gives the verdicts and the findings from the script."""
    (tmp_path / "log.csv").write_bytes(folder.source.read_bytes())
    monkeypatch.chdir(tmp_path)
    connection = duckdb.connect(":memory:")
    statements = duckdb.extract_statements(made.members()["evidence/audit.sql"].decode())
    outcomes = [connection.execute(statement.query).to_arrow_table() for statement in statements]
    answer = finmine.audit(finmine.read(folder.source), policy=str(folder.path / "small.toml"))
    assert outcomes[-4].to_pylist() == answer.rows.table.to_pylist()
    assert outcomes[-3].to_pylist() == answer.findings.table.to_pylist()


def test_filters_are_named_with_what_each_removed(folder: Folder) -> None:
    """The manifest has each filter in its words, with the cases, units and money that it removed; the pack is of the rest."""
    log = folder.read().keep_cases(finmine.has("Approve")).keep_events(~finmine.activity_is("Pay"))
    said = finmine.pack(log, policy=folder.path / "small.toml", report=False, answers=False).manifest
    assert [(one["filter"], one["cases_removed"], one["units_removed"], one["value_removed"], one["cases_left"]) for one in said["filters"]] == [
        ("keep cases: has 'Approve'", 1, 2, "-3.000000", 2),
        ("keep events: activity != 'Pay'", 0, 2, "0.000000", 2),
    ]
    assert said["population"] == {"cases": 2, "units": 4}
    assert said["log"]["cases"] == 3


def test_a_pack_shows_itself_and_is_written_whole(made: Pack, tmp_path: Path) -> None:
    """It says what is broken in how many cases, of which source, and its hash; written, it is the same to the byte."""
    assert "Some of 3 cases break 2 of 2 rules of the policy 'Small'." in str(made)
    assert made.sha256 in str(made)
    assert made.sha256 in made._repr_html_()
    assert made.write(tmp_path / "a.zip").read_bytes() == made.data


SCRIPT = """import contextlib, locale
with contextlib.suppress(locale.Error):
    locale.setlocale(locale.LC_ALL, "")
from finmine.cli import main
main()
"""
CHOSEN = ("three-way-match", "splits", "vendors", "postings")
ACCEPTED = """finmine_accepted = 1
[[accepted]]
move = "model"
activity = "Approve"
owner = "Head of payables"
why = "Small"
until = 2024-12-31
"""


def turkish(folder: Path) -> dict[str, str]:
    """The variables of a Turkish place, whose i has no dot: compiled into the folder where the system can, else by name alone."""
    named = {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
    if shutil.which("localedef") is None:
        return named
    made = subprocess.run(["localedef", "-i", "tr_TR", "-f", "UTF-8", str(folder / "tr_TR.UTF-8")], capture_output=True, check=False)
    return {**named, "LOCPATH": str(folder)} if made.returncode == 0 else named


def run(folder: Path, place: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line in a folder, with other clocks, language and order of sets."""
    environment = {**os.environ, **place, "COLUMNS": "300"}
    return subprocess.run([sys.executable, "-c", SCRIPT, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_pack_made_here_holds_elsewhere(made: Pack, tmp_path: Path) -> None:
    """Made in one folder, zone and language, it is made again to the byte in others, from a source of another name, and follows the pack before it."""
    here, there = Folder.filled(tmp_path / "it's here", policy=ONE_RULE), tmp_path / "elsewhere"
    there.mkdir()
    asked = (
        "log.csv",
        "--policy",
        "small.toml",
        "--sample",
        "cases",
        "--size",
        "2",
        "--seed",
        "7",
        "--keep-cases",
        "throughput > 1d",
        "--no-report",
        *(part for question in CHOSEN for part in ("--answer", question)),
        "--model",
        "line.pnml",
        "--accepted",
        "accepted.toml",
        "--previous",
        "0.zip",
    )
    line = straight_line("", ("Enter", "Approve", "Pay")).net
    assert line is not None
    (here.path / "line.pnml").write_text(line.pnml())
    (here.path / "accepted.toml").write_text(ACCEPTED)
    made.write(here.path / "0.zip")
    tokyo = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "1", "FINMINE_THREADS": "1"}
    assert run(here.path, tokyo, "pack", *asked, "--output", "a.zip").returncode == 0
    (there / "export (1).csv").write_bytes(here.source.read_bytes())
    apia = {"TZ": "Pacific/Apia", "PYTHONHASHSEED": "2", "FINMINE_THREADS": "2", **turkish(tmp_path)}
    found = run(there, apia, "verify", str(here.path / "a.zip"), "--source", "export (1).csv", "--previous", str(here.path / "0.zip"))
    assert (found.returncode, "a.zip is what it says" in found.stdout, "byte for byte" in found.stdout) == (0, True, True), (
        found.stdout + found.stderr
    )
    packed = Pack.of((here.path / "a.zip").read_bytes())
    assert {"sample.csv", "model.pnml", "accepted.toml", "answers/conformance.json"} < {*packed.members()}
    assert {name for name in packed.members() if name.startswith("answers/")} == {
        f"answers/{one}.{ending}" for one in (*CHOSEN, "conformance") for ending in ("csv", "json")
    }
    assert packed.manifest["order"]["answers"] == [*CHOSEN]
    assert packed.manifest["order"]["filters"] == [["cases", "throughput > 1d"]]
    assert packed.manifest["previous_sha256"] == made.sha256


def test_a_thousand_changes_of_a_byte_are_all_found(made: Pack) -> None:
    """Whichever byte of the file is changed to whichever other, the pack does not hold."""
    chance = random.Random(20_240_101)
    for _ in range(1_000):
        changed = bytearray(made.data)
        changed[chance.randrange(len(changed))] ^= chance.randrange(1, 256)
        assert finmine.verify(bytes(changed)).failed


def test_the_headers_of_the_archive_are_compared_too(made: Pack) -> None:
    """Each byte of the first entry and of the end of the directory, changed, is found: hashes of members alone would miss it."""
    directory = made.data.index(b"PK\x01\x02")
    for place in (*range(directory, directory + 60), *range(len(made.data) - 22, len(made.data))):
        changed = made.data[:place] + bytes([made.data[place] ^ 1]) + made.data[place + 1 :]
        assert finmine.verify(changed).failed


def test_secrets_that_protect_nothing_are_refused(folder: Folder, tmp_path: Path) -> None:
    """One that is short, one that is not there, and one for people who are shown by name."""
    (tmp_path / "short").write_text("secret")
    with pytest.raises(Refusal, match="nobody guesses"):
        folder.pack(people_secret=tmp_path / "short")
    with pytest.raises(Refusal, match="no file"):
        folder.pack(people_secret=tmp_path / "none")
    (tmp_path / "secret").write_text(SECRET)
    with pytest.raises(Refusal, match="not shown under pseudonyms"):
        finmine.pack(folder.read(people="names"), policy=folder.path / "small.toml", people_secret=tmp_path / "secret")


@pytest.mark.parametrize("keyed", [False, True], ids=["numbered", "keyed"])
def test_no_name_is_in_a_pack_under_pseudonyms(tmp_path: Path, keyed: bool) -> None:
    """Neither card, policy, comments nor results hold a name; whoever has the originals, the source and the secret makes the same pack again."""
    folder = Folder.filled(tmp_path / "in", card=CARD + PERSONS, policy=ONE_RULE + LIMITS)
    (tmp_path / "secret").write_text(SECRET + "\n")
    secret = tmp_path / "secret" if keyed else None
    made = folder.pack(people_secret=secret, answers=CHOSEN[1::2] if keyed else ())
    members = made.members()
    for name, data in members.items():
        assert not any(person.encode() in data for person in NAMES), name
    shown = "person " + hmac.new(SECRET.encode(), b"Ann Smith", "sha256").hexdigest()[:12]
    assert (shown.encode() in members["findings.csv"]) == keyed
    assert [one["violation"] for one in rows(members["verdicts.csv"])] == ["1", "2"]
    assert made.manifest["names_replaced_in"] == ["card.toml", "policy.toml"]
    with pytest.raises(Refusal, match="--people-secret FILE" if keyed else "--card FILE"):
        finmine.verify(made, source=folder.source)
    card, policy = folder.path / "log.card.toml", folder.path / "small.toml"
    assert not finmine.verify(made, source=folder.source, card=card, policy=policy, people_secret=secret).failed


@pytest.mark.parametrize(
    ("card", "policy", "words"),
    [
        ('[[labour]]\nresource = "Bob Jones"\nrate = "10"\ncurrency = "EUR"\n', ONE_RULE, "--no-report"),
        ('[calendars.x]\nhours = "24/7"\n[calendar_of]\nuser = { "Bob Jones" = "x" }\n', ONE_RULE, "--no-report"),
        ("", ONE_RULE + 'where = { user = ["Bob Jones"] }\n', "the policy has under where"),
    ],
    ids=["labour", "calendar", "scope"],
)
def test_names_that_answers_would_spell_are_refused(tmp_path: Path, card: str, policy: str, words: str) -> None:
    """A name in a rate, a calendar or the scope of a rule stands in answers: no pack under pseudonyms is made of these."""
    folder = Folder.filled(tmp_path, card=CARD + card, policy=policy)
    with pytest.raises(Refusal, match=words):
        folder.pack(report=True)


def test_a_name_in_a_script_is_found_wherever_it_comes_from(tmp_path: Path) -> None:
    """Whose calendar it is stands in the script of what goes by calendars; other answers can be packed; escapes of pages and SQL hide no name."""
    calendar = '[calendars.x]\nhours = "24/7"\n[calendar_of]\nuser = { "Bob Jones" = "x" }\n'
    folder = Folder.filled(tmp_path, card=CARD + calendar, policy=ONE_RULE)
    with pytest.raises(Refusal, match=r"in evidence/postings\.sql\)"):
        folder.pack(answers=["postings", "splits"])
    names = ShownNames({}, frozenset({"user"}), None)
    card = b'[calendar_of]\nuser = { "Pat O\'Neil" = "x" }\n'
    for spelled in (b"of PAT O&#39;NEIL.", b"'pat o''neil'", b"Pat O'Neil"):
        with pytest.raises(Refusal, match="would be spelled out"):
            refuse_spelled(card, names, {"a": spelled})
    refuse_spelled(card, names, {"a": b"Pat O'Neilson"})


def test_with_names_card_and_policy_are_as_their_files() -> None:
    """Where people are shown by name, the members are the files, comments and all."""
    assert card_member(CARD.encode(), None, report=True) == (CARD.encode(), False)
    assert policy_member(POLICY.encode(), None) == (POLICY.encode(), False)


def test_only_what_lies_in_files_is_packed(folder: Folder, tmp_path: Path) -> None:
    """A table or a card in memory, a sample of another log, a source or a card that changed: each is refused in its words."""
    with pytest.raises(Refusal, match="a table is in memory only"):
        finmine.pack(written("i1: a@0h"))
    with pytest.raises(Refusal, match="the card is in memory only"):
        finmine.pack(finmine.read(folder.source, card=finmine.Card()))
    with pytest.raises(Refusal, match="drawn from another log"):
        folder.pack(sample=finmine.audit_sample(folder.read().keep_cases(finmine.has("Pay"))))
    changed = Folder.filled(tmp_path)
    log = changed.read()
    changed.source.write_text(LOG.replace("100.00", "101.00"), encoding="utf-8")
    with pytest.raises(Refusal, match="changed after it was read"):
        finmine.pack(log, policy=tmp_path / "small.toml", report=False, answers=False)


def test_several_sources_and_a_case_table(tmp_path: Path) -> None:
    """Two files of one name in two folders and a table of cases are told apart; verify finds each by its content."""
    head, *lines = LOG.splitlines(keepends=True)
    for month, part in (("jan", lines[:6]), ("feb", lines[6:])):
        (tmp_path / month).mkdir()
        (tmp_path / month / "log.csv").write_text(head + "".join(part), encoding="utf-8")
    (tmp_path / "owners.csv").write_text("case,owner\ni1,x\ni3,y\n", encoding="utf-8")
    (tmp_path / "jan" / "log.card.toml").write_text(CARD + '[cases]\nfile = "../owners.csv"\ncase = "case"\n', encoding="utf-8")
    (tmp_path / "small.toml").write_text(ONE_RULE, encoding="utf-8")
    log = finmine.read(tmp_path / "jan" / "log.csv", tmp_path / "feb" / "log.csv").keep_cases(finmine.attribute_is("owner", "x", "y"))
    made = finmine.pack(log, policy=tmp_path / "small.toml", report=False, answers=False)
    assert [one["name"] for one in made.manifest["sources"]] == ["log.csv", "log.csv", "owners.csv"]
    assert b"'2/log.csv'" in made.members()["evidence/audit.sql"]
    sources = [tmp_path / "owners.csv", tmp_path / "feb" / "log.csv", tmp_path / "jan"]
    assert not finmine.verify(made, source=sources).failed
    with pytest.raises(Refusal, match="3 sources"):
        finmine.verify(made, source=sources[:2])


def test_the_archive_is_the_one_of_its_members(made: Pack) -> None:
    """Nothing but the members is in the file."""
    assert archived(made.members()) == made.data


def test_what_became_of_findings_is_carried(folder: Folder, tmp_path: Path) -> None:
    """Dispositions stand in the findings and as a member; the pack is made again with them; a name of the log's people in a reason is refused."""
    (tmp_path / "said.csv").write_text("rule,case,disposition,who,when,why\nB,i3,false,C. Auditor,2024-03-01,a credit\n")
    made = folder.pack(dispositions=tmp_path / "said.csv")
    assert [(one["case"], one["disposition"], one["disposed_why"]) for one in rows(made.members()["findings.csv"])][1] == ("i3", "false", "a credit")
    assert made.members()["dispositions.csv"] == (tmp_path / "said.csv").read_bytes()
    assert not finmine.verify(made, source=folder.source, policy=folder.path / "small.toml").failed
    (tmp_path / "said.csv").write_text("rule,case,disposition,who,when,why\nB,i3,false,C. Auditor,2024-03-01,asked Bob Jones\n")
    with pytest.raises(Refusal, match="why in the dispositions would be spelled out"):
        folder.pack(dispositions=tmp_path / "said.csv")


def test_answers_on_approvals_and_conformance_are_carried(folder: Folder, tmp_path: Path) -> None:
    """Each answer stands as table, as JSON with the hash of the pack's policy or model, and as a script; why one is not given is said; nothing of the machine is in it."""
    line = straight_line("", ("Enter", "Approve", "Pay")).net
    assert line is not None
    (tmp_path / "own name.xml").write_text(line.pnml())
    made = folder.pack(answers=True, model=tmp_path / "own name.xml")
    members = made.members()
    questions = (*QUESTIONS, "conformance")
    expected = {f"answers/{one}.{ending}" for one in questions for ending in ("csv", "json")} | {f"evidence/{one}.sql" for one in questions}
    assert expected | {"model.pnml"} <= {*members}
    assert members["model.pnml"] == line.pnml().encode()
    assert sha256(members["model.pnml"]).hexdigest().encode() in members["answers/conformance.json"]
    assert [(one["activity"], one["move"], one["cases"]) for one in rows(members["answers/conformance.csv"])] == [("Approve", "on model", "1")]
    assert all(name.encode() in members["README.txt"] for name in expected)
    for name, data in members.items():
        assert not re.search(rb"/tmp|finmine-|own name", data), name
    with pytest.raises(Refusal, match="answer for a pack 'vendor'. Did you mean 'vendors'"):
        folder.pack(answers=["vendor"])
    (why,) = Answer("duplicates", None, "it has no documents.").view().blocks
    assert isinstance(why, Prose)
    assert why.text == "This log does not answer it: it has no documents."


def test_accepted_deviations_without_a_model_are_refused(folder: Folder, tmp_path: Path) -> None:
    """Nobody knows what they deviate from; and no model is no pack."""
    (tmp_path / "accepted.toml").write_text(ACCEPTED)
    with pytest.raises(Refusal, match="--model FILE"):
        folder.pack(accepted=tmp_path / "accepted.toml")
    (tmp_path / "bad.bpmn").write_text("<definitions/>")
    with pytest.raises(Refusal, match="0 processes"):
        folder.pack(model=tmp_path / "bad.bpmn")


def test_the_columns_of_dates_and_persons_stand_in_an_order() -> None:
    """What was said of a table with a column per date comes out of the manifest as it went in."""
    reading = {"dates": {"Make": ("made",), "Pay": ("paid", "clock")}, "persons": {"Make": "made_by"}, "missing": ("", "?")}
    order = PackOrder(reading, None, (), "low", 10, None, False, (), None, False, None, None)
    assert PackOrder.of(json.loads(json.dumps(order.plain()))) == order
