"""The rows of new visits: appointment, phases, claims with numbered places; few statements for a whole series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from psycopg.types.range import TimestamptzRange

from scheduling.capacity import Busy, Phase
from scheduling.events import Actor
from scheduling.intervals import Interval
from scheduling.models import Appointment, AppointmentPhase, Claim, Clinic, Patient, Place, Status, VisitMode
from scheduling.places import Numbered, deal_anew, first_fit


@dataclass(frozen=True, slots=True)
class NewVisit:
    """A visit about to be written: its presence, phases and claims; `dose` holds the columns an infusion adds."""

    patient: Patient
    kind: str
    period: Interval
    phases: tuple[Phase, ...]
    claims: tuple[Busy, ...]
    mode: str = VisitMode.IN_PERSON
    visit_type_id: int | None = None
    is_tentative: bool = False
    dose: dict[str, Any] = field(default_factory=dict)


def write_visits(visits: Sequence[NewVisit], *, clinic: Clinic, by: Actor, now: datetime) -> list[Appointment]:
    """Inserts booked visits with phases and claims, in that order. Call it under `lock_for`; events are the verb's."""
    appointments = Appointment.objects.bulk_create(
        Appointment(
            organisation_id=clinic.organisation_id,
            clinic=clinic,
            time_zone=clinic.time_zone,
            patient=visit.patient,
            visit_type_id=visit.visit_type_id,
            kind=visit.kind,
            mode=visit.mode,
            period=_range(visit.period),
            status=Status.BOOKED,
            is_tentative=visit.is_tentative,
            booked_at=now,
            booked_by_id=by.user_id,
            **visit.dose,
        )
        for visit in visits
    )
    AppointmentPhase.objects.bulk_create(
        phase for visit, appointment in zip(visits, appointments, strict=True) for phase in _phases(visit, appointment)
    )
    _write_claims([(a, claim) for v, a in zip(visits, appointments, strict=True) for claim in v.claims])
    return appointments


def _phases(visit: NewVisit, appointment: Appointment) -> list[AppointmentPhase]:
    rows, start = [], visit.period.start
    for position, phase in enumerate(visit.phases):
        end = start + timedelta(minutes=phase.minutes)
        rows.append(
            AppointmentPhase(
                appointment=appointment,
                position=position,
                name=phase.name,
                period=TimestamptzRange(start, end, "[)"),
                needs_chair=phase.chair,
                nurse=phase.nurse,
                prescriber=phase.prescriber,
            )
        )
        start = end
    return rows


def _write_claims(wanted: list[tuple[Appointment, Busy]]) -> None:
    """Numbers the claims per resource and role against those that stand, which move where numbers are fragmented."""
    groups: dict[tuple[int, str], list[tuple[Appointment, Busy]]] = defaultdict(list)
    for appointment, claim in wanted:
        groups[int(claim.resource_id), claim.role].append((appointment, claim))
    if not groups:
        return
    resources = {resource for resource, _ in groups}
    places: dict[tuple[int, str], int] = defaultdict(int)
    for resource, role in Place.objects.filter(resource__in=resources).values_list("resource_id", "role"):
        places[resource, role] += 1
    rows, moved = [], []
    for (resource, role), claims in groups.items():
        dealt = _numbers(resource, role, [claim.period for _, claim in claims], places[resource, role])
        for (appointment, claim), numbered in zip(claims, dealt, strict=False):
            rows.append(
                Claim(
                    appointment=appointment,
                    resource_id=resource,
                    role=role,
                    place=numbered.place,
                    period=_range(claim.period),
                )
            )
        moved += dealt[len(claims) :]
    _move(moved)
    Claim.objects.bulk_create(rows)


def _numbers(resource: int, role: str, wanted: list[Interval], places: int) -> list[Numbered]:
    """Numbers for the wanted periods, and for the standing claims that have to change theirs."""
    span = Interval(min(period.start for period in wanted), max(period.end for period in wanted))
    standing = _standing(resource, role, span)
    dealt = first_fit(standing, wanted, places)
    if dealt is not None:
        return dealt
    # A claim that is dealt a new number may run past the span: widen it until no claim does.
    while standing:
        wider = Interval(
            min(span.start, *(one.period.start for one in standing)),
            max(span.end, *(one.period.end for one in standing)),
        )
        if wider == span:
            break
        span, standing = wider, _standing(resource, role, wider)
    return deal_anew(standing, wanted, places)


def _standing(resource: int, role: str, span: Interval) -> list[Numbered]:
    rows = Claim.objects.filter(live=True, resource=resource, role=role, period__overlap=_range(span))
    return [
        Numbered(pk, Interval(period.lower, period.upper), place)
        for pk, place, period in rows.values_list("pk", "place", "period")
    ]


def _move(moved: Sequence[Numbered]) -> None:
    """One statement, so that the exclusion constraint looks only when all numbers have changed."""
    if moved:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE scheduling_claim c SET place = m.place FROM unnest(%s::bigint[], %s::int[]) AS m(id, place)"
                " WHERE c.id = m.id",
                [[one.claim_id for one in moved], [one.place for one in moved]],
            )


def _range(period: Interval) -> TimestamptzRange:
    return TimestamptzRange(period.start, period.end, "[)")
