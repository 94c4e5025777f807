"""Words in every field that only clinicians may read, each of which occurs nowhere else."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction

from scheduling.events import Entry, record
from scheduling.models import (
    Appointment,
    ChangeKind,
    ClinicianTask,
    Deviation,
    DoseGap,
    ExitRuling,
    FollowUp,
    FollowUpTry,
    GateDecision,
    Order,
    Questionnaire,
    QuestionnaireResponse,
    Role,
    Status,
    TaskKind,
    User,
    VisitCheck,
)
from scheduling.order_states import change_state
from tests import factories
from tests.factories import NOW
from tests.web.matrix.example import Example
from tests.web.pages import book, bring_to

FIELDS: Final = (
    "orderchange", "gatedecision", "exitruling", "visitcheck", "taskwords", "taskoutcome", "followuptry", "dosegap",
    "deviation", "response", "gadresponse", "esresponse",
)  # fmt: skip
# What was answered: in which language, and how. The sums are three that nothing else on a page is.
ANSWERED: Final = {
    "response": ("phq-9", "en", (3, 3, 3, 3, 3, 3, 3, 2, 0)),
    "gadresponse": ("gad-7", "en", (3, 3, 3, 3, 3, 3, 1)),
    "esresponse": ("phq-9", "es", (3, 3, 3, 3, 2, 1, 1, 1, 0)),
}
SUMS: Final = tuple(sum(answers) for _, _, answers in ANSWERED.values())
MARKERS: Final = {field: f"zq{field}qz" for field in FIELDS}


def mark(example: Example) -> None:
    """Writes a marker into each field, about the example's own patient where it can be."""
    clinic, mine = example.clinic, MARKERS
    doctor = factories.create_user(clinic, Role.PRESCRIBER)
    order = Order.objects.get(pk=example.values["order_id"])
    visit = Appointment.objects.get(pk=example.values["visit_id"])
    paused, exited = factories.create_order(clinic, order.patient), an_exit(example)
    said = {"decided_by": doctor, "decided_at": NOW}
    with transaction.atomic():
        locked = Order.objects.select_for_update().get(pk=paused.pk)
        _, entry = change_state(
            locked, ChangeKind.PAUSE, decided_by=doctor, decided_at=NOW, reason=mine["orderchange"],
            clinic_id=clinic.pk, now=NOW,
        )  # fmt: skip
        GateDecision.objects.create(
            order=order, after_number=3, decision="continue", note=mine["gatedecision"], recorded_at=NOW, **said
        )
        ExitRuling.objects.create(appointment=exited, counts=True, note=mine["exitruling"], recorded_at=NOW, **said)
        VisitCheck.objects.create(
            appointment=visit, kind="fasting", step="seated", is_met=False, passed_by=doctor, said_by=doctor,
            reason=mine["visitcheck"], said_at=NOW,
        )  # fmt: skip
        Deviation.objects.create(appointment=visit, signed_by=doctor, signed_at=NOW, reason=mine["deviation"])
        terms = visit.terms
        assert terms is not None
        DoseGap.objects.create(
            terms=terms, patient=order.patient, therapy=order.therapy, days=1, minutes=0, reason=mine["dosegap"],
            signed_exception_by=doctor, signed_exception_at=NOW,
        )  # fmt: skip
        FollowUpTry.objects.create(
            follow_up=FollowUp.objects.get(pk=example.values["follow_up_id"]), outcome="voicemail",
            note=mine["followuptry"], tried_by=doctor, tried_at=NOW,
        )  # fmt: skip
        answered(example, order)
        tasks(example, order, doctor)
        entries = [entry, *(about(order, one) for one in (visit, exited))]
        record(organisation_id=clinic.organisation_id, entries=entries, by=factories.system(), now=NOW)


def about(order: Order, visit: Appointment) -> Entry:
    return Entry(
        "test.written",
        clinic_id=visit.clinic_id,
        order_id=order.pk,
        patient_id=order.patient_id,
        appointment_id=visit.pk,
    )


def an_exit(example: Example) -> Appointment:
    """An infusion of another order that was broken off this morning."""
    order = factories.create_order(example.clinic, factories.create_patient(example.clinic))
    visit = book(order, example.clinic, how_many=1)[0]
    steps = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.STOPPED_EARLY)
    return bring_to(visit, *steps, clinic=example.clinic, now=visit.period.lower + timedelta(minutes=5))


def answered(example: Example, order: Order) -> None:
    """The version of each stands for what was answered."""
    for days, (field, (instrument, language, answers)) in enumerate(ANSWERED.items()):
        asked = Questionnaire.objects.create(
            ask_key=field, clinic=example.clinic, patient=order.patient, order=order, instrument=instrument,
            opens_at=NOW - timedelta(days=7), closes_at=NOW + timedelta(days=7),
        )  # fmt: skip
        QuestionnaireResponse.objects.create(
            questionnaire=asked, patient=order.patient, instrument=instrument, version=MARKERS[field],
            language=language, recall_days=14, answers=list(answers), score=sum(answers), how="link",
            answered_at=NOW - timedelta(days=days),
        )  # fmt: skip


def tasks(example: Example, order: Order, doctor: User) -> None:
    """One open with the patient's words, one closed with what was done."""
    for name in ("words", "outcome"):
        ClinicianTask.objects.create(
            task_key=f"marked-{name}", kind=TaskKind.WISH, clinic=example.clinic, patient=order.patient, order=order,
            words=MARKERS["taskwords"], opened_at=NOW,
        )  # fmt: skip
    closed = ClinicianTask.objects.filter(task_key="marked-outcome")
    had = {"acknowledged_by": doctor, "acknowledged_at": NOW, "closed_by": doctor, "closed_at": NOW}
    closed.update(outcome=MARKERS["taskoutcome"], **had)
