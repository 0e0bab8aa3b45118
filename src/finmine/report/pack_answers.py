"""The answers that stand in a pack beside the audit: on approvals, documents, vendors, postings and amounts, and on conformance where a model is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from finmine.analyses import find
from finmine.analyses.approval_graph import approval_graph
from finmine.analyses.approval_paths import approval_paths
from finmine.analyses.conformance import Conformance, conformance
from finmine.analyses.digits import digits
from finmine.analyses.duplicates import duplicates
from finmine.analyses.payment_terms import payment_terms
from finmine.analyses.postings import postings
from finmine.analyses.rubber_stamps import rubber_stamps
from finmine.analyses.splits import splits
from finmine.analyses.three_way_match import three_way_match
from finmine.analyses.vendors import vendors
from finmine.auditing.policy import Policy
from finmine.errors import Refusal
from finmine.log import EventLog
from finmine.models.reference import read_reference
from finmine.render.csv import to_csv
from finmine.report.pack_materials import ACCEPTED, MODELS, Materials
from finmine.report.pack_order import PackOrder
from finmine.result import Result
from finmine.view import Prose, View

_SECONDS = 3600.0


class DependsOnTime(Refusal):
    """What a pack would hold depends on how fast the machine is."""

    def __init__(self) -> None:
        super().__init__(
            "holding all cases against the model took more than an hour, so that nobody could make the same pack again; take fewer --states."
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its answer, or with why the log does not give one."""

    question: str
    result: Result | None
    why: str = ""

    def view(self) -> View:
        """The answer as it is shown."""
        if self.result is not None:
            return self.result.view()
        asked = find(self.question)
        return View(asked.title if asked else self.question, (Prose(f"This log does not answer it: {self.why}"),))


def answers(log: EventLog, order: PackOrder, materials: Materials, policy: Policy, progress: Callable[[str], None]) -> tuple[Answer, ...]:
    """The answers that an order asks for.

    Raises:
        DependsOnTime: conformance took so long that another machine would find something else.
        Refusal: the model or its accepted deviations cannot be read.
    """
    found = []
    ask: dict[str, Callable[[], Result]] = {
        "approval-paths": lambda: approval_paths(log, policy=policy),
        "approval-graph": lambda: approval_graph(log, policy=policy),
        "rubber-stamps": lambda: rubber_stamps(log, policy=policy),
        "three-way-match": lambda: three_way_match(log, policy=policy),
        "duplicates": lambda: duplicates(log),
        "splits": lambda: splits(log, policy=policy),
        "vendors": lambda: vendors(log, policy=policy),
        "payment-terms": lambda: payment_terms(log),
        "postings": lambda: postings(log, policy=policy),
        "digits": lambda: digits(log),
    }
    for question in order.answers:
        progress(f"asking {question}")
        found.append(_asked(question, ask[question]))
    if materials.model is not None and order.states is not None:
        progress("holding all cases against the model")
        found.append(Answer("conformance", _conformance(log, order.states, materials.model, materials.accepted)))
    return tuple(found)


def members_of_answers(given: Sequence[Answer]) -> Iterator[tuple[str, str]]:
    """The main table of each answer as CSV, the answer as JSON, and the script that gives it from the sources."""
    for answer in given:
        if answer.result is not None:
            yield f"answers/{answer.question}.csv", to_csv(answer.result.view())
            yield f"answers/{answer.question}.json", answer.result.to_json()
            yield f"evidence/{answer.question}.sql", answer.result.evidence()


def model_name(data: bytes) -> str:
    """The name under which the file of a model stands in a pack.

    Raises:
        BadModelFile: it is no model.
    """
    return MODELS[0] if read_reference("the model", data).diagram is not None else MODELS[1]


def _asked(question: str, ask: Callable[[], Result]) -> Answer:
    try:
        return Answer(question, ask())
    except Refusal as refusal:
        return Answer(question, None, str(refusal))


def _conformance(log: EventLog, states: int, model: bytes, accepted: bytes | None) -> Conformance:
    with TemporaryDirectory(prefix="finmine-pack-") as folder:
        place, other = Path(folder) / model_name(model), Path(folder) / ACCEPTED
        place.write_bytes(model)
        if accepted is not None:
            other.write_bytes(accepted)
        found = conformance(log, model=place, accepted=other if accepted is not None else None, states=states, seconds=_SECONDS)
    if any(told.late for _, told in found.runs):
        raise DependsOnTime
    return found
