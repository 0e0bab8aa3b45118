"""The words of the three-way match."""

from __future__ import annotations

from finmine.term import Term

MATCHES: dict[str, Term] = {
    "match_result": Term("What comes of it", "text", "the first that holds of an invoice"),
    "invoices": Term("Invoices", "count", "completed units of the activities that were taken for the entry of invoices, reversals left out"),
    "match_exposed": Term(
        "Exposure", "money", "the difference beyond what was ordered or received, at most the invoice; all of it where there is no order or receipt"
    ),
    "invoiced_quantity": Term("Quantity", "text", "the quantity of the invoice; its amount where only amounts are compared"),
    "invoiced_amount": Term("Invoiced", "money", "the amount of the invoice"),
    "ordered_price": Term("Ordered price", "text", "the price that the order had when the invoice was entered"),
    "received_so_far": Term("Received so far", "text", "what was received up to the invoice, reversals taken off"),
    "invoiced_so_far": Term("Invoiced so far", "text", "what was invoiced up to and with the invoice, reversals taken off"),
    "price_difference": Term("Price difference", "money", "the invoiced amount less the ordered price of as much"),
    "quantity_difference": Term("Quantity difference", "money", "what was invoiced so far and not received, at the ordered price"),
}
