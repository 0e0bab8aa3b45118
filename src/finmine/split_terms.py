"""The words of split purchases and of amounts just below limits."""

from __future__ import annotations

from finmine.term import Term

SPLITS: dict[str, Term] = {
    "split_number": Term("Finding", "text", "the number of a set of purchases that together pass a limit, most signs first"),
    "split_by": Term("Put together by", "text", "what the purchases of the finding have in common"),
    "asked_by": Term("Asked for by", "text", "who did the first step that asks for the purchase; missing where the purchases differ"),
    "approved_by": Term("Approved by", "text", "who approved the purchase last; missing where the purchases differ"),
    "split_days": Term("Days", "text", "the days of the first and the last purchase of the finding"),
    "purchases": Term("Purchases", "count", "how many purchases the finding has"),
    "split_sum": Term("Exposure", "money", "what the purchases of the finding add up to"),
    "limit_amount": Term("Limit", "money", "up to which amount something may be approved; an equal amount is allowed"),
    "split_signs": Term("Signs", "text", "what speaks for a split: one day, amounts near the limit, the same persons, cost centre, numbers in a row"),
    "bunching_of": Term("Of", "text", "whose amounts were looked at: of all purchases, of one requester or vendor, or of what one approver signed"),
    "unit_name": Term("Name", "text", "the requester, vendor or approver"),
    "is_limit": Term("A limit", "text", "whether the amount is a limit, or only as round as one (a placebo)"),
    "width_share": Term("Within", "share", "how far from the limit amounts count as near it; of three widths that which tells most"),
    "just_below": Term("Up to it", "count", "amounts so near that do not pass the limit"),
    "near_limit": Term("Looked at", "count", "amounts so near on both sides; of an approver all from half the limit up to it"),
    "below_share": Term("Share", "share", "amounts up to the limit, divided by those looked at"),
    "below_expected": Term("Expected", "share", "the share that a smooth density of the amounts around lets expect"),
    "p": Term("p", "number", "the chance of so many or more if amounts lay as expected"),
}
