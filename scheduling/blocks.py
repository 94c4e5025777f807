"""Labelled blocks: chairs or people kept free for something, until they are let go. They displace nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.types.range import TimestamptzRange

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.intervals import Interval
from scheduling.locking import lock_for, writing
from scheduling.models import Absence, AbsenceKind, Resource


def block(
    *,
    resources: Sequence[Resource],
    period: Interval,
    label: str,
    release_at: datetime | None = None,
    by: Actor,
    now: datetime,
    key: str = "",
) -> list[Absence]:
    """Keeps resources of one clinic free for what `label` says; from `release_at` on they may be booked. The same `key`
    again gives the same blocks.

    Visits that stand there already stay and are listed as affected. Refuses with NotAllowed. Records `clinic.blocked`.
    """
    if not resources:
        return []
    clinic = resources[0].clinic
    for resource in resources:
        permissions.check(by, "absence.block", organisation_id=clinic.organisation_id, clinic_id=resource.clinic_id)
    ids = sorted(resource.pk for resource in resources)
    request = {"verb": "block", "resources": ids, "from": period.start, "to": period.end, "until": release_at}
    with writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return list(Absence.objects.filter(pk__in=answer).order_by("pk"))
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        blocks = Absence.objects.bulk_create(
            Absence(
                resource=resource,
                clinic=clinic,
                kind=AbsenceKind.BLOCK,
                period=TimestamptzRange(period.start, period.end, "[)"),
                reason=label,
                release_at=release_at,
            )
            for resource in resources
        )
        entry = Entry("clinic.blocked", clinic_id=clinic.pk, data={"absences": [one.pk for one in blocks]})
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
        keep_answer(by=by, key=key, answer=[one.pk for one in blocks])
    return blocks


def release_block(*, blocks: Sequence[Absence], by: Actor, now: datetime) -> None:
    """Lets blocks go, from now on. Records `clinic.block_released`."""
    for one in blocks:
        permissions.check(by, "absence.block", organisation_id=one.clinic.organisation_id, clinic_id=one.clinic_id)
    with writing():
        rows = Absence.objects.filter(pk__in=[one.pk for one in blocks], kind=AbsenceKind.BLOCK).in_force(now)
        released = list(rows.select_for_update().order_by("pk"))
        if not released:
            return
        Absence.objects.filter(pk__in=[one.pk for one in released]).update(release_at=now)
        clinic = blocks[0].clinic
        entry = Entry("clinic.block_released", clinic_id=clinic.pk, data={"absences": [one.pk for one in released]})
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
