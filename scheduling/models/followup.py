"""What is to happen after an infusion: a call, a check-in, a review, another infusion as needed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.appointment import Appointment
from scheduling.models.order import Order


class FollowUpKind(models.TextChoices):
    """What sort of follow-up it is."""

    CALL = "call", _("Call")
    CHECK_IN = "check_in", _("Check-in")
    REVIEW = "review", _("Review")
    AS_NEEDED = "as_needed", _("As-needed infusion")


class FollowUpState(models.TextChoices):
    """Where it stands: it opens by what was given."""

    WAITING = "waiting", _("Waiting")
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    VOID = "void", _("Void")


class FollowUp(models.Model):
    """Ordered with the series; opens when infusion `after_number` is given, due so many clinic-local days later."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=12, choices=FollowUpKind.choices)
    after_number = models.PositiveSmallIntegerField()
    offset_days = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=FollowUpState.choices, default=FollowUpState.WAITING)
    opened_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "after_number", "offset_days"], name="follow_up_once"),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, due_at__isnull=True)
                | Q(opened_at__isnull=False, due_at__isnull=False),
                name="follow_up_opened_pair",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "open"), settled_at__isnull=True)
                | Q(state__in=("done", "void"), settled_at__isnull=False),
                name="follow_up_settled_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"follow-up {self.pk}"
