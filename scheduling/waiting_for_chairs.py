"""Visits that lost their place and wait for a chair: which they are, and giving them one again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from scheduling import permissions
from scheduling.clinic_time import ClinicTime
from scheduling.displacing import has_started
from scheduling.events import Actor, Entry, record
from scheduling.finding_places import find_place, snapshot_around
from scheduling.locking import writing
from scheduling.making_room import carry_out
from scheduling.models import Appointment, Clinic
from scheduling.problems import Refused, because
from scheduling.visit_course import NURSE, SEAT
from scheduling.visit_locks import lock_changes, unchanged
from scheduling.visit_steps import NotPossibleFromHere, check_version


class NoChairYet(Refused):
    """No chair and nurse are free for the visit yet; nothing was changed. `problems` say so."""


def waiting_for_a_chair(*, clinic: Clinic, day: date, now: datetime) -> list[Appointment]:
    """Visits of a clinic-local day without a place, in order of time: those that lost it, and those under way of whom
    nobody said in which chair they are. Kept times past their end are left out."""
    bounds = ClinicTime(clinic.time_zone).day_bounds(day)
    rows = Appointment.objects.filter(clinic=clinic, live=True, is_placed=False)
    rows = rows.filter(period__startswith__gte=bounds.start, period__startswith__lt=bounds.end)
    return list(rows.exclude(held_until__lte=now).select_related("patient").order_by("period", "pk"))


def place_again(*, appointment: Appointment, by: Actor, now: datetime, row_version: int | None = None) -> Appointment:
    """Gives a waiting visit chair and nurse at its own time; whoever is here already and late starts now.

    Refuses with NoChairYet, NotPossibleFromHere unless it waits and has not started (then say its chair), and
    ChangedMeanwhile. Records `appointment.placed_again`.
    """
    permissions.check(
        by, "appointment.place_again", organisation_id=appointment.organisation_id, clinic_id=appointment.clinic_id
    )
    with writing():
        [change] = lock_changes(clinic=appointment.clinic, appointments=[appointment], change=unchanged, now=now)
        visit = change.visit
        check_version(visit, row_version)
        if visit.is_placed or not visit.live or has_started(visit):
            raise NotPossibleFromHere(visit.status)
        free = snapshot_around(visit.clinic, [change.before], now=now, without=[visit.pk])
        after = find_place(visit, change.before, free, now=now)
        if after is None:
            raise NoChairYet([because("chairs", visit.dose_number)])
        data = {"to": after.last(SEAT), "nurse_to": after.last(NURSE)}
        entry = Entry.of_visit("appointment.placed_again", visit, data=data)
        entries = [entry, *carry_out([replace(change, after=after)], now=now)]
        record(organisation_id=visit.organisation_id, entries=entries, by=by, now=now)
    appointment.refresh_from_db()
    return appointment
