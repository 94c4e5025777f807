"""Colleagues are invited by a link shown once, choose a password, change roles, and leave."""

from __future__ import annotations

import re

import pytest
from django.db import transaction
from django.test import Client

from notifications.models import DutyShift
from scheduling.events import Entry, record
from scheduling.models import Clinic, Event, Resource, Role, User
from tests import factories
from tests.factories import NOW
from tests.scheduling.running import NINE, book, nurse_of
from tests.web.pages import page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
ANA = {"name": "Ana Delgado", "username": "ana.d", "email": "", "roles": ["nurse", "front_desk"]}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1, nurses=1)


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return signed_in(clinic, Role.MANAGER)


def link_on(page: str) -> str:
    [found] = re.findall(r'value="[^"]*(/invite/[\w-]+/)"', page)
    return str(found)


def test_who_is_invited_gets_in_with_the_link_and_once(clinic: Clinic, manager: Client) -> None:
    answer = manager.post("/setup/staff/", ANA, follow=True)
    assert answer["Cache-Control"] == "no-store"
    link = link_on(page_of(answer))
    assert link not in page_of(manager.get("/setup/staff/"))
    again = manager.get(f"/setup/staff/{User.objects.get(username='ana.d').pk}/link/", follow=True)
    assert "A link is shown only once." in page_of(again)
    ana = Client()
    page = page_of(ana.get(link))
    assert "Hello, Ana Delgado" in page
    short = ana.post(link, {"new_password1": "short", "new_password2": "short"})
    assert short.status_code == 422
    good = {"new_password1": "harbor-window-7", "new_password2": "harbor-window-7"}
    assert "Welcome, Ana Delgado." in page_of(ana.post(link, good, follow=True))
    assert ana.get("/today/").status_code == 200
    over = Client().get(link)
    assert (over.status_code, "This link is over" in page_of(over)) == (404, True)
    assert Client().get("/invite/nobodys/").status_code == 404


def test_link_is_mailed_where_an_address_is_known(clinic: Clinic, manager: Client) -> None:
    page = page_of(manager.post("/setup/staff/", ANA | {"email": "ana@clinic.test"}, follow=True))
    assert "It was mailed to them too." in page
    page = page_of(manager.post("/setup/staff/", ANA | {"username": "ana2"}, follow=True))
    assert "No e-mail address is known" in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"username": "ana d"}, "Letters, digits and . @ + - _ alone."),
        ({"roles": []}, "This field is required."),
        ({"roles": ["owner"]}, "Select a valid choice."),
        ({"email": "nowhere"}, "Enter a valid email address."),
    ],
)
def test_nonsense_is_asked_again(manager: Client, said: dict[str, object], words: str) -> None:
    answer = manager.post("/setup/staff/", ANA | said)
    assert (answer.status_code, words in page_of(answer)) == (422, True)
    assert not User.objects.filter(display_name="Ana Delgado").exists()


def test_taken_name_is_said(manager: Client) -> None:
    manager.post("/setup/staff/", ANA)
    assert "Somebody has this sign-in name." in page_of(manager.post("/setup/staff/", ANA))


def test_roles_are_several_and_change(clinic: Clinic, manager: Client) -> None:
    ben = factories.create_user(clinic, Role.NURSE)
    manager.post(f"/setup/staff/{ben.pk}/", {"roles": ["prescriber", "manager"]})
    assert sorted(ben.memberships.values_list("role", flat=True)) == ["manager", "prescriber"]
    own = Event.objects.latest("pk").user
    assert own is not None
    User.objects.filter(pk=ben.pk).update(is_active=False)
    page = page_of(manager.post(f"/setup/staff/{own.pk}/", {"roles": ["nurse"]}))
    assert "name another manager first" in page


def test_two_managers_at_one_persons_roles(clinic: Clinic, manager: Client) -> None:
    ben, other = factories.create_user(clinic, Role.NURSE), signed_in(clinic, Role.MANAGER)
    address = f"/setup/staff/{ben.pk}/"
    assert re.findall(r'name="read" value="(\w+)"', page_of(manager.get(address))) == ["nurse"]
    other.post(address, {"roles": ["nurse", "prescriber"], "read": ["nurse"]})
    answer = manager.post(address, {"roles": ["front_desk"], "read": ["nurse"]})
    page = page_of(answer)
    who = User.objects.get(pk=other.session["_auth_user_id"]).shown_name
    assert answer.status_code == 422
    assert f"{who} changed these meanwhile: they are now Nurse, Prescriber." in page
    assert re.findall(r'value="(\w+)"[^>]* checked', page) == ["front_desk"], "what was chosen is kept"
    read = re.findall(r'name="read" value="(\w+)"', page)
    assert read == ["nurse", "prescriber"]
    manager.post(address, {"roles": ["front_desk"], "read": read})
    assert list(ben.memberships.values_list("role", flat=True)) == ["front_desk"]


def test_new_link_lets_a_colleague_in_who_forgot_the_password(clinic: Clinic, manager: Client) -> None:
    ben = factories.create_user(clinic, Role.NURSE)
    there = Client()
    there.force_login(ben)
    link = link_on(page_of(manager.post(f"/setup/staff/{ben.pk}/link/", follow=True)))
    assert there.get("/today/").status_code == 200
    Client().post(link, {"new_password1": "harbor-window-7", "new_password2": "harbor-window-7"})
    assert there.get("/today/").status_code == 302


def test_who_works_at_another_clinic_too_gets_a_link_from_who_manages_both(clinic: Clinic, manager: Client) -> None:
    other = factories.create_clinic(clinic.organisation)
    cole = factories.create_user(other, Role.PRESCRIBER)
    factories.join(cole, clinic, Role.NURSE)
    page = page_of(manager.post(f"/setup/staff/{cole.pk}/link/", follow=True))
    assert f"works at {other.name} too, and a link would open the account there as well." in page
    assert "Nobody manages all of these clinics. Ask whoever runs the server for a new password." in page
    boss = factories.create_user(clinic, Role.MANAGER)
    factories.join(boss, other, Role.MANAGER)
    page = page_of(manager.post(f"/setup/staff/{cole.pk}/link/", follow=True))
    assert f"Ask who manages all of these clinics to make it: {boss.shown_name}." in page
    stranger = factories.create_clinic()
    factories.join(cole, stranger, Role.NURSE)
    page = page_of(manager.post(f"/setup/staff/{cole.pk}/link/", follow=True))
    assert "works in another organisation too" in page


def test_who_leaves_is_out_with_post_and_duty_handed_over(clinic: Clinic, manager: Client) -> None:
    ben, kim = (factories.create_user(clinic, Role.NURSE) for _ in range(2))
    post = nurse_of(clinic, 1)
    visit = book(clinic, NINE)
    assign(post, ben)
    DutyShift.objects.create(clinic=clinic, user=ben, starts_at=NOW, ends_at=NOW.replace(hour=23))
    page = page_of(manager.get(f"/setup/staff/{ben.pk}/leave/"))
    assert visit.patient.shown_name in page
    assert kim.shown_name in page
    page = page_of(manager.post(f"/setup/staff/{ben.pk}/leave/", {"heir": kim.pk}, follow=True))
    assert f"{ben.shown_name} can&#x27;t sign in any more." in page
    ben.refresh_from_db()
    post.refresh_from_db()
    assert not ben.is_active
    assert not post.is_active
    assert not DutyShift.objects.filter(user=ben, ends_at__gt=NOW).exists()
    assert manager.get(f"/setup/staff/{ben.pk}/").status_code == 404


def assign(post: Resource, user: User) -> None:
    """The post is this nurse's own."""
    with transaction.atomic():
        Resource.objects.filter(pk=post.pk).update(user=user)
        entry = Entry("clinic.set_up", clinic_id=post.clinic_id)
        record(organisation_id=post.clinic.organisation_id, entries=[entry], by=factories.system(), now=NOW)


def test_a_prescriber_hands_over_to_a_prescriber(clinic: Clinic, manager: Client) -> None:
    cole = factories.create_user(clinic, Role.PRESCRIBER)
    assert "Nobody could take over" in page_of(manager.get(f"/setup/staff/{cole.pk}/leave/"))
    assert manager.post(f"/setup/staff/{cole.pk}/leave/", {"heir": ""}).status_code == 422
    okafor = factories.create_user(clinic, Role.PRESCRIBER)
    manager.post(f"/setup/staff/{cole.pk}/leave/", {"heir": okafor.pk})
    assert okafor.covers_for.get().prescriber == cole
