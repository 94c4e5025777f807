"""What waits for a clinician: what a patient wrote, wished or answered, or what only a prescriber settles."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.appointment import Appointment
from scheduling.models.clinic import Clinic
from scheduling.models.order import Order
from scheduling.models.patient import Patient
from scheduling.models.questionnaire import QuestionnaireResponse
from scheduling.models.user import User

# What stands as the outcome where nobody had to do anything, and nobody closed it.
SETTLED: Final = "settled"


class TaskKind(models.TextChoices):
    """What it is about. Outside clinical roles every kind is said in the same words."""

    ANSWERS = "answers", _("Answers to look at")
    WISH = "wish", _("The patient wishes another infusion")
    WITHDREW = "withdrew", _("The patient withdrew")
    MISSED = "missed", _("Missed visits")
    RULING = "ruling", _("An infusion was broken off")
    NO_LONGER_FITS = "no_longer_fits", _("Booked visits no longer fit the order")
    AS_NEEDED = "as_needed", _("Another infusion, if you order it")
    OUTSIDE_ORDER = "outside_order", _("Outside the order")
    LEAVES_EARLY = "leaves_early", _("The patient wants to leave early")


class ClinicianTask(models.Model):
    """One thing for a clinician; `task_key` makes it the only one of its kind.

    Seen until it is closed; `acknowledged_by` has it in hand. `words` and `outcome` are for clinical staff alone.
    `is_urgent`: the clinicians on duty are alerted until one has it. `word_of`: the prescriber whose word on missed
    visits a nurse wrote down and read back; `heard_at`: when it was said.
    """

    task_key = models.TextField(unique=True)
    kind = models.CharField(max_length=16, choices=TaskKind.choices)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="clinician_tasks")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="clinician_tasks")
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="clinician_tasks")
    appointment = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey(
        QuestionnaireResponse, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks"
    )
    is_urgent = models.BooleanField(default=False)
    words = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True)
    word_of = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    heard_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "opened_at"], condition=Q(closed_at__isnull=True), name="task_open"),
            models.Index(fields=["patient"], condition=Q(closed_at__isnull=True), name="task_open_of_patient"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_by__isnull=True, acknowledged_at__isnull=True)
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
                name="task_acknowledged_pair",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True, closed_at__isnull=True, outcome="")
                | Q(closed_by__isnull=True, closed_at__isnull=False, outcome=SETTLED)
                | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="task_closed_pair",
            ),
            models.CheckConstraint(
                condition=Q(word_of__isnull=True) | Q(kind=TaskKind.MISSED, closed_by__isnull=False),
                name="task_word_of_misses",
            ),
            models.CheckConstraint(
                condition=Q(word_of__isnull=True, heard_at__isnull=True)
                | Q(word_of__isnull=False, heard_at__isnull=False),
                name="task_word_was_heard_then",
            ),
        ]

    def __str__(self) -> str:
        return f"clinician task {self.pk}"
