"""What the desk knows of a patient besides who they are: whom we may talk to, what they need, when they can come."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scheduling.models.clinic import Weekday
from scheduling.models.patient import Patient
from scheduling.models.user import User


class TalkScope(models.TextChoices):
    """How much a person may be told."""

    TIMES = "times", _("times of visits only")
    EVERYTHING = "everything", _("everything")


class NeedKind(models.TextChoices):
    """What a need or a note is about. Never why: no clinical facts stand here."""

    HEARING = "hearing", _("Hearing")
    SIGHT = "sight", _("Sight")
    MOVING = "moving", _("Moving about")
    NEEDLES = "needles", _("Needles, in their own words")
    COMPANY = "company", _("Who comes along")
    OTHER = "other", _("Other need")
    NOTE = "note", _("Note for the desk")


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="PersonToTalkToHistory",
    obj_field=pghistory.ObjForeignKey(related_name="row_history"),
)
class PersonToTalkTo(models.Model):
    """Somebody whom the patient lets us talk to, as the patient said. `until` is the last clinic-local day of it; NULL:
    until the patient says otherwise. `pass_phrase`: a word the two agreed on, empty for none."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="people_to_talk_to")
    name = models.CharField(max_length=120)
    relation = models.CharField(max_length=60)
    scope = models.CharField(max_length=10, choices=TalkScope.choices)
    pass_phrase = models.CharField(max_length=80, blank=True)
    until = models.DateField(null=True, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["patient"], condition=Q(ended_at__isnull=True), name="people_to_talk_to_now")]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(relation=""), name="person_to_talk_to_named"),
        ]

    def __str__(self) -> str:
        return f"person to talk to {self.pk}"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="PatientNeedHistory",
    obj_field=pghistory.ObjForeignKey(related_name="row_history"),
)
class PatientNeed(models.Model):
    """A need, or a note of the desk, shown wherever the patient is booked."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="needs")
    kind = models.CharField(max_length=10, choices=NeedKind.choices)
    words = models.CharField(max_length=300)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["patient"], condition=Q(ended_at__isnull=True), name="patient_needs_now")]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="patient_need_said")]

    def __str__(self) -> str:
        return f"need {self.pk}"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="TimeToComeHistory",
    obj_field=pghistory.ObjForeignKey(related_name="row_history"),
)
class TimeToCome(models.Model):
    """A weekday on which the patient, and whoever drives them, can come: from and until are wall times, both NULL for
    the whole day. No row at all: nothing was said."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="times_to_come")
    weekday = models.CharField(max_length=3, choices=Weekday.choices)
    starts = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "weekday"], name="time_to_come_once_a_weekday"),
            models.CheckConstraint(
                condition=Q(starts__isnull=True, ends__isnull=True)
                | Q(starts__isnull=False, ends__isnull=False, starts__lt=F("ends")),
                name="time_to_come_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"time to come {self.pk}"
