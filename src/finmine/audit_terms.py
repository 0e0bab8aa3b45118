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
    "approval_path": Term(
        "Approval path", "text", "the approvers of a case in the order of their approvals; × n marks the same one several times in a row"
    ),
    "amount_band": Term("Amounts", "text", "the band of absolute amounts in which the case is; a band holds its upper bound"),
    "approvals": Term("Approvals", "count", "units of the activities that were taken for approvals"),
    "approver": Term("Approver", "text", "who approved: the role, the person, or the approval activity"),
    "nth": Term("Place", "count", "the place of the approval in the path, from 1"),
    "held_median": Term("Median held", "duration", "half of the approvals were given sooner after the unit before them was completed, half later"),
    "held_p90": Term("90th percentile held", "duration", "nine of ten approvals were given sooner after the unit before them was completed"),
    "held_total": Term("Total held", "duration", "from the completion of the unit before to the approval, over all approvals"),
    "rested_on": Term("Effective approvals", "count", "approvals on which what was posted or paid rests"),
    "with_effective": Term("Effective approval", "count", "cases in which everything that needs an approval rests on one"),
    "not_effective": Term(
        "No effective approval", "count", "cases that were posted or paid without approval, before it, or after a change that voids it"
    ),
    "effect_unclear": Term(
        "Not known", "count", "cases in which the approval and what needs it have the same time, or nobody knows whether one is asked for"
    ),
    "not_asked": Term("Not asked", "count", "cases that have not come to what needs an approval, or of which no rule asks for one"),
    "path_kind": Term("Cases with", "text", "whether the case has approvals, and whether all approvers are known"),
    "effect": Term("Effect", "text", "whether what was posted or paid rests on an approval, and if not, why"),
    "requester": Term("For", "text", "who made the last request before the approval"),
    "approvals_share": Term("Share of approvals", "share", "approvals divided by all approvals of which both sides are known"),
    "known_sides": Term("Approvals of which", "text", "whether who approved and who requested are known persons"),
    "one_person": Term("One", "text", "one of two who approve for each other"),
    "other_person": Term("Other", "text", "the other of two who approve for each other"),
    "for_other": Term("One for other", "count", "cases in which the first approved what the other requested"),
    "for_one": Term("Other for one", "count", "cases in which the other approved what the first requested"),
    "people": Term("People", "text", "people each of whom can be reached from each other along approvals"),
    "persons": Term("Persons", "count", "how many they are"),
    "circle": Term("A circle", "text", "a shortest circle of at least three: each requests what the next approves"),
    "what": Term("Of", "text", "what is shared out among the approvers"),
    "approvers": Term("Approvers", "count", "how many approvers have a part in it"),
    "top_1": Term("Largest", "share", "the share of the approver who has most"),
    "top_3": Term("Largest 3", "share", "the share of the three approvers who have most"),
    "top_10": Term("Largest 10", "share", "the share of the ten approvers who have most"),
    "herfindahl": Term("Herfindahl", "number", "the sum of the squares of the shares: 1 where one has it all, 1 / n where n have equal parts"),
    "carried": Term("Cases that", "text", "whether the case has all steps, and all performers are known"),
    "fewest": Term("Fewest persons", "count", "the size of the smallest set of persons that has somebody who did each step"),
    "judged": Term(
        "Judged", "count", "approvals whose dwell can be judged: by a known person, with a time of day, and enough others to compare with"
    ),
    "soon": Term("Too soon", "count", "approvals below the floor that are among the shortest of the same approver in the same band of amounts"),
    "below_floor": Term(
        "Below the floor", "count", "approvals whose dwell is below the floor, whether or not they are among the shortest of the approver"
    ),
    "burst": Term("In a burst", "count", "approvals that are among so many of one person within so much time"),
    "outside_hours": Term("Outside of hours", "count", "approvals that were completed when the calendar that applies was closed"),
    "signs": Term("With a sign", "count", "approvals that are too soon, in a burst or outside of hours, each once"),
    "signs_share": Term("Share with a sign", "share", "approvals with a sign divided by all approvals of the row"),
    "dwell_median": Term("Median dwell", "duration", "half of the approvals were given sooner after the unit before them was completed, half later"),
    "dwell": Term("Dwell", "duration", "from the completion of the unit before, when the approval became possible, to the approval"),
    "sign": Term("Signs", "text", "what the approval shows: too soon, in a burst, outside of working hours"),
    "why_judged": Term("Approvals", "text", "whether the dwell can be judged, and if not, why"),
}
