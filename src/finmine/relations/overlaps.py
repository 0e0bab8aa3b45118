"""Spans of time of one case that overlap: each is charged with what it adds to those before it, so that no time counts twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


def counted_once(these: ir.Table, since: str, until: str, tie: str, name: str) -> ir.Table:
    """The spans with ``name``: of the time from ``since`` to ``until``, what no span of the case that begins earlier covers.

    Of spans that begin together the one with the lower ``tie`` comes first. Over the spans of a case it adds up to the time
    that at least one of them covers. A span that ends before it begins covers nothing.
    """
    apart = disjoint(these, since, until, tie)
    return apart.select(*these.columns, **{name: apart.apart_until - apart.apart_since})


def disjoint(these: ir.Table, since: str, until: str, tie: str) -> ir.Table:
    """The spans with ``apart_since`` and ``apart_until``: what of each no span of the case that begins earlier (or has the lower tie) covers.

    What is covered wholly is left as a span of no length.
    """
    import ibis

    earlier = ibis.window(group_by="case", order_by=[since, tie], preceding=(None, 1))
    reached = these[until].max().over(earlier)
    begun = these.mutate(apart_since=ibis.greatest(these[since], ibis.coalesce(reached, these[since])))
    return begun.mutate(apart_until=ibis.greatest(begun[until], begun.apart_since))
