"""A discovered model with all that is known about it: how and from what it was learned, its notations and its quality."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from finmine import words
from finmine.errors import Refusal
from finmine.files import write_atomically
from finmine.models.bpmn import Bpmn
from finmine.models.drawing import bpmn_dot, net_dot, tree_dot
from finmine.models.net import Net
from finmine.models.positions import positions
from finmine.models.quality import Quality
from finmine.models.tree import Tree
from finmine.render.graphviz import CannotLayOut, LayoutTooLong, NoLayoutProgram, layout
from finmine.render.html import to_html
from finmine.render.png import svg_to_png
from finmine.render.text import to_text
from finmine.view import Block, Caveat, Cell, Definition, Diagram, Facts, Kind, View

Miner: TypeAlias = Literal["inductive", "inductive-dfg", "split"]
Notation: TypeAlias = Literal["bpmn", "net", "tree"]

_LEGENDS: dict[Notation, str] = {
    "bpmn": "Read from the thin circle (a case starts) to the bold one (it ends); boxes are activities, × goes one of the ways, + goes all of them.",
    "net": "Boxes are activities, black bars are steps without an activity; a case starts at the dot and ends at the double circle.",
    "tree": "Read from the top, children from left to right; 'repeat' does its first child, then any number of times its second and the first again.",
}
_DEFINITIONS = (
    Definition(
        "Fitting cases",
        "cases that the model can play from start to end, every activity in its order and nothing left over; silent steps are taken as they "
        "are needed, and a case with an activity that the model does not know never fits. The share is of all cases, also those not learned from.",
        "token replay with all ways of taking silent steps",
    ),
    Definition(
        "Precision",
        "one minus the share of what the model allows that is never seen: at each position of each case that the model can play so far and that goes "
        "on, the activities allowed next are counted, and those of them with which no case of the same beginning goes on. A model that allows "
        "everything has a precision near 0.",
        "ETConformance, each case counted: Muñoz-Gama and Carmona 2010",
    ),
)


ENDINGS = (".bpmn", ".pnml", ".ptml", ".dot", ".svg", ".png")


class NoTree(Refusal):
    """The process tree was asked of a model that has none."""

    def __init__(self, miner: str) -> None:
        super().__init__(f"the miner {miner!r} finds a diagram that need not be a process tree, so there is none. Ask for bpmn or pnml.")


class NotAModelFile(Refusal):
    """A model cannot be written as this kind of file."""

    def __init__(self, target: Path) -> None:
        self.target = target
        super().__init__(f"a model is written as .bpmn, .pnml or .ptml, and its picture as .svg, .png or .dot; {target.name!r} is none of these.")


def check_ending(target: Path, miner: Miner) -> None:
    """Refuse a file whose ending says nothing that a model of this miner is written as; asked before the model is discovered.

    Raises:
        NotAModelFile: the ending is none of a model or its picture.
        NoTree: a process tree, which this miner does not find.
    """
    if target.suffix.lower() not in ENDINGS:
        raise NotAModelFile(target)
    if target.suffix.lower() == ".ptml" and miner == "split":
        raise NoTree(miner)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model was learned; ``discovery.discover`` tells what each of these means."""

    miner: Miner
    noise: float | None = None
    collapse: bool = True
    coverage: float = 1.0


@dataclass(frozen=True, slots=True)
class Learned:
    """What a model was learned from: cases and variants, of how many variants, and what it does not know.

    Variants are missing for a model learned from a directly-follows graph.
    """

    cases: int
    variants: int | None = None
    of_variants: int | None = None
    unknown_activities: tuple[str, ...] = ()
    unknown_cases: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Model:
    """A discovered process model in three notations, with its recipe, its population and its quality."""

    recipe: Recipe
    tree: Tree | None
    net: Net
    diagram: Bpmn
    quality: Quality
    learned: Learned

    @property
    def pnml(self) -> str:
        """The Petri net as the text of a PNML file."""
        return self.net.pnml()

    @property
    def ptml(self) -> str:
        """The process tree as the text of a PTML file.

        Raises:
            NoTree: the miner gives none.
        """
        return self._tree().ptml()

    @property
    def bpmn(self) -> str:
        """The BPMN diagram as the text of a BPMN 2.0 file, with the positions of its parts where Graphviz can lay it out in time."""
        try:
            return self.diagram.xml(positions(layout(bpmn_dot(self.diagram, "LR"))))
        except (NoLayoutProgram, LayoutTooLong, CannotLayOut):
            return self.diagram.xml(None)

    def dot(self, notation: Notation = "bpmn") -> str:
        """The picture of the model in one notation as DOT source; raises NoTree where it has none."""
        match notation:
            case "bpmn":
                return bpmn_dot(self.diagram)
            case "net":
                return net_dot(self.net)
            case "tree":
                return tree_dot(self._tree())

    def svg(self, notation: Notation = "bpmn") -> str:
        """The picture of the model in one notation as SVG.

        Raises:
            NoTree: the miner gives no tree.
            NoLayoutProgram, LayoutTooLong, CannotLayOut: see ``render.graphviz.layout``.
        """
        return layout(self.dot(notation))

    def write(self, target: Path, notation: Notation = "bpmn") -> None:
        """Write the model, whole or not at all, as its file's suffix says: .bpmn, .pnml, .ptml, or a picture as .svg, .png or .dot.

        Raises:
            NotAModelFile: another suffix.
            CannotWrite: see ``files.write_atomically``.
            NoTree, NoLayoutProgram, LayoutTooLong, CannotLayOut: as ``svg``.
        """
        contents: Mapping[str, Callable[[], str | bytes]] = {
            ".bpmn": lambda: self.bpmn,
            ".pnml": lambda: self.pnml,
            ".ptml": lambda: self.ptml,
            ".dot": lambda: self.dot(notation),
            ".svg": lambda: self.svg(notation),
            ".png": lambda: svg_to_png(self.svg(notation)),
        }
        check_ending(target, self.recipe.miner)
        write_atomically(target, contents[target.suffix.lower()]())

    def __repr__(self) -> str:
        return to_text(self.view())

    def _repr_html_(self) -> str:
        return to_html(self.view())

    def view(self, notation: Notation = "bpmn") -> View:
        """The picture in one notation, what it was learned from, its quality and size, their definitions and limits."""
        blocks: list[Block] = [
            Diagram("Model", self.dot(notation), _LEGENDS[notation]),
            Facts("Learned from", self._origin()),
            Facts("Quality", self._quality()),
            Facts("Size", self._size()),
            *_DEFINITIONS,
            *map(Caveat, self._limits()),
        ]
        return View("Model", tuple(blocks))

    def relabelled(self, labels: Mapping[str, str]) -> Model:
        """The same model with other labels."""
        return replace(
            self,
            tree=self.tree and self.tree.relabelled(labels),
            net=self.net.relabelled(labels),
            diagram=self.diagram.relabelled(labels),
            learned=replace(self.learned, unknown_activities=tuple(labels[activity] for activity in self.learned.unknown_activities)),
        )

    def _tree(self) -> Tree:
        if self.tree is None:
            raise NoTree(self.recipe.miner)
        return self.tree

    def _origin(self) -> tuple[tuple[str, Cell, Kind], ...]:
        facts: list[tuple[str, Cell, Kind]] = [("Miner", self.recipe.miner, "text")]
        if self.recipe.noise is not None:
            facts.append(("Noise threshold", self.recipe.noise, "number"))
        if self.recipe.collapse:
            facts.append(("Immediate repeats", "folded before, put back as loops", "text"))
        facts.append(("Cases learned from", f"{words.count(self.learned.cases)} of {words.count(self.quality.cases)}", "text"))
        if self.learned.variants is not None:
            facts.append(("Variants learned from", f"{words.count(self.learned.variants)} of {words.count(self.learned.of_variants)}", "text"))
        return tuple(facts)

    def _quality(self) -> tuple[tuple[str, Cell, Kind], ...]:
        return (
            ("Fitting cases", self.quality.fitting, "count"),
            ("Fitting share of all cases", self.quality.fitting_share, "share"),
            ("Precision", self.quality.precision, "share"),
        )

    def _size(self) -> tuple[tuple[str, Cell, Kind], ...]:
        return (
            ("Activities", len(self.net.activities()), "count"),
            ("Places", self.net.places, "count"),
            ("Transitions", len(self.net.transitions), "count"),
            ("of which silent", self.net.silent, "count"),
            ("Arcs", self.net.arcs, "count"),
        )

    def _limits(self) -> list[str]:
        limits = []
        if self.learned.variants is None:
            limits.append("The model was learned from a directly-follows graph, which holds no traces: whether cases fit it cannot be told.")
        elif self.quality.fitting is None:
            limits.append("The model lets work pile up without end, so whether cases fit it was not measured.")
        if self.learned.unknown_activities:
            known = ", ".join(repr(activity) for activity in self.learned.unknown_activities[:5])
            more = ", …" if len(self.learned.unknown_activities) > 5 else ""
            limits.append(f"The model leaves out {known}{more}; the {words.plural(self.learned.unknown_cases, 'case')} with one of these cannot fit.")
        return limits
