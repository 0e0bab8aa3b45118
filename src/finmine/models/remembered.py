"""What was found of traces on a model, remembered: in memory while the programme runs, and in a file of a folder where one is named.

What is found of a trace depends on the model, the trace, whether its cases still run, and the number of states it may take; so it is known again by
these. What was found where time ran out depends on the machine and is never remembered. The file is JSON: nothing in it is run, and what is
not as it was written is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias, get_args

from finmine.errors import Refusal
from finmine.files import write_atomically
from finmine.models.alignment import Move, On
from finmine.models.bpmn import Bpmn
from finmine.models.net import Net
from finmine.models.reference import Reference
from finmine.models.told import Deviation, Kind, Told, deviations_of
from finmine.models.variants import Trace

Run: TypeAlias = tuple[Trace, bool]
"""A trace, and whether its cases still run."""

FORMAT = 1
_MOST_IN_MEMORY = 200_000  # runs of all models
_MOST_BYTES = 1 << 28
_MEMORY: dict[tuple[Bpmn | None, Net | None, int], dict[Run, Told]] = {}


class BadCache(Refusal):
    """A file of remembered alignments is not as it was written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the alignments that are kept in {str(path)!r} are not as finmine wrote them; delete that file, and they are found anew, or do without --cache."
        )


class NoCacheFolder(Refusal):
    """The folder for alignments cannot be had."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"alignments are kept in a folder, and {str(folder)!r} cannot be one: {reason}.")


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered of the runs on a model with a number of states, and the file in which it is kept, if any.

    ``found`` is what this programme found itself, which alone stays in memory; ``known`` has what the file says as well.
    """

    known: dict[Run, Told]
    found: dict[Run, Told]
    path: Path | None

    @classmethod
    def of(cls, model: Reference, states: int, folder: Path | None) -> Remembered:
        """What memory and, where a folder is given, its file know of a model.

        Raises:
            BadCache: the file is not as it was written.
            NoCacheFolder: there is no such folder, and it cannot be made.
        """
        if sum(map(len, _MEMORY.values())) > _MOST_IN_MEMORY:
            _MEMORY.clear()
        found = _MEMORY.setdefault((model.diagram, model.net, states), {})
        if folder is None:
            return cls(found, found, None)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NoCacheFolder(folder, error.strerror or str(error)) from None
        path = folder / f"alignments-{_digest([FORMAT, _plain(model.diagram), _plain(model.net), states])[:32]}.json"
        return cls(_read(path) | found, found, path)

    def learn(self, runs: Iterable[tuple[Run, Told]]) -> None:
        """Remember what was found, and write the file anew, whole or not at all, where there is one.

        Raises:
            CannotWrite: the file cannot be written.
        """
        new = {run: told for run, told in runs if not told.late}
        self.known.update(new)
        self.found.update(new)
        if self.path is not None and new:
            write_atomically(self.path, _written(self.known))


def _plain(model: Bpmn | Net | None) -> Any:
    return None if model is None else asdict(model)


def _digest(said: Any) -> str:
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _written(known: Mapping[Run, Told]) -> str:
    runs = [
        [list(trace), running, told.how, [[move.on, move.activity] for move in told.moves] or [[*asdict(one).values()] for one in told.deviations]]
        for (trace, running), told in sorted(known.items(), key=lambda one: one[0])
    ]
    return json.dumps({"finmine_alignments": FORMAT, "runs": runs, "sha256": _digest(runs)}, separators=(",", ":")) + "\n"


def _read(path: Path) -> dict[Run, Told]:
    """The runs that a file holds; none where there is no file."""
    if not path.exists():
        return {}
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            raise BadCache(path)
        said = json.loads(path.read_bytes())
        sound = said["finmine_alignments"] == FORMAT and said["sha256"] == _digest(said["runs"])
        known = dict(map(_run, said["runs"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise BadCache(path) from None
    if not sound:
        raise BadCache(path)
    return known


def _run(said: Any) -> tuple[Run, Told]:
    """A run as it is written in a file.

    Raises:
        ValueError, TypeError: it is none, or the moves of the case are not its trace.
    """
    trace, running, how, parts = said
    run = (tuple(map(_text, trace)), running is True)
    match how:
        case "aligned":
            moves = tuple(Move(on, _text(activity)) for on, activity in parts)
            if tuple(move.activity for move in moves if move.on != "model") != run[0] or not {move.on for move in moves} <= {*get_args(On)}:
                raise ValueError
            return run, Told("aligned", deviations_of(moves), moves)
        case "replayed":
            found = tuple(Deviation(kind, activity, after) for kind, activity, after in parts)
            names = {name for one in found for name in (one.activity, one.after)} - {None}
            if not all(isinstance(name, str) for name in names) or not {one.kind for one in found} <= {*get_args(Kind)}:
                raise ValueError
            return run, Told("replayed", found)
        case "not told" if not parts:
            return run, Told("not told")
    raise ValueError


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
