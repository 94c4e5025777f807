"""What the desk writes down about reaching a patient: wishes, a confidential place, wrong numbers, shared ones."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.addresses import tell_apart
from notifications.contact_wishes import ask_for_confidentiality, end_confidentiality, set_wishes, wishes_of
from notifications.ledger import sent_to
from notifications.models import PatientAddress
from notifications.wrong_number import record_wrong_number
from scheduling.models import Patient
from scheduling.patients import set_languages
from scheduling.typed_numbers import read_number
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.contact_forms import ConfidentialForm, WishesForm
from web.frontdesk.reach import choices_of


def change_wishes(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """The way they like, the reminder of the day, languages and clock: all or nothing."""
    shown, by, now = patient_or_404(request, patient_id), actor(request), timezone.now()
    form = WishesForm(request.POST, patient=shown, wishes=wishes_of(shown))
    if not form.is_valid():
        messages.error(request, _("That was not understood, so nothing was changed. Choose again."))
        return redirect("patient", shown.pk)
    said = form.cleaned_data
    with transaction.atomic():
        changed = set_wishes(patient=shown, way=said["way"], wants_day_of=said["wants_day_of"], by=by, now=now)
        names = ("language", "second_language", "interpreter_needed", "time_zone")
        changed = set_languages(patient=shown, **{name: said[name] for name in names}, by=by, now=now) or changed
    words = _("Written down. What is planned follows it.") if changed else _("It was so before.")
    messages.success(request, words)
    return redirect("patient", shown.pk)


def change_confidential(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """A request to be reached at one place alone, or the end of it."""
    shown, by, now = patient_or_404(request, patient_id), actor(request), timezone.now()
    if request.POST.get("do") == "end":
        end_confidentiality(patient=shown, by=by, now=now)
        messages.success(request, _("Written down: they may be reached at each of their addresses again."))
        return redirect("patient", shown.pk)
    links = list(PatientAddress.objects.filter(patient=shown, ended_at=None).select_related("address"))
    form = ConfidentialForm(request.POST, choices=choices_of(links))
    if not form.is_valid():
        messages.error(request, _("Say at which address, and what they asked for in their words."))
        return redirect("patient", shown.pk)
    link = next(link for link in links if str(link.address_id) == form.cleaned_data["address"])
    ask_for_confidentiality(patient=shown, address=link.address, note=form.cleaned_data["note"], by=by, now=now)
    messages.success(request, _("Written down: nothing goes anywhere else, and nobody calls elsewhere."))
    return redirect("patient", shown.pk)


def say_wrong_number(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """Somebody else has this number or mailbox; then the page of what went there."""
    shown = patient_or_404(request, patient_id)
    link = link_or_404(shown, request.POST.get("address", ""))
    record_wrong_number(address=link.address, clinic=request.clinic, by=actor(request), now=timezone.now())
    messages.success(request, _("Nothing goes there any more, and links sent there are dead. This is what went there."))
    return redirect("sent_to", shown.pk, link.address_id)


def say_whose(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """A word that tells a shared number apart."""
    shown = patient_or_404(request, patient_id)
    link = link_or_404(shown, request.POST.get("address", ""))
    label = request.POST.get("label", "")
    tell_apart(patient=shown, address=link.address, label=label, by=actor(request), now=timezone.now())
    messages.success(request, _("Written down."))
    return redirect("patient", shown.pk)


def link_or_404(patient: Patient | None, address_id: str) -> PatientAddress:
    """An address that is the patient's now."""
    links = PatientAddress.objects.filter(patient=patient, ended_at=None).select_related("address")
    return get_object_or_404(links, address=read_number(address_id) or 0)


def messages_sent_to(request: ClinicRequest, patient_id: int, address_id: int) -> TemplateResponse:
    """What went to one address about a patient, in its very words: for whoever has to say what a stranger read."""
    shown = patient_or_404(request, patient_id)
    links = PatientAddress.objects.filter(patient=shown).select_related("address")
    link = get_object_or_404(links, address=address_id)
    context = {"patient": shown, "link": link, "sent": sent_to(link.address, shown)}
    return TemplateResponse(request, "frontdesk/sent_to.html", context)
