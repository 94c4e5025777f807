"""Who of the staff is on duty, and the alerts they are sent until one of them says "I have it". No patient data."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from notifications.models.consent import CHANNELS
from notifications.models.inbound import InboundMessage
from scheduling.models import Clinic, ClinicianTask, User


class StaffContact(models.Model):
    """Where an alert reaches a person of the staff."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alert_contacts")
    channel = models.CharField(max_length=5, choices=CHANNELS)
    value = models.CharField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "channel"], name="staff_contact_once")]

    def __str__(self) -> str:
        return f"contact of user {self.user_id}"


class DutyShift(models.Model):
    """A clinician on duty at a clinic for a while; a back-up is alerted where the others don't answer."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="duty")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="duty")
    is_backup = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_ends_after_start")]

    def __str__(self) -> str:
        return f"duty {self.pk}"


class StaffAlert(models.Model):
    """Something a clinician must see. Sent anew every few minutes, to the back-up too, until acknowledged."""

    alert_key = models.TextField(unique=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    reply = models.ForeignKey(InboundMessage, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts")
    task = models.ForeignKey(ClinicianTask, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts")
    raised_at = models.DateTimeField()
    next_at = models.DateTimeField()
    rounds = models.PositiveSmallIntegerField(default=0)
    acknowledged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(acknowledged_at__isnull=True), name="alert_unanswered"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_by__isnull=True, acknowledged_at__isnull=True)
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
                name="alert_acknowledged_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"
