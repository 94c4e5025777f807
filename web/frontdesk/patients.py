"""Finding a patient, taking a new one down, and the patient's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.addresses import set_address
from notifications.models import AddressKind, PatientAddress
from notifications.opting import write_down_answer
from scheduling.models import Appointment, Order, Patient, Status, VisitKind
from scheduling.patients import PossibleDuplicate, find_patients
from scheduling.permissions import CLINICAL, may
from scheduling.wishes import MAY_WISH, open_wishes
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_forms import AddressForm, NewPatientForm, SearchForm
from web.frontdesk.reach import reach_of
from web.frontdesk.registration import register, rules_of
from web.frontdesk.unreached import unreached
from web.messages_sent import notices_of
from web.spoken import look_alikes, visit_name


def patients(request: ClinicRequest) -> TemplateResponse:
    """Search, by POST, so that no name is ever part of an address."""
    form = SearchForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "found": None}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        found = find_patients(organisation=request.clinic.organisation, text=text)
        context |= {"found": found, "alike": look_alikes(found), "new": NewPatientForm(initial=names_in(text))}
        context["sentence"] = rules_of(request.clinic).consent_sentence
    return TemplateResponse(request, "frontdesk/patients.html", context)


def names_in(text: str) -> dict[str, str]:
    """What was searched for, as the names of a newcomer; nothing where it holds digits."""
    words = text.split()
    if not words or any(letter.isdigit() for letter in text):
        return {}
    return {"given_name": words[0], "family_name": " ".join(words[1:])}


def new_patient(request: ClinicRequest) -> HttpResponse:
    """Take a caller down; a possible duplicate is shown first. Then straight on to booking a visit."""
    form = NewPatientForm(request.POST or None)
    alike: list[Patient] = []
    if request.method == "POST" and form.is_valid():
        try:
            patient = register(
                clinic=request.clinic,
                identity=form.identity,
                phone=form.cleaned_data["phone"],
                email=form.cleaned_data["email"],
                may_message=form.cleaned_data["may_message"],
                allow_duplicate="somebody_else" in request.POST,
                by=actor(request),
                now=timezone.now(),
            )
        except PossibleDuplicate as refusal:
            alike = refusal.patients
        else:
            messages.success(request, _("The patient is on file. Which visit do they need?"))
            return redirect("visit_openings", patient.pk)
    context = {"form": form, "alike": alike, "sentence": rules_of(request.clinic).consent_sentence}
    return TemplateResponse(request, "frontdesk/new_patient.html", context)


def patient(request: ClinicRequest, patient_id: int) -> TemplateResponse:
    """Who it is, how to reach them, what was ordered, when they come, what they were told."""
    shown = patient_or_404(request, patient_id)
    return TemplateResponse(request, "frontdesk/patient.html", context_of(request, shown, AddressForm()))


def context_of(request: ClinicRequest, shown: Patient, form: AddressForm) -> dict[str, object]:
    """All of the patient's page."""
    ordered = Order.objects.filter(patient=shown, sites=request.clinic, discarded_at=None)
    orders = list(ordered.select_related("current_version").order_by("-pk"))
    visits = Appointment.objects.filter(patient=shown).select_related("visit_type", "order__current_version", "clinic")
    now = timezone.now()
    # Times that were kept and are no longer say nothing of what this patient had.
    visits = visits.exclude(held_until__lte=now).exclude(kind=VisitKind.KEPT, status=Status.RELEASED)
    named = [(visit, visit_name(visit)) for visit in visits.order_by("period")]
    return {
        "patient": shown,
        **reach_of(shown),
        "address_form": form,
        "sentence": rules_of(request.clinic).consent_sentence,
        "orders": orders,
        "to_come": [(visit, what) for visit, what in named if visit.live and visit.period.upper > now],
        "over": [(visit, what) for visit, what in named if not (visit.live and visit.period.upper > now)][::-1],
        "notices": notices_of(shown),
        "unreached": unreached(shown, request.clinic),
        "is_clinical": bool(request.membership_roles & CLINICAL),
        "wish_waits": open_wishes([shown.pk]).first(),
        "may_wish": not shown.is_gone and any(order.state in MAY_WISH for order in orders),
        "may_draft": may(actor(request), "order.draft"),
        "may_record_death": may(actor(request), "patient.record_death"),
    }


def change_address(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """A new number or mailbox. It starts without consent, which is asked for on the patient's page."""
    shown = patient_or_404(request, patient_id)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return TemplateResponse(request, "frontdesk/patient.html", context_of(request, shown, form))
    kind, raw = AddressKind(form.cleaned_data["kind"]), form.cleaned_data["raw"]
    set_address(patient=shown, kind=kind, raw=raw, by=actor(request), now=timezone.now())
    messages.success(request, _("Written down. Ask whether it may be used for messages."))
    return redirect("patient", shown.pk)


def record_answer(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """The patient's yes or no to messages at one of their addresses."""
    shown = patient_or_404(request, patient_id)
    links = PatientAddress.objects.filter(patient=shown, ended_at=None, address__value__isnull=False)
    wanted = request.POST.get("address", "")
    link = get_object_or_404(links.select_related("address"), address=int(wanted) if wanted.isdecimal() else 0)
    granted = request.POST.get("answer") == "yes"
    write_down_answer(
        patient=shown,
        address=link.address,
        clinic=request.clinic,
        granted=granted,
        raw_text=request.POST.get("raw_text", ""),
        by=actor(request),
        now=timezone.now(),
    )
    messages.success(request, _("Written down: yes to messages.") if granted else _("Written down: no messages there."))
    return redirect("patient", shown.pk)
