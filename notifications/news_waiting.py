"""The news of a visit that waits to go, and when it would go if somebody sent it now. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.clinic_rules import read_rules
from notifications.models import Notice, NoticeState
from notifications.notice_facts import Purpose
from notifications.notice_rules import goes_at
from notifications.visit_news import NOW_STEP
from scheduling.models import Appointment, Order, Patient


def news_waiting(patient: Patient, visit: Appointment | None = None, order: Order | None = None) -> list[Notice]:
    """New times, changes and cancellations that wait, with `visit` or `order` those of it. Only these does "they know"
    hold back and "send now" hurry; reminders and closures go as they are planned."""
    rows = Notice.objects.filter(patient=patient, state=NoticeState.PLANNED, step=NOW_STEP)
    if visit is not None:
        rows = rows.filter(told_visits__appointment=visit)
    if order is not None:
        rows = rows.filter(told_visits__appointment__order=order).distinct()
    return list(rows.exclude(purpose=Purpose.REPLY).select_related("clinic", "patient").order_by("due_at", "pk"))


def goes_as_planned(waiting: Iterable[Notice], now: datetime) -> datetime | None:
    """When the last of these goes if nobody does anything, at its time or once quiet hours are over; None where none is
    in time."""
    return _last([(row, max(row.due_at, now)) for row in waiting], now)


def goes_if_sent_now(waiting: Iterable[Notice], now: datetime) -> datetime | None:
    """When the last of these would go, `now` or once quiet hours are over; None where none is in time."""
    return _last([(row, now) for row in waiting], now)


def _last(waiting: Sequence[tuple[Notice, datetime]], now: datetime) -> datetime | None:
    rules = read_rules({row.clinic_id for row, _ in waiting})
    times = [
        goes_at(
            purpose=Purpose(row.purpose),
            step=row.step,
            visits=(),
            due_at=due_at,
            useful_until=row.useful_until,
            now=now,
            hours=rules[row.clinic_id].quiet,
            zone=ZoneInfo(row.patient.time_zone or row.clinic.time_zone),
        )
        for row, due_at in waiting
    ]
    return max((at for at in times if at is not None), default=None)
