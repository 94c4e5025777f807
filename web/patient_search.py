"""Finding a patient by whatever somebody types of them: names, birth date, telephone, record number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils import timezone

from notifications.models import AddressKind, PatientAddress
from notifications.phone_search import reached_at
from scheduling.models import Organisation, Patient
from scheduling.patient_search import find_patients, written_nearly_so
from scheduling.typed_search import Sought, one_slip, read_search

SHOWN_AT_MOST: Final = 10
# With so few found, those written nearly so are looked for, too: what was heard on the telephone is not always spelled.
FEW: Final = 4


@dataclass(frozen=True, slots=True)
class Found:
    """Who matches, best first, and who is written `nearly` so. `is_more`: others match, too."""

    sought: Sought
    patients: list[Patient]
    nearly: list[Patient]
    is_more: bool

    @property
    def everybody(self) -> list[Patient]:
        """All that are shown, in that order."""
        return [*self.patients, *self.nearly]


def look_for(
    *, organisation: Organisation, text: str, include_gone: bool = False, at_most: int = SHOWN_AT_MOST
) -> Found:
    """Patients of the organisation who match everything typed, each with the `numbers` they are reached at now.

    Without the deceased and merged unless `include_gone`. One query, and another where few are found.
    """
    sought = read_search(text, today=timezone.localdate())
    ask = partial(_rows, organisation=organisation, sought=sought, include_gone=include_gone)
    matching = list(ask(find_patients)[: at_most + 1])
    patients, nearly = matching[:at_most], []
    if len(patients) < FEW and any(map(one_slip, sought.words)):
        near = ask(written_nearly_so).exclude(pk__in=[patient.pk for patient in patients])
        nearly = list(near[: at_most - len(patients)])
    return Found(sought, patients, nearly, is_more=len(matching) > at_most)


def _rows(search: Any, *, organisation: Organisation, sought: Sought, include_gone: bool) -> QuerySet[Patient]:
    found = search(
        organisation=organisation,
        sought=sought,
        include_gone=include_gone,
        reached=partial(reached_at, organisation),
    )
    return with_numbers(found)


def with_numbers(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Each with the telephone `numbers` they are reached at now, the preferred one first."""
    links = PatientAddress.objects.filter(patient=OuterRef("pk"), ended_at=None, address__value__isnull=False)
    links = links.filter(address__kind=AddressKind.PHONE).order_by("-preferred", "pk")
    return patients.annotate(numbers=ArraySubquery(links.values("address__value")))


def numbers_of(patient: Patient) -> list[str]:
    """The numbers of one of the patients `with_numbers`."""
    numbers: list[str] = patient.numbers  # type: ignore[attr-defined]  # annotated in with_numbers
    return numbers
