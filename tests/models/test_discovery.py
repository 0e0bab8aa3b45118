"""Discovering models: the right one, the same as pm4py's, in time."""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from finmine.errors import Refusal
from finmine.models import discovery
from finmine.models import pm4py as miners
from finmine.models.child import TookTooLong
from finmine.models.discovery import GraphIsNotEnough, NoDeadline, NoNoiseThreshold, NothingToLearnFrom, ShareOutOfRange, discover
from finmine.models.model import Learned, Model, Recipe
from finmine.models.pm4py import MinerBroke
from finmine.models.quality import Quality
from finmine.models.variants import Graph, Variants, activities, cases, graph, most_frequent, ranked

P2P = [
    (("order", "receive", "invoice", "pay"), 50),
    (("order", "invoice", "receive", "pay"), 40),
    (("order", "receive", "receive", "receive", "invoice", "pay"), 8),
    (("order", "cancel"), 2),
]
LOGS = st.lists(st.tuples(st.lists(st.sampled_from("ABCDEF"), max_size=8).map(tuple), st.integers(1, 9)), min_size=1, max_size=15)


def _learn(source: Any, miner: Any = "inductive", noise: float | None = 0.2, collapse: bool = True, coverage: float = 1.0) -> Model:
    """Discovery in this process, as the child does it."""
    return discovery._learn(Recipe(miner, noise, collapse, coverage), source if isinstance(source, Graph) else ranked(source))


@pytest.mark.usefixtures("pm4py")
class TestInThisProcess:
    """What the child does, without the child."""

    def test_a_known_model(self) -> None:
        """Receipt and invoice in any order, receipts repeating, or an order called off."""
        model = _learn(P2P)
        assert str(model.tree) == "sequence('order', choice('cancel', sequence(parallel('invoice', loop('receive', silent)), 'pay')))"
        assert (model.quality.cases, model.quality.fitting) == (100, 100)
        assert model.learned == Learned(100, 4, 4)

    def test_noise_is_left_out(self) -> None:
        """One case that is paid before it is ordered decides nothing with a noise threshold of 0.2, and does not fit."""
        odd = [*P2P, (("pay", "order", "receive"), 1)]
        assert str(_learn(odd).tree) == "sequence('order', parallel(sequence('invoice', 'pay'), loop('receive', silent)), choice('cancel', silent))"
        assert _learn(odd).quality.fitting == 98
        assert _learn(odd, noise=0.0).quality.fitting == 101

    @settings(max_examples=40)
    @given(log=LOGS.filter(lambda log: any(trace for trace, _ in log)), collapse=st.booleans())
    def test_any_log_fits_its_model_without_noise(self, log: Variants, collapse: bool) -> None:
        """Without a noise threshold the inductive miner's model plays every case (its theorem), with repeats folded or not."""
        assert _learn(log, noise=0.0, collapse=collapse).quality.fitting_share == 1

    def test_a_miner_that_breaks_is_told(self, monkeypatch: pytest.MonkeyPatch, pm4py: Any) -> None:
        """An error inside pm4py is a refusal that names another way."""

        def breaks(*_: Any, **__: Any) -> None:
            raise IndexError

        monkeypatch.setattr(pm4py.algo.discovery.inductive.variants.imd.IMD, "apply", breaks)
        with pytest.raises(MinerBroke, match="'inductive-dfg' could not .* IndexError.* another miner"):
            _learn(P2P, "inductive-dfg", None)

    def test_a_graph_on_which_pm4py_breaks_has_a_model(self) -> None:
        """An activity that only ends a part of the graph, and starts none, is that activity there, where pm4py's own miner fails."""
        learned = _learn([(("A", "C"), 1), (("C", "A", "C", "B", "C", "B"), 1)], "inductive-dfg", None, collapse=False)
        assert str(learned.tree) == "parallel(choice('A', 'B'), 'C')"

    @pytest.mark.filterwarnings("ignore")
    @settings(max_examples=40)
    @given(log=LOGS.filter(lambda log: any(trace for trace, _ in log)), noise=st.sampled_from([0.0, 0.1, 0.2, 0.5]))
    def test_the_trees_are_those_of_pm4py(self, log: Variants, noise: float, pm4py: Any, expanded: Any) -> None:
        """Counts of variants give the tree that pm4py's front function finds in the full log."""
        theirs = miners._plain(pm4py.discover_process_tree_inductive(expanded(ranked(log)), noise_threshold=noise)).ordered()
        assert _learn(log, noise=noise, collapse=False).tree == theirs

    @pytest.mark.filterwarnings("ignore")
    @settings(max_examples=40)
    @given(log=LOGS.map(lambda log: [(trace, number) for trace, number in log if trace]).filter(bool))
    def test_the_graphs_trees_are_those_of_pm4py(self, log: Variants, pm4py: Any) -> None:
        """The directly-follows graph gives the tree that pm4py's front function finds in it, where it finds one."""
        counted = graph(log)
        try:
            theirs = pm4py.discover_process_tree_inductive(pm4py.objects.dfg.obj.DFG(counted.edges, counted.starts, counted.ends))
        except IndexError:
            reject()
        assert _learn(counted, "inductive-dfg", None, collapse=False).tree == miners._plain(theirs).ordered()

    @pytest.mark.filterwarnings("ignore")
    @settings(max_examples=40)
    @given(log=LOGS.filter(lambda log: any(trace for trace, _ in log)), noise=st.sampled_from([0.0, 0.4, 1.0]))
    def test_the_split_miner_is_that_of_pm4py(self, log: Variants, noise: float, pm4py: Any, expanded: Any) -> None:
        """Counts of variants give the diagram that pm4py's front function finds in the full log."""
        theirs = pm4py.discover_bpmn_split_miner(expanded(ranked(log)), eta=noise)
        assert _learn(log, "split", noise).diagram == miners._bpmn(theirs)

    def test_a_model_of_a_graph_has_no_quality(self) -> None:
        """A directly-follows graph gives the model that its variants give, but cannot tell what fits."""
        of_graph, of_variants = _learn(graph(P2P), "inductive-dfg", None), _learn(P2P, "inductive-dfg", None)
        assert (of_graph.tree, of_graph.net, of_graph.diagram) == (of_variants.tree, of_variants.net, of_variants.diagram)
        assert of_graph.quality == Quality(100, None, None)
        assert of_graph.learned == Learned(100)

    def test_less_coverage(self) -> None:
        """The model is learned from the most frequent variants, and its quality is still that on all cases."""
        model = _learn(P2P, coverage=0.9)
        assert model.learned == Learned(90, 2, 4, ("cancel",), 2)
        assert (model.quality.cases, model.quality.fitting) == (100, 90)

    def test_an_unbounded_diagram_is_not_measured(self) -> None:
        """Where the split miner's diagram multiplies work without end, its quality is missing and not wrong."""
        source = random.Random(1)
        for _ in range(30):
            log = [(tuple(source.choice("ABCDEF") for _ in range(source.randint(1, 8))), source.randint(1, 9)) for _ in range(12)]
            quality = _learn(log, "split", 0.0).quality
            assert quality.fitting is None or 0 <= quality.fitting <= quality.cases

    def test_real_purchase_orders(self, third_party_logs: Path) -> None:
        """300 real orders in 122 variants: everything fits without noise, though pm4py's token replay says 80 %."""
        events = defaultdict(list)
        with (third_party_logs / "bpic2019_sap_tables" / "ground_truth_log.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                events[row["case_id"]].append((row["timestamp"], row["activity"]))
        log = ranked(Counter(tuple(name for _, name in sorted(case, key=lambda event: event[0])) for case in events.values()).items())
        assert cases(log) == 300
        assert _learn(log, noise=0.0).quality.fitting == 300


@given(log=LOGS, coverage=st.floats(0.01, 1))
def test_coverage_takes_the_fewest(log: Variants, coverage: float) -> None:
    """The variants taken hold the share asked for, without the last of them they would not, and none left out is more frequent."""
    taken = most_frequent(ranked(log), coverage)
    assert cases(taken) >= coverage * cases(ranked(log)) - 1e-9
    assert cases(taken[:-1]) < coverage * cases(ranked(log))
    assert taken == ranked(log)[: len(taken)]


@given(log=LOGS)
def test_a_graph_counts_every_case(log: Variants) -> None:
    """Steps, starts and ends of a graph add up: into an activity or starting with it is as often as out of it or ending with it."""
    counted = graph(ranked(log))
    assert counted.cases == cases(log)
    for activity in activities(log):
        came = counted.starts.get(activity, 0) + sum(number for (_, target), number in counted.edges.items() if target == activity)
        went = counted.ends.get(activity, 0) + sum(number for (source, _), number in counted.edges.items() if source == activity)
        assert came == went == sum(trace.count(activity) * number for trace, number in log)


def test_the_same_every_time() -> None:
    """Two discoveries, of the variants in another order, give the same model and the same files to the letter.

    Activities may be called like marks of pm4py's, like the numbers that stand for them in the child, or not at all.
    """
    names = ["", "__start__", "__end__", "000000", "tau"]
    log = [(tuple(names), 3), (tuple(names[:3]), 2), (tuple(reversed(names)), 1)]
    one, other = discover(log), discover(reversed(log))
    assert one == other
    assert one.net.activities() == set(names)
    assert (one.pnml, one.ptml, one.bpmn, one.dot("net")) == (other.pnml, other.ptml, other.bpmn, other.dot("net"))


def test_the_deadline_holds() -> None:
    """Discovery that takes too long is refused with what it was doing and what to try."""
    with pytest.raises(TookTooLong, match=r"discovering a model may take 0\.01 seconds .*noise threshold.*inductive-dfg.*more seconds"):
        discover(P2P, seconds=0.01)


@pytest.mark.parametrize(
    ("arguments", "refusal", "words"),
    [
        ({"miner": "inductiv"}, Refusal, "Did you mean 'inductive'"),
        ({"noise": 1.5}, ShareOutOfRange, "noise is a share from 0 to 1.*1.5"),
        ({"noise": float("nan")}, ShareOutOfRange, "nan"),
        ({"miner": "inductive-dfg", "noise": 0.2}, NoNoiseThreshold, "'inductive-dfg' has no noise threshold"),
        ({"coverage": 0}, ShareOutOfRange, "coverage is a share above 0"),
        ({"seconds": 0}, NoDeadline, "above 0"),
        ({"seconds": float("inf")}, NoDeadline, "up to a day"),
        ({"source": [((), 4)]}, NothingToLearnFrom, "the 4 cases given have none"),
        ({"source": []}, NothingToLearnFrom, "the 0 cases given"),
        ({"source": Graph({}, {}, {}, 3), "miner": "inductive-dfg"}, NothingToLearnFrom, "the 3 cases"),
        ({"source": graph(P2P)}, GraphIsNotEnough, "the miner 'inductive' needs them"),
        ({"source": graph(P2P), "miner": "inductive-dfg", "coverage": 0.5}, GraphIsNotEnough, "a coverage needs them"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: dict[str, Any], refusal: type[Refusal], words: str) -> None:
    """Wrong arguments are refused before anything runs, with what was given and what to do."""
    with pytest.raises(refusal, match=words):
        discover(**{"source": P2P, **arguments})
