"""A series as a line in time: what was given, booked, missed, waits for review, and when the next may come. Each point
says its state in words; the marks beside them only repeat it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from scheduling.clinic_time import ClinicTime
from scheduling.models import AFTER_GIVEN, PATIENT_IS_THERE, Appointment, Clinic, Order, OrderState, Status
from scheduling.series import Series, read_series
from scheduling.spacing import OpenDaysUnknown, Window, window_for
from web.frontdesk.series_lines import Line


@dataclass(frozen=True, slots=True)
class Point:
    """One infusion or visit on the line. `mark`: how it is drawn. `missed`: when it was booked and nobody came.
    `days_after`: days since the one before. `window`: the days on which the next to book may lie, where known; its last
    one may be `past`. `review_after`: a review comes next, and this is where it stands: "made", "due" or "ahead"."""

    line: Line
    mark: str
    missed: tuple[datetime, ...] = ()
    days_after: int | None = None
    window: Window | None = None
    is_past: bool = False
    review_after: str = ""


def points_of(order: Order, clinic: Clinic, lines: Sequence[Line], now: datetime) -> list[Point]:
    """The line of a signed order; empty where nothing is signed. Reads the series once, and what was missed."""
    if order.current_version is None:
        return []
    series = read_series(order, now=now)
    missed = missed_of(order)
    window_at, window = next_window(order, series, ClinicTime(clinic.time_zone))
    with_reviews = {line.visit.review_after for line in lines if line.visit and line.visit.review_after}
    points: list[Point] = []
    before: date | None = None
    for line in lines:
        day = timezone.localtime(line.visit.period.lower).date() if line.visit else None
        own = window if line.number and line.number == window_at else None
        points.append(
            Point(
                line,
                mark_of(line),
                missed=tuple(missed.get(line.number or 0, ())),
                days_after=(day - before).days if day and before and line.number else None,
                window=own,
                is_past=bool(own and own.latest and own.latest < timezone.localtime(now).date()),
                review_after=review_stands(series, line) if line.number not in with_reviews else "",
            )
        )
        before = day if line.number and day else before
    return points


def mark_of(line: Line) -> str:
    """How a point is drawn: by shape as much as by colour."""
    visit = line.visit
    if visit is None:
        return "open"
    if visit.status in AFTER_GIVEN:
        return "given"
    if visit.status in PATIENT_IS_THERE:
        return "there"
    return "waits" if line.waits else "kept" if visit.status == Status.HELD else "booked"


def review_stands(series: Series, line: Line) -> str:
    """Where the review after this infusion stands; empty where none was ordered."""
    number = line.number
    if number is None or number not in series.reviews_after:
        return ""
    if number in series.reviews_opened:
        return "made"
    return "due" if line.visit is not None and line.visit.given_at is not None else "ahead"


def missed_of(order: Order) -> dict[int, list[datetime]]:
    """When each infusion was booked and the patient did not come, in order of time."""
    rows = Appointment.objects.filter(order=order, status=Status.NO_SHOW, dose_number__isnull=False)
    found: defaultdict[int, list[datetime]] = defaultdict(list)
    for number, period in rows.order_by("period").values_list("dose_number", "period"):
        found[number or 0].append(period.lower)
    return dict(found)


def next_window(order: Order, series: Series, clock: ClinicTime) -> tuple[int | None, Window | None]:
    """The next infusion to book, and its window as its signed rules give it from those before it."""
    if order.state != OrderState.ACTIVE or not series.to_book:
        return None, None
    number = series.to_book[0]
    terms = series.search_terms([number])
    before = {other: start for other, start in terms.known.items() if other < number}
    try:
        window = window_for(number, before, terms.spacings, clock)
    except OpenDaysUnknown:
        return number, None
    first, last = terms.not_before, terms.not_after
    earliest = max(filter(None, (window.earliest, first)), default=None)
    latest = min(filter(None, (window.latest, last)), default=None)
    window = Window(earliest, window.target, latest)
    return number, window if earliest or latest else None
