"""The words of the tables: for each column its heading, its kind and its meaning, once for all questions."""

from __future__ import annotations

from typing import NamedTuple

from finmine.view import Column, Kind


class Term(NamedTuple):
    """A heading with its kind and its meaning."""

    title: str
    kind: Kind
    meaning: str


TERMS: dict[str, Term] = {
    "case": Term("Case", "text", "one thing followed from start to end, by its identifier in the source"),
    "activity": Term("Activity", "text", "what was done"),
    "resource": Term("Resource", "text", "who or what did it, shown by name, pseudonym or role as the card says"),
    "source_activity": Term("From", "text", "the activity that was completed first"),
    "target_activity": Term("To", "text", "the activity that was completed directly after it in the same case"),
    "variant": Term("Variant", "count", "the rank of a distinct sequence of activities, most cases first"),
    "trace": Term("Trace", "text", "the sequence of activities of a variant; × n marks immediate repeats"),
    "length": Term("Length", "count", "the number of units in the trace"),
    "cases": Term("Cases", "count", "the number of distinct cases"),
    "cases_share": Term("Share of cases", "share", "cases divided by all cases of the population"),
    "cases_coverage": Term("Coverage of cases", "share", "cases of this and all rows above, divided by all cases"),
    "units": Term("Units", "count", "events, or activity instances where start and complete are paired"),
    "units_share": Term("Share of units", "share", "units divided by all units of the population"),
    "events": Term("Events", "count", "rows of the source that record something"),
    "instances": Term("Instances", "count", "activity instances: a start and its completion are one"),
    "steps": Term("Steps", "count", "directly-follows pairs of units within a case"),
    "steps_share": Term("Share of steps", "share", "steps divided by all steps of the population"),
    "value": Term("Amount", "money", "the sum of the amounts of the cases, each case once"),
    "value_share": Term("Share of amount", "share", "absolute amounts divided by the absolute amounts of all cases of the same currency"),
    "value_coverage": Term("Coverage of amount", "share", "absolute amounts of this and all rows above, divided by those of all cases"),
    "amount": Term("Amount", "money", "the amount of one case, taken as the card says"),
    "currency": Term("Currency", "text", "the currency of the amount; amounts are never added across currencies"),
    "mean": Term("Mean", "duration", "the sum divided by the number, exact in microseconds before rounding"),
    "median": Term("Median", "duration", "half are shorter, half are longer (interpolated, type 7)"),
    "median_low": Term("Median from", "duration", "the lower limit of the 95 % interval of the median"),
    "median_high": Term("Median to", "duration", "the upper limit of the 95 % interval of the median"),
    "median_case": Term("Median case", "text", "the case in the middle: half take no longer, half no less"),
    "range": Term("Range", "text", "from the first value on, to just below the second"),
    "p90": Term("90th percentile", "duration", "nine of ten are shorter (interpolated, type 7)"),
    "total": Term("Total", "duration", "the sum over all"),
    "shortest": Term("Shortest", "duration", "the smallest of all"),
    "longest": Term("Longest", "duration", "the largest of all"),
    "time_share": Term("Share of time", "share", "the total divided by the total throughput time of all cases"),
    "time_coverage": Term("Coverage of time", "share", "time of this and all rows above, divided by the time of all cases"),
    "gap": Term("Gap", "duration", "from one completion to the next completion in the case; it holds waiting and work and is not called waiting"),
    "throughput": Term("Throughput time", "duration", "from the first start (or completion) of a case to its last completion"),
    "processing": Term("Processing time", "duration", "from start to completion of an activity instance"),
    "started": Term("Started", "instant", "the first start or completion of the case"),
    "ended": Term("Ended", "instant", "the last completion of the case"),
    "time": Term("Time", "instant", "when the unit was completed"),
    "start": Term("Start", "instant", "when the work on the unit began"),
    "status": Term("Status", "text", "finished, running, or unknown where no end activity is declared"),
    "outcome": Term("Outcome", "text", "the outcome that the card gives to the last activity of the case"),
    "starts": Term("Cases starting here", "count", "cases whose first unit is this activity"),
    "ends": Term("Cases ending here", "count", "cases whose last unit is this activity"),
    "position": Term("Position", "count", "the place of the unit in its case, counted from 1"),
    "source": Term("Source", "text", "the file or table that the row comes from"),
    "row": Term("Row", "count", "the row in the source; in text and spreadsheets the header is row 1"),
    "period": Term("Period", "day", "the first day of the period"),
    "arrived": Term("Arrived", "count", "cases that started in the period"),
    "completed": Term("Completed", "count", "cases that ended in the period"),
    "open_cases": Term("Work in progress", "count", "cases that had started and not ended at the end of the period"),
    "activities": Term("Activities", "count", "the number of distinct activities"),
    "resources": Term("Resources", "count", "the number of distinct resources"),
    "variants": Term("Variants", "count", "the number of distinct traces"),
    "fault": Term("Fault", "text", "what is wrong or doubtful in the log; nothing is repaired"),
    "rows": Term("Rows", "count", "rows of the source"),
    "example": Term("Example", "text", "one place where it occurs"),
    "measure": Term("Measure", "text", "what is counted or measured"),
    "number": Term("Number", "count", "how many"),
    "self_loops": Term("Self-loops", "count", "runs of one activity with more than one unit in a row"),
    "self_loop_units": Term("Units in self-loops", "count", "units whose direct predecessor in the case is the same activity"),
    "repetitions": Term("Repetitions", "count", "pairs of case and activity in which the activity comes back after something else"),
    "repetition_units": Term("Units in repetitions", "count", "units whose activity occurred before in the case, but not directly before"),
    "repeat": Term("By the same resource", "count", "self-loops or repetitions with one resource throughout"),
    "redo": Term("By others", "count", "self-loops or repetitions with more than one resource"),
    "rework": Term("Rework units", "count", "units whose activity occurred before in the case"),
    "rework_share": Term("Share of rework", "share", "rework units divided by all units of the activity"),
    "rework_cases": Term("Cases with rework", "count", "cases in which the activity occurs more than once"),
    "rework_cases_share": Term(
        "Share of cases with rework", "share", "cases with rework divided by all cases that have the activity, or of the group"
    ),
    "rework_span": Term(
        "Time from first to last",
        "duration",
        "median over cases with rework: from the first completion of the activity to its last; spans of activities overlap",
    ),
    "loop_time": Term(
        "Time in loops", "duration", "between the first and the last completion of what is repeated in a case, overlaps once; a sum over cases"
    ),
    "contribution": Term(
        "Time contributed", "duration", "time of the completion clock charged to this edge; over all edges it adds up to the total throughput time"
    ),
    "contribution_mean": Term("Contribution per case", "duration", "time contributed divided by all cases of the population"),
    "step": Term("Step", "text", "the activity completed first, and the one completed after it"),
    "time_before": Term("Time before it", "duration", "time charged to all steps that lead to the activity"),
    "group": Term("Group", "text", "the value of the attribute after which the answer is split; each case is in one group"),
    "file": Term("File", "text", "the source that was read"),
    "sha256": Term("SHA-256", "text", "the fingerprint of the source as read"),
    "ledger": Term("Ledger", "money", "the control total that the user gave"),
    "difference": Term("Difference", "money", "the log's total less the ledger's"),
    "credit_cases": Term("Credit cases", "count", "cases with a negative amount"),
    "credit_value": Term("Credit amount", "money", "the sum of the negative amounts"),
    "missing_amount": Term("Cases without amount", "count", "cases whose amount is missing; they are in no sum of money"),
    "months": Term("Month", "text", "the calendar month in which the case started, in the log's zone"),
    "format": Term("Format", "text", "how the source is written"),
    "filter": Term("Filter", "text", "a condition that cases or events must meet to be kept, in the words of the command line"),
    "cases_removed": Term("Cases removed", "count", "cases that the filter removed from those before it"),
    "units_removed": Term("Units removed", "count", "units that the filter removed from those before it"),
    "value_removed": Term("Amount removed", "money", "the money of the cases that the filter removed"),
    "cases_left": Term("Cases left", "count", "cases that are left after the filter"),
    "endpoint": Term("Endpoint", "text", "start: cases begin with the activity; end: they end with it"),
    "finished": Term("Finished", "count", "cases whose last activity is a declared end activity"),
    "running": Term("Running", "count", "cases that have not come to a declared end activity at the time of extraction"),
    "state": Term("State", "text", "how the activity instance ended: complete, aborted or withdrawn"),
    "processing_mean": Term("Mean processing time", "duration", "the sum of the processing times divided by the number of units that have one"),
    "processing_median": Term("Median processing time", "duration", "half of the processing times are shorter, half are longer"),
    "processing_p90": Term("90th percentile of processing time", "duration", "nine of ten processing times are shorter"),
    "processing_total": Term("Total processing time", "duration", "the sum of the processing times; units that overlap count in full"),
    "before_mean": Term("Mean gap before", "duration", "the sum of the gaps that end in the activity, divided by their number"),
    "before_median": Term("Median gap before", "duration", "half of the gaps that end in the activity are shorter, half are longer"),
    "before_total": Term("Total gap before", "duration", "the sum of the gaps that end in the activity"),
    "first_seen": Term("First seen", "day", "the day of the first completion by the resource"),
    "last_seen": Term("Last seen", "day", "the day of the last completion by the resource"),
    "active_days": Term("Active days", "count", "calendar days, in the log's zone, on which the resource completed something"),
    "units_per_day": Term("Units per active day", "number", "units divided by active days"),
    "severity": Term("Severity", "text", "error: the log contradicts itself; doubt: probably not what happened; note: answers are limited by it"),
    "counted": Term("Counted", "text", "what the number counts: rows of the source, units or cases"),
    "column": Term("Column", "text", "the column of the source"),
    "found": Term("Found", "text", "what stands there"),
    "reading": Term("Reading", "text", "what a unit is: each row an event, or start and complete rows paired to an instance"),
    "ledger_number": Term("Ledger", "count", "the control total that the user gave"),
    "difference_number": Term("Difference", "count", "the log's number less the ledger's"),
    "faulty_rows": Term("Broken rows", "count", "rows of the source that do not have its columns"),
    "fact": Term("Fact", "text", "what is said or assumed about the log"),
    "stated": Term("Value", "text", "what the fact is"),
    "origin": Term("Given by", "text", "the command line, the card or a guess; the first beats the second, the second the third"),
    "note": Term("Note", "text", "what was assumed or found at reading"),
    "working_mean": Term("Mean working time", "working", "the sum of the working times divided by the number of those that are known"),
    "working_median": Term("Median working time", "working", "half of the working times are shorter, half are longer (interpolated, type 7)"),
    "working_p90": Term("90th percentile of working time", "working", "nine of ten working times are shorter (interpolated, type 7)"),
    "working_total": Term("Total working time", "working", "the sum of the working times"),
    "calendar": Term("Calendar", "text", "the working calendar by its name on the card"),
    "calendar_level": Term("Applies by", "text", "what names the calendar: the resource, its role, an attribute, or the default"),
    "calendar_kind": Term("Kind", "text", "declared: said on the card; learned: found in the log"),
    "hours": Term("Working hours", "text", "the shifts of each day of the week, in the zone of the calendar"),
    "holidays": Term("Holidays", "text", "the countries, parts of countries or markets whose holidays are free"),
    "zone": Term("Zone", "text", "the time zone whose clocks the hours are of"),
    "working_day": Term("Working day", "duration", "the day in which working time is told: declared, else the middle one of the days with work"),
    "without_calendar": Term("Without calendar", "count", "units to which no calendar applies; their working time is missing"),
    "outside": Term("Outside", "count", "units completed while their calendar was closed"),
    "inside_share": Term(
        "Share inside", "share", "units completed while their calendar was open, divided by those whose calendar is known at that time"
    ),
    "spent_inside_share": Term("Share of processing time inside", "share", "working time from start to completion, divided by the time that passes"),
    "meaning": Term("Meaning", "text", "what the word means"),
}


def column(name: str) -> Column:
    """The column of a table by its name in the glossary."""
    term = TERMS[name]
    return Column(name, term.title, term.kind)
