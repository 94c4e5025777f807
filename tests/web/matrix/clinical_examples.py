"""The clinician's side of an example: a task, a call, a questionnaire, its answers, a cover, a form that is due."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from scheduling.events import Entry, record
from scheduling.models import (
    Appointment,
    ClinicianTask,
    Decision,
    FollowUp,
    GateDecision,
    Order,
    PrescriberCover,
    Questionnaire,
    QuestionnaireResponse,
    Role,
    TaskKind,
    User,
    VisitTask,
)
from scheduling.questionnaires.asking import BY_HAND
from tests import factories
from tests.factories import NOW
from tests.web.matrix.example import Example
from tests.web.matrix.markers import an_exit


def clinical_side(example: Example, order: Order, visit: Appointment, staff: User) -> None:
    """Adds to the values of an example what only clinicians open."""
    clinic, patient = example.clinic, order.patient
    key, reviewed = str(clinic.pk), factories.create_order(clinic, patient)
    with transaction.atomic():
        follow_up = FollowUp.objects.filter(order=order, kind="call").earliest("pk")
        FollowUp.objects.filter(pk=follow_up.pk).update(state="open", opened_at=NOW, due_at=NOW)
        asked, answered = (
            Questionnaire.objects.create(
                ask_key=f"{BY_HAND}/{key}/{name}", clinic=clinic, patient=patient, order=order, instrument="phq-9",
                asked_by=staff, opens_at=NOW, closes_at=NOW + timedelta(days=7),
            )
            for name in ("asked", "answered")
        )  # fmt: skip
        response = QuestionnaireResponse.objects.create(
            questionnaire=answered, patient=patient, instrument="phq-9", version="1", language="en", recall_days=14,
            answers=[1, 1, 1, 1, 1, 0, 0, 0, 0], score=5, how="link", answered_at=NOW,
        )  # fmt: skip
        task = ClinicianTask.objects.create(
            task_key=key, kind=TaskKind.WISH, clinic=clinic, patient=patient, order=order, opened_at=NOW
        )
        form = VisitTask.objects.create(appointment=visit, order=order, code="form", due_on=NOW.date())
        cover = PrescriberCover.objects.create(
            organisation=clinic.organisation, prescriber=staff, cover=factories.create_user(clinic, Role.PRESCRIBER),
            first_day=NOW.date(), last_day=NOW.date(), arranged_by=staff, arranged_at=NOW,
        )  # fmt: skip
        heard = GateDecision.objects.create(
            order=reviewed, after_number=3, decision=Decision.CONTINUE, decided_by=staff, decided_at=NOW,
            heard_by=factories.create_user(clinic, Role.NURSE), was_read_back=True, recorded_at=NOW,
        )  # fmt: skip
        entries = [
            Entry("test.written", clinic.pk, appointment_id=visit.pk, order_id=one.pk, patient_id=patient.pk)
            for one in (order, reviewed)
        ]
        record(organisation_id=clinic.organisation_id, entries=entries, by=factories.system(), now=NOW)
    exited = an_exit(example)
    example.values |= {
        "follow_up_id": follow_up.pk,
        "questionnaire_id": asked.pk,
        "response_id": response.pk,
        "task_id": task.pk,
        "cover_id": cover.pk,
        "protocol_id": order.protocol_version.protocol_id,
        "change": "pause",
        "what": "review",
        "said_id": heard.pk,
    }
    example.of_route["rule_exit"] = {"visit_id": exited.pk}
    example.of_route["work_follow_up"] = {"follow_up_id": opened_by(exited)}
    example.of_route["settle_visit_task"] = {"task_id": form.pk}


def opened_by(visit: Appointment) -> int:
    """The call that the start of this infusion opened."""
    return FollowUp.objects.get(order=visit.order, kind="call", after_number=visit.dose_number or 0).pk
