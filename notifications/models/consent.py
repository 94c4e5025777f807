"""Consent as it was given or taken back, word for word. The latest record of an address, purpose and channel counts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from notifications.models.address import Address
from notifications.notice_facts import ChannelName
from scheduling.models import Patient, User

CHANNELS = [(ChannelName.SMS.value, "SMS"), (ChannelName.EMAIL.value, "E-mail"), (ChannelName.CALL.value, "Call")]


class PurposeGroup(models.TextChoices):
    """What an address may be used for."""

    APPOINTMENTS = "appointments"


class ConsentMethod(models.TextChoices):
    """How it was said."""

    VERBAL = "verbal"
    PAPER = "paper"
    WEB = "web"
    REPLY = "reply"
    IMPORT = "import"
    CARRIER = "carrier"


class ConsentRecord(models.Model):
    """One yes or no. `wording_version` names the sentence that was read out or shown; `raw_text` is what came back."""

    append_only: ClassVar[bool] = True

    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="consents")
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    purpose_group = models.CharField(max_length=20, choices=PurposeGroup.choices, default=PurposeGroup.APPOINTMENTS)
    channel = models.CharField(max_length=5, choices=CHANNELS)
    granted = models.BooleanField()
    wording_version = models.CharField(max_length=40)
    method = models.CharField(max_length=10, choices=ConsentMethod.choices)
    language = models.CharField(max_length=20)
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    raw_text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["address", "purpose_group", "channel", "-id"], name="consent_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(granted=False) | ~Q(wording_version=""), name="consent_names_wording"),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"
