"""What a person said of a step of the go-live list that no row can show: it is done, or it is not needed here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from scheduling.models.clinic import Clinic
from scheduling.models.user import User


class GoLiveWord(models.Model):
    """A manager's word on one step at a clinic. `is_waived`: it stays undone, and `reason` says why that is all right.

    `step` is a word of `notifications.going_live`.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="go_live_words")
    step = models.CharField(max_length=20)
    is_waived = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True)
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "step"], name="go_live_said_once"),
            models.CheckConstraint(condition=Q(is_waived=False) | ~Q(reason=""), name="go_live_waived_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.step} at clinic {self.clinic_id}"
