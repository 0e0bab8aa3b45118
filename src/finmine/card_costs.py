"""What work takes and costs on a log card, beside the labour rates: unit times, time equations, fixed costs of activities, and capacity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations
from typing import Any

from finmine.card_values import BadCard, bare_key, check_known, days, exact, filled, quoted, table, text
from finmine.finance.capacity import POOLS, PRACTICAL, Capacity
from finmine.finance.labour import MOST_RATE, FixedCost, LabourRate, days_meet
from finmine.finance.time_equation import Driver, TimeEquation
from finmine.words import DAY, parse_duration, spell_duration

SECTIONS = ("unit_times", "time_equations", "fixed_costs", "capacity")
_MOST_TIME = 100 * DAY
_MOST_COST, _MOST_HOURS, _MOST_PEOPLE = 100_000_000, 10_000_000, 1_000_000


@dataclass(frozen=True, slots=True)
class CostFacts:
    """How long one unit of an activity takes (in microseconds), what it costs each time beside labour, and the capacity there is.

    ``equations`` are of activities whose units take the longer the more there is of their drivers.
    """

    unit_times: Mapping[str, int] = field(default_factory=dict)
    fixed: tuple[FixedCost, ...] = ()
    capacity: tuple[Capacity, ...] = ()
    equations: tuple[TimeEquation, ...] = ()

    def echo(self) -> list[tuple[str, str]]:
        """Each fact, by its name on the card, in words."""
        said = [("unit time", f"{spell_duration(time)} for {activity}") for activity, time in self.unit_times.items()]
        said += [("time equation", one.words()) for one in self.equations]
        said += [("fixed cost", one.words()) for one in self.fixed]
        return said + [("capacity", one.words()) for one in self.capacity]

    @property
    def sets_standard(self) -> bool:
        """Whether it says of any activity how long a unit should take."""
        return bool(self.unit_times) or any(one.times for one in self.equations)

    def cost_rates(self) -> tuple[LabourRate, ...]:
        """The capacity cost rates of the capacities whose cost is declared."""
        return tuple(rate for one in self.capacity if (rate := one.cost_rate) is not None)


def read_costs(said: Mapping[str, Any], labour: tuple[LabourRate, ...], place: str) -> CostFacts:
    """The facts under ``[unit_times]``, ``[[time_equations]]``, ``[[fixed_costs]]`` and ``[[capacity]]``.

    Raises:
        BadCard: a value cannot be, two prices apply to the same work on the same day, or the time of an activity is stated twice.
    """
    times = {activity: _time(value, f"{place} [unit_times] {activity}") for activity, value in table(said, "unit_times", place).items()}
    fixed = tuple(_fixed_cost(entry, f"{place} [[fixed_costs]]") for entry in _entries(said, "fixed_costs", place))
    for one, other in combinations(fixed, 2):
        if one.activity == other.activity and days_meet(one, other):
            raise BadCard(f"{place} [[fixed_costs]]", other.words(), f"the only cost for its days; there is also {one.words()}")
    capacity = tuple(_capacity(entry, f"{place} [[capacity]]") for entry in _entries(said, "capacity", place))
    facts = CostFacts(times, fixed, capacity, _equations(said, times, place))
    rates = facts.cost_rates()
    for rate in rates:
        if rate.rate >= MOST_RATE:
            raise BadCard(f"{place} [[capacity]] cost", rate.words(), f"less than {MOST_RATE:,} an hour")
        for known in (*labour, *(one for one in rates if one is not rate)):
            if rate.overlaps(known):
                raise BadCard(f"{place} [[capacity]] cost", rate.words(), f"the only rate for its days; there is also {known.words()}")
    return facts


def _entries(said: Mapping[str, Any], name: str, place: str) -> list[dict[str, Any]]:
    found = said.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise BadCard(f"{place} [[{name}]]", found, f"a list of tables, each under its own [[{name}]]")
    return found


def _time(value: object, place: str) -> int:
    try:
        time = parse_duration(text(value, place))
    except ValueError:
        time = 0
    if not 0 < time <= _MOST_TIME:
        raise BadCard(place, value, 'a time above 0 such as "4min" or "1h 30min", and at most 100d')
    return time


def _equations(said: Mapping[str, Any], times: Mapping[str, int], place: str) -> tuple[TimeEquation, ...]:
    place_of, found = f"{place} [[time_equations]]", list[TimeEquation]()
    for entry in _entries(said, "time_equations", place):
        check_known(entry, ("activity", "time", "drivers"), place_of)
        activity = text(entry.get("activity"), f"{place_of} activity")
        if activity in times or any(one.activity == activity for one in found):
            raise BadCard(f"{place_of} activity", activity, "an activity that has no unit time and no other equation")
        drivers = entry.get("drivers", [])
        if not isinstance(drivers, list):
            raise BadCard(f"{place_of} drivers", drivers, 'a list such as ["lines", { attribute = "currency", is = "USD" }]')
        read = tuple(_driver(driver, f"{place_of} drivers") for driver in drivers)
        if len(set(read)) < len(read):
            raise BadCard(f"{place_of} drivers", ", ".join(driver.words() for driver in read), "each driver once")
        equation = TimeEquation(activity, read)
        found.append(replace(equation, times=_term_times(equation, entry, place_of)))
    return tuple(found)


def _term_times(equation: TimeEquation, entry: Mapping[str, Any], place: str) -> tuple[int, ...]:
    """The declared times of the terms: of all or of none; that of each unit may be none where there are drivers."""
    said = [entry.get("time"), *(driver.get("time") if isinstance(driver, dict) else None for driver in entry.get("drivers", []))]
    if all(value is None for value in said):
        return ()
    if missing := [(term, spelled) for term, spelled, value in zip(equation.terms(), _spellings(equation), said, strict=True) if value is None]:
        terms, spelled = zip(*missing, strict=True)
        must = f"said for each unit and every driver (add {' and '.join(spelled)}), or for none, so that all are fitted"
        raise BadCard(f"{place} time", f"not said for {', '.join(terms)}", must)
    if equation.drivers and said[0] in ("0s", "0min"):
        return (0, *(_time(value, f"{place} drivers time") for value in said[1:]))
    return tuple(_time(value, f"{place} time") for value in said)


def _spellings(equation: TimeEquation) -> tuple[str, ...]:
    """How a time of each term is written on a card."""
    return ('time = "3min"', *(_spelled(driver, "40s") for driver in equation.drivers))


def _driver(said: object, place: str) -> Driver:
    if not isinstance(said, dict):
        return Driver(text(said, place))
    check_known(said, ("attribute", "is", "time"), place)
    value = None if "time" in said and "is" not in said else text(said.get("is"), f"{place} is")
    return Driver(text(said.get("attribute"), f"{place} attribute"), value)


def _fixed_cost(entry: Mapping[str, Any], place: str) -> FixedCost:
    check_known(entry, ("activity", "cost", "currency", "from", "until"), place)
    cost = exact(entry.get("cost"), f"{place} cost", _MOST_COST)
    return FixedCost(
        filled(entry.get("activity"), f"{place} activity"), cost, filled(entry.get("currency"), f"{place} currency"), *days(entry, place)
    )


def _capacity(entry: Mapping[str, Any], place: str) -> Capacity:
    check_known(entry, ("resource", "role", "hours", "people", "practical", "cost", "currency", "from", "until"), place)
    named = [level for level in POOLS if level in entry]
    if len(named) != 1:
        raise BadCard(place, " and ".join(named) or "of nobody", 'of a role or of a resource: role = "AP clerk"')
    if ("hours" in entry) == ("people" in entry):
        found = "with both" if "hours" in entry else "with neither"
        raise BadCard(place, found, 'said with one of hours = "640" (a month) and people = "4" (whose calendar gives the hours)')
    if "cost" in entry and "people" in entry:
        raise BadCard(f"{place} cost", entry["cost"], "said together with hours: the hours of people differ from month to month")
    hours, people = (
        _above(entry[name], f"{place} {name}", most) if name in entry else None for name, most in (("hours", _MOST_HOURS), ("people", _MOST_PEOPLE))
    )
    practical = _above(entry["practical"], f"{place} practical", 2) if "practical" in entry else PRACTICAL
    if practical > 1:
        raise BadCard(f"{place} practical", entry["practical"], "a share of the paid hours up to 1 (0.8 is 80 %)")
    cost = exact(entry["cost"], f"{place} cost", _MOST_COST) if "cost" in entry else None
    currency = filled(entry.get("currency"), f"{place} currency") if cost is not None or "currency" in entry else None
    return Capacity(named[0], filled(entry[named[0]], f"{place} {named[0]}"), hours, people, practical, cost, currency, *days(entry, place))


def _above(value: object, place: str, most: int) -> Decimal:
    number = exact(value, place, most)
    if not number:
        raise BadCard(place, value, "above 0")
    return number


def draft_costs(facts: CostFacts) -> list[str]:
    """The facts as lines of a card, or lines that show how they are declared."""
    return [*_draft_times(facts), *_draft_equations(facts), *_draft_fixed(facts), *_draft_capacity(facts)]


def _draft_times(facts: CostFacts) -> list[str]:
    if not facts.unit_times:
        return ["# [unit_times]          # how long one unit takes, where the log does not record when the work began", '# "Post invoice" = "4min"']
    return ["[unit_times]", *(f"{bare_key(activity)} = {quoted(spell_duration(time))}" for activity, time in facts.unit_times.items())]


def _draft_equations(facts: CostFacts) -> list[str]:
    if not facts.equations:
        lines = ["# [[time_equations]]    # what makes a unit take longer: its times are fitted to recorded starts, else to the capacity of months"]
        return [*lines, '# activity = "Post invoice"', '# drivers = ["lines"]']
    lines = []
    for one in facts.equations:
        each, *others = map(spell_duration, one.times) if one.times else (None for _ in one.terms())
        lines += ["[[time_equations]]", f"activity = {quoted(one.activity)}", *([f"time = {quoted(each)}"] if each else [])]
        lines.append(f"drivers = [{', '.join(map(_spelled, one.drivers, others))}]")
    return lines


def _spelled(driver: Driver, time: str | None) -> str:
    if driver.value is None and time is None:
        return quoted(driver.attribute)
    said = {"attribute": driver.attribute, "is": driver.value, "time": time}
    return f"{{ {', '.join(f'{key} = {quoted(value)}' for key, value in said.items() if value is not None)} }}"


def _draft_fixed(facts: CostFacts) -> list[str]:
    if not facts.fixed:
        lines = ["# [[fixed_costs]]       # what an activity costs each time it is done, beside labour"]
        return [*lines, '# activity = "Send reminder"', '# cost = "1.20"', '# currency = "EUR"']
    lines = []
    for one in facts.fixed:
        lines += [
            "[[fixed_costs]]",
            f"activity = {quoted(one.activity)}",
            f'cost = "{one.cost:f}"',
            f"currency = {quoted(one.currency)}",
            *_draft_days(one),
        ]
    return lines


def _draft_capacity(facts: CostFacts) -> list[str]:
    if not facts.capacity:
        lines = ["# [[capacity]]          # the hours for which a role or a resource is paid: what of them is used"]
        return [*lines, '# role = "Clerk"', '# hours = "640"         # a month; or people = "4"', '# practical = "0.8"']
    lines = []
    for one in facts.capacity:
        paid = f'hours = "{one.hours:f}"' if one.hours is not None else f'people = "{one.people:f}"'
        lines += ["[[capacity]]", f"{one.level} = {quoted(one.name)}", paid, f'practical = "{one.practical:f}"']
        lines += [f'cost = "{one.cost:f}"'] if one.cost is not None else []
        lines += [f"currency = {quoted(one.currency)}"] if one.currency is not None else []
        lines += _draft_days(one)
    return lines


def _draft_days(one: FixedCost | Capacity) -> list[str]:
    return [f"{word} = {each.isoformat()}" for word, each in (("from", one.since), ("until", one.until)) if each]
