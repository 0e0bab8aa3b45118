"""A model, shown and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from finmine.files import CannotWrite
from finmine.models import pm4py as notations
from finmine.models.model import Learned, Model, NotAModelFile, NoTree, Recipe
from finmine.models.quality import Quality
from finmine.models.tree import Tree
from finmine.render.characters import visible_characters
from finmine.view import Caveat, Definition, Diagram, Facts

NAMES = ["", "Start", 'say "hi" \\N', "<script>alert(1)</script>", "&lt;b&gt; & c", "two\nlines", "emoji 🧾", "Pay invoice"]
SVG = "{http://www.w3.org/2000/svg}"

pytestmark = pytest.mark.usefixtures("pm4py")


@pytest.fixture
def model(make: Callable[[list[str]], Model]) -> Model:
    """A model of hostile activities."""
    return make(NAMES)


@pytest.fixture
def make() -> Callable[[list[str]], Model]:
    """A model of activities of which the second may be left out and the third repeats."""

    def made(names: list[str]) -> Model:
        first, second, third, *others = (Tree("activity", name) for name in names)
        parts = (first, Tree("choice", children=(second, Tree("silent"))), Tree("loop", children=(third, Tree("silent"))), *others)
        tree = Tree("sequence", children=parts)
        learned = Learned(90, 2, 4, ("Call off",), 2)
        return Model(Recipe("inductive", 0.2), tree, notations.net_of_tree(tree), notations.bpmn_of_tree(tree), Quality(100, 90, 0.75), learned)

    return made


@pytest.mark.parametrize("notation", ["bpmn", "net", "tree"])
def test_pictures_show_every_name_and_run_nothing(model: Model, notation: Any) -> None:
    """The SVG of each notation has each activity's name as text, visible and whole, and no element that could run."""
    root = ET.fromstring(model.svg(notation))
    boxes = [group for group in root.iter(f"{SVG}g") if group.get("class") == "node"]
    shown = {"".join(text.text or "" for text in box.iter(f"{SVG}text")).replace("\xa0", "").replace(" ", "") for box in boxes}
    assert {visible_characters(name).replace(" ", "") for name in NAMES} <= shown
    assert not [element for element in root.iter() if element.tag.removeprefix(SVG) in {"script", "a", "image", "foreignObject"}]


def test_a_long_name_is_shortened_in_the_picture_only(make: Callable[[list[str]], Model]) -> None:
    """A name of 300 letters is cut in the picture, keeps both its ends, and is whole in the file."""
    long = f"From{'x' * 300}To"
    model = make([long, "b", "c"])
    assert long not in model.svg().replace("\n", "").partition("<text")[2]
    assert "From" in model.svg()
    assert long in model.pnml


def test_what_the_view_says(model: Model) -> None:
    """Beside the picture stand what it was learned from, its quality, its size, what these mean, and what the model leaves out."""
    blocks = model.view().blocks
    facts = {name: value for block in blocks if isinstance(block, Facts) for name, value, _ in block.facts}
    assert facts == {
        "Miner": "inductive",
        "Noise threshold": 0.2,
        "Immediate repeats": "folded before, put back as loops",
        "Cases learned from": "90 of 100",
        "Variants learned from": "2 of 4",
        "Fitting cases": 90,
        "Fitting share of all cases": 0.9,
        "Precision": 0.75,
        "Activities": 8,
        "Places": model.net.places,
        "Transitions": len(model.net.transitions),
        "of which silent": model.net.silent,
        "Arcs": model.net.arcs,
    }
    assert isinstance(blocks[0], Diagram)
    assert {block.term for block in blocks if isinstance(block, Definition)} == {"Fitting cases", "Precision"}
    assert [block.text for block in blocks if isinstance(block, Caveat)] == [
        "The model leaves out 'Call off'; the 2 cases with one of these cannot fit."
    ]


def test_what_is_not_known_is_said(model: Model) -> None:
    """A model without quality says why."""
    of_graph = Model(Recipe("inductive-dfg"), model.tree, model.net, model.diagram, Quality(100, None, None), Learned(100))
    assert any("holds no traces" in block.text for block in of_graph.view().blocks if isinstance(block, Caveat))
    unbounded = Model(Recipe("split"), None, model.net, model.diagram, Quality(100, None, None), Learned(100, 4, 4))
    assert any("without end" in block.text for block in unbounded.view().blocks if isinstance(block, Caveat))


@pytest.mark.parametrize(
    ("suffix", "beginning"),
    [
        ("bpmn", b"<?xml"),
        ("pnml", b"<?xml"),
        ("ptml", b"<?xml"),
        ("svg", b"<svg"),
        ("dot", b"digraph bpmn"),
        ("PNG", b"\x89PNG"),
    ],
)
def test_the_suffix_says_what_is_written(model: Model, tmp_path: Path, suffix: str, beginning: bytes) -> None:
    """Each kind of file is chosen by its suffix, in small or capital letters."""
    target = tmp_path / f"model [1].{suffix}"
    model.write(target)
    assert target.read_bytes().startswith(beginning)
    assert [entry.name for entry in tmp_path.iterdir()] == [target.name]


def test_another_notation_is_drawn(model: Model, tmp_path: Path) -> None:
    """Pictures are of the notation asked for."""
    model.write(tmp_path / "net.dot", "net")
    assert (tmp_path / "net.dot").read_text(encoding="utf-8") == model.dot("net") != model.dot("bpmn")


def test_what_cannot_be_written_is_refused(model: Model, tmp_path: Path) -> None:
    """Another suffix, a folder that is not there, or the tree of a model without one are refused, and no file appears."""
    with pytest.raises(NotAModelFile, match=r"\.bpmn, \.pnml or \.ptml.*'model\.docx'"):
        model.write(tmp_path / "model.docx")
    with pytest.raises(CannotWrite):
        model.write(tmp_path / "no" / "model.pnml")
    split = Model(Recipe("split", 0.4), None, model.net, model.diagram, model.quality, model.learned)
    with pytest.raises(NoTree, match="'split'"):
        split.write(tmp_path / "model.ptml")
    assert not list(tmp_path.iterdir())
