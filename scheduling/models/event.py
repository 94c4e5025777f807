"""Who did what and why: history, audit trail and outbox in one append-only table, the seal over it, kept answers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scheduling.models.appointment import Appointment
from scheduling.models.clinic import Clinic
from scheduling.models.order import CURRENT_TRANSACTION, Order
from scheduling.models.organisation import Organisation
from scheduling.models.patient import Patient
from scheduling.models.user import User


class ActorKind(models.TextChoices):
    """Who acted."""

    STAFF = "staff"
    PATIENT = "patient"
    SYSTEM = "system"


class Event(models.Model):
    """One thing that happened. `data` holds ids, numbers and codes, never a name or a clinical word."""

    append_only: ClassVar[bool] = True

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=60)
    appointment = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=60, blank=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    written_in = models.BigIntegerField(db_default=CURRENT_TRANSACTION, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["clinic", "id"], name="event_by_clinic"),
            # Every change asks at commit whether its transaction left an event.
            models.Index(fields=["written_in"], name="event_by_transaction"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor_kind=ActorKind.STAFF, user__isnull=False)
                | (~Q(actor_kind=ActorKind.STAFF) & Q(user__isnull=True)),
                name="event_staff_is_named",
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.pk} {self.verb}"


class EventToPlan(models.Model):
    """An event someone outside may have to hear of; deleted in the transaction that writes its notices, or after the
    last of them where it is a whole clinic's. `tries` counts failed ones, which come after all others.
    """

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="to_plan")
    tries = models.PositiveSmallIntegerField(db_default=0)

    def __str__(self) -> str:
        return f"to plan {self.pk}"


class EventToSeal(models.Model):
    """An event the sealer has not taken yet. A list of its own: no cursor over ids sees what commits late."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="to_seal")

    def __str__(self) -> str:
        return f"to seal {self.pk}"


class EventSeal(models.Model):
    """A committed event's number in its clinic's chain and the hash over it and the seal before."""

    append_only: ClassVar[bool] = True

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="seal")
    chain = models.CharField(max_length=40)
    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="seal_once")]

    def __str__(self) -> str:
        return f"seal {self.chain} {self.number}"


class IdempotencyKey(models.Model):
    """The answer once given to (actor, key), so that a retried request does its work once.

    Inserted first in the verb's transaction, which makes a second request with the key wait; answered last.
    """

    actor = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_once")]

    def __str__(self) -> str:
        return f"answer {self.pk}"
