"""Why a visit can't start at one time: who or what stands against it until when, and the nearest time that works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from scheduling.bit_planes import bits, steps_set
from scheduling.capacity import Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.free_starts import FreeStarts
from scheduling.intervals import Interval, merge
from scheduling.refused_by_hours import grid_against, hours_against, last_end_against
from scheduling.refused_by_people import nurses_against, prescribers_against, staff_against
from scheduling.refused_by_things import chairs_against, equipment_against
from scheduling.refused_start import RefusedStart
from scheduling.series_terms import PatientTimes
from scheduling.why_not import WhyNot

TEXTS = {
    "past": "This time has passed.",
    "unknown_day": "%(day)s lies outside the days that are planned.",
    "patient_busy": "The patient is taken %(when)s.",
    "patient_never": "The patient can't come on this weekday.",
    "patient_times": "On this weekday the patient can come from %(begins)s to %(ends)s.",
    "works": "%(start)s works.",
    "works_on": "%(day)s at %(start)s works.",
    "nothing_works": "No other time works on the days that are planned.",
}


def why_not_at(
    capacity: ClinicCapacity,
    start: datetime,
    phases: tuple[Phase, ...],
    *,
    names: Mapping[str, str],
    patient: PatientTimes,
    now: datetime,
) -> tuple[WhyNot, ...]:
    """What stands against this start, each with until when; last what works instead. Empty when the start is free.

    What works is the nearest free start of the day (of two equally near the later), else that of the next day that has
    one, nearest to the same time of day; `start` among its values is the instant. `names` are shown names by resource
    id; others are shown by their ids. Times are the clinic's.
    """
    if capacity.clock.local_day(start) not in capacity.axis.index:
        return (WhyNot("unknown_day", None, None, TEXTS["unknown_day"], {"day": capacity.clock.local_day(start)}),)
    refused = RefusedStart(capacity, start, phases, names)
    starts = FreeStarts(capacity, patient, None, now)
    free = starts.plane(phases)
    if refused.is_on_a_step and free >> refused.at & 1:
        return ()
    limits = starts.limits(phases)
    if start < now:
        return (refused.because("past", TEXTS["past"]), *_what_works(refused, free))
    found = [*_clinic_against(refused)]
    if not limits["patient"] >> refused.at & 1:
        found.append(_patient_against(refused, patient))
    return (*found, *_what_works(refused, free))


def _clinic_against(start: RefusedStart) -> Iterator[WhyNot]:
    if start.refuses("hours"):
        yield hours_against(start)
        return  # who is there outside the opening hours is no help
    if start.refuses("last_end"):
        yield last_end_against(start)
    if not start.is_on_a_step or start.refuses("grid"):
        yield grid_against(start)
    if start.refuses("staff") and (few := staff_against(start)):
        yield few
    if start.refuses("prescriber"):
        yield prescribers_against(start)
    if start.refuses("nurses"):
        yield nurses_against(start)
    if start.refuses("chairs"):
        yield chairs_against(start)
    if start.refuses("equipment"):
        yield equipment_against(start)


# --------------------------------------------------------------------------------------------------------- the patient


def _patient_against(start: RefusedStart, patient: PatientTimes) -> WhyNot:
    presence = Interval(start.local(start.at), start.local(start.at + start.shape.presence))
    busy = next((one for one in merge(patient.busy) if one.overlaps(presence)), None)
    if busy is not None:
        taken = start.capacity.axis.outer([busy])
        step = start.first_in(taken, ((0, start.shape.presence),))
        assert step is not None  # noqa: S101 -- it overlaps the visit
        return start.because("patient", TEXTS["patient_busy"], when=start.spell(taken, step))
    ranges = (patient.available or {}).get(start.clock.weekday(start.start), ())
    times = merge(period for one in ranges if (period := start.clock.on_day(start.day, one)))
    if not times:
        return start.because("patient", TEXTS["patient_never"])
    nearest = min(times, key=lambda one: abs(one.start - start.start))
    begins, ends = start.clock.local(nearest.start), start.clock.local(nearest.end)
    return start.because("patient", TEXTS["patient_times"], begins=begins, ends=ends)


# ------------------------------------------------------------------------------------------------------ what would work


def _what_works(start: RefusedStart, free: int) -> tuple[WhyNot, ...]:
    steps = steps_set(start.of_day(free))
    if steps:
        nearest = start.local(min(steps, key=lambda step: (abs(start.local(step) - start.start), -step)))
        return (WhyNot("works", None, None, TEXTS["works"], {"start": nearest}),)
    later = free >> start.closes
    if not later:
        return (WhyNot("nothing_works", None, None, TEXTS["nothing_works"]),)
    axis = start.capacity.axis
    index = axis.day_index(start.closes + (later & -later).bit_length() - 1)
    wished = start.clock.minute_of_day(start.start)
    of_day = [start.local(step) for step in steps_set(free & bits(axis.edges[index], axis.edges[index + 1]))]
    nearest = min(of_day, key=lambda one: (abs(one.hour * 60 + one.minute - wished), one))
    return (WhyNot("works", None, None, TEXTS["works_on"], {"day": nearest.date(), "start": nearest}),)
