"""The contents page: every question that finmine answers, in the order of the report.

Each line names a file of this folder that holds a function of the same name. From it come the Python call, the
command, the notebook card, the report section, the JSON and the page of the documentation.
"""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """A question: its name on the command line, its title, and what it answers in a line."""

    name: str
    title: str
    answers: str
    in_report: bool = True
    told_by: tuple[str, ...] = ()  # attributes of which a log has at least one, or the report leaves the question out

    @property
    def module(self) -> str:
        """The Python name of the question, its file and its function."""
        return self.name.replace("-", "_")


CONTENTS: tuple[Question, ...] = (
    Question("summary", "Summary", "what is in the log: cases, events, variants, period, money, sources and control totals"),
    Question("directly-follows", "Process map", "how the work flows: every directly-follows relation with counts and times"),
    Question("bottlenecks", "Bottlenecks", "where the time goes: edges and activities ranked by their share of all throughput time, waiting or cost"),
    Question(
        "performance-spectrum",
        "Performance spectrum",
        "each case on a step as a line: who is overtaken, what ends together, whether it gets slower",
        False,
    ),
    Question("critical-path", "Critical path", "which activities hold up a close, which have slack, and what an hour saved on each is worth", False),
    Question("what-if", "What if", "how the mean throughput time changes if steps get faster, or routes are taken less often", in_report=False),
    Question("enabling-path", "Enabling path", "what held up the end of cases: work and waiting that add up to their time", in_report=False),
    Question("waiting-causes", "Waiting causes", "why work waits: six causes that add up to every wait, and what each costs"),
    Question("time-ledger", "Time ledger", "what all the time of cases was spent on, month by month, adding up exactly", in_report=False),
    Question("variants", "Variants", "the distinct paths, and how much of the cases, money and time they cover"),
    Question("throughput-time", "Throughput time", "how long cases take, and how that is distributed"),
    Question("path-costs", "What a path costs", "what the families of paths take and cost, in the median and in all, against all other cases"),
    Question("path-effects", "Path effects", "which paths go with more or less time, cost or rework, and by how much", in_report=False),
    Question(
        "group-effects",
        "Group effects",
        "which groups of cases, or variants, take longer than which: all at once, and each against each",
        in_report=False,
    ),
    Question(
        "root-causes",
        "Root causes",
        "which questions about a case part slow from fast cases furthest, told by cases that had no part in choosing them",
        in_report=False,
    ),
    Question(
        "compare", "Comparison", "two companies, periods, vendors or logs side by side, and where their work goes different ways", in_report=False
    ),
    Question("drift", "Drift", "when the process changed, in what, and by how much; month ends are none", in_report=False),
    Question(
        "payment-terms",
        "Payment terms",
        "which discounts were captured or lost, and which payments were on time, in cases and money",
        told_by=("due_date", "discount_date", "discount"),
    ),
    Question("open-cases", "Open cases", "how long cases take when those that still run count too, and how many of these will be late"),
    Question("activities", "Activities", "how often each activity occurs, in how many cases, and how long it takes"),
    Question("times", "Times", "how long work takes, how long it waits, and how long nothing is done", in_report=False),
    Question("endpoints", "Endpoints", "with which activities cases begin and end"),
    Question("rework", "Rework", "what is done more than once: self-loops and repetitions, by the same hands or others"),
    Question(
        "repetitions",
        "Self-loops and repetitions",
        "how many, how large and by whose hands, of the log, each case, activity or resource",
        in_report=False,
    ),
    Question("loops", "Loops", "where cases turn back, which activities send them back, and in which regions they go round"),
    Question(
        "rework-kinds",
        "Kinds of rework",
        "what each repeat is by what the card declares: correction, return, another try, a part, or done for nothing",
    ),
    Question("first-pass-yield", "First-pass yield", "how many cases pass each activity once and for all, and how many pass a whole path that way"),
    Question("arrivals", "Arrivals", "cases that arrive and complete over time, and the work in progress"),
    Question("queues", "Queues", "how much work stands before each activity, for how long, and whether that is steady"),
    Question("resources", "Resources", "who does what, how much, and in how many cases"),
    Question("batches", "Batches", "how much work is collected and done together, and how long work waits for its batch", in_report=False),
    Question("handovers", "Hand-overs", "who hands work to whom, how long it lies in between, and what goes back and forth"),
    Question("referrals", "Referrals", "who redoes whose work: from the hands that did an activity first to those that did it last", in_report=False),
    Question("calendars", "Calendars", "which calendars apply to how many units, and how well they fit the work that was done", in_report=False),
    Question(
        "audit", "Audit", "which cases break which rule of a policy, which cannot be tested, and which pass: the whole population", in_report=False
    ),
    Question("costs", "Costs", "what the work costs, what that rests on, whether capacity is used, and what changed the cost", in_report=False),
    Question(
        "approval-paths",
        "Approval paths",
        "who approved, in which order and at which amount, how long each held it, and what rests on an effective approval",
        in_report=False,
    ),
    Question(
        "approval-graph",
        "Approval graph",
        "who approves for whom, who do so for each other or in a circle, and how few carry a document from end to end",
        in_report=False,
    ),
    Question(
        "rubber-stamps",
        "Rubber stamps",
        "which approvals were given too soon, many within a short time, or outside of working hours",
        in_report=False,
    ),
    Question(
        "duplicates", "Duplicates", "which documents were probably recorded twice, what that exposes, and on which paths they came", in_report=False
    ),
    Question(
        "vendors",
        "Vendors",
        "which vendors have one document only, or some or many without orders, and which amounts lie far from the vendor's own",
        in_report=False,
    ),
    Question(
        "three-way-match",
        "Three-way match",
        "which invoices match their order and receipts, in price and quantity, and which cannot be tested",
        in_report=False,
    ),
    Question(
        "postings",
        "Postings",
        "which postings were entered at odd times, dated back or ahead, or after the close, and who posts round amounts",
        in_report=False,
    ),
    Question(
        "splits",
        "Split purchases",
        "which purchases together pass a limit that none of them passes alone, and where amounts bunch below limits",
        in_report=False,
    ),
    Question(
        "conformance",
        "Conformance",
        "which cases run as a model (BPMN or PNML) allows, and where the others differ from it, with how much money and time",
        in_report=False,
    ),
    Question(
        "digits",
        "Digits of amounts",
        "how first and last digits of amounts lie against Benford's law, where it can be expected of them at all",
        in_report=False,
    ),
    Question(
        "money-of-time",
        "Money of time",
        "what time costs: discounts lost, late interest, capital and labour, and what held the documents",
        in_report=False,
    ),
    Question(
        "audit-sample", "Sample", "which cases to look at by hand, and how many; and what is wrong at most after they were looked at", in_report=False
    ),
    Question("check", "Check", "what is wrong or doubtful in the log, with the cases and money affected"),
    Question("cases", "Cases", "the cases themselves, with amount, status and time", in_report=False),
    Question("case", "Case", "one case, event by event, with its source rows", in_report=False),
)


def find(name: str) -> Question | None:
    """The question of a name, spelled as on the command line or as in Python."""
    return next((question for question in CONTENTS if name in (question.name, question.module)), None)
