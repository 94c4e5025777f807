"""A patient's wish for another infusion is a clinician's task: once, whoever passes it on, and nothing is booked."""

from __future__ import annotations

import pytest

from scheduling.clinician_tasks import close
from scheduling.events import Actor
from scheduling.models import Appointment, Clinic, ClinicianTask, Event, Order, Role
from scheduling.patients import record_death
from scheduling.permissions import NotAllowed
from scheduling.wishes import LONGEST, NothingToWishFor, open_wishes, pass_on_wish
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import meets_the_constraints

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic)


def wish(order: Order, clinic: Clinic, by: Actor, words: str = "") -> bool:
    return pass_on_wish(patient=order.patient, clinic=clinic, words=words, by=by, now=NOW)


def test_it_is_a_task_with_the_patients_words_and_books_nothing(clinic: Clinic, order: Order) -> None:
    assert wish(order, clinic, Actor.patient(), " It helped. Could I come again? ")
    [task] = ClinicianTask.objects.all()
    assert (task.kind, task.order, task.words, task.is_urgent) == (
        "wish", order, "It helped. Could I come again?", False,
    )  # fmt: skip
    assert not Appointment.objects.exists()
    event = Event.objects.get(verb="task.opened")
    assert (event.data, event.reason, event.actor_kind) == ({"task": task.pk}, "", "patient")
    meets_the_constraints()


def test_twice_is_once_until_somebody_has_answered(clinic: Clinic, order: Order) -> None:
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    assert [wish(order, clinic, by) for by in (Actor.patient(), Actor.patient(), desk)] == [True, False, False]
    [task] = open_wishes([order.patient_id])
    close(task=task, outcome="Ordered one", by=factories.create_actor(clinic, Role.PRESCRIBER), now=NOW)
    assert wish(order, clinic, Actor.patient())
    assert ClinicianTask.objects.count() == 2


def test_long_words_are_cut_and_never_refused(clinic: Clinic, order: Order) -> None:
    assert wish(order, clinic, Actor.patient(), "ñ" * 5000)
    assert len(ClinicianTask.objects.get().words) == LONGEST


def test_without_a_series_there_is_nothing_to_wish_for(clinic: Clinic) -> None:
    draft = factories.create_draft(clinic)
    for patient in (draft.patient, factories.create_patient(clinic)):
        with pytest.raises(NothingToWishFor):
            pass_on_wish(patient=patient, clinic=clinic, by=Actor.patient(), now=NOW)


def test_another_patients_series_is_not_theirs(clinic: Clinic, order: Order) -> None:
    other = factories.create_patient(clinic)
    with pytest.raises(NothingToWishFor):
        pass_on_wish(patient=other, clinic=clinic, order=order, by=Actor.patient(), now=NOW)


def test_closed_record_wishes_nothing(clinic: Clinic, order: Order) -> None:
    record_death(patient=order.patient, died_at=NOW, by=factories.create_actor(clinic, Role.NURSE), now=NOW)
    order.patient.refresh_from_db()
    with pytest.raises(NothingToWishFor):
        wish(order, clinic, factories.create_actor(clinic, Role.FRONT_DESK))


def test_auditor_passes_nothing_on(clinic: Clinic, order: Order) -> None:
    with pytest.raises(NotAllowed):
        wish(order, clinic, factories.create_actor(clinic, Role.AUDITOR))
