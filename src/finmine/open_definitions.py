"""The words of what open cases say."""

from __future__ import annotations

from finmine.view import Definition

RATIO, ENDED, LATE = "Times as long", "Ended so", "Will be late"
DEFINITIONS = (
    Definition(
        "Median, open cases counted",
        "the time after which half of all cases have ended, by the curve of Kaplan and Meier; its interval is where the limits of the curve (log–log) pass one half",
        "Kaplan and Meier 1958",
    ),
    Definition(
        "Mean up to a time",
        "the mean of the times, each counted up to the time by which 99 of 100 cases have ended (where not so many have, the longest that was seen), in groups the first such "
        "time: the area below the curve. Where no case has ended there is none. The mean of the finished cases alone is counted up to the same time",
    ),
    Definition(
        RATIO,
        "how many times as long the cases of a group take as those of the largest, by a Weibull model of accelerated failure times",
        "Kalbfleisch and Prentice 2002",
    ),
    Definition(
        ENDED,
        "the share of all cases that has come to this end by then; ends compete, and with the cases that still run they add up to all. Of the finished cases alone "
        "an end that comes soon has too large a share. Cases are all that have come to this end, however long they took",
        "Aalen and Johansen 1978",
    ),
    Definition(
        LATE,
        "for each running case the chance to last beyond the limit, or beyond its due date, having lasted as long as it has; the interval takes the errors of all of "
        "them as going one way; by due dates the curve begins where ten cases are at risk, and nothing is taken to end before that. Money has a curve of its own, in which "
        "each case counts by its amount, without its sign, so that large amounts may take longer than small ones",
    ),
)
