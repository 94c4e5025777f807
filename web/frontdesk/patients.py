"""The patient's page."""

from __future__ import annotations

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
from scheduling.permissions import CLINICAL, may
from scheduling.wishes import MAY_WISH, open_wishes
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_forms import AddressForm
from web.frontdesk.reach import reach_of
from web.frontdesk.registration import rules_of
from web.frontdesk.unreached import unreached
from web.messages_sent import notices_of
from web.spoken import visit_name


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
