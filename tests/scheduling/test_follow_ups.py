"""What was ordered for after an infusion opens by what was given, and waits again where it was not given after all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from scheduling.booking import book_visit
from scheduling.clinician_tasks import TAKEN_BACK, close
from scheduling.events import Entry, record
from scheduling.follow_up_work import book_review_as, record_follow_up_try
from scheduling.follow_ups import open_follow_ups
from scheduling.models import (
    Appointment,
    CallOutcome,
    Clinic,
    ClinicianTask,
    Event,
    EventToPlan,
    ExitRuling,
    FollowUp,
    Order,
    Questionnaire,
    Role,
    Status,
    VisitKind,
)
from scheduling.visits import record_step
from tests import factories
from tests.scheduling.given import GIVEN, booked_two, given_two, take_back, visits_of
from tests.scheduling.planned import at, meets_the_constraints

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(nurses=2)


def states(order: Order) -> list[tuple[str, int, str]]:
    rows = FollowUp.objects.filter(order=order).order_by("after_number", "offset_days")
    return list(rows.values_list("kind", "after_number", "state"))


def test_what_was_given_opens_what_was_ordered_for_after_it(clinic: Clinic) -> None:
    waiting, given = booked_two(clinic), given_two(clinic)
    assert states(given) == [
        ("call", 1, "open"), ("call", 2, "open"), ("check_in", 2, "open"), ("review", 2, "open"),
        ("as_needed", 2, "open"),
    ]  # fmt: skip
    assert {state for _, _, state in states(waiting)} == {"waiting"}, "another patient's open nothing here"


def test_each_is_due_so_many_days_after_the_start(clinic: Clinic) -> None:
    order = given_two(clinic)
    due = {row.kind: row.due_at for row in FollowUp.objects.filter(order=order, after_number=2)}
    days = {"call": 1, "check_in": 7, "review": 14, "as_needed": 21}
    assert due == {kind: GIVEN + timedelta(days=count) for kind, count in days.items()}
    assert Event.objects.filter(verb="follow_up.opened", patient=order.patient).count() == 5
    meets_the_constraints()


def test_another_infusion_as_needed_is_a_task_for_the_prescriber_and_no_booking(clinic: Clinic) -> None:
    order = given_two(clinic)
    [task] = ClinicianTask.objects.all()
    assert (task.kind, task.order, task.is_urgent, task.opened_by) == ("as_needed", order, False, None)
    assert task.due_at == GIVEN + timedelta(days=21)
    assert [visit.status for visit in visits_of(order)] == ["completed", "completed"]
    close(task=task, outcome="Another one in March", by=factories.create_actor(clinic, Role.PRESCRIBER), now=GIVEN)
    assert FollowUp.objects.get(kind="as_needed").state == "done"


def test_what_an_infusion_taken_back_opened_waits_again_and_its_task_is_closed(clinic: Clinic) -> None:
    order, nurse = given_two(clinic), factories.create_actor(clinic, Role.NURSE)
    check_in = FollowUp.objects.get(order=order, kind="check_in")
    asked = _ask(clinic, check_in)
    EventToPlan.objects.all().delete()
    take_back(order, 2, nurse)
    assert {state for _, after, state in states(order) if after == 2} == {"waiting"}
    assert {state for _, after, state in states(order) if after == 1} == {"open"}
    asked.refresh_from_db()
    assert asked.voided_at == GIVEN
    [task] = ClinicianTask.objects.all()
    assert (task.closed_by_id, task.outcome) == (nurse.user_id, TAKEN_BACK)
    assert EventToPlan.objects.filter(event__verb="follow_up.waits_again").count() == 1, (
        "the check-in is not sent any more"
    )
    meets_the_constraints()


def test_what_was_done_stays_done_when_the_infusion_is_taken_back(clinic: Clinic) -> None:
    order, nurse = given_two(clinic), factories.create_actor(clinic, Role.NURSE)
    call = FollowUp.objects.get(order=order, kind="call", after_number=2)
    record_follow_up_try(follow_up=call, outcome=CallOutcome.SPOKE, clinic=clinic, by=nurse, now=GIVEN)
    take_back(order, 2, nurse)
    call.refresh_from_db()
    assert call.state == "done"


def test_infusion_given_after_all_opens_it_all_again_with_a_new_task(clinic: Clinic) -> None:
    order, nurse = given_two(clinic), factories.create_actor(clinic, Role.NURSE)
    take_back(order, 2, nurse)
    again = GIVEN + timedelta(hours=1)
    with transaction.atomic():
        entries = open_follow_ups(order, 2, clinic.time_zone, now=again)
        record(organisation_id=order.organisation_id, entries=entries, by=nurse, now=again)
    assert {row.due_at for row in FollowUp.objects.filter(after_number=2, kind="call")} == {again + timedelta(days=1)}
    assert [task.closed_at is None for task in ClinicianTask.objects.order_by("pk")] == [False, True]
    meets_the_constraints()


def test_review_is_done_with_the_visit_it_was_booked_as(clinic: Clinic) -> None:
    order, nurse = given_two(clinic), factories.create_actor(clinic, Role.NURSE)
    review = FollowUp.objects.get(order=order, kind="review")
    kind = factories.create_visit_type(clinic, kind=VisitKind.REVIEW)
    desk, start = factories.create_actor(clinic, Role.FRONT_DESK), at("2027-01-22")
    visit = book_visit(patient=order.patient, clinic=clinic, visit_type=kind, start=start, by=desk, now=GIVEN)
    book_review_as(follow_up=review, visit=visit, by=desk, now=GIVEN)
    for step in (Status.ARRIVED, Status.COMPLETED):
        record_step(
            appointment=visit, to=step, happened_at=start, by=nurse, now=start, checks=factories.checks_for(step)
        )
    review.refresh_from_db()
    assert (review.state, review.settled_at, review.appointment) == ("done", start, visit)
    meets_the_constraints()


def _ask(clinic: Clinic, check_in: FollowUp) -> Questionnaire:
    with transaction.atomic():
        asked = Questionnaire.objects.create(
            ask_key="one", clinic=clinic, patient=check_in.order.patient, order=check_in.order, follow_up=check_in,
            instrument="phq-9", opens_at=GIVEN, closes_at=GIVEN + timedelta(days=7),
        )  # fmt: skip
        entry = Entry("questionnaire.asked", patient_id=check_in.order.patient_id)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=factories.system(), now=GIVEN)
    return asked


def test_infusion_given_again_after_one_that_does_not_count_opens_it_all_anew(clinic: Clinic) -> None:
    order, nurse = given_two(clinic), factories.create_actor(clinic, Role.NURSE)
    call = FollowUp.objects.get(order=order, kind="call", after_number=2)
    record_follow_up_try(follow_up=call, outcome=CallOutcome.SPOKE, clinic=clinic, by=nurse, now=GIVEN)
    _rule_that_it_does_not_count(visits_of(order)[1])
    again = GIVEN + timedelta(days=3)
    with transaction.atomic():
        entries = open_follow_ups(order, 2, clinic.time_zone, now=again)
        entries += open_follow_ups(order, 2, clinic.time_zone, now=again)
        record(organisation_id=order.organisation_id, entries=entries, by=nurse, now=again)
    assert {row.state for row in FollowUp.objects.filter(order=order, after_number=2)} == {"open"}
    call.refresh_from_db()
    assert call.due_at == again + timedelta(days=1)
    assert sum(entry.verb == "follow_up.opened" for entry in entries) == 4, "asked twice it opens once"


def _rule_that_it_does_not_count(visit: Appointment) -> None:
    """As a prescriber's ruling leaves it; it was broken off for the purpose."""
    prescriber = factories.create_user(visit.clinic, Role.PRESCRIBER)
    with transaction.atomic():
        Appointment.objects.filter(pk=visit.pk).update(status=Status.STOPPED_EARLY)
        ExitRuling.objects.create(
            appointment=visit, counts=False, decided_by=prescriber, decided_at=GIVEN, recorded_at=GIVEN
        )
        Appointment.objects.filter(pk=visit.pk).update(is_repeated=True)
        entry = Entry.of_visit("exit.ruled", visit)
        record(organisation_id=visit.organisation_id, entries=[entry], by=factories.system(), now=GIVEN)
