"""The words of the money of time: headings of its tables and what they mean."""

from __future__ import annotations

from finmine.term import Term

MONEY: dict[str, Term] = {
    "part": Term("Part", "text", "what the money is about: discounts, late payment, early payment, capital or labour"),
    "money": Term("Money", "money", "what the line costs, or of discounts what they are worth; below nought where it is a benefit"),
    "days_mean": Term("Days per case", "number", "days of delay, of payment ahead of time, or from document to payment, divided by the cases"),
    "kpi": Term("Rate", "text", "what is measured as a share"),
    "numerator": Term("In numerator", "count", "cases that count as met"),
    "denominator": Term("In denominator", "count", "cases that are decided at the extraction"),
    "count_share": Term("By cases", "share", "cases in the numerator divided by cases in the denominator"),
    "share_low": Term("From", "share", "the lower limit of the 95 % interval of the share of cases"),
    "share_high": Term("To", "share", "the upper limit of the 95 % interval of the share of cases"),
    "money_share": Term("By money", "share", "the same share in money: of discounts, or of the amounts due"),
    "not_counted": Term("Not counted", "count", "cases in neither, because a fact is missing or nothing was to be paid; the lines say which"),
    "undecided_cases": Term("Undecided", "count", "cases that are open and whose date has not passed at the extraction"),
    "held_cases": Term("Cases held", "count", "cases that were on this step when the date passed"),
    "begun_cases": Term("Work begun", "count", "of these, cases in which the work on the next activity had begun by then"),
    "blamed": Term("Loss held", "money", "the losses of the cases that were on this step when the date passed"),
    "blamed_share": Term("Share of loss", "share", "the loss held divided by all losses of its kind and currency"),
    "split": Term("Loss by time", "money", "the losses divided among all steps from receipt to the date, by the time spent on each"),
    "discounts_cost": Term("Lost discounts", "money", "discounts that were lost"),
    "lateness_cost": Term("Lateness", "money", "interest and fees for late payment"),
    "capital_cost": Term("Capital", "money", "what capital costs; below nought where it is a benefit, as that of payables is"),
    "money_sum": Term("In all", "money", "the sum of the parts"),
    "time_cost": Term("Cost of time", "money", "labour, lost discounts, cost of lateness, and capital where it is a cost"),
    "spent": Term("Paid time", "duration", "processing time that is paid: working time where calendars are declared"),
    "labour_cost": Term("Labour", "money", "paid time times the rate of who did the work"),
    "cost_per_unit": Term("Labour per unit", "money", "labour divided by the units that have a cost"),
    "discount_rate": Term("Discount", "share", "the discount divided by the amount, to a tenth of a percent"),
    "days_earlier": Term("Days earlier", "count", "days from the discount date to the due date"),
    "lost_cases": Term("Lost", "count", "cases whose discount was lost"),
    "annualised": Term("Rate a year", "share", "what paying earlier earns a year, nominal"),
    "effective": Term("Effective rate", "share", "the same with interest on interest, over 365 days"),
    "held_by": Term(
        "Held by", "text", "the work on what came next, or why it waited just before the date passed: in the last opening hours until then"
    ),
}
"""By the name of the column."""
