"""Bottlenecks: where the time goes, as a ledger that adds up to the throughput time of all cases to the microsecond.

The clock is the completion clock (see ``relations.completion_clock``): the time between two completions of a case is
charged to the pair of activities that stand at them. A charge holds waiting and work alike, so nothing here is called
waiting. A bottleneck is a claim about the sum: many short steps can hold more time than a few long ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finmine.engine import Rows
from finmine.graphs.flow import END, START, Link, Region, flow, loop_regions, main_flow, passed_by_all, time_before
from finmine.log import EventLog
from finmine.relations.completion_clock import completion_clock
from finmine.relations.groups import grouped
from finmine.relations.tables import activity_labels
from finmine.relations.traces import traces
from finmine.result import Result, about, opening, table
from finmine.view import Bars, Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import duration, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

CASE_START = "(start of the case)"

_EDGES = ("source_activity", "target_activity", "steps", "cases", "contribution", "time_share", "contribution_mean", "median", "p90")
_MOST_BARS = 15
_MOST_HEADLINES = 3
_WORTH_SAYING = 0.05  # a headline is about at least this share of all time
