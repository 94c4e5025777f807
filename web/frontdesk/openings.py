"""Booking one visit that is no infusion: what kind, when it suits, the free times, one press."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from scheduling.booking import BookingRefused, book_visit
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Patient, VisitKind, VisitType
from scheduling.proposals import propose_visit
from scheduling.series_terms import ProposedVisit
from scheduling.why_not import WhyNot
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.wish_form import WishForm
from web.spoken import clock, long_day

LOOKED_AT = 160
DAYS_SHOWN = 4
TIMES_A_DAY = 8


class OpeningForm(forms.Form):
    """The free time that was chosen."""

    start = forms.DateTimeField()
    key = forms.CharField(max_length=60)


def visit_openings(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """Free times for a visit of this patient; a POST books one of them."""
    patient = patient_or_404(request, patient_id)
    types = VisitType.objects.filter(clinic=request.clinic).exclude(kind=VisitKind.INFUSION).order_by("pk")
    wanted = request.GET.get("type", "")
    visit_type = get_object_or_404(types, pk=wanted) if wanted.isdecimal() else types.first()
    reasons: list[WhyNot] = []
    if request.method == "POST" and visit_type is not None:
        answer = book(request, patient, visit_type)
        if isinstance(answer, HttpResponse):
            return answer
        reasons = answer
    wish = WishForm(request.GET or None, clinic=request.clinic)
    context = {
        "patient": patient,
        "types": types,
        "visit_type": visit_type,
        "wish": wish,
        "reasons": reasons,
        **(openings(request, patient, visit_type, wish) if visit_type else {}),
    }
    return TemplateResponse(request, "frontdesk/openings.html", context, status=409 if reasons else 200)


def openings(request: ClinicRequest, patient: Patient, visit_type: VisitType, wish: WishForm) -> dict[str, object]:
    """Free times by day: a few days, a few times each, spread over the day."""
    found = propose_visit(
        patient=patient,
        clinic=request.clinic,
        visit_type=visit_type,
        wish=wish.wish,
        count=LOOKED_AT,
        now=timezone.now(),
    )
    starts = sorted((proposal.visits[0] for proposal in found.proposals), key=lambda one: one.start)
    days = [(day, spread(list(times))) for day, times in groupby(starts, key=local_day)][:DAYS_SHOWN]
    return {"days": days, "why_not": found.problems, "key": uuid4().hex}


def local_day(visit: ProposedVisit) -> date:
    """The day of a free time, where the clinic is."""
    return timezone.localdate(visit.start)


def spread(times: list[ProposedVisit]) -> list[ProposedVisit]:
    """At most a handful of a day's free times, first and last among them."""
    if len(times) <= TIMES_A_DAY:
        return times
    return [times[round(index * (len(times) - 1) / (TIMES_A_DAY - 1))] for index in range(TIMES_A_DAY)]


def book(request: ClinicRequest, patient: Patient, visit_type: VisitType) -> HttpResponse | list[WhyNot]:
    """Book the chosen time and lead on to the patient, or say why it can't be had."""
    form = OpeningForm(request.POST)
    if not form.is_valid():
        return redirect(request.get_full_path())
    start: datetime = form.cleaned_data["start"]
    try:
        visit = book_visit(
            patient=patient,
            clinic=request.clinic,
            visit_type=visit_type,
            start=start,
            by=actor(request),
            now=timezone.now(),
            key=form.cleaned_data["key"],
        )
    except BookingRefused as refusal:
        return refusal.problems
    except KeyUsedOtherwise:
        messages.info(request, _("A visit was booked from that page already. Here is what is booked."))
    else:
        words = __("Booked: %(what)s on %(day)s at %(time)s.")
        at = visit.period.lower
        messages.success(request, words % {"what": visit_type.name, "day": long_day(at), "time": clock(at)})
    return redirect("patient", patient.pk)
