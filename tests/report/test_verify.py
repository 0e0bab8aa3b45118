"""Verifying a pack: what differs is found and named, chains are followed, and nothing hostile is obeyed."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.report.packed import CARD, LOG, POLICY, Folder

import finmine
from finmine.cli import main
from finmine.errors import Refusal
from finmine.report import archive
from finmine.report.archive import archived
from finmine.report.differences import differences
from finmine.report.manifest import canonical
from finmine.report.pack import Pack


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The small folder."""
    return Folder.filled(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="module")
def made(folder: Folder) -> Pack:
    """Its pack, with a sample and what was found in it."""
    (folder.path / "found.csv").write_text("case,audited\ni1,90.00\n=2+5,20.00\n", encoding="utf-8")
    return folder.pack(sample=finmine.audit_sample(folder.read(), method="money", size=2), audited=folder.path / "found.csv")


def forged(pack: Pack, change: Callable[[dict[str, Any]], object], **members: bytes) -> bytes:
    """A pack that somebody made by hand: other members, and a manifest that agrees with them, changed further."""
    parts = {name: data for name, data in pack.members().items() if name != "manifest.json"} | {
        name.replace("__", "."): data for name, data in members.items()
    }
    said = json.loads(pack.members()["manifest.json"])
    said["members"] = [{"name": name, "sha256": sha256(data).hexdigest(), "bytes": len(data)} for name, data in sorted(parts.items())]
    change(said)
    return archived({**parts, "manifest.json": canonical(said)})


def unchanged(said: dict[str, Any]) -> None:
    """A manifest as it is."""


def test_a_pack_that_holds_says_so(folder: Folder, made: Pack) -> None:
    """Without its source the bytes are checked, and that it was not made again is said; with it, all is."""
    assert "not made again" in str(finmine.verify(made))
    found = finmine.verify(made, source=folder.source)
    assert (found.failed, found.wrong, found.notes) == (False, (), ())
    assert found.sha256 == made.sha256 == sha256(made.data).hexdigest()
    assert "is what it says" in found._repr_html_()
    assert json.loads(found.to_json())["holds"] is True


def test_a_changed_source_is_found_with_what_differs(folder: Folder, made: Pack, tmp_path: Path) -> None:
    """One letter of one user in the source: the hash, the verdicts and the finding that came of it are named, with both values."""
    (tmp_path / "log.csv").write_text(LOG.replace("ANN SMITH ", "Eve"), encoding="utf-8")
    found = finmine.verify(made, source=tmp_path / "log.csv")
    assert found.failed
    wrong = {(one.member, one.place): (one.in_pack, one.expected) for one in found.wrong}
    assert wrong["manifest.json", "sources[1].sha256"][0] == sha256(folder.source.read_bytes()).hexdigest()
    assert wrong["manifest.json", "verdicts[1].violation"] == ("1", "0")
    assert {"verdicts.csv", "findings.csv", "audit.json", "working_papers.xlsx", "evidence/audit.sql"} <= {one.member for one in found.wrong}
    assert "card.toml" not in {one.member for one in found.wrong}
    in_pack, expected = wrong["verdicts.csv", "line 2"]
    assert ',"",1,0,0,1,1,3,' in str(in_pack)
    assert ',"",0,0,0,1,2,3,' in str(expected)


def test_a_whole_forgery_holds_until_it_is_made_again(folder: Folder, made: Pack) -> None:
    """Members and manifest that agree with one another pass for a pack; the source tells what was changed, and the hash is another.

    Where another version made it, both are said, and what is compared is what it would have said, so that only results can differ.
    """
    softened = made.members()["findings.csv"].replace(b"i3", b"i4")
    fake = forged(made, lambda said: said["made_with"].update(finmine="0.0.9"), findings__csv=softened)
    assert not finmine.verify(fake).failed
    assert finmine.verify(fake).sha256 != made.sha256
    found = finmine.verify(fake, source=folder.source)
    assert any("finmine 0.0.9 (here 0.1.0)" in note for note in found.notes)
    assert "Made with finmine    0.0.9" in str(found)
    naming = {name for name, data in made.members().items() if b"0.1.0" in data or name == "working_papers.xlsx"} - {"manifest.json"}
    assert {one.member: one.place for one in found.wrong}["findings.csv"] == "line 3"
    assert {one.member for one in found.wrong} == naming | {"findings.csv"}


def test_packs_follow_one_another(folder: Folder, made: Pack, tmp_path: Path) -> None:
    """Each names the hash of the pack before it; a chain in order holds, another pack in its place or a changed one does not."""
    first, second = made.write(tmp_path / "1.zip"), Pack.of(forged(made, lambda said: said.update(previous_sha256=made.sha256)))
    third = Pack.of(forged(made, lambda said: said.update(previous_sha256=second.sha256)))
    second.write(tmp_path / "2.zip")
    assert not finmine.verify(third, previous=[tmp_path / "2.zip", first]).failed
    assert "was not looked at" in str(finmine.verify(third))
    wrong = finmine.verify(third, previous=first).wrong
    assert [(one.member, one.in_pack, one.expected) for one in wrong] == [("the pack before, 1.zip", second.sha256, made.sha256)]
    assert finmine.verify(made, previous=tmp_path / "2.zip").failed
    (tmp_path / "2.zip").write_bytes(second.data[:-1] + b"!")
    assert len(finmine.verify(third, previous=tmp_path / "2.zip").wrong) == 2
    with pytest.raises(Refusal, match="not as it was written"):
        folder.pack(previous=tmp_path / "2.zip")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda said: said.update(finmine_pack=2), id="another format"),
        pytest.param(lambda said: said["members"].pop(), id="a member too few"),
        pytest.param(lambda said: said["members"].append({"name": "x", "sha256": "", "bytes": 0}), id="a member too many"),
        pytest.param(lambda said: said["members"].append(7), id="no member"),
        pytest.param(lambda said: said.update(members=None), id="no members"),
        pytest.param(lambda said: said.pop("made_with"), id="no versions"),
        pytest.param(lambda said: said.update(sources=[{"name": 1, "sha256": "x"}]), id="a name that is a number"),
        pytest.param(lambda said: said.update(verdicts="many"), id="verdicts in words"),
        pytest.param(lambda said: said.update(previous_sha256=5), id="a hash that is a number"),
    ],
)
def test_manifests_that_are_none_are_refused(made: Pack, change: Callable[[dict[str, Any]], object]) -> None:
    """Whatever the manifest lacks or has of another kind, the pack does not hold, and nothing breaks."""
    found = finmine.verify(forged(made, change))
    assert found.failed
    assert "manifest" in str(found)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"[" * 100_000, id="nested"),
        pytest.param(b"{" + b" " * (1 << 25) + b"}", id="huge"),
        pytest.param(b'{"a":' + b"9" * 10_000 + b"}", id="long number"),
        pytest.param(b'{"finmine_pack": 1}', id="blanks"),
        pytest.param(b'{"finmine_pack":NaN}', id="no number"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_manifests_that_are_not_ours_are_refused(data: bytes) -> None:
    """Nested without end, huge, not in the canonical spelling or no JSON at all."""
    assert finmine.verify(archived({"manifest.json": data})).failed
    assert finmine.verify(archived({"a": data})).failed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda said: said["order"].update(reading=[["engine", "x"]]), "nothing that can be asked for", id="an engine"),
        pytest.param(lambda said: said["order"].update(reading=[["card", "other.toml"]]), "nothing that can be asked for", id="a card elsewhere"),
        pytest.param(lambda said: said["order"].update(reading=7), "nothing that can be asked for", id="options that are a number"),
        pytest.param(
            lambda said: said["order"].update(reading=[["people", {"a": 1}]]), "nothing that can be asked for", id="options that are tables"
        ),
        pytest.param(lambda said: said["order"].update(filters=[["cases", 3]]), "nothing that can be asked for", id="a filter that is a number"),
        pytest.param(lambda said: said["order"].update(answers=["audit"]), "nothing that can be asked for", id="an answer that is none"),
        pytest.param(lambda said: said["order"].update(severity="none"), "nothing that can be asked for", id="a severity that is none"),
        pytest.param(lambda said: said["order"].update(sample={"method": "money"}), "nothing that can be asked for", id="half a sample"),
        pytest.param(lambda said: said["order"].update(reading=[["people", "anybody"]]), "nothing that can be asked for", id="people that are none"),
        pytest.param(lambda said: said["order"]["sample"].update(confidence="much"), "nothing that can be asked for", id="a share that is none"),
        pytest.param(lambda said: said["order"]["sample"].update(confidence="nan"), "nothing that can be asked for", id="a share that is no number"),
        pytest.param(lambda said: said["order"]["sample"].update(selection="all"), "nothing that can be asked for", id="a selection that is none"),
        pytest.param(lambda said: said["order"]["sample"].update(seed=7), "nothing that can be asked for", id="a seed that is a number"),
        pytest.param(lambda said: said["order"]["sample"].update(confidence="7"), "they do not give this pack", id="a share above all"),
        pytest.param(lambda said: said["order"].update(more="x"), "nothing that can be asked for", id="a number in words"),
        pytest.param(
            lambda said: said["order"].update(filters=[["cases", "delete everything"]]), "they do not give this pack", id="a filter that is none"
        ),
        pytest.param(lambda said: said["order"].update(reading=[["zone", "../../etc"]]), "they do not give this pack", id="a zone that is a path"),
        pytest.param(lambda said: said["sources"][0].update(name="../log.csv"), "is none", id="a step up"),
        pytest.param(lambda said: said["sources"][0].update(name="/log.csv"), "is none", id="a path"),
        pytest.param(lambda said: said["sources"][0].update(name="card.toml"), "they do not give this pack", id="the name of a member"),
    ],
)
def test_hostile_orders_are_not_carried_out(folder: Folder, made: Pack, change: Callable[[dict[str, Any]], object], words: str) -> None:
    """A manifest by another hand that asks for other files, for options that are none or for nonsense: said, and the source stays as it is."""
    before = folder.source.read_bytes()
    found = finmine.verify(forged(made, change), source=folder.source)
    assert found.failed
    assert words in " ".join(one.place for one in found.wrong)
    assert folder.source.read_bytes() == before


def test_a_hostile_policy_or_card_gives_words(folder: Folder, made: Pack) -> None:
    """What the members hold is read as what it is: no TOML, or a card of nonsense, is said."""
    for member in ("policy__toml", "card__toml"):
        found = finmine.verify(forged(made, unchanged, **{member: b"\xff["}), source=folder.source)
        assert "they do not give this pack" in found.wrong[0].place


def test_what_differs_is_told_by_line_or_byte() -> None:
    """Texts by their first line that differs, others by byte, members that are on one side only as a whole."""
    manifest = b'{"a":[1,{"b":"x"}],"members":[]}'
    one = {"manifest.json": manifest, "t": b"1\n2\n3", "long": b"x" * 99 + b"1;" + b"y" * 99, "b": b"\xff\x00", "gone": b"12"}
    other = {"manifest.json": manifest.replace(b"x", b"y"), "t": b"1\n2", "long": b"x" * 99 + b"2;" + b"y" * 99, "b": b"\xff\x01", "new": b""}
    one["manifest.json"] = manifest.replace(b'"members"', b'"many":[1,2,3,4,5,6,7,8],"sources":["s"],"members"')
    other["manifest.json"] = manifest.replace(b"x", b"y").replace(b'"members"', b'"many":[0,0,0,0,0,0,0,0],"sources":["t"],"members"')
    assert [(each.member, each.place, each.in_pack, each.expected) for each in differences(one, other)] == [
        ("manifest.json", "sources[1]", "s", "t"),
        ("manifest.json", "a[2].b", "x", "y"),
        *(("manifest.json", f"many[{place}]", str(place), "0") for place in range(1, 7)),
        ("manifest.json", "2 more values under many differ.", None, None),
        ("b", "byte 1", "2 bytes", "2 bytes"),
        ("gone", "the whole", "2 bytes", None),
        ("long", "line 1", f"…{'x' * 24}1;{'y' * 43}…", f"…{'x' * 24}2;{'y' * 43}…"),
        ("new", "the whole", None, "0 bytes"),
        ("t", "line 3", "3", None),
    ]


def test_the_command_ends_with_its_status(
    folder: Folder, made: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 where the pack holds, 1 where it does not, 2 where something is missing; pack itself refuses another ending than .zip."""
    whole, changed = str(made.write(tmp_path / "a.zip")), tmp_path / "b.zip"
    changed.write_bytes(made.data.replace(b"Small", b"Smell", 1))

    def status(*arguments: str) -> int | str | None:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        return ended.value.code

    assert status("verify", whole) == 0
    assert "a.zip is what it says" in capsys.readouterr().out
    assert status("verify", str(changed), "--to", "json") == 1
    assert json.loads(capsys.readouterr().out)["holds"] is False
    with monkeypatch.context() as smaller:
        smaller.setattr(archive, "MOST_BYTES", 1000)
        assert status("verify", whole) == 1
        assert f"it has {len(made.data):,} bytes, and at most 1,000 are read" in capsys.readouterr().out
    assert status("verify", whole, "--previous", str(tmp_path / "none.zip")) == 2
    assert status("verify", str(tmp_path / "none.zip")) == 2
    assert status("pack", str(folder.source), "--output", str(tmp_path / "a.html")) == 2
    assert status("pack", str(folder.source), "--audited", whole, "--output", whole) == 2
    assert status("pack", str(folder.source), "--previous", whole, "--output", whole) == 2
    assert Path(whole).read_bytes() == made.data


def test_the_log_card_and_policy_of_these_tests_are_what_they_seem(folder: Folder) -> None:
    """The files that the packs are of are those texts."""
    assert folder.source.read_text(encoding="utf-8") == LOG
    assert (folder.path / "log.card.toml").read_text(encoding="utf-8") == CARD
    assert (folder.path / "small.toml").read_text(encoding="utf-8") == POLICY
