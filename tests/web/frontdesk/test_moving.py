"""Moving one visit, and having one again that was cancelled or missed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, AskedFor, Clinic, Override, Role, Status
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, booked
from tests.web.pages import DESK, NURSE, book_talk, bring_to, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return booked(factories.create_order(clinic), clinic, 1)[0]


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def starts(page: str) -> list[str]:
    return re.findall(r'name="start" value="(.*?)"', page)


def start_of(visit: Appointment) -> str:
    visit.refresh_from_db()
    return f"{visit.period.lower:%a %d %H:%M}"


def move(client: Client, visit: Appointment, start: str, **more: object) -> str:
    sent = {"start": start, "row_version": visit.row_version, "key": "k", **more}
    return page_of(client.post(f"/visits/{visit.pk}/move/", sent, follow=True))


def test_visit_page_leads_to_free_times_and_one_press_moves(visit: Appointment, desk: Client) -> None:
    assert f"/visits/{visit.pk}/move/" in page_of(desk.get(f"/visits/{visit.pk}/"))
    offered = starts(page_of(desk.get(f"/visits/{visit.pk}/move/")))
    assert visit.period.lower.isoformat() not in offered
    page = move(desk, visit, at("2027-01-07", "10:00").isoformat())
    assert "Moved to Thursday, January 7 at 10:00 AM." in page
    assert start_of(visit) == "Thu 07 15:00"
    assert "<strong>moved</strong>" in page


def test_wish_narrows_the_free_times(visit: Appointment, desk: Client) -> None:
    page = page_of(desk.get(f"/visits/{visit.pk}/move/?weekdays=tue&time=14:00"))
    assert set(re.findall(r'openings__day">(\w+day)', page)) == {"Tuesday"}


def test_another_time_is_said_by_the_clock(visit: Appointment, desk: Client) -> None:
    sent = {"day": "2027-01-07", "time": "10:15", "row_version": visit.row_version, "key": "k"}
    desk.post(f"/visits/{visit.pk}/move/", sent)
    assert start_of(visit) == "Thu 07 15:15"


@pytest.mark.parametrize("sent", [{}, {"day": "soon", "time": "x"}, {"day": "2027-03-14", "time": "02:30"}])
def test_time_that_makes_no_sense_moves_nothing(visit: Appointment, desk: Client, sent: dict[str, str]) -> None:
    page = page_of(desk.post(f"/visits/{visit.pk}/move/", sent))
    assert "Please look at this again" in page
    assert start_of(visit) == "Wed 06 14:00"


@pytest.mark.parametrize("start", ["", "x", "2027-01-07T10:00:00", "2027-13-41T99:00:00+00:00"])
def test_tampered_start_moves_nothing(visit: Appointment, desk: Client, start: str) -> None:
    move(desk, visit, start)
    assert start_of(visit) == "Wed 06 14:00"


def test_rule_in_the_way_is_named_with_whoever_may_let_it_pass(visit: Appointment, desk: Client) -> None:
    page = move(desk, visit, at("2027-01-06", "10:05").isoformat())
    assert "Visits start at 10:00 AM or 10:15 AM here, not at 10:05 AM." in page
    assert "10:00 AM works." in page
    assert "This rule may be let pass by: Manager." in page
    assert "Allow it and move" not in page
    assert start_of(visit) == "Wed 06 14:00"


def test_manager_lets_the_rule_pass_with_a_reason(clinic: Clinic, visit: Appointment) -> None:
    manager = signed_in(clinic, Role.MANAGER)
    start = at("2027-01-06", "10:05").isoformat()
    assert "Allow it and move" in move(manager, visit, start)
    assert "Say why this is allowed." in move(manager, visit, start, rule="grid", reason=" ")
    page = move(manager, visit, start, rule="grid", reason="Her bus comes then")
    assert "Moved to Wednesday, January 6 at 10:05 AM." in page
    assert Override.objects.get().reason == "Her bus comes then"


def test_desk_asks_and_the_visit_stays_until_that_is_allowed(clinic: Clinic, visit: Appointment, desk: Client) -> None:
    start = at("2027-01-07", "10:05").isoformat()
    assert "Ask the manager" in move(desk, visit, start)
    page = move(desk, visit, start, do="ask", reason="Her bus comes then")
    assert "Asked. The visit stays where it is until that is allowed." in page
    assert "“Her bus comes then”" in page
    assert start_of(visit) == "Wed 06 14:00"
    question = AskedFor.objects.get()
    signed_in(clinic, Role.MANAGER).post(f"/questions/{question.pk}/answer/", {"do": "allow", "reason": "once"})
    assert start_of(visit) == "Thu 07 15:05"


def test_desk_lets_nothing_pass_by_tampering(visit: Appointment, desk: Client) -> None:
    for rule in ("grid", "spacing", "nonsense"):
        sent = {"start": at("2027-01-06", "10:05").isoformat(), "rule": rule, "reason": "please"}
        assert desk.post(f"/visits/{visit.pk}/move/", sent).status_code == 403
    assert start_of(visit) == "Wed 06 14:00"


def test_old_page_moves_nothing(visit: Appointment, desk: Client) -> None:
    Appointment.objects.filter(pk=visit.pk).update(row_version=7)
    assert "Someone changed this visit since you opened it." in move(desk, visit, at("2027-01-07").isoformat())
    assert start_of(visit) == "Wed 06 14:00"


def cancelled(visit: Appointment, desk: Client) -> Appointment:
    desk.post(f"/visits/{visit.pk}/cancel/", {"reason": "no_ride", "row_version": visit.row_version})
    visit.refresh_from_db()
    return visit


def test_cancelled_visit_is_booked_again_where_it_was(visit: Appointment, desk: Client) -> None:
    cancelled(visit, desk)
    assert "Book it again" in page_of(desk.get(f"/visits/{visit.pk}/"))
    assert "Book this visit again?" in page_of(desk.get(f"/visits/{visit.pk}/again/"))
    sent = {"row_version": visit.row_version, "key": "k"}
    page = page_of(desk.post(f"/visits/{visit.pk}/again/", sent, follow=True))
    assert "Booked again: Wednesday, January 6 at 9:00 AM." in page
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_time_given_away_meanwhile_leads_to_the_nearest_free_ones(
    clinic: Clinic, visit: Appointment, desk: Client
) -> None:
    cancelled(visit, desk)
    other = factories.create_order(clinic)
    by = factories.create_actor(clinic, DESK)
    book_series(order=other, clinic=clinic, picks=[Pick(1, visit.period.lower)], by=by, now=NOW)
    answer = desk.post(f"/visits/{visit.pk}/again/", {"row_version": visit.row_version, "key": "k"})
    page = page_of(answer)
    assert answer.status_code == 409
    assert "no chair is free at this time any more" in page
    nearest = starts(page)
    assert len(nearest) == 6
    assert all(abs(at(text[:10], "09:00") - visit.period.lower) <= timedelta(days=3) for text in nearest)
    page = page_of(desk.post(f"/visits/{visit.pk}/again/", {"start": nearest[0], "key": "k2"}, follow=True))
    assert "Booked again:" in page
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED
    assert Appointment.objects.filter(order=visit.order, status=Status.BOOKED).count() == 1


def test_missed_patient_who_came_after_all_is_booked_again(clinic: Clinic, visit: Appointment) -> None:
    late = visit.period.lower + timedelta(minutes=20)
    with time_machine.travel(late, tick=False):
        bring_to(visit, Status.NO_SHOW, clinic=clinic, now=late)
        client = signed_in(clinic, NURSE)
        assert "They came after all" in page_of(client.get(f"/visits/{visit.pk}/"))
        assert "Did the patient come after all?" in page_of(client.get(f"/visits/{visit.pk}/again/"))
        visit.refresh_from_db()
        client.post(f"/visits/{visit.pk}/again/", {"row_version": visit.row_version, "key": "k"})
        visit.refresh_from_db()
        assert visit.status == Status.BOOKED


def test_yesterdays_cancellation_is_not_taken_back(clinic: Clinic, visit: Appointment, desk: Client) -> None:
    cancelled(visit, desk)
    with time_machine.travel(visit.period.lower + timedelta(days=1), tick=False):
        client = signed_in(clinic, DESK)
        assert "Book it again" not in page_of(client.get(f"/visits/{visit.pk}/"))
        assert "Nothing was changed" in page_of(client.get(f"/visits/{visit.pk}/again/", follow=True))


def test_consultation_moves_and_is_had_again_too(clinic: Clinic, desk: Client) -> None:
    talk = book_talk(factories.create_patient(clinic), clinic, factories.create_visit_type(clinic))
    assert "Moved to Tuesday, January 5 at 9:00 AM." in move(desk, talk, at("2027-01-05").isoformat())
    talk.refresh_from_db()
    cancelled(talk, desk)
    page = page_of(
        desk.post(
            f"/visits/{talk.pk}/again/", {"start": at("2027-01-05", "11:00").isoformat(), "key": "k2"}, follow=True
        )
    )
    assert "Booked again: Tuesday, January 5 at 11:00 AM." in page


@pytest.mark.parametrize("path", ["move/", "again/"])
def test_foreign_visit_is_not_found_and_auditors_see_none(clinic: Clinic, visit: Appointment, path: str) -> None:
    sibling = signed_in(factories.create_clinic(clinic.organisation), DESK, NURSE)
    assert sibling.get(f"/visits/{visit.pk}/{path}").status_code == 404
    assert signed_in(clinic, Role.AUDITOR).get(f"/visits/{visit.pk}/{path}").status_code == 403
