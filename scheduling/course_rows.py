"""Reading a visit's course from its rows, and writing back what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, Literal, cast

from django.db.models import F

from scheduling.capacity import STEP_MINUTES, Busy, NurseNeed, Phase, PrescriberNeed, Role
from scheduling.claim_rows import as_range, write_claims
from scheduling.intervals import Interval
from scheduling.models import Appointment, AppointmentPhase, Claim, Place, ResourceKind, VisitKind
from scheduling.visit_course import Course
from scheduling.visit_parts import Part

# A place of these is counted, not touched: where the truth needs one more, it is added.
PART: Final = (
    "name", "period", "needs_chair", "nurse", "prescriber", "place", "features", "equipment", "actual_start_at",
    "actual_end_at",
)  # fmt: skip
USE: Final = ("resource_id", "role", "period")
LONGEST_PHASE: Final = 24 * 60 - STEP_MINUTES
COUNTED: Final = ("watch", "attention", "with-patient", "use")


def read_courses(appointment_ids: Iterable[int]) -> dict[int, Course]:
    """The courses of these visits, by id. Resource ids are database ids as text, as in the snapshot."""
    ids = list(appointment_ids)
    parts: dict[int, list[Part]] = defaultdict(list)
    phases = AppointmentPhase.objects.filter(appointment__in=ids).order_by("appointment", "position")
    for appointment_id, *columns in phases.values_list("appointment_id", *PART):
        parts[appointment_id].append(_part(*columns))
    uses: dict[int, list[Busy]] = defaultdict(list)
    bays: set[str] = set()
    claims = Claim.objects.filter(appointment__in=ids).order_by("period", "pk")
    for appointment_id, kind, *columns in claims.values_list("appointment_id", "resource__kind", *USE):
        use = use_of(*columns)
        uses[appointment_id].append(use)
        if kind == ResourceKind.BAY:
            bays.add(use.resource_id)
    return {pk: Course(tuple(parts[pk]), tuple(uses[pk]), frozenset(bays)) for pk in ids}


def use_of(resource_id: int, role: str, period: Any) -> Busy:
    """A claim's columns USE as the search says them."""
    return Busy(str(resource_id), cast("Role", role), Interval(period.lower, period.upper))


def _part(
    name: str,
    planned: Any,
    needs_chair: bool,  # noqa: FBT001 -- a row's columns
    nurse: NurseNeed,
    prescriber: PrescriberNeed,
    place: Literal["chair", "bay"],
    features: list[str],
    equipment: list[str],
    began: datetime | None,
    ended: datetime | None,
) -> Part:
    period = Interval(planned.lower, planned.upper)
    phase = Phase(
        name,
        min(period.minutes, LONGEST_PHASE),
        chair=needs_chair,
        nurse=nurse,
        prescriber=prescriber,
        features=frozenset(features),
        place=place,
        equipment=frozenset(equipment),
    )
    return Part(phase, period, began, ended)


def write_parts(visit: Appointment, before: Course, after: Course) -> None:
    """Updates the phases whose times changed."""
    for position, (old, new) in enumerate(zip(before.parts, after.parts, strict=True)):
        if old != new:
            AppointmentPhase.objects.filter(appointment=visit, position=position).update(
                period=as_range(new.period),
                actual_start_at=new.began,
                actual_end_at=new.ended,
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
