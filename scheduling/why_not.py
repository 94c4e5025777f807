"""Why an infusion finds no place: the rule and the resource that bind, in words for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

# `days` is "from Mon 5 Jan 2026 to Fri 9 Jan 2026", or "on Mon 5 Jan 2026". Of a resource "off" says that none is there
# at all, "else" that none is free when everything else would be, "only" that nothing but it is missing on a day on
# which the rest of the series would fit.
TEXTS = {
    "chairs": "Infusion %(number)s: no chair is free for the whole visit %(days)s.",
    "chairs_off": "Infusion %(number)s: no chair that suits is in service for the whole visit %(days)s.",
    "chairs_else": "Infusion %(number)s: no chair is free when everything else would be %(days)s.",
    "chairs_only": "Infusion %(number)s: only a free chair is missing %(days)s.",
    "nurses": "Infusion %(number)s: no nurse is free for the whole visit %(days)s.",
    "nurses_off": "Infusion %(number)s: no nurse is on duty for the whole visit %(days)s.",
    "nurses_else": "Infusion %(number)s: no nurse is free when everything else would be %(days)s.",
    "nurses_only": "Infusion %(number)s: only a free nurse is missing %(days)s.",
    "prescriber": "Infusion %(number)s: no prescriber is there when the visit needs one %(days)s.",
    "prescriber_else": "Infusion %(number)s: no prescriber is there when everything else would be free %(days)s.",
    "prescriber_only": "Infusion %(number)s: only a prescriber is missing %(days)s.",
    "staff": "Infusion %(number)s: too few staff are on duty %(days)s.",
    "staff_else": "Infusion %(number)s: too few staff are on duty when everything else would be free %(days)s.",
    "staff_only": "Infusion %(number)s: only enough staff on duty are missing %(days)s.",
    "equipment": "Infusion %(number)s: what the visit uses is not free for it %(days)s.",
    "equipment_else": "Infusion %(number)s: what the visit uses is not free when everything else would be %(days)s.",
    "equipment_only": "Infusion %(number)s: only what the visit uses is missing %(days)s.",
    "hours": "Infusion %(number)s: the visit does not fit into the opening hours %(days)s.",
    "hours_only": "Infusion %(number)s: nothing but the closed clinic stands in the way %(days)s.",
    "last_end": "Infusion %(number)s: the visit would end later than the clinic's last end %(days)s.",
    "last_end_only": "Infusion %(number)s: nothing but the clinic's last end stands in the way %(days)s.",
    "grid": "Infusion %(number)s: no start time of the clinic fits %(days)s.",
    "past": "Infusion %(number)s: every free start %(days)s is past.",
    "patient": "Infusion %(number)s: no free start suits the patient's times %(days)s.",
    "patient_else": "Infusion %(number)s: a start is free %(days)s, but outside the patient's times.",
    "patient_few": "Infusion %(number)s: the patient's times leave too few starts %(days)s.",
    "patient_only": "Infusion %(number)s: nothing but the patient's times stands in the way %(days)s.",
    "weekdays": "Infusion %(number)s: no free start lies on the wished weekdays %(days)s.",
    "weekdays_apart": "Infusion %(number)s: %(why)s it can only be %(days)s, and no wished weekday is there.",
    "weekdays_apart_first": "Infusion %(number)s: %(why)s it can be %(days)s at the earliest, and no wished weekday is "
    "there, nor among its later days.",
    "weekdays_only": "Infusion %(number)s: nothing but the wished weekdays stands in the way %(days)s.",
    "several": "Infusion %(number)s: staff and chairs are never free together %(days)s.",
    "window": "Infusion %(number)s: its rules leave no day that the clinic has planned.",
    "overdue": "Infusion %(number)s: its rules ask for it by %(latest)s at the latest.",
    "not_planned": "Infusion %(number)s: its rules ask for it from %(earliest)s on, after the last day searched.",
    "no_day": "Infusion %(number)s: its rules ask for it from %(earliest)s on, and by %(latest)s at the latest.",
    "full_weeks": "Infusion %(number)s: each calendar week it could be in has as many as are allowed (%(count)s).",
    "within_days": "Infusion %(number)s: no free start lies within the %(days)s days that the series may take.",
    "per_week": "Infusion %(number)s: a free start would be one too many for its calendar week (%(count)s allowed).",
    "max": "Infusion %(number)s: no free start lies at most %(distance)s after infusion %(anchor)s.",
    "max_before": "Infusion %(number)s: no free start lies at most %(distance)s before infusion %(anchor)s.",
    "min": "Infusion %(number)s: no free start lies at least %(distance)s after infusion %(anchor)s.",
    "min_before": "Infusion %(number)s: no free start lies at least %(distance)s before infusion %(anchor)s.",
    "spacing": "Infusion %(number)s: no free start keeps its distance to the other infusions.",
    "review": "Infusion %(number)s: the review before it finds no time between the infusions.",
    "review_after": "Infusion %(number)s: no free start leaves time for the review after it.",
    "anchor": "Infusion %(number)s counts from infusion %(anchor)s, which has no time yet.",
    "open_days": "Infusion %(number)s counts open days over days whose opening hours are not known.",
    "time_limit": "The search stopped after %(seconds)s seconds; these are the best found until then.",
    "time_limit_nothing": "The search stopped after %(seconds)s seconds and had found nothing until then.",
}

DISTANCES = {
    ("days", True): "%(count)s day",
    ("days", False): "%(count)s days",
    ("open_days", True): "%(count)s open day",
    ("open_days", False): "%(count)s open days",
    ("hours", True): "%(count)s hour",
    ("hours", False): "%(count)s hours",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of a sentence with named places for `values`, so that a page can translate it, too."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return in_english(self.text, self.values)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """A reason why not. `rule` is its code; `text` is the sentence with named places for `values`, so that a page can
    translate it; `message` is the sentence in English. Values may be days (or a tuple of them), times of day, instants
    in the clinic's zone, and Words. `resource` is a kind ("chairs", "nurses", "patient"), and `resource_id` the one of
    that kind, if it is one alone."""

    rule: str
    number: int | None
    resource: str | None
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    resource_id: str | None = None

    @property
    def message(self) -> str:
        return in_english(self.text, self.values)


def rule_binds(rule: str, number: int | None = None, text: str | None = None, **values: object) -> WhyNot:
    """A rule as reason; `text` is another key of TEXTS than the rule's own."""
    return WhyNot(rule, number, None, TEXTS[text or rule], {"number": number, **values})


def in_english(text: str, values: Mapping[str, object]) -> str:
    return text % {name: _said(value) for name, value in values.items()}


def _said(value: object) -> object:
    if isinstance(value, datetime | time):
        return f"{value.hour}:{value:%M}"
    if isinstance(value, tuple):
        return ", ".join(str(_said(one)) for one in value)
    return said_day(value) if isinstance(value, date) else value


def said_day(day: date) -> str:
    """Mon 5 Jan 2026."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def said_span(first: date, last: date) -> Words:
    """On one day, or from a day to another."""
    if first == last:
        return Words("on %(day)s", {"day": first})
    return Words("from %(first)s to %(last)s", {"first": first, "last": last})


def said_distance(count: int, unit: str) -> Words:
    """3 days, 1 open day."""
    return Words(DISTANCES[unit, count == 1], {"count": count})
