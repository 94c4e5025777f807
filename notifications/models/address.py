"""A phone number or mailbox, once an organisation, and whose it is. Consent and opt-out belong to the address."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q

from scheduling.models import Organisation, Patient


class AddressKind(models.TextChoices):
    """What an address is."""

    PHONE = "phone"
    EMAIL = "email"


class Address(models.Model):
    """`value` is E.164 or a lower-case mailbox, or NULL where `raw` makes no sense: such an address is never messaged.

    `stopped_at` stops it for everyone on it, whatever consent says.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="addresses")
    kind = models.CharField(max_length=5, choices=AddressKind.choices)
    value = models.CharField(max_length=254, null=True, blank=True)
    raw = models.CharField(max_length=254)
    is_valid = models.GeneratedField(
        expression=Q(value__isnull=False),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        # Found by how a number ends.
        indexes = [GinIndex("organisation", OpClass("value", name="gin_trgm_ops"), name="address_by_digits")]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "value"], name="address_once"),
            models.UniqueConstraint(
                fields=["organisation", "kind", "raw"], condition=Q(value__isnull=True), name="address_raw_once"
            ),
            models.UniqueConstraint(fields=["id", "organisation"], name="address_id_organisation"),
            models.CheckConstraint(condition=~Q(value=""), name="address_value_or_null"),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stop_reason="")
                | (Q(stopped_at__isnull=False) & ~Q(stop_reason="")),
                name="address_stopped_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"address {self.pk}"

    @property
    def works(self) -> bool:
        """Whether messages can go there at all, consent aside."""
        return self.value is not None and self.stopped_at is None


class PatientAddress(models.Model):
    """That a patient is reached at an address; `told_apart_label` is the desk's word where several share it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="addresses")
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="patients")
    preferred = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    told_apart_label = models.CharField(max_length=40, blank=True)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "address"], name="patient_address_once"),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(preferred=True, ended_at__isnull=True), name="patient_prefers_one"
            ),
        ]

    def __str__(self) -> str:
        return f"address {self.address_id} of patient {self.patient_id}"
