"""When a questionnaire is asked, and until when: late answers are taken, and said to be late. No Django."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from scheduling.clinic_time import ClinicTime
from scheduling.intervals import Interval

# Of a check-in: its message may wait days for a clinician on duty, and its link is read for a week.
ANSWERED_WITHIN: Final = timedelta(days=7)
# So long after the end of its time a questionnaire is still put to the patient.
LATE_FOR: Final = timedelta(days=7)


def before_visit(starts_at: datetime, until: datetime, *, days: int, time_zone: str) -> Interval:
    """From the beginning of the clinic-local day so many days before the visit, until the infusion is given or the
    visit is over. Never empty: a visit that was recorded as given before it was planned gets a minute."""
    clock = ClinicTime(time_zone)
    opens = clock.day_start(clock.local_day(starts_at) - timedelta(days=days))
    return Interval(opens, max(until, opens + timedelta(minutes=1)))


def after_due(due_at: datetime) -> Interval:
    """A check-in's, from when it is due."""
    return Interval(due_at, due_at + ANSWERED_WITHIN)
