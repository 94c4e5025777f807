"""A clinic's versioned template of a series, and the kinds of visit a clinic offers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.clinic import Clinic
from scheduling.models.organisation import Organisation
from scheduling.models.user import User


class Protocol(models.Model):
    """A treatment plan of the organisation; what it says stands in its versions. Nothing new is ordered from one that
    is retired."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="protocols")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=200)
    therapy = models.SlugField(max_length=60)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="protocol_code_once")]

    def __str__(self) -> str:
        return self.name


class ProtocolVersion(models.Model):
    """What a protocol said at one time. Approved by a prescriber before use; a version in use never changes.

    `template` is checked by `protocol_template`: doses, phases, spacing, gates, within_days, ride, fasting, follow-ups.
    """

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    template = models.JSONField()
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["protocol", "number"], name="protocol_version_once"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="protocol_version_approved_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"protocol {self.protocol_id} version {self.number}"

    @property
    def is_approved(self) -> bool:
        """Whether this clinic's prescriber has approved it."""
        return self.approved_at is not None


class VisitKind(models.TextChoices):
    """What a visit is for."""

    INFUSION = "infusion", _("Infusion")
    CONSULTATION = "consultation", _("Consultation")
    REVIEW = "review", _("Review")
    NURSE_VISIT = "nurse_visit", _("Nurse visit")
    KEPT = "kept", _("Kept time")


class VisitMode(models.TextChoices):
    """How patient and clinic meet."""

    IN_PERSON = "in_person", _("In person")
    VIDEO = "video", _("Video")
    PHONE = "phone", _("Phone")


class VisitType(models.Model):
    """A kind of visit a clinic offers; `phases` as in `capacity.Phase`. An infusion's phases come from its order."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="visit_types")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=VisitKind.choices)
    mode = models.CharField(max_length=10, choices=VisitMode.choices, default=VisitMode.IN_PERSON)
    phases = models.JSONField(default=list)
    join_link = models.URLField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "code"], name="visit_type_code_once")]

    def __str__(self) -> str:
        return self.name
