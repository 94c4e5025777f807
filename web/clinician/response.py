"""One response of a patient, for clinical staff alone."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from scheduling.models import QuestionnaireResponse
from scheduling.questionnaires.instruments import INSTRUMENTS
from scheduling.questionnaires.series import answered_of, given_to
from web.clinician.scores import row_of
from web.current_clinic import ClinicRequest


def response(request: ClinicRequest, response_id: int) -> HttpResponse:
    """One response: every answer as a number beside its published words."""
    rows = QuestionnaireResponse.objects.filter(patient__organisation=request.clinic.organisation_id)
    row = get_object_or_404(rows.select_related("patient", "questionnaire__asked_by", "entered_by"), pk=response_id)
    instrument = INSTRUMENTS[row.instrument]
    words = instrument.words_in(row.language)[1]
    answers = [
        (number, text, answer, words.options[answer] if answer is not None else "")
        for number, (text, answer) in enumerate(zip(words.questions, row.answers, strict=True), start=1)
    ]
    shown = row_of(answered_of(row, given_to(row.patient)))
    context = {"row": shown, "instrument": instrument, "words": words, "answers": answers, "patient": row.patient}
    return TemplateResponse(request, "clinician/response.html", context)
