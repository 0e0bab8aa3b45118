"""The process tree: a model as nested sequences, choices, parallel parts and loops of activities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from xml.etree import ElementTree as ET

from finmine.models.spelling import document, written_name

TreeKind: TypeAlias = Literal["activity", "silent", "sequence", "choice", "parallel", "loop"]

_TAGS: dict[TreeKind, str] = {
    "activity": "manualTask",
    "silent": "automaticTask",
    "sequence": "sequence",
    "choice": "xor",
    "parallel": "and",
    "loop": "xorLoop",
}


@dataclass(frozen=True, slots=True)
class Tree:
    """A process tree or a part of one.

    An ``activity`` has a label, a ``silent`` step stands for nothing being done, and the others have children: all in
    order (``sequence``), exactly one (``choice``), all in any interleaving (``parallel``), or the first, then any number of
    times the second and the first again (``loop``). Source: Leemans, Fahland, van der Aalst 2013.
    """

    kind: TreeKind
    label: str = ""
    children: tuple[Tree, ...] = ()

    def parts(self) -> Iterator[Tree]:
        """This node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.parts()

    def activities(self) -> frozenset[str]:
        """The labels of the activities in the tree."""
        return frozenset(part.label for part in self.parts() if part.kind == "activity")

    def relabelled(self, labels: Mapping[str, str]) -> Tree:
        """The same tree with other labels."""
        label = labels[self.label] if self.kind == "activity" else ""
        return replace(self, label=label, children=tuple(child.relabelled(labels) for child in self.children))

    def ordered(self) -> Tree:
        """The same model with the children of choices and parallel parts, whose order means nothing, in one fixed order."""
        children = tuple(child.ordered() for child in self.children)
        if self.kind in {"choice", "parallel"}:
            children = tuple(sorted(children, key=lambda child: (child.kind == "silent", min(child.activities(), default=""), str(child))))
        return replace(self, children=children)

    def ptml(self) -> str:
        """The tree as a PTML file; loops get the third, silent child that ProM expects."""
        root = ET.Element("ptml")
        tree = ET.SubElement(root, "processTree", id="tree", name="finmine", root="node1")
        links: list[tuple[int, int]] = []
        pending = [(self, 0)]
        number = 0
        while pending:
            node, parent = pending.pop(0)
            number += 1
            name = written_name(node.label) if node.kind == "activity" else ""
            ET.SubElement(tree, _TAGS[node.kind], id=f"node{number}", name=name)
            links.append((parent, number))
            leave = (Tree("silent"),) if node.kind == "loop" else ()
            pending += [(child, number) for child in node.children + leave]
        for parent, child in links[1:]:
            ET.SubElement(tree, "parentsNode", id=f"link{child}", sourceId=f"node{parent}", targetId=f"node{child}")
        return document(root)

    def __str__(self) -> str:
        if self.kind == "activity":
            return repr(self.label)
        return f"{self.kind}({', '.join(map(str, self.children))})" if self.children else self.kind
