"""Finding patients by the digits of a telephone number, in any grouping."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet

from notifications.models import AddressKind, PatientAddress
from scheduling.models import Organisation

# Fewer are how a number ends, as people say it: "ending in 0123".
ANYWHERE_FROM: Final = 5


def reached_at(organisation: Organisation, digits: str) -> QuerySet[PatientAddress, Any]:
    """The ids of patients of the organisation with a number now that ends in these digits, or has them if five or more.

    A trunk zero in front, or the country's code, is no difference.
    """
    links = PatientAddress.objects.filter(organisation=organisation, ended_at=None, address__kind=AddressKind.PHONE)
    links = links.filter(address__organisation=organisation)
    significant = digits.lstrip("0") if len(digits) >= ANYWHERE_FROM else digits
    if len(digits) < ANYWHERE_FROM:
        return links.filter(address__value__endswith=significant).values("patient_id")
    return links.filter(address__value__contains=significant).values("patient_id")
