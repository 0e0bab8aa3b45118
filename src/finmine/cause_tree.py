"""What parts cases by an outcome: the questions that can be asked of them, the honest tree of the best, and how soon each answer shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.arrays import Digest
from finmine.compared_cases import AMOUNT, Coded, Compared, coded, numbers
from finmine.engine import Rows
from finmine.kernels.exposures import Exposure
from finmine.relations.attributes import case_value_of, is_case_fact
from finmine.relations.path_features import ACTIVITY, NUMBER, PAIR, REPEATED, VALUE
from finmine.relations.when_known import features_known, values_known
from finmine.stats.honest_tree import SEED, HonestTree, Node, Questions, halves_at_random, honest_tree
from finmine.stats.path_effects import halves_by_cluster

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt

LATE = 0.9
"""The share of the time of a case from which on what shows only then may be a mark of the outcome, and no ground for it."""
_COPIED = 0.95  # of cases with one value on every row, from which on an attribute is taken for one that the source copies there
_ALWAYS_LATE = ("status", "outcome")
_ORDER = (VALUE, NUMBER, ACTIVITY, REPEATED, PAIR)


@dataclass(frozen=True, slots=True)
class Question:
    """Something that can be asked of a case, the cases of either answer as they stand in a sentence, and when it shows.

    ``fact`` names it for the relation of the cases that have it. ``known`` is the median share of the time of a case that has passed
    when it shows, missing where nobody can say.
    """

    asked: str
    yes: str
    no: str
    known: float | None
    fact: Mapping[str, Any] = field(repr=False)

    @property
    def late(self) -> bool:
        """Whether it shows only when the outcome of the case nearly does."""
        return self.known is not None and self.known >= LATE

    def said(self, answer: bool) -> str:
        """The cases of an answer."""
        return self.yes if answer else self.no


Answers: TypeAlias = tuple[tuple[Question, bool], ...]
"""Questions one after another, each with its answer."""


@dataclass(frozen=True, slots=True)
class CauseTree:
    """The compared cases and the features of their paths as fetched, when these show, the questions, and the tree of the best."""

    compared: Compared
    coded: Coded
    features_known: Rows
    values_known: Rows | None
    questions: tuple[Question, ...]
    telling: npt.NDArray[Any]
    tree: HonestTree

    @property
    def measured(self) -> npt.NDArray[Any]:
        """The outcome of each compared case."""
        return _measured(self.coded)

    def said(self) -> str:
        """The line of evidence that names the statistics and their input."""
        digest = Digest()
        digest.add({name: numbers(self.coded.rows, name) for name in ("path", "measured")})
        function = f"finmine.stats.honest_tree.honest_tree, seed {SEED}"
        return f"The tree is what {function}, finds in the compared cases in their order (path and measured: SHA-256 {digest.hexdigest()})."

    def answers(self, node: Node) -> Answers:
        """The questions above a node, each with the answer that leads to it."""
        asked = {above.number: above.question for above in self.tree.nodes}
        return tuple((self.questions[place], answer) for number, answer in node.path if (place := asked[number]) is not None)

    def copied(self) -> frozenset[str]:
        """The columns of values that stand alike on every row of nearly all cases, so that nobody can say when they became known."""
        told = () if self.values_known is None else self.values_known.records()
        return frozenset(str(one["column"]) for one in told if one["copied"] is not None and one["copied"] >= _COPIED)

    def differing(self) -> dict[str, int]:
        """The attributes that have more than one value within cases, and within how many."""
        columns = self.compared.columns | self.compared.counted
        told = () if self.values_known is None else self.values_known.records()
        return {columns[one["column"]]: int(one["differing"]) for one in told if one["column"] != "money" and one["differing"]}

    def behind(self, answers: Answers) -> ir.Table:
        """The compared cases that give these answers."""
        these = self.compared.cases().select("case")
        for question, answer in answers:
            these = these.semi_join(self.compared.having({**question.fact, "without": not answer}), "case")
        return these


def cause_tree(compared: Compared, *, leaf: int, depth: int, early: bool) -> CauseTree:
    """Ask everything that can be asked of the compared cases, and grow the tree.

    Args:
        compared: the cases and what may part them.
        leaf: the least number of cases in each part, in either half.
        depth: how many questions may be asked one after another.
        early: leave out what shows only when the outcome nearly does.
    """
    found, log, cases = coded(compared), compared.log, compared.cases()
    kinds = (ACTIVITY, VALUE, NUMBER) if compared.outcome == "rework" else (ACTIVITY, REPEATED, PAIR, VALUE, NUMBER)
    features = log.fetch(features_known(log, cases))
    columns = {column: name for column, name in (compared.columns | compared.counted).items() if not column.startswith(("stratum", "cluster"))}
    of_values = values_known(log, cases, columns)
    values = log.fetch(of_values) if of_values is not None else None
    exposures = [*found.exposures(dict.fromkeys(kinds, 2 * leaf))]
    asked = [*zip(_questions(compared, found, exposures, features, values), exposures, strict=True)]
    asked = [(question, one) for question, one in asked if not (early and question.late)]
    clusters = found.codes.get("cluster")
    telling = halves_at_random(len(found.rows)) if clusters is None else halves_by_cluster(clusters)
    sides = [(one.column, ~one.having if one.without else one.having) for _, one in asked]
    tree = honest_tree(_measured(found), Questions(found.codes, sides), telling, clusters=clusters, leaf=leaf, depth=depth)
    return CauseTree(compared, found, features, values, tuple(question for question, _ in asked), telling, tree)


def _measured(found: Coded) -> npt.NDArray[Any]:
    return numbers(found.rows, "measured").astype(float)


def _questions(compared: Compared, found: Coded, exposures: list[Exposure], features: Rows, values: Rows | None) -> Iterator[Question]:
    """The question of each exposure."""
    log, names = compared.log, compared.log.activity_names()
    known = {(row["kind"], row["first"], row["second"]): row["known"] for row in features.records()}
    by_column = {row["column"]: row["known"] for row in values.records()} if values is not None else {}
    columns = compared.columns | compared.counted
    for one in exposures:
        fact: dict[str, Any] = {"kind": one.kind, "first": one.first, "second": one.second if one.second >= 0 else None}
        if one.kind not in (VALUE, NUMBER):
            yield Question(*_of_path(one, names), known.get((fact["kind"], fact["first"], fact["second"])), fact)
            continue
        name = columns[one.column]
        always = name in _ALWAYS_LATE and is_case_fact(log, name)
        shown = 1.0 if always else by_column.get(one.column)
        if one.kind == VALUE:
            labels = found.labels[one.column]
            value = labels[one.first]
            other = f"of {name} {labels[1 - one.first]}" if len(labels) == 2 else f"not of {name} {value}"
            said = (f"{name} {value}?", f"of {name} {value}", other)
            yield Question(*said, shown, fact | {"column": one.column, "value": value})
        else:
            limit = found.limits[one.column][one.first]
            of = f"{limit:,f}" + (f" {log.money.currency}" if one.column == "money" and log.money and log.money.currency else "")
            said = (f"{name} above {of}?", f"with {name} above {of}", f"with {name} not above {of}")
            yield Question(*said, shown, fact | {"column": one.column, "value": limit})


def _of_path(one: Exposure, names: tuple[str, ...]) -> tuple[str, str, str]:
    """A feature of paths as a question, and as the cases of either answer."""
    name = names[one.first]
    if one.kind == REPEATED:
        return f"{name} more than once?", f"with {name} more than once", f"with {name} at most once"
    said = f"{name} → {names[one.second]}" if one.kind == PAIR else name
    return f"{said}?", f"with {said}", f"without {said}"


def words(answers: Answers) -> str:
    """The cases that give these answers, as they stand in a sentence: values first, and nothing that another answer implies."""
    told = sorted((one for one in answers if not _implied(one, answers)), key=lambda one: _ORDER.index(one[0].fact["kind"]))
    *said, last = [question.said(answer) for question, answer in told] or ["of any kind"]
    return f"{', '.join(said)} and {last}" if said else last


def _implied(one: tuple[Question, bool], answers: Answers) -> bool:
    """Whether another answer about the same value or number says as much or more."""
    question, answer = one
    column, value = question.fact.get("column"), question.fact.get("value")
    alike = [other.fact["value"] for other, same in answers if column is not None and other.fact.get("column") == column and same == answer]
    if question.fact["kind"] == NUMBER:
        return bool(alike) and value != (max(alike) if answer else min(alike))
    return not answer and any(other.fact.get("column") == column and same for other, same in answers if column is not None)


def unknown_when(compared: Compared, question: Question) -> bool:
    """Whether a question is about what is kept for whole cases, so that nobody can say when it became known."""
    column = question.fact.get("column")
    if column is None or question.known is not None:
        return False
    name = (compared.columns | compared.counted)[column]
    role = compared.log.card.role("amount") or name
    return case_value_of(compared.log, role if column == "money" and name == AMOUNT else name)
