"""Why an infusion finds no place: the rule and the resource that bind, in words for the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from scheduling.capacity import Phase
from scheduling.day_capacity import REASONS, DayCapacity

TEXTS = {
    "chairs": "Infusion %(number)s: no chair is free for the whole visit from %(first)s to %(last)s.",
    "nurses": "Infusion %(number)s: no nurse is free for the whole visit from %(first)s to %(last)s.",
    "prescriber": "Infusion %(number)s: no prescriber is there when the visit needs one from %(first)s to %(last)s.",
    "staff": "Infusion %(number)s: too few staff are on duty from %(first)s to %(last)s.",
    "hours": "Infusion %(number)s: the visit does not fit into the opening hours from %(first)s to %(last)s.",
    "grid": "Infusion %(number)s: no start time of the clinic fits from %(first)s to %(last)s.",
    "patient": "Infusion %(number)s: no free start suits the patient's times from %(first)s to %(last)s.",
    "past": "Infusion %(number)s: every free start from %(first)s to %(last)s is past.",
    "weekdays": "Infusion %(number)s: no free start lies on the wished weekdays from %(first)s to %(last)s.",
    "several": "Infusion %(number)s: no start is free from %(first)s to %(last)s; %(resources)s bind together.",
    "window": "Infusion %(number)s: its rules leave no day that the clinic has planned.",
    "within_days": "The infusions do not fit within %(days)s days, first and last counted.",
    "per_week": "The infusions do not fit with at most %(count)s in a calendar week.",
    "spacing": "Infusion %(number)s: no free start keeps its distance to the other infusions.",
    "anchor": "Infusion %(number)s counts from infusion %(anchor)s, which has no time yet.",
    "open_days": "Infusion %(number)s counts open days over days whose opening hours are not known.",
    "time_limit": "The search stopped after %(seconds)s seconds; these are the best found until then.",
}


@dataclass(frozen=True, slots=True)
class WhyNot:
    """A reason why not. `rule` is a key of TEXTS or "no_free_start"; `text` is the sentence with named places for
    `values`, so that a page can translate it; `message` is the sentence in English."""

    rule: str
    number: int | None
    resource: str | None
    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return self.text % self.values


def rule_binds(rule: str, number: int | None = None, **values: object) -> WhyNot:
    return WhyNot(rule, number, None, TEXTS[rule], {"number": number, **values})


def no_free_start(number: int, phases: tuple[Phase, ...], days: Sequence[DayCapacity],
                  limits: Mapping[str, Callable[[DayCapacity], int]]) -> WhyNot:
    """What binds on days on which rules allow the infusion but nothing is free.

    `limits` are planes beside the clinic's own ("patient", "weekdays"). One resource is named when leaving it out
    alone would give a start; otherwise those that allow no start that the others allow.
    """
    def starts(day: DayCapacity, without: str | None) -> int:
        plane = day.start_bits(phases, without=without)
        for name, limit in limits.items():
            plane &= limit(day) if name != without else -1
        return plane

    names = [*limits, *REASONS]
    freed = {name: sum(1 for day in days if starts(day, name)) for name in names}
    first, last = days[0].day, days[-1].day
    values: dict[str, object] = {"number": number, "first": _said(first), "last": _said(last)}
    if any(freed.values()):
        resource = max(names, key=lambda name: (freed[name], name in limits))
        return WhyNot("no_free_start", number, resource, TEXTS[resource], values)
    for name in REASONS:
        if not any(day.allowed(name, phases) & day.allowed("hours", phases) for day in days):
            return WhyNot("no_free_start", number, name, TEXTS[name], values)
    for name, limit in limits.items():
        if not any(limit(day) for day in days):
            return WhyNot("no_free_start", number, name, TEXTS[name], values)
    tight = [name for name in ("prescriber", "nurses", "chairs", *limits) if name in limits or not all(
        day.allowed(name, phases) == -1 for day in days)]
    return WhyNot("no_free_start", number, "several", TEXTS["several"], {**values, "resources": ", ".join(tight)})


def _said(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"
