"""The lock of a screen that nobody uses: when it falls, what it answers, how one gets in again, and who else may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as configured
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from pytest_django import Settings

from scheduling.models import Clinic, Patient, Role, User
from tests import factories
from tests.factories import NOW
from tests.web.pages import page_of
from web import idle
from web.idle_lock import IdleLock

pytestmark = pytest.mark.django_db
WORD = "a long password"


@pytest.fixture(autouse=True)
def a_quarter_of_an_hour(settings: Settings) -> None:
    settings.IDLE_LOCK_MINUTES = 15


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(factories.create_organisation("Ours"))


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    return factories.create_patient(clinic)


@pytest.fixture
def ana(clinic: Clinic, clock: time_machine.Traveller) -> Client:
    return browser_of(clinic, "ana")


def browser_of(clinic: Clinic, name: str) -> Client:
    user = factories.create_user(clinic, Role.FRONT_DESK, username=name)
    user.set_password(WORD)
    user.display_name = f"{name.title()} Long Name"
    user.save()
    client = Client()
    client.force_login(user)
    return client


def later(clock: time_machine.Traveller, minutes: float) -> None:
    clock.shift(timedelta(minutes=minutes))


def unlock(client: Client, password: str = WORD, **sent: str) -> object:
    who = client.session["_auth_user_id"]
    return client.post("/lock/open/", {"password": password, "who": who, "next": "/orders/", **sent})


def test_a_screen_in_use_stays_open_for_its_twelve_hours(ana: Client, clock: time_machine.Traveller) -> None:
    for _ in range(47):
        later(clock, 15)
        assert ana.post("/lock/still-here/").status_code == 204
    later(clock, 16)
    assert ana.get("/orders/").headers["Location"] == "/sign-in/?next=/orders/"


def test_nobody_for_a_quarter_of_an_hour_and_every_page_is_the_lock(
    ana: Client, patient: Patient, clock: time_machine.Traveller
) -> None:
    later(clock, 16.1)
    for path in ("/", "/patients/", f"/patients/{patient.pk}/", "/inbox/"):
        answer = ana.get(path)
        page = page_of(answer)
        assert answer.status_code == 423
        assert "Ana Long Name" in page
        assert patient.family_name not in page
        assert 'class="menu"' not in page


def test_what_asks_by_itself_is_nobodys_use(ana: Client, clock: time_machine.Traveller) -> None:
    for _ in range(16):
        later(clock, 1)
        assert ana.get("/board/changes/?version=x", headers={"X-Poll": "1", "HX-Request": "true"}).status_code == 200
    later(clock, 0.1)
    answer = ana.get("/board/changes/?version=x", headers={"X-Poll": "1", "HX-Request": "true"})
    assert (answer.status_code, answer.content) == (423, b"")


def test_somebody_who_types_is_there(ana: Client, clock: time_machine.Traveller) -> None:
    for _ in range(4):
        later(clock, 14)
        assert ana.post("/lock/still-here/").status_code == 204
    assert ana.get("/orders/").status_code == 200


def test_the_password_leads_back_to_the_very_page(ana: Client, clock: time_machine.Traveller) -> None:
    later(clock, 17)
    assert 'name="next" value="/orders/?window=soon"' in page_of(ana.get("/orders/?window=soon"))
    answer = unlock(ana, next="/orders/?window=soon")
    assert answer.headers["Location"] == "/orders/?window=soon"  # type: ignore[attr-defined]
    assert ana.get("/orders/").status_code == 200


@pytest.mark.parametrize("away", ["https://example.com/", "//example.com/", "", "home", "x:y", "javascript:alert(1)"])
def test_it_leads_nowhere_else(ana: Client, clock: time_machine.Traveller, away: str) -> None:
    assert unlock(ana, next=away).headers["Location"] == "/"  # type: ignore[attr-defined]


def test_a_wrong_password_opens_nothing_and_is_counted(ana: Client, clock: time_machine.Traveller) -> None:
    later(clock, 17)
    for _ in range(5):
        answer = unlock(ana, "wrong")
        assert "That is not your password." in page_of(answer)
    assert "Too many wrong passwords." in page_of(unlock(ana))
    assert ana.get("/orders/").status_code == 423
    later(clock, 15)
    assert unlock(ana).status_code == 302  # type: ignore[attr-defined]


def test_a_page_that_only_covered_itself_hears_a_word(ana: Client) -> None:
    htmx = {"HX-Request": "true"}
    who = ana.session["_auth_user_id"]
    wrong = ana.post("/lock/open/", {"password": "wrong", "who": who}, headers=htmx)
    assert (wrong.status_code, wrong.content) == (422, b"That is not your password. Check capitals, then try again.")
    assert ana.post("/lock/open/", {"password": WORD, "who": who}, headers=htmx).status_code == 204


def test_a_form_sent_to_the_lock_is_kept_and_sent_after_it(
    ana: Client, patient: Patient, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    later(clock, 17)
    sent = {"given_name": "José", "family_name": "<b>Ño\r\n", "note": "wants to\r\ncome early", "password": "secret"}
    answer = ana.post("/patients/new/", sent, headers={"Referer": "http://testserver/patients/new/?from=call"})
    assert answer.status_code == 423
    assert "José" not in page_of(answer)
    assert Patient.objects.count() == 1
    assert unlock(ana).headers["Location"] == "/lock/refused/"  # type: ignore[attr-defined]
    page = page_of(ana.get("/lock/refused/"))
    assert 'action="/patients/new/"' in page
    assert 'href="/patients/new/?from=call"' in page
    assert '<textarea name="given_name" hidden>\nJosé</textarea>' in page
    assert "&lt;b&gt;Ño" in page
    assert "wants to" in page
    assert "secret" not in page
    assert ana.get("/lock/refused/").headers["Location"] == "/"


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x", "/\t/evil.example/x", "///evil.example/x"])
def test_no_way_back_leads_to_another_host(ana: Client, clock: time_machine.Traveller, path: str) -> None:
    """Though the page it came from is one of ours."""
    came_from = {"Referer": f"http://testserver{path}"}
    assert ana.post("/lock/", headers=came_from).headers["Location"] == "/evil.example/x"
    page = page_of(ana.post("/patients/new/", {"note": "x"}, headers=came_from))
    assert 'name="next" value="/evil.example/x"' in page
    unlock(ana)
    assert 'href="/evil.example/x"' in page_of(ana.get("/lock/refused/"))


def test_a_form_too_large_or_with_files_is_not_kept(ana: Client, clock: time_machine.Traveller) -> None:
    later(clock, 17)
    ana.post("/patients/new/", {"note": "x" * 200_001})
    assert unlock(ana).headers["Location"] == "/orders/"  # type: ignore[attr-defined]


def test_somebody_else_takes_over_in_a_session_of_their_own(
    ana: Client, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    later(clock, 17)
    ana.post("/patients/new/", {"note": "of ana alone"})
    browser_of(clinic, "ben")
    assert "ends the session of" in page_of(ana.get("/")).replace("\n", " ")
    before = ana.session.session_key
    assert ana.post("/sign-in/", {"username": "ben", "password": WORD}).headers["Location"] == "/"
    assert ana.session.session_key != before
    assert ana.get("/orders/").status_code == 200
    assert ana.get("/lock/refused/").headers["Location"] == "/", "nothing of the other's is left"


def test_a_page_of_the_one_before_does_not_open_the_session_of_the_next(
    ana: Client, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    first = ana.session["_auth_user_id"]
    browser_of(clinic, "ben")
    ana.post("/lock/")
    ana.post("/sign-in/", {"username": "ben", "password": WORD})
    htmx = {"HX-Request": "true"}
    assert ana.post("/lock/open/", {"password": WORD, "who": first}, headers=htmx).status_code == 409
    assert ana.post("/lock/", {"who": first}, headers=htmx).status_code == 204
    assert ana.get("/orders/").status_code == 200


def test_locking_by_hand_locks_at_once(ana: Client) -> None:
    answer = ana.post("/lock/", headers={"Referer": "http://testserver/inbox/"})
    assert answer.headers["Location"] == "/inbox/"
    assert ana.get("/inbox/").status_code == 423
    assert ana.post("/lock/still-here/").status_code == 423
    assert ana.post("/lock/", {"for_another": "1"}).headers["Location"] == "/sign-in/"
    assert "The screen of Ana Long Name is locked." in page_of(ana.get("/sign-in/"))
    assert ana.post("/sign-out/").status_code == 302
    assert ana.get("/").status_code == 302


def test_pages_for_everybody_are_not_locked_and_say_nothing_of_who_was_there(
    ana: Client, clock: time_machine.Traveller
) -> None:
    later(clock, 17)
    page = page_of(ana.get("/gallery/"))
    assert "Components" in page
    assert 'class="menu"' not in page
    assert 'class="menu"' not in page_of(ana.get("/no/such/page/"))


def test_pages_of_who_is_signed_in_are_not_kept_by_browsers(ana: Client) -> None:
    assert ana.get("/orders/").headers["Cache-Control"] == "no-store, private"
    assert Client().get("/gallery/").headers.get("Cache-Control") != "no-store, private"


def test_the_clinic_sets_how_long(ana: Client, clock: time_machine.Traveller, settings: Settings) -> None:
    settings.IDLE_LOCK_MINUTES = 5
    page = page_of(ana.get("/orders/"))
    assert 'data-after="300"' in page
    assert '<meta http-equiv="refresh" content="361">' in page
    later(clock, 6.1)
    assert ana.get("/orders/").status_code == 423


@override_settings(EMBEDDED=False)
def test_the_demos_password_is_told_in_the_demo_alone(clinic: Clinic, clock: time_machine.Traveller) -> None:
    desk = browser_of(clinic, "desk")
    desk.post("/lock/")
    assert "harbor-demo" not in page_of(desk.get("/"))
    with override_settings(EMBEDDED=True):
        assert "harbor-demo" in page_of(desk.get("/"))


@pytest.mark.parametrize(("name", "initials"), [("Ana", "A"), ("ana maria lópez", "AL"), ("Íñigo Ö", "ÍÖ")])
def test_initials_are_of_the_first_and_the_last_name(name: str, initials: str) -> None:
    assert User(display_name=name, username="x").initials == initials


def test_a_page_that_took_its_time_does_not_undo_the_lock_that_fell_meanwhile(ana: Client) -> None:
    key = ana.cookies[configured.SESSION_COOKIE_NAME].value

    def slow(request: HttpRequest) -> HttpResponse:
        request.session["wish"] = "mon wed"
        other = SessionStore(key)
        idle.lock(other)
        other.save()
        return HttpResponse()

    request = RequestFactory().get("/")
    request.COOKIES[configured.SESSION_COOKIE_NAME] = key
    SessionMiddleware(AuthenticationMiddleware(IdleLock(slow)))(request)
    assert SessionStore(key).load()["wish"] == "mon wed"
    assert ana.get("/").status_code == 423
