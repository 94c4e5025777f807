"""The next day for the nurses, and what is due after visits: their pages."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.models import Clinic, Role, Status, VisitTask
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, NURSE, PRESCRIBER, book, bring_to, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
PLAN = factories.SIX | {
    "ride_home": True,
    "prerequisites": [{"code": "labs", "name": "labs"}],
    "visit_tasks": [{"code": "form", "name": "monitoring form", "within_days": 7}],
}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=2)


@pytest.mark.parametrize("visits", [1, 3])
def test_next_day_says_who_lacks_what_in_seven_queries(
    clinic: Clinic, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(visits):
        book(factories.create_order(clinic, template=PLAN), clinic, how_many=1)
    nurse = signed_in(clinic, NURSE)
    with django_assert_num_queries(7):
        page = page_of(nurse.get("/huddle/?day=2027-01-04"))
    assert page.count("Labs: not there yet") == visits
    assert page.count("first time</span>") == visits
    assert page.count("no ride home yet</span>") == visits
    assert f"<strong>{visits}</strong> without a ride home" in page


def test_it_is_the_next_day_on_which_anybody_is_booked_unless_another_is_asked(clinic: Clinic) -> None:
    nurse = signed_in(clinic, NURSE)
    assert "Tuesday, January 5" in page_of(nurse.get("/huddle/"))
    book(factories.create_order(clinic), clinic, how_many=2)
    assert "Wednesday, January 6" in page_of(nurse.get("/huddle/"))
    assert "Monday, January 4" in page_of(nurse.get("/huddle/?day=2027-01-04"))
    assert "Tuesday, January 5" not in page_of(nurse.get("/huddle/?day=nonsense"))


def test_visit_that_needs_nothing_and_is_not_the_first_says_nothing(clinic: Clinic) -> None:
    order = factories.create_order(clinic)
    first, second = book(order, clinic, how_many=2)
    bring_to(first, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=first.period.lower)
    page = page_of(signed_in(clinic, NURSE).get(f"/huddle/?day={second.period.lower:%Y-%m-%d}"))
    assert "Infusion 2 of 6" in page
    for words in ("first time", "no ride", "not there yet"):
        assert words not in page.split("people-today", 1)[1]


@pytest.mark.parametrize("role", [DESK, Role.MANAGER, Role.AUDITOR])
@pytest.mark.parametrize("address", ["/huddle/", "/due/"])
def test_pages_are_for_clinical_staff(clinic: Clinic, role: Role, address: str) -> None:
    assert signed_in(clinic, role).get(address).status_code == 403


def given(clinic: Clinic) -> VisitTask:
    visit = book(factories.create_order(clinic, template=PLAN | {"prerequisites": []}), clinic, how_many=1)[0]
    bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=visit.period.lower)
    return VisitTask.objects.get(appointment=visit)


def test_what_is_due_is_marked_as_done_and_taken_back(clinic: Clinic) -> None:
    task, nurse = given(clinic), signed_in(clinic, NURSE)
    page = page_of(nurse.get("/due/"))
    assert "Monitoring form" in page
    assert "due on Monday, January 11" in page
    page = page_of(nurse.post(f"/due/{task.pk}/", {"do": "done"}, follow=True))
    assert "Nothing is due." in page
    assert "Not done after all" in page
    again = page_of(nurse.post(f"/due/{task.pk}/", {"do": "done"}, follow=True))
    assert "Somebody was quicker." in again
    assert "It is due again." in page_of(nurse.post(f"/due/{task.pk}/", {"do": "back"}, follow=True))


@pytest.mark.parametrize("tasks", [1, 3])
def test_list_of_what_is_due_takes_six_queries(
    clinic: Clinic, tasks: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(tasks):
        given(clinic)
    doctor = signed_in(clinic, PRESCRIBER)
    with django_assert_num_queries(6):
        page = page_of(doctor.get("/due/"))
    assert page.count("Monitoring form") == tasks


def test_task_of_another_clinic_is_not_found(clinic: Clinic) -> None:
    task = given(clinic)
    stranger = signed_in(factories.create_clinic(clinic.organisation), NURSE)
    assert stranger.post(f"/due/{task.pk}/", {"do": "done"}).status_code == 404
    task.refresh_from_db()
    assert task.done_at is None
    assert task.due_on > NOW.date()
