"""The page of a patient's answers: the drawings, what is asked now, and asking something beside the plan."""

from __future__ import annotations

from django.template.response import TemplateResponse
from django.utils import timezone

from notifications.clinic_rules import safety_text
from scheduling.models import Order, OrderState, Patient
from scheduling.questionnaires.askings import asked_of
from web.at_clinic import patient_or_404
from web.clinician.scores import scores_of
from web.current_clinic import ClinicRequest
from web.questionnaires.ask_form import AskForm


def scores(request: ClinicRequest, patient_id: int) -> TemplateResponse:
    """The page: what was answered, what is asked now, and asking something beside the plan."""
    patient = patient_or_404(request, patient_id)
    return scores_page(request, patient, AskForm(orders=orders_to_ask_for(patient)))


def scores_page(request: ClinicRequest, patient: Patient, form: AskForm) -> TemplateResponse:
    """The page with this form, as new or as refused."""
    now = timezone.now()
    asked = asked_of(patient, now=now)
    # Whoever has just written answers down by phone still has the patient on the line.
    language = request.GET.get("read")
    context = {
        "patient": patient,
        "scores": scores_of(patient),
        "asked": [(one, one.is_late(now)) for one in asked],
        "form": form,
        "safety": safety_text(request.clinic, language) if language else "",
        "safety_language": language,
        "may_ask": bool(form.orders) and not patient.is_gone,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "clinician/patient_scores.html", context, status=status)


def orders_to_ask_for(patient: Patient) -> list[Order]:
    """The patient's signed orders, newest first: a question belongs to one."""
    signed = Order.objects.filter(patient=patient).exclude(state=OrderState.DRAFT)
    return list(signed.order_by("-pk"))
