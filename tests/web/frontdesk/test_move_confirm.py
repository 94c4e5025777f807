"""What is shown before a visit moves, the places for the board, and the bar that takes a change back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Clinic, Event, Order, Role, Status
from scheduling.visits import confirm
from tests import factories
from tests.factories import NOW
from tests.notifications.world import plan, reachable_patient
from tests.scheduling.planned import at, booked
from tests.web.pages import DESK, NURSE, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
HX = {"HX-Request": "true"}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1)


@pytest.fixture
def order(clinic: Clinic) -> Order:
    return factories.create_order(clinic, reachable_patient(clinic, now=NOW))


@pytest.fixture
def visits(clinic: Clinic, order: Order) -> list[Appointment]:
    return booked(order, clinic, 1, 2, 3)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def look(client: Client, visit: Appointment, start: str, **more: str) -> str:
    return page_of(client.get(f"/visits/{visit.pk}/move/", {"start": start, **more}))


def test_a_time_far_ahead_is_said_with_its_year(visits: list[Appointment], desk: Client) -> None:
    page = look(desk, visits[2], at("2028-01-12", "10:00").isoformat())
    assert "Wednesday, January 12, 2028" in page


def test_a_dropped_visit_shows_what_it_would_do_and_writes_nothing(visits: list[Appointment], desk: Client) -> None:
    events = Event.objects.count()
    page = look(desk, visits[2], at("2027-01-12", "10:00").isoformat())
    assert "Move this visit?" in page
    assert "Tuesday, January 12, 10:00 AM – 12:00 PM" in page
    assert "4 days after Infusion 2 (Fri, Jan 8)" in page
    assert "Move to Tue, Jan 12, 10:00 AM" in page
    assert "New times" in page, "nothing was told of the visit yet, so that is what goes"
    visits[2].refresh_from_db()
    assert (visits[2].period.lower, Event.objects.count()) == (at("2027-01-11"), events)


def test_a_day_on_the_other_side_of_another_infusion_is_said_so(visits: list[Appointment], desk: Client) -> None:
    page = look(desk, visits[2], at("2027-01-07").isoformat())
    assert "1 day before Infusion 2 (Fri, Jan 8): outside its window" in page
    page = look(desk, visits[0], at("2027-01-09").isoformat())
    assert "Infusion 2 (Fri, Jan 8) would be 1 day before it: outside its window" in page


FAR_OFF = [
    {"start": "0001-01-01T00:00:00+00:00"}, {"start": "9999-12-31T23:59:00-05:00"},
    {"start": "9999-12-31T23:59:00+00:00"}, {"day": "9999-12-31", "time": "23:59"},
    {"day": "0001-01-01", "time": "00:00"},
]  # fmt: skip


@pytest.mark.parametrize("said", FAR_OFF, ids=str)
def test_a_day_at_the_ends_of_the_calendar_is_refused_in_words(
    visits: list[Appointment], desk: Client, said: dict[str, str]
) -> None:
    page = desk.get(f"/visits/{visits[0].pk}/move/", said)
    assert page.status_code == 200
    assert ("more than ten years off" in page_of(page)) is ("day" in said)
    assert "Move this visit?" not in page_of(page)
    version = visits[0].row_version
    assert desk.post(f"/visits/{visits[0].pk}/move/", said | {"row_version": version}).status_code in (200, 409)


def test_a_distance_that_breaks_is_said_and_the_rest_may_follow(visits: list[Appointment], desk: Client) -> None:
    page = look(desk, visits[0], at("2027-01-07").isoformat())
    assert "Infusion 2 (Fri, Jan 8) would be 1 day after it: outside its window" in page
    assert "This and the later ones" in page
    picks = re.findall(r'name="pick" value="(.*?)"', page)
    sent = {"start": at("2027-01-07").isoformat(), "do": "rest", "pick": picks, "key": "k"}
    page = page_of(desk.post(f"/visits/{visits[0].pk}/move/", sent, follow=True))
    assert "Infusions 1–3: moved." in page
    visits[0].refresh_from_db()
    assert visits[0].period.lower == at("2027-01-07")


def test_a_stale_drop_says_who_changed_what_and_asks_again(
    clinic: Clinic, visits: list[Appointment], desk: Client
) -> None:
    old = visits[2].row_version
    ben = factories.create_actor(clinic, NURSE)
    confirm(appointment=visits[2], how="desk", by=ben, now=NOW)
    sent = {"start": at("2027-01-12").isoformat(), "row_version": old, "key": "k"}
    answer = desk.post(f"/visits/{visits[2].pk}/move/", sent)
    page = page_of(answer)
    assert answer.status_code == 409
    assert "Someone changed this visit since you opened it." in page
    assert "<strong>confirmed</strong>" in page
    visits[2].refresh_from_db()
    assert f'name="row_version" value="{visits[2].row_version}"' in page
    assert visits[2].period.lower == at("2027-01-11")


def test_typed_reason_survives_a_refusal(visits: list[Appointment], desk: Client) -> None:
    sent = {"start": at("2027-01-12", "10:05").isoformat(), "row_version": 99, "do": "ask", "reason": "Her <b>bus</b>"}
    assert 'value="Her &lt;b&gt;bus&lt;/b&gt;"' in page_of(desk.post(f"/visits/{visits[2].pk}/move/", sent))


def test_places_of_a_day_and_why_not_elsewhere(visits: list[Appointment], desk: Client) -> None:
    path = f"/visits/{visits[2].pk}/places/"
    found = desk.get(path, {"day": "2027-01-12"}).json()
    starts = [place["start"] for place in found["places"]]
    assert "2027-01-12T15:00:00+00:00" in starts
    assert f"{len(starts)} other times on Tuesday, January 12 will do." in found["said"]
    assert found["minutes"] == 120
    said = desk.get(path, {"at": at("2027-01-09").isoformat()}).json()
    assert (said["fits"], said["rest"]) == (False, False)
    assert "needs at least 2 days after infusion 2" in said["said"]
    assert desk.get(path, {"at": "nonsense"}).status_code == 400


def test_places_say_that_the_rest_could_follow(visits: list[Appointment], desk: Client) -> None:
    said = desk.get(f"/visits/{visits[0].pk}/places/", {"at": at("2027-01-07").isoformat()}).json()
    assert said["rest"]
    assert "It works if the later ones move too." in said["said"]


def test_a_visit_that_is_over_has_no_places(clinic: Clinic, visits: list[Appointment], desk: Client) -> None:
    by = factories.create_actor(clinic, DESK)
    cancel(appointment=visits[2], side=CancelledBy.CLINIC, reason="staff_away", by=by, now=NOW)
    found = desk.get(f"/visits/{visits[2].pk}/places/").json()
    assert found["places"] == []
    assert "cancelled" in found["said"]


def test_places_cost_the_same_however_much_is_booked(
    clinic: Clinic, visits: list[Appointment], desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    booked(factories.create_order(clinic), clinic, 1, 2, 3, wall="12:00")
    with django_assert_max_num_queries(14):
        desk.get(f"/visits/{visits[2].pk}/places/", {"day": "2027-01-12"})


def moved(client: Client, visit: Appointment, start: str) -> Appointment:
    client.post(f"/visits/{visit.pk}/move/", {"start": start, "row_version": visit.row_version, "key": start})
    plan(NOW)
    visit.refresh_from_db()
    return visit


def test_bar_takes_a_move_back_within_the_grace_time(visits: list[Appointment], desk: Client) -> None:
    visit = moved(desk, visits[2], at("2027-01-12", "10:00").isoformat())
    page = page_of(desk.get(f"/visits/{visit.pk}/"))
    assert "Nothing has been sent yet." in page
    assert re.search(r"Undo \(until \d+:\d\d [AP]M\)", page)
    page = page_of(desk.post(f"/visits/{visit.pk}/undo/", {"row_version": visit.row_version, "key": "u"}, follow=True))
    assert "Taken back: Monday, January 11 at 9:00 AM, as before." in page
    visit.refresh_from_db()
    assert visit.period.lower == at("2027-01-11")


def test_bar_takes_a_whole_move_back(visits: list[Appointment], desk: Client) -> None:
    page = look(desk, visits[0], at("2027-01-07").isoformat())
    picks = re.findall(r'name="pick" value="(.*?)"', page)
    desk.post(
        f"/visits/{visits[0].pk}/move/",
        {"start": at("2027-01-07").isoformat(), "do": "rest", "pick": picks, "key": "k"},
    )
    assert "moved with it." in page_of(desk.get(f"/visits/{visits[0].pk}/"))
    desk.post(f"/visits/{visits[0].pk}/undo/", {"key": "u"})
    assert [Appointment.objects.get(pk=one.pk).period.lower for one in visits] == [one.period.lower for one in visits]


def test_bar_books_a_cancelled_visit_again(visits: list[Appointment], desk: Client) -> None:
    visit = visits[2]
    desk.post(f"/visits/{visit.pk}/cancel/", {"reason": "no_ride", "row_version": visit.row_version})
    assert "Undo (until" in page_of(desk.get(f"/visits/{visit.pk}/"))
    desk.post(f"/visits/{visit.pk}/undo/", {"key": "u"})
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_bar_is_over_after_the_grace_time(clinic: Clinic, visits: list[Appointment], desk: Client) -> None:
    visit = moved(desk, visits[2], at("2027-01-12", "10:00").isoformat())
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        client = signed_in(clinic, DESK)
        assert "Undo (until" not in page_of(client.get(f"/visits/{visit.pk}/unsent/"))
        page = page_of(client.post(f"/visits/{visit.pk}/undo/", {"row_version": visit.row_version}, follow=True))
        assert "taken back any more" in page
    visit.refresh_from_db()
    assert visit.period.lower == at("2027-01-12", "10:00")


def test_undo_from_an_old_page_is_refused(visits: list[Appointment], desk: Client) -> None:
    visit = moved(desk, visits[2], at("2027-01-12", "10:00").isoformat())
    page = page_of(desk.post(f"/visits/{visit.pk}/undo/", {"row_version": 1, "key": "u"}, follow=True))
    assert "Someone changed this visit since you opened it." in page


def test_panel_is_the_part_alone(visits: list[Appointment], desk: Client) -> None:
    for path in ("", "move/", "cancel/"):
        for page in (
            page_of(desk.get(f"/visits/{visits[0].pk}/{path}?panel=1")),
            page_of(desk.get(f"/visits/{visits[0].pk}/{path}", headers=HX)),
        ):
            assert "<html" not in page
            assert 'class="panel"' in page
            assert 'hx-boost="true"' in page
    assert 'hx-boost="true"' not in page_of(desk.get(f"/visits/{visits[0].pk}/"))


def test_refusal_in_the_panel_is_shown(visits: list[Appointment], desk: Client) -> None:
    sent = {"start": at("2027-01-09").isoformat(), "row_version": visits[2].row_version, "key": "k"}
    answer = desk.post(f"/visits/{visits[2].pk}/move/", sent, headers=HX)
    assert answer.status_code == 200
    assert "can't be had. Nothing was moved." in page_of(answer)


@pytest.mark.parametrize("path", ["places/", "unsent/"])
def test_foreign_visit_is_not_found(clinic: Clinic, visits: list[Appointment], path: str) -> None:
    sibling = signed_in(factories.create_clinic(clinic.organisation), DESK)
    assert sibling.get(f"/visits/{visits[0].pk}/{path}").status_code == 404
    assert signed_in(clinic, Role.AUDITOR).get(f"/visits/{visits[0].pk}/{path}").status_code == 403
