"""The demo clinic is open when opened: today's hours and shifts are widened to reach around now, and never narrowed.

Other days keep the example file's hours. Near midnight the day ends at 23:55, as a clinic's day must.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

from scheduling.clinic_section import closure_period, weekdays
from scheduling.clinic_time import ClinicTime, WallRange, weekday_key
from scheduling.intervals import Interval

HOURS_BEFORE, HOURS_AFTER = 3, 5
USUAL: Final = WallRange(8 * 60, 18 * 60)
LAST_MINUTE: Final = 23 * 60 + 55


def open_now(section: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A clinic file's scheduling part in which the clinic is open, and everyone on duty, for hours around `now`."""
    clinic = section["clinic"]
    clock = ClinicTime(clinic["time_zone"])
    today = clock.local_day(now)
    hours = _by_day(clinic["hours"])
    opened = hours.get(weekday_key(today), [])
    span = _span(clock, now, opened)
    hours[weekday_key(today)] = [str(one) for one in _union([*map(WallRange.from_text, opened), span])]
    latest = f"{time(*divmod(span.end, 60)):%H:%M}"
    closures = [entry for entry in clinic.get("closures", []) if not _closes(entry, clock, today)]
    return section | {
        "clinic": clinic
        | {"hours": hours, "closures": closures}
        | ({"last_end": max(clinic["last_end"], latest)} if "last_end" in clinic else {}),
        "nurses": [_on_duty(nurse, today, span) for nurse in section.get("nurses", [])],
        "prescribers": [_on_duty(one, today, span) if "user" in one else one for one in section.get("prescribers", [])],
    }


def _span(clock: ClinicTime, now: datetime, opened: list[str]) -> WallRange:
    minute = clock.minute_of_day(now)
    start = max(0, minute - HOURS_BEFORE * 60) // 60 * 60
    end = min(LAST_MINUTE, -(-(minute + HOURS_AFTER * 60) // 60) * 60)
    # A day that is not open at all gets a whole day's hours, so that it looks like one.
    return WallRange(start, end) if opened else WallRange(min(start, USUAL.start), max(end, USUAL.end))


def _by_day(week: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {day: list(ranges) for key, ranges in week.items() for day in weekdays(key)}


def _union(ranges: list[WallRange]) -> list[WallRange]:
    merged: list[WallRange] = []
    for one in sorted(ranges):
        if merged and one.start <= merged[-1].end:
            merged[-1] = WallRange(merged[-1].start, max(merged[-1].end, one.end))
        else:
            merged.append(one)
    return merged


def _closes(entry: Mapping[str, str], clock: ClinicTime, today: date) -> bool:
    day: Interval = clock.day_bounds(today)
    return closure_period(entry, clock).overlaps(day)


def _on_duty(person: dict[str, Any], today: date, span: WallRange) -> dict[str, Any]:
    """Adds what the day's own shifts leave uncovered at its ends; breaks between shifts stay."""
    key, day = weekday_key(today), today.isoformat()
    kept = [shift for shift in person.get("dated_shifts", []) if shift.get("until", day) >= day]
    texts = _by_day(person.get("shifts", {})).get(key, [])
    texts += [s["hours"] for s in kept if s["weekday"] == key and s.get("from", day) <= day]
    own = sorted(map(WallRange.from_text, texts))
    first, last = (own[0].start, own[-1].end) if own else (span.end, span.end)
    edges = [(span.start, min(first, span.end)), (max(last, span.start), span.end)]
    added = [WallRange(start, end) for start, end in edges if start < end]
    dated = [{"weekday": key, "hours": str(one), "from": day, "until": day} for one in added]
    others = {name: value for name, value in person.items() if name != "dated_shifts"}
    return others | ({"dated_shifts": [*kept, *dated]} if kept or dated else {})
