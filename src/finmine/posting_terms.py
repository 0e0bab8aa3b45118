"""The words of postings: when they were entered, and how they are dated."""

from __future__ import annotations

from finmine.term import Term

POSTINGS: dict[str, Term] = {
    "poster": Term("Posted by", "text", "who entered the posting"),
    "postings": Term("Postings", "count", "completed units of the activities that were taken for postings"),
    "weekend": Term("Weekend", "count", "postings of known persons on a Saturday or Sunday"),
    "holiday": Term("Holiday", "count", "postings on other days on which the calendar of the poster never opens"),
    "off_hours": Term("Off hours", "count", "postings on working days when the calendar of the poster was closed"),
    "off_share": Term("Odd times", "share", "postings on weekends, holidays or outside of hours, divided by all of the poster"),
    "off_peers": Term("Of others", "share", "the same share of all others"),
    "off_q": Term("q of odd times", "number", "the chance of as many with the share of the others, adjusted over all posters"),
    "rounded": Term("Round amounts", "count", "postings of amounts that are multiples of the round sum"),
    "round_share": Term("Round", "share", "postings of round amounts, divided by all of the poster with an amount"),
    "round_peers": Term("Round of others", "share", "the same share of all others"),
    "round_q": Term("q of round", "number", "the chance of as many round amounts with the share of the others, adjusted over all posters"),
    "back_dated": Term("Dated back", "count", "postings whose posting date lies more days before their entry than is allowed"),
    "dated_ahead": Term("Dated ahead", "count", "postings whose posting or document date lies after their entry"),
    "after_close": Term("After the close", "count", "postings entered more days after the end of the month of their posting date than is allowed"),
    "posting_sign": Term("What is found", "text", "what is said of when a posting was entered or how it is dated"),
    "testable": Term("Of which known", "count", "postings of which can be said whether it is so"),
    "with_it": Term("Postings with it", "count", "postings of which it is so"),
    "posting_signs": Term("Signs", "text", "what is said of when the posting was entered and how it is dated"),
    "posting_date": Term("Posting date", "text", "the date on which the posting counts, as recorded"),
}
