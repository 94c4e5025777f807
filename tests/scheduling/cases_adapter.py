"""Reads the language-neutral cases beside the checkout, and puts series and slot cases to the search."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from scheduling.capacity import Chair, ClinicSnapshot, Phase
from scheduling.clinic_time import ClinicTime, WallRange, weekday_key
from scheduling.intervals import Interval
from scheduling.series_search import DoseRequest, PatientTimes, SearchResult, SeriesTerms, Wish, propose
from scheduling.spacing import InvalidFields, Spacing

UNIT_DAYS = {"day": 1, "week": 7}
# The cases' own words for fields of ours.
THEIR_WORDS = {"spacing[0].max": "every", "doses": "count"}
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class SharedFolderMissingError(Exception):
    """The shared inputs are not beside the checkout."""


def shared_folder() -> Path:
    """INFUSION_SHARED, or `shared` beside the checkout; refuses with SharedFolderMissingError."""
    folder = Path(os.environ.get("INFUSION_SHARED") or Path(__file__).resolve().parents[3] / "shared")
    if not (folder / "cases").is_dir():
        raise SharedFolderMissingError(f"{folder} has no cases: put the shared inputs there or set INFUSION_SHARED")
    return folder


def case(area: str, case_id: str) -> dict[str, Any]:
    cases = json.loads((shared_folder() / "cases" / f"{area}.json").read_text())["cases"]
    found: dict[str, Any] = next(one for one in cases if one["id"] == case_id)
    return found


def clinic_with(zone: str, first: date, days: int, hours: dict[str, str] | None) -> ClinicSnapshot:
    """One chair, no staff; open all day unless hours by weekday are given."""
    clock = ClinicTime(zone)

    def open_on(day: date) -> tuple[Interval, ...]:
        if hours is None:
            return (clock.day_bounds(day),)
        text = hours.get(weekday_key(day))
        period = clock.on_day(day, WallRange.from_text(text)) if text else None
        return (period,) if period else ()

    return ClinicSnapshot(
        zone,
        5,
        {day: open_on(day) for day in (first + timedelta(days=one) for one in range(days))},
        (Chair("chair"),),
        (),
        (),
    )


def best_series(
    zone: str, first: datetime, minutes: int, spacings: tuple[Spacing, ...], count: int, not_after: date | None = None
) -> SearchResult:
    """The best series that begins on the first visit's day, at its time of day."""
    clinic = clinic_with(zone, first.date(), 400, None)
    terms = SeriesTerms(
        tuple(DoseRequest(number, (Phase("visit", minutes),)) for number in range(1, count + 1)),
        spacings,
        not_before=first.date(),
        not_after=not_after,
    )
    return propose(clinic, terms, PatientTimes(), Wish(first.time()), LONG_AGO, 1, deadline_seconds=60)


def starts_of(zone: str, result: SearchResult) -> list[dict[str, str]]:
    clock = ClinicTime(zone)
    return [
        {"local": f"{clock.local(visit.start):%Y-%m-%dT%H:%M}", "utc": f"{visit.start:%Y-%m-%dT%H:%M:%SZ}"}
        for visit in result.proposals[0].visits
    ]


def run_series(when: dict[str, Any]) -> dict[str, Any]:
    """`every` units, `count` visits or `until` an instant: the starts, or refused and the case's word for why."""
    zone, first = when.get("tz", "UTC"), datetime.fromisoformat(when["first"])
    days = when["every"] * UNIT_DAYS[when["unit"]]
    until = datetime.fromisoformat(when["until"]) if "until" in when else None
    try:
        spacings = Spacing.list_from([{"dose": "each", "after": "previous", "min": days, "max": days}])
        if until is None:
            result = best_series(zone, first, when["minutes"], spacings, when["count"] or 0)
        else:
            result = longest_series(zone, first, when["minutes"], spacings, until.date())
    except InvalidFields as refused:
        return {"result": "refused", "booked": 0, "message_names": THEIR_WORDS[next(iter(refused.errors))]}
    return {"starts": [one["local"] for one in starts_of(zone, result)]}


def longest_series(zone: str, first: datetime, minutes: int, spacings: tuple[Spacing, ...], last: date) -> SearchResult:
    count, result = 1, best_series(zone, first, minutes, spacings, 1, last)
    while (longer := best_series(zone, first, minutes, spacings, count + 1, last)).proposals:
        count, result = count + 1, longer
    return result


def run_protocol_days(zone: str, when: dict[str, Any]) -> list[dict[str, str]]:
    """Days after the first visit, said as rules from the first infusion."""
    spacings = tuple(
        Spacing(number, "first", days, days, days) for number, days in enumerate(when["protocol_days"], 1) if number > 1
    )
    first = datetime.fromisoformat(when["first_local"])
    return starts_of(zone, best_series(zone, first, 60, spacings, len(when["protocol_days"])))


def run_book_series(zone: str, when: dict[str, Any]) -> list[dict[str, str]]:
    days = when["every_days"]
    first = datetime.fromisoformat(when["first_local"])
    result = best_series(zone, first, when["minutes"], (Spacing("each", "previous", days, days, days),), when["count"])
    return starts_of(zone, result)


def run_list_slots(given: dict[str, Any], when: dict[str, Any]) -> list[dict[str, str]]:
    zone, found = given["clinic_tz"], []
    for day in map(date.fromisoformat, when["dates"]):
        terms = SeriesTerms((DoseRequest(1, (Phase("visit", when["minutes"]),)),), not_before=day, not_after=day)
        clinic = clinic_with(zone, day, 1, given["hours"])
        found += starts_of(zone, propose(clinic, terms, PatientTimes(), Wish(time(0)), LONG_AGO, 5))
    return found
