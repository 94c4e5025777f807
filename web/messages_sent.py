"""What a patient was and will be told, for staff: each notice with its state in words and the text as sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.models import Notice, NoticeState
from notifications.notice_facts import ChannelName, Purpose
from notifications.reasons import sentence
from scheduling.models import Appointment, Patient
from web.spoken import address

PURPOSES: Mapping[str, str | Promise] = {
    Purpose.BOOKING_CONFIRMATION: _("New times"),
    Purpose.REMINDER: _("Reminder"),
    Purpose.CHANGED: _("Change"),
    Purpose.CANCELLED: _("Cancellation"),
}
CHANNELS: Mapping[str, str | Promise] = {ChannelName.SMS: _("text"), ChannelName.EMAIL: _("e-mail")}
# Tone, icon, words: what the desk wants to know is whether it arrived.
STATES: Mapping[str, tuple[str, str, str | Promise]] = {
    NoticeState.PLANNED: ("neutral", "clock", _("planned")),
    NoticeState.CLAIMED: ("info", "send", _("sending")),
    NoticeState.SENT: ("info", "send-horizontal", _("sent")),
    NoticeState.DELIVERED: ("success", "check-check", _("delivered")),
    NoticeState.FAILED: ("danger", "circle-alert", _("not sent")),
    NoticeState.UNKNOWN: ("warning", "phone", _("may not have arrived: call")),
    NoticeState.SUPPRESSED: ("neutral", "ban", _("not sent")),
    NoticeState.LAPSED: ("warning", "timer-off", _("not sent: too late")),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing told, or to be told, to a patient."""

    purpose: str
    channel: str
    to: str
    at: datetime
    tone: str
    icon: str
    words: str
    why: str
    text: str


def notices_of(patient: Patient, *, visit: Appointment | None = None, at_most: int = 50) -> list[Told]:
    """What this patient is told, newest first; with `visit` only what speaks of it. One query."""
    notices = Notice.objects.filter(patient=patient).select_related("address", "message")
    if visit is not None:
        notices = notices.filter(told_visits__appointment=visit)
    # Notices that left together are one message, and stand here once.
    by_message = {notice.message_id or notice.pk: notice for notice in notices.order_by("due_at", "pk")}
    newest_first = sorted(by_message.values(), key=lambda notice: (notice.due_at, notice.pk), reverse=True)
    return [_told(notice) for notice in newest_first[:at_most]]


def _told(notice: Notice) -> Told:
    tone, icon, words = STATES[notice.state]
    return Told(
        purpose=str(PURPOSES.get(notice.purpose, notice.purpose)),
        channel=str(CHANNELS.get(notice.channel, notice.channel)),
        to=address(notice.address),
        at=notice.message.written_at if notice.message else notice.due_at,
        tone=tone,
        icon=icon,
        words=str(words),
        why=sentence(notice.reason),
        text=notice.message.body if notice.message else "",
    )
