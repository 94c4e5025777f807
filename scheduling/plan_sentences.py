"""A treatment plan's days, said in one sentence: three kinds of them, read into what a plan's template says. No Django.

"6 times, 2 to 4 days apart, within 3 weeks"; "on days 0, 14, 42, then every 56"; "as ordered, at least 3 days apart".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

DAYS_OF: Final = {"day": 1, "week": 7}
# How long "then every" goes on where nobody says how many there are in all.
A_YEAR: Final = 365
MOST: Final = 60
LONGEST_GAP: Final = 365
_UNIT: Final = r"(?P<{0}>day|week)s?"
TIMES: Final = re.compile(
    r"(?P<doses>\d+) times, (?:(?P<least>\d+) to )?(?P<most>\d+) "
    + _UNIT.format("unit")
    + r" apart(?:, within (?P<within>\d+) "
    + _UNIT.format("within_unit")
    + r")?"
)
ON_DAYS: Final = re.compile(
    r"on (?P<unit>day|week)s (?P<days>\d+(?:(?:, | and |, and )\d+)*)"
    r"(?:,? then every (?P<every>\d+)(?: (?:day|week)s?)?)?"
    r"(?:, give or take (?P<slack>\d+) " + _UNIT.format("slack_unit") + r")?(?:, (?P<doses>\d+) in all)?"
)
AS_ORDERED: Final = re.compile(r"as ordered, at least (?P<least>\d+) " + _UNIT.format("unit") + r" apart")


class NotUnderstood(Exception):
    """It is none of the three sentences, or its numbers contradict each other; `why`: "sentence", "count", "order" or
    "apart"."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class DaysSaid:
    """What a sentence says, as a template has it. Distances are in clinic-local days."""

    doses: int
    spacing: list[dict[str, Any]] = field(default_factory=list)
    doses_at_most: int | None = None
    within_days: int | None = None

    def template(self) -> dict[str, Any]:
        said = {"doses": self.doses, "doses_at_most": self.doses_at_most, "within_days": self.within_days}
        return {name: value for name, value in said.items() if value is not None} | {"spacing": self.spacing}


def read_days(sentence: str) -> DaysSaid:
    """What the sentence says, whatever its case and spaces. Refuses with NotUnderstood."""
    text = re.sub(r"\s*,\s*", ", ", " ".join(sentence.lower().split())).strip(" .,")
    for pattern, read in ((TIMES, _times), (ON_DAYS, _on_days), (AS_ORDERED, _as_ordered)):
        if found := pattern.fullmatch(text):
            if re.search(r"\d{6}", text):
                raise NotUnderstood("count")
            return read(found)
    raise NotUnderstood("sentence")


def _times(found: re.Match[str]) -> DaysSaid:
    """So many, each so long after the one before."""
    doses, unit = _count(found["doses"]), DAYS_OF[found["unit"]]
    most = int(found["most"]) * unit
    least = int(found["least"]) * unit if found["least"] else most
    if not 1 <= least <= most <= LONGEST_GAP:
        raise NotUnderstood("apart")
    within = int(found["within"]) * DAYS_OF[found["within_unit"]] if found["within"] else None
    if within is not None and within < (doses - 1) * least + 1:
        raise NotUnderstood("order")
    return DaysSaid(doses, [{"dose": "each", "after": "previous", "min": least, "max": most}], None, within)


def _on_days(found: re.Match[str]) -> DaysSaid:
    """Days counted from the first infusion. None comes earlier than said; later only where there is no room, and with
    "give or take" at most so much."""
    unit = DAYS_OF[found["unit"]]
    days = [int(text) * unit for text in re.findall(r"\d+", found["days"])]
    if days[0] or any(later <= earlier for earlier, later in pairwise(days)) or days[-1] > 10 * LONGEST_GAP:
        raise NotUnderstood("order")
    every = int(found["every"]) * unit if found["every"] else None
    slack = int(found["slack"]) * DAYS_OF[found["slack_unit"]] if found["slack"] else 0
    steps = [later - earlier for earlier, later in pairwise(days)] + ([every] if every is not None else [])
    if any(not slack < step <= LONGEST_GAP for step in steps):
        raise NotUnderstood("apart")
    doses = _how_many(days, every, found["doses"])
    spacing = [_at(number, "first", day, slack) for number, day in enumerate(days[1:], start=2)]
    # One that came late draws the next one along, however the days were counted.
    spacing += [
        {"dose": number, "after": "previous", "min": later - earlier - slack}
        for number, (earlier, later) in enumerate(pairwise(days[1:]), start=3)
    ]
    if every is not None:
        spacing.append(_at("each", "previous", every, slack))
    return DaysSaid(doses, spacing)


def _as_ordered(found: re.Match[str]) -> DaysSaid:
    """The order says how many."""
    least = int(found["least"]) * DAYS_OF[found["unit"]]
    if not 1 <= least <= LONGEST_GAP:
        raise NotUnderstood("apart")
    return DaysSaid(1, [{"dose": "each", "after": "previous", "min": least}], MOST)


def _how_many(days: list[int], every: int | None, said: str | None) -> int:
    if every is None:
        if said and int(said) != len(days):
            raise NotUnderstood("count")
        return _count(str(len(days)))
    if said is None:
        return min(MOST, len(days) + max(0, A_YEAR - days[-1]) // every)
    if int(said) < len(days):
        raise NotUnderstood("count")
    return _count(said)


def _at(dose: int | str, after: str, day: int, slack: int) -> dict[str, Any]:
    limits = {"min": day - slack, "target": day} | ({"max": day + slack} if slack else {})
    return {"dose": dose, "after": after, **limits}


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= MOST:
        raise NotUnderstood("count")
    return count
