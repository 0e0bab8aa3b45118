"""Whether an evidence pack is what it says: no byte was changed, its sources still give it, and it follows the pack before it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import finmine
from finmine.errors import Refusal
from finmine.ingest.sources import files_of
from finmine.render.html import to_html
from finmine.render.text import to_text
from finmine.report.archive import BadPack
from finmine.report.differences import Difference, differences
from finmine.report.manifest import made_with
from finmine.report.pack import NotThere, Pack, bytes_of, made_pack, pack_of
from finmine.report.pack_materials import ACCEPTED, AUDITED, CARD, DISPOSITIONS, MODELS, POLICY, Materials, PackSource, read_secret
from finmine.report.pack_order import PackOrder
from finmine.view import Block, Caveat, Cell, Column, Facts, Headline, Kind, Prose, Table, View
from finmine.words import plural


class NeedsOriginal(Refusal):
    """A file is needed that a pack holds only without the names of people."""

    def __init__(self, member: str, option: str) -> None:
        super().__init__(
            f"{member} in the pack has pseudonyms in place of names; to make the pack again, give the file with the names: --{option} FILE."
        )


class NeedsSecret(Refusal):
    """The pseudonyms of a pack come from a secret, which was not given."""

    def __init__(self) -> None:
        super().__init__("the pseudonyms of the pack come from a secret; to make it again, give the file that holds it: --people-secret FILE.")


class OtherSources(Refusal):
    """Not as many sources were given as the pack was made of."""

    def __init__(self, given: int, names: Sequence[str]) -> None:
        super().__init__(
            f"the pack was made of {plural(len(names), 'source')} ({', '.join(names)}), and {plural(given, 'file')} were given; give each once."
        )


@dataclass(frozen=True, slots=True, repr=False)
class Verification:
    """What came of checking a pack: ``wrong`` is empty where all that was asked for holds. ``checked`` says what was, in sentences."""

    name: str
    sha256: str
    made_with: Mapping[str, str]
    checked: tuple[str, ...]
    wrong: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether something is not as it should be, so that the command ends with exit status 1."""
        return bool(self.wrong)

    def view(self) -> View:
        """The verdict, what was checked, what differs, and by what the pack was made."""
        said = f"{self.name} is not what it says: {plural(len(self.wrong), 'difference')}." if self.wrong else f"{self.name} is what it says."
        blocks: list[Block] = [Headline(said), *map(Prose, self.checked)]
        blocks += [Prose(f"{one.member[0].upper()}{one.member[1:]}: {one.place}") for one in self.wrong if not one.compared]
        rows = tuple((one.member, one.place, one.in_pack, one.expected) for one in self.wrong if one.compared)
        if rows:
            columns = (("member", "What"), ("place", "Where"), ("in_pack", "In the pack"), ("expected", "Expected"))
            blocks.append(Table("What differs", tuple(Column(name, title, "text") for name, title in columns), rows))
        facts: list[tuple[str, Cell, Kind]] = [("SHA-256 of the pack", self.sha256, "text"), ("This finmine", finmine.__version__, "text")]
        if self.made_with:
            facts.insert(1, ("Made with finmine", self.made_with["finmine"], "text"))
        return View("Verification", (*blocks, Facts("The pack", tuple(facts)), *map(Caveat, self.notes)))

    def to_json(self) -> str:
        """The verification as JSON."""
        return json.dumps({"holds": not self.failed, **asdict(self)}, ensure_ascii=False, indent=1) + "\n"

    def __repr__(self) -> str:
        return to_text(self.view())

    def _repr_html_(self) -> str:
        return to_html(self.view())


def verify(
    pack: str | Path | bytes | Pack,
    *,
    source: str | Path | Sequence[str | Path] = (),
    previous: str | Path | Sequence[str | Path] = (),
    card: str | Path | None = None,
    policy: str | Path | None = None,
    people_secret: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Verification:
    """Whether every byte of a pack is as it was written; with its sources, whether they give the same pack, to the byte.

    Args:
        pack: the pack, or the path of its file.
        source: the files that the pack was made of, or folders of them; they are told apart by their content, whatever they are called now.
        previous: the pack before it, and those before that in turn: each is held against the hash that the one after it names.
        card: the card with the names of people, where the pack holds it without them.
        policy: the policy with the names of people, where the pack holds it without them.
        people_secret: the file with the secret from which the pseudonyms come.
        progress: is told what is being done.

    Raises:
        Refusal: what is needed to make the pack again is missing.
    """
    name = Path(pack).name if isinstance(pack, str | Path) else "the pack"
    try:
        whole = pack_of(pack)
    except BadPack as bad:
        return Verification(name, _digest(pack), {}, (), (Difference("the archive", f"{bad.problem}.", None, None),), ())
    checked = ["Every byte of the archive is as its members give it, and every member has the hash that the manifest names."]
    wrong = list(_chain(whole, _several(previous)))
    if previous:
        checked.append("The packs before it were held against the hashes by which each is named in the next.")
    elif whole.manifest["previous_sha256"] is not None:
        checked.append("It names a pack before it, which was not looked at; give it with --previous.")
    sources = [file for one in _several(source) for file in files_of(Path(one))]
    if sources:
        wrong += _made_again(whole, sources, card, policy, people_secret, progress)
        checked.append("It was made again from its sources, and compared byte for byte.")
    else:
        checked.append("It was not made again; give its sources with --source.")
    return Verification(name, whole.sha256, whole.manifest["made_with"], tuple(checked), tuple(wrong), tuple(_notes(whole.manifest["made_with"])))


def _digest(pack: str | Path | bytes | Pack) -> str:
    """The hash of a pack that may be none, however large its file is."""
    if isinstance(pack, bytes | Pack):
        return sha256(pack if isinstance(pack, bytes) else pack.data).hexdigest()
    with Path(pack).open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _several(given: str | Path | Sequence[str | Path]) -> list[str | Path]:
    return [given] if isinstance(given, str | Path) else list(given)


def _chain(pack: Pack, previous: Sequence[str | Path]) -> list[Difference]:
    """Where a pack, or one before it, does not name the pack that stands before it."""
    wrong: list[Difference] = []
    for path in previous:
        if not Path(path).is_file():
            raise NotThere(Path(path))
        named, found = pack.manifest["previous_sha256"], _digest(path)
        if named != found:
            wrong.append(Difference(f"the pack before, {Path(path).name}", "its SHA-256", named, found))
        try:
            pack = pack_of(path)
        except BadPack as bad:
            return [*wrong, Difference(f"the pack before, {Path(path).name}", f"{bad.problem}.", None, None)]
    return wrong


def _made_again(
    pack: Pack,
    files: Sequence[Path],
    card: str | Path | None,
    policy: str | Path | None,
    people_secret: str | Path | None,
    progress: Callable[[str], None] | None,
) -> tuple[Difference, ...]:
    """What differs between the pack and the one that its sources give now."""
    said, members = pack.manifest, pack.members()
    try:
        order = PackOrder.of(said["order"])
    except BadPack as bad:
        return (Difference("manifest.json", f"{bad.problem}.", None, None),)
    if order.keyed and people_secret is None:
        raise NeedsSecret
    materials = Materials(
        _matched(said["sources"], files),
        _original(pack, members, CARD, card),
        _original(pack, members, POLICY, policy) or b"",
        members.get(AUDITED),
        members.get(DISPOSITIONS),
        read_secret(Path(people_secret)) if order.keyed and people_secret is not None else None,
        next((members[name] for name in MODELS if name in members), None),
        members.get(ACCEPTED),
    )
    try:
        again = made_pack(order, materials, said["previous_sha256"], said["made_with"], progress)
    except Refusal as refusal:
        return (Difference("the sources", f"they do not give this pack any more: {refusal}", None, None),)
    return differences(members, again.members())


def _original(pack: Pack, members: Mapping[str, bytes], member: str, given: str | Path | None) -> bytes | None:
    """The card or policy from which the pack was made: as given, else as the pack holds it."""
    if given is not None:
        return bytes_of(given)
    if member in pack.manifest["names_replaced_in"]:
        raise NeedsOriginal(member, member.removesuffix(".toml"))
    return members.get(member)


def _matched(sources: Sequence[Mapping[str, Any]], files: Sequence[Path]) -> tuple[PackSource, ...]:
    """The file of each source: with the same content, else of the same name, else the next that is left."""
    if len(sources) != len(files):
        raise OtherSources(len(files), [one["name"] for one in sources])
    left = {path: PackSource(path.name, path).sha256() for path in files}
    taken: dict[int, Path] = {}
    for rule in ("content", "name", "order"):
        for place, one in enumerate(sources):
            fits = [
                path
                for path, digest in left.items()
                if rule == "order" or (digest == one["sha256"] if rule == "content" else path.name == one["name"])
            ]
            if place not in taken and fits:
                taken[place] = fits[0]
                del left[fits[0]]
    return tuple(PackSource(one["name"], taken[place]) for place, one in enumerate(sources))


def _notes(versions: Mapping[str, str]) -> list[str]:
    """With what else than now the pack was made."""
    own = made_with()
    other = [f"{name} {versions[name]} (here {own.get(name, 'missing')})" for name in versions if versions[name] != own.get(name)]
    return [f"The pack was made with {', '.join(other)}; what differs may come from that."] if other else []
