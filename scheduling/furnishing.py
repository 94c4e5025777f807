"""What a clinic has: chairs, bays, equipment, nurse posts and prescribers, added, changed, out of use and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.text import slugify

from scheduling import permissions
from scheduling.affected_visits import Affected, affected_by
from scheduling.clinic_setup import add_places
from scheduling.course_rows import read_courses
from scheduling.events import Actor, Entry, record
from scheduling.idempotency import earlier_answer, keep_answer
from scheduling.intervals import Interval
from scheduling.locking import lock_for, writing
from scheduling.losses import without
from scheduling.models import Appointment, ClaimRole, Clinic, Resource, ResourceKind, Status
from scheduling.placing_elsewhere import place_elsewhere
from scheduling.spacing import InvalidFields

MOST_WATCHED: Final = 12
LONGEST_CODE: Final = 60
# For good, as far as anything is booked.
FOR_GOOD: Final = timedelta(days=3650)


class ResourceChanged(Exception):
    """Somebody else changed it since the page was made; `resource` is how it is now."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        super().__init__("changed meanwhile")


def add_resource(
    *,
    clinic: Clinic,
    kind: ResourceKind,
    name: str,
    features: Collection[str] = (),
    watch: int = 0,
    by: Actor,
    now: datetime,
    key: str = "",
) -> Resource:
    """One more chair, bay, piece of equipment, nurse post or prescriber; a nurse watches up to `watch` patients, one
    fewer while she is one-to-one. The same `key` again gives the same. Refuses with InvalidFields. Records
    `clinic.resource_added`."""
    permissions.check(by, "clinic.set_up", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    fields = _sound(kind, name, features, watch)
    request = {"verb": "add_resource", "clinic": clinic.pk, "kind": str(kind), **fields}
    with writing():
        answer = earlier_answer(by=by, key=key, request=request, now=now)
        if answer is not None:
            return Resource.objects.get(pk=answer)
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        resource = Resource.objects.create(clinic=clinic, kind=kind, code=_free_code(clinic, name, kind), **fields)
        add_places(resource)
        _record("clinic.resource_added", resource, [], by=by, now=now)
        keep_answer(by=by, key=key, answer=resource.pk)
    return resource


def change_resource(
    *,
    resource: Resource,
    name: str,
    features: Collection[str] = (),
    watch: int = 0,
    read: str | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Another name, other features, or more or fewer patients to watch, from now on. Never refused for what is booked:
    visits that used what it lacks now stay, `needing_it` names them before. Refuses with InvalidFields, and with
    ResourceChanged where it is no longer as `read`, what `as_read` gave, and not yet as wanted. Records
    `clinic.resource_changed`."""
    clinic = resource.clinic
    permissions.check(by, "clinic.set_up", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    fields = _sound(ResourceKind(resource.kind), name, features, watch)
    with writing():
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        resource.refresh_from_db()
        if read not in (None, as_read(resource)) and any(getattr(resource, one) != fields[one] for one in fields):
            raise ResourceChanged(resource)
        Resource.objects.filter(pk=resource.pk).update(**fields)
        resource.refresh_from_db()
        add_places(resource)
        _record("clinic.resource_changed", resource, [], by=by, now=now)


def as_read(resource: Resource) -> str:
    """What a page that changes it began from, in a few letters."""
    said = json.dumps([resource.name, resource.features, resource.watch_places])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def take_out_of_use(*, resource: Resource, by: Actor, now: datetime) -> None:
    """It is not used any more. Visits that lose it get another one as for an absence; the others are listed as
    affected. Records `clinic.resource_out_of_use`."""
    _use(resource, is_active=False, by=by, now=now)


def use_again(*, resource: Resource, by: Actor, now: datetime) -> None:
    """It is used again, with the shifts it had. Records `clinic.resource_in_use`."""
    _use(resource, is_active=True, by=by, now=now)


def if_out_of_use(*, resource: Resource, now: datetime) -> list[Affected]:
    """The visits that `take_out_of_use` would affect. Reads only."""
    gone = without([str(resource.pk)], Interval(now, now + FOR_GOOD))
    return affected_by(clinic=resource.clinic, loss=gone, now=now)


def needing_it(*, resource: Resource, features: Collection[str], watch: int, now: datetime) -> list[Affected]:
    """Visits to come in this chair with a part that needs a feature it would lack, or in a watch place that the nurse
    would have no longer; in order of time. Reads only."""
    rows = Appointment.objects.filter(live=True, is_placed=True, period__endswith__gt=now)
    rows = rows.exclude(status=Status.HELD, held_until__lte=now)
    if resource.kind == ResourceKind.NURSE:
        rows = rows.filter(claims__resource=resource, claims__role=ClaimRole.WATCH, claims__place__gt=watch)
    else:
        rows = rows.filter(claims__resource=resource)
    visits = list(rows.distinct().select_related("patient", "clinic").order_by("period", "pk"))
    courses = read_courses([visit.pk for visit in visits]) if visits else {}
    lost, kept = set(resource.features) - set(features), resource.kind == ResourceKind.NURSE
    return [
        Affected(visit, courses[visit.pk], ())
        for visit in visits
        if kept or any(lost & set(part.phase.features) for part in courses[visit.pk].present)
    ]


def _use(resource: Resource, *, is_active: bool, by: Actor, now: datetime) -> None:
    clinic = resource.clinic
    permissions.check(by, "clinic.set_up", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with writing():
        lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
        changed = Resource.objects.filter(pk=resource.pk, is_active=not is_active).update(is_active=is_active)
        if not changed:
            return
        resource.refresh_from_db()
        entries = [] if is_active else place_elsewhere(resource, now=now)
        verb = "clinic.resource_in_use" if is_active else "clinic.resource_out_of_use"
        _record(verb, resource, entries, by=by, now=now)


def _sound(kind: ResourceKind, name: str, features: Collection[str], watch: int) -> dict[str, Any]:
    errors = {} if 0 < len(name.strip()) <= 120 else {"name": "is a name of at most 120 letters"}
    if kind == ResourceKind.NURSE and not 1 <= watch <= MOST_WATCHED:
        errors["watch"] = f"is a number from 1 to {MOST_WATCHED}"
    wanted = sorted({slugify(one)[:40] for one in features} - {""})
    if errors:
        raise InvalidFields(errors)
    watched = watch if kind == ResourceKind.NURSE else 0
    return {
        "name": name.strip(),
        "features": wanted,
        "watch_places": watched,
        "watch_while_attending": max(watched - 1, 0),
    }


def _free_code(clinic: Clinic, name: str, kind: ResourceKind) -> str:
    """The name as a clinic file may write it; numbered where another has it already."""
    stem = slugify(name)[: LONGEST_CODE - 5].strip("-_") or str(kind)
    taken = set(Resource.objects.filter(clinic=clinic, code__startswith=stem).values_list("code", flat=True))
    if stem not in taken:
        return stem
    return next(code for number in range(2, len(taken) + 3) if (code := f"{stem}-{number}") not in taken)


def _record(verb: str, resource: Resource, more: list[Entry], *, by: Actor, now: datetime) -> None:
    entry = Entry(verb, clinic_id=resource.clinic_id, data={"resource": resource.pk})
    record(organisation_id=resource.clinic.organisation_id, entries=[entry, *more], by=by, now=now)
