"""The words of the digits of amounts."""

from __future__ import annotations

from finmine.term import Term

DIGITS: dict[str, Term] = {
    "digit": Term("Digits", "text", "the digits of the amount in minor units, such as cents"),
    "amounts": Term("Amounts", "count", "amounts with these digits"),
    "digit_share": Term("Share of amounts", "share", "amounts with these digits, divided by all that have such digits"),
    "digit_expected": Term("Expected share", "share", "the share after Benford for first digits, an even one for last digits"),
    "digit_z": Term("z", "number", "the difference of the shares in standard errors, with Yates's correction"),
    "digit_test": Term("Test", "text", "which digits of the amounts are held against what is expected"),
    "digit_amounts": Term("Amounts tested", "count", "amounts that have such digits"),
    "mad": Term("Deviation", "number", "the mean absolute deviation of the shares from what is expected (MAD)"),
    "mad_by_chance": Term("By chance", "number", "the deviation that as many amounts which conform have on average"),
    "mad_excess": Term("Excess", "number", "the deviation less that by chance"),
    "mad_p": Term("p of the deviation", "number", "how often drawn amounts which conform deviate as much"),
    "chi_p": Term("p of chi-square", "number", "the same by chi-square, which calls every deviation real where there are many amounts"),
    "mad_band": Term(
        "Band",
        "text",
        "how closely the digits conform after Nigrini; missing where there are too few amounts for a band, or the law cannot be expected",
    ),
    "suited": Term("Holds", "text", "whether it is so"),
    "suit_check": Term("What the law supposes", "text", "what amounts must be like for Benford's law to be expected of them"),
    "suit_found": Term("Found", "text", "what the amounts are like"),
}
