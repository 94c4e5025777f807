"""What a clinic says about its messages: when reminders go, when it is quiet, under which name."""

from __future__ import annotations

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from scheduling.models import Clinic

DEFAULT_SENTENCE = "May we text or e-mail you about your visits? You can stop it at any time."


def default_reminder_hours() -> list[int]:
    return [72, 24]


class MessageRules(models.Model):
    """A clinic without a row has these defaults. Quiet hours are the patient's wall clock; equal times: none."""

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, related_name="message_rules")
    reminder_hours = ArrayField(models.PositiveSmallIntegerField(), default=default_reminder_hours)
    grace_minutes = models.PositiveSmallIntegerField(default=3)
    quiet_from = models.TimeField(default=time(20))
    quiet_until = models.TimeField(default=time(9))
    sender_name = models.CharField(max_length=24, blank=True)
    consent_sentence = models.CharField(max_length=300, default=DEFAULT_SENTENCE)
    consent_version = models.CharField(max_length=40, default="1")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(grace_minutes__lte=60), name="grace_within_an_hour")]

    def __str__(self) -> str:
        return f"message rules of clinic {self.clinic_id}"
