"""Somebody to call: because they can't be written to, asked for it, or something went wrong. Work for the desk."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from notifications.models.inbound import InboundMessage
from notifications.models.notice import Notice
from scheduling.models import Appointment, Clinic, Patient, User


class CallKind(models.TextChoices):
    """Why someone is to be called."""

    CANNOT_REACH = "cannot_reach"
    SAY_INSTEAD = "say_instead"
    ASKED_FOR_CALL = "asked_for_call"
    WANTS_TO_MOVE = "wants_to_move"
    WANTS_TO_CANCEL = "wants_to_cancel"
    UNSUBSCRIBED = "unsubscribed"
    WRONG_NUMBER = "wrong_number"
    NOT_CERTAIN = "not_certain"
    NOT_CONFIRMED = "not_confirmed"


class CallTask(models.Model):
    """One call to make. `task_key` makes it the only one of its kind while it is open and ever after.

    `reason` is a word of `notifications.reasons` or empty; `words` is what to say, in `language`: nobody improvises.
    Open until `closed_at`. Without `patient` nobody knows who wrote.
    """

    task_key = models.TextField(unique=True)
    kind = models.CharField(max_length=20, choices=CallKind.choices)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="calls")
    visit = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="calls")
    notice = models.ForeignKey(Notice, null=True, blank=True, on_delete=models.PROTECT, related_name="calls")
    reply = models.ForeignKey(InboundMessage, null=True, blank=True, on_delete=models.PROTECT, related_name="calls")
    reason = models.CharField(max_length=30, blank=True)
    words = models.TextField(blank=True)
    language = models.CharField(max_length=20, default="en")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    useful_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "due_at"], condition=Q(closed_at__isnull=True), name="call_to_make"),
            models.Index(fields=["patient"], condition=Q(closed_at__isnull=True), name="call_to_patient"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="call_closed_with_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"
