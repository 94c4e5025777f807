"""What is kept of a row of a desk's list where nothing else keeps it: who has it in hand, until when it can wait."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from scheduling.models.clinic import Clinic
from scheduling.models.user import User


class RowKind(models.TextChoices):
    """What the row is about, and so whose number `subject` is. Calls keep all this in their own table."""

    ORDER_TO_BOOK = "order_to_book"
    REVIEW_TO_BOOK = "review_to_book"
    INFUSION_MISSED = "infusion_missed"
    WAITS_FOR_PRESCRIBER = "waits_for_prescriber"
    KEPT_TIMES = "kept_times"
    PLACES_TO_SETTLE = "places_to_settle"
    NOT_READY = "not_ready"
    REPLY = "reply"


class DeskRow(models.Model):
    """Somebody has the thing in hand since `taken_at`, or it can wait until `snoozed_until`. Whether it is on a list at
    all, the thing itself says. `subject` is its id: of an order, a follow-up, a visit or a reply, by `kind`."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, choices=RowKind.choices)
    subject = models.BigIntegerField()
    taken_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    row_version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "kind", "subject"], name="desk_row_once"),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True, taken_at__isnull=True)
                | Q(taken_by__isnull=False, taken_at__isnull=False),
                name="desk_row_taken_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
