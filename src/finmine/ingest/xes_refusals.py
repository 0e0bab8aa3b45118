"""Why an XES file is not read: one class for each way in which it can be broken or hostile."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from finmine.errors import Refusal


class XesRefusal(Refusal):
    """An XES file cannot be read; says the file, the line, what was found there and what to do."""

    def __init__(self, path: Path, line: int, found: str, advice: str) -> None:
        self.path = path
        self.line = line
        super().__init__(f"{path}, line {line}: {found}. {advice}")


class NotXes(XesRefusal):
    """The outermost element is not ``<log>``."""

    def __init__(self, path: Path, line: int, root: str) -> None:
        super().__init__(path, line, f"an XES file begins with <log>, this one with <{root}>", "Export the log as XES, or name another file.")


class NotWellFormed(XesRefusal):
    """The file breaks the rules of XML."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(path, line, f"this is not well-formed XML ({reason})", "Export the log again, or repair that line.")


class Truncated(XesRefusal):
    """The file ends before the log does."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(path, line, "the file ends here or soon after, before </log>", "Copy or export it again: the rest of the log is missing.")


class DamagedGzip(XesRefusal):
    """The compressed file cannot be unpacked."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(path, line, f"the compressed file is damaged somewhere after this line ({reason})", "Copy or export it again.")


class DoctypeForbidden(XesRefusal):
    """The file declares a document type, which could define entities."""

    def __init__(self, path: Path, line: int, name: str) -> None:
        found = f"<!DOCTYPE {name}> is not allowed: XES needs no document type, and its entities could read files or fill memory"
        super().__init__(path, line, found, "Remove the declaration; if you do not know where the file comes from, do not trust it.")


class EventOutsideTrace(XesRefusal):
    """An event stands directly in the log and so belongs to no case."""

    def __init__(self, path: Path, line: int) -> None:
        found = "an <event> stands outside of any <trace> and so belongs to no case"
        super().__init__(path, line, found, "Put each event into the trace of its case.")


class Misplaced(XesRefusal):
    """An element stands where XES has none of its kind."""

    def __init__(self, path: Path, line: int, element: str, parent: str) -> None:
        super().__init__(path, line, f"XES has no <{element}> in <{parent}>", "Remove it, or export the log again as standard XES.")


class WrongParts(XesRefusal):
    """An element lacks a part that XES demands, or has one that XES does not know."""

    def __init__(self, path: Path, line: int, element: str, wanted: str, given: Iterable[str]) -> None:
        found = f"<{element}> takes {wanted}, and this one has {', '.join(given) or 'nothing'}"
        super().__init__(path, line, found, "Correct the element, or export the log again as standard XES.")


class LateTraceAttribute(XesRefusal):
    """A trace attribute follows so many events of its trace that these were already written without it."""

    def __init__(self, path: Path, line: int, key: str) -> None:
        found = f"the trace attribute {key!r} follows a very long run of the trace's events"
        super().__init__(path, line, found, "Put trace attributes before the events, as XES asks.")


class TooLarge(XesRefusal):
    """Something in the file is larger than any log has it: a file made to exhaust memory, or a damaged one."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        advice = "Check where the file comes from; if it is sound, split the log or leave that attribute out."
        super().__init__(path, line, f"{what}, which no event log needs", advice)
