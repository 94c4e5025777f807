"""After a loss: another chair, nurse or thing at their own time for the visits that may be given one unasked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final

from scheduling.affected_visits import Affected, affected_visits
from scheduling.availability import snapshot
from scheduling.clinic_time import ClinicTime
from scheduling.displacing import Changed, Effect
from scheduling.events import Entry
from scheduling.finding_places import find_place
from scheduling.holds import release_expired
from scheduling.making_room import write_effect
from scheduling.models import Clinic, Resource, Status
from scheduling.visit_locks import lock_visits

ELSEWHERE: Final = frozenset({"nurses", "chairs", "equipment"})


def place_elsewhere(lost: Resource, *, now: datetime) -> list[Entry]:
    """Places those that were to use it, a day at a time, the earliest first; returns their events. Call it under the
    clinic's lock.

    Whoever has arrived, comes today after opening or within the clinic's hours of notice, and whoever finds nothing,
    stays as booked.
    """
    clinic = lost.clinic
    clock = ClinicTime(clinic.time_zone)
    today = clock.local_day(now)
    soonest = now + timedelta(hours=clinic.repack_notice_hours)
    opened = _has_opened(clinic, today, now)
    wanted = [
        one
        for one in affected_visits(clinic=clinic, now=now, using=lost)
        if set(one.reasons) <= ELSEWHERE
        and one.visit.status in (Status.HELD, Status.BOOKED)
        and one.visit.period.lower >= soonest
        and not (opened and clock.local_day(one.visit.period.lower) == today)
    ]
    # All at once: whoever cancels a series waits for its visits by id, and here one day's may have higher ids.
    lock_visits([one.visit.pk for one in wanted])
    entries: list[Entry] = []
    for day, group in groupby(wanted, key=lambda one: clock.local_day(one.visit.period.lower)):
        entries += _place_day(clinic, day, list(group), now=now)
    return entries


def _has_opened(clinic: Clinic, today: date, now: datetime) -> bool:
    hours = snapshot(clinic=clinic, first_day=today, last_day=today, now=now).open[today]
    return bool(hours) and hours[0].start <= now


def _place_day(clinic: Clinic, day: date, group: Sequence[Affected], *, now: datetime) -> list[Entry]:
    for patient_id in {one.visit.patient_id for one in group}:
        release_expired(clinic=clinic, patient_id=patient_id, now=now)
    # A cancel takes no lock but its visit's row.
    locked = {visit.pk: visit for visit in lock_visits([one.visit.pk for one in group]) if visit.live}
    free = snapshot(clinic=clinic, first_day=day, last_day=day, now=now, without=list(locked))
    uses = {one.visit.pk: one.course.uses for one in group if one.visit.pk in locked}
    moved = []
    for one in group:
        if one.visit.pk not in locked:
            continue
        others = tuple(use for pk, taken in uses.items() if pk != one.visit.pk for use in taken)
        after = find_place(locked[one.visit.pk], one.course, replace(free, busy=(*free.busy, *others)), now=now)
        if after is not None:
            uses[one.visit.pk] = after.uses
            moved.append(Changed(locked[one.visit.pk], one.course, after))
    return write_effect(Effect(moved=tuple(moved)), now=now) if moved else []
