"""A booking that is half made: what a person at the desk had when the other line rang."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from scheduling.models.clinic import Clinic
from scheduling.models.order import Order
from scheduling.models.patient import Patient
from scheduling.models.user import User


class ParkedCall(models.Model):
    """Of one person, at one clinic, about one patient. It is a note to oneself and no record: it goes once the series
    is booked, or nobody came back to it for a week.

    `words` are the wishes as typed, `weekdays` and `time` those that were ticked, `how_many` to book (None: as many as
    the page proposes). Times that are kept stand with the visits.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="parked_calls")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    words = models.CharField(max_length=200, blank=True)
    weekdays = ArrayField(models.CharField(max_length=3), blank=True, default=list)
    time = models.TimeField(null=True, blank=True)
    how_many = models.PositiveSmallIntegerField(null=True, blank=True)
    touched_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "clinic", "patient"], name="parked_call_once")]

    def __str__(self) -> str:
        return f"parked call {self.pk}"
