"""How a patient wants to be reached, who drives them home, and what somebody has told them in person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from notifications.models.address import Address
from scheduling.models import Appointment, Order, Patient, User

CALL = "call"
WAYS = [("sms", "SMS"), ("email", "E-mail"), (CALL, "Call")]


class ContactWishes(models.Model):
    """`way` is the preferred channel, empty for none; "call" has the desk call in place of every message.

    `only_address`: a request for confidential communication (45 CFR 164.522(b)): nothing goes anywhere else, whatever
    else is known; `confidential_note` is what was asked, in the patient's words.
    """

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="contact_wishes")
    way = models.CharField(max_length=5, choices=WAYS, blank=True)
    wants_day_of = models.BooleanField(default=False)
    only_address = models.ForeignKey(Address, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confidential_note = models.CharField(max_length=300, blank=True)
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"wishes of patient {self.patient_id}"


class RideHome(models.Model):
    """Who drives the patient home from a visit, as they or the desk said."""

    visit = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="ride")
    driver = models.CharField(max_length=80)
    phone = models.CharField(max_length=40, blank=True)
    said_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(driver=""), name="ride_names_driver")]

    def __str__(self) -> str:
        return f"ride home from visit {self.visit_id}"


class ToldInPerson(models.Model):
    """That somebody has told the patient: of a visit as it stood in `told_version`, or of what became of an order.

    With `and_send` a message follows all the same; without, they know, and none does.
    """

    append_only: ClassVar[bool] = True

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="told_in_person")
    visit = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    told_version = models.PositiveIntegerField(null=True, blank=True)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    and_send = models.BooleanField(default=False)
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(visit__isnull=False, told_version__isnull=False, order__isnull=True)
                | Q(visit__isnull=True, told_version__isnull=True, order__isnull=False),
                name="told_of_a_visit_or_an_order",
            ),
        ]

    def __str__(self) -> str:
        return f"told in person {self.pk}"
