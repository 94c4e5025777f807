"""Who is easily taken for somebody else: among the patients shown together, and of a newcomer on file."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.addresses import normalise
from notifications.models import AddressKind
from notifications.phone_search import reached_at
from scheduling.look_alikes import look_alikes
from scheduling.models import Organisation, Patient
from web.patient_search import look_for, numbers_of
from web.spoken import look_alikes as named_alike

NAMED_ALIKE = _("another is named alike")
BORN_ALIKE = _("another has this birth date")
SAME_NUMBER = _("another has this number")
MOST_NAMED_ALIKE = 3


@dataclass(frozen=True, slots=True)
class OnFile:
    """Somebody on file who is like a newcomer, and `why`. `may_be`: perhaps the same person, who then needs no record;
    otherwise one to be told apart later."""

    patient: Patient
    why: str | Promise
    may_be: bool


def marks(patients: Sequence[Patient]) -> dict[int, str | Promise]:
    """What to say beside those of patients shown together (`with_numbers`) who are easily taken for another of them."""
    said: dict[int, str | Promise] = {}
    for words, alike in (
        (NAMED_ALIKE, named_alike(patients)),
        (SAME_NUMBER, _shared(patients, numbers_of)),
        (BORN_ALIKE, _shared(patients, lambda one: [one.birth_date] if one.birth_date else [])),
    ):
        for patient_id in alike:
            said.setdefault(patient_id, words)
    return said


def _shared(patients: Iterable[Patient], of: Callable[[Patient], Iterable[Hashable]]) -> set[int]:
    """Ids of those who have something in common with another one."""
    having: dict[Hashable, set[int]] = {}
    for patient in patients:
        for one in of(patient):
            having.setdefault(one, set()).add(patient.pk)
    return {patient_id for together in having.values() if len(together) > 1 for patient_id in together}


def on_file(
    *, organisation: Organisation, given_name: str, family_name: str, birth_date: date | None, phone: str
) -> list[OnFile]:
    """Patients like somebody about to be taken down, those first who may be the same person; what is not known yet is
    left out. At most four queries."""
    found: dict[int, OnFile] = {}
    for patient in look_alikes(
        organisation=organisation, given_name=given_name, family_name=family_name, birth_date=birth_date
    ):
        found[patient.pk] = OnFile(patient, _why(patient, birth_date), may_be=True)
    for patient in _at_number(organisation, phone):
        found.setdefault(patient.pk, OnFile(patient, _("same telephone number"), may_be=True))
    if given_name.strip() and len(family_name.strip()) > 1:
        near = look_for(organisation=organisation, text=f"{given_name} {family_name}", at_most=MOST_NAMED_ALIKE)
        for patient in near.everybody:
            found.setdefault(patient.pk, OnFile(patient, _("named alike"), may_be=False))
    return list(found.values())


def _why(patient: Patient, birth_date: date | None) -> str | Promise:
    if birth_date is None or patient.birth_date is None:
        return _("same name")
    if patient.birth_date == birth_date:
        return _("same birth date, and named alike")
    return _("same name, born on another day")


def _at_number(organisation: Organisation, phone: str) -> list[Patient]:
    number = normalise(AddressKind.PHONE, phone)
    if number is None:
        return []
    there = Patient.objects.filter(organisation=organisation, pk__in=reached_at(organisation, number[1:]))
    return list(there.current().order_by("pk"))
