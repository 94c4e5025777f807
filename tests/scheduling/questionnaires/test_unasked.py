"""What was sent of a questionnaire that is not asked any more is kept apart, and reaches a clinician all the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from scheduling.cancelling import cancel
from scheduling.models import (
    AnsweredHow,
    CancelledBy,
    ClinicianTask,
    FollowUp,
    FollowUpState,
    Order,
    QuestionnaireResponse,
    Role,
)
from scheduling.moving import move
from scheduling.permissions import NotAllowed
from scheduling.questionnaires.answering import NothingAnswered
from scheduling.questionnaires.askings import askings_of, find_asking
from scheduling.questionnaires.by_hand import ask, withdraw
from scheduling.questionnaires.scoring import Answers
from scheduling.questionnaires.series import read_scores
from scheduling.questionnaires.unasked import Found, find_sheet, keep_unasked
from scheduling.undoing import undo_step
from scheduling.visits import record_step
from tests import factories
from tests.scheduling.questionnaires.world import (
    DAY_BEFORE,
    FIRST,
    PATIENT,
    WAY,
    booked,
    by_link,
    codes_asked,
    one_asked,
    order_that_asks,
)

pytestmark = pytest.mark.django_db
NINTH = [0] * 8 + [1]
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


@pytest.fixture
def order() -> Order:
    return order_that_asks(factories.create_clinic())


def unasked(order: Order, key: str, now: datetime = DAY_BEFORE) -> Found:
    found = find_sheet(order.patient, key, now=now)
    assert found is not None
    assert not found.is_asked
    return found


def sent(found: Found, answers: Answers = NINTH) -> QuestionnaireResponse:
    return keep_unasked(
        asking=found.asking, answers=answers, language="en", how=AnsweredHow.LINK, by=PATIENT, now=DAY_BEFORE
    )


def withdrawn_by_hand(order: Order) -> str:
    clinic = order.sites.get()
    nurse = factories.create_actor(clinic, Role.NURSE)
    row = ask(order=order, clinic=clinic, instrument="phq-9", days=3, by=nurse, now=DAY_BEFORE)
    withdraw(questionnaire=row, by=nurse, now=DAY_BEFORE)
    return row.ask_key


def not_in_the_plan(order: Order) -> str:
    """As after an amendment that has it no more: the signed words ask nothing of this kind before an infusion."""
    booked(order, order.sites.get())
    return one_asked(order.patient, DAY_BEFORE).key.replace("/phq-9", "/gad-7")


def moved_away(order: Order) -> str:
    clinic = order.sites.get()
    [visit] = booked(order, clinic)
    key = one_asked(order.patient, DAY_BEFORE).key
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    move(appointment=visit, start=FIRST + WEEK, by=desk, now=DAY_BEFORE)
    return key


@pytest.mark.parametrize("becomes", [withdrawn_by_hand, not_in_the_plan, moved_away])
def test_it_is_kept_and_a_ninth_answer_opens_one_urgent_task(order: Order, becomes: Callable[[Order], str]) -> None:
    key = becomes(order)
    before = codes_asked(order.patient, DAY_BEFORE)
    found = unasked(order, key)
    length = found.asking.instrument.questions

    made = sent(found, NINTH[-length:])

    assert made.questionnaire.voided_at == DAY_BEFORE
    assert made.answers == NINTH[-length:]
    assert ClinicianTask.objects.filter(response=made, is_urgent=True).count() == int(length == 9)
    assert codes_asked(order.patient, DAY_BEFORE) == before


def test_a_check_ins_answers_are_kept_after_the_start_was_taken_back(order: Order) -> None:
    clinic = order.sites.get()
    [visit] = booked(order, clinic)
    nurse = factories.create_actor(clinic, Role.NURSE)
    for step in WAY[:3]:
        record_step(
            appointment=visit, to=step, happened_at=FIRST, by=nurse, now=FIRST, checks=factories.checks_for(step)
        )  # fmt: skip
    key = next(one.key for one in askings_of(order.patient) if one.follow_up and one.instrument.code == "phq-9")
    undo_step(appointment=visit, by=nurse, now=FIRST + HOUR)
    assert find_asking(order.patient, key) is None

    made = sent(unasked(order, key, FIRST + 2 * WEEK))

    check_in = FollowUp.objects.get()
    assert (made.questionnaire.follow_up, made.questionnaire.appointment) == (check_in, visit)
    assert check_in.state == FollowUpState.WAITING
    assert ClinicianTask.objects.get().response == made


def test_half_of_it_is_kept_and_nothing_marked_is_not(order: Order) -> None:
    found = unasked(order, withdrawn_by_hand(order))

    assert sent(found, [None] * 8 + [2]).score is None
    assert ClinicianTask.objects.get().is_urgent
    with pytest.raises(NothingAnswered):
        sent(found, [None] * 9)


def test_twice_keeps_it_once_and_other_answers_beside_it(order: Order) -> None:
    found = unasked(order, withdrawn_by_hand(order))

    assert sent(found) == sent(found)
    assert sent(found, [2] * 9) != sent(found)
    assert QuestionnaireResponse.objects.count() == ClinicianTask.objects.count() == 2


def test_other_answers_to_what_is_answered_are_kept_beside_the_first(order: Order) -> None:
    booked(order, order.sites.get())
    asking = one_asked(order.patient, DAY_BEFORE)
    first = by_link(asking, [0] * 9, DAY_BEFORE)
    found = unasked(order, asking.key)

    assert sent(found, [0] * 9) == first
    assert sent(found).needs_clinician
    assert ClinicianTask.objects.count() == 1


def test_it_answers_nothing_that_is_asked_and_stands_apart(order: Order) -> None:
    key = withdrawn_by_hand(order)
    booked(order, order.sites.get())
    made = sent(unasked(order, key))

    assert codes_asked(order.patient, DAY_BEFORE + timedelta(hours=1)) == ["phq-9"]
    [phq] = read_scores(order.patient)
    assert (phq.answered, [one.response for one in phq.unasked]) == ((), [made])


def test_a_cancelled_visits_sheet_is_still_answered_as_asked(order: Order) -> None:
    clinic = order.sites.get()
    [visit] = booked(order, clinic)
    key = one_asked(order.patient, DAY_BEFORE).key
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    cancel(appointment=visit, side=CancelledBy.PATIENT, reason="ill", by=desk, now=DAY_BEFORE)

    found = find_sheet(order.patient, key, now=DAY_BEFORE)

    assert found is not None
    assert found.is_asked


@pytest.mark.parametrize(
    "key",
    ["", "x", "before//phq-9", "before/1/phq-9", "before/1/2/phq-9", "check-in/1/19990101T0000/phq-9",
     "check-in/1/never/phq-9", "before/9999999999999999999/phq-9", "asked/1/phq-9/never"],
)  # fmt: skip
def test_what_was_never_put_to_the_patient_is_no_sheet(order: Order, key: str) -> None:
    assert find_sheet(order.patient, key, now=DAY_BEFORE) is None


def test_a_sheet_of_another_patient_is_none(order: Order) -> None:
    other = order_that_asks(order.sites.get())

    assert find_sheet(other.patient, withdrawn_by_hand(order), now=DAY_BEFORE) is None


def test_only_clinical_staff_write_it_down(order: Order) -> None:
    found = unasked(order, withdrawn_by_hand(order))
    desk = factories.create_actor(order.sites.get(), Role.FRONT_DESK)

    with pytest.raises(NotAllowed):
        keep_unasked(
            asking=found.asking, answers=NINTH, language="en", how=AnsweredHow.PHONE, by=desk, now=DAY_BEFORE
        )  # fmt: skip
