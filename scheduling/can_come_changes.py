"""What a patient said, with one change that would make it work: so that a press on it asks again."""

from __future__ import annotations

from dataclasses import replace

from scheduling.asked import Change
from scheduling.can_come import CanCome, Hours
from scheduling.clinic_time import MINUTES_A_DAY, WEEKDAYS


def changed_by(can: CanCome, change: Change, to_book: list[int]) -> CanCome | None:
    """What is asked once the patient agrees; None for a change that is not theirs. `to_book`: numbers of the infusions
    that are left."""
    kind, hours = change["kind"], dict(can.hours)
    if kind == "wished_weekdays":
        days = change["weekdays"]
        return _whole(replace(can, weekdays=None if days is None else frozenset(days)))
    if kind == "fewer":
        return replace(can, how_many=sum(number <= change["last"] for number in to_book))
    if kind == "patient_times":
        return replace(can, hours={day: _wider(one, change) for day, one in hours.items()})
    if kind == "patient_weekday":
        hours.pop(change["weekday"], None)
        return _whole(replace(can, hours=hours))
    return replace(can, hours={}) if kind == "patient_any_time" else None


def _whole(can: CanCome) -> CanCome:
    """Where hours differ by weekday, the weekdays are said."""
    differ = len({can.hours.get(day) for day in WEEKDAYS}) > 1
    return replace(can, weekdays=frozenset(WEEKDAYS)) if can.weekdays is None and differ else can


def _wider(one: Hours, change: Change) -> Hours:
    later = change.get("later", 0)
    return Hours(
        max(one.first - change.get("earlier", 0), 0),
        min(one.before + later, MINUTES_A_DAY),
        min(one.over_by + later, MINUTES_A_DAY),
    )
