"""A clinician asks a patient something beside the plan, or takes that back."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduling import permissions
from scheduling.events import Actor, record
from scheduling.locking import lock_patients, writing
from scheduling.models import Clinic, Order, Patient, Questionnaire, QuestionnaireResponse
from scheduling.questionnaires.answering import entry_about
from scheduling.questionnaires.asking import BY_HAND
from scheduling.questionnaires.instruments import INSTRUMENTS


class NotAskable(Exception):
    """The patient's record is closed, or there is no such instrument."""


class IsAnswered(Exception):
    """What was answered stays."""


def ask(*, order: Order, clinic: Clinic, instrument: str, days: int, by: Actor, now: datetime) -> Questionnaire:
    """Asks the order's patient from now on, for so many times 24 hours. One that was asked so and is open is given
    again instead, so that pressing twice asks once.

    Refuses with NotAskable. Records `questionnaire.asked` without the instrument's name.
    """
    permissions.check(by, "questionnaire.ask", organisation_id=order.organisation_id, clinic_id=clinic.pk)
    with writing():
        lock_patients(order.patient_id)
        if instrument not in INSTRUMENTS or Patient.objects.get(pk=order.patient_id).is_gone:
            raise NotAskable
        asked = Questionnaire.objects.filter(patient=order.patient_id, instrument=instrument, voided_at=None)
        open_one = asked.filter(response=None, closes_at__gt=now, ask_key__startswith=f"{BY_HAND}/").first()
        if open_one is not None:
            return open_one
        row = Questionnaire.objects.create(
            ask_key=f"{BY_HAND}/{order.pk}/{instrument}/{now.isoformat()}",
            clinic=clinic,
            patient_id=order.patient_id,
            order=order,
            instrument=instrument,
            opens_at=now,
            closes_at=now + timedelta(days=days),
            asked_by_id=by.staff_id,
        )
        entries = [entry_about("questionnaire.asked", row)]
        record(organisation_id=order.organisation_id, entries=entries, by=by, now=now)
    return row


def withdraw(*, questionnaire: Questionnaire, by: Actor, now: datetime) -> None:
    """Asks no longer for what was asked by hand; again changes nothing. Refuses with IsAnswered.

    Records `questionnaire.withdrawn`.
    """
    clinic = questionnaire.clinic
    permissions.check(by, "questionnaire.ask", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with writing():
        row = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        if QuestionnaireResponse.objects.filter(questionnaire=row).exists():
            raise IsAnswered
        if row.voided_at is None:
            Questionnaire.objects.filter(pk=row.pk).update(voided_at=now)
            entries = [entry_about("questionnaire.withdrawn", row)]
            record(organisation_id=clinic.organisation_id, entries=entries, by=by, now=now)
