"""A merge taken back: what moved goes back as far as nothing became of it since, and the rest is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import lock_patients, writing
from scheduling.merging import carried, carry_visits, last_event, move_rows
from scheduling.models import Appointment, Event, Patient, PatientNeed, PersonToTalkTo, Status, TimeToCome
from scheduling.visit_steps import ChangedMeanwhile

MERGED, SPLIT = "patient.merged", "patient.split"


class NotMergedNow(Exception):
    """The record is not merged into another, or one of the two is closed for good."""


@dataclass(frozen=True, slots=True)
class SplitEffect:
    """What taking a merge back does. `visits`, `people`, `needs` and `times` go back to `duplicate`. `stay` are visits
    that came along and have begun, are over or were cancelled since; `freed` were let go when the two were merged, and
    have to be booked again. `since` are the events about `into` after the merge: what was written down then stays.
    `seen`: what to send back.
    """

    duplicate: Patient
    into: Patient
    merge: Event
    visits: Sequence[Appointment]
    stay: Sequence[Appointment]
    freed: Sequence[Appointment]
    people: Sequence[PersonToTalkTo]
    needs: Sequence[PatientNeed]
    times: Sequence[TimeToCome]
    since: Sequence[Event]
    seen: int


def effect_of_split(duplicate: Patient) -> SplitEffect:
    """What taking back the merge of `duplicate` would do now. Refuses with NotMergedNow. Reads only."""
    merge = Event.objects.filter(patient=duplicate, verb=MERGED).select_related("user").order_by("-pk").first()
    into = duplicate.merged_into
    if merge is None or into is None or into.is_gone or duplicate.deceased_at is not None:
        raise NotMergedNow
    moved = merge.data
    came = Appointment.objects.filter(pk__in=moved.get("visits", ())).select_related("visit_type", "clinic", "order")
    visits = list(came.order_by("period"))
    goes_back = [visit for visit in visits if visit.patient_id == into.pk and visit.status == Status.BOOKED]
    freed = Appointment.objects.filter(pk__in=moved.get("freed", ())).select_related("visit_type", "clinic", "order")
    since = Event.objects.filter(patient=into, pk__gt=merge.pk, recorded_at__gt=merge.recorded_at)
    return SplitEffect(
        duplicate=duplicate,
        into=into,
        merge=merge,
        visits=goes_back,
        stay=[visit for visit in visits if visit not in goes_back],
        freed=list(freed.order_by("period")),
        people=list(PersonToTalkTo.objects.filter(pk__in=moved.get("people", ()), patient=into, ended_at=None)),
        needs=list(PatientNeed.objects.filter(pk__in=moved.get("needs", ()), patient=into, ended_at=None)),
        times=list(TimeToCome.objects.filter(pk__in=moved.get("times", ()), patient=into)),
        since=list(since.select_related("user").order_by("pk")),
        seen=last_event(duplicate, into),
    )


def split_patients(*, duplicate: Patient, seen: int | None = None, by: Actor, now: datetime) -> SplitEffect:
    """Takes the merge of `duplicate` back, as `effect_of_split` says. Nothing that was let go is booked again, drafts
    that were carried over stay, and what was written down since stays where it was written.

    Refuses with NotMergedNow, and with ChangedMeanwhile where something happened to either since `seen`. Records
    `patient.split` about both and `appointment.split_off` for each visit that goes back.
    """
    permissions.check(by, "patient.merge", organisation_id=duplicate.organisation_id)
    with writing():
        ids = [patient_id for patient_id in (duplicate.pk, duplicate.merged_into_id) if patient_id is not None]
        lock_patients(*ids)
        pair = Patient.objects.filter(pk__in=ids).order_by("pk")
        both = {patient.pk: patient for patient in pair.select_for_update(no_key=True)}
        effect = effect_of_split(both[duplicate.pk])
        if seen is not None and effect.seen != seen:
            raise ChangedMeanwhile
        Patient.objects.filter(pk=duplicate.pk).update(merged_into=None, row_version=F("row_version") + 1)
        carry_visits(Appointment.objects.filter(pk__in=[visit.pk for visit in effect.visits]), duplicate)
        back = {
            "people": [person.pk for person in effect.people],
            "needs": [need.pk for need in effect.needs],
            "times": [time.pk for time in effect.times],
        }
        move_rows(back, duplicate)
        data = back | {"visits": [visit.pk for visit in effect.visits], "from": effect.into.pk}
        entries = [
            Entry(SPLIT, patient_id=duplicate.pk, data=data, tell=True),
            Entry(SPLIT, patient_id=effect.into.pk, data={"off": duplicate.pk}, tell=True),
            *carried(effect.visits, duplicate, "appointment.split_off"),
        ]
        record(organisation_id=duplicate.organisation_id, entries=entries, by=by, now=now)
    duplicate.refresh_from_db()
    return effect
