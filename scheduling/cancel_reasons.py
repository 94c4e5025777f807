"""Why visits are cancelled: each reason's code, on whose side it is, and whether it is clinical. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Side(StrEnum):
    """On whose side a visit was cancelled; the values of `CancelledBy`."""

    PATIENT = "patient"
    CLINIC = "clinic"
    CLINICIAN = "clinician"


class Reason(NamedTuple):
    """`is_clinical`: only clinical roles may give it, and to others it is "clinical reason" alone."""

    side: Side
    is_clinical: bool = False


# "clinical" says that there is one and nothing else, so that the desk may write down what it was told to do.
CLINICAL_UNSAID: Final = "clinical"
REASONS: Final[Mapping[str, Reason]] = {
    "patient_asked": Reason(Side.PATIENT),
    "no_ride": Reason(Side.PATIENT),
    "cost_or_cover": Reason(Side.PATIENT),
    "patient_withdrew": Reason(Side.PATIENT),
    "clinic_closed": Reason(Side.CLINIC),
    "staff_away": Reason(Side.CLINIC),
    "equipment": Reason(Side.CLINIC),
    "booked_by_mistake": Reason(Side.CLINIC),
    CLINICAL_UNSAID: Reason(Side.CLINICIAN),
    "feels_unwell": Reason(Side.PATIENT, is_clinical=True),
    "results": Reason(Side.CLINICIAN, is_clinical=True),
    "pregnancy": Reason(Side.CLINICIAN, is_clinical=True),
    "in_hospital": Reason(Side.PATIENT, is_clinical=True),
    "prescriber_decided": Reason(Side.CLINICIAN, is_clinical=True),
}


def is_clinical(code: str) -> bool:
    """Whether only clinical roles may read or give this reason; a code nobody knows is taken to be."""
    return code not in REASONS or REASONS[code].is_clinical


def is_late(notice_minutes: int | None, notice_hours: int) -> bool:
    """Whether a cancellation came with less notice than the clinic asks for."""
    return notice_minutes is not None and notice_minutes < notice_hours * 60
