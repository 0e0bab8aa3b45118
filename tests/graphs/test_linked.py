"""What is linked belongs together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finmine.graphs.linked import linked


@given(st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=15))
def test_groups_are_those_of_repeated_merging(pairs: set[tuple[int, int]]) -> None:
    """Each node is in one group, and two nodes share one exactly where merging the pairs one by one brings them together."""
    together = {node: {node} for pair in pairs for node in pair}
    for one, other in pairs:
        merged = together[one] | together[other]
        together |= dict.fromkeys(merged, merged)
    assert linked(pairs) == tuple(sorted({tuple(sorted(group)) for group in together.values()}))
