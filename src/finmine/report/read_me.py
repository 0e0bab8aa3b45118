"""The text in a pack that says to whoever opens it what is in it and how to check it."""

from __future__ import annotations

from finmine.report.pack_materials import ACCEPTED, AUDITED, CARD, DISPOSITIONS, MODELS, POLICY
from finmine.report.pack_order import QUESTIONS

READ_ME = "README.txt"

_MEMBERS = {
    "manifest.json": "what the pack was made of and with, and the SHA-256 of every other member",
    CARD: "the facts about the log that its columns do not tell",
    POLICY: "the rules, as they were used",
    "verdicts.csv": "for every rule, how many cases and how much money got which of the five verdicts; they add up to the population",
    "findings.csv": "the cases that break a rule, why, and the rows of the sources that show it",
    "reasons.csv": "why cases did not pass, rule by rule",
    "audit.json": "the same with everything beside it, for programs",
    "audit.html": "the same as a page, with where it comes from",
    "working_papers.xlsx": "the same as a workbook",
    "evidence/audit.sql": "a script for plain DuckDB that gives the verdicts and findings from the sources, laid beside it under their names",
    "sample.csv": "the cases to look at by hand",
    "sample.json": "the plan of the sample, its seed, its cases, and its evaluation where there is one",
    "evidence/sample.sql": "a script that draws the same cases",
    AUDITED: "what was found in the drawn cases",
    DISPOSITIONS: "what became of findings, by whom, when and why",
    **dict.fromkeys(MODELS, "the model that all cases were held against, as its file has it"),
    ACCEPTED: "the deviations from the model that are accepted, by whom and until when",
    **{
        f"{kind}{question}{ending}": meaning.format(question)
        for question in (*QUESTIONS, "conformance")
        for kind, ending, meaning in (
            ("answers/", ".csv", "the main table of the answer to {}"),
            ("answers/", ".json", "the answer to {} with everything beside it"),
            ("evidence/", ".sql", "a script that gives the answer to {}"),
        )
    },
    "report.html": "the report of the whole process",
}


def read_me(names: frozenset[str], version: str) -> bytes:
    """The text for a pack with these members."""
    widest = max(map(len, names))
    lines = [f"{name:<{widest}}  {meaning}" for name, meaning in _MEMBERS.items() if name in names or name == "manifest.json"]
    said = [
        f"Evidence pack of finmine {version}.",
        "",
        *lines,
        "",
        "To check that no byte of the pack was changed since it was made, and that the sources still give it:",
        "",
        "  finmine verify PACK",
        "  finmine verify PACK --source FILE ...",
        "",
        "Keep the SHA-256 of the pack, which both print, where nobody can change it: a whole new pack has another one.",
    ]
    return "\n".join([*said, ""]).encode()
