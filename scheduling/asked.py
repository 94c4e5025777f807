"""What a search is asked, and a change to it as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from scheduling.capacity import ClinicSnapshot
from scheduling.series_terms import PatientTimes, SeriesTerms, Wish

# It could be sent as JSON: "kind" is a key of `what_if.CHANGES`, days are ISO dates, lengths are in minutes.
Change = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a search is asked, but for how many proposals and from when."""

    clinic: ClinicSnapshot
    terms: SeriesTerms
    patient: PatientTimes
    wish: Wish


def days_of(change: Change) -> list[date]:
    """The days on which a change holds."""
    return [date.fromisoformat(day) for day in change["days"]]
