"""What may be booked against a rule: asked for by the desk, allowed by the role that owns the rule, and kept."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.appointment import Appointment
from scheduling.models.clinic import Clinic
from scheduling.models.order import Order
from scheduling.models.organisation import Organisation
from scheduling.models.patient import Patient
from scheduling.models.protocol import VisitType
from scheduling.models.user import Role, User


class AskState(models.TextChoices):
    """What became of a question."""

    OPEN = "open", _("Asked")
    ALLOWED = "allowed", _("Allowed")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class AskedFor(models.Model):
    """A wish that a rule stands against, put to the role that owns the rule; its times are kept meanwhile.

    `picks` is a list of [infusion number or null, start as ISO text], and a third, the visit's id, where one that is
    booked is to move; `rules` are codes of `problems`.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="asked_for")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="asked_for")
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="asked_for")
    visit_type = models.ForeignKey(VisitType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    picks = models.JSONField()
    rules = ArrayField(models.CharField(max_length=40))
    role = models.CharField(max_length=20, choices=Role.choices)
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=AskState.choices, default=AskState.OPEN)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["clinic", "state"], name="asked_for_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(order__isnull=False, visit_type__isnull=True)
                | Q(order__isnull=True, visit_type__isnull=False),
                name="asked_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state=AskState.OPEN, answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(state=AskState.OPEN) & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="asked_for_answered_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"


class Override(models.Model):
    """A rule that a booking was allowed to break: which, by whose word, when and why. Never two uses of one place."""

    append_only: ClassVar[bool] = True

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="overrides")
    rule = models.CharField(max_length=40)
    allowed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    allowed_at = models.DateTimeField()
    reason = models.CharField(max_length=300)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="override_has_reason")]

    def __str__(self) -> str:
        return f"{self.rule} allowed for appointment {self.appointment_id}"
