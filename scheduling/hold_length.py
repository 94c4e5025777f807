"""How long times are kept."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from scheduling.clinic_time import ClinicTime, WallRange
from scheduling.models import Clinic
from scheduling.picks import BookingRefused
from scheduling.problems import because

LONGEST: Final = timedelta(days=7)
# A time of day is the clinic's, today; an instant is one; nothing is the clinic's own minutes.
Until = time | datetime | None


def kept_until(clinic: Clinic, until: Until, minutes: int | None, first: datetime, *, now: datetime) -> datetime:
    """The instant at which a hold ends: as in `hold_series`. Refuses with BookingRefused an end that has passed, or
    that is more than a week ahead."""
    clock = ClinicTime(clinic.time_zone)
    if isinstance(until, time):
        # An hour that the clocks skip or double ends where hours of opening would.
        today = clock.on_day(clock.local_day(now), WallRange(0, max(until.hour * 60 + until.minute, 1)))
        ends = today.end if today else now
    elif until is not None:
        ends = until
    else:
        ends = now + timedelta(minutes=clinic.hold_minutes if minutes is None else minutes)
    if ends > now + LONGEST:
        raise BookingRefused([because("hold_too_long", days=LONGEST.days)])
    ends = min(ends, first)
    if ends <= now:
        raise BookingRefused([because("hold_ends_before_now")])
    return ends
