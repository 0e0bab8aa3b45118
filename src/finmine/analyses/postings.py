"""Postings: entered on weekends, holidays or outside of hours, dated back or ahead, entered after the close, and round amounts.

Of each posting it is said what can be said of it: when it was entered (by a known person, on the calendar that applies to him or her), and how it is dated.
Each poster's share of odd times and of round amounts is held against that of all others by the exact binomial test, adjusted over all posters. What is not
recorded is counted and never taken for good. All of it screens: it says where to look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeAlias

from finmine.auditing.dated_postings import SIGNS, Dating, by_poster, by_sign, counted, listed, with_sign
from finmine.auditing.dated_postings import postings as told_postings
from finmine.auditing.grounds import Grounds, grounds
from finmine.auditing.policy import Policy
from finmine.auditing.policy_file import policy_of
from finmine.engine import Rows
from finmine.errors import OutOfRange, UnknownWord
from finmine.log import EventLog
from finmine.relations.attributes import named_attribute
from finmine.relations.calendars import Calendars, calendars
from finmine.relations.held_relation import HeldRelation, held_relation
from finmine.result import Result, about, opening, table
from finmine.stats.peers import against_peers
from finmine.view import Block, Caveat, Definition, Headline, Prose, Table, View
from finmine.words import plural, share

if TYPE_CHECKING:
    import ibis.expr.types as ir

Record: TypeAlias = Mapping[str, Any]

_STEPS = ("entry", "posting", "credit entry", "adjustment posting", "write-off")
_SURE, _MANY = 0.05, 20
_POSTERS = ("poster", "postings", *SIGNS, "off_share", "off_peers", "off_q", "rounded", "round_share", "round_peers", "round_q")
_FINDINGS = ("case", "poster", "activity", "time", "posting_date", "amount", "currency", "posting_signs", "rows_of_source")


@dataclass(frozen=True, slots=True, repr=False)
class Postings(Result):
    """The posters; beside them the postings with a sign, how many have which, and of how many nothing can be said."""

    ground: Grounds
    activities: tuple[str, ...]
    dating: Dating
    hours: Calendars | None
    least: int
    findings: Rows
    signs: Rows
    whole: Rows
    told: tuple[HeldRelation, ...]

    def answers(self) -> Mapping[str, Rows]:
        """The posters, the postings with a sign, the signs, and all postings."""
        return {"posters": self.rows, "postings with a sign": self.findings, "signs": self.signs, "all postings": self.whole}

    def prepared(self) -> tuple[str, ...]:
        """The statements that make the tables of persons and calendars."""
        return (*self.ground.script(), *(self.hours.script() if self.hours else ()))

    def looked_up(self) -> tuple[str, ...]:
        """The postings with what was found of each."""
        return tuple(statement for each in self.told for statement in each.script)

    def records(self) -> tuple[Record, ...]:
        """The posters, those first whose odd times or round amounts are least likely by chance."""
        rows = self.rows.records()
        off = against_peers([(row["off"], row["postings"]) for row in rows], self.least)
        even = against_peers([(row["rounded"] or 0, row["amounts"]) for row in rows], self.least)
        made = [
            {
                **row,
                "poster": row["who"],
                "off_share": row["off"] / row["postings"],
                "off_peers": one.peers,
                "off_q": one.q,
                "round_share": row["rounded"] / row["amounts"] if row["amounts"] else None,
                "round_peers": other.peers,
                "round_q": other.q,
            }
            for row, one, other in zip(rows, off, even, strict=True)
        ]
        return tuple(sorted(made, key=lambda row: (min(_q(row["off_q"]), _q(row["round_q"])), -row["off"], row["who"] or "")))

    def listed(self) -> tuple[Record, ...]:
        """The postings with a sign as they are listed, those with most signs first."""
        files = {source.number: source.name for source in self.about.log.provenance.sources}
        return tuple(
            {
                **row,
                "poster": row["who"],
                "posting_date": str(row["dated"]) if row["dated"] else None,
                "posting_signs": ", ".join(words for name, words in SIGNS.items() if row[name]),
                "rows_of_source": f"{files[row['source']]} row {row['row']}",
            }
            for row in self.findings.records()
        )

    def view(self) -> View:
        """Headlines, the posters, the postings with a sign, what can be said of how many, and what was assumed."""
        log, every = self.about.log, self._count("with_sign")
        blocks: list[Block] = [*opening(self.about), *self._headlines()]
        blocks.append(table("Postings of each person", self.records(), _POSTERS))
        names = tuple(SIGNS.values())
        found = [{**row, "posting_sign": names[row["sign"]], "testable": row["tested"], "with_it": row["found"]} for row in self.signs.records()]
        currency = log.money.currency if log.money else ""
        value = ("value",) if log.money else ()
        blocks.append(
            table(
                "What is found, and of how many postings it can be said",
                found,
                ("posting_sign", "testable", "with_it", "cases", *value),
                None,
                currency,
            )
        )
        shown = table("Postings with something found, those with most first", self.listed(), _FINDINGS)
        if every:
            blocks.append(Table(shown.title, shown.columns, shown.rows, every if every > len(shown.rows) else None))
        return View("Postings", (*blocks, *self._limits(), *self._definitions()), log.zone)

    def _headlines(self) -> Iterator[Headline]:
        every = self._count("postings")
        for row in self.signs.records():
            if row["found"]:
                said = tuple(SIGNS.values())[row["sign"]]
                yield Headline(
                    f"{row['found']:,} of {plural(row['tested'], 'posting')} ({share(row['found'] / row['tested'])}) are {said}.",
                    row["found"] / every,
                )
        for name, words in (("off", "at odd times"), ("round", "of round amounts")):
            sure = [row["poster"] for row in self.records() if _q(row[f"{name}_q"]) <= _SURE]
            if sure:
                more = f" and {len(sure) - 3} more" if len(sure) > 3 else ""
                yield Headline(
                    f"More postings {words} than the share of all others explains: {', '.join(sure[:3])}{more}.", len(sure) / len(self.rows)
                )

    def _limits(self) -> Iterator[Block]:
        log = self.about.log
        if not self.activities:
            yield Caveat("No activity of the log is known to be a posting: name some with --posting, or say on the card under [steps] which are.")
            return
        yield Prose(f"Taken for postings: {', '.join(self.activities)}. {' '.join(self.ground.persons.notes())}")
        for name, words in (("machine", "by machines"), ("nobody", "by nobody known")):
            if self._count(name):
                yield Caveat(f"{plural(self._count(name), 'posting')} {words}: nothing is said of when they were entered, nor of round amounts.")
        odd = [(row["off"], row["who"]) for row in self.rows.records()]
        if sum(number for number, _ in odd) >= _MANY and max(odd)[0] * 2 > sum(number for number, _ in odd):
            yield Caveat(
                f"Most postings at odd times are of {max(odd)[1]}: where this is a machine, say so on the card ([persons] technical or technical_roles)."
            )
        if self._count("day_only"):
            yield Caveat(f"Of {plural(self._count('day_only'), 'posting')} only the day is recorded (midnight), so that nothing is said of hours.")
        if self.hours is None:
            yield Caveat("No calendar is declared on the card, so that nothing is said of holidays and hours.")
        elif self._count("no_calendar"):
            yield Caveat(f"To {plural(self._count('no_calendar'), 'posting')} no calendar applies, so that nothing is said of holidays and hours.")
        if self.dating.posted is None:
            yield Caveat(
                'The card names no posting_date, so that nothing is said of dating back and of closes: declare it under [attributes], as in posting_date = "BUDAT".'
            )
        elif self._count("undated"):
            yield Caveat(f"{plural(self._count('undated'), 'posting')} have no posting date.")
        if log.facts.people == "roles" or not log.facts.has_resource:
            yield Caveat("No person is known: the log does not say who did what, or the card shows people as roles.")

    def _definitions(self) -> Iterator[Definition]:
        yield Definition(
            "Odd times",
            "a weekend, a day on which the calendar of the poster never opens, or a time when it is closed; of known persons, machines left out",
        )
        yield Definition("Dated back", f"the posting date lies more than {plural(self.dating.back, 'day')} before the day of entry")
        yield Definition("Dated ahead", "the posting or document date lies after the day of entry")
        yield Definition("After the close", f"entered {plural(self.dating.close, 'day')} or more after the end of the month of the posting date")
        yield Definition("Round", f"a multiple of {self.dating.round_sum:,f}")
        yield Definition(
            "q",
            f"exact binomial against the share of all others, for posters with {self.least} postings or more, adjusted over all of them (Benjamini and Hochberg)",
        )

    def _count(self, name: str) -> int:
        return int(self.whole.records()[0][name] or 0)

    def behind(self, record: Record) -> ir.Table:
        """The cases of which something was found of a posting of this person."""
        codes = [self.about.log.activity_names().index(each) for each in self.activities]
        these = told_postings(self.ground, codes, self.dating, self.hours)
        return these.filter(these.who == record["who"], with_sign(these)).select("case").distinct()


def postings(
    log: EventLog,
    *,
    policy: str | Policy = "purchase-to-pay",
    posting: tuple[str, ...] = (),
    posted: str | None = None,
    document: str | None = None,
    back: int = 3,
    close: int = 5,
    round_sum: str = "100",
    least: int = 20,
    most: int = 1000,
) -> Postings:
    """Which postings were entered at odd times, dated back or ahead, or after the close, and who posts round amounts.

    Args:
        log: the event log.
        policy: a policy file, or one of purchase-to-pay, expenses and record-to-report: its steps of entry and posting are postings.
        posting: an activity that is a posting; default: those of the steps.
        posted: the attribute with the posting date; default: the card's posting_date.
        document: the attribute with the date of the document; default: the card's document_date.
        back: how many days a posting may be dated back.
        close: how many days after the end of a month it is closed.
        round_sum: amounts that are multiples of it are round.
        least: so many postings of one person it takes to compare with others.
        most: how many postings are listed; the counts are always of all.
    """
    for name, value, lowest in (("back", back, 0), ("close", close, 0), ("least", least, 1), ("most", most, 1)):
        if value < lowest:
            raise OutOfRange(name, value, f"a whole number from {lowest}")
    names = log.activity_names()
    for each in posting:
        if each not in names:
            raise UnknownWord("activity", each, names)
    held = policy_of(policy)
    ground = grounds(log, held)
    dating = Dating(back, close, _sum(round_sum), named_attribute(log, posted, "posting_date"), named_attribute(log, document, "document_date"))
    known = posting or tuple(each for step in _STEPS if step in held.steps for each in ground.bound.activities[step])
    hours = calendars(log) if log.card.calendars else None
    asked = {"policy": held.file, "posting": ", ".join(posting), "posted": posted, "document": document, "back": back, "close": close}
    asked |= {"round_sum": round_sum, "least": least, "most": most}
    told = told_postings(ground, [names.index(each) for each in known], dating, hours)
    with held_relation(log, "postings", told) as these:
        rows, findings, signs, whole = map(
            log.fetch, (by_poster(these.rows), listed(log, these.rows, most), by_sign(these.rows), counted(these.rows))
        )
    return Postings(about(log, "postings", asked), rows, ground, known, dating, hours, least, findings, signs, whole, (these,))


def _q(q: float | None) -> float:
    return 1.0 if q is None else q


def _sum(given: str) -> Decimal:
    try:
        found = Decimal(given)
    except InvalidOperation:
        found = Decimal(0)
    if not found.is_finite() or found <= 0 or found != found.quantize(Decimal("0.01")):
        raise OutOfRange("round_sum", given, "an amount above 0, such as 100")
    return found
