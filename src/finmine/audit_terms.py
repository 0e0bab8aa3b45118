"""The words of audits: verdicts, findings, and samples that are looked at by hand."""

from __future__ import annotations

from finmine.term import Term

AUDIT: dict[str, Term] = {
    "stratum": Term("Stratum", "text", "the part of the population from which the case was drawn"),
    "drawn_as": Term("Drawn", "text", "large: an amount of at least the interval, drawn for certain; else by chance"),
    "audited": Term("Audited amount", "money", "the amount that was found right"),
    "error": Term("Overstated", "money", "the amount of the case less the audited one; negative where it is understated"),
    "taint": Term("Taint", "share", "the overstatement divided by the amount of the case"),
    "deviation": Term("Deviation", "text", "whether the case deviates from what it should be"),
    "rule": Term("Rule", "text", "a rule of the policy, by its id"),
    "title": Term("What it asks", "text", "what the rule asks for, in the words of the policy"),
    "verdict": Term("Verdict", "text", "violation, missing control, not testable, not applicable or pass: exactly one for each rule and case"),
    "violation": Term("Violation", "count", "cases in which what was done breaks the rule"),
    "violations": Term("Violations", "count", "pairs of a rule about persons and a case that breaks it"),
    "missing_control": Term("Missing control", "count", "cases that lack a step that the rule asks for"),
    "not_testable": Term("Not testable", "count", "cases of which is not known what the rule looks at"),
    "not_applicable": Term("Not applicable", "count", "cases that the rule does not look at"),
    "pass": Term("Pass", "count", "cases in which everything that the rule asks for is there and known"),
    "population": Term("Population", "count", "all cases that were judged: the sum of the five verdicts"),
    "looked_at": Term("Looked at", "count", "cases that the rule looks at: all but those to which it is not applicable"),
    "violation_value": Term("Violation", "money", "absolute amounts of the cases in violation, each case once"),
    "missing_control_value": Term("Missing control", "money", "absolute amounts of the cases with a missing control, each case once"),
    "not_testable_value": Term("Not testable", "money", "absolute amounts of the cases that are not testable, each case once"),
    "not_applicable_value": Term("Not applicable", "money", "absolute amounts of the cases that the rule does not look at, each case once"),
    "pass_value": Term("Pass", "money", "absolute amounts of the cases that pass, each case once"),
    "population_value": Term("Population", "money", "absolute amounts of all cases that were judged: the sum of the five verdicts"),
    "rows_of_source": Term("Rows of the source", "text", "the rows that show it"),
    "trade_step": Term("Step", "text", "a step of the trade that the policy names"),
    "bound_activities": Term("Activities", "text", "the activities of the log that were taken for the step"),
    "bound_by": Term("Taken by", "text", "what says so: the card, or the names that the policy gives"),
}
