"""Whom the patient lets us talk to: everybody else hears neither that they come here nor that they don't."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from django.db.models import Q

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Patient, PersonToTalkTo, TalkScope

LONGEST_NAME: Final = 120
LONGEST_RELATION: Final = 60
LONGEST_PHRASE: Final = 80


def let_talk_to(
    *,
    patient: Patient,
    name: str,
    relation: str,
    scope: TalkScope,
    pass_phrase: str = "",
    until: date | None = None,
    by: Actor,
    now: datetime,
) -> PersonToTalkTo:
    """Writes down that the patient lets us talk to somebody; `until` is the last clinic-local day of it.

    Records `patient.talk_allowed`, which names the row and how much may be said, never who it is.
    """
    permissions.check(by, "patient.change", organisation_id=patient.organisation_id)
    with writing():
        person = PersonToTalkTo.objects.create(
            patient=patient,
            name=name,
            relation=relation,
            scope=scope,
            pass_phrase=pass_phrase,
            until=until,
            noted_at=now,
            noted_by_id=by.user_id,
        )
        data = {"person": person.pk, "scope": str(scope)}
        entry = Entry("patient.talk_allowed", patient_id=patient.pk, data=data)
        record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return person


def end_talk_to(*, person: PersonToTalkTo, by: Actor, now: datetime) -> bool:
    """The patient takes it back: nothing is said to this person any more. False where it had ended.

    Records `patient.talk_ended`.
    """
    patient = person.patient
    permissions.check(by, "patient.change", organisation_id=patient.organisation_id)
    with writing():
        open_rows = PersonToTalkTo.objects.filter(pk=person.pk, ended_at=None)
        ended = open_rows.update(ended_at=now, ended_by_id=by.user_id)
        if ended:
            entry = Entry("patient.talk_ended", patient_id=patient.pk, data={"person": person.pk})
            record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return bool(ended)


def people_to_talk_to(patient: Patient, today: date) -> list[PersonToTalkTo]:
    """Those we may talk to on this clinic-local day, in the order in which they were named."""
    named = PersonToTalkTo.objects.filter(patient=patient, ended_at=None).filter(Q(until=None) | Q(until__gte=today))
    return list(named.order_by("pk"))


def no_longer(patient: Patient, today: date) -> list[PersonToTalkTo]:
    """Those we might talk to once, newest first: the patient took it back, or its last day is over."""
    named: Iterable[PersonToTalkTo] = PersonToTalkTo.objects.filter(
        Q(ended_at__isnull=False) | Q(until__lt=today), patient=patient
    ).order_by("-pk")
    return list(named)
