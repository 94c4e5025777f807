"""Booking, or keeping, one visit that is no infusion: what kind, when it suits, the free times, one press."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
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
from scheduling.follow_up_work import FollowUpIsSettled, book_review_as
from scheduling.follow_ups_due import reviews_to_book
from scheduling.holding import hold_visit
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Appointment, FollowUp, Patient, VisitKind, VisitType
from scheduling.proposals import propose_visit
from scheduling.typed_numbers import read_number
from scheduling.why_not import WhyNot
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.default_wish import default_wish
from web.frontdesk.free_times import LOOKED_AT, by_day
from web.frontdesk.wish_form import WishForm
from web.spoken import clock, long_day


class OpeningWishForm(WishForm):
    """When, and whether the time is to be kept for now instead of booked."""

    keep = forms.BooleanField(label=_("Only keep the time for now"), required=False)

    @property
    def keeps(self) -> bool:
        return self.is_valid() and bool(self.cleaned_data["keep"])


class OpeningForm(forms.Form):
    """The free time that was chosen, and whether it is kept or booked."""

    start = forms.DateTimeField()
    key = forms.CharField(max_length=60)
    do = forms.ChoiceField(choices=[("book", ""), ("keep", "")], required=False)


def visit_openings(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """Free times for a visit of this patient; a POST books one of them."""
    patient = patient_or_404(request, patient_id)
    types = VisitType.objects.filter(clinic=request.clinic).exclude(kind=VisitKind.INFUSION).order_by("pk")
    wanted = read_number(request.GET.get("type", ""))
    visit_type = get_object_or_404(types, pk=wanted) if wanted is not None else types.first()
    reasons: list[WhyNot] = []
    if request.method == "POST" and visit_type is not None:
        answer = book(request, patient, visit_type)
        if isinstance(answer, HttpResponse):
            return answer
        reasons = answer
    wish = OpeningWishForm(request.GET or default_wish(patient, request.clinic), clinic=request.clinic)
    context = {
        "patient": patient,
        "types": types,
        "visit_type": visit_type,
        "wish": wish,
        "reasons": reasons,
        "follow_up": follow_up_of(request, patient),
        **(openings(request, patient, visit_type, wish) if visit_type else {}),
    }
    return TemplateResponse(request, "frontdesk/openings.html", context, status=409 if reasons else 200)


def openings(
    request: ClinicRequest, patient: Patient, visit_type: VisitType, wish: OpeningWishForm
) -> dict[str, object]:
    """Free times by day, and what their buttons send."""
    found = propose_visit(
        patient=patient,
        clinic=request.clinic,
        visit_type=visit_type,
        wish=wish.wish,
        count=LOOKED_AT,
        now=timezone.now(),
    )
    hidden = [("key", uuid4().hex), ("do", "keep" if wish.keeps else "book")]
    return {"days": by_day(found), "why_not": found.problems, "hidden": hidden}


def book(request: ClinicRequest, patient: Patient, visit_type: VisitType) -> HttpResponse | list[WhyNot]:
    """Book or keep the chosen time and lead on to the patient or the kept visit, or say why it can't be had."""
    form = OpeningForm(request.POST)
    if not form.is_valid():
        return redirect(request.get_full_path())
    start: datetime = form.cleaned_data["start"]
    write = hold_visit if form.cleaned_data["do"] == "keep" else book_visit
    try:
        visit = write(
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
        return redirect("patient", patient.pk)
    if follow_up := follow_up_of(request, patient):
        with suppress(FollowUpIsSettled):
            book_review_as(follow_up=follow_up, visit=visit, by=actor(request), now=timezone.now())
    messages.success(request, words_for(visit, visit_type))
    return redirect("visit", visit.pk) if visit.held_until else redirect("patient", patient.pk)


def follow_up_of(request: ClinicRequest, patient: Patient) -> FollowUp | None:
    """The review after an infusion that this visit is booked for, where the page was opened from one."""
    wanted = read_number(request.GET.get("follow_up", ""))
    if wanted is None:
        return None
    found = [one for one in reviews_to_book(clinic=request.clinic) if one.pk == wanted]
    return found[0] if found and found[0].order.patient_id == patient.pk else None


def words_for(visit: Appointment, visit_type: VisitType) -> str:
    """Booked: Consultation on Monday, January 4 at 8:00 AM."""
    at = visit.period.lower
    if visit.held_until:
        return __("Kept until %(time)s. Nobody is told yet.") % {"time": clock(visit.held_until)}
    values = {"what": visit_type.name, "day": long_day(at), "time": clock(at)}
    return __("Booked: %(what)s on %(day)s at %(time)s.") % values
