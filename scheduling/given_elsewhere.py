"""Infusions given elsewhere, or before this system was used: part of what is signed, and counted like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db.models import F
from psycopg.types.range import TimestamptzRange

from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry
from scheduling.models import Appointment, Clinic, DoseGap, Order, Patient, Status, VisitKind
from scheduling.protocol_parts import GivenBefore, PlanParts
from scheduling.signed_rows import SignedRows


def days_that_can_not_be(plan: PlanParts, patient: Patient, *, today: date) -> dict[int, str]:
    """Whose day is still to come or lies before the patient's birth, by number, each in a plain sentence. That it lies
    nearer or farther than ordered is for the prescriber to read."""
    found = {}
    for number, day in ((one.number, one.on) for one in plan.given_before):
        if day > today:
            found[number] = f"Infusion {number} can't have been given on {day}: that day is to come."
        elif patient.birth_date is not None and day < patient.birth_date:
            born = f"the patient was born on {patient.birth_date}"
            found[number] = f"Infusion {number} can't have been given on {day}: {born}."
    return found


def reasons_against_history(order: Order, plan: PlanParts, *, clinic: Clinic, now: datetime) -> list[str]:
    """Why what the order says of infusions given elsewhere can't be so, in plain sentences."""
    clock = ClinicTime(clinic.time_zone)
    said = {one.number: one.on for one in plan.given_before}
    reasons = list(days_that_can_not_be(plan, order.patient, today=clock.local_day(now)).values())
    days = dict(said)
    for visit in Appointment.objects.spaced().filter(order=order, is_repeated=False).order_by("dose_number"):
        number = visit.dose_number or 0
        if visit.given_where:
            continue
        if number in said:
            reasons.append(
                f"Infusion {number} was given here." if visit.given_at
                else f"Infusion {number} is booked here. Cancel that visit first, if it was given elsewhere."
            )  # fmt: skip
        else:
            days[number] = ClinicTime(visit.time_zone).local_day(visit.given_at or visit.period.lower)
    for earlier, later in pairwise(sorted(days)):
        if {earlier, later} & said.keys() and days[later] <= days[earlier]:
            reasons.append(f"Infusion {later} comes after infusion {earlier}, so it was on a later day.")
    return reasons


def take_back_what_is_not_so(order: Order, plan: PlanParts) -> list[Entry]:
    """What an earlier version said was given elsewhere and this one doesn't say so: entered in error. Gives the events
    to record, `appointment.entered_in_error`."""
    said = {(one.number, one.on, one.where) for one in plan.given_before}
    wrong = [visit for visit in _elsewhere(order) if _as_said(visit) not in said]
    Appointment.objects.filter(pk__in=[visit.pk for visit in wrong]).update(
        status=Status.ENTERED_IN_ERROR, row_version=F("row_version") + 1
    )
    return [Entry.of_visit("appointment.entered_in_error", visit) for visit in wrong]


def not_written_yet(order: Order, plan: PlanParts) -> list[GivenBefore]:
    """What the order says was given elsewhere and has no row."""
    there = {_as_said(visit) for visit in _elsewhere(order)}
    return [one for one in plan.given_before if (one.number, one.on, one.where) not in there]


def write_given(
    order: Order,
    plan: PlanParts,
    new: Iterable[GivenBefore],
    rows: SignedRows,
    gaps: Mapping[int, DoseGap],
    *,
    clinic: Clinic,
    by: Actor,
    now: datetime,
) -> list[Entry]:
    """Writes them as infusions that are over: they take no chair, are told to nobody, and keep the next one away as
    `gaps` say. Gives the events to record, `appointment.given_elsewhere`. Call it in the transaction that signs."""
    clock, entries = ClinicTime(clinic.time_zone), []
    for one in new:
        start, terms, gap = one.given_at(clock), rows.terms[one.number], gaps[one.number]
        minutes = sum(phase.minutes for phase in plan.phases_for(one.number) if not phase.is_turnover)
        end = start + timedelta(minutes=minutes)
        visit = Appointment.objects.create(
            organisation_id=order.organisation_id,
            clinic=clinic,
            time_zone=clinic.time_zone,
            patient_id=order.patient_id,
            kind=VisitKind.INFUSION,
            order=order,
            dose_id=terms.dose_id,
            dose_number=one.number,
            terms=terms,
            therapy=order.therapy,
            gap=gap,
            gap_days=gap.days,
            gap_minutes=gap.minutes,
            period=TimestamptzRange(start, end, "[)"),
            status=Status.COMPLETED,
            given_at=start,
            given_where=one.where,
            left_at=end,
            booked_at=now,
            booked_by_id=by.user_id,
        )
        data = {"number": one.number}
        entries.append(Entry.of_visit("appointment.given_elsewhere", visit, happened_at=start, data=data))
    return entries


def _elsewhere(order: Order) -> list[Appointment]:
    visits = Appointment.objects.filter(order=order, status=Status.COMPLETED).exclude(given_where="")
    return list(visits.order_by("dose_number"))


def _as_said(visit: Appointment) -> tuple[int | None, object, str]:
    return visit.dose_number, ClinicTime(visit.time_zone).local_day(visit.period.lower), visit.given_where
