"""A reply as the inbox shows it: who wrote, what they answer, what it was taken to mean, what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications import reply_outcomes
from notifications.answers import approved, in_language
from notifications.models import InboundMessage, Intent, NoticeVisit, QuickReply, StaffAlert
from notifications.reply_matching import addresses_of, patients_at
from scheduling.models import Appointment, Claim, Clinic, Patient, ResourceKind
from web.messages_sent import CHANNELS, PURPOSES

ROWS = ("patient", "address", "clinic", "answers", "visit__patient", "handled_by", "handed_to")
MEANINGS: Mapping[str, str | Promise] = {
    Intent.CONFIRM: _("is coming"),
    Intent.CALL_ME: _("wants to be called"),
    Intent.STOP: _("wants no more messages"),
    Intent.STOP_AND_CALL: _("wants no more messages, or to cancel a visit"),
    Intent.START: _("wants messages again"),
    Intent.HELP: _("asks for help"),
    Intent.LATE: _("comes late"),
    Intent.WRONG_NUMBER: _("is somebody else: wrong number"),
    Intent.THANKS: _("says thank you"),
    Intent.OTHER: _("not understood: please read"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One reply. `could_be`: whose the address is, where it is not known who wrote. `in_the_way`: visits in the same
    chair that would have to wait for a late one."""

    reply: InboundMessage
    channel: str | Promise
    means: str | Promise
    became: str
    answers: str | Promise
    told: Sequence[NoticeVisit]
    quick: Sequence[QuickReply]
    alert: StaffAlert | None = None
    could_be: Sequence[Patient] = ()
    in_the_way: Sequence[Appointment] = ()
    key: str = field(default_factory=lambda: uuid4().hex)

    @property
    def is_wrong_number(self) -> bool:
        return self.reply.intent == Intent.WRONG_NUMBER


def rows_of(replies: Sequence[InboundMessage], clinic: Clinic) -> list[Row]:
    """The replies in words. Three queries for all of them, and some for each whose writer is unknown or who is late."""
    if not replies:
        return []
    answered = [one.answers_id for one in replies if one.answers_id]
    told: dict[object, dict[int, NoticeVisit]] = {}
    visits = NoticeVisit.objects.filter(notice__message__in=answered).select_related("notice", "appointment")
    for visit in visits.order_by("starts_at"):
        told.setdefault(visit.notice.message_id, {}).setdefault(visit.appointment_id, visit)
    quick = list(approved(clinic))
    alerts = {
        one.reply_id: one for one in StaffAlert.objects.filter(reply__in=replies).select_related("acknowledged_by")
    }
    return [
        Row(
            reply=one,
            channel=CHANNELS.get(one.channel, one.channel),
            means=MEANINGS[one.intent],
            became=reply_outcomes.sentence(one.outcome),
            answers=PURPOSES.get(one.answers.purpose, one.answers.purpose) if one.answers else "",
            told=list(told.get(one.answers_id, {}).values()),
            quick=in_language(quick, one.patient.language) if one.patient else (),
            alert=alerts.get(one.pk),
            could_be=_could_be(one, clinic) if one.patient is None else (),
            in_the_way=in_the_way(one.visit, one.late_minutes) if one.visit and one.late_minutes else (),
        )
        for one in replies
    ]


def late_replies(visit: Appointment, clinic: Clinic) -> list[Row]:
    """What the patient wrote of coming late to this visit, until somebody has dealt with it."""
    replies = InboundMessage.objects.filter(visit=visit, handled_at=None).select_related(*ROWS).order_by("received_at")
    return rows_of(list(replies), clinic)


def in_the_way(visit: Appointment, late_minutes: int) -> list[Appointment]:
    """The visits that begin in this visit's chair before it would be free, if all of it came so much later."""
    chairs = Claim.objects.filter(appointment=visit, live=True, resource__kind=ResourceKind.CHAIR)
    found: dict[int, Appointment] = {}
    for claim in chairs:
        after: datetime = claim.period.upper
        later = Claim.objects.filter(resource=claim.resource_id, live=True).exclude(appointment=visit)
        for one in later.filter(
            period__startswith__gte=after, period__startswith__lt=after + timedelta(minutes=late_minutes)
        ).select_related("appointment__patient"):
            found[one.appointment_id] = one.appointment
    return sorted(found.values(), key=lambda one: one.period.lower)


def _could_be(reply: InboundMessage, clinic: Clinic) -> list[Patient]:
    return [one for one in patients_at(addresses_of(reply)) if one.organisation_id == clinic.organisation_id]
