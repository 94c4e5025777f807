"""What the desk does with replies: reads them, says who wrote, is done with them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, Q, QuerySet

from notifications import reply_outcomes
from notifications.inbound import apply_reply
from notifications.models import InboundMessage, MessageRules
from notifications.notice_facts import ChannelName
from notifications.reply_matching import addresses_of, last_message
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Clinic, Event, Organisation, Patient, User

NAMED: Final = "reply.assigned"


class NotOfThisPlace(Exception):
    """The patient is another organisation's."""


class NamedAlready(Exception):
    """The reply is another patient's by now; `user` is who said so, None where it was known by its address."""

    def __init__(self, patient: Patient, user: User | None) -> None:
        self.patient, self.user = patient, user
        super().__init__("another patient is named by now")


def replies_at(clinic: Clinic) -> QuerySet[InboundMessage]:
    """The clinic's replies, and its organisation's of which nobody knows the clinic: at each clinic without a text
    number of its own, at all of them where every clinic has one.

    A stranger's to nobody's number is among them only where there is one organisation: else it may be another's.
    """
    organisation = clinic.organisation_id
    named = MessageRules.objects.exclude(text_number="").filter(clinic__organisation=organisation)
    without = Clinic.objects.filter(organisation=organisation).exclude(pk__in=named.values("clinic"))
    sees_them = ~Exists(named.filter(clinic=clinic)) | ~Exists(without)
    # What practises gets nothing from outside.
    others = Organisation.objects.exclude(pk=organisation).exclude(clinics__is_practice=True)
    no_clinic = Q(address__organisation=organisation) | (Q(address=None) & ~Exists(others))
    return InboundMessage.objects.filter(Q(clinic=clinic) | (Q(clinic=None) & sees_them & no_clinic))


def replies_of_nobody() -> QuerySet[InboundMessage]:
    """Open replies that no clinic sees, oldest first: a stranger's to nobody's number, where several organisations
    share the server. Whoever runs it gives each to a clinic."""
    several = Organisation.objects.exclude(clinics__is_practice=True)[1:2]
    rows = InboundMessage.objects.filter(Exists(several), clinic=None, address=None, handled_at=None)
    return rows.order_by("received_at", "pk")


def give_to_clinic(*, reply: InboundMessage, clinic: Clinic, by: Actor, now: datetime) -> bool:
    """Puts a reply of nobody into a clinic's inbox; False where it is somebody's already. Records `reply.given`."""
    permissions.check(by, "reply.give", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with transaction.atomic():
        if not replies_of_nobody().filter(pk=reply.pk).update(clinic=clinic):
            return False
        _record("reply.given", reply, clinic, None, by, now)
    return True


def say_who(
    *, reply: InboundMessage, patient: Patient, clinic: Clinic, by: Actor, now: datetime, instead_of: int | None = None
) -> InboundMessage:
    """Writes down which patient wrote a reply; what it asks for is then done as if it had been known.

    A yes confirms what the last message to that patient there named, within three days before the reply. Refuses with
    NotOfThisPlace, and with NamedAlready where the reply is somebody else's by now than the patient `instead_of`, whom
    the page showed. Records `reply.assigned` and what acting on it records.
    """
    permissions.check(by, "reply.handle", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    if patient.organisation_id != clinic.organisation_id:
        raise NotOfThisPlace
    with transaction.atomic():
        # Alone: of a reply that another desk, or what it answers, gave to a clinic while we waited, the joined clinic
        # would be none, and it would be taken away from there.
        row = InboundMessage.objects.select_for_update().get(pk=reply.pk)
        if row.patient is not None and row.patient_id not in (patient.pk, instead_of):
            raise NamedAlready(row.patient, _who_named(row))
        channel = ChannelName(row.channel)
        answers = last_message(patient=patient, addresses=addresses_of(row), channel=channel, at=row.received_at)
        changes = {"patient": patient, "answers": answers, "clinic": row.clinic or clinic}
        # Once: what was done for a patient already known is not done anew for another.
        again = {"outcome": ""} if row.patient_id is None and row.handled_at is None else {}
        InboundMessage.objects.filter(pk=row.pk).update(**changes, **again)
        _record(NAMED, row, clinic, patient.pk, by, now)
        if again:
            apply_reply(reply_id=row.pk, now=now)
    reply.refresh_from_db()
    return reply


def mark_done(*, reply: InboundMessage, clinic: Clinic, by: Actor, now: datetime) -> bool:
    """A person has dealt with a reply; False where another had. Records `reply.handled`."""
    permissions.check(by, "reply.handle", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    with transaction.atomic():
        open_still = InboundMessage.objects.filter(pk=reply.pk, handled_at=None)
        if not open_still.update(handled_at=now, handled_by_id=by.user_id, outcome=reply_outcomes.DONE):
            return False
        _record("reply.handled", reply, clinic, reply.patient_id, by, now)
    return True


def _who_named(reply: InboundMessage) -> User | None:
    said = Event.objects.filter(verb=NAMED, patient=reply.patient_id, data__reply=reply.pk).select_related("user")
    latest = said.order_by("-pk").first()
    return latest.user if latest else None


def _record(verb: str, reply: InboundMessage, clinic: Clinic, patient_id: int | None, by: Actor, now: datetime) -> None:
    entry = Entry(
        verb, clinic_id=clinic.pk, patient_id=patient_id, appointment_id=reply.visit_id, data={"reply": reply.pk}
    )
    events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
