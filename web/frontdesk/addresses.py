"""A new number or mailbox of a patient, and their yes or no to messages there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.addresses import set_address
from notifications.consent import consenting
from notifications.models import AddressKind, PatientAddress
from notifications.opting import write_down_answer
from scheduling.typed_numbers import read_number
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.patient_forms import AddressForm
from web.frontdesk.patient_page import context_of

UNDER_ANOTHERS_WORD = _(
    "Written down. Messages go there: there is a yes for this number or mailbox already. Ask whether that is right for "
    "this patient too, and write down a no if it is not."
)


def change_address(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """A new number or mailbox. It starts without consent, which is asked for on the patient's page; one that somebody
    has already is under the word they gave of it, and the desk is told so."""
    shown = patient_or_404(request, patient_id)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return TemplateResponse(request, "frontdesk/patient.html", context_of(request, shown) | {"address_form": form})
    kind, raw = AddressKind(form.cleaned_data["kind"]), form.cleaned_data["raw"]
    address = set_address(patient=shown, kind=kind, raw=raw, by=actor(request), now=timezone.now())
    if consenting([address.pk]):
        messages.warning(request, UNDER_ANOTHERS_WORD)
    else:
        messages.success(request, _("Written down. Ask whether it may be used for messages."))
    return redirect("patient", shown.pk)


def record_answer(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """The patient's yes or no to messages at one of their addresses."""
    shown = patient_or_404(request, patient_id)
    links = PatientAddress.objects.filter(patient=shown, ended_at=None, address__value__isnull=False)
    link = get_object_or_404(links.select_related("address"), address=read_number(request.POST.get("address", "")) or 0)
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
