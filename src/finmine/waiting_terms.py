"""The words of enabled times, a part of the glossary: waiting, its causes and the time ledger, batches, the times of cases and units."""

from __future__ import annotations

from finmine.term import Term

WAITING: dict[str, Term] = {
    "dates_seen": Term("Dates", "count", "the dates on which the stamps were left from which the calendar was learned"),
    "stamps": Term("Stamps", "count", "the starts and completions from which the calendar was learned"),
    "support": Term("Support", "share", "of these stamps those that lie in the learned hours"),
    "closing_day": Term("Working day of the close", "text", "the working day before or after the end of a month on which a unit was completed"),
    "waits": Term("Waits", "count", "units that waited: they were enabled before they began"),
    "waiting": Term(
        "Waiting", "duration", "from when a unit was enabled to its start, without start lag: of units their sum, of a case what they cover"
    ),
    "waiting_mean": Term("Waiting per case", "duration", "waiting divided by all cases of the population"),
    "waiting_before": Term("Waiting before it", "duration", "waiting of the units of the activity"),
    "open_waiting": Term("Waiting in opening hours", "working", "waiting while the calendar was open, where one is known"),
    "open_waiting_mean": Term("In opening hours per case", "working", "waiting in opening hours divided by all cases of the population"),
    "open_waiting_before": Term("Waiting in opening hours before it", "working", "waiting in opening hours of the units of the activity"),
    "open_waiting_mean_of_steps": Term("Mean in opening hours", "working", "the sum of the waits in opening hours divided by their number"),
    "open_waiting_median_of_steps": Term(
        "Median in opening hours", "working", "half of the waits are shorter in opening hours, half longer (interpolated, type 7)"
    ),
    "open_waiting_p90_of_steps": Term(
        "90th percentile in opening hours", "working", "nine of ten waits are shorter in opening hours (interpolated, type 7)"
    ),
    "waiting_share": Term("Share of waiting", "share", "waiting divided by all waiting (or gap by all gaps, where no starts are recorded)"),
    "waiting_coverage": Term("Coverage of waiting", "share", "waiting of this and all rows above, divided by the waiting of all cases"),
    "cause": Term("Cause", "text", "why work waits; the causes add up to the waiting"),
    "batching": Term("Batching", "duration", "waiting until the last unit of the batch was enabled, while the resource could have done it"),
    "contention": Term("Contention", "duration", "waiting while the resource works on what was enabled no later"),
    "prioritisation": Term("Prioritisation", "duration", "waiting while the resource works only on what was enabled later"),
    "unavailability": Term("Unavailability", "duration", "waiting while the calendar is closed"),
    "unknown": Term("Unknown", "duration", "waiting without a known resource, or without a calendar and other work"),
    "extraneous": Term("Extraneous", "duration", "waiting that nothing in the log explains"),
    "main_cause": Term("Mostly", "text", "the cause with most of the waiting"),
    "main_cause_share": Term("Share of it", "share", "the waiting of that cause divided by all waiting of the row"),
    "waited": Term("Before", "text", "what waits: an activity, a step, or the work of a resource"),
    "opening": Term(
        "In opening hours", "working", "what of it lies in opening hours, where a calendar is known; missing where none is known of any of it"
    ),
    "batch_last": Term("Batch last", "duration", "the same where contention, prioritisation and closed hours come before batching"),
    "work_first": Term("Work first", "duration", "the same where batching comes before all, and closed hours last"),
    "hours_first": Term("Hours first", "duration", "the same where closed hours come before all"),
    "efficiency_without": Term("Efficiency without it", "share", "cycle-time efficiency if the cause had no waiting and nothing else changed"),
    "efficiency_gain": Term("Gain", "share", "efficiency without the cause less efficiency as it is, in percentage points"),
    "gapped": Term("Units", "count", "units without a usable start, completed later than they were enabled"),
    "open_gap": Term("Gap", "duration", "from when a unit was enabled to its completion, where no start is known; a sum over units"),
    "gap_open": Term(
        "In opening hours", "working", "what of it lies in opening hours, where a calendar is known; missing where none is known of any of it"
    ),
    "other_activity": Term("Other activity", "text", "the second of two activities"),
    "forth": Term("Followed by it", "count", "how often the second activity directly follows the first"),
    "back": Term("Following it", "count", "how often the first activity directly follows the second"),
    "turns": Term("Turns", "count", "how often one of the two comes directly before and after the other, as in a loop"),
    "why": Term("Why", "text", "why the two are taken to run side by side"),
    "batched": Term("In batches", "count", "units that are in a batch: collected, and then done together by one resource"),
    "batched_share": Term("Share in batches", "share", "units in batches divided by the units that can be in one (resource and start known)"),
    "batches": Term("Batches", "count", "two or more units of one resource and activity, all enabled when the first began"),
    "batch_size": Term("Mean size", "number", "units in batches divided by batches"),
    "largest_batch": Term("Largest batch", "count", "the most units in one batch"),
    "parallel": Term("Parallel", "count", "batches whose units all begin and end together"),
    "concurrent": Term("Concurrent", "count", "batches in which a unit begins before the one before it ends"),
    "sequential": Term("Sequential", "count", "batches whose units are done one after the other"),
    "batching_total": Term("Waiting for the batch", "duration", "from when units were enabled until the last of their batch was; a sum over units"),
    "batching_median": Term("Median waiting for the batch", "duration", "half of the units in batches wait no longer for their batch"),
    "batching_share": Term("Share of waiting", "share", "waiting for the batch divided by all waiting of the row"),
    "sizes": Term("Size", "text", "how many units are in one batch or burst"),
    "scaling": Term("Scaling", "number", "mean processing time at these sizes divided by that of the activity's units in no batch"),
    "size_median": Term("Median size", "number", "half of the batches have no more units"),
    "oldest_median": Term("Oldest had waited", "duration", "median over batches: how long, when the batch began, the unit enabled first had waited"),
    "newest_median": Term("Newest had waited", "duration", "median over batches: how long, when the batch began, the unit enabled last had waited"),
    "usual_weekday": Term("Mostly on", "text", "the weekday on which most batches begin, in the log's zone"),
    "usual_weekday_share": Term("Share on it", "share", "batches that begin on that weekday, divided by all"),
    "usual_hour": Term("Mostly from", "text", "the hour in which most batches begin, in the log's zone"),
    "usual_hour_share": Term("Share in it", "share", "batches that begin in that hour, divided by all"),
    "firing_rule": Term("Begins", "text", "the conditions under which batches begin, or that no rule was found"),
    "rule_support": Term("Support", "share", "of the batches that had no part in the search, the share that begins where the rule holds"),
    "rule_precision": Term("Precision", "share", "of the instants at which the rule holds, the share at which a batch begins"),
    "rule_instants": Term("Instants", "count", "at which the rule holds, of batches that had no part in the search: the whole of the precision"),
    "gap_allowed": Term("Gap allowed", "duration", "how long after the work before it the next unit may begin (of bursts: be completed) at most"),
    "in_bursts": Term("In bursts", "count", "units that are in an activity burst"),
    "in_bursts_share": Term("Share in bursts", "share", "units in bursts divided by the units with a resource"),
    "bursts": Term(
        "Bursts", "count", "two or more completions of one resource and activity within the gap of each other; nothing is said of waiting"
    ),
    "burst_size": Term("Mean size", "number", "units in bursts divided by bursts"),
    "largest_burst": Term("Largest burst", "count", "the most units in one burst"),
    "charged_as": Term("Is", "text", "work, waiting, start lag, or a gap (waiting and work alike, where the start is not known)"),
    "per": Term("Per", "text", "case: spans of a case that overlap count once; unit: each unit by itself"),
    "measured": Term("Measured", "count", "cases or units of which the time is known"),
    "not_known": Term("Not known", "count", "cases or units that should have the time and of which it is not known; they are in no number"),
    "start_lag": Term("Start lag", "duration", "from the start of the case to the start of a unit that no other enabled; not waiting"),
    "idle": Term("Idle time", "duration", "throughput time less the time in which at least one unit of the case was in work"),
    "flow_efficiency": Term(
        "Flow efficiency", "share", "the time in which at least one unit of the case was in work, divided by its throughput time"
    ),
    "working_throughput": Term("Working throughput time", "working", "the working time from the start to the end of the case"),
    "working_processing": Term("Working processing time", "working", "the working time in which a unit of the case was in work"),
    "working_waiting": Term("Working waiting time", "working", "the working time in which a unit of the case waited"),
    "working_start_lag": Term("Working start lag", "working", "the working time from the start of the case to its first units"),
    "working_idle": Term("Working idle time", "working", "the working time in which no unit of the case was in work"),
    "clock": Term("Time", "duration", "time since the last completion of the case, a sum over units; over all units it is the throughput time"),
    "ledger_share": Term("Share of time", "share", "the time divided by the throughput time of all cases"),
    "work": Term("Work", "duration", "from start to completion"),
    "overlap": Term(
        "Overlap", "duration", "time in which a unit was open while another unit of its case was to be completed before it; it is taken off"
    ),
    "open_time": Term("Time open", "duration", "start lag, waiting, work and gaps together, overlaps counted as often as they occur"),
    "ledger_month": Term("Month", "text", "the calendar month in which the time passed, in the log's zone"),
    "team": Term("Role", "text", "the role of who did the unit"),
    "entry": Term("Entry", "text", "what the time was spent on"),
    "entered": Term("Time", "duration", "the sum over all units"),
    "entered_share": Term("Share of time", "share", "the entry divided by the throughput time of all cases"),
}
"""Their headings, kinds and meanings."""
