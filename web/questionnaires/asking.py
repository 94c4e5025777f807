"""A clinician asks beside the plan, takes it back, or writes down what the patient says."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from notifications.clinic_rules import safety_text
from scheduling.models import AnsweredHow, Patient, Questionnaire
from scheduling.questionnaires.askings import asked_of
from scheduling.questionnaires.by_hand import IsAnswered, NotAskable, ask, withdraw
from scheduling.questionnaires.unasked import Found, find_sheet
from web.at_clinic import actor, patient_or_404
from web.clinician.patient_scores import orders_to_ask_for, scores_page
from web.current_clinic import ClinicRequest
from web.questionnaires.ask_form import AskForm
from web.questionnaires.sheet import Sheet
from web.questionnaires.taking import Taken, take
from web.spoken import clock, long_day

SAID = {AnsweredHow.PHONE: _("By phone"), AnsweredHow.CLINIC: _("At the clinic")}


def ask_patient(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """Ask from now on. The patient finds it behind the link of the next message."""
    patient = patient_or_404(request, patient_id)
    form = AskForm(request.POST, orders=orders_to_ask_for(patient))
    if not form.is_valid() or not form.orders:
        return scores_page(request, patient, form)
    said = form.cleaned_data
    try:
        ask(
            order=form.orders[0], clinic=request.clinic, instrument=said["instrument"], days=said["days"],
            by=actor(request), now=timezone.now(),
        )  # fmt: skip
    except NotAskable:
        messages.error(request, _("This patient's record is closed. Nothing was asked."))
    else:
        messages.success(request, _("Asked. It stands behind the links of this patient's messages."))
    return redirect("scores", patient.pk)


def withdraw_asked(request: ClinicRequest, questionnaire_id: int) -> HttpResponse:
    """Ask no longer for what was asked by hand."""
    rows = Questionnaire.objects.filter(clinic=request.clinic, asked_by__isnull=False).select_related("clinic")
    row = get_object_or_404(rows, pk=questionnaire_id)
    try:
        withdraw(questionnaire=row, by=actor(request), now=timezone.now())
    except IsAnswered:
        messages.warning(request, _("It was answered meanwhile. The answers stay."))
    else:
        messages.success(request, _("It is not asked any more."))
    return redirect("scores", row.patient_id)


def enter_answers(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """Show the questions to be read out, and write down what the patient says: also where it is asked no longer by
    then, for what was said is not lost."""
    patient, now = patient_or_404(request, patient_id), timezone.now()
    found = find_sheet(patient, request.POST.get("asked", ""), now=now)
    if found is None or not (_is_put(patient, found, now) or _is_marked(found, request)):
        messages.warning(request, _("That is not asked any more, or it was answered meanwhile. Nothing was changed."))
        return redirect("scores", patient.pk)
    how = AnsweredHow.PHONE if request.POST.get("how", "phone") == AnsweredHow.PHONE else AnsweredHow.CLINIC
    if "send" not in request.POST:
        language = request.POST.get("show") or patient.language
        marked = Sheet.from_post(found.asking, request.POST, language).answers
        return _sheet_page(request, patient, Sheet(found.asking, language, marked), how)
    sheet = Sheet.from_post(found.asking, request.POST, patient.language)
    is_all = {"as_it_is": "1"} if request.POST["send"] == "as_it_is" else {}
    if found.is_asked and sheet.waits_for_more(is_all):
        return _sheet_page(request, patient, sheet, how)
    _say(request, take(found, sheet, how=how, by=actor(request), now=now))
    here = redirect("scores", patient.pk)
    here["Location"] += f"?read={sheet.language}"
    return here


def _is_put(patient: Patient, found: Found, now: datetime) -> bool:
    return any(one.key == found.asking.key for one in asked_of(patient, now=now))


def _is_marked(found: Found, request: ClinicRequest) -> bool:
    return not Sheet.from_post(found.asking, request.POST, "").is_empty


def _say(request: ClinicRequest, taken: Taken) -> None:
    if taken.earlier is not None:
        at = taken.earlier.answered_at
        words = gettext("It was answered already, on %(day)s at %(time)s. Those answers stay.")
        messages.warning(request, words % {"day": long_day(at), "time": clock(at)})
    if taken.is_answered:
        messages.success(request, _("Written down."))
    elif taken.is_kept_apart:
        messages.warning(request, _("It was not asked any more. What you wrote down is kept apart, and marked so."))


def _sheet_page(request: ClinicRequest, patient: Patient, sheet: Sheet, how: AnsweredHow) -> HttpResponse:
    languages = [(code, get_language_info(code)["name_local"].capitalize()) for code in sheet.asking.instrument.words]
    context = {
        "patient": patient,
        "sheet": sheet,
        "how": how,
        "ways": [(str(way), words) for way, words in SAID.items()],
        "languages": languages,
        "safety": safety_text(request.clinic, sheet.language),
    }
    status = 422 if sheet.is_sent else 200
    return TemplateResponse(request, "questionnaires/enter.html", context, status=status)
