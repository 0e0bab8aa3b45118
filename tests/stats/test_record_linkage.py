"""Record linkage: the chance by Bayes' rule, and what is learned from patterns whose truth is known."""

from __future__ import annotations

from collections import Counter
from math import prod
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmine.stats.record_linkage import Linkage, learned

GUESS = Linkage(
    prior=0.02,
    same={"name": {"equal": 0.8, "near": 0.15, "other": 0.05}, "day": {"equal": 0.7, "other": 0.3}},
    apart={"name": {"equal": 0.3, "near": 0.3, "other": 0.4}, "day": {"equal": 0.5, "other": 0.5}},
)


@given(st.sampled_from(["equal", "near", "other", "missing"]), st.sampled_from(["equal", "other", "missing"]))
def test_the_chance_is_that_of_bayes(name: str, day: str) -> None:
    """Prior times the chances of what agrees, divided by the same for both kinds; what is missing says nothing."""
    parts = {}
    for kind, prior, ways in (("same", 0.02, GUESS.same), ("apart", 0.98, GUESS.apart)):
        parts[kind] = prior * prod(ways[field].get(way, 1.0) for field, way in (("name", name), ("day", day)))
    assert GUESS.chance({"name": name, "day": day}) == pytest.approx(parts["same"] / sum(parts.values()))


def test_what_is_learned_is_what_made_the_patterns() -> None:
    """From 20,000 pairs of which one in twenty is the same, the prior and the chances of the others come out, whatever was guessed of them."""
    chance, patterns = Random(1), Counter[tuple[str, str]]()
    true_apart = {"name": {"equal": 0.02, "near": 0.08, "other": 0.9}, "day": {"equal": 0.1, "other": 0.9}}
    for _ in range(20_000):
        ways = GUESS.same if chance.random() < 0.05 else true_apart
        name, day = (chance.choices(list(ways[field]), list(ways[field].values()))[0] for field in ("name", "day"))
        patterns[name, day] += 1
    found = learned([({"name": name, "day": day}, number) for (name, day), number in patterns.items()], GUESS)
    assert found.prior == pytest.approx(0.05, abs=0.01)
    assert found.apart["name"]["equal"] == pytest.approx(0.02, abs=0.01)
    assert found.apart["day"]["equal"] == pytest.approx(0.1, abs=0.01)
    assert found.same == GUESS.same


def test_nothing_observed_leaves_the_guess() -> None:
    """Without candidates the guess stays as it is."""
    found = learned([], GUESS)
    assert found.prior == pytest.approx(GUESS.prior)
    assert found.apart["name"] == pytest.approx(GUESS.apart["name"])
