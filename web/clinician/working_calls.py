"""One press on a follow-up call or review: take it, give it back, tried, put off, done, or a wrong number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.wrong_number import record_wrong_number
from scheduling.clinic_time import ClinicTime
from scheduling.follow_up_work import (
    WORKED_ON,
    FollowUpIsSettled,
    NoteNeeded,
    give_back,
    given_at,
    put_off_follow_up,
    record_follow_up_try,
    take_follow_up,
)
from scheduling.in_hand import HadByAnother
from scheduling.models import CallOutcome, Clinic, FollowUp
from web.at_clinic import actor
from web.clinician.calls import follow_up_calls
from web.current_clinic import ClinicRequest
from web.frontdesk.contact import link_or_404
from web.frontdesk.had_by import had_by, words_for

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


def work_follow_up(request: ClinicRequest, follow_up_id: int) -> HttpResponse:
    """One press: take it, give it back, tried, put off, or done with how it ended. Where a colleague has it by now the
    list comes back with the note that was written."""
    rows = FollowUp.objects.filter(given_at(request.clinic), kind__in=WORKED_ON)
    follow_up = get_object_or_404(rows.select_related("order__patient"), pk=follow_up_id)
    wanted, note = request.POST.get("do", ""), request.POST.get("note", "")[:LONGEST_NOTE]
    try:
        words = work_on(request, follow_up, wanted, note, timezone.now())
    except HadByAnother as other:
        messages.warning(request, words_for(wanted, other.user))
        if note:
            return follow_up_calls(request, {follow_up.pk: note})
    except FollowUpIsSettled:
        messages.info(request, _("Somebody settled this before; nothing was changed."))
    except NoteNeeded:
        messages.error(request, _("Say in the note why it is not needed. Nothing was changed."))
    else:
        messages.success(request, str(words))
    return redirect("follow_up_calls")


def work_on(request: ClinicRequest, follow_up: FollowUp, wanted: str, note: str, now: datetime) -> str | Promise:
    """Does what was pressed, and says what that was. A button that is none changes nothing."""
    by, clinic, instead_of = actor(request), request.clinic, had_by(request.POST)
    if address := request.POST.get("wrong", ""):
        return wrong_number(request, follow_up, address, note, now)
    if wanted in TRIED:
        record_follow_up_try(
            follow_up=follow_up,
            outcome=CallOutcome(wanted),
            note=note,
            clinic=clinic,
            by=by,
            now=now,
            instead_of=instead_of,
        )
        return TRIED[wanted]
    if (until := put_off_until(wanted, clinic, now)) is not None:
        put_off_follow_up(follow_up=follow_up, until=until, clinic=clinic, by=by, now=now, instead_of=instead_of)
        return _("Put off. It comes back by itself.")
    if wanted == "take":
        take_follow_up(follow_up=follow_up, clinic=clinic, by=by, now=now, instead_of=instead_of)
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
    outcome, instead_of = CallOutcome.WRONG_NUMBER, had_by(request.POST)
    with transaction.atomic():
        record_follow_up_try(
            follow_up=follow_up, outcome=outcome, note=note, clinic=clinic, by=by, now=now, instead_of=instead_of
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
