"""Questions put to a patient in the published words, and the answers as they were given."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.appointment import Appointment
from scheduling.models.clinic import Clinic
from scheduling.models.followup import FollowUp
from scheduling.models.order import Order
from scheduling.models.patient import Patient
from scheduling.models.user import User


class Questionnaire(models.Model):
    """One time that a patient is asked: which instrument, for which infusion, from when to when it may be answered.

    `ask_key` makes it the only one of its kind; `follow_up` is the check-in it belongs to, `appointment` the infusion
    it is asked before or after.
    """

    ask_key = models.TextField(unique=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="questionnaires")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="questionnaires")
    follow_up = models.ForeignKey(
        FollowUp, null=True, blank=True, on_delete=models.PROTECT, related_name="questionnaires"
    )
    appointment = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    instrument = models.SlugField(max_length=20)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "opens_at"], name="questionnaire_by_patient")]
        constraints = [
            models.UniqueConstraint(fields=["id", "patient", "instrument"], name="questionnaire_id_patient"),
            models.CheckConstraint(condition=Q(closes_at__gt=models.F("opens_at")), name="questionnaire_open_a_while"),
        ]

    def __str__(self) -> str:
        return f"questionnaire {self.pk}"


class AnsweredHow(models.TextChoices):
    """Where the answers were given."""

    LINK = "link", _("By the patient, from a message")
    CLINIC = "clinic", _("At the clinic")
    PHONE = "phone", _("By phone")


class QuestionnaireResponse(models.Model):
    """The answers, as given and never changed: a number a question, empty where it was not answered.

    `score` is the published sum, empty where a question was not answered. `needs_clinician`: an answer asks for a
    clinician to look at once (item 9 of PHQ-9 is not 0); nothing here says what it means.
    """

    append_only: ClassVar[bool] = True

    questionnaire = models.OneToOneField(Questionnaire, on_delete=models.PROTECT, related_name="response")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="responses")
    instrument = models.SlugField(max_length=20)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    recall_days = models.PositiveSmallIntegerField()
    answers = ArrayField(models.PositiveSmallIntegerField(null=True, blank=True))
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    needs_clinician = models.BooleanField(default=False)
    how = models.CharField(max_length=6, choices=AnsweredHow.choices)
    entered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(how=AnsweredHow.LINK, entered_by__isnull=True)
                | (~Q(how=AnsweredHow.LINK) & Q(entered_by__isnull=False)),
                name="response_entered_by",
            ),
        ]

    def __str__(self) -> str:
        return f"response {self.pk}"
