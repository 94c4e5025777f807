"""An envelope exactly as it was sent, the tries to send it, what came of each, and what providers reported later."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from notifications.models.address import Address
from notifications.models.consent import CHANNELS
from scheduling.models import Clinic, Patient


class Message(models.Model):
    """The text as sent; `segments` is what a text message costs, 0 for mail.

    `sent_from` is the number that a text comes from.

    `link_hash` is the SHA-256 of the token in its link. The body is kept exactly as sent, link included: who may read
    this table may open the link until it ends. `calendar` is the file that went with a mail, empty where none did.
    """

    append_only: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="messages")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="messages")
    channel = models.CharField(max_length=5, choices=CHANNELS)
    purpose = models.CharField(max_length=30)
    language = models.CharField(max_length=20)
    template = models.CharField(max_length=100)
    template_version = models.PositiveIntegerField()
    sender_name = models.CharField(max_length=40, blank=True)
    sent_from = models.CharField(max_length=20, blank=True, db_default="")
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    calendar = models.TextField(blank=True, default="", db_default="")
    segments = models.PositiveSmallIntegerField(db_default=0)
    link_hash = models.CharField(max_length=64, unique=True)
    written_at = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-written_at"], name="message_newest")]
        constraints = [
            models.CheckConstraint(condition=~Q(body=""), name="message_has_text"),
            models.CheckConstraint(condition=Q(valid_until__gt=models.F("written_at")), name="message_valid_a_while"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Attempt(models.Model):
    """One try to send a message. Committing this row starts the try; past its lease someone else looks at it."""

    append_only: ClassVar[bool] = True

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    lease_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="attempt_once")]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class OutcomeKind(models.TextChoices):
    """What came of an attempt. NOT_KNOWN: the provider was asked later and never had it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_KNOWN = "not_known"


class AttemptOutcome(models.Model):
    """What is known of an attempt; an unknown one may be followed by what a look-up or a report found."""

    append_only: ClassVar[bool] = True

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="outcomes")
    kind = models.CharField(max_length=10, choices=OutcomeKind.choices)
    gateway_reference = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=30, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "kind"], name="outcome_once"),
            # Told by one provider call at most: accepted and never had it can't both be true.
            models.UniqueConstraint(
                fields=["attempt"], condition=~Q(kind="unknown"), name="outcome_is_one_of_accepted_refused_not_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind="accepted") | ~Q(gateway_reference=""), name="outcome_accepted_has_reference"
            ),
        ]

    def __str__(self) -> str:
        return f"outcome {self.pk}"


class Receipt(models.Model):
    """A provider's report on a message, as it came, once each; without a message while nobody knows whose it is."""

    append_only: ClassVar[bool] = True

    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=200)
    status = models.CharField(max_length=20)
    error_code = models.CharField(max_length=20, blank=True)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="receipts")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "reference", "status"], name="receipt_once")]

    def __str__(self) -> str:
        return f"receipt {self.pk}"
