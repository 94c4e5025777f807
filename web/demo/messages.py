"""What the demo's patients were told before it was opened: arrived, lost, uncertain, to be said by telephone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, cycle
from typing import Final

from notifications.attempt_outcomes import record_outcome
from notifications.attempts import Started, start_attempts
from notifications.channels.outcomes import Accepted, Unknown
from notifications.claiming import LEASE, claim_due
from notifications.clinic_rules import read_rules
from notifications.models import NoticeState
from notifications.notice_facts import ChannelName
from notifications.planning import plan_patient
from notifications.quick_replies import approve_reply
from notifications.quiet_hours import QUARTER
from notifications.receipts import take_twilio_status
from notifications.unsent import ask_to_call_about_unsent
from scheduling.events import Actor
from scheduling.models import Appointment, Patient, Status, User
from web.demo.stage import Stage

# What the desk may answer with one press. The Spanish needs a qualified reviewer.
QUICK_REPLIES: Final = {
    "en": (
        "Yes, you may bring somebody.",
        "Thank you. We will call you today.",
        "No problem, come as soon as you can.",
        "Please ask that on the telephone, so that we can look it up.",
    ),
    "es": (
        "Sí, puede venir acompañado.",
        "Gracias. Le llamaremos hoy.",
        "No se preocupe, venga en cuanto pueda.",
        "Por favor pregúntenos por teléfono, para que podamos consultarlo.",
    ),
}
# A text that nobody answered for is asked after for an hour; one from before stays uncertain.
SENT_BEFORE: Final = timedelta(minutes=75)
# The next few write themselves; these were written to. Whoever speaks Vietnamese gets a call instead.
WRITE_THEMSELVES, WRITTEN_TO = 3, 6
# In turn for the texts; of the mails none is reported on.
CAME: Final = (NoticeState.DELIVERED, NoticeState.FAILED, NoticeState.UNKNOWN)


def tell_messages(stage: Stage) -> None:
    """Approves answers for the desk; has a few patients told of their visits the last time that was no quiet hour, and
    the desk asked to call where it did not work."""
    manager = Actor.staff(User.objects.get(username="manager"), stage.clinic)
    for language, replies in QUICK_REPLIES.items():
        for words in replies:
            approve_reply(clinic=stage.clinic, language=language, body=words, by=manager, now=stage.ago(days=20))
    at = _last_allowed(stage)
    ahead = Appointment.objects.filter(
        clinic=stage.clinic, status=Status.BOOKED, period__startswith__gt=stage.now, booked_at__lt=at
    )
    people = list(dict.fromkeys(ahead.order_by("period").values_list("patient", flat=True)))
    for pk in people[WRITE_THEMSELVES : WRITE_THEMSELVES + WRITTEN_TO]:
        plan_patient(patient=Patient.objects.get(pk=pk), now=at)
    came = chain(CAME, cycle((NoticeState.DELIVERED,)))
    for channel in (ChannelName.SMS, ChannelName.EMAIL):
        for one in _begin(channel, at):
            _end(one, next(came) if channel is ChannelName.SMS else NoticeState.SENT, at + timedelta(seconds=2))
    ask_to_call_about_unsent(by=Actor.system("messages"), now=at + timedelta(minutes=2))


def _last_allowed(stage: Stage) -> datetime:
    quiet, at = read_rules([stage.clinic.pk])[stage.clinic.pk].quiet, stage.now - SENT_BEFORE
    while quiet.cover(at, stage.clock.zone):
        at -= QUARTER
    return at


def _begin(channel: ChannelName, at: datetime) -> Iterator[Started]:
    while claim := claim_due(channel=channel, sender="", most=100, now=at):
        yield from start_attempts(groups=claim.groups, token=claim.token, now=at, lease=LEASE)


def _end(one: Started, came: NoticeState, at: datetime) -> None:
    reference = f"demo:{one.outgoing.message_id}"
    if came is NoticeState.UNKNOWN:
        record_outcome(attempt_id=one.attempt_id, outcome=Unknown("No answer after it was sent."), now=at)
        return
    record_outcome(attempt_id=one.attempt_id, outcome=Accepted(reference), now=at)
    if came in (NoticeState.DELIVERED, NoticeState.FAILED):
        status = "delivered" if came is NoticeState.DELIVERED else "undelivered"
        form = {"MessageSid": reference, "MessageStatus": status}
        take_twilio_status(form=form, message_id=one.outgoing.message_id, now=at + timedelta(seconds=5))
