"""Discovering a model: from counts of variants or a directly-follows graph to a model with its quality beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import get_args

from finmine import words
from finmine.errors import Refusal, UnknownWord
from finmine.models import child, pm4py
from finmine.models.bpmn import Bpmn
from finmine.models.loop_collapse import folded, folded_graph, repeating, repeating_in, with_loops
from finmine.models.model import Learned, Miner, Model, Recipe
from finmine.models.net import Net
from finmine.models.quality import Quality, measure
from finmine.models.tree import Tree
from finmine.models.variants import Graph, Trace, Variants, activities, cases, graph, most_frequent, ranked

NOISE: dict[Miner, float | None] = {"inductive": 0.2, "inductive-dfg": None, "split": 0.4}


class NothingToLearnFrom(Refusal):
    """A model was asked of cases without a single activity."""

    def __init__(self, number: int) -> None:
        super().__init__(f"a model is learned from activities; the {words.plural(number, 'case')} given have none. Loosen the filters.")


class ShareOutOfRange(Refusal):
    """A share was given that is not one."""

    def __init__(self, name: str, given: float, rule: str) -> None:
        super().__init__(f"{name} is a share {rule}, such as 0.2 for 20 %; {given!r} is not.")


class NoNoiseThreshold(Refusal):
    """A noise threshold was given to a miner that has none."""

    def __init__(self, miner: str) -> None:
        super().__init__(f"the miner {miner!r} has no noise threshold. Leave the noise out, or take the miner 'inductive'.")


class GraphIsNotEnough(Refusal):
    """What needs traces was asked of a directly-follows graph."""

    def __init__(self, wish: str) -> None:
        super().__init__(f"a directly-follows graph holds no traces, and {wish} needs them. Give the variants, or take 'inductive-dfg' as it is.")


class NoDeadline(Refusal):
    """The time that discovery may take was nothing, or no end at all."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"discovering a model may take a number of seconds above 0 and up to a day (86400); {seconds!r} is not one.")


def discover(
    source: Iterable[tuple[Trace, int]] | Graph,
    miner: Miner = "inductive",
    noise: float | None = None,
    coverage: float = 1.0,
    collapse: bool = True,
    seconds: float = 60.0,
) -> Model:
    """A model of how the cases run, with its quality.

    Args:
        source: Distinct traces of activities with their numbers of cases; or a directly-follows graph counted from them, from
            which the miner ``inductive-dfg`` alone can learn and no quality can be told.
        miner: ``inductive`` learns from the traces, ``inductive-dfg`` from the directly-follows graph alone (fast on any log, but
            often too general), ``split`` from the graph with its short loops (a diagram that may not always come to its end).
        noise: How much rare behaviour is left out, from 0 (none) to 1. ``inductive`` (0.2) drops a step from an activity that
            is not more frequent than this share of the most frequent one from it, where no other structure is found; ``split`` (0.4)
            takes the step frequency at this percentile for its least.
        coverage: The model is learned from the most frequent variants that hold at least this share of the cases. Its quality
            is always that on all cases.
        collapse: Fold immediate repeats before learning and put them back as loops (the inductive miners; ``split`` does so itself).
        seconds: The longest that discovery may take; it runs in a child process.

    Raises:
        UnknownWord, ShareOutOfRange, NoNoiseThreshold, GraphIsNotEnough, NoDeadline: an argument cannot be meant.
        NothingToLearnFrom: no case has an activity.
        TookTooLong: the deadline passed; it says what was being done.
        Died: the child process was ended from outside.
        MinerBroke: the miner itself failed on this log.
    """
    recipe = _checked(Recipe(miner, noise, collapse and miner != "split", coverage), source, seconds)
    everything = source if isinstance(source, Graph) else ranked(source)
    names = sorted(everything.activities() if isinstance(everything, Graph) else activities(everything))
    if not names:
        raise NothingToLearnFrom(everything.cases if isinstance(everything, Graph) else cases(everything))
    # The miners see numbers that sort as the labels do: no label can mean something to them.
    codes = {name: f"{place:06d}" for place, name in enumerate(names)}
    labels = {code: name for name, code in codes.items()}
    model = child.run(_learn, (recipe, _relabelled(everything, codes)), seconds, "discovering a model", _advice(miner))
    return model.relabelled(labels)


def _checked(recipe: Recipe, source: object, seconds: float) -> Recipe:
    if recipe.miner not in get_args(Miner):
        raise UnknownWord("miner", recipe.miner, get_args(Miner))
    usual = NOISE[recipe.miner]
    if usual is None and recipe.noise is not None:
        raise NoNoiseThreshold(recipe.miner)
    if recipe.noise is not None and not 0 <= recipe.noise <= 1:
        raise ShareOutOfRange("noise", recipe.noise, "from 0 to 1")
    if not 0 < recipe.coverage <= 1:
        raise ShareOutOfRange("coverage", recipe.coverage, "above 0 and up to 1")
    if isinstance(source, Graph) and recipe.miner != "inductive-dfg":
        raise GraphIsNotEnough(f"the miner {recipe.miner!r}")
    if isinstance(source, Graph) and recipe.coverage < 1:
        raise GraphIsNotEnough("a coverage")
    if not 0 < seconds <= 86_400:
        raise NoDeadline(seconds)
    return replace(recipe, noise=usual if recipe.noise is None else recipe.noise)


def _advice(miner: Miner) -> str:
    easier = {
        "inductive": "Raise the noise threshold, learn from fewer variants (a lower coverage), take the miner 'inductive-dfg'",
        "inductive-dfg": "Learn from fewer variants (a lower coverage)",
        "split": "Learn from fewer variants (a lower coverage), take the miner 'inductive-dfg'",
    }
    return f"{easier[miner]}, or allow more seconds."


def _relabelled(source: Variants | Graph, names: Mapping[str, str]) -> Variants | Graph:
    if isinstance(source, Graph):
        return Graph(
            {(names[first], names[second]): number for (first, second), number in source.edges.items()},
            {names[activity]: number for activity, number in source.starts.items()},
            {names[activity]: number for activity, number in source.ends.items()},
            source.empty,
        )
    return tuple((tuple(names[activity] for activity in trace), number) for trace, number in source)


def _learn(recipe: Recipe, everything: Variants | Graph) -> Model:
    """The model, learned and measured; runs in the child process."""
    if isinstance(everything, Graph):
        child.stage("learning from a directly-follows graph")
        tree = _tree_of_graph(recipe, everything)
        unchecked = Quality(everything.cases, None, None)
        return Model(recipe, tree, pm4py.net_of_tree(tree), pm4py.bpmn_of_tree(tree), unchecked, Learned(everything.cases))
    kept = most_frequent(everything, recipe.coverage)
    child.stage(f"learning from {words.plural(len(kept), 'variant')}")
    mined, diagram, net = _mined(recipe, kept)
    child.stage(f"replaying {words.plural(len(everything), 'variant')} on the model")
    unknown = activities(everything) - net.activities()
    learned = Learned(
        cases(kept),
        len(kept),
        len(everything),
        tuple(sorted(unknown)),
        sum(number for trace, number in everything if not unknown.isdisjoint(trace)),
    )
    return Model(recipe, mined, net, diagram, measure(net, everything), learned)


def _mined(recipe: Recipe, kept: Variants) -> tuple[Tree | None, Bpmn, Net]:
    if recipe.miner == "split":
        diagram = pm4py.split(kept, recipe.noise or 0)
        return None, diagram, pm4py.net_of_bpmn(diagram)
    tree = _tree_of_graph(recipe, graph(kept)) if recipe.miner == "inductive-dfg" else _tree_of_variants(recipe, kept)
    return tree, pm4py.bpmn_of_tree(tree), pm4py.net_of_tree(tree)


def _tree_of_variants(recipe: Recipe, kept: Variants) -> Tree:
    if not recipe.collapse:
        return pm4py.inductive(kept, recipe.noise or 0)
    return with_loops(pm4py.inductive(folded(kept), recipe.noise or 0), repeating(kept))


def _tree_of_graph(recipe: Recipe, counted: Graph) -> Tree:
    if not recipe.collapse:
        return pm4py.inductive_on_graph(counted)
    return with_loops(pm4py.inductive_on_graph(folded_graph(counted)), repeating_in(counted))
