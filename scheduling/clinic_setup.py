"""Bringing a clinic's rows to what its file says, counting what changed. Run twice, the second changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final

from django.db import models

from scheduling import permissions
from scheduling.clinic_section import closure_period, wall_times, weekdays
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor, Entry, record
from scheduling.locking import lock_for, writing
from scheduling.models import (
    ClaimRole,
    Clinic,
    ClinicHours,
    Closure,
    Membership,
    Organisation,
    Place,
    Protocol,
    ProtocolVersion,
    Resource,
    ResourceKind,
    Shift,
    User,
    VisitType,
)

KINDS: Final = {
    "chairs": ResourceKind.CHAIR,
    "bays": ResourceKind.BAY,
    "equipment": ResourceKind.EQUIPMENT,
    "nurses": ResourceKind.NURSE,
    "prescribers": ResourceKind.PRESCRIBER,
}
ONE_PLACE: Final = {
    ResourceKind.CHAIR: ClaimRole.SEAT,
    ResourceKind.BAY: ClaimRole.SEAT,
    ResourceKind.EQUIPMENT: ClaimRole.USE,
    ResourceKind.NURSE: ClaimRole.ATTENTION,
    ResourceKind.PRESCRIBER: ClaimRole.WITH_PATIENT,
}
Week = set[tuple[str, time, time]]


@dataclass
class Applied:
    """The clinic as it stands now, and how many rows of each kind were added, changed or taken away."""

    clinic: Clinic
    changes: Counter[str] = field(default_factory=Counter)

    @property
    def changed(self) -> int:
        return self.changes.total()


class ZoneInUse(Exception):
    """The clinic has visits, whose days and gaps were counted in its present zone; `zone` names it."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        super().__init__(f"the clinic has visits booked in {zone}, so its time zone can't be changed")


def apply(section: Mapping[str, Any], *, by: Actor, now: datetime) -> Applied:
    """Makes organisation, clinic, hours, resources, staff, visit types and protocols as a checked section says.

    A list that is in the section is the whole list: a chair or nurse no longer in it is taken out of use, hours,
    closures and shifts are replaced. A list that is not in it, and people who left, are not touched. A changed protocol
    becomes a new version, to be approved. Takes the clinic's lock. Records one `clinic.set_up` if anything changed.
    """
    with writing():
        applied = _clinic(section, by)
        clinic, changes = applied.clinic, applied.changes
        changes["hours"] += _settle_hours(clinic, section["clinic"]["hours"])
        if "closures" in section["clinic"]:
            changes["closures"] += _settle_closures(clinic, section["clinic"]["closures"])
        for person in section.get("staff", []):
            changes["staff"] += _settle_person(clinic, person)
        for name, kind in KINDS.items():
            if name in section:
                changes[name] += _settle_resources(clinic, kind, section[name])
        for entry in section.get("visit_types", []):
            changes["visit_types"] += _settle_visit_type(clinic, entry)
        for entry in section.get("protocols", []):
            changes["protocols"] += _settle_protocol(clinic.organisation, entry)
        if applied.changed:
            counts = {name: count for name, count in changes.items() if count}
            entry = Entry("clinic.set_up", clinic_id=clinic.pk, data=counts)
            record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return applied


def _clinic(section: Mapping[str, Any], by: Actor) -> Applied:
    said, wanted = section["organisation"], section["clinic"]
    organisation, new_organisation = Organisation.objects.get_or_create(
        slug=said["slug"], defaults={"name": said["name"]}
    )
    fields = {
        "name": wanted["name"],
        "time_zone": wanted["time_zone"],
        "address": wanted.get("address", ""),
        "phone": wanted.get("phone", ""),
        "grid_minutes": wanted.get("grid_minutes", 15),
        "last_end_time": time.fromisoformat(wanted["last_end"]) if "last_end" in wanted else None,
        "min_clinical_staff": wanted.get("min_clinical_staff", 0),
        "with_patient_counts_as_present": wanted.get("with_patient_counts_as_present", True),
        **wanted.get("policy", {}),
    }
    # A clinic that is new has yet to go live: until then nobody gets a text from it.
    clinic, new_clinic = Clinic.objects.get_or_create(
        organisation=organisation, slug=wanted["slug"], defaults=fields | {"sends_texts": False}
    )
    permissions.check(by, "clinic.set_up", organisation_id=organisation.pk, clinic_id=clinic.pk)
    # Before the first change of a row that bookings refer to: they hold the lock shared and then ask for that row.
    lock_for(patient_ids=(), clinic_id=clinic.pk, days=(), whole_clinic=True)
    if clinic.time_zone != fields["time_zone"] and clinic.appointments.exists():
        raise ZoneInUse(clinic.time_zone)
    applied = Applied(clinic)
    applied.changes["organisation"] = new_organisation or _settle(organisation, name=said["name"])
    applied.changes["clinic"] = new_clinic or _settle(clinic, **fields)
    return applied


def _settle(row: models.Model, **fields: Any) -> int:
    """Writes the fields that differ; 1 if any did."""
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        row.save(update_fields=changed)
    return bool(changed)


def _week(said: Mapping[str, list[str]]) -> Week:
    return {(day, *wall_times(text)) for key, ranges in said.items() for text in ranges for day in weekdays(key)}


def _settle_hours(clinic: Clinic, said: Mapping[str, list[str]]) -> int:
    wanted = _week(said)
    rows = {(row.weekday, row.opens, row.closes): row.pk for row in ClinicHours.objects.filter(clinic=clinic)}
    gone = [pk for key, pk in rows.items() if key not in wanted]
    ClinicHours.objects.filter(pk__in=gone).delete()
    new = [ClinicHours(clinic=clinic, weekday=d, opens=o, closes=c) for d, o, c in sorted(wanted - rows.keys())]
    return len(gone) + len(ClinicHours.objects.bulk_create(new))


def _settle_closures(clinic: Clinic, said: Iterable[Mapping[str, str]]) -> int:
    clock = ClinicTime(clinic.time_zone)
    periods = [(closure_period(entry, clock), entry.get("reason", "")) for entry in said]
    wanted = {(period.start, period.end, reason) for period, reason in periods}
    rows = {(r.period.lower, r.period.upper, r.reason): r.pk for r in Closure.objects.filter(clinic=clinic)}
    gone = [pk for key, pk in rows.items() if key not in wanted]
    Closure.objects.filter(pk__in=gone).delete()
    new = [Closure(clinic=clinic, period=(s, e), reason=reason) for s, e, reason in sorted(wanted - rows.keys())]
    return len(gone) + len(Closure.objects.bulk_create(new))


def _settle_person(clinic: Clinic, said: Mapping[str, Any]) -> int:
    """A new account can't sign in until a password is set; the roles listed are all the roles here."""
    user = User.objects.filter(username=said["username"]).first()
    count = 0
    if user is None:
        user = User(username=said["username"], display_name=said["name"], email=said.get("email", ""))
        user.set_unusable_password()
        user.save(force_insert=True)
        count += 1
    else:
        count += _settle(user, display_name=said["name"], email=said.get("email", user.email))
    roles = {row.role: row.pk for row in Membership.objects.filter(user=user, clinic=clinic)}
    gone = [pk for role, pk in roles.items() if role not in said["roles"]]
    Membership.objects.filter(pk__in=gone).delete()
    new = [Membership(user=user, clinic=clinic, role=role) for role in said["roles"] if role not in roles]
    return count + len(gone) + len(Membership.objects.bulk_create(new))


def _settle_resources(clinic: Clinic, kind: ResourceKind, said: list[dict[str, Any]]) -> int:
    codes = [entry["code"] for entry in said]
    count = (
        Resource.objects.filter(clinic=clinic, kind=kind, is_active=True)
        .exclude(code__in=codes)
        .update(is_active=False)
    )
    rows = {row.code: row for row in Resource.objects.filter(clinic=clinic, code__in=codes)}
    users = dict(User.objects.filter(username__in=[entry.get("user") for entry in said]).values_list("username", "pk"))
    for entry in said:
        watch = entry.get("watch", 0)
        fields = {
            "kind": kind,
            "name": entry["name"],
            "features": sorted(entry.get("features", [])),
            "user_id": users.get(entry.get("user", "")),
            "watch_places": watch,
            "watch_while_attending": entry.get("watch_while_attending", max(watch - 1, 0)),
            "is_active": True,
        }
        row = rows.get(entry["code"])
        if row is None:
            row = Resource.objects.create(clinic=clinic, code=entry["code"], **fields)
            count += 1
        else:
            count += _settle(row, **fields)
        add_places(row)
        if kind in (ResourceKind.NURSE, ResourceKind.PRESCRIBER):
            count += _settle_shifts(row, entry)
    return count


def add_places(resource: Resource) -> None:
    """Adds the places the resource has now; a place once used stays, `watch_places` says how many count."""
    wanted = [(ONE_PLACE[ResourceKind(resource.kind)], 1)]
    wanted += [(ClaimRole.WATCH, number) for number in range(1, resource.watch_places + 1)]
    have = set(Place.objects.filter(resource=resource).values_list("role", "number"))
    Place.objects.bulk_create(Place(resource=resource, role=r, number=n) for r, n in wanted if (r, n) not in have)


def _settle_shifts(resource: Resource, said: Mapping[str, Any]) -> int:
    wanted: set[tuple[str, time, time, date | None, date | None]] = {
        (*shift, None, None) for shift in _week(said.get("shifts", {}))
    }
    for entry in said.get("dated_shifts", []):
        first, last = (date.fromisoformat(entry[key]) if key in entry else None for key in ("from", "until"))
        wanted.add((entry["weekday"], *wall_times(entry["hours"]), first, last))
    own = Shift.objects.filter(resource=resource, clinic=resource.clinic_id)
    rows = {(r.weekday, r.starts, r.ends, r.from_date, r.until_date): r.pk for r in own}
    gone = [pk for key, pk in rows.items() if key not in wanted]
    Shift.objects.filter(pk__in=gone).delete()
    new = [
        Shift(resource=resource, clinic_id=resource.clinic_id, weekday=w, starts=s, ends=e, from_date=f, until_date=u)
        for w, s, e, f, u in wanted - rows.keys()
    ]
    return len(gone) + len(Shift.objects.bulk_create(new))


def _settle_visit_type(clinic: Clinic, said: Mapping[str, Any]) -> int:
    fields = {
        "name": said["name"],
        "kind": said["kind"],
        "mode": said.get("mode", "in_person"),
        "phases": said["phases"],
        "join_link": said.get("join_link", ""),
    }
    row, new = VisitType.objects.get_or_create(clinic=clinic, code=said["code"], defaults=fields)
    return int(new) or _settle(row, **fields)


def _settle_protocol(organisation: Organisation, said: Mapping[str, Any]) -> int:
    fields = {"name": said["name"], "therapy": said["therapy"]}
    protocol, new = Protocol.objects.get_or_create(organisation=organisation, code=said["code"], defaults=fields)
    count = int(new) or _settle(protocol, **fields)
    latest = ProtocolVersion.objects.filter(protocol=protocol).order_by("-number").first()
    if latest is None or latest.template != said["template"]:
        number = latest.number + 1 if latest else 1
        ProtocolVersion.objects.create(protocol=protocol, number=number, template=said["template"])
        count += 1
    return count
