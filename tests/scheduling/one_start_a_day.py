"""A clinic with one start a day, so that an order's rules alone say on which dates its infusions lie."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta

from scheduling.capacity import Chair, ClinicSnapshot, Phase
from scheduling.clinic_time import ClinicTime
from scheduling.series_search import DoseRequest, PatientTimes, SeriesTerms, Wish, propose
from scheduling.spacing import Spacing
from tests.fakes.shared_inputs import read_json
from tests.scheduling.small_clinics import MONDAY, ZONE, period

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
ALL_DAYS, MON_TO_FRI = frozenset(range(7)), frozenset(range(5))


def dates(text: str) -> list[date]:
    """Days of 2026, such as "01-05 01-19"."""
    return [date.fromisoformat(f"2026-{one}") for one in text.split()]


def exactly(dose: int, after: str | int, days: int) -> Spacing:
    return Spacing.from_dict({"dose": dose, "after": after, "min": days, "target": days, "max": days})


def given_on(text: str, first_number: int = 1) -> dict[int, datetime]:
    """Infusions given at nine on these days."""
    clock = ClinicTime(ZONE)
    return {number: clock.at_minute(day, 9 * 60) for number, day in enumerate(dates(text), first_number)}


def us_holidays() -> frozenset[date]:
    calendars = read_json("real/time/holidays_2024_2030.json")["calendars"]
    return frozenset(map(date.fromisoformat, calendars["US"]))


def searched(
    count: int,
    spacings: tuple[Spacing, ...],
    *,
    weekdays: frozenset[int] = ALL_DAYS,
    closed: Collection[date] = (),
    wish: Wish | None = None,
    within_days: int | None = None,
    per_week: int | None = None,
    given: Mapping[int, datetime] | None = None,
    booked: Mapping[int, datetime] | None = None,
    first: date = MONDAY,
) -> list[date] | None:
    """The best series of one-hour visits from the first day on (Monday 5 January 2026), of the infusions that are
    neither given nor booked; None when there is none."""
    days = [first + timedelta(days=index) for index in range(400)]
    is_open = {day: day.weekday() in weekdays and day not in closed for day in days}
    hours = {day: (period(day, "09:00", "10:00"),) if is_open[day] else () for day in days}
    clinic = ClinicSnapshot(ZONE, 60, hours, (Chair("chair"),), (), ())
    given, booked = given or {}, booked or {}
    doses = tuple(
        DoseRequest(number, (Phase("infuse", 60),))
        for number in range(1, count + 1)
        if number not in given and number not in booked
    )
    terms = SeriesTerms(doses, spacings, within_days, per_week, given=given, booked=booked)
    result = propose(clinic, terms, PatientTimes(), wish or Wish(), LONG_AGO, 1, deadline_seconds=60)
    if not result.proposals:
        return None
    return [ClinicTime(ZONE).local_day(visit.start) for visit in result.proposals[0].visits]
