"""Writing what happened to visits, and what that does to others, in the transaction that records it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.range import TimestamptzRange

from scheduling.displacing import Changed, Effect, effect_on_others
from scheduling.events import Entry
from scheduling.models import HOLDS_PLACE, PATIENT_IS_THERE, Appointment
from scheduling.visit_course import SEAT, Course
from scheduling.writing_courses import next_visit_of_patient, touch, write_parts, write_uses


def carry_out(changes: Sequence[Changed], *, now: datetime, **fields: Any) -> list[Entry]:
    """Writes these locked changes and what they do to others; `fields` go to the rows of the changed visits.

    A visit's period ends when the patient is to leave, or where the same patient's next visit starts. Returns the
    events of the others; the verb adds its own. Call it under `lock_for`.
    """
    for change in changes:
        for name, value in fields.items():
            setattr(change.visit, name, value)
    effect = effect_on_others(clinic=changes[0].visit.clinic, changes=changes, now=now, lock=True)
    for change in effect.changes:
        visit = change.visit
        row: dict[str, Any] = dict(fields)
        if visit.status in PATIENT_IS_THERE:
            row["period"] = _presence(visit, change.after)
        if visit.status in HOLDS_PLACE and change.before.uses != change.after.uses:
            row["is_placed"] = change.after.is_covered
        touch([visit.pk], **row)
        visit.refresh_from_db(fields=["live"])
    return write_effect(effect, now=now)


def write_effect(effect: Effect, *, now: datetime) -> list[Entry]:
    """Writes phases and claims of all visits of an effect, and the rows of those that are not its `changes`. Returns
    the events of the others. Call it under `lock_for`."""
    everyone = (*effect.changes, *effect.others)
    write_parts((change.visit.pk, change.before, change.after) for change in everyone)
    for change in (*effect.moved, *effect.waiting):
        touch([change.visit.pk], **_where_it_was(change, now))
    shorter = [change for change in effect.unseated if change.after.is_covered]
    unseated = [change for change in effect.unseated if not change.after.is_covered]
    touch(_ids(shorter))
    touch(_ids((*effect.waiting, *unseated)), is_placed=False)
    touch(_ids(effect.placed), is_placed=True)
    different = [change for change in everyone if set(change.before.uses) != set(change.after.uses)]
    write_uses([(change.visit, change.after.uses) for change in different])
    because = [change.visit.pk for change in effect.changes]
    return [
        *(_entry(_verb(change), change, because) for change in effect.moved),
        *(_entry("appointment.displaced", change, because) for change in (*effect.waiting, *unseated)),
        *(_entry("appointment.turnover_shortened", change, because) for change in shorter),
        *(_entry("appointment.placed_again", change, because) for change in effect.placed),
    ]


def _presence(visit: Appointment, course: Course) -> TimestamptzRange:
    """From the planned start, which the gaps to other visits count from, to the end of the last part."""
    start, end = visit.period.lower, course.presence.end
    limit = next_visit_of_patient(visit)
    if limit is not None:
        end = min(end, limit)
    return TimestamptzRange(start, end if end > start else visit.period.upper, "[)")


def _where_it_was(change: Changed, now: datetime) -> dict[str, object]:
    """For the board: which chair it had."""
    before = change.before.last(SEAT)
    changes = before is not None and before != change.after.last(SEAT)
    return {"moved_from_id": int(before), "moved_at": now} if before is not None and changes else {}


def _verb(change: Changed) -> str:
    same = change.before.last(SEAT) == change.after.last(SEAT)
    return "appointment.nurse_changed" if same else "appointment.chair_changed"


def _ids(changes: Iterable[Changed]) -> set[int]:
    return {change.visit.pk for change in changes}


def _entry(verb: str, change: Changed, because: Sequence[int]) -> Entry:
    return Entry.of_visit(verb, change.visit, data={**change.resources, "for": list(because)})
