"""Who holds a link may see times; who knows the birth date too may see what tells of care. Guessing is slow."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from notifications.models import Message
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Event, Patient

MOST_TRIES = 5
WITHIN = timedelta(hours=1)
REFUSED, MATCHED = "birth_date.refused", "birth_date.matched"


class TooManyTries(Exception):
    """The patient's links take no birth date before `until`."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("too many tries")


def check_birth_date(*, message: Message, birth_date: date, by: Actor, now: datetime) -> bool:
    """Whether this is the birth date of the message's patient. A patient without one matches nothing.

    Refuses with TooManyTries after five wrong ones within an hour, whichever of the patient's links they came by.
    Records `birth_date.matched` or `birth_date.refused`, never the date.
    """
    patient = message.patient
    permissions.check(by, "birth_date.check", organisation_id=patient.organisation_id)
    with transaction.atomic():
        # One after the other: many tries at once count like any others.
        known = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk).birth_date
        wrong = Event.objects.filter(patient=patient, verb=REFUSED, recorded_at__gt=now - WITHIN).order_by("-pk")
        times = list(wrong.values_list("recorded_at", flat=True)[:MOST_TRIES])
        if len(times) == MOST_TRIES:
            raise TooManyTries(times[-1] + WITHIN)
        matches = known is not None and known == birth_date
        entry = Entry(MATCHED if matches else REFUSED, clinic_id=message.clinic_id, patient_id=patient.pk)
        events.record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return matches
