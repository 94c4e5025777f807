"""Who and what stands against one wished time until when, and the nearest one that works. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from scheduling.availability import snapshot
from scheduling.capacity import Phase
from scheduling.checking import check_series
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.clinic_time import ClinicTime
from scheduling.models import Appointment, Clinic, Order, Patient, Resource
from scheduling.picks import BookingRefused, Pick
from scheduling.problems import out_of_time
from scheduling.proposals import patient_busy
from scheduling.refused_distance import why_not_in_series
from scheduling.refused_time import why_not_at
from scheduling.series import Series, read_series
from scheduling.series_terms import PatientTimes
from scheduling.spacing import OpenDaysUnknown
from scheduling.why_not import WhyNot

# How far around the wished day another time that works is looked for.
AROUND = timedelta(days=7)
# What is said of other times, not of the wished one.
WORKS = ("works", "nothing_works")


def why_not_infusion(
    *,
    order: Order,
    clinic: Clinic,
    number: int,
    start: datetime,
    now: datetime,
    without: Collection[int] = (),
    beside: Collection[int] = (),
) -> tuple[WhyNot, ...]:
    """What stands against this infusion then: its distance to the others, who and what is taken until when, and last a
    time that works, which was checked against the whole order. Empty where nothing is found to say.

    Visits in `without` count as not there; those in `beside` hold their places, but bind neither order nor patient.
    """
    if out_of_time(start, now=now):
        return ()
    gone = [*without, *beside]
    series = read_series(order, now=now, without=gone)
    capacity = _capacity(clinic, start, now, without, series)
    busy = patient_busy(order.patient, now=now, without=gone)
    against = _in_series(series, number, start, capacity)
    found = why_not_at(
        capacity, start, series.phases(number), names=_names(clinic), patient=PatientTimes(busy=tuple(busy)), now=now
    )
    works = [one for one in found if one.rule == "works" and not against]

    def does(values: Mapping[str, object]) -> bool:
        other = values["start"]
        picks = [Pick(number, other)] if isinstance(other, datetime) else []
        try:
            check_series(
                order=order, clinic=clinic, picks=picks, now=now, without=without, beside=beside, adds=not without
            )
        except BookingRefused:
            return False
        return bool(picks)

    checked = [one for one in works if does(one.values)]
    return (*against, *(one for one in found if one.rule not in WORKS), *checked)


def why_not_visit(
    *,
    patient: Patient,
    clinic: Clinic,
    phases: tuple[Phase, ...],
    start: datetime,
    now: datetime,
    without: Collection[int] = (),
) -> tuple[WhyNot, ...]:
    """As `why_not_infusion`, for a visit that is no infusion."""
    if out_of_time(start, now=now):
        return ()
    times = PatientTimes(busy=tuple(patient_busy(patient, now=now, without=without)))
    capacity = _capacity(clinic, start, now, without)
    found = why_not_at(capacity, start, phases, names=_names(clinic), patient=times, now=now)
    return tuple(one for one in found if one.rule != "nothing_works")


def why_not_there(*, appointment: Appointment, start: datetime, now: datetime) -> tuple[WhyNot, ...]:
    """The same for moving a booked visit, which itself counts as not there; nothing is said of a review."""
    gone, clinic, number = [appointment.pk], appointment.clinic, appointment.dose_number
    if appointment.order is not None and number is not None:
        return why_not_infusion(
            order=appointment.order, clinic=clinic, number=number, start=start, now=now, without=gone
        )
    if appointment.visit_type is None:
        return ()
    phases = Phase.list_from(appointment.visit_type.phases)
    return why_not_visit(patient=appointment.patient, clinic=clinic, phases=phases, start=start, now=now, without=gone)


def in_more_words(problems: Sequence[WhyNot], said: Sequence[WhyNot]) -> tuple[WhyNot, ...]:
    """The problems of a refusal, explained where they are, then those that are not, then what works."""
    explained = {one.rule for one in said}
    if "patient" in explained:
        explained.add("patient_busy")
    return (
        *(one for one in said if one.rule not in WORKS),
        *(problem for problem in problems if problem.rule not in explained),
        *(one for one in said if one.rule in WORKS),
    )


def _in_series(series: Series, number: int, start: datetime, capacity: ClinicCapacity) -> Sequence[WhyNot]:
    try:
        return why_not_in_series(
            number,
            start,
            {**series.booked, **series.given},
            series.spacings,
            capacity.clock,
            within_days=series.version.within_days,
            per_week=series.version.per_week,
            open_days=capacity.snapshot.open_days,
        )
    except OpenDaysUnknown:
        return ()


def _capacity(
    clinic: Clinic, start: datetime, now: datetime, without: Collection[int], series: Series | None = None
) -> ClinicCapacity:
    clock = ClinicTime(clinic.time_zone)
    day, today = clock.local_day(start), clock.local_day(now)
    first = max(today, day - AROUND)
    if series:
        first = series.first_day_needed(first, clock)
    return ClinicCapacity(
        snapshot(clinic=clinic, first_day=first, last_day=day + AROUND, now=now, without=list(without))
    )


def _names(clinic: Clinic) -> dict[str, str]:
    return {str(pk): name for pk, name in Resource.objects.filter(clinic=clinic).values_list("pk", "name")}
