"""How much notice a cancellation comes with, in words, and whether the clinic counts it as late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext

from scheduling.cancel_reasons import is_late
from scheduling.models import Appointment, CancelledBy, Clinic

HOURS_SAID_IN_MINUTES, HOURS_SAID_IN_DAYS = 2, 48


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    """`span`: "6 hours"; `asked`: what the clinic asks for; `is_late`: it is less. `counts`: it is the patient's side
    that cancelled, the only one that is counted."""

    span: str
    asked: str
    is_late: bool
    counts: bool


def notice_if_cancelled(visit: Appointment, clinic: Clinic, now: datetime) -> NoticeGiven:
    """The notice that a cancellation now would come with."""
    minutes = int((visit.period.lower - now).total_seconds() // 60)
    return _given(minutes, clinic, counts=True)


def notice_of(visit: Appointment, clinic: Clinic) -> NoticeGiven | None:
    """The notice that a cancelled visit was cancelled with; None for any other."""
    if visit.notice_minutes is None:
        return None
    return _given(visit.notice_minutes, clinic, counts=visit.cancelled_by == CancelledBy.PATIENT)


def _given(minutes: int, clinic: Clinic, *, counts: bool) -> NoticeGiven:
    return NoticeGiven(
        span_of(minutes), span_of(clinic.notice_hours * 60), is_late(minutes, clinic.notice_hours), counts
    )


def span_of(minutes: int) -> str:
    """90 minutes, 6 hours, 3 days; none once the visit has begun."""
    if minutes <= 0:
        return gettext("none")
    if minutes < HOURS_SAID_IN_MINUTES * 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < HOURS_SAID_IN_DAYS:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
