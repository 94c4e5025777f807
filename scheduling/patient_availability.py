"""When a patient, and whoever drives them, can come: asked once, and wished by default at every booking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time

from django.db.models import F

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Patient, TimeToCome, Weekday
from scheduling.series_terms import Wish
from scheduling.visit_steps import ChangedMeanwhile

# From and until, wall times; None for the whole day.
Hours = tuple[time, time] | None


def set_availability(
    *, patient: Patient, times: Mapping[Weekday, Hours], row_version: int | None = None, by: Actor, now: datetime
) -> bool:
    """The weekdays and wall times that suit the patient and their driver; none at all: nothing is known. False when it
    was so before.

    Refuses with ChangedMeanwhile where the patient's record is no longer at `row_version`. Records
    `patient.availability_set`.
    """
    permissions.check(by, "patient.change", organisation_id=patient.organisation_id)
    with writing():
        before = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        if row_version is not None and before.row_version != row_version:
            raise ChangedMeanwhile
        changed = {one.weekday: _hours(one) for one in availability_of(patient)} != {
            str(day): hours for day, hours in times.items()
        }
        if changed:
            TimeToCome.objects.filter(patient=patient).delete()
            TimeToCome.objects.bulk_create(
                TimeToCome(patient=patient, weekday=day, starts=hours and hours[0], ends=hours and hours[1])
                for day, hours in times.items()
            )
            Patient.objects.filter(pk=patient.pk).update(row_version=F("row_version") + 1)
            entry = Entry("patient.availability_set", patient_id=patient.pk, data={"days": sorted(times)})
            record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    patient.refresh_from_db()
    return changed


def availability_of(patient: Patient) -> list[TimeToCome]:
    """What was said, from Monday on."""
    week = list(Weekday.values)
    return sorted(TimeToCome.objects.filter(patient=patient), key=lambda one: week.index(one.weekday))


def wish_of(patient: Patient) -> Wish:
    """What is wished for the patient where nobody says otherwise; no wish where nothing is known."""
    return wish_in(availability_of(patient))


def wish_in(times: Sequence[TimeToCome]) -> Wish:
    """The weekdays named, and the earliest wall time that suits on each of them, where there is one."""
    bounded = [hours for hours in map(_hours, times) if hours]
    first = max((starts for starts, _ends in bounded), default=None)
    suits_all = first is not None and all(first < ends for _starts, ends in bounded)
    return Wish(first if suits_all else None, frozenset(one.weekday for one in times) or None)


def _hours(one: TimeToCome) -> Hours:
    return None if one.starts is None or one.ends is None else (one.starts, one.ends)
