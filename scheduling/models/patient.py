"""A patient of an organisation. Addresses and consent stand in `notifications`."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q

from scheduling.models.organisation import Organisation
from scheduling.models.user import User


class PatientQuerySet(models.QuerySet["Patient"]):
    """Which patients a page means."""

    def current(self) -> PatientQuerySet:
        """Alive and not merged into another: those a search shows by default."""
        return self.filter(deceased_at__isnull=True, merged_into__isnull=True)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["searched_as"],
    model_name="PatientHistory",
    obj_field=pghistory.ObjForeignKey(related_name="row_history"),
)
class Patient(models.Model):
    """One person. `given_name` and `family_name` are the legal name, for identity; screens show the preferred one."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="patients")
    mrn = models.CharField(max_length=80, blank=True)
    given_name = models.CharField(max_length=120)
    family_name = models.CharField(max_length=120)
    preferred_name = models.CharField(max_length=120, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    gender = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=20, default="en")
    second_language = models.CharField(max_length=20, blank=True)
    interpreter_needed = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, blank=True)
    deceased_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    is_restricted = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    row_version = models.PositiveIntegerField(default=1)
    # Names and record number as a search compares them: lower case, no accents, a space around each word.
    searched_as = models.GeneratedField(
        expression=Func("given_name", "family_name", "preferred_name", "mrn", function="scheduling_searched_as"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = PatientQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "family_name", "given_name"], name="patient_by_name"),
            models.Index(fields=["organisation", "birth_date"], name="patient_by_birth_date"),
            GinIndex("organisation", OpClass("searched_as", name="gin_trgm_ops"), name="patient_by_parts"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "mrn"], condition=~Q(mrn=""), name="patient_mrn_once"),
            models.UniqueConstraint(fields=["id", "organisation"], name="patient_id_organisation"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="patient_not_merged_into_itself"),
        ]

    def __str__(self) -> str:
        return f"patient {self.pk}"

    @property
    def is_gone(self) -> bool:
        """Deceased, or merged into another record: nothing is booked or sent any more."""
        return self.deceased_at is not None or self.merged_into_id is not None

    @property
    def shown_name(self) -> str:
        """What staff call the patient: preferred given name if any, and family name."""
        return f"{self.preferred_name or self.given_name} {self.family_name}".strip()

    @property
    def legal_name(self) -> str:
        """The name identity is checked against."""
        return f"{self.given_name} {self.family_name}".strip()


class PatientIdentifier(models.Model):
    """A number some system knows the patient by (FHIR Identifier): `system` and `value`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identifiers")
    system = models.CharField(max_length=200)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "system", "value"], name="identifier_once"),
        ]

    def __str__(self) -> str:
        return f"identifier {self.pk}"
