"""A patient's visits, as the rules of what they should be told want them. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, Max, OuterRef, Q

from notifications.asking_after import open_check_ins
from notifications.closings import read_closings
from notifications.models import RideHome
from notifications.notice_facts import Pause, Standing, Visit
from notifications.preparing import prepare
from scheduling.models import (
    GONE,
    Appointment,
    CancelledBy,
    ChangeKind,
    Event,
    OrderChange,
    OrderState,
    Patient,
    Status,
    VisitKind,
)

# How far back neighbours count for a dense series, with room.
LOOK_BACK = timedelta(days=14)
MADE_FIRM = "appointment.made_firm"
TIME_CHANGES = (
    "appointment.booked",
    "appointment.moved",
    "appointment.cancelled",
    "appointment.reinstated",
    "appointment.no_show",
    MADE_FIRM,
)


def standing_of(appointment: Appointment) -> Standing:
    """What the patient should believe of a visit. `appointment` comes with its order."""
    if appointment.status in GONE:
        return Standing.CANCELLED
    if appointment.status != Status.BOOKED:
        return Standing.SILENT
    if appointment.order is not None and appointment.order.state == OrderState.PAUSED:
        return Standing.SILENT
    return Standing.TENTATIVE if appointment.is_tentative else Standing.FIRM


def was_missed(appointment: Appointment) -> bool:
    """Whether the patient did not come, as a person said, and may have another time: their order is not paused or over.
    `appointment` comes with its order."""
    is_on = appointment.order is None or appointment.order.state == OrderState.ACTIVE
    return appointment.status == Status.NO_SHOW and is_on


def read_visits(patient: Patient, now: datetime) -> list[Visit]:
    """The patient's visits from two weeks ago on, whatever became of them, and those that a check-in is ordered for;
    times that are only kept are none."""
    return visits_of([patient.pk], now)[patient.pk]


def visits_of(patient_ids: Iterable[int], now: datetime, *, with_history: bool = True) -> dict[int, list[Visit]]:
    """The same for several patients in as many statements as for one, by patient id.

    Without history nobody has looked since when a visit is as it is, nor from which version on it is firm.
    """
    found: dict[int, list[Visit]] = {patient_id: [] for patient_id in patient_ids}
    check_ins = open_check_ins(found, now).filter(order=OuterRef("order"), after_number=OuterRef("dose_number"))
    of_interest = Q(period__startswith__gt=now - LOOK_BACK) | Exists(check_ins)
    mine = Appointment.objects.filter(of_interest, patient__in=found).exclude(kind=VisitKind.KEPT)
    rows = list(mine.select_related("order", "terms__version", "clinic").order_by("period", "pk"))
    ids = [row.pk for row in rows]
    events = Event.objects.filter(appointment__in=ids if with_history else [])
    changed = dict(events.filter(verb__in=TIME_CHANGES).values_list("appointment").annotate(Max("recorded_at")))
    made_firm = events.filter(verb=MADE_FIRM).order_by("pk")
    firm_from = {event.appointment_id: event.data.get("told_version", 0) for event in made_firm}
    asked_of = {row.pk: prepare(row.terms.version.content, row.period.lower) for row in rows if row.terms}
    ride = [visit_id for visit_id, asked in asked_of.items() if asked is not None and asked.needs_ride]
    drivers = set(RideHome.objects.filter(visit__in=ride).values_list("visit_id", flat=True)) if ride else set()
    closings = read_closings([row for row in rows if row.status == Status.BOOKED], now)
    pauses = read_pauses(rows)
    for row in rows:
        found[row.patient_id].append(
            Visit(
                id=row.pk,
                clinic_id=row.clinic_id,
                zone=ZoneInfo(row.time_zone),
                starts_at=row.period.lower,
                told_version=row.told_version,
                standing=standing_of(row),
                known_since=changed.get(row.pk) or row.cancelled_at or row.booked_at,
                firm_from=firm_from.get(row.pk, 0),
                is_confirmed=row.confirmed_at is not None,
                by_clinician=row.cancelled_by == CancelledBy.CLINICIAN,
                prepare=asked_of.get(row.pk),
                driver_known=row.pk in drivers,
                closing=closings.get(row.pk),
                was_missed=was_missed(row),
                pause=pauses.get(row.pk),
                by_text=row.clinic.sends_texts,
            )
        )
    return found


def may_text(visits: Iterable[Visit]) -> bool:
    """Whether every clinic of these visits has gone live: what one may not text goes by e-mail or by call."""
    return all(visit.by_text for visit in visits)


def read_pauses(rows: Iterable[Appointment]) -> dict[int, Pause]:
    """Of booked visits, by id, the pause that their order is in. `rows` come with their orders."""
    of_order = {
        row.pk: row.order_id
        for row in rows
        if row.status == Status.BOOKED and row.order is not None and row.order.state == OrderState.PAUSED
    }
    if not of_order:
        return {}
    changes = OrderChange.objects.filter(order__in=of_order.values(), kind=ChangeKind.PAUSE).order_by("pk")
    last = {change.order_id: Pause(change.pk, change.recorded_at) for change in changes}
    return {visit_id: last[order_id] for visit_id, order_id in of_order.items() if order_id in last}
