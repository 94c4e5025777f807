"""Chairs, nurse posts and prescribers on their pages."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from scheduling.furnishing import as_read
from scheduling.models import Appointment, Clinic, Resource, Role, User
from tests import factories
from tests.scheduling.running import NINE, book, chair, nurse_of
from tests.web.pages import page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1, nurses=1)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return book(clinic, NINE)


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return signed_in(clinic, Role.MANAGER)


def test_chair_is_added_and_renamed(clinic: Clinic, manager: Client) -> None:
    sent = {"kind": "chair", "name": "Window", "features": "recliner, Private room"}
    page = page_of(manager.post("/setup/chairs/", sent, follow=True))
    assert "Added: Window." in page
    made = Resource.objects.get(clinic=clinic, name="Window")
    assert made.features == ["private-room", "recliner"]
    address = f"/setup/resources/{made.pk}/"
    page = page_of(manager.post(address, {"name": "Door <b>", "features": "", "do": "look"}, follow=True))
    assert "Door &lt;b&gt;" in page
    made.refresh_from_db()
    assert (made.name, made.features) == ("Door <b>", [])


def test_nurse_post_is_added_and_gets_its_shifts_next(clinic: Clinic, manager: Client) -> None:
    answer = manager.post("/setup/nurses/", {"name": "Nurse 2", "watch": "2"}, follow=True)
    made = Resource.objects.get(clinic=clinic, name="Nurse 2")
    assert answer.redirect_chain == [(f"/setup/resources/{made.pk}/shifts/", 302)]
    assert "no shifts yet" in page_of(manager.get("/setup/nurses/"))
    answer = manager.post("/setup/nurses/", {"name": "Nurse 3", "watch": "0"})
    assert answer.status_code == 422


def test_who_watches_fewer_shows_the_visits_first(clinic: Clinic, manager: Client) -> None:
    factories.create_chair(clinic, "chair-2")
    both = [book(clinic, NINE) for _ in range(1)]
    nurse = nurse_of(clinic, 1)
    both[0].claims.filter(role="watch").update(place=3)
    page = page_of(manager.post(f"/setup/resources/{nurse.pk}/", {"name": "N", "watch": "2", "do": "look"}))
    assert both[0].patient.shown_name in page
    nurse.refresh_from_db()
    assert nurse.watch_places == 3
    manager.post(f"/setup/resources/{nurse.pk}/", {"name": "N", "watch": "2", "do": "save"})
    nurse.refresh_from_db()
    assert (nurse.name, nurse.watch_places) == ("N", 2)


def test_two_managers_at_one_chair(clinic: Clinic, manager: Client, visit: Appointment) -> None:
    only, other = chair(clinic, 1), signed_in(clinic, Role.MANAGER)
    address = f"/setup/resources/{only.pk}/"
    [read] = re.findall(r'name="read" value="(\w+)"', page_of(manager.get(address)))
    mine = {"name": "Door", "features": "bed", "do": "look", "read": read}
    other.post(address, {"name": "Window", "features": "recliner", "do": "look", "read": read})
    answer = manager.post(address, mine)
    page = page_of(answer)
    who = User.objects.get(pk=other.session["_auth_user_id"]).shown_name
    assert answer.status_code == 422
    assert f"{who} changed this meanwhile. It says now: Name: Window; Features: recliner." in page
    assert 'value="Door"' in page
    assert 'value="bed"' in page
    only.refresh_from_db()
    assert (only.name, only.features) == ("Window", ["recliner"])
    [read] = re.findall(r'name="read" value="(\w+)"', page)
    manager.post(address, mine | {"read": read})
    only.refresh_from_db()
    assert (only.name, only.features) == ("Door", ["bed"])


def test_what_was_read_goes_along_with_the_visits_that_are_shown_first(clinic: Clinic, manager: Client) -> None:
    nurse, visit = nurse_of(clinic, 1), book(clinic, NINE)
    visit.claims.filter(role="watch").update(place=3)
    address, read = f"/setup/resources/{nurse.pk}/", as_read(nurse)
    page = page_of(manager.post(address, {"name": "N", "watch": "2", "do": "look", "read": read}))
    assert f'name="read" value="{read}"' in page
    signed_in(clinic, Role.MANAGER).post(address, {"name": "Early", "watch": "3", "do": "save"})
    assert manager.post(address, {"name": "N", "watch": "2", "do": "save", "read": read}).status_code == 422
    nurse.refresh_from_db()
    assert (nurse.name, nurse.watch_places) == ("Early", 3)


def test_out_of_use_shows_whom_it_affects(clinic: Clinic, manager: Client, visit: Appointment) -> None:
    only = chair(clinic, 1)
    address = f"/setup/resources/{only.pk}/use/"
    page = page_of(manager.get(address))
    assert visit.patient.shown_name in page
    only.refresh_from_db()
    assert only.is_active
    page = page_of(manager.post(address, {"do": "out"}, follow=True))
    assert "Use it again" in page
    assert visit.patient.shown_name in page_of(manager.get("/absences/"))
    manager.post(address, {"do": "again"})
    only.refresh_from_db()
    assert only.is_active


def test_prescribers_have_hours(clinic: Clinic, manager: Client) -> None:
    page = page_of(manager.get("/setup/prescribers/"))
    assert "Prescriber 1" in page
    assert "8:00 AM – 6:00 PM" in page


@pytest.mark.parametrize("page", ["chairs/", "nurses/", "prescribers/", "staff/", "file/", "file/clinic.yaml", ""])
@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.AUDITOR])
def test_others_are_told_whose_page_it_is(clinic: Clinic, page: str, role: Role) -> None:
    assert "This page is for: Manager." in page_of(signed_in(clinic, role).get(f"/setup/{page}"))
