"""Nurse posts: planned by weekday, named once the roster is known; and the charge nurse deals the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from scheduling import permissions
from scheduling.affected_visits import standing_for
from scheduling.crowding import fits
from scheduling.displacing import Changed, has_started
from scheduling.events import Actor, Entry, record
from scheduling.finding_places import nurse_limits, uses_around
from scheduling.locking import writing
from scheduling.making_room import carry_out
from scheduling.models import Appointment, Clinic, PostName, Resource, ResourceKind, User
from scheduling.problems import Refused, because
from scheduling.running_visits import NotThatKind
from scheduling.visit_course import NURSE, Course
from scheduling.visit_locks import lock_changes
from scheduling.visit_parts import step_before
from scheduling.visit_steps import NotPossibleFromHere


class DealRefused(Refused):
    """The day can't be dealt so; nothing was changed. `problems` name the visits that a nurse could not take."""


def name_post(*, post: Resource, day: date, name: str = "", user: User | None = None, by: Actor, now: datetime) -> None:
    """Says who fills a nurse post on a clinic-local day, by name or account; without either nobody is named any more.

    Touches no visit. Refuses with NotThatKind. Records `clinic.post_named`.
    """
    clinic = post.clinic
    permissions.check(by, "post.name", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    if post.kind != ResourceKind.NURSE:
        raise NotThatKind
    said = name.strip() or (user.display_name or user.username if user else "")
    with writing():
        if said:
            PostName.objects.update_or_create(post=post, day=day, defaults={"name": said, "user": user})
        else:
            PostName.objects.filter(post=post, day=day).delete()
        data = {"post": post.pk, "day": day.isoformat(), "user": user.pk if user else None}
        entry = Entry("clinic.post_named", clinic_id=clinic.pk, data=data)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)


def who_is(*, posts: Sequence[Resource], day: date) -> dict[int, str]:
    """Who fills these posts on a clinic-local day, by id: the name said for that day, else the post's own."""
    named = dict(PostName.objects.filter(post__in=posts, day=day).values_list("post_id", "name"))
    return {post.pk: named.get(post.pk, post.name) for post in posts}


def deal_day(*, clinic: Clinic, nurses: Mapping[Appointment, Resource], by: Actor, now: datetime) -> list[Appointment]:
    """Deals visits among nurses, all or none: those that have not started throughout, those under way from now on.

    Refuses with DealRefused where a nurse would be off duty or have too many at once, NotPossibleFromHere for a visit
    that is over or has no place, and NotThatKind. Records `appointment.nurse_changed` for each that changes.
    """
    permissions.check(by, "day.deal", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    if any(visit.clinic_id != clinic.pk for visit in nurses):
        raise permissions.NotAllowed("day.deal")
    if any(nurse.kind != ResourceKind.NURSE or nurse.clinic_id != clinic.pk for nurse in nurses.values()):
        raise NotThatKind
    dealt = {visit.pk: str(nurse.pk) for visit, nurse in nurses.items()}

    def change(visit: Appointment, course: Course) -> Course:
        if not visit.live or not visit.is_placed:
            raise NotPossibleFromHere(visit.status)
        return course.given(NURSE, dealt[visit.pk], step_before(now) if has_started(visit) else None)

    if not nurses:
        return []
    with writing():
        changes = lock_changes(clinic=clinic, appointments=nurses, change=change, now=now)
        changes = [one for one in changes if set(one.before.uses) != set(one.after.uses)]
        if not changes:
            return []
        _refuse_too_much(clinic, changes, now)
        entries = [Entry.of_visit("appointment.nurse_changed", one.visit, data=one.resources) for one in changes]
        entries += carry_out(changes, now=now)
        record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
    for visit in nurses:
        visit.refresh_from_db()
    return [one.visit for one in changes]


def _refuse_too_much(clinic: Clinic, changes: Sequence[Changed], now: datetime) -> None:
    taken = uses_around(clinic, [one.after for one in changes], without=[one.visit.pk for one in changes], now=now)
    limits = nurse_limits(clinic)
    standing = standing_for(clinic, [one.visit for one in changes], now=now)
    problems = []
    for one in changes:
        lost = standing.lost(one.after, since=now, has_started=True)
        if "nurses" in lost or not fits(one.after.uses, taken, limits):
            problems.append(because("nurses", one.visit.dose_number))
        taken += one.after.uses
    if problems:
        raise DealRefused(problems)
