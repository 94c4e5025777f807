"""Why an infusion finds no place: the rule and the resource that bind, in words for the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from scheduling.bit_planes import bits
from scheduling.capacity import Phase
from scheduling.day_capacity import DayCapacity
from scheduling.visit_shape import shape_of

TEXTS = {
    "chairs": "Infusion %(number)s: no chair is free for the whole visit from %(first)s to %(last)s.",
    "nurses": "Infusion %(number)s: no nurse is free for the whole visit from %(first)s to %(last)s.",
    "prescriber": "Infusion %(number)s: no prescriber is there when the visit needs one from %(first)s to %(last)s.",
    "equipment": "Infusion %(number)s: what the visit uses is never free for it from %(first)s to %(last)s.",
    "staff": "Infusion %(number)s: too few staff are on duty from %(first)s to %(last)s.",
    "hours": "Infusion %(number)s: the visit does not fit into the opening hours from %(first)s to %(last)s.",
    "last_end": "Infusion %(number)s: the visit would end later than the clinic's last end from %(first)s to %(last)s.",
    "grid": "Infusion %(number)s: no start time of the clinic fits from %(first)s to %(last)s.",
    "patient": "Infusion %(number)s: no free start suits the patient's times from %(first)s to %(last)s.",
    "past": "Infusion %(number)s: every free start from %(first)s to %(last)s is past.",
    "weekdays": "Infusion %(number)s: no free start lies on the wished weekdays from %(first)s to %(last)s.",
    "several": "Infusion %(number)s: staff and chairs are never free together from %(first)s to %(last)s.",
    "but_for_patient": "Infusion %(number)s: from %(first)s to %(last)s a start is free outside the patient's times.",
    "window": "Infusion %(number)s: its rules leave no day that the clinic has planned.",
    "within_days": "The infusions do not fit within %(days)s days, first and last counted.",
    "per_week": "The infusions do not fit with at most %(count)s in a calendar week.",
    "spacing": "Infusion %(number)s: no free start keeps its distance to the other infusions.",
    "review": "Infusion %(number)s: the review before it finds no time between the infusions.",
    "anchor": "Infusion %(number)s counts from infusion %(anchor)s, which has no time yet.",
    "open_days": "Infusion %(number)s counts open days over days whose opening hours are not known.",
    "time_limit": "The search stopped after %(seconds)s seconds; these are the best found until then.",
    "time_limit_nothing": "The search stopped after %(seconds)s seconds and had found nothing until then.",
}
# Staff and chairs, in the order in which they are named when several bind.
RESOURCES = ("chairs", "nurses", "prescriber", "staff", "equipment")


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


def no_free_start(
    number: int,
    phases: tuple[Phase, ...],
    days: Sequence[DayCapacity],
    limits: Mapping[str, Callable[[DayCapacity], int]],
) -> tuple[WhyNot, ...]:
    """What binds on days on which the rules allow the infusion but nothing is free.

    `limits` are the patient's planes ("past", "weekdays", "patient"). What is fixed is asked first: hours, then the
    patient. Of staff and chairs the one is named without which there would be a start. Where the patient's times alone
    stand in the way of a free start, that is said too.
    """
    values: dict[str, object] = {"number": number, "first": said_day(days[0].day), "last": said_day(days[-1].day)}

    def because(resource: str, text: str | None = None, **more: object) -> WhyNot:
        return WhyNot("no_free_start", number, resource, TEXTS[text or resource], {**values, **more})

    def some(names: Iterable[str]) -> bool:
        asked = list(names)
        return any(_starts(day, asked, phases, limits) for day in days)

    fixed = ["hours", "last_end", "grid", *limits]
    for count in range(1, len(fixed) + 1):
        if not some(fixed[:count]):
            return (because(fixed[count - 1]),)
    binding = [name for name in RESOURCES if some([*fixed, *(other for other in RESOURCES if other != name)])]
    names = binding or [name for name in RESOURCES if not some([*fixed, name])]
    found = because(names[0]) if names else because("several")
    if some(["hours", "last_end", "grid", "past", *RESOURCES]):
        return (found, because("patient", "but_for_patient"))
    return (found,)


def _starts(
    day: DayCapacity,
    names: Sequence[str],
    phases: tuple[Phase, ...],
    limits: Mapping[str, Callable[[DayCapacity], int]],
) -> int:
    plane = bits(0, day.length)
    for name in names:
        plane &= limits[name](day) if name in limits else day.allowed(name, shape_of(phases))
    return plane


def said_day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"
