"""What happened with a patient's record, in plain words: who did what, and when. No reason, no clinical word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.models import Appointment, Event, Patient
from web.frontdesk.history import WORDS as OF_VISITS
from web.frontdesk.history import who
from web.spoken import clock, infusions, long_day, visit_name, word_of
from web.templatetags.visit_marks import MARKS

WORDS: Mapping[str, str | Promise] = {
    "patient.created": _("taken down"),
    "patient.imported": _("came from another system"),
    "patient.changed": _("changed from another system"),
    "patient.languages_set": _("languages or clock changed"),
    "patient.contact_wishes_set": _("how they like to be reached changed"),
    "patient.address_set": _("a number or address was given"),
    "patient.address_told_apart": _("said whose a shared number is"),
    "patient.addresses_carried": _("numbers and addresses of the other record came along"),
    "patient.addresses_given_back": _("numbers and addresses went back to the other record"),
    "patient.deceased": _("death written down"),
    "patient.merged": _("this record was merged into another"),
    "patient.merged_from": _("another record was merged into this one"),
    "patient.split": _("the merge was taken back"),
    "patient.talk_allowed": _("somebody was named whom we may talk to"),
    "patient.talk_ended": _("somebody is told nothing any more"),
    "patient.need_noted": _("a need or note was written down"),
    "patient.need_ended": _("a need or note ended"),
    "patient.availability_set": _("when they can come changed"),
    "consent.given": _("said yes to messages"),
    "consent.withdrawn": _("said no to messages"),
    "address.stopped": _("an address was stopped"),
    "address.reopened": _("an address may be used again"),
    "address.wrong_number": _("a wrong number was found"),
    "order.signed": _("an order was signed"),
    "order.patient_withdrew": _("does not want to go on"),
    "appointment.merged_along": _("came along from the other record"),
    "appointment.split_off": _("went back to the other record"),
    "reply.received": _("wrote to the clinic"),
    "reply.answered": _("was answered"),
    "call.tried": _("was called"),
    "call.settled": _("a call is settled"),
}
SHOWN_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: `about` names the visit or visits, if it was about any."""

    at: datetime
    words: str
    about: str
    who: str


def history_of(patients: Iterable[Patient]) -> list[Line]:
    """The newest first, at most 60. One query."""
    events = Event.objects.filter(patient__in=list(patients), verb__in=known())
    events = events.select_related("user", "appointment__order__current_version", "appointment__visit_type")
    return lines(events.order_by("-pk")[:SHOWN_AT_MOST])


def lines(events: Iterable[Event]) -> list[Line]:
    """Events in words, in their order; those that nobody at a desk needs to read are left out. What one press did to
    several infusions of a series is one line."""
    words = known()
    pressed = groupby((event for event in events if event.verb in words), key=_press)
    return [
        Line(one.happened_at, str(words[one.verb]), _about([one, *others]), who(one))
        for one, *others in (tuple(together) for _key, together in pressed)
    ]


def _press(event: Event) -> tuple[object, ...]:
    """Equal for all events of one press on the infusions of one order; any other event stands alone."""
    visit = event.appointment
    alone = event.pk if visit is None or visit.order_id is None or not _number(visit) else None
    return event.happened_at, event.verb, event.actor_kind, event.user_id, visit and visit.order_id, alone


def _number(visit: Appointment) -> int:
    """Of the infusion that it is, or is kept for; 0 for neither."""
    return visit.dose_number or visit.kept_for_number or 0


def _about(events: Sequence[Event]) -> str:
    visits = [event.appointment for event in events if event.appointment]
    if len(visits) < 2 or visits[0].order is None:
        return visit_name(visits[0]) if visits else ""
    return infusions({_number(visit) for visit in visits}, word_of(visits[0].order.current_version))


def known() -> dict[str, str | Promise]:
    """What is said of each verb."""
    return {**{f"appointment.{status}": mark.text for status, mark in MARKS.items()}, **OF_VISITS, **WORDS}


def last_change(patient: Patient) -> str:
    """Who changed the record last, and when: for who comes second, and whose words are still there."""
    last = next(iter(history_of([patient])), None)
    if last is None:
        return gettext("Somebody changed this record meanwhile. What you typed is still here: look, and press again.")
    words = gettext(
        "Changed meanwhile by %(who)s: %(what)s, %(day)s, %(time)s. What you typed is still here: look, press again."
    )
    return words % {"who": last.who, "what": last.words, "day": long_day(last.at), "time": clock(last.at)}
