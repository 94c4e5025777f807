"""A clinic's own words: message texts in place of the shipped ones, and quick replies that a manager has approved."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from notifications.models.consent import CHANNELS
from scheduling.models import Clinic, User


class ClinicWording(models.Model):
    """A text of the clinic's for a purpose, channel and language. The latest version counts; an empty one goes back to
    the shipped text. Never changed, so that what was sent can be traced to who wrote it."""

    append_only: ClassVar[bool] = True

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="wordings")
    purpose = models.CharField(max_length=30)
    channel = models.CharField(max_length=5, choices=CHANNELS)
    language = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "purpose", "channel", "language", "version"], name="wording_version_once"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="wording_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"wording {self.pk}"


class QuickReply(models.Model):
    """Something the desk may answer with one press. Approved by a manager; let go rather than changed."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="quick_replies")
    language = models.CharField(max_length=20)
    body = models.CharField(max_length=300)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "language", "body"], condition=Q(ended_at__isnull=True), name="quick_reply_once"
            ),
            models.CheckConstraint(condition=~Q(body=""), name="quick_reply_has_text"),
        ]

    def __str__(self) -> str:
        return f"quick reply {self.pk}"
