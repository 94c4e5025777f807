"""A patient's answers over time, for clinical staff alone: a chart an instrument, every response in a table beside it.

Shows numbers and published ranges. What they mean is for whoever reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from scheduling.models import Order, OrderState, Patient, QuestionnaireResponse
from scheduling.questionnaires.askings import Asking, asked_of
from scheduling.questionnaires.instruments import INSTRUMENTS
from scheduling.questionnaires.series import Answered, Given, ScoreSeries, answered_of, given_to, read_scores
from web.at_clinic import patient_or_404
from web.clinician.score_chart import Chart, chart_of
from web.current_clinic import ClinicRequest
from web.questionnaires.ask_form import AskForm
from web.spoken import infusion


@dataclass(frozen=True, slots=True)
class Row:
    """A response in the table: the newest first. `looked_at`: the answer that a clinician is asked to look at."""

    response: QuestionnaireResponse
    after: str
    missing: Sequence[int]
    is_late: bool
    looked_at: int | None


@dataclass(frozen=True, slots=True)
class Scores:
    """What `clinician/scores.html` shows of one instrument."""

    series: ScoreSeries
    chart: Chart
    rows: Sequence[Row]

    @property
    def name(self) -> str:
        return self.series.instrument.name


def scores_of(patient: Patient) -> list[Scores]:
    """For any page of clinical staff: include `clinician/scores.html` with these as `scores`."""
    return [Scores(one, chart_of(one), [_row(a) for a in reversed(one.answered)]) for one in read_scores(patient)]


def scores(request: ClinicRequest, patient_id: int) -> TemplateResponse:
    """The page: what was answered, what is asked now, and asking something beside the plan."""
    patient = patient_or_404(request, patient_id)
    return scores_page(request, patient, AskForm(orders=orders_to_ask_for(patient)))


def scores_page(request: ClinicRequest, patient: Patient, form: AskForm) -> TemplateResponse:
    """The page with this form, as new or as refused."""
    now = timezone.now()
    asked = asked_of(patient, now=now)
    context = {
        "patient": patient,
        "scores": scores_of(patient),
        "asked": [(one, one.is_late(now)) for one in asked],
        "form": form,
        "may_ask": bool(form.orders) and not patient.is_gone,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "clinician/patient_scores.html", context, status=status)


def response(request: ClinicRequest, response_id: int) -> HttpResponse:
    """One response: every answer as a number beside its published words."""
    rows = QuestionnaireResponse.objects.filter(patient__organisation=request.clinic.organisation_id)
    row = get_object_or_404(rows.select_related("patient", "questionnaire__asked_by", "entered_by"), pk=response_id)
    instrument = INSTRUMENTS[row.instrument]
    _, words = instrument.words_in(row.language)
    answers = [
        (number, text, answer, words.options[answer] if answer is not None else "")
        for number, (text, answer) in enumerate(zip(words.questions, row.answers, strict=True), start=1)
    ]
    shown = _row(answered_of(row, given_to(row.patient)))
    context = {"row": shown, "instrument": instrument, "words": words, "answers": answers, "patient": row.patient}
    return TemplateResponse(request, "clinician/response.html", context)


def orders_to_ask_for(patient: Patient) -> list[Order]:
    """The patient's signed orders, newest first: a question belongs to one."""
    signed = Order.objects.filter(patient=patient).exclude(state=OrderState.DRAFT)
    return list(signed.order_by("-pk"))


def asking_posted(patient: Patient, key: str) -> Asking | None:
    """The one of what is asked now that a button sent."""
    return next((one for one in asked_of(patient, now=timezone.now()) if one.key == key), None)


def _row(one: Answered) -> Row:
    number = INSTRUMENTS[one.response.instrument].looked_at_once
    looked_at = one.response.answers[number - 1] if number else None
    return Row(one.response, _after(one.after), one.missing, one.is_late, looked_at)


def _after(given: Given | None) -> str:
    if given is None:
        return ""
    return f"{given.word} {given.number}" if given.word else infusion(given.number)
