"""The documentation cannot go stale: its generated pages equal what the code gives, and its cards are read."""

from __future__ import annotations

import importlib
import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from finmine.auditing.policy_file import read_policy
from finmine.card import load
from finmine.card_people import read_persons, read_steps
from finmine.term import Term

ROOT = Path(__file__).parent.parent


def maker() -> ModuleType:
    """The module that makes the generated pages."""
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["glossary.md", "questions.md", "commands.md"])
def test_generated_pages_are_up_to_date(name: str) -> None:
    """Each generated page is what `python docs/make.py` would write now."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == maker().PAGES[name](), f"run python docs/make.py: {name} is stale"


def test_the_card_of_the_documentation_is_a_card(tmp_path: Path) -> None:
    """The example of the page on cards is read without complaint, every section in it."""
    text = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "log-card.md").read_text(encoding="utf-8"), re.DOTALL)[0]
    (tmp_path / "x.card.toml").write_text(text, encoding="utf-8")
    card = load(tmp_path / "x.card.toml")
    assert card.roles["case"] == ("invoice",)
    assert card.rates[0].currency == "USD"
    assert card.cases is not None


def test_the_policy_of_the_documentation_is_a_policy() -> None:
    """The example of the page on policies is read without complaint; what it says of the card is a card."""
    policy, card = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "policy.md").read_text(encoding="utf-8"), re.DOTALL)
    assert [rule.name for rule in read_policy("payables.toml", policy.encode()).rules] == [f"AP-{place}" for place in range(1, 11)]
    said = tomllib.loads(card)
    assert read_persons(said, "card").technical == ("WF-BATCH",)
    assert read_steps(said, "card") == {"approval": ("Approve invoice",)}


def test_every_word_of_the_glossary_is_defined_once() -> None:
    """No two files of words give one name, of which the second would silently take the place of the first."""
    modules = [importlib.import_module(f"finmine.{path.stem}") for path in (ROOT / "src" / "finmine").glob("*_terms.py")]
    names = [
        name for module in modules for words in vars(module).values() if isinstance(words, dict) for name in words if isinstance(words[name], Term)
    ]
    assert len(names) > 100
    assert [name for name in set(names) if names.count(name) > 1] == []
