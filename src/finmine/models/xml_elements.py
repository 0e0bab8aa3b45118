"""The elements of a small XML file with the lines in which they begin; what could read files or fill memory is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from finmine.errors import Refusal

_MOST_BYTES = 32 << 20
_MOST_ELEMENTS = 300_000
_DEEPEST = 100


class BadModelFile(Refusal):
    """A file of a model cannot be read, or says something that cannot be told of cases."""

    def __init__(self, file: str, line: int | None, problem: str) -> None:
        super().__init__(f"{file}{f', line {line}' if line else ''}: {problem}")


@dataclass(slots=True)
class Element:
    """An element by its name without namespace; ``text`` is what stands directly in it."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, *names: str) -> Iterator[Element]:
        """The elements with one of these names below this one, at any depth, in the order of the file."""
        for child in self.children:
            if child.name in names:
                yield child
            yield from child.all(*names)

    def first(self, *names: str) -> Element | None:
        """The child that the names lead to, each in the one before."""
        found: Element | None = self
        for name in names:
            found = next((child for child in found.children if child.name == name), None) if found else None
        return found


def elements(file: str, data: bytes) -> Element:
    """The outermost element of an XML file.

    Raises:
        BadModelFile: it is not well-formed, declares a document type, or is larger or deeper than models are; with the line.
    """
    if len(data) > _MOST_BYTES:
        raise BadModelFile(file, None, f"it has {len(data):,} bytes, and a model has at most {_MOST_BYTES:,}")
    reader = _Reader(file)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadModelFile(file, error.lineno, f"this is not well-formed XML ({expat.ErrorString(error.code)}); export the model again") from None
    return reader.root.children[0]


class _Reader:
    def __init__(self, file: str) -> None:
        self.root = Element("", {}, 0)
        self._file, self._open, self._count = file, [self.root], 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS or len(self._open) > _DEEPEST:
            self._refuse("there are more elements, or they stand deeper in each other, than a model has")
        element = Element(_local(name), {_local(key): value for key, value in attributes.items()}, self.parser.CurrentLineNumber)
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].text += text

    def _refuse_doctype(self, name: str, *_: object) -> None:
        self._refuse(
            f"<!DOCTYPE {name}> is not allowed: a model needs no document type, and its entities could read files or fill memory. "
            "Remove the declaration; if you do not know where the file comes from, do not trust it"
        )

    def _refuse(self, problem: str) -> None:
        raise BadModelFile(self._file, self.parser.CurrentLineNumber, problem)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
