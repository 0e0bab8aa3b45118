"""Documents as they are compared with one another: one row for each case, with keys that do not depend on how things are spelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finmine.relations.attributes import recorded_case_values
from finmine.relations.instants import local
from finmine.relations.traces import traces
from finmine.relations.written_days import written_day

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finmine.log import EventLog

COMPANY_WORDS = (
    "corp corporation inc incorporated llc ltd limited plc co company gmbh mbh ag kg ohg ug ek se sa sas sarl srl spa bv nv ab oy oyj as aps asa sro spzoo"
).split()
"""Words and abbreviations of legal form, which say nothing about who a vendor is."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The attributes of the log that say each thing about a document; missing where none does."""

    reference: str | None
    vendor: str | None
    day: str | None
    order: str | None
    company: str | None

    def missing(self) -> tuple[str, ...]:
        """The things about a document that no attribute says."""
        told = {"reference": self.reference, "vendor": self.vendor, "purchase_order": self.order, "company": self.company}
        return tuple(name for name, attribute in told.items() if attribute is None)


def documents(log: EventLog, fields: Fields) -> ir.Table:
    """One row for each case that the filters keep.

    case, label, amount (with its sign), currency, reported, ``size`` (the absolute amount in hundredths) and ``shape`` (its digits in order of their
    size); vendor, ``vendor_key`` (letters and digits without company words) and ``vendor_digits``; reference and ``reference_key`` (capital letters
    and digits, O read as 0, I and L as 1, without leading zeros) with its ``digits``, its number at the end (``tail``) and what stands before
    it (``head``); ``day`` (of the document; the day on which the case began where no attribute says it), purchase_order, company, status, outcome.
    """
    import ibis

    cases = traces(log)
    of = cases.select("case", "label", "started", "amount", "currency", "reported", "status", "outcome")
    named = {"reference": fields.reference, "vendor": fields.vendor, "written": fields.day, "purchase_order": fields.order, "company": fields.company}
    for name, attribute in named.items():
        if attribute is None:
            of = of.mutate(**{name: ibis.null("string")})
        else:
            values = recorded_case_values(log, attribute)
            told = values.select("case", **{name: values.value.strip()})
            of = of.left_join(told, "case").drop("case_right")
    key, vendor = _reference_key(of.reference), _vendor_key(of.vendor)
    size = (of.amount.abs() * 100).round().cast("int64")
    return of.select(
        "case",
        "label",
        "amount",
        "currency",
        "reported",
        "status",
        "outcome",
        "reference",
        "vendor",
        "purchase_order",
        "company",
        size=size,
        shape=size.cast("string").split("").sort().join(""),
        vendor_key=vendor,
        vendor_digits=vendor.re_replace("[^0-9]", ""),
        reference_key=key,
        digits=key.re_replace("[^0-9]", "").nullif(""),
        head=key.re_replace("[0-9]{1,15}$", ""),
        tail=key.re_extract("([0-9]{1,15})$", 1).nullif("").try_cast("int64"),
        day=ibis.coalesce(written_day(of.written), local(of.started, log.zone).date()),
    )


def _reference_key(reference: ir.StringColumn) -> ir.StringColumn:
    plain = reference.upper().re_replace(r"[^\p{L}\p{N}]", "")
    return plain.replace("O", "0").replace("I", "1").replace("L", "1").re_replace("^0+", "").nullif("")


def _vendor_key(vendor: ir.StringColumn) -> ir.StringColumn:
    import ibis

    words = vendor.lower().replace(".", "").re_replace(r"[^\p{L}\p{N}]+", " ")
    bare = words.re_replace(rf"\b({'|'.join(COMPANY_WORDS)})\b", "").replace(" ", "")
    return ibis.coalesce(bare.nullif(""), vendor.lower().nullif(""))
