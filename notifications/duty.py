"""Who of the clinicians is on duty, and where an alert reaches them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications.addresses import normalise
from notifications.consent import KIND_OF
from notifications.models import DutyShift, StaffContact
from notifications.notice_facts import ChannelName
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Clinic, Membership, Role, User

ON_DUTY_ROLES = (Role.PRESCRIBER, Role.NURSE)


class NotForDuty(Exception):
    """Only prescribers and nurses of the clinic are on duty there, for a while that has not ended."""


class NoContact(Exception):
    """That is no number or mailbox an alert could reach."""


def put_on_duty(
    *, clinic: Clinic, user: User, starts_at: datetime, ends_at: datetime, is_backup: bool, by: Actor, now: datetime
) -> DutyShift:
    """Puts a clinician on duty, or as the back-up. Refuses with NotForDuty. Records `duty.set`."""
    permissions.check(by, "duty.set", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    clinicians = Membership.objects.filter(clinic=clinic, user=user, role__in=ON_DUTY_ROLES, user__is_active=True)
    if not clinicians.exists() or ends_at <= max(starts_at, now):
        raise NotForDuty
    with transaction.atomic():
        shift = DutyShift.objects.create(
            clinic=clinic, user=user, is_backup=is_backup, starts_at=starts_at, ends_at=ends_at
        )
        _record("duty.set", clinic, by, now, shift=shift.pk, who=user.pk)
    return shift


def end_duty(*, shift: DutyShift, by: Actor, now: datetime) -> None:
    """Ends a duty now; one that has not begun is taken off the list. Over ones stay. Records `duty.ended`."""
    clinic = shift.clinic
    permissions.check(by, "duty.set", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with transaction.atomic():
        rows = DutyShift.objects.filter(pk=shift.pk, ends_at__gt=now)
        ended = rows.filter(starts_at__lt=now).update(ends_at=now) or rows.filter(starts_at__gte=now).delete()[0]
        if ended:
            _record("duty.ended", clinic, by, now, shift=shift.pk, who=shift.user_id)


def set_contact(*, user: User, clinic: Clinic, channel: ChannelName, raw: str, by: Actor, now: datetime) -> None:
    """Where alerts reach a person of the staff; empty for nowhere. Anyone sets their own, a manager everyone's.

    Refuses with NoContact. Records `staff.contact_set`, without the number.
    """
    if by.user_id != user.pk:
        permissions.check(by, "duty.set", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
        if not Membership.objects.filter(user=user, clinic=clinic).exists():
            raise permissions.NotAllowed("duty.set")
    value = normalise(KIND_OF[channel], raw) if raw.strip() else ""
    if value is None:
        raise NoContact
    with transaction.atomic():
        if value:
            StaffContact.objects.update_or_create(user=user, channel=channel, defaults={"value": value})
        else:
            StaffContact.objects.filter(user=user, channel=channel).delete()
        _record("staff.contact_set", clinic, by, now, who=user.pk, channel=str(channel))


def on_duty(clinic_id: int, now: datetime, *, with_backup: bool) -> list[User]:
    """Who is to be alerted now: those on duty, the back-ups too where asked for or where nobody else is."""
    shifts = DutyShift.objects.filter(clinic=clinic_id, starts_at__lte=now, ends_at__gt=now, user__is_active=True)
    rows = list(shifts.select_related("user").order_by("is_backup", "starts_at", "pk"))
    first = [row for row in rows if not row.is_backup]
    wanted = rows if with_backup or not first else first
    return list({row.user_id: row.user for row in wanted}.values())


def backups_on_duty(clinic_id: int, now: datetime) -> list[User]:
    """The back-ups of this moment."""
    shifts = DutyShift.objects.filter(
        clinic=clinic_id, is_backup=True, starts_at__lte=now, ends_at__gt=now, user__is_active=True
    )
    rows = shifts.select_related("user").order_by("starts_at", "pk")
    return list({row.user_id: row.user for row in rows}.values())


def next_duty(clinic_id: int, now: datetime) -> datetime | None:
    """When somebody is on duty next, where nobody is; None where the list names nobody to come."""
    to_come = DutyShift.objects.filter(clinic=clinic_id, starts_at__gt=now, user__is_active=True)
    return to_come.order_by("starts_at").values_list("starts_at", flat=True).first()


def _record(verb: str, clinic: Clinic, by: Actor, now: datetime, **data: int | str) -> None:
    entry = Entry(verb, clinic_id=clinic.pk, data=data)
    events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
