"""Writing down whom we may talk to, what a patient needs and when they can come; nothing typed is lost on the way."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.models import NeedKind, Patient, PatientNeed, PersonToTalkTo, TalkScope
from scheduling.needs import end_need, note_need
from scheduling.patient_availability import set_availability
from scheduling.people_to_talk_to import end_talk_to, let_talk_to
from scheduling.visit_steps import ChangedMeanwhile
from web.at_clinic import actor, patient_or_404, version_sent
from web.current_clinic import ClinicRequest
from web.frontdesk.about_forms import NeedForm, PersonForm, TimesForm
from web.frontdesk.patient_history import last_change
from web.frontdesk.patient_page import context_of


def allow_talk(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """The patient names somebody whom we may talk to."""
    shown = patient_or_404(request, patient_id)
    form = PersonForm(request.POST)
    if not form.is_valid():
        return once_more(request, shown, person_form=form)
    said = form.cleaned_data | {"scope": TalkScope(form.cleaned_data["scope"])}
    let_talk_to(patient=shown, **said, by=actor(request), now=timezone.now())
    messages.success(request, _("Written down. It stands on top of this page."))
    return redirect("patient", shown.pk)


def end_talk(request: ClinicRequest, patient_id: int, person_id: int) -> HttpResponse:
    """The patient takes it back."""
    shown = patient_or_404(request, patient_id)
    people = PersonToTalkTo.objects.select_related("patient")
    person = get_object_or_404(people, pk=person_id, patient=shown)
    ended = end_talk_to(person=person, by=actor(request), now=timezone.now())
    messages.success(request, _("Nothing is said to them any more.") if ended else _("It had ended before."))
    return redirect("patient", shown.pk)


def add_need(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """A need or a note."""
    shown = patient_or_404(request, patient_id)
    form = NeedForm(request.POST)
    if not form.is_valid():
        return once_more(request, shown, need_form=form)
    kind, words = NeedKind(form.cleaned_data["kind"]), form.cleaned_data["words"]
    note_need(patient=shown, kind=kind, words=words, by=actor(request), now=timezone.now())
    messages.success(request, _("Written down. It is shown wherever this patient is booked."))
    return redirect("patient", shown.pk)


def drop_need(request: ClinicRequest, patient_id: int, need_id: int) -> HttpResponse:
    """It no longer holds."""
    shown = patient_or_404(request, patient_id)
    need = get_object_or_404(PatientNeed.objects.select_related("patient"), pk=need_id, patient=shown)
    ended = end_need(need=need, by=actor(request), now=timezone.now())
    messages.success(request, _("It is no longer shown.") if ended else _("It had ended before."))
    return redirect("patient", shown.pk)


def change_times(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """When they and their driver can come; two who write it down at once are told of each other."""
    shown, by, now = patient_or_404(request, patient_id), actor(request), timezone.now()
    form = TimesForm(request.POST)
    if not form.is_valid():
        return once_more(request, shown, times_form=form)
    try:
        changed = set_availability(patient=shown, times=form.times, row_version=version_sent(request), by=by, now=now)
    except ChangedMeanwhile:
        shown.refresh_from_db()
        messages.warning(request, last_change(shown))
        return once_more(request, shown, status=409, times_form=form)
    messages.success(request, _("Written down: it is wished by default.") if changed else _("It was so before."))
    return redirect("patient", shown.pk)


def once_more(request: ClinicRequest, shown: Patient, *, status: int = 422, **forms: object) -> TemplateResponse:
    """The page with what was typed, and what is wrong with it."""
    return TemplateResponse(request, "frontdesk/patient.html", context_of(request, shown) | forms, status=status)
