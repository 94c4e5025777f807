"""Who on file may be the person somebody is about to take down."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from scheduling.alike_names import alike
from scheduling.models import Organisation, Patient
from scheduling.patient_search import is_named


def look_alikes(
    *, organisation: Organisation, given_name: str, family_name: str, birth_date: date | None = None
) -> list[Patient]:
    """Current patients of the same whole name, in whichever order it was written down, and those of this birth date
    with a given or family name alike (NPSG.01.01.01). One query."""
    wanted = Q()
    if given_name.strip() and family_name.strip():
        wanted |= is_named(given_name) & is_named(family_name)
    if birth_date:
        wanted |= Q(birth_date=birth_date)
    if not wanted:
        return []
    near = Patient.objects.filter(wanted, organisation=organisation).current().order_by("pk")
    return [one for one in near if one.birth_date != birth_date or _a_name_is_alike(one, given_name, family_name)]


def _a_name_is_alike(patient: Patient, given_name: str, family_name: str) -> bool:
    names = (patient.given_name, patient.preferred_name, patient.family_name)
    return any(alike(typed, name) for typed in (given_name, family_name) for name in names)
