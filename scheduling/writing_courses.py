"""Writing the course of visits anew: their phases, and their claims all at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import F

from scheduling.capacity import Busy
from scheduling.claim_rows import as_range, write_claims
from scheduling.course_rows import USE, use_of
from scheduling.intervals import Interval
from scheduling.models import Appointment, Claim, Place, VisitKind
from scheduling.visit_course import Course

WRITE_PARTS: Final = """
UPDATE scheduling_appointmentphase p
SET period = tstzrange(m.starts, m.ends), actual_start_at = m.began, actual_end_at = m.ended
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
  AS m(visit, position, starts, ends, began, ended)
WHERE p.appointment_id = m.visit AND p.position = m.position
"""
# A place of these is counted, not touched: where the truth needs one more, it is added.
COUNTED: Final = ("watch", "attention", "with-patient", "use")


def write_parts(changes: Iterable[tuple[int, Course, Course]]) -> None:
    """Updates the phases whose times differ: a visit's id with its course before and after."""
    different = [
        (pk, position, new)
        for pk, before, after in changes
        for position, (old, new) in enumerate(zip(before.parts, after.parts, strict=True))
        if old != new
    ]
    if different:
        parts = [part for _, _, part in different]
        with connection.cursor() as cursor:
            cursor.execute(
                WRITE_PARTS,
                [
                    [pk for pk, _, _ in different],
                    [position for _, position, _ in different],
                    [part.period.start for part in parts],
                    [part.period.end for part in parts],
                    [part.began for part in parts],
                    [part.ended for part in parts],
                ],
            )


def write_uses(wanted: Sequence[tuple[Appointment, Iterable[Busy]]]) -> None:
    """Replaces the claims of these visits, all at once, so that they may change places among each other.

    Adds a place where more happens at once than a nurse, a prescriber or a thing has places: the truth is storable.
    """
    Claim.objects.filter(appointment__in=[visit.pk for visit, _ in wanted]).delete()
    live = [(visit, use) for visit, uses in wanted for use in uses if visit.live]
    _add_places([use for _, use in live])
    write_claims(live)
    # What has ended binds nobody, so any number will do.
    Claim.objects.bulk_create(
        Claim(
            appointment=visit,
            live=False,
            resource_id=int(use.resource_id),
            role=use.role,
            place=1,
            period=as_range(use.period),
        )
        for visit, uses in wanted
        for use in uses
        if not visit.live
    )


def _add_places(wanted: Iterable[Busy]) -> None:
    groups: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    for use in wanted:
        if use.role in COUNTED:
            groups[use.resource_id, use.role].append(use.period)
    if not groups:
        return
    have: dict[tuple[str, str], int] = defaultdict(int)
    resources = {int(resource) for resource, _ in groups}
    for resource, role in Place.objects.filter(resource__in=resources).values_list("resource_id", "role"):
        have[str(resource), role] += 1
    spans = [period for periods in groups.values() for period in periods]
    around = (min(one.start for one in spans), max(one.end for one in spans))
    standing = Claim.objects.filter(live=True, resource__in=resources, period__overlap=around)
    for columns in standing.values_list(*USE):
        use = use_of(*columns)
        if (use.resource_id, use.role) in groups:
            groups[use.resource_id, use.role].append(use.period)
    Place.objects.bulk_create(
        Place(resource_id=int(resource), role=role, number=number)
        for (resource, role), periods in groups.items()
        for number in range(have[resource, role] + 1, _most_at_once(periods) + 1)
    )


def _most_at_once(periods: Sequence[Interval]) -> int:
    return max(sum(other.contains(one.start) for other in periods) for one in periods)


def touch(visits: Iterable[int], **fields: object) -> None:
    """Writes the same fields to several visits and raises their row_version."""
    Appointment.objects.filter(pk__in=list(visits)).update(row_version=F("row_version") + 1, **fields)


def next_visit_of_patient(visit: Appointment) -> datetime | None:
    """When the same patient's next live visit starts, at whatever clinic; a time that is only kept may be overrun."""
    others = Appointment.objects.filter(patient=visit.patient_id, live=True, period__startswith__gt=visit.period.lower)
    return (
        others.exclude(pk=visit.pk)
        .exclude(kind=VisitKind.KEPT)
        .order_by("period")
        .values_list("period__startswith", flat=True)
        .first()
    )
