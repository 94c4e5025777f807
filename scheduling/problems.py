"""Reasons why not, as data: found before a booking is written, shown by pages, translated by an API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from scheduling.capacity import Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.intervals import Interval
from scheduling.series import Series
from scheduling.spacing import broken_rules
from scheduling.why_not import WhyNot

TEXTS: Final = {
    "order_not_active": "This order is not active, so nothing can be booked from it now.",
    "not_for_clinic": "The order is not for this clinic.",
    "patient_gone": "This patient's record is closed.",
    "already_settled": "Infusion %(number)s is booked or was given already.",
    "past": "Infusion %(number)s: this time has passed.",
    "patient_busy": "Infusion %(number)s: the patient has another visit at this time.",
    "just_taken": "Infusion %(number)s: %(resource)s are not free at this time any more.",
    "spacing": "Infusion %(number)s does not keep the ordered distance to infusion %(anchor)s.",
    "order": "Infusion %(number)s would come before infusion %(anchor)s.",
    "within_days": "Infusion %(number)s would lie outside the days the order allows for the series.",
    "per_week": "Infusion %(number)s would be one too many in its calendar week.",
    "taken_by_other": "Someone else just took one of these times.",
    "nothing_picked": "Pick at least one time to book.",
    "visit_not_free": "This time is not free any more: %(resource)s.",
    "visit_past": "This time has passed.",
    "visit_patient_busy": "The patient has another visit at this time.",
    "busy": "Others are booking these days right now. Please try again.",
}


class Refused(Exception):
    """A verb refuses with its problems; nothing was written."""

    def __init__(self, problems: Sequence[WhyNot]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(problem.rule for problem in problems))


def because(rule: str, number: int | None = None, resource: str | None = None, **values: object) -> WhyNot:
    """A problem by its code."""
    return WhyNot(rule, number, resource, TEXTS[rule], {"number": number, "resource": resource, **values})


def find_problems(
    *,
    series: Series,
    starts: Mapping[int, datetime],
    capacity: ClinicCapacity,
    patient_busy: Sequence[Interval],
    now: datetime,
) -> list[WhyNot]:
    """Why these starts (infusion number -> instant) can't be booked as a whole; empty when they can.

    Asks the order's rules over given, booked and wished starts together, the patient's other visits and the clinic's
    capacity at each start. Soft sides of rules are no problem here.
    """
    found = [because("already_settled", number) for number in starts if number not in series.to_book]
    found += [because("past", number) for number, start in starts.items() if start < now]
    whole = {**series.booked, **series.given, **starts}
    for broken in broken_rules(
        whole,
        series.spacings,
        capacity.clock,
        within_days=series.version.within_days,
        per_week=series.version.per_week,
        open_days=capacity.snapshot.open_days,
    ):
        if not broken.soft and (broken.number in starts or broken.anchor in starts):
            found.append(because(broken.rule, broken.number, anchor=broken.anchor))
    for number, start in starts.items():
        if number in series.terms:
            found += _at_the_clinic(series, number, start, capacity, patient_busy)
    return found


def _at_the_clinic(
    series: Series, number: int, start: datetime, capacity: ClinicCapacity, patient_busy: Sequence[Interval]
) -> list[WhyNot]:
    phases = series.phases(number)
    day = capacity.day(capacity.clock.local_day(start))
    refusals = day.refusals(start, phases) if day else ("hours",)
    found = [because("just_taken", number, resource) for resource in refusals]
    if any(busy.overlaps(presence(start, phases)) for busy in patient_busy):
        found.append(because("patient_busy", number))
    return found


def presence(start: datetime, phases: Sequence[Phase]) -> Interval:
    """When the patient is there: the phases without the turnover after them."""
    return Interval(start, start + timedelta(minutes=sum(phase.minutes for phase in phases if not phase.is_turnover)))
