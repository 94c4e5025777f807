"""Visits that lost their place and wait for a chair: giving them one again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scheduling import permissions
from scheduling.displacing import has_started
from scheduling.events import Actor, Entry, record
from scheduling.finding_places import find_place, snapshot_around
from scheduling.locking import writing
from scheduling.making_room import carry_out
from scheduling.models import Appointment
from scheduling.problems import Refused, because
from scheduling.visit_course import NURSE, SEAT
from scheduling.visit_locks import lock_changes, unchanged
from scheduling.visit_steps import NotPossibleFromHere, check_version


class NoChairYet(Refused):
    """No chair and nurse are free for the visit yet; nothing was changed. `problems` say so."""


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
