"""The sign-in page, the clinic in use, language, text size, and the pages that say no."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from scheduling.events import Actor, Entry, record
from scheduling.models import Clinic, Membership, Organisation, Role, User
from web.navigation import FIRST, menu_for

NOW = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)


def sign_in(username: str = "ana") -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


@pytest.fixture
def ana(db: None) -> User:
    """Ana is at the desk in Harbor and in charge of North; Carol's clinic is another organisation's."""
    ours = Organisation.objects.create(name="Harbor Infusion", slug="harbor")
    theirs = Organisation.objects.create(name="Elsewhere", slug="elsewhere")
    harbor = Clinic.objects.create(organisation=ours, name="Harbor", slug="harbor", time_zone="America/New_York")
    north = Clinic.objects.create(organisation=ours, name="North", slug="north", time_zone="America/New_York")
    far = Clinic.objects.create(organisation=theirs, name="Far", slug="far", time_zone="America/New_York")
    ana = User.objects.create_user("ana", password="a long password", display_name="Ana")
    carol = User.objects.create_user("carol", password="a long password", display_name="Carol")
    for user, clinic, role in (
        (ana, harbor, Role.FRONT_DESK),
        (ana, harbor, Role.NURSE),
        (ana, north, Role.MANAGER),
        (carol, far, Role.MANAGER),
    ):
        Membership.objects.create(user=user, clinic=clinic, role=role)
    for clinic in (harbor, north, far):
        set_up = [Entry("clinic_set_up", clinic_id=clinic.pk)]
        record(organisation_id=clinic.organisation_id, entries=set_up, by=Actor.system("test"), now=NOW)
    return ana


def test_sign_in_leads_to_the_page_that_was_asked_for(ana: User) -> None:
    answer = Client().post("/sign-in/", {"username": "ana", "password": "a long password", "next": "/?day=2026-01-05"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?day=2026-01-05")


def test_sign_in_does_not_lead_out_of_the_house(ana: User) -> None:
    answer = Client().post("/sign-in/", {"username": "ana", "password": "a long password", "next": "//example.com/"})
    assert answer.headers["Location"] == "/"


def test_wrong_password_is_told_in_plain_words_and_keeps_the_name(ana: User) -> None:
    answer = Client().post("/sign-in/", {"username": "ana", "password": "wrong"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "That user name and password don&#x27;t go together." in page
    assert 'value="ana"' in page
    assert "wrong" not in page


def test_demo_sign_ins_are_there_in_embedded_mode_only() -> None:
    embedded = Client().get("/sign-in/").content.decode()
    assert [name for name in settings.DEMO_USERNAMES if f'value="{name}"' in embedded] == list(settings.DEMO_USERNAMES)
    assert "sets up the clinic, its staff, words and absences" in embedded
    with override_settings(EMBEDDED=False):
        page = Client().get("/sign-in/").content.decode()
    assert settings.DEMO_PASSWORD not in page
    assert "Try this" not in page


@override_settings(EMBEDDED=False)
def test_gallery_is_there_in_embedded_mode_only() -> None:
    assert Client().get("/gallery/").status_code == 404
    with override_settings(EMBEDDED=True):
        assert Client().get("/gallery/").status_code == 200


def test_sign_out_takes_a_post(ana: User) -> None:
    client = sign_in()
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/").status_code == 302


def test_clinic_in_use_is_the_first_by_name_until_another_is_chosen(ana: User) -> None:
    client = sign_in()
    first = client.get("/gallery/").wsgi_request
    assert (first.clinic.name, first.membership_roles) == ("Harbor", {Role.FRONT_DESK, Role.NURSE})  # type: ignore[attr-defined]
    north = Clinic.objects.get(slug="north")
    assert client.post("/clinic/", {"clinic": north.pk}).status_code == 302
    then = client.get("/gallery/").wsgi_request
    assert (then.clinic.name, then.membership_roles) == ("North", {Role.MANAGER})  # type: ignore[attr-defined]


@pytest.mark.parametrize("wanted", ["far", "nothing"])
def test_foreign_clinic_is_not_found(ana: User, wanted: str) -> None:
    number = Clinic.objects.get(slug="far").pk if wanted == "far" else "1 OR 1=1"
    client = sign_in()
    assert client.post("/clinic/", {"clinic": number}).status_code == 404
    assert client.get("/gallery/").wsgi_request.clinic.name == "Harbor"  # type: ignore[attr-defined]


def test_clinic_left_meanwhile_is_no_longer_in_use(ana: User) -> None:
    client = sign_in()
    client.post("/clinic/", {"clinic": Clinic.objects.get(slug="north").pk})
    Membership.objects.filter(user=ana, clinic__slug="north").delete()
    assert client.get("/gallery/").wsgi_request.clinic.name == "Harbor"  # type: ignore[attr-defined]


def test_menu_holds_only_what_the_roles_may_open(ana: User) -> None:
    assert menu_for(frozenset(), path="/") is None
    menu = menu_for(frozenset({Role.FRONT_DESK}), path=reverse("home"))
    assert menu is not None
    assert [item.url for item in (*menu.always, *menu.wide, *menu.more) if item.current] == ["/"]


@pytest.mark.parametrize("role", Role)
def test_four_pages_of_a_role_stand_in_the_bar_of_a_phone_and_each_page_once(role: Role) -> None:
    menu = menu_for(frozenset({role}), path="/")
    assert menu is not None
    urls = [item.url for item in (*menu.always, *menu.wide, *menu.more)]
    assert len(set(urls)) == len(urls)
    assert len(menu.always) <= 4
    assert role not in FIRST or [item.url for item in (*menu.always, *menu.wide)] == [*map(reverse, FIRST[role])]


def test_page_behind_more_marks_it_as_where_one_is(ana: User) -> None:
    menu = menu_for(frozenset({Role.NURSE}), path=reverse("absences"))
    assert menu is not None
    assert menu.is_beyond


def test_language_is_kept_in_a_cookie() -> None:
    client = Client()
    answer = client.post("/language/", {"language": "es", "next": "/sign-in/"})
    assert answer.headers["Location"] == "/sign-in/"
    page = client.get("/sign-in/").content.decode()
    assert '<html lang="es">' in page
    assert "Iniciar sesión" in page


@pytest.mark.parametrize(
    ("wanted", "kept"), [("large", "text-large"), ("larger", "text-larger"), ('"><b>', "text-normal")]
)
def test_text_size_is_kept_in_a_cookie(wanted: str, kept: str) -> None:
    client = Client()
    answer = client.post("/text-size/", {"size": wanted, "next": "/gallery/patient/"})
    assert answer.headers["Location"] == "/gallery/patient/"
    assert f'class="{kept}"' in client.get("/gallery/patient/").content.decode()


def test_text_size_does_not_lead_out_of_the_house() -> None:
    answer = Client().post("/text-size/", {"size": "large", "next": "https://example.com/"})
    assert answer.headers["Location"] == "/"


def test_address_that_is_not_there_gets_a_page_with_a_way_on() -> None:
    answer = Client().get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_form_without_its_token_gets_plain_words() -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "ana", "password": "x"})
    assert answer.status_code == 403
    assert "This page was open too long" in answer.content.decode()
