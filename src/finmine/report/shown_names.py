"""Names of people on a card and in a policy, where people are not shown by name: each under the pseudonym that stands for it in the log."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from finmine.errors import Refusal
from finmine.ingest.people import pseudonym
from finmine.log import EventLog
from finmine.report.toml_text import toml_text


class NamesSpelledOut(Refusal):
    """People are not to be shown by name, and an answer that belongs into the pack would spell the names that a card or policy has."""

    def __init__(self, where: str, remedy: str) -> None:
        super().__init__(
            f"people are not shown by name, and {where} would be spelled out in the answers; {remedy}, or read the log with --people names."
        )


@dataclass(frozen=True, slots=True)
class ShownNames:
    """What stands for each name: ``shown``, by name in small letters, for those of the log; ``columns`` are the attributes that hold names.

    Names that are not in the log come from the secret, or are numbered as they are met where there is none.
    """

    shown: Mapping[str, str]
    columns: frozenset[str]
    secret: bytes | None
    met: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """What stands for a name."""
        own = name.strip().casefold()
        if own in self.shown:
            return self.shown[own]
        if own not in self.met:
            self.met[own] = f"person not in the log {len(self.met) + 1:02}" if self.secret is None else pseudonym(name.strip(), self.secret)
        return self.met[own]

    def every(self, value: Any) -> Any:
        """The same text or list of texts with each of them shown."""
        if isinstance(value, list):
            return [self.every(one) for one in value]
        return self.of(value) if isinstance(value, str) else value


def shown_names(log: EventLog, secret: bytes | None) -> ShownNames | None:
    """What stands for the names of a log's people; nothing where these are shown by name."""
    if log.facts.people == "names":
        return None
    found = log.engine.rows(
        f'SELECT n.label, s.label FROM "{log.tables.names}" n JOIN "{log.tables.resources}" s USING ("resource") ORDER BY n."resource" DESC'
    )
    held = {*log.card.roles.get("resource", ()), *log.card.person_of.values()}
    columns = {"resource", *held, *(name for name, one in log.card.attributes.items() if one in held)}
    return ShownNames({name.strip().casefold(): label for name, label in found}, frozenset(columns), secret)


def card_member(data: bytes, names: ShownNames | None, *, report: bool) -> tuple[bytes, bool]:
    """A card as it stands in a pack, and whether names in it are replaced: as its file has it, or without these and its comments.

    Raises:
        NamesSpelledOut: the report belongs into the pack, and its answers would spell names of the card.
    """
    if names is None:
        return data, False
    said = tomllib.loads(data.decode("utf-8-sig"))
    if report and (any("resource" in rate for rate in said.get("labour", [])) or names.columns & set(said.get("calendar_of", {}))):
        raise NamesSpelledOut("the names that the card has under [[labour]] or [calendar_of]", "leave the report out (--no-report)")
    shown = {**said, **_lists(said, {"delegations": ("of", "to"), "labour": ("resource",)}, names)}
    if "persons" in said:
        shown["persons"] = _persons(said["persons"], names)
    if "calendar_of" in said:
        shown["calendar_of"] = _calendar_of(said["calendar_of"], names)
    return toml_text(shown).encode(), said != shown


def refuse_spelled(card: bytes | None, names: ShownNames | None, members: Mapping[str, bytes]) -> None:
    """Look through all members for the names that a card has where scripts and answers go by them: whose calendars, and whose rates.

    Raises:
        NamesSpelledOut: one of them is there.
    """
    if names is None or card is None:
        return
    said = tomllib.loads(card.decode("utf-8-sig"))
    by_name = (table for column, table in said.get("calendar_of", {}).items() if column in names.columns and isinstance(table, Mapping))
    spelled = {str(rate["resource"]) for rate in said.get("labour", []) if "resource" in rate}.union(*by_name)
    if not spelled:
        return
    written = {
        form
        for name in spelled
        for form in (
            name,
            html.escape(name, quote=False),
            html.escape(name).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
            name.replace("'", "''"),
        )
    }
    known = _words(written)
    there = [member for member, data in members.items() if known.search(data.decode("utf-8", "replace").casefold())]
    if there:
        raise NamesSpelledOut(
            f"the names that the card has under [[labour]] or [calendar_of] (in {', '.join(there)})",
            "say these by role, or leave out what rests on them (--no-report, --answer, --no-answers)",
        )


def policy_member(data: bytes, names: ShownNames | None) -> tuple[bytes, bool]:
    """A policy as it stands in a pack, as for a card; who has exempted something stays, because somebody must answer for it.

    Raises:
        NamesSpelledOut: the scope of a rule or exemption names people, and answers spell scopes.
    """
    if names is None:
        return data, False
    said = tomllib.loads(data.decode("utf-8-sig"))
    if any(names.columns & set(entry.get("where", {})) for section in ("rules", "exemptions") for entry in said.get(section, [])):
        raise NamesSpelledOut("the names that the policy has under where", "say it by another attribute")
    shown = {**said, **_lists(said, {"authority": ("resource",)}, names)}
    return toml_text(shown).encode(), said != shown


def refuse_named(where: str, texts: Iterable[str], names: ShownNames | None) -> None:
    """Look for the names of a log's people in texts that stand in a pack as they are; who answers for something may be named, but not in its reason.

    Raises:
        NamesSpelledOut: one of them is there.
    """
    if names is None or not names.shown:
        return
    known = _words(names.shown)
    if any(known.search(text.casefold()) for text in texts):
        raise NamesSpelledOut(f"the name of somebody under {where}", "say it without the name")


def _words(names: Iterable[str]) -> re.Pattern[str]:
    """Any of these names, in small letters, as whole words."""
    return re.compile("|".join(rf"(?<!\w){re.escape(name.casefold())}(?!\w)" for name in sorted(names, key=len, reverse=True) if name))


def _lists(said: Mapping[str, Any], keys: Mapping[str, tuple[str, ...]], names: ShownNames) -> dict[str, Any]:
    """The sections that are lists of tables, with the names under their keys shown."""
    return {section: [_these(entry, of_names, names) for entry in said[section]] for section, of_names in keys.items() if section in said}


def _persons(table: Mapping[str, Any], names: ShownNames) -> dict[str, Any]:
    shown = _these(table, ("technical", "anonymous"), names)
    if "aliases" in table:
        shown["aliases"] = {names.of(alias): names.of(name) for alias, name in table["aliases"].items()}
    return shown


def _calendar_of(table: Mapping[str, Any], names: ShownNames) -> dict[str, Any]:
    found = {level: value for level, value in table.items() if level in names.columns and isinstance(value, dict)}
    return {**table, **{level: {names.of(name): calendar for name, calendar in value.items()} for level, value in found.items()}}


def _these(table: Mapping[str, Any], keys: Collection[str], names: ShownNames) -> dict[str, Any]:
    return {key: names.every(value) if key in keys else value for key, value in table.items()}
