"""A visit that ends otherwise than planned: how and why; and, for whoever is not treated today, when else at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.booking import book_series
from scheduling.clinic_time import ClinicTime
from scheduling.fasting_clock import could_start_from, last_time
from scheduling.models import PATIENT_IS_THERE, Appointment, CheckKind, Status, VisitKind
from scheduling.openings_to_move import openings_to_move
from scheduling.picks import BookingRefused, Pick
from scheduling.series_terms import Wish
from scheduling.step_demands import demands_of
from scheduling.visit_checks import Said
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere, NotThen, next_steps
from scheduling.visits import record_step
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.free_times import LOOKED_AT, Days, days_of, spread
from web.frontdesk.other_time import instant_from
from web.nurse.exit_form import ExitForm
from web.spoken import clock, long_day, said, visit_name
from web.visit_steps import NOT_THEN, instant_of, words_for_refusal

DAYS_SHOWN = 3


def visit_exit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Ask how it ends; look when else they could come (`do=look`); record it, and book the time that was pressed."""
    visit, now = visit_or_404(request, visit_id), timezone.now()
    if visit.status not in PATIENT_IS_THERE:
        messages.warning(request, words_for_refusal(NotPossibleFromHere(visit.status)))
        return redirect("visit", visit.pk)
    first = {"row_version": visit.row_version}
    form = ExitForm(request.POST or None, visit=visit, initial=first)
    if request.method == "POST" and form.is_valid() and request.POST.get("do") != "look":
        answer = end(request, visit, form.cleaned_data, now)
        if answer is not None:
            return answer
    may_come_again = Status.TURNED_AWAY in next_steps(visit) and visit.kind == VisitKind.INFUSION
    from_when = fast_kept_from(visit, form, now)
    context = {
        "visit": visit,
        "what": visit_name(visit),
        "form": form,
        "may_come_again": may_come_again,
        "from_when": from_when,
        "days": offers(visit, from_when, now) if may_come_again else [],
    }
    return TemplateResponse(request, "nurse/exit.html", context, status=409 if form.errors else 200)


def end(request: ClinicRequest, visit: Appointment, data: Mapping[str, Any], now: datetime) -> HttpResponse | None:
    """Record how the visit ended and lead on; None with a message where it can't be recorded so."""
    to, by = data["to"], actor(request)
    start = instant_from(request.POST["start"]) if "start" in request.POST else None
    try:
        record_step(
            appointment=visit,
            to=Status.TURNED_AWAY if start else to,
            happened_at=instant_of(data["happened_at"], visit, now),
            checks=[Said(CheckKind.EXIT, is_met=False, detail=data["why"], words=data["words"])],
            row_version=data["row_version"],
            by=by,
            now=now,
        )
    except NotThen:
        messages.error(request, NOT_THEN)
        return None
    except ChangedMeanwhile:
        messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
        return redirect("visit_exit", visit.pk)
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
        return redirect("visit", visit.pk)
    return book_again(request, visit, start, now) if start else redirect("today")


def book_again(request: ClinicRequest, visit: Appointment, start: datetime, now: datetime) -> HttpResponse:
    """The same infusion at the time that was pressed, before the patient leaves."""
    order, number = visit.order, visit.dose_number or 0
    if order is None:
        return redirect("today")
    try:
        [booked] = book_series(
            order=order, clinic=request.clinic, picks=[Pick(number, start)], by=actor(request), now=now
        )
    except BookingRefused as refusal:
        messages.warning(request, _("It is recorded, but the new time could not be had:"))
        for problem in refusal.problems:
            messages.warning(request, said(problem))
        return redirect("book_series", order.pk)
    at = booked.period.lower
    words = gettext("Not treated now. Booked again for %(day)s at %(time)s.")
    messages.success(request, words % {"day": long_day(at), "time": clock(at)})
    return redirect("today")


def fast_kept_from(visit: Appointment, form: forms.Form, now: datetime) -> datetime | None:
    """From when on the fast would be kept, by what was said of the last meal and drink."""
    fasting = demands_of(visit).fasting
    if fasting is None or not form.is_bound:
        return None
    clinic_clock = ClinicTime(visit.time_zone)

    def instant(name: str) -> datetime | None:
        wall: time | None = getattr(form, "cleaned_data", {}).get(name)
        return last_time(wall, clinic_clock, now) if wall else None

    return could_start_from(fasting, ate_at=instant("ate"), drank_at=instant("drank"))


def offers(visit: Appointment, from_when: datetime | None, now: datetime) -> Days:
    """Free times of this infusion: today not before the fast would be kept, and the next days in its window."""
    found = openings_to_move(appointment=visit, wish=Wish(), count=LOOKED_AT, now=now)
    starts = (proposal.visits[0] for proposal in found.proposals)
    days = days_of(one for one in starts if from_when is None or one.start >= from_when)
    return [(day, spread(times)) for day, times in days[:DAYS_SHOWN]]
