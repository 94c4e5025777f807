"""The day of a visit: steps along the one table, reviews that stand in the way, confirmation, cancelling."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest

from scheduling.booking import Pick, book_series
from scheduling.cancelling import cancel
from scheduling.events import Actor
from scheduling.gates import NothingToDecide, decide
from scheduling.locking import AgainstTheOrder
from scheduling.models import (
    PATIENT_IS_THERE,
    Appointment,
    CancelledBy,
    Claim,
    Clinic,
    Decision,
    Event,
    EventToPlan,
    FollowUp,
    Order,
    Role,
    Status,
)
from scheduling.permissions import NotAllowed
from scheduling.reviews import reviews_due
from scheduling.visit_steps import NEXT_OF_INFUSION, NEXT_OF_OTHERS, ChangedMeanwhile, NotPossibleFromHere, NotThen
from scheduling.visits import confirm, record_step
from scheduling.word_of_mouth import NotReadBack
from tests import factories
from tests.factories import NOW, WHO, checks_for

pytestmark = pytest.mark.django_db
FIRST = datetime.fromisoformat("2027-01-05T09:00-05:00")
WAY = (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.COMPLETED)


def booked(clinic: Clinic, order: Order, how_many: int = 1) -> list[Appointment]:
    picks = [Pick(number, FIRST + timedelta(days=3 * (number - 1))) for number in range(1, how_many + 1)]
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    return book_series(order=order, clinic=clinic, picks=picks, by=by, now=NOW)


def give(visit: Appointment, by: Actor, until: Status = Status.COMPLETED) -> None:
    for step in WAY[: WAY.index(until) + 1]:
        record_step(
            appointment=visit,
            to=step,
            checks=checks_for(step),
            happened_at=visit.period.lower,
            by=by,
            now=visit.period.lower,
        )


def test_a_visit_walks_the_day_and_its_follow_up_opens_when_given() -> None:
    clinic = factories.create_clinic()
    [visit] = booked(clinic, factories.create_order(clinic))
    give(visit, factories.create_actor(clinic, Role.NURSE))
    assert visit.status == Status.COMPLETED
    assert visit.given_at == visit.period.lower
    assert not Claim.objects.filter(appointment=visit, live=True).exists()
    call = FollowUp.objects.get(order=visit.order, after_number=1)
    assert (call.state, call.due_at) == ("open", FIRST + timedelta(days=1))
    verbs = list(Event.objects.filter(appointment=visit).order_by("pk").values_list("verb", flat=True))
    assert verbs == ["appointment.booked", *(f"appointment.{step}" for step in WAY)]


def test_the_steps_of_a_day_lead_to_an_end_and_never_back() -> None:
    for table in (NEXT_OF_INFUSION, NEXT_OF_OTHERS):
        reached = {step for steps in table.values() for step in steps}
        assert set(table) - {Status.BOOKED} == reached & set(PATIENT_IS_THERE)
        assert not reached & {Status.BOOKED, Status.CANCELLED, Status.RELEASED, Status.HELD}


def test_record_step_refuses_what_the_table_does_not_have() -> None:
    clinic = factories.create_clinic()
    [visit] = booked(clinic, factories.create_order(clinic))
    nurse = factories.create_actor(clinic, Role.NURSE)
    with pytest.raises(NotPossibleFromHere):
        record_step(
            appointment=visit,
            to=Status.INFUSING,
            checks=WHO,
            happened_at=NOW,
            by=nurse,
            now=NOW,
        )
    with pytest.raises(NotPossibleFromHere):
        record_step(
            appointment=visit,
            to=Status.CANCELLED,
            happened_at=NOW,
            by=nurse,
            now=NOW,
        )
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        record_step(appointment=visit, to=Status.SEATED, happened_at=NOW, by=desk, now=NOW)


def test_the_fourth_infusion_starts_only_after_a_prescriber_says_continue() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    visits = booked(clinic, order, 4)
    nurse = factories.create_actor(clinic, Role.NURSE)
    for visit in visits[:3]:
        give(visit, nurse)
    give(visits[3], nurse, until=Status.SEATED)
    assert [review.order for review in reviews_due(clinic=clinic)] == [order]
    seated = visits[3].period.lower
    with pytest.raises(AgainstTheOrder) as refusal:
        record_step(
            appointment=visits[3],
            to=Status.INFUSING,
            checks=WHO,
            happened_at=seated,
            by=nurse,
            now=seated,
        )
    assert refusal.value.code == "ID007"
    user = factories.create_user(clinic, Role.PRESCRIBER)
    by = Actor.staff(user, clinic)
    decide(order=order, after_number=3, decision=Decision.CONTINUE, decided_by=user, by=by, now=seated)
    assert reviews_due(clinic=clinic) == []
    record_step(
        appointment=visits[3],
        to=Status.INFUSING,
        checks=WHO,
        happened_at=seated,
        by=nurse,
        now=seated,
    )
    assert visits[3].given_at == seated


def test_continue_makes_the_visits_behind_the_review_firm_and_wakes_the_planner() -> None:
    clinic = factories.create_clinic()
    order = factories.create_order(clinic)
    visits = booked(clinic, order, 4)
    nurse, user = factories.create_actor(clinic, Role.NURSE), factories.create_user(clinic, Role.PRESCRIBER)
    by = Actor.staff(user, clinic)
    go_on = partial(decide, order=order, after_number=3, decided_by=user, by=by, now=visits[3].period.lower)
    with pytest.raises(NothingToDecide):
        go_on(decision=Decision.CONTINUE)
    for visit in visits[:3]:
        give(visit, nurse)
    EventToPlan.objects.all().delete()
    go_on(decision=Decision.CONTINUE)
    told = visits[3].told_version
    visits[3].refresh_from_db()
    assert (visits[3].is_tentative, visits[3].told_version) == (False, told + 1)
    assert [row.event.verb for row in EventToPlan.objects.select_related("event")] == ["appointment.made_firm"]


def test_a_nurse_writes_down_a_decision_heard_and_read_back_but_makes_none() -> None:
    clinic = factories.create_clinic()
    prescriber, nurse = factories.create_user(clinic, Role.PRESCRIBER), factories.create_actor(clinic, Role.NURSE)
    order = factories.create_order(clinic)
    visits = booked(clinic, order, 3)
    for visit in visits:
        give(visit, nurse)
    then = visits[2].period.upper
    go_on = partial(decide, order=order, decision=Decision.CONTINUE, decided_by=prescriber, by=nurse, now=then)
    with pytest.raises(NotAllowed):
        go_on(after_number=3)
    with pytest.raises(NotReadBack):
        go_on(after_number=3, heard_by_word_of_mouth=True)
    with pytest.raises(NothingToDecide):
        go_on(after_number=2, heard_by_word_of_mouth=True, read_back=True)
    other_nurse = factories.create_user(clinic, Role.NURSE)
    with pytest.raises(AgainstTheOrder):
        go_on(after_number=3, decided_by=other_nurse, heard_by_word_of_mouth=True, read_back=True)
    made = go_on(after_number=3, heard_by_word_of_mouth=True, read_back=True)
    assert (made.decided_by_id, made.heard_by_id) == (prescriber.pk, nurse.user_id)


def test_record_step_refuses_the_future_a_no_show_before_the_start_and_another_clinics_nurse() -> None:
    clinic = factories.create_clinic()
    [visit] = booked(clinic, factories.create_order(clinic))
    nurse, start = factories.create_actor(clinic, Role.NURSE), visit.period.lower
    elsewhere = factories.create_actor(factories.create_clinic(clinic.organisation), Role.NURSE)
    with pytest.raises(NotThen):
        record_step(
            appointment=visit,
            to=Status.ARRIVED,
            checks=WHO,
            happened_at=start,
            by=nurse,
            now=NOW,
        )
    with pytest.raises(NotPossibleFromHere):
        record_step(appointment=visit, to=Status.NO_SHOW, happened_at=NOW, by=nurse, now=NOW)
    with pytest.raises(NotAllowed):
        record_step(
            appointment=visit,
            to=Status.ARRIVED,
            checks=WHO,
            happened_at=start,
            by=elsewhere,
            now=start,
        )
    later = start + timedelta(days=2)
    with pytest.raises(NotThen):
        record_step(
            appointment=visit,
            to=Status.ARRIVED,
            checks=WHO,
            happened_at=later,
            by=nurse,
            now=later,
        )
    record_step(appointment=visit, to=Status.ARRIVED, checks=WHO, happened_at=start, by=nurse, now=later)
    before = start - timedelta(minutes=5)
    with pytest.raises(NotThen):
        record_step(
            appointment=visit,
            to=Status.SEATED,
            happened_at=before,
            by=nurse,
            now=later,
        )


def test_confirm_is_noted_once() -> None:
    clinic = factories.create_clinic()
    [visit] = booked(clinic, factories.create_order(clinic))
    assert confirm(appointment=visit, how="link", by=Actor.patient(), now=NOW)
    assert not confirm(appointment=visit, how="desk", by=factories.create_actor(clinic, Role.FRONT_DESK), now=NOW)
    assert (visit.confirmed_at, visit.confirmed_by) == (NOW, "link")
    assert Event.objects.filter(verb="appointment.confirmed").count() == 1


def test_cancel_frees_the_chair_and_keeps_who_and_how_late() -> None:
    clinic = factories.create_clinic(chairs=1)
    [visit] = booked(clinic, factories.create_order(clinic))
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    stale = visit.row_version
    confirm(appointment=visit, how="desk", by=by, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        cancel(appointment=visit, side=CancelledBy.PATIENT, reason="transport", row_version=stale, by=by, now=NOW)
    told = visit.told_version
    cancel(appointment=visit, side=CancelledBy.PATIENT, reason="transport", by=by, now=NOW)
    assert (visit.notice_minutes, visit.cancelled_by, visit.told_version) == (26 * 60, "patient", told + 1)
    assert len(booked(clinic, factories.create_order(clinic))) == 1
    with pytest.raises(NotPossibleFromHere):
        cancel(appointment=visit, side=CancelledBy.CLINIC, reason="", by=by, now=NOW)
