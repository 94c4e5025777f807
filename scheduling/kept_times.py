"""What becomes of kept times: kept longer, taken over by someone else, or let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from scheduling.events import Actor, Entry, record
from scheduling.fresh_look import enter, refusing_plainly
from scheduling.hold_length import Until, kept_until
from scheduling.holds import let_go
from scheduling.locking import writing
from scheduling.models import Appointment
from scheduling.options import check_option, still_kept
from scheduling.visit_rows import HELD_WITH_LENGTH


def extend_hold(
    *, visits: Sequence[Appointment], by: Actor, now: datetime, until: Until = None, minutes: int | None = None
) -> list[Appointment]:
    """Keeps times longer (or shorter), counted from `now`; `until` and `minutes` as in `hold_series`.

    Refuses with BookingRefused once one of them is no longer kept, for it may have been given away. Records
    `appointment.hold_extended` for each.
    """
    check_option(visits, by)
    with refusing_plainly(), writing():
        starts = [visit.period.lower for visit in visits]
        clinic = enter(clinic=visits[0].clinic, patient_id=visits[0].patient_id, starts=starts, now=now)
        rows = still_kept(visits, now=now)
        ends = kept_until(clinic, until, minutes, min(starts), now=now)
        Appointment.objects.filter(pk__in=[row.pk for row in rows]).update(
            held_until=ends, row_version=F("row_version") + 1
        )
        entries = [Entry.of_visit("appointment.hold_extended", row, data={"until": ends.isoformat()}) for row in rows]
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
    return _read(visits)


def take_over_hold(
    *, visits: Sequence[Appointment], by: Actor, now: datetime, held_with: str = ""
) -> list[Appointment]:
    """Makes `by` the one who keeps these times; `held_with` says with whom from now on, where that changes.

    Refuses with BookingRefused once one of them is no longer kept. Records `appointment.hold_taken_over` with the
    person it was taken from, for each that someone else kept.
    """
    check_option(visits, by)
    with refusing_plainly(), writing():
        rows = [row for row in still_kept(visits, now=now) if row.booked_by_id != by.staff_id]
        for row in rows:
            Appointment.objects.filter(pk=row.pk).update(
                booked_by=by.staff_id,
                held_with=held_with[:HELD_WITH_LENGTH] or row.held_with,
                row_version=F("row_version") + 1,
            )
        entries = [
            Entry.of_visit("appointment.hold_taken_over", row, data={"from_user": row.booked_by_id}) for row in rows
        ]
        if entries:
            record(organisation_id=rows[0].organisation_id, entries=entries, by=by, now=now)
    return _read(visits)


def release_hold(*, visits: Sequence[Appointment], by: Actor, now: datetime) -> list[Appointment]:
    """Lets kept times go; those that went before stay so. Anybody who books may.

    Refuses with NotPossibleFromHere one that is booked by now, or is kept for a question (withdraw that instead).
    Records `appointment.released` for each.
    """
    check_option(visits, by)
    with refusing_plainly(), writing():
        let_go(visits, patient_id=visits[0].patient_id, by=by, now=now)
    return _read(visits)


def _read(visits: Sequence[Appointment]) -> list[Appointment]:
    return list(Appointment.objects.filter(pk__in=[visit.pk for visit in visits]).order_by("period"))
