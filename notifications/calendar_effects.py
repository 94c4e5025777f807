"""What an answer from a patient's calendar does: the same as the words would, to the visit that it names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from notifications import reply_outcomes as outcomes
from notifications.calendar_feeds import uid_of
from notifications.calendar_replies import Said
from notifications.calls import ask_to_call
from notifications.confirming import confirm_told
from notifications.models import Address, CallKind, InboundMessage
from notifications.quoted_text import own_words
from notifications.reply_matching import patients_at
from scheduling.events import Actor
from scheduling.models import Appointment, VisitKind

BY = Actor.system("replies")
LOOK_BACK = timedelta(days=90)
# What calendars write themselves; with a note of the writer's own it is for a person.
BY_CALENDAR = re.compile(
    r"^.{0,120}\b(?:has (?:tentatively )?(?:accepted|declined|replied)|ha (?:aceptado|rechazado|respondido))\b"
    r"(?!.{0,200}\b(?:note|nota)\b).{0,200}\b(?:invitation|event|meeting|invitaci[oó]n|evento)\b",
    re.IGNORECASE | re.DOTALL,
)
# The first that was among the answers: what a person has to read goes before what is done.
FIRST = (outcomes.TO_READ, outcomes.CHANGED_MEANWHILE, outcomes.CALL_OPENED, outcomes.CONFIRMED, outcomes.NOTHING_ASKED)


def act_on_answers(row: InboundMessage, addresses: Sequence[Address], *, now: datetime) -> str:
    """Acts on each answer and gives an outcome of `reply_outcomes`: yes confirms the visit if it is still as the
    calendar showed it, no asks for a call, maybe is for a person, as is whatever was written beside it.

    A visit counts where its patient is reached at the address the answer came from: anyone may name a UID. Records what
    its verbs record.
    """
    people = {one.pk for one in patients_at(addresses)} | ({row.patient_id} if row.patient_id else set())
    near = Appointment.objects.filter(patient__in=people, period__endswith__gt=now - LOOK_BACK)
    rows = near.exclude(kind=VisitKind.KEPT).select_related("organisation", "clinic", "patient")
    visits = {uid_of(visit): visit for visit in rows}
    named = [visits[one["uid"]] for one in row.calendar if one["uid"] in visits]
    _pin(row, named)
    found = {_act(row, one, visits.get(one["uid"]), now) for one in row.calendar}
    outcome = next(one for one in FIRST if one in found)
    return outcomes.TO_READ if outcome in outcomes.CLOSED and _has_words(row) else outcome


def _act(row: InboundMessage, answer: Mapping[str, object], visit: Appointment | None, now: datetime) -> str:
    if visit is None or answer["said"] == Said.TENTATIVE:
        return outcomes.TO_READ
    if visit.period.lower <= now:
        return outcomes.NOTHING_ASKED
    if answer["said"] in (Said.DECLINED, Said.OTHER_TIME):
        ask_to_call(
            key=f"calendar/r{row.pk}/v{visit.pk}",
            kind=CallKind.WANTS_TO_MOVE,
            clinic=visit.clinic,
            patient=visit.patient,
            visit_id=visit.pk,
            reply=row,
            by=BY,
            now=now,
        )
        return outcomes.CALL_OPENED
    became = confirm_told([(visit.pk, int(str(answer["sequence"])))], now)
    return next(iter(became), outcomes.NOTHING_ASKED)


def _pin(row: InboundMessage, visits: Sequence[Appointment]) -> None:
    """The visits say whose the answer is, also where several share the address."""
    if len({visit.patient_id for visit in visits}) == 1:
        row.patient, row.clinic = visits[0].patient, row.clinic or visits[0].clinic
        InboundMessage.objects.filter(pk=row.pk).update(patient=row.patient, clinic=row.clinic)


def _has_words(row: InboundMessage) -> bool:
    text = own_words(row.text)
    return bool(text and not BY_CALENDAR.search(text)) or any(one["comment"] for one in row.calendar)
