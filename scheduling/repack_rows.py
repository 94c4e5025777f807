"""Making room for a visit: others of the same day get another chair, at their time and with their nurse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from scheduling.capacity import STEP_SECONDS, Phase
from scheduling.clinic_capacity import ClinicCapacity
from scheduling.events import Entry
from scheduling.free_starts import FreeStarts
from scheduling.locking import JustTaken
from scheduling.models import Appointment, Clinic
from scheduling.repacking import RoomByRepack
from scheduling.series_terms import Move, PatientTimes

# A cancel takes its visit's row and then its claims: the same way here, or each would wait for the other.
LOCK_VISITS = "SELECT id FROM scheduling_appointment WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
# All at once, so that the exclusion constraint looks only when every chair has changed hands.
MOVE_CHAIRS = """
UPDATE scheduling_claim c SET resource_id = m.to_chair, place = 1
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS m(visit, from_chair, to_chair)
WHERE c.appointment_id = m.visit AND c.resource_id = m.from_chair AND c.role = 'seat' AND c.live
"""
SAY_WHENCE = """
UPDATE scheduling_appointment a SET moved_from_id = m.from_chair, moved_at = %s, row_version = a.row_version + 1
FROM unnest(%s::bigint[], %s::bigint[]) AS m(visit, from_chair) WHERE a.id = m.visit
"""


@dataclass(frozen=True, slots=True)
class Room:
    """A chair, and who changes theirs so that it is free."""

    chair: str
    moves: tuple[Move, ...]


def find_room(capacity: ClinicCapacity, start: datetime, phases: tuple[Phase, ...], *, now: datetime) -> Room | None:
    """The chair that a visit could have if others changed theirs, and their moves; None when there is no way, or the
    start lacks more than a chair. Never today once the clinic has opened."""
    room = RoomByRepack(FreeStarts(capacity, PatientTimes(), None, now), lambda: False)
    step = int(start.timestamp()) // STEP_SECONDS
    at = step - capacity.axis.first_step
    if not 0 <= at < capacity.axis.steps or not room.plane(phases) >> at & 1:
        return None
    dealt = room.dealt(phases, step)
    if dealt is None:
        return None
    return Room(dealt.chair, tuple(Move(visit.visit, visit.chair, to) for visit, to in dealt.moved))


def move_chairs(moves: Sequence[Move], *, clinic: Clinic, now: datetime) -> list[Entry]:
    """Gives each visit its other chair and says whence it came; `appointment.chair_changed` for the verb to record.

    Call it under the locks of the day, before the new visit is written. Refuses with JustTaken when a visit sits
    elsewhere by now.
    """
    if not moves:
        return []
    ids = [int(move.visit) for move in moves]
    from_chairs, to_chairs = [int(move.from_chair) for move in moves], [int(move.to_chair) for move in moves]
    with connection.cursor() as cursor:
        cursor.execute(LOCK_VISITS, [ids])
        cursor.execute(MOVE_CHAIRS, [ids, from_chairs, to_chairs])
        if cursor.rowcount < len(moves):
            raise JustTaken
        cursor.execute(SAY_WHENCE, [now, ids, from_chairs])
    patients = dict(Appointment.objects.filter(pk__in=ids).values_list("pk", "patient_id"))
    return [
        Entry(
            "appointment.chair_changed",
            clinic_id=clinic.pk,
            appointment_id=pk,
            patient_id=patients[pk],
            data={"from": was, "to": to, "to_make_room": True},
        )
        for pk, was, to in zip(ids, from_chairs, to_chairs, strict=True)
    ]
