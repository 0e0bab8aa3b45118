"""Policies as files: what they say, and that every error names the file, the key and its line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from finmine.auditing.change_tests import SameValue
from finmine.auditing.deadlines import InTime
from finmine.auditing.policy import Authority, Band, DifferentPersons, Exemption, FewestPersons, InsideHours, Needed, Requires, WithinLimit
from finmine.auditing.policy_file import DEFAULTS, BadPolicy, UnknownPolicy, load_policy, read_policy

POLICY = """finmine_policy = 1
name = "Ours"
version = "3"

[steps]
entry = "Enter*"
approval = ["Approve", "Release"]
payment = ["Pay"]

[[rules]]
id = "A"
different_persons = ["entry", ["approval", "payment"]]

[[rules]]
id = "B"
title = "Two eyes see more"
severity = "low"
step = "payment"
requires = "approval"
after_last = ["entry"]
another_than = "entry"
within_limit = true
from = "100.00"
below = "5000"
currency = "EUR"
where = { company = ["1000"] }
having = ["entry"]

[[rules]]
id = "C"
needed = "approval"

[[rules]]
id = "D"
within_limit_of = "approval"

[[authority]]
role = "CFO"
limit = "unlimited"
currency = "EUR"

[[authority]]
resource = "ANN"
limit = "250.50"
currency = "EUR"
from = 2024-01-01
until = 2024-12-31

[[exemptions]]
rule = "C"
where = { vendor = ["Tax office"] }
owner = "Head of tax"
why = "No approval by law"
until = 2025-06-30

[[rules]]
id = "F"
people_min = 2
steps = ["entry", "approval", "payment"]

[[rules]]
id = "G"
inside_hours_of = "approval"

[[rules]]
id = "H"
in_time = ["approval", "payment"]
after = "entry"
working_days = 3

[[rules]]
id = "I"
same_value = ["payment_terms", "order_terms"]
"""


def test_a_policy_is_read_as_it_is_written() -> None:
    """Every kind of rule, scopes, the matrix of authority and exemptions."""
    policy = read_policy("ours.toml", POLICY.encode())
    assert (policy.name, policy.version, policy.file) == ("Ours", "3", "ours.toml")
    assert [rule.test for rule in policy.rules] == [
        DifferentPersons((("entry",), ("approval", "payment"))),
        Requires("payment", "approval", ("entry",), ("entry",), True),
        Needed("approval"),
        WithinLimit("approval"),
        FewestPersons((("entry",), ("approval",), ("payment",)), 2),
        InsideHours("approval"),
        InTime(("approval", "payment"), "entry", "step", 3, True),
        SameValue(("payment_terms", "order_terms")),
    ]
    second = policy.rules[1]
    assert (second.severity, second.having, dict(second.where)) == ("low", ("entry",), {"company": ("1000",)})
    assert second.band == Band(Decimal(100), Decimal(5000), "EUR")
    assert second.scope() == "cases with entry; amounts from 100.00 and below 5,000 EUR; company 1000"
    assert policy.rules[0].title == "entry and approval, payment by different persons"
    assert policy.authorities[1] == Authority("resource", "ANN", Decimal("250.50"), "EUR", date(2024, 1, 1), date(2024, 12, 31))
    assert policy.exemptions == (Exemption("C", "vendor", ("Tax office",), "Head of tax", "No approval by law", date(2025, 6, 30)),)


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_default_policies_are_sound(name: str) -> None:
    """Each policy that comes with finmine can be read, and each of its rules has a title of its own."""
    policy = load_policy(name)
    assert len({rule.title for rule in policy.rules}) == len(policy.rules) > 3


@pytest.mark.parametrize(
    ("found", "instead", "wanted"),
    [
        ("finmine_policy = 1", "finmine_policy = 2", r"line 1: finmine_policy: is 2; it must be the version of the format, 1"),
        ("finmine_policy = 1", "", r"finmine_policy: is missing; it must be the version of the format, 1"),
        ('version = "3"\n', "", r"version: is missing"),
        ('version = "3"\n', 'version = "3"\n[persons]\ntechnical = ["WF"]\n', r"line 4: persons: is a fact about the log, which stands on its card"),
        ("people_min = 2", "poeple_min = 2", r"line 58: rules\[5\]\.poeple_min: there is no such key\. Did you mean 'people_min'\?"),
        ('title = "Two eyes', 'titel = "Two eyes', r"line 16: rules\[2\]\.titel: there is no such key\. Did you mean 'title'\?"),
        ('"low"', '"mild"', r"line 17: rules\[2\]\.severity: is 'mild'; it must be one of high, medium, low"),
        ('requires = "approval"', 'requires = "aproval"', r"line 19: rules\[2\]\.requires: there is no step 'aproval'\. Did you mean 'approval'\?"),
        ('requires = "approval"', 'requires = "payment"', r"line 19: rules\[2\]\.requires: 'payment' cannot require itself"),
        ("within_limit = true", 'within_limit = "yes"', r"line 22: rules\[2\]\.within_limit: is 'yes'; it must be true or false"),
        ('from = "100.00"', "from = 100.0", r"line 23: rules\[2\]\.from: is 100\.0; it must be an amount from 0 written as text"),
        ('below = "5000"', 'below = "50"', r"line 24: rules\[2\]\.below: is 50; it must be more than from, 100\.00"),
        ('below = "5000"', 'below = "1e9999"', r"line 24: rules\[2\]\.below: is '1e9999'; it must be an amount"),
        (
            'needed = "approval"',
            "",
            r"line 29: rules\[3\]: says none of different_persons, people_min, needed, requires, within_limit_of, inside_hours_of",
        ),
        ('id = "C"', 'id = "A"', r"line 30: rules\[3\]\.id: 'A' is the id of an earlier rule"),
        (
            '["entry", ["approval", "payment"]]',
            '["entry"]',
            r"line 12: rules\[1\]\.different_persons: is \['entry'\]; it must be a list of at least two",
        ),
        ('["approval", "payment"]]', '["entry"]]', r"line 12: rules\[1\]\.different_persons: 'entry' stands in it twice"),
        ("people_min = 2", "people_min = 4", r"line 58: rules\[5\]\.people_min: is 4; it must be a whole number from 2 to 3"),
        ("people_min = 2", 'people_min = "2"', r"line 58: rules\[5\]\.people_min: is '2'; it must be a whole number"),
        ('steps = ["entry", "approval", "payment"]\n', "", r"line 56: rules\[5\]\.steps: is missing; it must be a list of at least two"),
        ('resource = "ANN"', 'resource = "ANN"\nrole = "CFO"', r"line 42: authority\[2\]: names resource and role"),
        ("until = 2024-12-31", "until = 2023-12-31", r"line 47: authority\[2\]\.until: is 2023-12-31; it must not be before from, 2024-01-01"),
        ('step = "payment"', 'step = "paymet"', r"line 18: rules\[2\]\.step: there is no step 'paymet'\. Did you mean 'payment'\?"),
        ('after = "entry"', 'after = "enty"', r"line 68: rules\[7\]\.after: there is no step 'enty'\. Did you mean 'entry'\?"),
        ('after = "entry"', 'after = "payment"', r"line 68: rules\[7\]\.after: 'payment' cannot be due after itself"),
        (
            'after = "entry"',
            "",
            r"line 65: rules\[7\]: says none of after, after_date, after_month; exactly one of them says a step, or an attribute",
        ),
        (
            'after = "entry"',
            'after = "entry"\nafter_date = "due"',
            r"line 65: rules\[7\]: says after and after_date of after, after_date, after_month",
        ),
        (
            '"order_terms"]',
            '"payment_terms"]',
            r"line 73: rules\[8\]\.same_value: is \['payment_terms', 'payment_terms'\]; it must be a list of at least two",
        ),
        ("working_days = 3", "days = 1\nworking_days = 3", r"line 65: rules\[7\]: says days and working_days of days, working_days; exactly one"),
        ("working_days = 3", "working_days = -1", r"line 69: rules\[7\]\.working_days: is -1; it must be a whole number from 0 to 3,660"),
        ("working_days = 3", "days = 2.5", r"line 69: rules\[7\]\.days: is 2\.5; it must be a whole number"),
        ("within_limit = true", 'amount = "net"', r"line 22: rules\[2\]\.amount: nothing is compared with it: say within_limit = true"),
        ('within_limit_of = "approval"', 'within_limit_of = "approval"\namount = 5', r"line 36: rules\[4\]\.amount: is 5; it must be a text"),
        ('rule = "C"', 'rule = "E"', r"line 50: exemptions\[1\]\.rule: there is no rule 'E'"),
        ('owner = "Head of tax"\n', "", r"line 49: exemptions\[1\]\.owner: is missing"),
        (
            "until = 2025-06-30",
            "until = 2025-06-30T12:00:00",
            r"line 54: exemptions\[1\]\.until: is 2025-06-30 12:00:00; it must be a day such as 2026-12-31",
        ),
        ("within_limit = true", "within_limit = [1, true]", r"line 22: rules\[2\]\.within_limit: is \[1, true\]; it must be true or false"),
        ("until = 2025-06-30", 'until = "soon"', r"line 54: exemptions\[1\]\.until: is 'soon'; it must be a day"),
    ],
)
def test_every_error_names_the_file_the_key_and_its_line(found: str, instead: str, wanted: str) -> None:
    """What cannot be in a policy is refused with its place and with what may stand there."""
    assert POLICY.count(found) >= 1
    with pytest.raises(BadPolicy, match=wanted) as refused:
        read_policy("ours.toml", POLICY.replace(found, instead, 1).encode())
    assert str(refused.value).startswith("policy ours.toml")


def test_lines_are_those_of_the_file() -> None:
    """Also of a table that no policy has, of rules in one list, and after characters that are line ends elsewhere but not in TOML."""
    for data, wanted in (
        (POLICY + "[[rates]]\ncurrency = 'USD'\n[[rules2]]\n", "line 74: rates: is a fact"),
        (POLICY + "[[ruels]]\nid = 'I'\n", r"line 74: ruels: there is no such key\. Did you mean 'rules'"),
        ("finmine_policy = 1\nname = 'N'\nversion = '1'\nrules = [\n  { id = 'A' },\n]\n", r"line 4: rules\[1\]: says none of"),
        (POLICY.replace("Two eyes", "Two\u2028eyes").replace("people_min = 2", "people_min = 9"), r"line 58: rules\[5\]\.people_min"),
        (POLICY.replace("people_min = 2", "people_min = 9").replace("\n", "\r\n"), r"line 58: rules\[5\]\.people_min"),
    ):
        with pytest.raises(BadPolicy, match=wanted):
            read_policy("ours.toml", data.encode())


def test_limits_need_a_matrix() -> None:
    """A rule about limits without anybody's limit is refused."""
    with pytest.raises(BadPolicy, match=r"line 14: rules\[2\]: B asks for limits, and there is no \[\[authority\]\]"):
        read_policy("ours.toml", POLICY.partition("[[authority]]")[0].encode())


@pytest.mark.parametrize(
    ("data", "wanted"), [(b"name = = 1\n", r"policy p\.toml: it is not TOML: .*line 1"), (b"\xff\xfe", r"policy p\.toml: it is not text in UTF-8")]
)
def test_what_is_no_policy_is_refused(data: bytes, wanted: str) -> None:
    """Files that are not TOML, or not text, are named."""
    with pytest.raises(BadPolicy, match=wanted):
        read_policy("p.toml", data)


def test_a_policy_that_is_not_there(tmp_path: Path) -> None:
    """The nearest default policy is named; a folder is no policy."""
    with pytest.raises(UnknownPolicy, match=r"there is no file and no default policy 'purchase'\."):
        load_policy("purchase")
    with pytest.raises(UnknownPolicy):
        load_policy(tmp_path)
