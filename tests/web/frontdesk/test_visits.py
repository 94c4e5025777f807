"""One visit: confirming by phone, steps, cancelling; two people at once; whose visit it is."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.calls import CallEnd, settle_call
from notifications.cannot_come import ask_to_move, cancel_or_ask
from notifications.models import CallTask
from scheduling.events import Actor
from scheduling.models import Appointment, CancelledBy, Clinic, Event, Status
from scheduling.visits import confirm
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, NURSE, PRESCRIBER, book, bring_to, naughty_strings, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return book(factories.create_order(clinic), clinic)[0]


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def step(client: Client, visit: Appointment, to: Status, **more: str) -> str:
    """Press the button of a step; the page that follows."""
    who = {"identity": "birth_date"} if to in (Status.ARRIVED, Status.INFUSING) else {}
    answer = client.post(f"/visits/{visit.pk}/step/", {"to": to.value, **who, **more}, follow=True)
    visit.refresh_from_db()
    return page_of(answer)


def test_desk_confirms_by_phone_once(visit: Appointment, desk: Client) -> None:
    first = page_of(desk.post(f"/visits/{visit.pk}/confirm/", follow=True))
    second = page_of(desk.post(f"/visits/{visit.pk}/confirm/", follow=True))
    visit.refresh_from_db()
    assert (visit.confirmed_at, visit.confirmed_by) == (NOW, "desk")
    assert "Confirmed." in first
    assert "This visit was confirmed before." in second
    assert Event.objects.filter(appointment=visit, verb="appointment.confirmed").count() == 1


def test_what_the_patient_asked_for_stands_at_the_top_until_somebody_has_called(
    clinic: Clinic, visit: Appointment, desk: Client
) -> None:
    ask_to_move(visit=visit, told_version=visit.told_version, by=Actor.patient(), now=NOW)
    call = CallTask.objects.get()
    page = page_of(desk.get(f"/visits/{visit.pk}/"))
    words = "The patient asked for another time"
    assert page.index(words) < page.index('id="do-title"')
    assert f"/calls/#call-{call.pk}" in page
    beside = page_of(desk.get(f"/visits/{visit.pk}/", headers={"HX-Request": "true"}))
    assert words in beside
    settle_call(task=call, ended=CallEnd.SPOKE, by=factories.create_actor(clinic, DESK), now=NOW)
    assert words not in page_of(desk.get(f"/visits/{visit.pk}/"))


def test_who_wants_to_cancel_is_said_before_who_wants_another_time(visit: Appointment, desk: Client) -> None:
    for ask in (ask_to_move, cancel_or_ask):
        ask(visit=visit, told_version=visit.told_version, by=Actor.patient(), now=NOW)
    page = page_of(desk.get(f"/visits/{visit.pk}/"))
    assert "The patient can&#x27;t come" in page.partition('id="do-title"')[0]
    assert "The patient asked for another time" not in page


def test_cancelling_keeps_who_and_why(visit: Appointment, desk: Client) -> None:
    form = page_of(desk.get(f"/visits/{visit.pk}/cancel/"))
    assert f'name="row_version" value="{visit.row_version}"' in form
    answer = desk.post(f"/visits/{visit.pk}/cancel/", {"reason": "no_ride", "row_version": visit.row_version})
    visit.refresh_from_db()
    assert answer.headers["Location"] == f"/visits/{visit.pk}/"
    assert (visit.status, visit.cancelled_by, visit.cancel_reason) == (Status.CANCELLED, CancelledBy.PATIENT, "no_ride")


@pytest.mark.parametrize("reason", ["", "no such reason", "pregnancy"])
def test_cancelling_needs_a_reason_of_the_list(visit: Appointment, desk: Client, reason: str) -> None:
    page = page_of(desk.post(f"/visits/{visit.pk}/cancel/", {"reason": reason, "row_version": visit.row_version}))
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED
    assert "Please look at this again" in page


def test_cancelling_from_an_old_page_is_asked_again_with_the_reason_kept(visit: Appointment, desk: Client) -> None:
    old = visit.row_version
    confirm(appointment=visit, how="link", by=factories.create_actor(visit.clinic, DESK), now=NOW)
    page = page_of(desk.post(f"/visits/{visit.pk}/cancel/", {"reason": "no_ride", "row_version": old}))
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED
    assert "Someone changed this visit since you opened it." in page
    assert f'name="row_version" value="{visit.row_version}"' in page
    assert 'value="no_ride" id="id_reason_1" required checked' in page or 'value="no_ride"' in page.split("checked")[0]
    desk.post(f"/visits/{visit.pk}/cancel/", {"reason": "no_ride", "row_version": visit.row_version})
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED


def test_cancelling_what_is_cancelled_says_so(visit: Appointment, desk: Client) -> None:
    pages = []
    for _ in range(2):
        visit.refresh_from_db()
        sent = {"reason": "no_ride", "row_version": visit.row_version}
        pages.append(page_of(desk.post(f"/visits/{visit.pk}/cancel/", sent, follow=True)))
    assert "Nothing was changed: this visit is now “cancelled”." in pages[1]


def test_visit_goes_through_its_day(clinic: Clinic, visit: Appointment) -> None:
    nurse = signed_in(clinic, NURSE)
    for to in (Status.ARRIVED, Status.SEATED, Status.INFUSING, Status.RECOVERING, Status.COMPLETED):
        step(nurse, visit, to)
        assert visit.status == to
    assert "Take back “completed”" in page_of(nurse.get(f"/visits/{visit.pk}/"))


def test_step_takes_when_it_happened_but_never_a_time_to_come(clinic: Clinic, visit: Appointment) -> None:
    nurse = signed_in(clinic, NURSE)
    step(nurse, visit, Status.ARRIVED, happened_at="06:40")
    assert visit.arrived_at == NOW.replace(hour=11, minute=40)
    assert "have happened then." in step(nurse, visit, Status.SEATED, happened_at="23:00")
    assert "have happened then." in step(nurse, visit, Status.SEATED, happened_at="06:30")
    step(nurse, visit, Status.SEATED)
    assert visit.seated_at == NOW
    assert "That time was not understood." in step(nurse, visit, Status.INFUSING, happened_at="soon")
    assert visit.status == Status.SEATED


def test_second_press_of_a_step_says_where_the_visit_stands(clinic: Clinic, visit: Appointment) -> None:
    nurse = signed_in(clinic, NURSE)
    step(nurse, visit, Status.ARRIVED)
    assert "Nothing was changed: this visit is now “arrived”." in step(nurse, visit, Status.ARRIVED)


def test_desk_may_record_arrival_but_starts_nothing(clinic: Clinic, visit: Appointment, desk: Client) -> None:
    step(desk, visit, Status.ARRIVED)
    assert visit.status == Status.ARRIVED
    answer = desk.post(f"/visits/{visit.pk}/step/", {"to": "seated"})
    visit.refresh_from_db()
    assert (answer.status_code, visit.status) == (403, Status.ARRIVED)
    assert "This page is for: Nurse, Prescriber." in page_of(answer)
    assert "Seat" not in page_of(desk.get(f"/visits/{visit.pk}/"))


def test_arrival_is_offered_on_the_visits_own_day_alone(clinic: Clinic, desk: Client) -> None:
    today, ahead = book(factories.create_order(clinic), clinic, how_many=2)
    arrived, main = f'href="/visits/{ahead.pk}/next/"', '<button class="button button--main">'
    assert f'href="/visits/{today.pk}/next/"' in page_of(desk.get(f"/visits/{today.pk}/"))
    page = page_of(desk.get(f"/visits/{ahead.pk}/"))
    assert arrived not in page
    assert "Confirmed by phone" in page.split(main)[1].split("</button>")[0]
    assert "Arrived" not in page_of(desk.get(f"/visits/{ahead.pk}/next/")).split("<main")[1]
    desk.post(f"/visits/{ahead.pk}/confirm/")
    page = page_of(desk.get(f"/visits/{ahead.pk}/"))
    assert f'<a class="button button--main" href="/visits/{ahead.pk}/move/"' in page
    assert "happened then" in step(desk, ahead, Status.ARRIVED), "who forges it is refused"
    with time_machine.travel(ahead.period.lower, tick=False):
        assert arrived in page_of(signed_in(clinic, DESK).get(f"/visits/{ahead.pk}/"))


def test_start_behind_a_review_is_refused_in_words(clinic: Clinic) -> None:
    visits = book(factories.create_order(clinic), clinic, how_many=4)
    behind = visits[3]
    assert behind.is_tentative
    for visit in visits[:3]:
        bring_to(visit, Status.ARRIVED, Status.SEATED, Status.INFUSING, clinic=clinic, now=visit.period.lower)
    with time_machine.travel(behind.period.lower, tick=False):
        nurse = signed_in(clinic, NURSE)
        for to in (Status.ARRIVED, Status.SEATED):
            step(nurse, behind, to)
        assert "Start infusion" not in page_of(nurse.get(f"/visits/{behind.pk}/"))
        page = step(nurse, behind, Status.INFUSING)
    assert behind.status == Status.SEATED
    assert "The review before this infusion is not decided" in page


def test_no_show_is_offered_once_the_time_has_come(visit: Appointment, desk: Client) -> None:
    assert "Did not come" not in page_of(desk.get(f"/visits/{visit.pk}/"))
    Appointment.objects.filter(pk=visit.pk).update(period=(NOW, visit.period.upper))
    assert "Did not come" in page_of(desk.get(f"/visits/{visit.pk}/"))
    step(desk, visit, Status.NO_SHOW)
    assert visit.status == Status.NO_SHOW


@pytest.mark.parametrize("path", ["", "step/", "confirm/", "cancel/"])
def test_foreign_visit_is_not_found(visit: Appointment, path: str) -> None:
    stranger = signed_in(factories.create_clinic(), DESK, NURSE, PRESCRIBER)
    sibling = signed_in(factories.create_clinic(visit.organisation), DESK, NURSE, PRESCRIBER)
    for client in (stranger, sibling):
        assert client.post(f"/visits/{visit.pk}/{path}").status_code == (404 if path else 405)
        if not path:
            assert client.get(f"/visits/{visit.pk}/").status_code == 404
    visit.refresh_from_db()
    assert visit.row_version == 1


@pytest.mark.parametrize("path", ["step/", "confirm/"])
def test_looking_never_writes(visit: Appointment, desk: Client, path: str) -> None:
    assert desk.get(f"/visits/{visit.pk}/{path}").status_code == 405


@pytest.mark.parametrize("booked", [1, 3])
def test_visit_page_takes_eighteen_queries(
    clinic: Clinic, desk: Client, booked: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visit = book(factories.create_order(clinic), clinic, how_many=booked)[0]
    with django_assert_num_queries(18):
        desk.get(f"/visits/{visit.pk}/")


def test_names_are_shown_as_typed(clinic: Clinic, desk: Client) -> None:
    for name in ("<b>Bold</b>", "'; DROP TABLE x; --", *naughty_strings()[100:104]):
        patient = factories.create_patient(clinic, given_name=name)
        visit = book(factories.create_order(clinic, patient), clinic, how_many=1)[0]
        for path in ("", "cancel/"):
            assert shows(page_of(desk.get(f"/visits/{visit.pk}/{path}")), name)
