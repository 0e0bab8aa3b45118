"""What is in a pack: verdicts, findings and sample as tables, working papers and pages, the evidence, and the card and the policy."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from finmine.analyses.audit import DISPOSED, FINDING, Audit, audit
from finmine.analyses.audit_sample import AuditSample, audit_sample
from finmine.auditing.accepted import reasons
from finmine.auditing.dispositions import read_dispositions
from finmine.auditing.evaluation import SampleEvaluation
from finmine.auditing.policy_file import read_policy
from finmine.log import EventLog
from finmine.render.csv import to_csv
from finmine.render.graphviz import ANYWHERE
from finmine.render.html import Section, page
from finmine.render.workbook import to_workbook
from finmine.report.archive import archived
from finmine.report.pack_answers import answers, members_of_answers, model_name
from finmine.report.pack_materials import ACCEPTED, AUDITED, CARD, DISPOSITIONS, POLICY, Materials
from finmine.report.pack_order import PackOrder
from finmine.report.page import period, provenance, report_page, title_of
from finmine.report.shown_names import ShownNames, card_member, policy_member, refuse_named, refuse_spelled, shown_names
from finmine.result import table
from finmine.view import Table, View

VERDICTS = ("violation", "missing_control", "not_testable", "not_applicable", "pass")


@dataclass(frozen=True, slots=True)
class Contents:
    """The members of a pack but for its manifest, the answers they show, and whether names on the card or in the policy are replaced in them."""

    members: dict[str, bytes]
    audit: Audit
    sample: AuditSample | SampleEvaluation | None
    replaced: tuple[str, ...]


def contents(log: EventLog, order: PackOrder, materials: Materials, progress: Callable[[str], None]) -> Contents:
    """The contents of a pack of a log.

    Raises:
        Refusal: the policy, the dispositions, or what was found in the sample, cannot be what it should be.
    """
    rules = read_policy(POLICY, materials.policy)
    names = shown_names(log, materials.secret if order.keyed else None)
    members: dict[str, bytes] = {}
    replaced: list[str] = []
    if materials.card is not None:
        members[CARD], changed = card_member(materials.card, names, report=order.report)
        replaced += [CARD] if changed else []
    members[POLICY], changed = policy_member(materials.policy, names)
    replaced += [POLICY] if changed else []
    progress("holding every case against every rule")
    policy = replace(rules, sha256=sha256(members[POLICY]).hexdigest())
    became = None
    if materials.dispositions is not None:
        became = read_dispositions(DISPOSITIONS, materials.dispositions)
        refuse_named("why in the dispositions", (one.why for one in became.rows), names)
        members[DISPOSITIONS] = materials.dispositions
    judged = audit(log, policy=policy, severity=order.severity, dispositions=became, most=order.most)
    sample = _sample(log, order, materials)
    if materials.audited is not None:
        members[AUDITED] = materials.audited
    members |= _of_model(materials, names)
    further = answers(log, order, materials, policy, progress)
    members |= {name: text.encode() for name, text in (*_texts(log, judged, sample), *members_of_answers(further))}
    progress("writing working papers")
    views = [judged.view(), *([sample.view()] if sample is not None else []), *(answer.view() for answer in further)]
    members["working_papers.xlsx"] = _workbook([*views, *provenance(log, None)[:1]])
    sections = [Section(view.title, (view,)) for view in views]
    sections.append(Section("Provenance", provenance(log, None)))
    members["audit.html"] = page(title_of(log), sections, (period("Audit", log),), patience=ANYWHERE).encode()
    if order.report:
        members["report.html"] = report_page(log, None, progress, ANYWHERE).encode()
    refuse_spelled(materials.card, names, members)
    return Contents(members, judged, sample, tuple(replaced))


def _of_model(materials: Materials, names: ShownNames | None) -> dict[str, bytes]:
    """The model and the accepted deviations, as their files hold them."""
    members = {} if materials.model is None else {model_name(materials.model): materials.model}
    if materials.accepted is not None:
        refuse_named("why in the accepted deviations", reasons(ACCEPTED, materials.accepted), names)
        members[ACCEPTED] = materials.accepted
    return members


def _sample(log: EventLog, order: PackOrder, materials: Materials) -> AuditSample | SampleEvaluation | None:
    if order.sample is None:
        return None
    asked = order.sample_parameters()
    if materials.audited is None:
        return audit_sample(log, **asked)
    with TemporaryDirectory(prefix="finmine-pack-") as folder:
        found = Path(folder) / AUDITED
        found.write_bytes(materials.audited)
        return audit_sample(log, **asked, audited=found)


def _texts(log: EventLog, judged: Audit, sample: AuditSample | SampleEvaluation | None) -> Iterator[tuple[str, str]]:
    """The tables as CSV, the answers as JSON, and the scripts that give them from the sources."""
    money = tuple(f"{name}_value" for name in (*VERDICTS, "population")) if log.money else ()
    names = ("rule", "title", "severity", "tests", "scope", *VERDICTS, "population", *money)
    yield "verdicts.csv", _csv(table("Verdicts", judged.records(), names), log.zone)
    yield "findings.csv", _csv(table("Findings", judged.breaches(), FINDING + (DISPOSED if judged.disposed else ())), log.zone)
    yield "reasons.csv", _csv(table("Reasons", judged.reasons(), ("rule", "verdict", "reason", "cases", *(("value",) if money else ()))), log.zone)
    yield "audit.json", judged.to_json()
    yield "evidence/audit.sql", judged.evidence()
    if sample is not None:
        yield "sample.csv", _csv(table("Sample", sample.rows, ("case", "stratum", "drawn_as", "amount", "currency")), log.zone)
        yield "sample.json", sample.to_json()
        yield "evidence/sample.sql", sample.evidence()


def _csv(rows: Table, zone: str) -> str:
    return to_csv(View(rows.title, (rows,), zone))


def _workbook(views: Sequence[View]) -> bytes:
    """A workbook of the views, its parts stored as they are, so that no byte depends on what compresses."""
    with TemporaryDirectory(prefix="finmine-pack-") as folder:
        place = Path(folder) / "working_papers.xlsx"
        to_workbook(views, place)
        with zipfile.ZipFile(io.BytesIO(place.read_bytes())) as book:
            return archived({name: book.read(name) for name in book.namelist()})
