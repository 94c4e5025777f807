"""What a booking page wishes before anybody said anything: when this patient and their driver can come."""

from __future__ import annotations

from django.http import QueryDict

from scheduling.models import Clinic, ClinicHours, Patient
from scheduling.patient_availability import wish_of


def default_wish(patient: Patient, clinic: Clinic) -> QueryDict | None:
    """The wish as its form would send it, on days when the clinic is open; None where nothing is known or fits. The
    time is the whole hour before, as the form has them. One query, and one more where something is known."""
    wish = wish_of(patient)
    if wish.weekdays is None:
        return None
    open_days = set(ClinicHours.objects.filter(clinic=clinic).values_list("weekday", flat=True))
    suits = sorted(wish.weekdays & open_days)
    if not suits:
        return None
    said = QueryDict(mutable=True)
    said.setlist("weekdays", suits)
    if wish.time is not None:
        said["time"] = f"{wish.time.hour:02}:00"
    return said
