"""The words of the flow: what changes would do to it, its queues, its segments and its closes."""

from __future__ import annotations

from finmine.term import Term

FLOW: dict[str, Term] = {
    "per_case": Term("Times per case", "number", "how often the step is taken, divided by all cases of the population"),
    "per_case_after": Term("Times per case then", "number", "how often a case would take the step on average"),
    "mean_after": Term("Mean then", "duration", "the mean time that the step would take"),
    "difference_time": Term("Difference", "duration", "what the step would add to the mean throughput time, less what it adds now"),
    "halved": Term("Saved at half the time", "duration", "what cases would take less on average if the step took half its time; exact"),
    "avoided": Term(
        "Saved if avoided",
        "duration",
        "what cases would take less on average if none took the step and went the other ways in proportion; an approximation, missing where none could end",
    ),
    "overtaken": Term("Overtaken", "count", "passages for which one that entered later left earlier"),
    "overtaken_share": Term("Share overtaken", "share", "passages overtaken divided by all passages of the segment"),
    "together": Term("Left together", "count", "passages that leave in a batch of at least three"),
    "together_share": Term("Share left together", "share", "passages that leave in a batch divided by all passages of the segment"),
    "leavings": Term("Batches", "count", "runs of at least three leavings, each shortly after the one before"),
    "first_median": Term("Median of the first third", "duration", "of the third of the passages that entered first"),
    "last_median": Term("Median of the last third", "duration", "of the third of the passages that entered last"),
    "speed": Term("Speed", "text", "slower or faster in the last third than in the first, where the intervals of their medians lie apart"),
    "closes": Term("Closes", "count", "closes in which the activity occurs: cases, or groups of cases that are closed together"),
    "tasks": Term("Tasks", "count", "units of work in the closes"),
    "critical_closes": Term("Closes on the path", "count", "closes with the activity on their critical path"),
    "criticality": Term("Criticality", "share", "closes with the activity on their critical path, divided by all closes"),
    "path_time": Term("Time on the path", "duration", "the time of the activity's tasks on the critical path, a mean over all closes"),
    "slack": Term(
        "Slack",
        "duration",
        "by how much the most urgent task of the activity could be later without a later close; median over the closes that have it",
    ),
    "saved": Term(
        "Saved per close", "duration", "how much sooner a close would end on average if each task of the activity took the given time less"
    ),
    "close": Term("Close", "text", "a case, or the cases with one value of an attribute, from its first start to its last completion"),
    "close_length": Term("Length", "duration", "from the first start of the close to its last completion"),
    "critical_tasks": Term("Tasks on the path", "count", "tasks without slack"),
    "entries": Term("Entered", "count", "units that came to stand before the activity in the window"),
    "departures": Term("Left", "count", "units that left the queue in the window"),
    "queue_length": Term("Mean length", "number", "how many units stand there on average over the window"),
    "queue_peak": Term("Most at once", "count", "the most units that stood there at one time in the window"),
    "peak_time": Term("Since", "instant", "when so many stood there for the first time"),
    "sojourn": Term("Mean time there", "duration", "from entering to leaving, of those that left in the window, also where they entered before it"),
    "little": Term("By Little's law", "number", "units that left per time, times their mean time there"),
    "boundary": Term("Boundary term", "number", "the mean length less what Little's law says: those still there, and time before the window"),
    "there": Term("There at the end", "count", "units that stand there at the end of the window"),
    "steady": Term("Steady", "flag", "the boundary term is at most 5 % of the length, and about as many enter as leave"),
}
