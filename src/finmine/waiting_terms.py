"""The words of waiting, its causes and the time ledger, a part of the glossary."""

from __future__ import annotations

from finmine.term import Term

WAITING: dict[str, Term] = {
    "waits": Term("Waits", "count", "units that waited: they were enabled before they began"),
    "waiting": Term("Waiting", "duration", "from when a unit was enabled to its start, without start lag; a sum over units"),
    "waiting_share": Term("Share of waiting", "share", "waiting divided by all waiting (or gap by all gaps, where no starts are recorded)"),
    "cause": Term("Cause", "text", "why work waits; the causes add up to the waiting"),
    "batching": Term("Batching", "duration", "waiting until the last unit of the batch was enabled"),
    "contention": Term("Contention", "duration", "waiting while the resource works on what was enabled no later"),
    "prioritisation": Term("Prioritisation", "duration", "waiting while the resource works only on what was enabled later"),
    "unavailability": Term("Unavailability", "duration", "waiting while the calendar is closed"),
    "unknown": Term("Unknown", "duration", "waiting without a known resource, or without a calendar and other work"),
    "extraneous": Term("Extraneous", "duration", "waiting that nothing in the log explains"),
    "main_cause": Term("Mostly", "text", "the cause with most of the waiting"),
    "waited": Term("Before", "text", "what waits: an activity, a step, or the work of a resource"),
    "opening": Term("In opening hours", "duration", "what of it lies in opening hours, where a calendar is known"),
    "other_order": Term("In the other order", "duration", "the same with the other order of precedence"),
    "efficiency_without": Term("Efficiency without it", "share", "cycle-time efficiency if the cause had no waiting and nothing else changed"),
    "efficiency_gain": Term("Gain", "share", "efficiency without the cause less efficiency as it is"),
    "gaps": Term("Units", "count", "units without a usable start"),
    "open_gap": Term("Gap", "duration", "from when a unit was enabled to its completion, where no start is known; a sum over units"),
    "gap_open": Term("In opening hours", "duration", "what of it lies in opening hours, where a calendar is known"),
}
"""Their headings, kinds and meanings."""
