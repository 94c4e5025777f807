"""The rows of new visits: appointment, phases, claims with numbered places; few statements for a whole series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from psycopg.types.range import TimestamptzRange

from scheduling.capacity import Busy, Phase
from scheduling.claim_rows import as_range, write_claims
from scheduling.events import Actor
from scheduling.intervals import Interval
from scheduling.models import (
    Appointment,
    AppointmentPhase,
    Claim,
    Clinic,
    Patient,
    Status,
    VisitKind,
    VisitMode,
)
from scheduling.new_rows import insert_rows
from scheduling.series_terms import Move

HELD_WITH_LENGTH = 120
# One statement, so that a series shifted by one gap meets the exclusion constraints only when all of it has moved.
REWRITE = """
UPDATE scheduling_appointment a SET
  status = 'booked', period = tstzrange(m.starts, m.ends), is_tentative = m.is_tentative,
  terms_id = m.terms_id, gap_id = m.gap_id, gap_days = m.gap_days, gap_minutes = m.gap_minutes,
  is_placed = true, moved_from_id = NULL, moved_at = NULL, held_until = NULL,
  confirmed_at = NULL, confirmed_by = '', expected_at = NULL, cancelled_at = NULL, cancelled_by = '',
  cancel_reason = '', notice_minutes = NULL, booked_at = CASE WHEN a.status = 'held' THEN %s ELSE a.booked_at END,
  booked_by_id = CASE WHEN a.status = 'held' THEN %s ELSE a.booked_by_id END,
  row_version = a.row_version + 1, told_version = a.told_version + %s
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::boolean[], %s::bigint[], %s::bigint[], %s::int[],
  %s::int[]) AS m(id, starts, ends, is_tentative, terms_id, gap_id, gap_days, gap_minutes)
WHERE a.id = m.id
"""


@dataclass(frozen=True, slots=True)
class NewVisit:
    """A visit about to be written: its presence, phases and claims.

    `of_order` holds the columns that an order's visit adds; `overruled` are the rules it was allowed to break, `moves`
    the visits that give it their chair.
    """

    patient: Patient
    kind: str
    period: Interval
    phases: tuple[Phase, ...]
    claims: tuple[Busy, ...]
    mode: str = VisitMode.IN_PERSON
    visit_type_id: int | None = None
    is_tentative: bool = False
    of_order: dict[str, Any] = field(default_factory=dict)
    overruled: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Keeping:
    """Until when visits are kept instead of booked, and with whom that was agreed. `asked_for_id`: for which question.

    `as_option`: the times alone are kept, as a second option beside infusions that are held already.
    """

    until: datetime
    held_with: str = ""
    as_option: bool = False
    asked_for_id: int | None = None


def write_visits(
    visits: Sequence[NewVisit], *, clinic: Clinic, by: Actor, now: datetime, keeping: Keeping | None = None
) -> list[Appointment]:
    """Inserts visits with phases and claims, booked or, with `keeping`, held. Call it under `lock_for`; events are the
    verb's."""
    appointments = insert_rows(
        Appointment(
            organisation_id=clinic.organisation_id,
            clinic=clinic,
            time_zone=clinic.time_zone,
            patient=visit.patient,
            visit_type_id=visit.visit_type_id,
            mode=visit.mode,
            period=as_range(visit.period),
            status=Status.HELD if keeping else Status.BOOKED,
            held_until=keeping.until if keeping else None,
            held_with=keeping.held_with[:HELD_WITH_LENGTH] if keeping else "",
            booked_at=now,
            booked_by_id=by.user_id,
            **_what(visit, keeping),
        )
        for visit in visits
    )
    insert_rows(
        phase for visit, appointment in zip(visits, appointments, strict=True) for phase in _phases(visit, appointment)
    )
    write_claims([(a, claim) for v, a in zip(visits, appointments, strict=True) for claim in v.claims])
    return appointments


def rewrite_visits(
    rows: Sequence[Appointment], visits: Sequence[NewVisit], *, by: Actor, now: datetime, told: int
) -> list[Appointment]:
    """Makes the rows the visits beside them, booked: same identity, new time, phases and claims, nothing confirmed.

    `told` is added to `told_version`. Call it under `lock_for` with the rows locked; events are the verb's.
    """
    ids = [row.pk for row in rows]
    # The old claims go first: a row that becomes live again must not wake them.
    Claim.objects.filter(appointment__in=ids).delete()
    AppointmentPhase.objects.filter(appointment__in=ids).delete()
    of_order = [visit.of_order for visit in visits]
    with connection.cursor() as cursor:
        cursor.execute(
            REWRITE,
            [
                now,
                by.user_id,
                told,
                ids,
                [visit.period.start for visit in visits],
                [visit.period.end for visit in visits],
                [visit.is_tentative for visit in visits],
                *(
                    [one.get(column) for one in of_order]
                    for column in ("terms_id", "gap_id", "gap_days", "gap_minutes")
                ),
            ],
        )
    fresh = {row.pk: row for row in Appointment.objects.filter(pk__in=ids)}
    appointments = [fresh[pk] for pk in ids]
    pairs = list(zip(visits, appointments, strict=True))
    insert_rows(phase for visit, row in pairs for phase in _phases(visit, row))
    write_claims([(row, claim) for visit, row in pairs for claim in visit.claims])
    return appointments


def _what(visit: NewVisit, keeping: Keeping | None) -> dict[str, Any]:
    """What the visit is for. Kept times say for which infusion or review, since one infusion is never booked twice."""
    if keeping is None or not (keeping.as_option or keeping.asked_for_id):
        return {"kind": visit.kind, "is_tentative": visit.is_tentative, **visit.of_order}
    return {
        "kind": VisitKind.KEPT,
        "order_id": visit.of_order.get("order_id"),
        "kept_for_number": visit.of_order.get("dose_number"),
        "review_after": visit.of_order.get("review_after"),
        "asked_for_id": keeping.asked_for_id,
    }


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
                place=phase.place,
                features=sorted(phase.features),
                equipment=sorted(phase.equipment),
            )
        )
        start = end
    return rows
