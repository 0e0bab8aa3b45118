"""The evidence pack: one archive from which somebody else sees what was found and in what, and can make it again to the byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from finmine.analyses.audit_sample import AuditSample
from finmine.auditing.evaluation import SampleEvaluation
from finmine.auditing.policy_file import policy_bytes, read_policy
from finmine.errors import OutOfRange, Refusal
from finmine.files import write_atomically
from finmine.log import EventLog
from finmine.placed import ChangedSource
from finmine.render.html import to_html
from finmine.render.text import to_text
from finmine.report.archive import archived, check_size, members_of
from finmine.report.manifest import MANIFEST, made_with, manifest, read_manifest
from finmine.report.pack_materials import Materials, portable_log, read_secret, sources_of
from finmine.report.pack_members import VERDICTS, contents
from finmine.report.pack_order import PackOrder, chosen_questions, filter_orders, sample_order
from finmine.report.read_me import READ_ME, read_me
from finmine.result import table
from finmine.view import Block, Cell, Column, Facts, Headline, Kind, Prose, Table, View
from finmine.words import plural


class NotThere(Refusal):
    """A file that belongs to a pack does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no file {str(path)!r}; give the path of a file that is there.")


class NoModel(Refusal):
    """Accepted deviations were given without the model that they are from."""

    def __init__(self) -> None:
        super().__init__("accepted deviations are from a model; give that too, with --model FILE.")


class OtherLog(Refusal):
    """A sample was drawn from another log than the one that is packed."""

    def __init__(self) -> None:
        super().__init__("the sample was drawn from another log, or with other filters; draw it from the log that is packed.")


@dataclass(frozen=True, slots=True, repr=False)
class Pack:
    """An evidence pack: its bytes, which are whole, and what its manifest says."""

    data: bytes
    manifest: Mapping[str, Any]

    @classmethod
    def of(cls, data: bytes) -> Pack:
        """The pack with these bytes.

        Raises:
            BadPack: they are not a pack as it was written.
        """
        return cls(data, read_manifest(members_of(data)))

    @property
    def sha256(self) -> str:
        """The hash of the whole pack: what the next pack of a chain names, and what is to be kept apart from it."""
        return sha256(self.data).hexdigest()

    def members(self) -> dict[str, bytes]:
        """The members by name."""
        return members_of(self.data)

    def write(self, target: str | Path) -> Path:
        """Write the pack to a file, whole or not at all; gives its path."""
        write_atomically(Path(target), self.data)
        return Path(target)

    def view(self) -> View:
        """What was found, of what, and what is in the pack."""
        said = self.manifest
        cases, rules, policy = plural(said["population"]["cases"], "case"), plural(len(said["verdicts"]), "rule"), said["policy"]["name"]
        broken = sum(bool(rule["violation"] or rule["missing_control"]) for rule in said["verdicts"])
        claim = f"Some of {cases} break {broken:,} of {rules}" if broken else f"None of {cases} breaks one of {rules}"
        of = ", ".join(f"{one['name']} (SHA-256 {one['sha256']})" for one in said["sources"])
        blocks: list[Block] = [Headline(f"{claim} of the policy {policy!r}."), Prose(f"Made from {of} with finmine {said['made_with']['finmine']}.")]
        blocks += [Prose(f"Filter: {one['filter']} ({plural(one['cases_removed'], 'case')} removed).") for one in said["filters"]]
        blocks.append(table("Verdicts of each rule, in cases", said["verdicts"], ("rule", "severity", *VERDICTS, "population")))
        facts: list[tuple[str, Cell, Kind]] = [
            ("SHA-256 of the pack", self.sha256, "text"),
            ("Bytes", len(self.data), "count"),
            ("Results (SHA-256)", said["results_sha256"], "text"),
        ]
        if said["previous_sha256"] is not None:
            facts.append(("Pack before it (SHA-256)", said["previous_sha256"], "text"))
        blocks.append(Facts("The pack", tuple(facts)))
        columns = (Column("member", "Member", "text"), Column("bytes", "Bytes", "count"))
        blocks.append(Table("Members", columns, tuple((one["name"], one["bytes"]) for one in said["members"])))
        return View("Evidence pack", tuple(blocks))

    def __repr__(self) -> str:
        return to_text(self.view())

    def _repr_html_(self) -> str:
        return to_html(self.view())


def pack(
    log: EventLog,
    *,
    policy: str | Path = "purchase-to-pay",
    severity: Literal["high", "medium", "low"] = "low",
    most: int = 100_000,
    sample: AuditSample | SampleEvaluation | None = None,
    audited: str | Path | None = None,
    dispositions: str | Path | None = None,
    report: bool = True,
    answers: bool | Sequence[str] = True,
    model: str | Path | None = None,
    accepted: str | Path | None = None,
    states: int = 100_000,
    previous: str | Path | Pack | None = None,
    people_secret: str | Path | None = None,
    prepared_by: str | None = None,
    prepared_on: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Pack:
    """The evidence pack of a log that was read from files: they are read again, with nothing that depends on the machine.

    Args:
        log: the log, with its filters.
        policy: a policy file, or the name of one that comes with finmine.
        severity: from which severity on a breach fails the control.
        most: how many findings are listed; the counts are always of all.
        sample: a sample of the log, which is drawn again.
        audited: what was found in the cases of the sample, as for the question audit-sample.
        dispositions: what became of the findings, as for the question audit.
        report: whether the report of the whole process is in it.
        answers: the questions whose answers are in it, of those in ``finmine.report.pack_order.QUESTIONS``; all of these, or none.
        model: a BPMN or PNML file: hold all cases against it, as the question conformance does.
        accepted: deviations from the model that are accepted, as for that question.
        states: how many states the alignment of a trace with the model may take.
        previous: the pack before this one, which it names by its hash.
        people_secret: a file with the secret from which the pseudonyms of people come; it stays with whoever made the pack.
        prepared_by: who is said to have prepared the pack.
        prepared_on: when that is said to have been; no clock is read.
        progress: is told what is being done.

    Raises:
        NotOfFiles: the log or its card is in memory only.
        ChangedSource: a source is not what it was when the log was read.
        BadPack: the previous pack is not as it was written.
        Refusal: the policy, the sample, the dispositions, the model or the secret cannot be what it should be.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    drawn_from = log if sample is None else sample.about.log
    if (drawn_from.provenance.sources, drawn_from.filters) != (log.provenance.sources, log.filters):
        raise OtherLog
    asked = log.provenance.asked
    sources, card, column = sources_of(asked.paths, asked.options)
    for now, then in zip(sources, log.provenance.sources, strict=True):
        if now.sha256() != then.sha256:
            raise ChangedSource(then.name)
    reading = {name: value for name, value in asked.options.items() if name not in ("card", "case_table")}
    if log.facts.left_out:
        reading["faulty_rows"] = "leave-out"
    file, rules = policy_bytes(policy)
    read_policy(file, rules)
    chosen = None if sample is None else sample_order(sample.about.parameters)
    questions = chosen_questions(answers)
    keyed, budget = people_secret is not None, None if model is None else states
    if model is None and accepted is not None:
        raise NoModel
    order = PackOrder(reading, column, filter_orders(log.filters), severity, most, chosen, report, questions, budget, keyed, prepared_by, prepared_on)
    secret = None if people_secret is None else read_secret(Path(people_secret))
    found, became, reference, allowed = (None if path is None else bytes_of(path) for path in (audited, dispositions, model, accepted))
    materials = Materials(sources, None if card is None else card.read_bytes(), rules, found, became, secret, reference, allowed)
    before = None if previous is None else pack_of(previous).sha256
    return made_pack(order, materials, before, made_with(), progress)


def made_pack(
    order: PackOrder, materials: Materials, previous: str | None, versions: Mapping[str, str], progress: Callable[[str], None] | None = None
) -> Pack:
    """The pack of an order and its materials, said to be made with these versions; the same bytes wherever and whenever it is made."""
    with portable_log(order, materials, versions["finmine"]) as log:
        found = contents(log, order, materials, progress or (lambda _: None))
        found.members[READ_ME] = read_me(frozenset(found.members), versions["finmine"])
        return Pack.of(archived({**found.members, MANIFEST: manifest(log, order, found, previous, versions)}))


def pack_of(given: str | Path | bytes | Pack) -> Pack:
    """The pack in a file, or with these bytes.

    Raises:
        NotThere: there is no such file.
        BadPack: it is not a pack as it was written.
    """
    if isinstance(given, Pack):
        return given
    if not isinstance(given, bytes) and Path(given).is_file():
        check_size(Path(given).stat().st_size)
    return Pack.of(given if isinstance(given, bytes) else bytes_of(given))


def bytes_of(path: str | Path) -> bytes:
    """The bytes of a file.

    Raises:
        NotThere: there is no such file.
    """
    if not Path(path).is_file():
        raise NotThere(Path(path))
    return Path(path).read_bytes()
