"""A private address from which a patient's own calendar fetches their visits, again and again."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from notifications.models.address import Address
from scheduling.models import Clinic, Patient


class CalendarFeed(models.Model):
    """Asked for by whoever read messages at `address`, and over with it. `token_hash` is the SHA-256 of the token."""

    append_only: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="calendar_feeds")
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=20)
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "address"], name="calendar_feed_once")]

    def __str__(self) -> str:
        return f"calendar feed {self.pk}"
