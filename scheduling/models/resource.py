"""What a visit needs at a clinic: chairs, bays, nurses, prescribers, equipment; their places, shifts and absences."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.clinic import Clinic, Weekday
from scheduling.models.user import User


class ResourceKind(models.TextChoices):
    """What sort of thing is used."""

    CHAIR = "chair", _("Chair")
    BAY = "bay", _("Recovery bay")
    NURSE = "nurse", _("Nurse")
    PRESCRIBER = "prescriber", _("Prescriber")
    EQUIPMENT = "equipment", _("Equipment")


class ClaimRole(models.TextChoices):
    """What a place of a resource is used for."""

    SEAT = "seat", _("Seat")
    WATCH = "watch", _("Watch")
    ATTENTION = "attention", _("one-to-one")
    WITH_PATIENT = "with-patient", _("With Patient")
    USE = "use", _("Use")


class Resource(models.Model):
    """A chair, bay, nurse (or a nurse post, named later), prescriber or piece of equipment.

    `watch_places`: how many patients a nurse may watch at once; `watch_while_attending`: how many others stay
    watched while she is one-to-one with a patient.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="resources")
    kind = models.CharField(max_length=12, choices=ResourceKind.choices)
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    features = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="resources")
    watch_places = models.PositiveSmallIntegerField(default=0)
    watch_while_attending = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "code"], name="resource_code_once"),
            models.CheckConstraint(
                condition=Q(watch_while_attending__lte=F("watch_places")), name="resource_attending_within_watch"
            ),
            models.CheckConstraint(
                condition=~Q(kind=ResourceKind.NURSE) | Q(watch_places__gte=1), name="resource_nurse_watches"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A numbered unit of a resource: bookkeeping, so that a constraint never has to count."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="places")
    role = models.CharField(max_length=12, choices=ClaimRole.choices)
    number = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "role", "number"], name="place_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="place_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.role} {self.number}"


class Shift(models.Model):
    """When a person is there on a weekday at a clinic (wall time), from a day until a day (both counted)."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="shifts")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.CharField(max_length=3, choices=Weekday.choices)
    starts = models.TimeField()
    ends = models.TimeField()
    from_date = models.DateField(null=True, blank=True)
    until_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="shift_starts_before_end"),
            models.CheckConstraint(
                condition=Q(from_date__isnull=True) | Q(until_date__isnull=True) | Q(from_date__lte=F("until_date")),
                name="shift_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.weekday} {self.starts:%H:%M}-{self.ends:%H:%M}"


class AbsenceKind(models.TextChoices):
    """Why a resource is not there."""

    AWAY = "away", _("Away")
    BREAK = "break", _("Break")
    OUT_OF_SERVICE = "out_of_service", _("Out of service")
    BLOCK = "block", _("Blocked")


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Which absences a page means."""

    def in_force(self, now: datetime) -> AbsenceQuerySet:
        """Without blocks that were let go."""
        return self.filter(Q(release_at__isnull=True) | Q(release_at__gt=now))


class Absence(models.Model):
    """A span in which a resource is not there: a sick nurse, a broken chair, a break, a labelled block.

    Spans may overlap: whoever falls ill in a break is away all the same. A block is let go at `release_at`.
    """

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="absences")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="absences")
    kind = models.CharField(max_length=14, choices=AbsenceKind.choices, default=AbsenceKind.AWAY, db_default="away")
    period = DateTimeRangeField()
    reason = models.CharField(max_length=200, blank=True)
    release_at = models.DateTimeField(null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        indexes = [GistIndex(fields=["resource", "period"], name="absence_by_resource")]
        constraints = [
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                name="absence_period_bounded",
            ),
            models.CheckConstraint(
                condition=Q(release_at__isnull=True) | Q(kind=AbsenceKind.BLOCK), name="absence_only_blocks_end_early"
            ),
            models.CheckConstraint(
                condition=~Q(kind=AbsenceKind.BLOCK) | ~Q(reason=""), name="absence_block_has_label"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} away {self.period}"


class PostName(models.Model):
    """Who fills a nurse post on a clinic-local day, once the roster is known. Naming touches no visit."""

    post = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="names")
    day = models.DateField()
    name = models.CharField(max_length=120)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "day"], name="post_named_once"),
            models.CheckConstraint(condition=~Q(name=""), name="post_name_said"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} on {self.day}"
