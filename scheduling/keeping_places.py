"""For how long the visits of a paused order keep their places before the desk is asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from scheduling.events import Actor
from scheduling.models import Clinic

MOST_DAYS: Final = 30


class NotSoLong(Exception):
    """Places of a paused order are kept for one day at least and 30 at most."""


def kept_until(days: int | None, *, by: Actor, now: datetime) -> datetime:
    """Until when places are kept, without a number by that of the clinic where it is said. Refuses with NotSoLong."""
    days = _own_days(by) if days is None else days
    if not 1 <= days <= MOST_DAYS:
        raise NotSoLong
    return now + timedelta(days=days)


def _own_days(by: Actor) -> int:
    if by.clinic_id is None:
        raise RuntimeError("a word is written down at a clinic")
    return Clinic.objects.get(pk=by.clinic_id).keep_places_days
