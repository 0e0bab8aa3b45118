"""Files that lie before the engine where they are, and are read again whenever a question needs one of their columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from finmine.errors import Refusal


class ChangedSource(Refusal):
    """A file was written to after it was read, and a question needs it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was changed after it was read, so that its rows are no longer those of the log; read it again.")


class DamagedSource(Refusal):
    """A file cannot be read to its end."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(
            f"{name} cannot be read to its end: its pages are damaged, or of a kind that the engine does not know ({words}); "
            "copy it again, or write it again from its source."
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A file as it was when it was laid before the engine: under which path of the engine's own, and called what."""

    path: Path
    name: str
    size: int
    modified: int

    @classmethod
    def of(cls, path: Path, name: str) -> Placed:
        """The file as it is now."""
        found = path.stat()
        return cls(path, name, found.st_size, found.st_mtime_ns)

    def changed(self) -> bool:
        """Whether the file has been written to since."""
        found = self.path.stat()
        return (found.st_size, found.st_mtime_ns) != (self.size, self.modified)
