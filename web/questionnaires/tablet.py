"""The clinic's tablet in the patient's hands: whoever hands it over is signed out, so that nothing else opens on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation

from notifications.clinic_rules import answer_hours, safety_text, sender_name
from scheduling import permissions
from scheduling.events import Actor
from scheduling.models import AnsweredHow, Clinic, Patient, User
from scheduling.questionnaires.askings import asked_of
from scheduling.questionnaires.unasked import find_sheet
from web.at_clinic import actor, patient_or_404
from web.current_clinic import ClinicRequest
from web.display import IN_WORK, is_chosen_so, shown_so
from web.patient.linked import PRIVATE
from web.questionnaires.sheet import Sheet
from web.questionnaires.taking import Taken, take

SESSION_KEY = "handed_over"
FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Who has the tablet, and who of the staff gave it to them. `is_over`: what is sent is kept, nothing is shown."""

    patient: Patient
    clinic: Clinic
    by: Actor
    is_over: bool


def hand_over(request: ClinicRequest, patient_id: int) -> HttpResponse:
    """Sign this browser out and open the patient's questions on it, for half an hour."""
    patient, by = patient_or_404(request, patient_id), actor(request)
    permissions.check(by, "questionnaire.enter", organisation_id=patient.organisation_id)
    until = timezone.now() + FOR
    kept = {"patient": patient.pk, "clinic": request.clinic.pk, "by": request.user.pk, "until": until.isoformat()}
    logout(request)
    request.session[SESSION_KEY] = kept
    return redirect("tablet")


def tablet(request: HttpRequest) -> HttpResponse:
    """The questions of whoever was handed the tablet; for anybody else there is nothing here."""
    now = timezone.now()
    handed = _handed_over(request, now)
    if handed is not None and "asked" in request.POST:
        return _take(request, handed, now)
    if handed is None or handed.is_over:
        return TemplateResponse(request, "questionnaires/tablet_over.html", status=410, headers=PRIVATE)
    asked = asked_of(handed.patient, now=now)
    if not asked or "sent" in request.GET:
        return _end(request, handed, now)
    return _page(request, handed, Sheet(asked[0], translation.get_language() or "en"))


def _handed_over(request: HttpRequest, now: datetime) -> HandedOver | None:
    kept = request.session.get(SESSION_KEY)
    if not kept or request.user.is_authenticated:
        return None
    clinic = Clinic.objects.select_related("organisation").get(pk=kept["clinic"])
    by = Actor.staff(User.objects.get(pk=kept["by"]), clinic)
    is_over = now >= datetime.fromisoformat(kept["until"])
    return HandedOver(Patient.objects.get(pk=kept["patient"]), clinic, by, is_over)


def _take(request: HttpRequest, handed: HandedOver, now: datetime) -> HttpResponse:
    found = find_sheet(handed.patient, request.POST.get("asked", ""), now=now)
    if found is None:
        return _end(request, handed, now, taken=Taken())
    sheet = Sheet.from_post(found.asking, request.POST, translation.get_language() or "en")
    if is_chosen_so(request) and not handed.is_over:
        return shown_so(request, lambda: _page(request, handed, _in_language_of_page(sheet)))
    if found.is_asked and sheet.waits_for_more(request.POST) and not handed.is_over:
        return _page(request, handed, sheet)
    taken = take(found, sheet, how=AnsweredHow.CLINIC, by=handed.by, now=now)
    if not taken.is_answered or handed.is_over:
        return _end(request, handed, now, taken=taken)
    answered = redirect("tablet")
    answered["Location"] += "?sent=1"
    return answered


def _in_language_of_page(sheet: Sheet) -> Sheet:
    return Sheet(sheet.asking, translation.get_language() or "en", sheet.answers)


def _page(request: HttpRequest, handed: HandedOver, sheet: Sheet) -> HttpResponse:
    context = {**_around(handed), "in_work": IN_WORK, "sheet": sheet}
    status = 422 if sheet.is_sent else 200
    return TemplateResponse(request, "questionnaires/tablet.html", context, status=status, headers=PRIVATE)


def _end(request: HttpRequest, handed: HandedOver, now: datetime, *, taken: Taken | None = None) -> HttpResponse:
    more = 0 if handed.is_over else len(asked_of(handed.patient, now=now))
    is_lost = taken is not None and not (taken.is_answered or taken.is_kept_apart or taken.earlier)
    not_asked = taken is not None and not (taken.is_answered or taken.earlier)
    context = {**_around(handed), "more": more, "not_asked": not_asked, "is_lost": is_lost}
    status = 409 if is_lost or (taken and taken.earlier) else 200
    return TemplateResponse(request, "questionnaires/tablet_end.html", context, status=status, headers=PRIVATE)


def _around(handed: HandedOver) -> dict[str, object]:
    language = translation.get_language() or "en"
    return {
        "sender": sender_name(handed.clinic, language),
        "safety": safety_text(handed.clinic, language),
        "phone": handed.clinic.phone,
        "answer_hours": answer_hours(handed.clinic, language),
    }
