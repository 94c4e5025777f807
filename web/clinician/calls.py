"""Calls and reviews that were ordered for after an infusion: overdue ones on top, with numbers and every try so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.models import Address, PatientAddress
from notifications.wrong_number import record_wrong_number
from scheduling.clinic_time import ClinicTime
from scheduling.events import Actor
from scheduling.follow_up_work import (
    WORKED_ON,
    FollowUpIsSettled,
    NoteNeeded,
    give_back,
    given_at,
    put_off_follow_up,
    record_follow_up_try,
    take_follow_up,
    take_over,
)
from scheduling.follow_ups_due import DueFollowUp, follow_ups_due
from scheduling.models import CallOutcome, Clinic, FollowUp
from web.at_clinic import actor
from web.clinician.order_words import KINDS
from web.current_clinic import ClinicRequest
from web.frontdesk.calls import numbers_of
from web.frontdesk.contact import link_or_404
from web.spoken import infusion_of, word_of

LOOK_AHEAD = timedelta(days=7)
MORNING = time(9)
PUT_OFF_HOURS = {"hour": 1, "later": 4}
PUT_OFF_DAYS = {"tomorrow": 1, "three_days": 3, "week": 7}
TRIED: Mapping[str, str | Promise] = {
    CallOutcome.SPOKE: _("Done: you spoke with them."),
    CallOutcome.VOICEMAIL: _("Written down: left a voicemail. It comes back in an hour."),
    CallOutcome.NO_ANSWER: _("Written down: no answer. It comes back in an hour."),
    CallOutcome.NOT_NEEDED: _("Taken off the list: not needed any more."),
}
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """One call or review of the list. `numbers` are what to dial; `only` is where alone they may be reached."""

    due: DueFollowUp
    what: str
    numbers: Sequence[PatientAddress]
    only: Address | None
    mine: bool
    is_overdue: bool


def follow_up_calls(request: ClinicRequest) -> TemplateResponse:
    """What is due, overdue ones on top, then what comes in the next days."""
    now = timezone.now()
    found = follow_ups_due(clinic=request.clinic, until=now + LOOK_AHEAD)
    rows = rows_of(found, request, now)
    context = {
        "due": [row for row in rows if row.due.due_at <= now],
        "later": sorted((row for row in rows if row.due.due_at > now), key=lambda row: row.due.due_at),
    }
    return TemplateResponse(request, "clinician/calls.html", context)


def rows_of(found: Sequence[DueFollowUp], request: ClinicRequest, now: datetime) -> list[FollowUpRow]:
    """These with all that is needed to call; two queries, however many they are."""
    numbers, only = numbers_of({one.follow_up.order.patient_id for one in found})
    today = ClinicTime(request.clinic.time_zone).day_start(timezone.localdate(now))
    return [
        FollowUpRow(
            due=one,
            what=what_of(one.follow_up),
            numbers=numbers.get(one.follow_up.order.patient_id, ()),
            only=only.get(one.follow_up.order.patient_id),
            mine=one.follow_up.taken_by_id == request.user.pk,
            is_overdue=one.follow_up.due_at is not None and one.follow_up.due_at < today,
        )
        for one in found
    ]


def what_of(follow_up: FollowUp) -> str:
    """Call on day 1 after Infusion 2 of 6: as it was ordered."""
    version = follow_up.order.current_version
    after = infusion_of(follow_up.after_number, version.doses, word_of(version)) if version else ""
    words = gettext("%(what)s on day %(day)s after %(anchor)s")
    return words % {"what": KINDS[follow_up.kind], "day": follow_up.offset_days, "anchor": after}


def work_follow_up(request: ClinicRequest, follow_up_id: int) -> HttpResponse:
    """One press: take it, give it back, tried, put off, or done with how it ended."""
    rows = FollowUp.objects.filter(given_at(request.clinic), kind__in=WORKED_ON)
    follow_up = get_object_or_404(rows.select_related("order__patient"), pk=follow_up_id)
    try:
        words = work_on(request, follow_up, request.POST.get("do", ""), timezone.now())
    except FollowUpIsSettled:
        messages.info(request, _("Somebody settled this before; nothing was changed."))
    except NoteNeeded:
        messages.error(request, _("Say in the note why it is not needed. Nothing was changed."))
    else:
        messages.success(request, str(words))
    return redirect("follow_up_calls")


def work_on(request: ClinicRequest, follow_up: FollowUp, wanted: str, now: datetime) -> str | Promise:
    """Does what was pressed, and says what that was. A button that is none changes nothing."""
    by, clinic, note = actor(request), request.clinic, request.POST.get("note", "")[:LONGEST_NOTE]
    if address := request.POST.get("wrong", ""):
        return wrong_number(request, follow_up, address, note, now)
    if wanted in TRIED:
        record_follow_up_try(follow_up=follow_up, outcome=CallOutcome(wanted), note=note, clinic=clinic, by=by, now=now)
        return TRIED[wanted]
    if (until := put_off_until(wanted, clinic, now)) is not None:
        put_off_follow_up(follow_up=follow_up, until=until, clinic=clinic, by=by, now=now)
        return _("Put off. It comes back by itself.")
    return hand(follow_up, wanted, clinic, by=by, now=now)


def hand(follow_up: FollowUp, wanted: str, clinic: Clinic, *, by: Actor, now: datetime) -> str | Promise:
    """Whose it is."""
    if wanted == "take":
        is_theirs = take_follow_up(follow_up=follow_up, clinic=clinic, by=by, now=now)
        return _("It is yours.") if is_theirs else _("Somebody else has it already. Take it over if they can't.")
    if wanted == "take_over":
        take_over(follow_up=follow_up, clinic=clinic, by=by, now=now)
        return _("It is yours.")
    if wanted == "back":
        give_back(follow_up=follow_up, clinic=clinic, by=by, now=now)
        return _("Somebody else may make it.")
    return _("Nothing was changed.")


def wrong_number(
    request: ClinicRequest, follow_up: FollowUp, address_id: str, note: str, now: datetime
) -> str | Promise:
    """Somebody else answered at one of the patient's numbers: that is a try, and nothing goes there any more."""
    link, by, clinic = link_or_404(follow_up.order.patient, address_id), actor(request), request.clinic
    with transaction.atomic():
        record_follow_up_try(
            follow_up=follow_up, outcome=CallOutcome.WRONG_NUMBER, note=note, clinic=clinic, by=by, now=now
        )
        record_wrong_number(address=link.address, clinic=clinic, by=by, now=now)
    return _("Nothing goes to that number any more. The desk is asked to find the right one.")


def put_off_until(wanted: str, clinic: Clinic, now: datetime) -> datetime | None:
    """In some hours, or on the morning of a later day by the clinic's clock; None for another button."""
    if wanted in PUT_OFF_HOURS:
        return now + timedelta(hours=PUT_OFF_HOURS[wanted])
    if wanted not in PUT_OFF_DAYS:
        return None
    clock = ClinicTime(clinic.time_zone)
    return clock.at_wall(clock.local_day(now) + timedelta(days=PUT_OFF_DAYS[wanted]), MORNING, which="first")
