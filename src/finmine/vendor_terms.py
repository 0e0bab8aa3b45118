"""The words of vendors and their documents."""

from __future__ import annotations

from finmine.term import Term

VENDORS: dict[str, Term] = {
    "vendor_name": Term("Vendor", "text", "the vendor, of several spellings the first in the order of the alphabet"),
    "vendor_kind": Term(
        "What it is", "text", "one-time, with and without orders, recurring without order, outlying amounts, shares with an employee"
    ),
    "shared_with": Term("Shared with employees", "text", "what the vendor has in common with an employee, and with whom"),
    "vendor_documents": Term("All documents", "count", "the cases of the vendor"),
    "with_order": Term("With order", "count", "documents that have an order"),
    "without_order": Term("Without order", "count", "documents that have none (sundry)"),
    "value_without": Term("Amount without order", "money", "absolute amounts of the documents without an order"),
    "outliers": Term("Outlying", "count", "documents whose amount lies far from the others of the vendor"),
    "vendor_days": Term("From and to", "text", "the days of the first and the last document"),
    "vendors": Term("Vendors", "count", "how many vendors it is said of"),
    "said_of": Term("Documents of it", "count", "the documents of which it is said"),
    "median_amount": Term("Median of the vendor", "money", "half of the vendor's amounts in the currency are larger, half smaller"),
    "outlier_score": Term(
        "Score", "number", "how many times as far from the median as half of the amounts are, on the scale of logarithms (modified z-score)"
    ),
}
