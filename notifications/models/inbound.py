"""What patients write back: kept word for word, once each, with what it was taken to mean and who dealt with it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from notifications.models.address import Address
from notifications.models.consent import CHANNELS
from notifications.models.message import Message
from notifications.reply_intent import Intent
from scheduling.models import Appointment, Clinic, Patient, User

INTENTS = [(intent.value, intent.value.replace("_", " ").title()) for intent in Intent]


class InboundMessage(models.Model):
    """One reply. `answers` is the message it was read as a reply to; `patient` stays empty where nobody or several can
    be meant, until the desk says who. `pictures` counts attachments that were refused and not kept; `calendar` is what
    was pressed in a calendar (`notifications.calendar_replies`).

    `outcome` is empty until the reply was acted on; then it is a word of `notifications.reply_outcomes`.
    `late_minutes` and `visit`: "10 min late" is pinned to the visit it is about. Open until `handled_at`.
    """

    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=200)
    channel = models.CharField(max_length=5, choices=CHANNELS)
    sender = models.CharField(max_length=254)
    address = models.ForeignKey(Address, null=True, blank=True, on_delete=models.PROTECT, related_name="replies")
    clinic = models.ForeignKey(Clinic, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="replies")
    answers = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="replies")
    text = models.TextField(blank=True)
    subject = models.CharField(max_length=200, blank=True, db_default="")
    calendar = models.JSONField(default=list, blank=True, db_default=[])
    pictures = models.PositiveSmallIntegerField(default=0)
    intent = models.CharField(max_length=20, choices=INTENTS)
    late_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    visit = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="replies")
    received_at = models.DateTimeField()
    fixed_answer_at = models.DateTimeField(null=True, blank=True)
    handed_to = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    handed_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    handled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "received_at"], condition=Q(handled_at__isnull=True), name="reply_to_read"),
            models.Index(fields=["address", "-received_at"], name="reply_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["provider", "reference"], name="reply_once"),
            models.CheckConstraint(
                condition=Q(handed_to__isnull=True, handed_at__isnull=True)
                | Q(handed_to__isnull=False, handed_at__isnull=False),
                name="reply_handed_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"reply {self.pk}"
