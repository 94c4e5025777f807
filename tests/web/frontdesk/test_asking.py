"""Asking for a time that a rule stands against, and answering: who may, what is shown, what is kept meanwhile."""

from __future__ import annotations

from datetime import time

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from scheduling.asking import ask_for
from scheduling.booking import Pick
from scheduling.models import Appointment, AskedFor, AskState, Clinic, Order, Override, Role, Status
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, booked
from tests.web.pages import DESK, NURSE, PRESCRIBER, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
LATE = {"what": "1", "day": "2027-01-06", "time": "15:15"}


@pytest.fixture
def clinic() -> Clinic:
    """Open until eight, patients leave by five."""
    clinic = factories.create_clinic(chairs=1, closes=time(20))
    Clinic.objects.filter(pk=clinic.pk).update(last_end_time=time(17))
    return clinic


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return signed_in(clinic, Role.MANAGER)


def asked_late(clinic: Clinic, order: Order) -> AskedFor:
    by = factories.create_actor(clinic, DESK)
    clinic.refresh_from_db()
    picks = [Pick(1, at("2027-01-06", "15:15"))]
    return ask_for(order=order, clinic=clinic, picks=picks, reason="works until two", by=by, now=NOW)


def look(client: Client, order: Order, **said: str) -> str:
    return page_of(client.get(f"/series/{order.pk}/ask/", LATE | said))


def answer(client: Client, asked: AskedFor, **said: str) -> str:
    page = page_of(client.post(f"/questions/{asked.pk}/answer/", {"key": "k", **said}, follow=True))
    asked.refresh_from_db()
    return page


def test_what_stands_against_it_is_shown_and_nothing_is_written(desk: Client, order: Order) -> None:
    page = look(desk, order)
    assert "Patients may stay until 5:00 PM; the last start is 3:00 PM." in page
    assert "3:00 PM works." in page
    assert "Ask the manager" in page
    assert (Appointment.objects.count(), AskedFor.objects.count()) == (0, 0)


def test_what_nobody_may_allow_is_not_asked(desk: Client, order: Order) -> None:
    page = look(desk, order, day="2027-01-09", time="10:00")
    assert "Nobody may allow this. Choose another time." in page
    assert "Ask the" not in page
    assert "this time has passed" in look(desk, order, day="2027-01-01")


def test_what_nothing_stands_against_is_booked_from_there(desk: Client, order: Order) -> None:
    free = {"what": "1", "day": "2027-01-06", "time": "09:00"}
    assert "Nothing stands against it" in look(desk, order, **free)
    desk.post(f"/series/{order.pk}/ask/", free | {"do": "book", "key": "k"})
    assert Appointment.objects.get().status == Status.BOOKED


def test_desk_asks_and_the_time_is_kept(desk: Client, order: Order) -> None:
    sent = LATE | {"do": "ask", "reason": "works until two", "key": "k"}
    page = page_of(desk.post(f"/series/{order.pk}/ask/", sent, follow=True))
    assert "Asked. The time is kept until Tue, Jan 5, 8:00 PM." in page
    assert "Infusion 1 of 6: Wednesday, January 6, 3:15 PM" in page
    assert "“works until two”" in page
    assert "kept until Tue, Jan 5, 8:00 PM" in page
    assert (Appointment.objects.get().status, AskedFor.objects.get().role) == (Status.HELD, Role.MANAGER)


def test_desk_allows_nothing_by_tampering(desk: Client, order: Order) -> None:
    assert desk.post(f"/series/{order.pk}/ask/", LATE | {"do": "allow", "reason": "x", "key": "k"}).status_code == 403
    assert desk.post(f"/series/{order.pk}/ask/", LATE | {"do": "book", "key": "k"}).status_code == 409
    assert Appointment.objects.count() == 0


def test_manager_allows_it_at_once_with_a_reason(manager: Client, order: Order) -> None:
    assert "Allow it and book" in look(manager, order)
    page = page_of(manager.post(f"/series/{order.pk}/ask/", LATE | {"do": "allow", "key": "k"}))
    assert "Say why this is allowed." in page
    manager.post(f"/series/{order.pk}/ask/", LATE | {"do": "allow", "reason": "I stay", "key": "k2"})
    assert Override.objects.get().reason == "I stay"


def test_spacing_is_the_prescribers_to_allow(clinic: Clinic, desk: Client, order: Order) -> None:
    booked(order, clinic, 1)
    assert "Ask the prescriber" in look(desk, order, what="2", day="2027-01-07", time="09:00")


def test_consultation_is_asked_for_too(clinic: Clinic, desk: Client) -> None:
    patient, kind = factories.create_patient(clinic), factories.create_visit_type(clinic)
    address = f"/patients/{patient.pk}/visit/ask/"
    said = {"what": str(kind.pk), "day": "2027-01-06", "time": "16:30"}
    assert "Ask the manager" in page_of(desk.get(address, said))
    page = page_of(desk.post(address, said | {"do": "ask", "key": "k"}, follow=True))
    assert "Consultation: Wednesday, January 6, 4:30 PM" in page


@pytest.mark.parametrize("said", [{"what": "99"}, {"day": "x"}, {"time": ""}, {"what": ""}])
def test_nonsense_is_asked_again(desk: Client, order: Order, said: dict[str, str]) -> None:
    assert "Please look at this again" in look(desk, order, **said)


def test_manager_allows_and_it_is_booked(clinic: Clinic, manager: Client, order: Order) -> None:
    asked = asked_late(clinic, order)
    assert "For you to answer" in page_of(manager.get("/questions/"))
    assert "Say why this is allowed." in answer(manager, asked, do="allow", reason=" ")
    page = answer(manager, asked, do="allow", reason="I stay")
    assert "Allowed and booked." in page
    assert "“I stay”" in page
    assert asked.state == AskState.ALLOWED
    assert Appointment.objects.get(status=Status.BOOKED).overrides.get().rule == "last_end"


def test_manager_refuses_and_the_time_is_free(clinic: Clinic, manager: Client, order: Order) -> None:
    asked = asked_late(clinic, order)
    assert "Refused. The time is free again." in answer(manager, asked, do="refuse", reason="nobody is there")
    assert "This question was answered already." in answer(manager, asked, do="refuse", reason="again")
    assert (asked.state, Appointment.objects.get().status) == (AskState.REFUSED, Status.RELEASED)


def test_desk_sees_its_question_and_takes_it_back(clinic: Clinic, desk: Client, order: Order) -> None:
    asked = asked_late(clinic, order)
    page = page_of(desk.get("/questions/"))
    assert "Not answered yet" in page
    assert order.title not in page
    assert "Allow and book" not in page
    assert "Taken back. The time is free again." in page_of(desk.post(f"/questions/{asked.pk}/withdraw/", follow=True))
    asked.refresh_from_db()
    assert asked.state == AskState.WITHDRAWN


def test_only_the_role_that_was_asked_answers(clinic: Clinic, desk: Client, order: Order) -> None:
    asked = asked_late(clinic, order)
    for client in (desk, signed_in(clinic, NURSE), signed_in(clinic, PRESCRIBER)):
        assert client.post(f"/questions/{asked.pk}/answer/", {"do": "allow", "reason": "x"}).status_code == 403
    page = page_of(signed_in(clinic, PRESCRIBER).get("/questions/"))
    assert "Nothing waits for you." in page
    assert order.title in page
    stranger = signed_in(factories.create_clinic(clinic.organisation), Role.MANAGER)
    assert stranger.post(f"/questions/{asked.pk}/answer/", {"do": "allow", "reason": "x"}).status_code == 404
    asked.refresh_from_db()
    assert asked.state == AskState.OPEN


@pytest.mark.parametrize("count", [1, 3])
def test_questions_take_eight_queries(
    clinic: Clinic, manager: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in ("2027-01-06", "2027-01-07", "2027-01-08")[:count]:
        by = factories.create_actor(clinic, DESK)
        clinic.refresh_from_db()
        picks = [Pick(1, at(day, "15:15"))]
        ask_for(order=factories.create_order(clinic), clinic=clinic, picks=picks, by=by, now=NOW)
    with django_assert_num_queries(8):
        page = page_of(manager.get("/questions/"))
    assert page.count("Infusion 1 of 6") == count


def test_auditors_and_strangers_ask_nothing(clinic: Clinic, order: Order) -> None:
    assert signed_in(clinic, Role.AUDITOR).get("/questions/").status_code == 403
    stranger = signed_in(factories.create_clinic(clinic.organisation), DESK)
    assert stranger.get(f"/series/{order.pk}/ask/").status_code == 404


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_at_the_ends_of_the_calendar_is_refused_in_words(order: Order, desk: Client, day: str) -> None:
    for address in (f"/series/{order.pk}/ask/", f"/patients/{order.patient_id}/visit/ask/"):
        answer = desk.get(address, {"what": "1", "day": day, "time": "23:59"})
        assert answer.status_code == 200
        assert "more than ten years off" in page_of(answer)
