"""The same question to a clinic that is open longer, or needs fewer staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from scheduling.asked import Asked, Change, days_of
from scheduling.clinic_time import WallRange
from scheduling.intervals import Interval, merge


def hours(asked: Asked, change: Change) -> Asked:
    """Opens `earlier` and closes `later` minutes than now on `days`, inside the day; a closed day stays closed."""
    clinic = asked.clinic
    hours = dict(clinic.open)
    for day in days_of(change):
        if hours.get(day):
            bounds, ranges = clinic.clock.day_bounds(day), sorted(hours[day])
            first, last = ranges[0], ranges[-1]
            opens = max(first.start - timedelta(minutes=change.get("earlier", 0)), bounds.start)
            closes = min(last.end + timedelta(minutes=change.get("later", 0)), bounds.end)
            hours[day] = tuple(merge((*ranges, Interval(opens, first.end), Interval(last.start, closes))))
    return replace(asked, clinic=replace(clinic, open=hours))


def last_end(asked: Asked, change: Change) -> Asked:
    """Patients may stay until `until`; the clinic closes no earlier than that."""
    clinic, until = asked.clinic, time.fromisoformat(change["until"])
    minute = until.hour * 60 + until.minute
    hours = dict(clinic.open)
    for day, ranges in clinic.open.items():
        wanted = clinic.clock.on_day(day, WallRange(0, minute)) if ranges else None
        if wanted and max(ranges).start < wanted.end:
            hours[day] = tuple(merge((*ranges, Interval(max(ranges).start, wanted.end))))
    return replace(asked, clinic=replace(clinic, last_end=until, open=hours))


def min_staff(asked: Asked, change: Change) -> Asked:
    return replace(asked, clinic=replace(asked.clinic, min_staff=change["count"]))
