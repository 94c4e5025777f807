"""What is due after an infusion: opened by its start, done by a named person, taken back with the start."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from scheduling.events import record
from scheduling.models import Appointment, Clinic, Event, Role, Status, VisitTask
from scheduling.permissions import NotAllowed
from scheduling.visit_tasks import (
    IsDone,
    do_visit_task,
    open_visit_tasks,
    take_back_visit_task,
    void_visit_tasks,
)
from scheduling.visit_tasks_due import tasks_done, tasks_due
from tests import factories
from tests.factories import NOW, system
from tests.web.pages import NURSE, book, bring_to

pytestmark = pytest.mark.django_db
PLAN = factories.SIX | {
    "visit_tasks": [
        {"code": "form", "name": "monitoring form", "within_days": 7},
        {"code": "call-back", "name": "programme told", "within_days": 0},
    ]
}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=2)


def given(clinic: Clinic) -> Appointment:
    """An infusion of today that has started."""
    visit = book(factories.create_order(clinic, template=PLAN), clinic, how_many=1)[0]
    return bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=visit.period.lower)


def due(clinic: Clinic) -> list[tuple[str, date]]:
    return [(line.name, line.task.due_on) for line in tasks_due(clinic=clinic)]


def test_start_opens_what_the_order_asks_for_by_clinic_local_days(clinic: Clinic) -> None:
    visit = given(clinic)
    assert due(clinic) == [("programme told", date(2027, 1, 4)), ("monitoring form", date(2027, 1, 11))]
    event = Event.objects.get(verb="visit_task.opened")
    assert (event.appointment_id, event.data) == (visit.pk, {"count": 2})


def test_arrival_opens_nothing_nor_does_an_order_that_asks_for_nothing(clinic: Clinic) -> None:
    visit = book(factories.create_order(clinic, template=PLAN), clinic, how_many=1)[0]
    bring_to(visit, Status.ARRIVED, Status.SEATED, clinic=clinic, now=visit.period.lower)
    other = book(factories.create_order(clinic), clinic, how_many=1)[0]
    bring_to(other, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=other.period.lower)
    assert due(clinic) == []


def test_late_evening_of_the_clinic_is_still_its_day(clinic: Clinic) -> None:
    visit = book(factories.create_order(clinic, template=PLAN), clinic, how_many=1)[0]
    # 23:30 in New York, 4:30 the next morning in UTC.
    at = NOW + timedelta(hours=16, minutes=30)
    with transaction.atomic():
        entries = open_visit_tasks(visit, happened_at=at)
        record(organisation_id=visit.organisation_id, entries=entries, by=system(), now=at)
    assert due(clinic)[0] == ("programme told", date(2027, 1, 4))


def test_done_says_by_whom_and_can_be_taken_back(clinic: Clinic) -> None:
    given(clinic)
    task, by = tasks_due(clinic=clinic)[0].task, factories.create_actor(clinic, NURSE)
    do_visit_task(task=task, by=by, now=NOW)
    assert (task.done_by_id, task.done_at) == (by.user_id, NOW)
    assert due(clinic) == [("monitoring form", date(2027, 1, 11))]
    assert [line.name for line in tasks_done(clinic=clinic, since=NOW)] == ["programme told"]
    with pytest.raises(IsDone):
        do_visit_task(task=task, by=by, now=NOW)
    take_back_visit_task(task=task, by=by, now=NOW)
    assert len(due(clinic)) == 2
    with pytest.raises(IsDone):
        take_back_visit_task(task=task, by=by, now=NOW)
    verbs = Event.objects.filter(verb__startswith="visit_task.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["visit_task.opened", "visit_task.done", "visit_task.taken_back"]


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER, Role.AUDITOR])
def test_only_clinical_staff_of_the_clinic_do_it(clinic: Clinic, role: Role) -> None:
    given(clinic)
    task = tasks_due(clinic=clinic)[0].task
    stranger = factories.create_actor(factories.create_clinic(clinic.organisation), NURSE)
    for by in (factories.create_actor(clinic, role), stranger):
        with pytest.raises(NotAllowed):
            do_visit_task(task=task, by=by, now=NOW)


def test_undone_start_takes_back_what_nobody_has_done_and_a_new_start_opens_it_again(clinic: Clinic) -> None:
    visit = given(clinic)
    done = tasks_due(clinic=clinic)[0].task
    do_visit_task(task=done, by=factories.create_actor(clinic, NURSE), now=NOW)
    with transaction.atomic():
        record(organisation_id=visit.organisation_id, entries=void_visit_tasks(visit), by=system(), now=NOW)
    assert list(VisitTask.objects.all()) == [done]
    assert void_visit_tasks(visit) == []
    with transaction.atomic():
        entries = open_visit_tasks(visit, happened_at=NOW)
        record(organisation_id=visit.organisation_id, entries=entries, by=system(), now=NOW)
    assert due(clinic) == [("monitoring form", date(2027, 1, 11))]


@pytest.mark.parametrize("visits", [1, 3])
def test_list_is_one_query(clinic: Clinic, visits: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(visits):
        given(clinic)
    with django_assert_num_queries(1):
        assert len(tasks_due(clinic=clinic)) == 2 * visits
