"""The page behind the link in a message: looking changes nothing, one press confirms, strangers learn nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.models import MessageRules
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, ChangeKind, Clinic, Event, Order
from tests import factories
from tests.factories import NOW
from tests.notifications.world import move
from tests.scheduling.words import changed
from tests.web.pages import DESK, book, page_of
from tests.web.patient.world import PREPARED, body_of, clinic_with_links, press, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return clinic_with_links()


def test_next_visit_is_large_and_the_others_follow(clinic: Clinic) -> None:
    path, visits = told(clinic)
    page = page_of(Client().get(path))
    assert "Your next visit" in page
    assert page.index("Monday, January 4") < page.index("Your other visits") < page.index("Friday, January 8")
    assert "8:00 AM" in page
    assert "1 Harbor Street" in page
    assert 'href="tel:+12125550100"' in page
    assert page.count("I'm coming</button>") == len(visits) == 3


@pytest.mark.parametrize("how_many", [1, 3])
def test_page_takes_as_many_queries_for_a_series_as_for_one_visit(
    clinic: Clinic, how_many: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    path, _ = told(clinic, how_many=how_many, template=PREPARED)
    with django_assert_max_num_queries(20):
        Client().get(path)


def test_page_names_nobody_and_no_treatment(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    page = page_of(Client().get(path)).lower()
    words = (
        visit.patient.given_name,
        visit.patient.family_name,
        "infusion",
        "ketamine",
        "series of six",
        "chair",
        "nurse",
    )
    assert [word for word in words if word.lower() in page.split("<body")[1]] == []


def test_page_is_kept_by_nobody(clinic: Clinic) -> None:
    path, _ = told(clinic)
    for address in (path, "/v/unknown/"):
        headers = Client().get(address).headers
        assert headers["Cache-Control"] == "no-store, private"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Referrer-Policy"] == "same-origin"


def test_looking_changes_nothing_and_one_press_confirms(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    client = Client()
    for _ in range(3):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
        assert client.get(f"{path}confirm/").headers["Location"] == path
    assert not Event.objects.filter(verb="appointment.confirmed").exists()
    page = page_of(client.post(f"{path}confirm/", press(visit), follow=True))
    visit.refresh_from_db()
    assert (visit.confirmed_by, visit.confirmed_at) == ("link", NOW)
    assert "Thank you. We look forward to seeing you." in page
    assert Event.objects.get(appointment=visit, verb="appointment.confirmed").actor_kind == "patient"


def test_pressing_again_changes_nothing_more(clinic: Clinic) -> None:
    path, visits = told(clinic)
    for _ in range(2):
        Client().post(f"{path}confirm/", press(visits[1]))
    assert Event.objects.filter(verb="appointment.confirmed").count() == 1
    assert [bool(Appointment.objects.get(pk=visit.pk).confirmed_at) for visit in visits] == [False, True, False]


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "This visit is on Wednesday, January 6 at"), ("es", "Esta visita es ahora el miércoles 6 de enero a las")],
)
def test_stale_page_says_what_changed_and_confirms_no_time_that_it_did_not_show(
    clinic: Clinic, language: str, says: str
) -> None:
    path, _ = told(clinic, how_many=1, language=language)
    order = Order.objects.get()
    [later] = book(order, clinic, how_many=1)
    stale = press(later)
    assert f'name="told_version" value="{later.told_version}"' in page_of(Client().get(path))
    move(later, timedelta(minutes=15), now=NOW)
    for sent in (stale, {"visit": later.pk}):
        answer = Client().post(f"{path}confirm/", sent)
        assert (answer.status_code, says in page_of(answer)) == (409, True)
        assert f'name="told_version" value="{later.told_version}"' in page_of(answer)
    assert not Event.objects.filter(verb="appointment.confirmed").exists()
    assert Client().post(f"{path}confirm/", press(later)).status_code == 302
    assert Event.objects.filter(verb="appointment.confirmed").count() == 1


def test_second_tab_says_that_the_visit_was_cancelled_in_the_first(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    stale = press(visit)
    by = factories.create_actor(clinic, DESK)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="staff_away", by=by, now=NOW)
    answer = Client().post(f"{path}confirm/", stale)
    assert answer.status_code == 409
    assert "The visit on Monday, January 4 has been cancelled meanwhile." in body_of(page_of(answer))


def test_visit_of_a_paused_order_is_not_to_be_confirmed_and_nothing_is_said_of_it(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    changed(Order.objects.get(), clinic, ChangeKind.PAUSE)
    page = page_of(Client().get(path))
    assert "Monday, January 4" in page
    assert "We will call you about this visit. Please wait for our call." in page
    assert "I'm coming" not in page
    assert "pause" not in page
    Client().post(f"{path}confirm/", press(visit))
    assert Event.objects.filter(verb="appointment.confirmed").count() == 0


def test_page_says_how_long_it_takes_and_who_answers_when(clinic: Clinic) -> None:
    MessageRules.objects.update(answer_hours="Monday to Friday, 8 to 5")
    path, _ = told(clinic)
    body = body_of(page_of(Client().get(path)))
    assert "about 2 hours; you are ready at about 10:00 AM" in body
    assert "Our front desk answers: +1 212 555 0100 , Monday to Friday, 8 to 5" in body


def test_name_of_the_clinic_is_not_shown_where_it_tells_of_care(clinic: Clinic) -> None:
    MessageRules.objects.update(sender_name="")
    Clinic.objects.update(name="Harbor Ketamine Center")
    path, _ = told(clinic, template=PREPARED)
    page = page_of(Client().get(path)).split("<body")[1]
    assert "Ketamine" not in page
    assert "Your clinic" in page


def test_link_confirms_no_visit_of_somebody_else(clinic: Clinic) -> None:
    path, _ = told(clinic)
    [theirs] = book(factories.create_order(clinic), clinic, how_many=1)
    for wanted in (str(theirs.pk), "0", "x", f"{theirs.pk} OR 1=1"):
        assert Client().post(f"{path}confirm/", {"visit": wanted, "told_version": "1"}).status_code == 302
    assert Event.objects.filter(verb="appointment.confirmed").count() == 0


def test_every_link_that_leads_nowhere_looks_the_same(clinic: Clinic) -> None:
    path, visits = told(clinic)
    unknown = Client().get("/v/AAAAAAAAAAAAAAAAAAAAAAAA/")
    with time_machine.travel(visits[-1].period.upper + timedelta(days=8), tick=False):
        over = Client().get(path)
        confirmed = Client().post(f"{path}confirm/", press(visits[-1]))
    strange = Client().get("/v/%3Cscript%3Ealert(1)/")
    assert [answer.status_code for answer in (unknown, over, confirmed, strange)] == [404] * 4
    bodies = [answer.content.split(b"<main")[1] for answer in (unknown, over, confirmed, strange)]
    assert set(bodies) == {bodies[0]}
    assert b"This link no longer works" in bodies[0]


def test_cancelled_visit_is_shown_as_such_and_can_not_be_confirmed(clinic: Clinic) -> None:
    path, [visit, *_] = told(clinic)
    by = factories.create_actor(clinic, DESK)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="staff_away", by=by, now=NOW)
    page = page_of(Client().get(path))
    assert "<s>Monday, January 4</s>" in page
    assert "cancelled" in page
    assert "staff" not in page
    visit.refresh_from_db()
    Client().post(f"{path}confirm/", press(visit))
    assert Event.objects.filter(verb="appointment.confirmed").count() == 0


def test_time_that_waits_is_not_to_be_confirmed_yet(clinic: Clinic) -> None:
    path, visits = told(clinic, how_many=4)
    page = page_of(Client().get(path))
    assert "we will tell you when it is firm" in page
    assert "review" not in page.split("<body")[1]
    Client().post(f"{path}confirm/", press(visits[3]))
    assert Event.objects.filter(verb="appointment.confirmed").count() == 0


def test_page_speaks_the_language_of_the_message_until_another_is_chosen(clinic: Clinic) -> None:
    path, _ = told(clinic, language="es")
    client = Client()
    page = page_of(client.get(path))
    assert '<html lang="es"' in page
    assert "lunes 4 de enero" in page
    assert "08:00" in page
    client.post("/language/", {"language": "en", "next": path})
    assert "Monday, January 4" in page_of(client.get(path))
