"""The sentences that tell of the largest effects: with their intervals, and among cases that agree in what could confound them where that was asked.

Where an effect is adjusted, the adjusted one is told, and the one in all cases only beside it; where it depends on what the cases agree in, no
number is told at all. An effect whose sign turns has an alarm of its own, before all numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from finmine.compared_cases import FEW, Compared
from finmine.effect_rows import NONE_WITHIN, TURNS, UNSTRATIFIED
from finmine.effect_words import short, which
from finmine.outcome_sizes import NOUNS, size_words
from finmine.stats.path_effects import LEVEL
from finmine.view import Caveat, Headline
from finmine.words import count, plural

Record: TypeAlias = Mapping[str, Any]

_WAYS = {"rework": ("more often", "less often"), "cost": ("higher", "lower"), "late-days": ("later", "earlier")}
_MOST = 3


def headlines(records: Sequence[Record], compared: Compared) -> Iterator[Headline]:
    """The largest burdens that the second half confirms and whose permutation does not give them easily."""
    sound = [one for one in records if one["second_half"] == "confirmed" and one["p_permuted"] <= LEVEL and _told(one, compared)]
    for one in sound[:_MOST]:
        weight = abs(one["adjusted"] if one["adjusted"] is not None else one["shift"]) if compared.outcome == "rework" else one["weight"]
        yield Headline(_among(one, compared) if compared.adjust else _of_all(one, compared), weight)


def alarms(records: Sequence[Record], compared: Compared) -> Iterator[Caveat]:
    """Effects whose sign turns among cases that agree."""
    for one in records:
        if one["finding"] == TURNS:
            said = f"{short(one)} goes with {'more' if one['shift'] > 0 else 'less'} {NOUNS[compared.outcome]} in all cases, and with the opposite"
            yield Caveat(f"Simpson's paradox: {said} among cases that agree in {_names(compared)}.")


def _told(one: Record, compared: Compared) -> bool:
    """Whether enough cases stand behind what would be told, and it is not nothing."""
    if not compared.adjust or one["finding"] == UNSTRATIFIED:
        return bool(one["cases"] >= FEW and one["shift"])
    return bool(one["adjusted_cases"] >= FEW)


def _of_all(one: Record, compared: Compared) -> str:
    said = f"{_size(one, 'shift', compared)}{_interval(one, 'shift', compared)}"
    return f"{_cases(one, one['cases'])} go with {_noun(compared)}{said} than the {count(one['others'])} others{_whole(one['burden'], compared)}."


def _among(one: Record, compared: Compared) -> str:
    names = _names(compared)
    if one["finding"] == UNSTRATIFIED:
        return f"{_of_all(one, compared)} That is without regard to {names}: nowhere do five cases of both kinds agree in it."
    if one["depends"] is not None:
        more, less = one["depends"]
        ways = _ways(compared)
        return f"{_cases(one, one['adjusted_cases'])} go with {_noun(compared)}{ways[0]} or {ways[1]} depending on {names}: {ways[0]} in {more}; {ways[1]} in {less}."
    raw = f"Without regard to {names} it is {_size(one, 'shift', compared)}"
    agree = f"Among cases that agree in {names}, {_cases(one, one['adjusted_cases'])}"
    if one["finding"] == NONE_WITHIN:
        apart = f"do not differ from the others in {NOUNS[compared.outcome]} beyond chance{_interval(one, 'adjusted', compared)}"
        return f"{agree} {apart}. {raw}."
    said = f"{_size(one, 'adjusted', compared)}{_interval(one, 'adjusted', compared)} than the others{_whole(one['adjusted_burden'], compared)}"
    paradox = ": Simpson's paradox" if one["finding"] == TURNS else ""
    return f"{agree} go with {_noun(compared)}{said}. {raw}{paradox}."


def _cases(one: Record, cases: int) -> str:
    return f"{plural(cases, 'case')} {which(one)}"


def _names(compared: Compared) -> str:
    return ", ".join(compared.adjust)


def _ways(compared: Compared) -> tuple[str, str]:
    return _WAYS.get(compared.outcome, ("longer", "shorter"))


def _noun(compared: Compared) -> str:
    return {"rework": "rework ", "late-days": "payment "}.get(compared.outcome, f"a {NOUNS[compared.outcome]} ")


def _words(size: Any, compared: Compared) -> str:
    return f"{100 * abs(float(size)):.1f} points" if compared.outcome == "rework" else size_words(size, compared)


def _size(one: Record, name: str, compared: Compared) -> str:
    return f"{_words(one[name], compared)} {_ways(compared)[one[name] < 0]}"


def _interval(one: Record, name: str, compared: Compared) -> str:
    """The interval of a size; with the way of each limit where it holds nothing, and no word where there is none."""
    low, high = one[f"{name}_low"], one[f"{name}_high"]
    if low is None or high is None:
        return ""
    if low < 0 < high:
        return f" (95 % interval {_size(one, f'{name}_low', compared)} to {_size(one, f'{name}_high', compared)})"
    near, far = sorted((abs(low), abs(high)))
    return f" (95 % interval {_words(near, compared)} to {_words(far, compared)})"


def _whole(burden: Any, compared: Compared) -> str:
    if compared.outcome == "rework":
        return ""
    return f": {_words(burden, compared)}{' less' if burden < 0 else ''} in all"
