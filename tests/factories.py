"""Factories: functions that take only what a test is about. Ana books, Ben is a nurse, Dr Cole prescribes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import transaction

from scheduling.drafting import draft_order
from scheduling.events import Actor, Entry, record
from scheduling.models import (
    CheckKind,
    ClaimRole,
    Clinic,
    ClinicHours,
    Membership,
    Order,
    Organisation,
    Patient,
    Place,
    Protocol,
    ProtocolVersion,
    Resource,
    ResourceKind,
    Role,
    Shift,
    Status,
    User,
    VisitKind,
    VisitType,
    Weekday,
)
from scheduling.plan_approval import approve_protocol
from scheduling.signing import sign_order
from scheduling.visit_checks import Said

numbers = itertools.count(1)

# Monday 4 January 2027, 07:00 in New York: before the clinic opens.
NOW = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)

PHASES: list[dict[str, Any]] = [
    {"name": "arrive", "minutes": 10, "nurse": "watch"},
    {"name": "set up", "minutes": 15, "nurse": "attention", "prescriber": "present"},
    {"name": "infuse", "minutes": 40, "nurse": "watch"},
    {"name": "recover", "minutes": 45, "nurse": "watch"},
    {"name": "discharge", "minutes": 10, "nurse": "attention"},
    {"name": "turnover", "minutes": 15},
]
SIX: dict[str, Any] = {
    "doses": 6,
    "within_days": 21,
    "spacing": [{"dose": "each", "after": "previous", "min": 2, "target": 3, "max": 4}],
    "phases": PHASES,
    "reviews": [{"after": 3, "method": "at_chair"}],
    "follow_ups": [{"kind": "call", "after": "each", "day": 1}],
    "cleared_by": "nurse",
}
# What a step is asked with, where nothing else is said.
WHO: tuple[Said, ...] = (Said(CheckKind.IDENTITY, detail="birth_date"),)
IN_ORDER: tuple[Said, ...] = (*WHO, Said(CheckKind.FASTING), Said(CheckKind.RIDE))
NOT_TODAY: tuple[Said, ...] = (Said(CheckKind.EXIT, detail="unwell"),)


def checks_for(to: str) -> tuple[Said, ...]:
    """What any order has looked at with this step, and found in order."""
    said = {Status.ARRIVED: WHO, Status.INFUSING: IN_ORDER, Status.TURNED_AWAY: NOT_TODAY}
    return said.get(Status(to), ())


def system() -> Actor:
    return Actor.system("tests")


def create_organisation(name: str = "Harbor Health") -> Organisation:
    with transaction.atomic():
        organisation = Organisation.objects.create(name=name, slug=f"organisation-{next(numbers)}")
        record(organisation_id=organisation.pk, entries=[Entry("organisation.set_up")], by=system(), now=NOW)
    return organisation


def create_clinic(
    organisation: Organisation | None = None,
    *,
    chairs: int = 2,
    nurses: int = 1,
    prescribers: int = 1,
    time_zone: str = "America/New_York",
    opens: time = time(8),
    closes: time = time(18),
    days: int = 5,
) -> Clinic:
    """A clinic open on so many days of the week from Monday on, with everyone on duty whenever it is open."""
    organisation = organisation or create_organisation()
    with transaction.atomic():
        clinic = Clinic.objects.create(
            organisation=organisation, name="Harbor Center", slug=f"clinic-{next(numbers)}", time_zone=time_zone,
            phone="+1 212 555 0100", address="1 Harbor Street",
        )  # fmt: skip
        ClinicHours.objects.bulk_create(
            ClinicHours(clinic=clinic, weekday=weekday, opens=opens, closes=closes) for weekday in Weekday.values[:days]
        )
        for number in range(1, chairs + 1):
            _resource(clinic, ResourceKind.CHAIR, f"chair-{number}", {ClaimRole.SEAT: 1})
        for number in range(1, nurses + 1):
            nurse = _resource(
                clinic, ResourceKind.NURSE, f"nurse-{number}", {ClaimRole.WATCH: 3, ClaimRole.ATTENTION: 1}
            )
            _on_duty(nurse, clinic, opens, closes, days)
        for number in range(1, prescribers + 1):
            _on_duty(
                _resource(clinic, ResourceKind.PRESCRIBER, f"prescriber-{number}", {ClaimRole.WITH_PATIENT: 1}),
                clinic, opens, closes, days,
            )  # fmt: skip
        _set_up(clinic)
    return clinic


def create_thing(clinic: Clinic, kind: ResourceKind, code: str, *features: str) -> Resource:
    """A bay or a piece of equipment, with what it is asked for by."""
    with transaction.atomic():
        role = ClaimRole.USE if kind == ResourceKind.EQUIPMENT else ClaimRole.SEAT
        thing = _resource(clinic, kind, code, {role: 1})
        Resource.objects.filter(pk=thing.pk).update(features=list(features))
        _set_up(clinic)
    return thing


def create_chair(clinic: Clinic, code: str) -> Resource:
    """One more chair."""
    with transaction.atomic():
        chair = _resource(clinic, ResourceKind.CHAIR, code, {ClaimRole.SEAT: 1})
        _set_up(clinic)
    return chair


def _resource(clinic: Clinic, kind: ResourceKind, code: str, places: dict[ClaimRole, int]) -> Resource:
    watch = places.get(ClaimRole.WATCH, 0)
    resource = Resource.objects.create(
        clinic=clinic, kind=kind, code=code, name=code.replace("-", " ").capitalize(), watch_places=watch,
        watch_while_attending=max(watch - 1, 0),
    )  # fmt: skip
    Place.objects.bulk_create(
        Place(resource=resource, role=role, number=number)
        for role, count in places.items()
        for number in range(1, count + 1)
    )
    return resource


def _on_duty(resource: Resource, clinic: Clinic, starts: time, ends: time, days: int) -> None:
    Shift.objects.bulk_create(
        Shift(resource=resource, clinic=clinic, weekday=weekday, starts=starts, ends=ends)
        for weekday in Weekday.values[:days]
    )


def _set_up(clinic: Clinic) -> None:
    entry = Entry("clinic.set_up", clinic_id=clinic.pk)
    record(organisation_id=clinic.organisation_id, entries=[entry], by=system(), now=NOW)


def create_user(clinic: Clinic, *roles: Role, username: str = "") -> User:
    """A member of staff with these roles at the clinic; the password is "password"."""
    with transaction.atomic():
        name = username or f"{roles[0] if roles else 'nobody'}-{next(numbers)}"
        user = User.objects.create_user(name, password="password", display_name=name.title())
        for role in roles:
            Membership.objects.create(user=user, clinic=clinic, role=role)
        _set_up(clinic)
    return user


def join(user: User, clinic: Clinic, *roles: Role) -> None:
    """Gives a person of the staff roles at one more clinic."""
    with transaction.atomic():
        for role in roles:
            Membership.objects.create(user=user, clinic=clinic, role=role)
        _set_up(clinic)


def create_actor(clinic: Clinic, *roles: Role) -> Actor:
    return Actor.staff(create_user(clinic, *roles), clinic)


def create_patient(clinic: Clinic, *, given_name: str = "Rosa", family_name: str = "", **fields: Any) -> Patient:
    with transaction.atomic():
        patient = Patient.objects.create(
            organisation=clinic.organisation, given_name=given_name, family_name=family_name or f"Reyes{next(numbers)}",
            birth_date=fields.pop("birth_date", date(1980, 2, 3)), created_at=NOW, **fields,
        )  # fmt: skip
        entry = Entry("patient.created", clinic_id=clinic.pk, patient_id=patient.pk)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=system(), now=NOW)
    return patient


def create_protocol(
    clinic: Clinic, *, template: dict[str, Any] | None = None, therapy: str = "ketamine"
) -> ProtocolVersion:
    with transaction.atomic():
        protocol = Protocol.objects.create(
            organisation=clinic.organisation, code=f"six-{next(numbers)}", name="Series of six", therapy=therapy
        )
        version = ProtocolVersion.objects.create(protocol=protocol, number=1, template=template or SIX)
        _set_up(clinic)
    return version


def create_draft(
    clinic: Clinic, patient: Patient | None = None, *, template: dict[str, Any] | None = None, now: datetime = NOW
) -> Order:
    """A draft of an approved protocol."""
    prescriber = create_actor(clinic, Role.PRESCRIBER)
    version = create_protocol(clinic, template=template)
    approve_protocol(version=version, by=prescriber, now=now)
    patient = patient or create_patient(clinic)
    return draft_order(patient=patient, protocol_version=version, clinics=[clinic], by=prescriber, now=now)


def create_order(
    clinic: Clinic, patient: Patient | None = None, *, template: dict[str, Any] | None = None, now: datetime = NOW
) -> Order:
    """A signed order, ready to book."""
    order = create_draft(clinic, patient, template=template, now=now)
    sign_order(order=order, by=create_actor(clinic, Role.PRESCRIBER), now=now)
    order.refresh_from_db()
    return order


def create_visit_type(
    clinic: Clinic, *, kind: VisitKind = VisitKind.CONSULTATION, phases: Sequence[dict[str, Any]] = ()
) -> VisitType:
    default = [{"name": "talk", "minutes": 45, "chair": False, "prescriber": "with-patient"}]
    with transaction.atomic():
        visit_type = VisitType.objects.create(
            clinic=clinic, code=f"type-{next(numbers)}", name="Consultation", kind=kind, phases=list(phases) or default
        )
        _set_up(clinic)
    return visit_type
