"""A clinic (site): where and when visits may take place."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q

from scheduling.models.organisation import Organisation


class Weekday(models.TextChoices):
    """Days of a clinic-local week, as `clinic_time` names them."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="ClinicHistory",
    obj_field=pghistory.ObjForeignKey(related_name="row_history"),
)
class Clinic(models.Model):
    """One site with its own zone, hours, chairs and people.

    Minutes are elapsed minutes; `last_end_time` is clinic-local wall time. Visits that start within
    `repack_notice_hours`, or today once the clinic has opened, keep their chair. After `keep_places_days` of a pause
    the desk is asked whether the order's visits keep their places.
    After so many `missed_visits` of a series its prescriber is asked before more is booked; 0 for never.
    At a practice clinic (`is_practice`) people learn: nothing it writes leaves the machine. A new clinic texts nobody
    until it goes live (`sends_texts`); until then its patients get e-mails, or are called.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="clinics")
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60)
    time_zone = models.CharField(max_length=64)
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    grid_minutes = models.PositiveSmallIntegerField(default=15)
    last_end_time = models.TimeField(null=True, blank=True)
    min_clinical_staff = models.PositiveSmallIntegerField(default=0)
    with_patient_counts_as_present = models.BooleanField(default=True)
    notice_hours = models.PositiveSmallIntegerField(default=24)
    late_grace_minutes = models.PositiveSmallIntegerField(default=15)
    hold_minutes = models.PositiveSmallIntegerField(default=10)
    repack_notice_hours = models.PositiveSmallIntegerField(default=0, db_default=0)
    keep_places_days = models.PositiveSmallIntegerField(default=3, db_default=3)
    missed_visits = models.PositiveSmallIntegerField(default=2, db_default=2)
    is_practice = models.BooleanField(default=False, db_default=False)
    sends_texts = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="clinic_slug_once"),
            models.UniqueConstraint(fields=["id", "time_zone"], name="clinic_id_zone"),
            models.UniqueConstraint(fields=["id", "organisation"], name="clinic_id_organisation"),
            models.CheckConstraint(condition=Q(grid_minutes__in=(5, 10, 15, 20, 30, 60)), name="clinic_grid"),
        ]

    def __str__(self) -> str:
        return self.name


class ClinicHours(models.Model):
    """One range of opening on a weekday, clinic-local wall time; a day may have several."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="hours")
    weekday = models.CharField(max_length=3, choices=Weekday.choices)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="hours_open_before_close"),
            models.UniqueConstraint(fields=["clinic", "weekday", "opens"], name="hours_once"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"


class Closure(models.Model):
    """A span in which the clinic takes nobody: a holiday, a training afternoon, snow."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="closures")
    period = DateTimeRangeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [GistIndex(fields=["clinic", "period"], name="closure_by_clinic")]
        constraints = [
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False, period__upper_inf=False),
                name="closure_period_bounded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clinic_id} closed {self.period}"
