"""Answers are kept once and as given; one that has to be looked at becomes a task, and nothing else changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from scheduling.models import (
    AnsweredHow,
    Appointment,
    ClinicianTask,
    Event,
    EventToPlan,
    FollowUp,
    FollowUpState,
    Questionnaire,
    QuestionnaireResponse,
    Role,
)
from scheduling.permissions import NotAllowed
from scheduling.questionnaires.answering import AlreadyAnswered, NothingAnswered, answer
from scheduling.questionnaires.scoring import NotItsAnswers
from tests import factories
from tests.scheduling.questionnaires.world import (
    DAY_BEFORE,
    FIRST,
    PATIENT,
    booked,
    by_link,
    give,
    one_asked,
    order_that_asks,
)

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def test_whole_answers_have_their_sum_language_version_and_how_far_they_look_back() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)
    asking = one_asked(order.patient, DAY_BEFORE)

    made = answer(
        asking=asking, answers=[3, 2, 1, 0, 1, 2, 3, 0, 0], language="es-MX", how=AnsweredHow.LINK, by=PATIENT,
        now=DAY_BEFORE,
    )  # fmt: skip

    assert (made.score, made.language, made.version, made.recall_days) == (12, "es", "1", 14)
    assert made.answers == [3, 2, 1, 0, 1, 2, 3, 0, 0]
    assert (made.needs_clinician, made.entered_by) == (False, None)
    assert not ClinicianTask.objects.exists()
    row = Questionnaire.objects.get()
    assert (row.opens_at, row.closes_at) == (asking.period.start, asking.period.end)


def test_half_answers_are_kept_without_a_sum() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)

    made = by_link(one_asked(order.patient, DAY_BEFORE), [1, None, 2, *[None] * 6], DAY_BEFORE)

    assert (made.score, made.answers[:3]) == (None, [1, None, 2])


@pytest.mark.parametrize("others", [[0] * 8, [None] * 8], ids=["whole", "half"])
@pytest.mark.parametrize("ninth", [1, 2, 3])
def test_a_ninth_answer_other_than_0_opens_one_urgent_task_and_changes_no_visit(
    others: list[int | None], ninth: int
) -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    before = _row(visit)
    EventToPlan.objects.all().delete()

    made = by_link(one_asked(order.patient, DAY_BEFORE), [*others, ninth], DAY_BEFORE)

    task = ClinicianTask.objects.get()
    assert (task.kind, task.is_urgent, task.response, task.patient) == ("answers", True, made, order.patient)
    assert (task.clinic, task.order, task.appointment, task.words) == (clinic, order, visit, "")
    assert EventToPlan.objects.get().event.verb == "task.opened", "the planner alerts who is on duty"
    assert _row(visit) == before


def test_the_ninth_question_of_no_other_instrument_asks_for_anybody() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    give(visit)

    by_link(one_asked(order.patient, FIRST + WEEK, "gad-7"), [3] * 7, FIRST + WEEK)

    assert not ClinicianTask.objects.exists()


def test_a_second_time_keeps_the_first_answers_and_says_when_they_were_given() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)
    asking = one_asked(order.patient, DAY_BEFORE)
    first = by_link(asking, [0] * 9, DAY_BEFORE)

    with pytest.raises(AlreadyAnswered) as refusal:
        by_link(asking, [3] * 9, DAY_BEFORE + timedelta(minutes=1))

    assert refusal.value.response == first
    assert QuestionnaireResponse.objects.get().score == 0
    assert not ClinicianTask.objects.exists()


def test_late_answers_are_kept() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    give(visit)
    later = FIRST + timedelta(days=2)

    by_link(one_asked(order.patient, later), [*[0] * 8, 1], later)

    assert ClinicianTask.objects.count() == 1


@pytest.mark.parametrize("answers", [[0] * 8, [4] * 9, []])
def test_answers_that_are_none_of_the_instruments_leave_nothing(answers: list[int | None]) -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)

    with pytest.raises(NotItsAnswers):
        by_link(one_asked(order.patient, DAY_BEFORE), answers, DAY_BEFORE)

    assert not Questionnaire.objects.exists()


def test_no_answer_at_all_leaves_nothing() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)

    with pytest.raises(NothingAnswered):
        by_link(one_asked(order.patient, DAY_BEFORE), [None] * 9, DAY_BEFORE)

    assert not Questionnaire.objects.exists()


def test_a_check_in_is_settled_when_all_it_asks_is_answered() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    [visit] = booked(order, clinic)
    give(visit)
    due = FIRST + WEEK

    by_link(one_asked(order.patient, due), [0] * 9, due)
    assert FollowUp.objects.get(order=order).state == FollowUpState.OPEN
    by_link(one_asked(order.patient, due, "gad-7"), [0] * 7, due)

    settled = FollowUp.objects.get(order=order)
    assert (settled.state, settled.settled_at) == (FollowUpState.DONE, due)
    verbs = Event.objects.filter(patient=order.patient, recorded_at=due).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["questionnaire.answered", "questionnaire.answered", "follow_up.answered"]


def test_a_nurse_enters_what_was_said_and_the_desk_may_not() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)
    asking = one_asked(order.patient, DAY_BEFORE)

    def entered(role: Role) -> QuestionnaireResponse:
        by = factories.create_actor(clinic, role)
        return answer(asking=asking, answers=[0] * 9, language="en", how=AnsweredHow.PHONE, by=by, now=DAY_BEFORE)

    for role in (Role.FRONT_DESK, Role.MANAGER):
        with pytest.raises(NotAllowed):
            entered(role)
    made = entered(Role.NURSE)
    assert made.entered_by is not None
    assert made.how == "phone"


def test_events_say_neither_instrument_nor_answers() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)

    by_link(one_asked(order.patient, DAY_BEFORE), [*[0] * 8, 2], DAY_BEFORE)

    for event in Event.objects.filter(patient=order.patient, recorded_at=DAY_BEFORE):
        assert set(event.data) <= {"questionnaire", "task", "follow_up"}
        assert event.reason == ""


def test_answers_stay_as_they_were_given() -> None:
    clinic = factories.create_clinic()
    order = order_that_asks(clinic)
    booked(order, clinic)
    made = by_link(one_asked(order.patient, DAY_BEFORE), [0] * 9, DAY_BEFORE)
    rows = QuestionnaireResponse.objects.filter(pk=made.pk)

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(answers=[1] * 9, score=9)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()


def _row(visit: Appointment) -> dict[str, Any]:
    return dict(Appointment.objects.filter(pk=visit.pk).values().get())
