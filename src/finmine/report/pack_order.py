"""What a pack is made of: which options, filters and sample were asked for, as plain values that its manifest keeps and that make it again."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Literal, get_args, get_origin, get_type_hints

from finmine.analyses.audit_sample import audit_sample
from finmine.auditing.policy import Severity
from finmine.errors import UnknownWord
from finmine.filters import parse_filter
from finmine.ingest.read import read
from finmine.log import EventLog, Filter
from finmine.report.archive import BadPack

Kept = Literal["cases", "events"]

QUESTIONS = (
    *("approval-paths", "approval-graph", "rubber-stamps", "three-way-match", "duplicates", "splits", "vendors", "payment-terms"),
    *("postings", "digits"),
)
"""The questions whose answers can stand in a pack beside the audit, in their order there."""
_SHARES = ("confidence", "tolerable", "expected")
_SAMPLE = ("method", *_SHARES, "size", "selection", "strata", "extend", "seed")
_OF_PLACES = ("source", "more", "card", "case_table", "engine", "progress")


@dataclass(frozen=True, slots=True)
class PackOrder:
    """What was asked for.

    ``reading`` holds the options of ``finmine.read`` that were named, but for files; ``case_column`` is the column of the case table's
    cases where the last source is one; ``filters`` are what they keep and their words; ``sample`` has the parameters of the question
    audit-sample, shares as texts; ``answers`` are the questions that are answered in it, ``states`` says how many states a trace may take
    on the model, where there is one; ``keyed`` says whether people are shown under pseudonyms from a secret.
    """

    reading: Mapping[str, Any]
    case_column: str | None
    filters: tuple[tuple[Kept, str], ...]
    severity: Severity
    most: int
    sample: Mapping[str, Any] | None
    report: bool
    answers: tuple[str, ...]
    states: int | None
    keyed: bool
    prepared_by: str | None
    prepared_on: str | None

    def plain(self) -> dict[str, Any]:
        """The order as values of JSON; no key of it comes from the log."""
        said = asdict(self)
        said["reading"] = [[name, _plain(value)] for name, value in sorted(self.reading.items())]
        said["filters"] = [list(one) for one in self.filters]
        said["answers"] = list(self.answers)
        return said

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> PackOrder:
        """The order that a manifest holds.

        Raises:
            BadPack: it is not what ``plain`` gives.
        """
        try:
            filters = tuple((keeps, words) for keeps, words in said["filters"])
            order = cls(**{**said, "reading": _reading(said["reading"]), "filters": filters, "answers": tuple(said["answers"])})
            known = order.plain() == dict(said) and order._sound()
        except (TypeError, KeyError, ValueError, AttributeError):
            known = False
        if not known:
            raise BadPack("what its manifest says was asked for is nothing that can be asked for")
        return order

    def _sound(self) -> bool:
        """Whether every value is of the kind that it must be."""
        texts = (self.case_column, self.prepared_by, self.prepared_on)
        return (
            set(self.reading) <= set(reading_options())
            and _chosen(read, self.reading)
            and all(value is None or isinstance(value, str) for value in texts)
            and all(keeps in get_args(Kept) and isinstance(words, str) for keeps, words in self.filters)
            and self.severity in get_args(Severity)
            and [type(value) for value in (self.most, self.report, self.keyed)] == [int, bool, bool]
            and self.answers == tuple(question for question in QUESTIONS if question in self.answers)
            and (self.states is None or type(self.states) is int)
            and (self.sample is None or self._sample_sound(self.sample))
        )

    def _sample_sound(self, sample: Mapping[str, Any]) -> bool:
        """Whether the parameters of the sample are of the kind that they must be."""
        texts = all(isinstance(sample[name], str) for name in _SAMPLE if name not in ("size", "strata", "extend"))
        return (
            set(sample) == set(_SAMPLE)
            and texts
            and (sample["size"] is None or type(sample["size"]) is int)
            and type(sample["extend"]) is int
            and (sample["strata"] is None or isinstance(sample["strata"], str))
            and all(isfinite(float(sample[name])) for name in _SHARES)
            and _chosen(audit_sample, sample)
        )

    def filtered(self, log: EventLog) -> EventLog:
        """The log with the filters of the order."""
        for keeps, words in self.filters:
            log = (log.keep_cases if keeps == "cases" else log.keep_events)(parse_filter(words, keeps=keeps))
        return log

    def sample_parameters(self) -> dict[str, Any]:
        """The parameters with which the sample is drawn."""
        return {name: float(value) if name in _SHARES else value for name, value in (self.sample or {}).items()}


def chosen_questions(given: bool | Sequence[str]) -> tuple[str, ...]:
    """The questions that are answered in a pack, each once and in their order: those given, or all, or none.

    Raises:
        UnknownWord: one is none whose answer can stand in a pack.
    """
    if isinstance(given, bool):
        return QUESTIONS if given else ()
    for question in given:
        if question not in QUESTIONS:
            raise UnknownWord("answer for a pack", question, QUESTIONS)
    return tuple(question for question in QUESTIONS if question in given)


def reading_options() -> tuple[str, ...]:
    """The options of ``finmine.read`` that name no file."""
    return tuple(name for name in inspect.signature(read).parameters if name not in _OF_PLACES)


def sample_order(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a sample as plain values, shares as texts, so that no digit is lost."""
    return {name: repr(float(parameters[name])) if name in _SHARES else parameters[name] for name in _SAMPLE}


def filter_orders(filters: tuple[Filter, ...]) -> tuple[tuple[Kept, str], ...]:
    """What filters keep, and their words."""
    return tuple((one.keeps, one.words()) for one in filters)


def _chosen(function: Callable[..., Any], values: Mapping[str, Any]) -> bool:
    """Whether every parameter of a function that is one of a few texts has one of them."""
    hints = get_type_hints(function)
    for name, value in values.items():
        parts = (hints[name], *get_args(hints[name]))
        choices = [choice for part in parts if get_origin(part) is Literal for choice in get_args(part)]
        if choices and value is not None and value not in choices:
            return False
    return True


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [[name, _plain(one)] for name, one in value.items()]
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def _reading(said: Any) -> dict[str, Any]:
    """The options of reading: lists are texts in a row, but for ``dates`` and ``persons``, which are columns by activity."""
    return {
        name: {activity: _columns(columns) for activity, columns in value} if name in ("dates", "persons") else _columns(value)
        for name, value in said
    }


def _columns(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if not isinstance(value, str):
        raise TypeError
    return value
