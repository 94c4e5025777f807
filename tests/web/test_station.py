"""The screen on the wall: today by initials, without a session, until who set it up leaves or it is ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from scheduling.models import Appointment, Clinic, Membership, Role, User
from tests import factories
from tests.factories import NOW
from tests.web.frontdesk.test_board import poll_address
from tests.web.pages import DESK, book, page_of
from web.station import COOKIE, SALT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
TODAY = "/station/today/"


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    patient = factories.create_patient(clinic, given_name="Mara", family_name="Olsen")
    return book(factories.create_order(clinic, patient), clinic)[0]


@pytest.fixture
def user(clinic: Clinic) -> User:
    user = factories.create_user(clinic, DESK)
    user.set_password("a long enough one")
    user.save()
    return user


@pytest.fixture
def screen(user: User) -> Client:
    client = Client()
    client.force_login(user)
    assert client.post("/station/").headers["Location"] == TODAY
    return client


def test_a_screen_shows_initials_and_nothing_to_press_and_nobody_is_signed_in(
    screen: Client, visit: Appointment, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert screen.get("/").status_code == 302, "who set it up is signed out"
    with django_assert_num_queries(4):
        page = page_of(screen.get(TODAY))
    for words in ("M. O.", "Infusion 1 of 6", "booked", "8:00 AM", "Monday, January 4"):
        assert words in page
    for words in ("Olsen", "Mara", f"/visits/{visit.pk}/", "hx-post"):
        assert words not in page
    assert screen.get(f"/visits/{visit.pk}/").status_code == 302


def test_a_screen_stays_on_over_nights_and_shows_the_day_that_is(screen: Client, visit: Appointment) -> None:
    address = poll_address(page_of(screen.get(TODAY)))
    assert screen.get(address).status_code == 204
    with time_machine.travel(NOW + timedelta(days=60), tick=False):
        later = screen.get(address)
    assert later.status_code == 200
    assert "Friday, March 5" in page_of(later)
    assert "M. O." not in page_of(later)


def test_a_screen_ends_with_the_password_the_role_or_the_account_of_who_set_it_up(screen: Client, user: User) -> None:
    assert screen.get(TODAY).status_code == 200
    Membership.objects.filter(user=user).update(role=Role.AUDITOR)
    assert screen.get(TODAY).headers["Location"] == "/station/"
    Membership.objects.filter(user=user).update(role=DESK)
    User.objects.filter(pk=user.pk).update(is_active=False)
    refused = screen.get(f"{TODAY}changes/?version=1")
    assert (refused.status_code, refused.headers["HX-Redirect"]) == (204, "/station/")
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert screen.get(TODAY).status_code == 200
    user.set_password("another long one")
    user.save()
    assert screen.get(TODAY).headers["Location"] == "/station/"


def test_a_screen_is_ended_where_it_stands(screen: Client) -> None:
    assert screen.post(TODAY).headers["Location"] == "/sign-in/"
    assert screen.get(TODAY).headers["Location"] == "/station/"


def test_a_word_that_was_not_signed_here_opens_nothing(clinic: Clinic, user: User) -> None:
    for word in (
        "nonsense",
        "",
        signing.dumps([clinic.pk, user.pk, "0" * 32], salt=SALT),
        signing.dumps("x", salt=SALT),
    ):
        stranger = Client()
        stranger.cookies[COOKIE] = word
        assert stranger.get(TODAY).headers["Location"] == "/station/"
        assert stranger.get(f"{TODAY}changes/").headers["HX-Redirect"] == "/station/"


def test_names_are_not_kept_on_a_screen_of_another_clinic(screen: Client, visit: Appointment, clinic: Clinic) -> None:
    elsewhere = factories.create_clinic(clinic.organisation)
    stranger = book(factories.create_order(elsewhere, factories.create_patient(elsewhere, given_name="Zoe")), elsewhere)
    assert stranger
    page = page_of(screen.get(TODAY))
    assert page.count("data-visit=") == 1
