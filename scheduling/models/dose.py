"""Infusions an order allows, what was signed for each, and how near the next may come."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scheduling.models.order import CURRENT_TRANSACTION, Order, OrderVersion
from scheduling.models.patient import Patient
from scheduling.models.user import User


class PlannedDose(models.Model):
    """The lasting identity of one infusion of an order, whatever version is in force. Only signing creates it."""

    append_only: ClassVar[bool] = True

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="planned_doses")
    number = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="planned_dose_once"),
            models.UniqueConstraint(fields=["id", "order", "number"], name="planned_dose_id_order_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="planned_dose_from_one"),
        ]

    def __str__(self) -> str:
        return f"infusion {self.number} of order {self.order_id}"


class DoseTerms(models.Model):
    """What one version says of one infusion, immutable: phases (`capacity.Phase`) and spacing (`spacing.Spacing`)."""

    append_only: ClassVar[bool] = True

    version = models.ForeignKey(OrderVersion, on_delete=models.PROTECT, related_name="terms")
    dose = models.ForeignKey(PlannedDose, on_delete=models.PROTECT, related_name="terms")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    therapy = models.SlugField(max_length=60)
    phases = models.JSONField()
    spacing = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "dose"], name="dose_terms_once"),
            models.UniqueConstraint(fields=["id", "dose", "order"], name="dose_terms_id_dose_order"),
            models.UniqueConstraint(fields=["id", "patient", "therapy"], name="dose_terms_id_patient_therapy"),
        ]

    def __str__(self) -> str:
        return f"terms {self.pk}"


class DoseGap(models.Model):
    """The least time from this infusion's start to the next: `days` clinic-local days and `minutes` elapsed minutes.

    The first row of some terms comes with the signature (`signed_exception_by` empty); a lower one is a prescriber's
    signed exception for one visit, with its reason.
    """

    append_only: ClassVar[bool] = True

    terms = models.ForeignKey(DoseTerms, on_delete=models.PROTECT, related_name="gaps")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    therapy = models.SlugField(max_length=60)
    days = models.PositiveSmallIntegerField(default=0)
    minutes = models.PositiveIntegerField(default=0)
    signed_exception_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_exception_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    written_in = models.BigIntegerField(db_default=CURRENT_TRANSACTION, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["terms"], condition=Q(signed_exception_by__isnull=True), name="dose_gap_signed_once"
            ),
            models.UniqueConstraint(
                fields=["id", "terms", "patient", "therapy", "days", "minutes"], name="dose_gap_whole"
            ),
            models.CheckConstraint(
                condition=Q(signed_exception_by__isnull=True, signed_exception_at__isnull=True)
                | (Q(signed_exception_by__isnull=False, signed_exception_at__isnull=False) & ~Q(reason="")),
                name="dose_gap_exception_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"gap {self.pk}"
