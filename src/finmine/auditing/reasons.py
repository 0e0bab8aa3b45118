"""Why a case gets its verdict: every reason with its verdict and its sentence."""

from __future__ import annotations

from dataclasses import dataclass

from finmine.auditing.policy import Verdict


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: the verdict it leads to, and its sentence, in which ``{one}`` and ``{other}`` stand for the units that show it, ``{due}`` for the last day of a deadline."""

    name: str
    verdict: Verdict
    sentence: str


REASONS: tuple[Reason, ...] = (
    Reason("same person", "violation", "{one} and {other} were done by the same person"),
    Reason("too few persons", "violation", "fewer persons than the rule asks for did the steps between {one} and {other}"),
    Reason("required too late", "violation", "{one} was done before {other}, which it requires"),
    Reason("changed afterwards", "violation", "{one} rests on {other}, after which the document was changed"),
    Reason("own work", "violation", "{one} rests on {other}, done by the same person as a step from which it must be separate"),
    Reason("limit exceeded", "violation", "no limit of those who did {one} covers the amount"),
    Reason("approver over limit", "violation", "{one} rests on {other}, done by somebody whose limit does not cover the amount"),
    Reason("outside of hours", "violation", "{one} was done when the calendar was closed"),
    Reason("value changed", "violation", "{one} records another value than was there at {other}"),
    Reason("values differ", "violation", "the attributes that the rule compares have different values, as {one} shows"),
    Reason("released by hand", "violation", "{one} was done by hand, and nothing was corrected before it"),
    Reason("done too late", "violation", "{one} was done after {due}, the last day for it"),
    Reason("required never done", "missing control", "{one} was done without what it requires"),
    Reason("step absent", "missing control", "the case is finished without the step"),
    Reason("overdue", "missing control", "the case is running, and the step, of which {due} was the last day, is not done"),
    Reason("step not known", "not testable", "no activity of the log is known to be a step that the rule names"),
    Reason("scope not known", "not testable", "the amount or attribute that says whether the rule looks at the case is not recorded"),
    Reason("person not known", "not testable", "who did {one} is not known"),
    Reason("person required", "not testable", "{one} rests on {other}, done by a technical user where a person is required"),
    Reason("amount not known", "not testable", "the amount of the case in the currency of the limits, or which limit is for the case, is not known"),
    Reason("hours not known", "not testable", "no calendar says whether {one} was done inside of hours, or only its day is recorded"),
    Reason("deadline not known", "not testable", "no date or calendar says by when the step is due"),
    Reason("order not known", "not testable", "{one} and what it requires have the same time, so that nobody can say which was first"),
    Reason("value not known", "not testable", "the value that was there at {other} is not recorded for each row"),
    Reason("values not known", "not testable", "of an attribute that the rule compares no value is recorded"),
    Reason("status not known", "not testable", "no end activity is declared, so that nobody can say whether the step is still to come"),
    Reason("outside scope", "not applicable", "the rule does not look at such cases"),
    Reason("exempt", "not applicable", "the policy exempts the case"),
    Reason("steps not done", "not applicable", "the case does not have the steps that the rule compares"),
    Reason("not yet due", "not applicable", "the case is running and has not come to the step"),
    Reason("pass", "pass", "everything that the rule asks for is there and known"),
)
"""All reasons, in the order in which the first that holds decides within one verdict."""

_CODES = {reason.name: code for code, reason in enumerate(REASONS)}


def code(name: str) -> int:
    """The number of a reason: its place in ``REASONS``, so that the least number of several is the one that decides."""
    return _CODES[name]


def first_of(verdict: Verdict) -> int:
    """The number of the first reason of a verdict; reasons of one verdict stand together, in the order of ``VERDICTS``."""
    return next(place for place, reason in enumerate(REASONS) if reason.verdict == verdict)
