"""What is to happen after an infusion: a call, a check-in, a review, another infusion as needed."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.appointment import Appointment
from scheduling.models.order import Order
from scheduling.models.user import User


class FollowUpKind(models.TextChoices):
    """What sort of follow-up it is."""

    CALL = "call", _("Call")
    CHECK_IN = "check_in", _("Check-in")
    REVIEW = "review", _("Review")
    AS_NEEDED = "as_needed", _("As-needed infusion")


class FollowUpState(models.TextChoices):
    """Where it stands: it opens by what was given."""

    WAITING = "waiting", _("Waiting")
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    VOID = "void", _("Void")


class FollowUp(models.Model):
    """Ordered with the series; opens when infusion `after_number` is given, due so many clinic-local days later.

    A check-in asks the questionnaires in `instruments`, if any. A call that was put off is due from `snoozed_until`.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=12, choices=FollowUpKind.choices)
    after_number = models.PositiveSmallIntegerField()
    offset_days = models.PositiveSmallIntegerField(default=0)
    instruments = ArrayField(models.SlugField(max_length=20), default=list, db_default=[], blank=True)
    state = models.CharField(max_length=8, choices=FollowUpState.choices, default=FollowUpState.WAITING)
    opened_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups"
    )

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(state="open"), name="follow_up_open")]
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "after_number", "offset_days"], name="follow_up_once"),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, due_at__isnull=True)
                | Q(opened_at__isnull=False, due_at__isnull=False),
                name="follow_up_opened_pair",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "open"), settled_at__isnull=True)
                | Q(state__in=("done", "void"), settled_at__isnull=False),
                name="follow_up_settled_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"follow-up {self.pk}"


class CallOutcome(models.TextChoices):
    """How a try to follow up ended. The first and the last settle it."""

    SPOKE = "spoke", _("Spoke with the patient")
    VOICEMAIL = "voicemail", _("Left a voicemail")
    NO_ANSWER = "no_answer", _("No answer")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    NOT_NEEDED = "not_needed", _("No longer needed")


class FollowUpTry(models.Model):
    """One try at a follow-up, what came of it, and a note for clinical staff."""

    append_only: ClassVar[bool] = True

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="tries")
    outcome = models.CharField(max_length=12, choices=CallOutcome.choices)
    note = models.TextField(blank=True)
    tried_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    tried_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"try at follow-up {self.follow_up_id}"
