"""A small folder to be packed: a log with hostile names, its card, a policy of two rules, and the packs that tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import finmine
from finmine.report.pack import Pack

LOG = """case,activity,timestamp,user,amount,currency,company
i1,Enter,2024-01-01 08:00,Ann Smith,100.00,EUR,1000
i1,Approve,2024-01-02 08:00,Bob Jones,100.00,EUR,1000
i1,Pay,2024-01-05 08:00,Cid Brown,100.00,EUR,1000
=2+5,Enter,2024-01-01 09:00,Ann Smith,20.00,EUR,1000
=2+5,Approve,2024-01-02 09:00,ANN SMITH ,20.00,EUR,1000
=2+5,Pay,2024-01-03 09:00,Cid Brown,20.00,EUR,1000
i3,Enter,2024-02-07 09:00,Ann Smith,-3.00,EUR,2000
i3,Pay,2024-02-09 09:00,Bob Jones,-3.00,EUR,2000
"""
CARD = """finmine_card = 1   # Ann Smith made it
[log]
zone = "Europe/Berlin"
[roles]
case = "case"
activity = "activity"
timestamp = "timestamp"
resource = "user"
amount = "amount"
currency = "currency"
[attributes]
company = "company"
[outcomes]
paid = ["Pay"]
"""
PERSONS = '[persons]\naliases = { "Cid Brown" = "bob jones" }\ntechnical = ["Dora Gray"]\n'
POLICY = """finmine_policy = 1
name = "Small"
version = "1"
[steps]
entry = ["Enter"]
approval = ["Approve"]
[[rules]]
id = "A"
different_persons = ["entry", "approval"]
[[rules]]
id = "B"
needed = "approval"
"""
ONE_RULE = POLICY.partition('[[rules]]\nid = "B"')[0]
LIMITS = '[[rules]]\nid = "C"\nwithin_limit_of = "approval"\n[[authority]]\nresource = "Bob Jones"\nlimit = "50.00"\ncurrency = "EUR"\n'
NAMES = ("Ann Smith", "ANN SMITH", "Bob Jones", "bob jones", "Cid Brown", "Dora Gray")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with ``log.csv``, its card and ``small.toml``."""

    path: Path

    @classmethod
    def filled(cls, path: Path, *, log: str = LOG, card: str = CARD, policy: str = POLICY) -> Folder:
        """A folder with these texts in its files."""
        path.mkdir(parents=True, exist_ok=True)
        (path / "log.csv").write_text(log, encoding="utf-8")
        (path / "log.card.toml").write_text(card, encoding="utf-8")
        (path / "small.toml").write_text(policy, encoding="utf-8")
        return cls(path)

    @property
    def source(self) -> Path:
        """The file of the log."""
        return self.path / "log.csv"

    def read(self, **options: str) -> finmine.EventLog:
        """The log."""
        return finmine.read(self.source, **options)  # type: ignore[arg-type]

    def pack(self, **asked: object) -> Pack:
        """The pack of the log without its report and further answers."""
        return finmine.pack(self.read(), **{"policy": self.path / "small.toml", "report": False, "answers": False, **asked})  # type: ignore[arg-type]
