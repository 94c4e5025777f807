"""Somebody of the staff leaves today: no way in any more, and what they had in hand goes to a named person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from scheduling import permissions
from scheduling.covering import LONGEST, CoveredAlready, arrange_cover, end_cover
from scheduling.covers import covers_on, standing_covers
from scheduling.events import Actor, Entry, record
from scheduling.follow_up_work import given_at
from scheduling.inviting import somebody_stays_manager
from scheduling.locking import writing
from scheduling.models import (
    Clinic,
    ClinicianTask,
    FollowUp,
    FollowUpState,
    Membership,
    Resource,
    Role,
    StaffInvite,
    User,
)

CLINICIANS = (Role.NURSE, Role.PRESCRIBER)


class NotThatPerson(Exception):
    """What a clinician has in hand goes to a clinician here, a prescriber's to a prescriber; never to oneself."""


@dataclass(frozen=True, slots=True)
class InHand:
    """What a person has in hand at a clinic. `prescribes`: they prescribe nowhere else in the organisation, so reviews
    and signatures wait for them alone."""

    tasks: int
    follow_ups: int
    prescribes: bool
    covers_for: tuple[User, ...]
    resources: tuple[Resource, ...]

    @property
    def needs_heir(self) -> bool:
        return bool(self.tasks or self.follow_ups or self.prescribes)


def in_hand(*, user: User, clinic: Clinic, today: date) -> InHand:
    """What would be handed over if this person left today. Reads only."""
    prescriber = Membership.objects.filter(user=user, role=Role.PRESCRIBER)
    elsewhere = prescriber.filter(clinic__organisation=clinic.organisation_id).exclude(clinic=clinic)
    prescribes = prescriber.filter(clinic=clinic).exists() and not elsewhere.exists()
    covered = standing_covers().filter(cover=user, organisation=clinic.organisation_id, last_day__gte=today)
    covered = covered if prescribes else covered.none()
    return InHand(
        tasks=_tasks(user, clinic).count(),
        follow_ups=_follow_ups(user, clinic).count(),
        prescribes=prescribes,
        covers_for=tuple(one.prescriber for one in covered.select_related("prescriber").order_by("pk")),
        resources=tuple(Resource.objects.filter(user=user, clinic=clinic, is_active=True).order_by("pk")),
    )


def leave(*, user: User, clinic: Clinic, heir: User | None, today: date, by: Actor, now: datetime) -> InHand:
    """The person may not sign in any more and is signed out wherever they are; who works at another clinic too only has
    no role here any more. Tasks and follow-ups in their hands are the heir's from now on; a prescriber heir also
    decides reviews and signs what was said by them, as their cover for a year. Those they would have covered for are
    covered by the heir too, or by nobody.

    Refuses with NotThatPerson, and NoManagerLeft for the clinic's last manager. Records `staff.left`, and what each
    part records; gives what was handed over.
    """
    permissions.check(by, "staff.change", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with writing():
        works_here = Membership.objects.filter(user=user, clinic=clinic, user__is_active=True)
        if not works_here.exists() or by.user_id == user.pk:
            raise NotThatPerson
        somebody_stays_manager(clinic, without=user)
        found = in_hand(user=user, clinic=clinic, today=today)
        _check_heir(user, heir, found, clinic)
        _hand_over_reviews(user, heir, found, clinic, today, by=by, now=now)
        _shut_out(user, clinic)
        entries = _hand_over_tasks(user, heir, clinic) if heir else []
        data = {"user": user.pk, "heir": heir.pk if heir else None, "tasks": found.tasks, "calls": found.follow_ups}
        entries.append(Entry("staff.left", clinic_id=clinic.pk, data=data))
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
    return found


def _check_heir(user: User, heir: User | None, found: InHand, clinic: Clinic) -> None:
    if heir is None:
        if found.needs_heir:
            raise NotThatPerson
        return
    here = Membership.objects.filter(user=heir, clinic=clinic, user__is_active=True)
    wanted = (Role.PRESCRIBER,) if found.prescribes else CLINICIANS
    if heir.pk == user.pk or (found.needs_heir and not here.filter(role__in=wanted).exists()):
        raise NotThatPerson


def _hand_over_reviews(
    user: User, heir: User | None, found: InHand, clinic: Clinic, today: date, *, by: Actor, now: datetime
) -> None:
    """Before the person is gone, for only prescribers are covered for."""
    if not found.prescribes:
        return
    theirs = standing_covers().filter(
        Q(cover=user) | Q(prescriber=user), organisation=clinic.organisation_id, last_day__gte=today
    )
    for cover in theirs.select_related("prescriber").order_by("pk"):
        end_cover(cover=cover, today=today, by=by, now=now)
        others = cover.cover_id == user.pk and heir is not None and cover.prescriber_id != heir.pk
        if heir and others:
            _cover(cover.prescriber, heir, max(today, cover.first_day), cover.last_day, today, by=by, now=now)
    if heir:
        _cover(user, heir, today, today + LONGEST, today, by=by, now=now)
        if heir not in covers_on(today, [user.pk]).values():
            raise NotThatPerson


def _cover(
    prescriber: User, heir: User, first_day: date, last_day: date, today: date, *, by: Actor, now: datetime
) -> None:
    """The heir may be away themselves, or cover for who is: then those days stay open to any prescriber."""
    try:
        arrange_cover(
            prescriber=prescriber, cover=heir, first_day=first_day, last_day=last_day, today=today, by=by, now=now
        )  # fmt: skip
    except CoveredAlready:
        return


def _shut_out(user: User, clinic: Clinic) -> None:
    """Links they were given lead nowhere then: they are for who works there."""
    StaffInvite.objects.filter(user=user, clinic=clinic, used_at=None).delete()
    if Membership.objects.filter(user=user, clinic__is_practice=False).exclude(clinic=clinic).exists():
        Membership.objects.filter(user=user, clinic=clinic).delete()
        return
    # A changed password ends every session; an account that is not active begins none.
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])


def _hand_over_tasks(user: User, heir: User, clinic: Clinic) -> list[Entry]:
    entries = []
    for task in _tasks(user, clinic).select_for_update(of=("self",)):
        ClinicianTask.objects.filter(pk=task.pk).update(acknowledged_by=heir)
        entries.append(
            Entry(
                "task.handed_over", clinic_id=task.clinic_id, appointment_id=task.appointment_id,
                order_id=task.order_id, patient_id=task.patient_id, data={"task": task.pk, "to": heir.pk},
            )
        )  # fmt: skip
    for one in _follow_ups(user, clinic).select_for_update(of=("self",)).select_related("order"):
        FollowUp.objects.filter(pk=one.pk).update(taken_by=heir)
        entries.append(
            Entry(
                "follow_up.handed_over", clinic_id=clinic.pk, order_id=one.order_id,
                patient_id=one.order.patient_id, data={"follow_up": one.pk, "to": heir.pk},
            )
        )  # fmt: skip
    return entries


def _tasks(user: User, clinic: Clinic) -> QuerySet[ClinicianTask]:
    return ClinicianTask.objects.filter(acknowledged_by=user, closed_at=None, clinic=clinic).order_by("pk")


def _follow_ups(user: User, clinic: Clinic) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(given_at(clinic), taken_by=user, state=FollowUpState.OPEN).order_by("pk")
