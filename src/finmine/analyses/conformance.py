"""Conformance: which cases run as a model allows, and where, how often and with how much money and time the others differ from it.

The model is a BPMN or PNML file; without one it is the most frequent path of the log. Each distinct trace is aligned with the
model: walked together with it so that as few activities as can be are done by only one of the two. What only the case
does is a move on log, what only the model does a move on model; a case fits where there is neither (Adriansyah 2014). Traces whose
alignment takes more states or seconds than it may are replayed, and the answer says which. A case that still runs need only have run
as the model allows up to now. Aligned, replayed and not told cases add up to all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from finmine.auditing.accepted import Accepted, accepted_deviations
from finmine.doubtful_units import found_wrong_dates
from finmine.engine import Rows
from finmine.errors import OutOfRange
from finmine.kernels import MISSING
from finmine.log import EventLog
from finmine.models.alignment import written
from finmine.models.conformance import checked
from finmine.models.drawn_moves import drawn_moves
from finmine.models.moves import moves_of
from finmine.models.reference import Reference, reference, straight_line
from finmine.models.told import HOW, Deviation, Told
from finmine.relations.against_model import AgainstModel, by_deviation, by_how, distinct_runs, middle_time
from finmine.relations.groups import cases_of
from finmine.relations.held_relation import held_relation
from finmine.relations.held_rows import hold
from finmine.relations.traces import spelled_traces, trace_labels
from finmine.result import Result, about, opening, table
from finmine.view import Block, Caveat, Definition, Diagram, Headline, Prose, Table, View
from finmine.words import day, duration, money, plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

MOST_UNITS = 20_000_000
_CODES = tuple(HOW)
_MOST_RUNS = 15


@dataclass(frozen=True, slots=True, repr=False)
class Conformance(Result):
    """The deviations, those first that are ranked first; ``whole`` counts all cases, ``runs`` are the distinct traces with what was found of each."""

    by: str | None
    rank_by: str
    most: int
    model: Reference
    against: AgainstModel
    deviations: tuple[Deviation, ...]
    accepted: tuple[Accepted, ...]
    runs: tuple[tuple[Record, Told], ...]
    distinct: Rows
    spelled: Rows
    whole: Rows
    middle: Rows
    script: tuple[str, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The deviations, all cases by how they were told, their median time, the distinct traces and their activities."""
        return {
            "deviations": self.rows,
            "all cases": self.whole,
            "median time": self.middle,
            "distinct traces": self.distinct,
            "activities of one case of each": self.spelled,
        }

    def prepared(self) -> tuple[str, ...]:
        """The tables of what was found of the traces, and what found it."""
        asked = self.about.parameters
        said = (
            f"-- The next tables hold what finmine.models.conformance.checked of finmine {self.about.log.provenance.version} finds of the distinct traces "
            f"(run: one case of each) on the model {self.model.name}, SHA-256 {self.model.sha256}, with {asked['states']} states for each trace; "
            f"how: {', '.join(f'{code} {how}' for code, how in enumerate(_CODES))}"
        )
        codes = tuple(f"-- deviation {code}: {one.words()}" for code, one in enumerate(self.deviations))
        return (said, *codes, *self.against.script())

    def looked_up(self) -> tuple[str, ...]:
        """The statement that makes the table of the cases with how they were told."""
        return self.script

    def records(self) -> tuple[Record, ...]:
        """The listed deviations in words, with the time that their cases take more than all."""
        return self._ranked()[: self.most]

    def _ranked(self) -> tuple[Record, ...]:
        middle = {row.get("group"): row["median"] for row in self.middle.records()}
        told = [self._record(row, middle[row.get("group")]) for row in self.rows.records()]
        return tuple(sorted(told, key=lambda one: (one.get("group") or "", -self._weight(one), -one["cases"], one["deviation"])))

    def _weight(self, record: Record) -> Decimal:
        """What a deviation is ranked by: its cases, their money (credits by their absolute value), or the time that they take more than all."""
        by_money, by_time = record["absolute"] or 0, (record["time_more"] or 0) * record["cases"]
        return Decimal({"cases": record["cases"], "money": by_money, "time": by_time}[self.rank_by])

    def _record(self, row: Record, middle: int | None) -> Record:
        one = self.deviations[row["deviation"]]
        return {
            **row,
            "activity": one.activity,
            "move": one.kind,
            "done_after": one.after,
            "deviation_times": row["times"],
            "cases_share": row["cases"] / row["of_cases"],
            "time_more": None if row["median"] is None or middle is None else row["median"] - middle,
        }

    def population(self) -> tuple[Record, ...]:
        """All cases by how they were told and whether they run; the rows (of each group) add up to the population."""
        return tuple(
            {
                **row,
                "told_how": f"{_CODES[row['how']]}{', still running' if row['running'] else ''}",
                "fitting_share": row["fitting"] / row["cases"] if row["cases"] else None,
            }
            for row in self.whole.records()
        )

    def _sum(self, name: str) -> int:
        return sum(int(row[name]) for row in self.whole.records())

    def view(self) -> View:
        """Headlines, the deviations, all cases by how they were told, traces that differ most, the model, and what limits the answer."""
        log, records = self.about.log, self.records()
        currency = log.money.currency if log.money else ""
        said = f"Model {self.model.name} (SHA-256 {self.model.sha256}): {plural(len(self.model.activities()), 'activity', 'activities')}."
        blocks: list[Block] = [*opening(self.about), Prose(said), *self._headlines()]
        columns = ("activity", "move", "done_after", "cases", "cases_share", "deviation_times", *(("accepted_cases",) if self.accepted else ()))
        columns += (*(("value",) if log.money else ()), "median", "time_more")
        shown = table(f"Where cases differ from the model, by {self.rank_by}", records, columns, self.by, currency)
        blocks.append(Table(shown.title, shown.columns, shown.rows, len(self.rows) if len(self.rows) > len(records) else None))
        accepted = ("fitting_accepted",) if self.accepted else ()
        names = ("told_how", "cases", "fitting", *accepted, "deviating", "not_told", "fitting_share", *(("value",) if log.money else ()))
        blocks.append(table("How all cases were told", self.population(), names, self.by, currency))
        blocks += [*self._runs(), *self._replayed(), *self._strangers(), *self._acceptances()]
        if self.model.activities():
            blocks.append(self._drawn())
        return View("Conformance", (*blocks, *self._caveats(), *self._definitions()), log.zone)

    def _drawn(self) -> Diagram:
        """The model with what the cases do drawn on it."""
        names = trace_labels(self.spelled)
        return drawn_moves(self.model, moves_of((record["cases"], names.get(record["run"], ()), told) for record, told in self.runs))

    def _headlines(self) -> Iterator[Headline]:
        cases, fitting = self._sum("cases"), self._sum("fitting")
        if not cases:
            return
        accepted = self._sum("fitting_accepted")
        but = f"; {plural(accepted, 'other deviates', 'others deviate')} only in what is accepted" if accepted else ""
        yield Headline(f"{fitting:,} of {plural(cases, 'case')} ({share(fitting / cases)}) run as the model allows{but}.", fitting / cases)
        # Where the same cases leave out (or add) several activities at one place, that is one claim.
        alike = groupby(self._ranked() if self.by is None else (), key=lambda one: [one[name] for name in ("move", "done_after", "cases", "value")])
        for _, these in islice(alike, 2):
            record, *others = these
            more, names = record["time_more"], [one["activity"] for one in (record, *others)]
            took = f"; they take a median {duration(abs(more))} {'more' if more > 0 else 'less'} than all" if more else ""
            worth = f" ({money(record['value'], self.about.log.money.currency)})" if self.about.log.money and record["value"] is not None else ""
            said = self.deviations[record["deviation"]].words(names)
            yield Headline(f"In {plural(record['cases'], 'case')}{worth} {said}{took}.", record["cases_share"])

    def _runs(self) -> Iterator[Table]:
        """How cases that differ and the model run together, most cases first."""
        cases: dict[str, int] = {}
        for record, told in self.runs:
            if told.moves and told.deviations:
                together = written(told.moves)
                cases[together] = cases.get(together, 0) + record["cases"]
        found = sorted(cases.items(), key=lambda one: (-one[1], one[0]))
        rows = [{"cases": number, "run_written": together} for together, number in found[:_MOST_RUNS]]
        if rows:
            shown = table("How cases that differ and the model run together", rows, ("cases", "run_written"))
            yield Table(shown.title, shown.columns, shown.rows, len(found) if len(found) > len(rows) else None)

    def _replayed(self) -> Iterator[Table]:
        """The traces that were replayed or not told, with one case of each."""
        names = trace_labels(self.spelled)
        found = [(record, told) for record, told in self.runs if told.how != "aligned"]
        rows = [
            {"told_how": told.how, "cases": record["cases"], "length": record["length"], "trace": " → ".join(names.get(record["run"], ())[:8])}
            for record, told in found[:_MOST_RUNS]
        ]
        if rows:
            shown = table("Traces that were not aligned, by how they begin", rows, ("told_how", "cases", "length", "trace"))
            yield Table(shown.title, shown.columns, shown.rows, len(found) if len(found) > len(rows) else None)

    def _strangers(self) -> Iterator[Table]:
        """The activities that only the log or only the model has."""
        names = trace_labels(self.spelled)
        of_log: dict[str, int] = {}
        for record, _ in self.runs:
            for activity in {*names.get(record["run"], ())}:
                of_log[activity] = of_log.get(activity, 0) + record["cases"]
        known = self.model.activities()
        rows = [{"activity": name, "known_by": "the log", "cases": cases} for name, cases in of_log.items() if name not in known]
        rows += [{"activity": name, "known_by": "the model", "cases": 0} for name in known if name not in of_log]
        if rows and of_log:
            rows.sort(key=lambda row: (row["known_by"], -int(str(row["cases"])), str(row["activity"])))
            yield table("Activities that only one of them has", rows, ("activity", "known_by", "cases"))

    def _acceptances(self) -> Iterator[Table]:
        rows = [
            {"acceptance": one.words(), "accepted_by": one.owner, "accepted_why": one.why, "accepted_until": one.until.isoformat()}
            for one in self.accepted
        ]
        if rows:
            yield table("Deviations that are accepted", rows, ("acceptance", "accepted_by", "accepted_why", "accepted_until"))

    def _caveats(self) -> Iterator[Caveat]:
        log = self.about.log
        yield from map(Caveat, self.model.notes)
        if not self.about.parameters["model"]:
            yield Caveat(
                "No model was given, so the most frequent path stands for it: it says what is usual, not what is right. Give one with --model."
            )
        if not log.card.outcomes:
            yield Caveat(log.status_gap)
        for how in ("replayed", "not told"):
            cases = sum(record["cases"] for record, told in self.runs if told.how == how)
            if cases:
                runs = sum(told.how == how for _, told in self.runs)
                yield Caveat(f"{plural(cases, 'case')} on {plural(runs, 'variant')} {'was' if cases == 1 else 'were'} {how}: {HOW[how]}.")
        if wrong := found_wrong_dates(log):
            yield wrong.caveat("the times of deviations hold the time from or to there")
        if any(told.late for _, told in self.runs):
            yield Caveat("Time ran out, so that which traces were aligned depends on the machine; take fewer states or more seconds.")
        expired = [one for one in self.accepted if one.until.isoformat() < day(log.facts.extracted, log.zone)]
        if expired:
            said = "; ".join(f"{one.words()}, until {one.until} ({one.owner}: {one.why})" for one in expired)
            yield Caveat(f"What has expired is not accepted in cases that end after it: {said}.")
        yield Caveat(
            "Where a case and the model can be walked together in several ways at the same cost, one is told, always the same. What goes with a "
            "deviation need not come from it: `path-effects` and `root-causes` ask that."
        )

    def _definitions(self) -> Iterator[Definition]:
        yield Definition(
            "Fits", "the model can play the case from start to end with nothing left over; of a case that still runs, the part up to now"
        )
        yield Definition(
            "Move on log, on model",
            "in an alignment of least cost, an activity that only the case does, or only the model; each costs one, silent steps cost nothing",
            "Adriansyah 2014",
        )
        yield Definition("Median more than all", "over cases that have ended; those of the deviation against all")

    def behind(self, record: Record) -> ir.Table:
        """The cases with one deviation (of one group)."""
        found = self.against.differing(self.against.cases(self.by))
        return cases_of(found.filter(found.deviation == record["deviation"]), record, self.by)


def conformance(
    log: EventLog,
    *,
    model: Path | None = None,
    accepted: Path | None = None,
    rank_by: Literal["cases", "money", "time"] = "cases",
    states: int = 100_000,
    seconds: float = 60.0,
    cache: Path | None = None,
    by: str | None = None,
    most: int = 100,
) -> Conformance:
    """Which cases run as a model allows, and where the others differ from it.

    Args:
        log: the event log.
        model: a BPMN or PNML file, such as `finmine model` writes; default: the most frequent path.
        accepted: a TOML file of deviations that are accepted, each with its owner and the day until which it is.
        rank_by: what deviations are ranked by: their cases, the money of these, or the time that they take more than all.
        states: how many states the alignment of a trace may take; beyond that it is replayed.
        seconds: how long aligning may take in all.
        cache: a folder in which alignments are kept for the next runs; default: they are kept in memory alone.
        by: an attribute after which the cases are split.
        most: how many deviations (of all groups together) are listed.
    """
    if most < 1:
        raise OutOfRange("most", most, "a whole number from 1")
    given = {"model": model.name if model else None, "accepted": accepted.name if accepted else None}
    asked = about(log, "conformance", {**given, "rank_by": rank_by, "states": states, "seconds": seconds, "by": by, "most": most})
    read = reference(model) if model is not None else None
    runs = log.fetch(distinct_runs(log), limit=MOST_UNITS)
    spelled = log.fetch(spelled_traces(log, distinct_runs(log).select(case="run")), limit=MOST_UNITS)
    names, found = trace_labels(spelled), runs.records()
    held_against = (
        read.named_as(log.activity_names() if names else ())
        if read is not None
        else straight_line("of the most frequent path", names.get(found[0]["run"], ()) if found else ())
    )
    traces, cases = [(names.get(record["run"], ()), record["running"]) for record in found], [record["cases"] for record in found]
    kept = None if cache is None else cache / f"finmine-{log.provenance.version}"  # another version may look in another way
    told = checked(held_against, traces, cases, states, seconds, kept) if found else ()
    acceptances = accepted_deviations(accepted, {*held_against.activities(), *log.activity_names()}) if accepted else ()
    deviations = tuple(dict.fromkeys(one for each in told for one in each.deviations))
    against = _held(log, found, told, deviations, acceptances)
    groups = ["group"] if by else []
    with held_relation(log, "runs", against.cases(by)) as held:
        differing = against.differing(held.rows)
        rows, whole, middle = map(
            log.fetch, (by_deviation(differing, held.rows, groups), by_how(differing, held.rows, groups), middle_time(held.rows, groups))
        )
    pairs = tuple(zip(found, told, strict=True))
    return Conformance(
        asked, rows, by, rank_by, most, held_against, against, deviations, acceptances, pairs, runs, spelled, whole, middle, held.script
    )


def _held(log: EventLog, runs: Sequence[Record], told: Sequence[Told], deviations: Sequence[Deviation], accepted: Sequence[Accepted]) -> AgainstModel:
    """What was found of the runs, as tables of the engine."""
    import numpy as np

    codes = {one: code for code, one in enumerate(deviations)}
    facts = [
        (record["run"], _CODES.index(each.how), MISSING if each.how == "not told" else len(each.deviations))
        for record, each in zip(runs, told, strict=True)
    ]
    times = [
        (record["run"], code, len([*same]))
        for record, each in zip(runs, told, strict=True)
        for code, same in groupby(sorted(codes[one] for one in each.deviations))
    ]
    until = [
        (code, max(ends))
        for one, code in codes.items()
        if (ends := [each.ends(log.zone) for each in accepted if each.covers(one.kind, one.activity, one.after)])
    ]

    def columns(names: Sequence[str], values: Sequence[tuple[int, ...]]) -> dict[str, Any]:
        return {name: np.array([row[place] for row in values], dtype=np.int64) for place, name in enumerate(names)}

    return AgainstModel(
        log,
        hold(log.engine, "told", columns(("run", "how", "deviations"), facts)),
        hold(log.engine, "deviations", columns(("run", "deviation", "times"), times)),
        hold(log.engine, "accepted", columns(("deviation", "until"), until)),
    )
