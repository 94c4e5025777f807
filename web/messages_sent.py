"""What a patient was and will be told, for staff: each notice with its state in words and the text as sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.ledger import sentence
from notifications.models import Notice, NoticeState
from notifications.notice_facts import ChannelName, Purpose
from notifications.sending_again import WhyNotAgain, why_not_again
from scheduling.models import Appointment, Patient
from web.spoken import address

PURPOSES: Mapping[str, str | Promise] = {
    Purpose.BOOKING_CONFIRMATION: _("New times"),
    Purpose.REMINDER: _("Reminder"),
    Purpose.CHANGED: _("Change"),
    Purpose.CANCELLED: _("Cancellation"),
    Purpose.CHECK_IN: _("Check-in"),
    Purpose.INSTRUCTIONS: _("How to prepare"),
    Purpose.RIDE: _("Ride home"),
    Purpose.ORDER_PAUSED: _("Pause"),
    Purpose.CLOSURE: _("Clinic closed"),
    Purpose.MISSED: _("Missed visit"),
    Purpose.REPLY: _("Answer"),
}
CHANNELS: Mapping[str, str | Promise] = {
    ChannelName.SMS: _("text"),
    ChannelName.EMAIL: _("e-mail"),
    ChannelName.CALL: _("telephone"),
}
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
WHY_NOT_AGAIN: Mapping[WhyNotAgain, str | Promise] = {
    WhyNotAgain.MAY_HAVE_ARRIVED: _("It may have arrived, so it is not sent twice. Please call."),
    WhyNotAgain.TOO_LATE: _("It is of no use any more. Please call."),
    WhyNotAgain.CHANGED: _("The visit has changed since, and that is told by itself."),
    WhyNotAgain.NOT_THERE: _("Nothing may go there any more. Please call."),
    WhyNotAgain.DONE: _("It was sent again before."),
}
# Of a patient's notices so many are read; several may be one message.
MOST_READ = 150


@dataclass(frozen=True, slots=True)
class Told:
    """One thing told, or to be told, to a patient. `confirmed`: they have said they come to all visits it speaks of.

    `subject`: that of an e-mail; `arrived_at`: when it was known to have arrived. `again`: it surely did not arrive and
    may be sent once more.
    """

    pk: int
    patient: Patient
    purpose: str
    channel: str
    to: str
    at: datetime
    tone: str
    icon: str
    words: str
    why: str
    subject: str
    text: str
    arrived_at: datetime | None = None
    confirmed: bool = False
    again: bool = False


def notices_of(
    patient: Patient, *, visit: Appointment | None = None, at_most: int = 50, now: datetime | None = None
) -> list[Told]:
    """What this patient is told, newest first; with `visit` only what speaks of it, with `now` whether it may be sent
    again. Three queries, and some for each that failed."""
    notices = Notice.objects.filter(patient=patient).select_related("patient", "address", "message")
    notices = notices.prefetch_related("told_visits__appointment")
    if visit is not None:
        notices = notices.filter(told_visits__appointment=visit)
    return lines_of(notices.order_by("-due_at", "-pk")[:MOST_READ], now=now)[:at_most]


def lines_of(notices: Iterable[Notice], *, now: datetime | None = None) -> list[Told]:
    """The notices in words, in their order. With `now` each says whether it may be sent again."""
    # Notices that left together are one message, and stand here once.
    by_message: dict[object, Notice] = {}
    for notice in notices:
        by_message.setdefault(notice.message_id or notice.pk, notice)
    return [_told(notice, now) for notice in by_message.values()]


def _told(notice: Notice, now: datetime | None) -> Told:
    tone, icon, words = STATES[notice.state]
    told = [one.appointment for one in notice.told_visits.all()]
    may_go = now is not None and notice.state == NoticeState.FAILED
    return Told(
        pk=notice.pk,
        patient=notice.patient,
        purpose=str(PURPOSES.get(notice.purpose, notice.purpose)),
        channel=str(CHANNELS.get(notice.channel, notice.channel)),
        to=address(notice.address),
        at=notice.message.written_at if notice.message else notice.due_at,
        tone=tone,
        icon=icon,
        words=str(words),
        why=sentence(notice.reason),
        subject=notice.message.subject if notice.message else "",
        text=notice.message.body if notice.message else "",
        confirmed=bool(told) and all(visit.confirmed_at for visit in told),
        # It is the last thing that can become of a message.
        arrived_at=notice.changed_at if notice.state == NoticeState.DELIVERED else None,
        again=may_go and now is not None and why_not_again(notice, now=now) is None,
    )
