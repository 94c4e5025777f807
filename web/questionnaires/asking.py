"""A clinician asks beside the plan, takes it back, or writes down what the patient says."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from notifications.clinic_rules import safety_text
from scheduling.models import AnsweredHow, Patient, Questionnaire
from scheduling.questionnaires.answering import AlreadyAnswered, answer
from scheduling.questionnaires.by_hand import IsAnswered, NotAskable, ask, withdraw
from web.at_clinic import actor, patient_or_404
from web.clinician.patient_scores import asking_posted, orders_to_ask_for, scores_page
from web.current_clinic import ClinicRequest
from web.questionnaires.ask_form import AskForm
from web.questionnaires.sheet import Sheet
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
    """Show the questions to be read out, and write down what the patient says."""
    patient = patient_or_404(request, patient_id)
    asking = asking_posted(patient, request.POST.get("asked", ""))
    if asking is None:
        messages.warning(request, _("That is not asked any more, or it was answered meanwhile. Nothing was changed."))
        return redirect("scores", patient.pk)
    how = AnsweredHow.PHONE if request.POST.get("how", "phone") == AnsweredHow.PHONE else AnsweredHow.CLINIC
    if "send" not in request.POST:
        language = request.POST.get("show") or patient.language
        marked = Sheet.from_post(asking, request.POST, language).answers
        return _sheet_page(request, patient, Sheet(asking, language, marked), how)
    sheet = Sheet.from_post(asking, request.POST, patient.language)
    if sheet.waits_for_more({"as_it_is": "1"} if request.POST["send"] == "as_it_is" else {}):
        return _sheet_page(request, patient, sheet, how)
    now = timezone.now()
    try:
        answer(asking=asking, answers=sheet.answers, language=sheet.language, how=how, by=actor(request), now=now)
    except AlreadyAnswered as refusal:
        at = refusal.response.answered_at
        words = gettext("It was answered already, on %(day)s at %(time)s. Those answers stay.")
        messages.warning(request, words % {"day": long_day(at), "time": clock(at)})
    else:
        messages.success(request, _("Written down."))
    return redirect("scores", patient.pk)


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
