"""What a clinic says about its messages: when reminders go, when it is quiet, under which name."""

from __future__ import annotations

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from scheduling.models import Clinic

FIXED_ANSWER = (
    "We read texts when the clinic is open. If it can't wait, call us; in an emergency call 911. In a crisis call or"
    " text 988, day or night."
)
FIXED_ANSWER_ES = (
    "Leemos los mensajes cuando la clinica esta abierta. Si no puede esperar, llamenos; en una emergencia llame al"
    " 911. En una crisis llame o escriba al 988, de dia o de noche."
)
# Shown below every questionnaire, whatever was answered. The Spanish needs a qualified reviewer.
SAFETY_TEXT = (
    "If you need help now, don't wait for us. In an emergency call 911. In a crisis, or if you think of hurting"
    " yourself, call or text 988, day or night."
)
SAFETY_TEXT_ES = (
    "Si necesita ayuda ahora, no espere nuestra respuesta. En una emergencia llame al 911. En una crisis, o si piensa"
    " en hacerse daño, llame o escriba al 988, de día o de noche."
)
DEFAULT_SENTENCE = "May we text or e-mail you about your visits? You can stop it at any time."


def default_reminder_hours() -> list[int]:
    return [72, 24]


class MessageRules(models.Model):
    """A clinic without a row has these defaults. Quiet hours are the patient's wall clock; equal times: none.

    Caps count routine texts to one address, 0 for none. `day_of_minutes` before the visit goes the reminder of the day
    itself, to who asked for it. Within `self_service_hours` of a visit, or always where it is empty, moving and
    cancelling by the patient is a call to make; before that a cancellation is done at once. `told_by_minutes`: how long
    the news of a pause waits for somebody to tell the patient first. `text_number`: which number texts come from, so
    that a stranger's reply finds its clinic. The fixed answers are the clinic's to word, and so are the safety texts,
    which stand below every questionnaire whatever was answered; the Spanish ones need a qualified reviewer.
    `remind_after_minutes`: so long after a clinician took something urgent and did not close it they are reminded, and
    each time as long again; 0: never.
    """

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, related_name="message_rules")
    reminder_hours = ArrayField(models.PositiveSmallIntegerField(), default=default_reminder_hours)
    grace_minutes = models.PositiveSmallIntegerField(default=3)
    quiet_from = models.TimeField(default=time(20))
    quiet_until = models.TimeField(default=time(9))
    sender_name = models.CharField(max_length=24, blank=True)
    consent_sentence = models.CharField(max_length=300, default=DEFAULT_SENTENCE)
    consent_version = models.CharField(max_length=40, default="1")

    most_a_day = models.PositiveSmallIntegerField(default=1, db_default=1)
    most_a_week = models.PositiveSmallIntegerField(default=3, db_default=3)
    day_of_minutes = models.PositiveSmallIntegerField(default=120, db_default=120)
    self_service_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    told_by_minutes = models.PositiveSmallIntegerField(default=120, db_default=120)
    texts_per_minute = models.PositiveSmallIntegerField(default=60, db_default=60)
    text_number = models.CharField(max_length=20, blank=True, default="", db_default="")
    answer_hours = models.CharField(max_length=120, blank=True, default="", db_default="")
    answer_hours_es = models.CharField(max_length=120, blank=True, default="", db_default="")
    remind_after_minutes = models.PositiveSmallIntegerField(default=60, db_default=60)
    fixed_answer = models.CharField(max_length=320, default=FIXED_ANSWER, db_default=FIXED_ANSWER)
    fixed_answer_es = models.CharField(max_length=320, default=FIXED_ANSWER_ES, db_default=FIXED_ANSWER_ES)
    safety_text = models.CharField(max_length=600, default=SAFETY_TEXT, db_default=SAFETY_TEXT)
    safety_text_es = models.CharField(max_length=600, default=SAFETY_TEXT_ES, db_default=SAFETY_TEXT_ES)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(grace_minutes__lte=60), name="grace_within_an_hour")]

    def __str__(self) -> str:
        return f"message rules of clinic {self.clinic_id}"
