"""The files that a pack is made of, laid out under the names by which it knows them, so that nothing in it tells where they lay."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from finmine.card import Card, beside, load
from finmine.engine import Engine, quoted_text
from finmine.errors import Refusal
from finmine.ingest.people import keyed_people
from finmine.ingest.read import NoSuchCard, read
from finmine.ingest.sources import files_of
from finmine.ingest.staging import NoSuchFile, escape_pattern
from finmine.log import Asked, EventLog
from finmine.report.pack_order import PackOrder

CARD, POLICY, AUDITED, DISPOSITIONS = "card.toml", "policy.toml", "audited.csv", "dispositions.csv"
"""The names of these members in every pack."""
MODELS, ACCEPTED = ("model.bpmn", "model.pnml"), "accepted.toml"
"""The names of a model, by its notation, and of the deviations from it that are accepted."""
_LEAST_SECRET = 16


class NotOfFiles(Refusal):
    """A pack was asked of a log or a card that is only in memory."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"somebody else can make a pack again only from files, and {what} is in memory only; write it to a file, and read it from there."
        )


class WeakSecret(Refusal):
    """The secret of the pseudonyms can be guessed."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(
            f"{path.name} holds {size} bytes, and a secret that nobody guesses has at least {_LEAST_SECRET} random ones; "
            'make one with: python -c "import secrets; print(secrets.token_hex(32))"'
        )


class BadSourceName(Refusal):
    """The name of a source could stand for another place than a file in a folder."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a source is known by the plain name of a file, and {name!r} is none.")


@dataclass(frozen=True, slots=True)
class PackSource:
    """A source: the name of its file in the pack, and where it lies."""

    name: str
    path: Path

    def sha256(self) -> str:
        """The hash of the file as it is now."""
        with self.path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Materials:
    """Sources (a case table comes last) and, as their files hold them, the card, the policy, what was found in the sample and what became of the findings.

    Beside them the secret, a model, and the deviations from it that are accepted.
    """

    sources: tuple[PackSource, ...]
    card: bytes | None
    policy: bytes
    audited: bytes | None = None
    dispositions: bytes | None = None
    secret: bytes | None = None
    model: bytes | None = None
    accepted: bytes | None = None


def sources_of(paths: Sequence[str | None], options: Mapping[str, Any]) -> tuple[tuple[PackSource, ...], Path | None, str | None]:
    """The sources that ``read`` reads when it is given these, the card that it finds, and the column of the case table.

    Raises:
        NotOfFiles: a source or the card is in memory only.
    """
    if any(path is None for path in paths):
        raise NotOfFiles("a table")
    given = [Path(str(path)) for path in paths]
    found = [file for path in given for file in files_of(path)]
    card = _card(given[0], options.get("card"))
    table, column = options.get("case_table") or (None, None)
    if table is None and card is not None and (named := load(card).cases) is not None:
        table, column = card.parent / named.file, named.case
    if table is not None:
        found.append(Path(table))
    for path in found:
        if not path.exists():
            raise NoSuchFile(path)
    return tuple(PackSource(path.name, path) for path in found), card, column


def _card(first: Path, given: object) -> Path | None:
    path = given.path if isinstance(given, Card) else given
    if given is not None and path is None:
        raise NotOfFiles("the card")
    if path is not None and not Path(str(path)).exists():
        raise NoSuchCard(Path(str(path)))
    found = beside(first) if path is None else Path(str(path))
    return found if found.exists() else None


def read_secret(path: Path) -> bytes:
    """The secret of the pseudonyms: the bytes of a file, without white space at the ends.

    Raises:
        WeakSecret: it is too short.
        NoSuchFile: there is no such file.
    """
    if not path.is_file():
        raise NoSuchFile(path)
    secret = path.read_bytes().strip()
    if len(secret) < _LEAST_SECRET:
        raise WeakSecret(path, len(secret))
    return secret


@contextmanager
def portable_log(order: PackOrder, materials: Materials, version: str) -> Iterator[EventLog]:
    """The log of a pack, read with an engine of its own, so that the names of tables are the same every time.

    Its script, and the lines that read it again, name sources as they are named in the pack; ``version`` is said to have read it.
    """
    with TemporaryDirectory(prefix="finmine-pack-") as folder:
        engine = Engine()
        try:
            yield _read(order, materials, Path(folder), engine, version)
        finally:
            engine.close()


def _read(order: PackOrder, materials: Materials, folder: Path, engine: Engine, version: str) -> EventLog:
    names = _relative(materials.sources)
    files = folder / "sources"  # nothing is written here, where a name may be a link to a source
    places = [_lay(files / name, source) for name, source in zip(names, materials.sources, strict=True)]
    options = dict(order.reading)
    if order.case_column is not None:
        options["case_table"] = (places.pop(), order.case_column)
    card = _card_in(folder, materials.card)
    log = read(*places, **options, card=card, engine=engine)
    if order.keyed and materials.secret is not None:
        log = keyed_people(log, materials.secret)
    said = {**options, **({"card": CARD} if materials.card is not None else {})}
    if order.case_column is not None:
        said["case_table"] = (names[-1], order.case_column)
    given = names[: len(places)]
    script = log.provenance.script
    for name in names:
        script = tuple(step.replace(_spelled(str((files / name).resolve())), _spelled(name)) for step in script)
    return order.filtered(replace(log, provenance=replace(log.provenance, script=script, asked=Asked(given, said), version=version)))


def _relative(sources: Sequence[PackSource]) -> tuple[str, ...]:
    """The names of the sources; where two have the same, all stand in numbered folders."""
    for source in sources:
        plain = Path(source.name).name == source.name and not set(source.name) & set("/\\:\0") and source.name not in ("", ".", "..")
        if not plain or len(source.name.encode()) > 255:
            raise BadSourceName(source.name)
    several = max(Counter(source.name.casefold() for source in sources).values(), default=0) > 1
    return tuple(f"{number}/{source.name}" if several else source.name for number, source in enumerate(sources, 1))


def _lay(place: Path, source: PackSource) -> Path:
    """The source under its name: linked, or copied where links cannot be."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.symlink_to(source.path.resolve())
    except OSError:
        shutil.copyfile(source.path, place)
    return place


def _card_in(folder: Path, data: bytes | None) -> Card:
    """The card of these bytes; no file of it is looked for beside the sources."""
    if data is None:
        return Card()
    place = folder / CARD
    place.write_bytes(data)
    return load(place)


def _spelled(path: str) -> str:
    return quoted_text(escape_pattern(path))
