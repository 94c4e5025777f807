"""One press on a row of the desk's lists: I have it, tried, later, or done; told kindly where somebody was faster."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.calls import (
    CallEnd,
    CallIsMade,
    TryEnd,
    give_call_back,
    put_off,
    record_try,
    settle_call,
    take_call,
)
from notifications.models import CallTask
from notifications.unconfirmed import call_about, confirmed_in_call
from notifications.wrong_number import record_wrong_number
from scheduling.desk_rows import RowOf, give_row_back, put_row_off, record_row_try, take_row
from scheduling.events import Actor
from scheduling.in_hand import HadByAnother
from scheduling.models import Appointment, CallOutcome
from scheduling.typed_numbers import read_number
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from scheduling.visits import confirm
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.contact import link_or_404
from web.frontdesk.found_rows import Found, is_kind, row_found
from web.frontdesk.had_by import had_by, words_for
from web.frontdesk.list_answers import back_to_lists
from web.frontdesk.snooze_form import SnoozeForm
from web.spoken import soon
from web.visit_steps import words_for_refusal

SNOOZE = ("later", "tomorrow", "at")


class NoTime(Exception):
    """Until when it can wait was not said, or is no time; the words say which."""


def work_row(request: ClinicRequest) -> HttpResponse:
    """What was pressed, for the row that `kind` and `subject` name; then the lists again, where one was."""
    kind, subject, now = request.POST.get("kind", ""), read_number(request.POST.get("subject", "")), timezone.now()
    if not is_kind(kind) or subject is None:
        raise Http404
    found = row_found(request.clinic, kind, subject, now=now)
    if found is None:
        messages.info(request, _("Somebody has dealt with it already: it is on no list any more."))
        return back_to_lists(request)
    try:
        messages.success(request, do_with(request, found, request.POST.get("do", ""), actor(request), now))
    except HadByAnother as other:
        messages.warning(request, words_for(request.POST.get("do", ""), other.user))
    except NoTime as refusal:
        messages.warning(request, str(refusal))
    except CallIsMade:
        messages.info(request, _("Somebody settled this call before; nothing was changed."))
    except ChangedMeanwhile:
        messages.warning(request, _("The visit has another time by now: nothing was confirmed. This is how it stands."))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    return back_to_lists(request)


def do_with(request: ClinicRequest, found: Found, do: str, by: Actor, now: datetime) -> str:
    """Does what was pressed, and says what that was; 404 for a button that is none."""
    if do in ("coming", "said_coming") and isinstance(found, Appointment):
        return coming(found, request.POST.get("told", ""), by, now, in_call=do == "said_coming")
    if do in ("take", "back"):
        hand(found, do, had_by(request.POST), by, now)
        return _("It is yours.") if do == "take" else _("Somebody else may do it.")
    if do in SNOOZE:
        return later(request, found, by, now)
    if do in CallOutcome.values and do != CallOutcome.NOT_NEEDED:
        return tried(request, found, CallOutcome(do), by, now)
    raise Http404


def coming(visit: Appointment, told: str, by: Actor, now: datetime, *, in_call: bool) -> str:
    """The patient comes; `in_call`: they said so when somebody called about it, who need not call again."""
    if in_call:
        confirmed_in_call(visit=visit, told_version=read_number(told), by=by, now=now)
        return _("Done: you spoke with them, and they come. Confirmed.")
    confirm(appointment=visit, how="desk", by=by, now=now, told_version=read_number(told))
    return _("Confirmed.")


def hand(found: Found, do: str, instead_of: int | None, by: Actor, now: datetime) -> None:
    """Whose it is from now on. Who takes it over says from whom: the person that the page showed."""
    if isinstance(found, RowOf):
        if do == "take":
            take_row(row=found, by=by, now=now, instead_of=instead_of)
        else:
            give_row_back(row=found, by=by, now=now)
        return
    task = call_of(found, by, now)
    if do == "take":
        take_call(task=task, by=by, now=now, instead_of=instead_of)
    else:
        give_call_back(task=task, by=by, now=now)


def later(request: ClinicRequest, found: Found, by: Actor, now: datetime) -> str:
    """Off the list until then."""
    form = SnoozeForm(request.POST, clinic=request.clinic, now=now)
    if not form.is_valid():
        raise NoTime(" ".join(str(message) for errors in form.errors.values() for message in errors))
    until, instead_of = form.cleaned_data["until"], had_by(request.POST)
    if isinstance(found, RowOf):
        put_row_off(row=found, until=until, by=by, now=now, instead_of=instead_of)
    else:
        put_off(task=call_of(found, by, now), until=until, by=by, now=now, instead_of=instead_of)
    return _("Put off: it comes back %(time)s.") % {"time": soon(until, timezone.localdate(now))}


def tried(request: ClinicRequest, found: Found, outcome: CallOutcome, by: Actor, now: datetime) -> str:
    """Somebody called. A wrong number does what its button does everywhere; who was spoken with is off a list of
    calls, and stays on any other until the thing itself is done."""
    if outcome == CallOutcome.WRONG_NUMBER:
        patient = found.patient
        address = link_or_404(patient, request.POST.get("address", "")).address
        row, call = (found, None) if isinstance(found, RowOf) else (None, call_of(found, by, now))
        record_wrong_number(address=address, clinic=request.clinic, call=call, row=row, by=by, now=now)
        return _("Nothing goes to that number any more. Find the right one: it is on the list.")
    instead_of = had_by(request.POST)
    if isinstance(found, RowOf):
        record_row_try(row=found, outcome=outcome, by=by, now=now, instead_of=instead_of)
    elif outcome == CallOutcome.SPOKE:
        settle_call(task=call_of(found, by, now), ended=CallEnd.SPOKE, by=by, now=now)
        return _("Done: you spoke with them.")
    else:
        record_try(task=call_of(found, by, now), ended=TryEnd(outcome), by=by, now=now, instead_of=instead_of)
    if outcome == CallOutcome.SPOKE:
        return _("Written down: you spoke with them.")
    return _("Written down. It comes back in an hour.")


def call_of(found: CallTask | Appointment, by: Actor, now: datetime) -> CallTask:
    """The call itself; about a visit that nobody confirmed, the one there is or a new one."""
    return call_about(found, by=by, now=now) if isinstance(found, Appointment) else found
