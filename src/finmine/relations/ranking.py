"""How sure the ranks of edges and activities by total time are: intervals from draws of cases or of whole clusters of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from finmine.arrays import Lent, through
from finmine.engine import Rows
from finmine.errors import Refusal
from finmine.kernels.rank_intervals import Draws, rank_intervals
from finmine.relations.groups import case_values, grouped
from finmine.relations.traces import traces
from finmine.view import Block, Caveat, Definition, Prose

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

_FEW = 20  # clusters below which an interval says little


class OneCluster(Refusal):
    """Clusters are to be drawn anew, and there is only one."""

    def __init__(self, cluster: str) -> None:
        super().__init__(f"all cases have one value of {cluster!r}, so there is nothing to draw anew; name an attribute with more values, or none.")


@dataclass(frozen=True, slots=True)
class Ranking:
    """The draws that give ranks their intervals: how many, of how many clusters of which attribute (of single cases without one), and their outcome."""

    draws: Draws
    cluster: str | None
    clusters: int
    lent: Lent
    rows: Rows
    noun: str = "throughput time"

    def of(self, kind: int) -> dict[tuple[int | None, int], dict[str, int]]:
        """The intervals of the ranks of edges, or of activities (whose source is missing)."""
        rows = (record for record in self.rows.records() if record["kind"] == kind)
        return {(record["source"], record["target"]): {"rank_low": record["low"], "rank_high": record["high"]} for record in rows}

    def blocks(self) -> Iterator[Block]:
        """How the intervals came about, and what limits them."""
        whose = "the cases" if self.cluster is None else f"the {self.clusters:,} groups of cases with one value of {self.cluster!r}"
        drawn = f"{whose} were drawn anew {self.draws.number:,} times with replacement (seed {self.draws.seed})"
        yield Prose(f"Ranks have 95 % intervals: {drawn}, and everything was ranked by total {self.noun} each time.")
        if self.cluster is not None and self.clusters < _FEW:
            yield Caveat(f"The intervals of ranks come from only {self.clusters} groups; so few say little about how sure a rank is.")

    def definition(self) -> tuple[Definition, ...]:
        """What the interval of a rank means."""
        return (_DEFINITION,)


def ranking(
    log: EventLog, charges: ir.Table, cluster: str | None, draws: Draws, noun: str = "throughput time", made: tuple[str, ...] = ()
) -> Ranking:
    """The intervals of the ranks of edges and activities by what is charged to them.

    ``noun`` says what that is; ``made`` are the statements that make its tables, where these rest on kernels.
    """
    import ibis

    drawn = charges.mutate(cluster=charges.case)
    if cluster is not None:
        values = case_values(log, cluster)
        coded = values.select("case", cluster=ibis.dense_rank().over(ibis.window(order_by="value")))
        drawn = charges.join(coded, "case")
    source = drawn.activity.fill_null(-1).cast("int64")
    summed = drawn.group_by(target=drawn.next_activity, source=source, cluster=drawn.cluster).aggregate(
        time=drawn.charge.sum().cast("decimal(38, 0)").coalesce(0).cast("int64")
    )
    kernel = partial(rank_intervals, how=draws)
    lent = through(log.engine, summed, kernel, by=(), order=("target", "source", "cluster"), noun="ranks", said=draws.said())
    lent = replace(lent, rests_on=made)
    found = lent.table.mutate(source=(lent.table.source >= 0).ifelse(lent.table.source, ibis.null("int64")))
    rows = log.fetch(found.order_by(["kind", "target", "source"]))
    cases = grouped(log, traces(log), cluster)  # each case has a charge, if only for its start
    clusters = int(str(log.fetch(cases.aggregate(clusters=cases.group.nunique() if cluster else cases.count())).column("clusters")[0]))
    if cluster is not None and clusters == 1:
        raise OneCluster(cluster)
    return Ranking(draws, cluster, clusters, lent, rows, noun)


_DEFINITION = Definition(
    "Interval of a rank",
    "the ranks by total between which 95 % of the draws lie; equals share a rank. For the cases in the log the ranking is complete; the interval "
    "says how it may differ in other cases of the same process",
    "percentile bootstrap of cases or clusters (Efron 1979)",
)
