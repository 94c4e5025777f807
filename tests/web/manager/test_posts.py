"""The nurses of a day: named for their posts, the visits dealt among them, everybody of one handed to another."""

from __future__ import annotations

import re

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from scheduling.models import Appointment, Clinic, PostName, Role, Status, User
from tests import factories
from tests.scheduling.running import NINE, book, minutes, nurse, nurse_of, nurses_of, walk
from tests.web.pages import DESK, NURSE, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
TUESDAY = "/posts/?day=2027-01-05"


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=2)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return book(clinic)


@pytest.fixture
def client(clinic: Clinic) -> Client:
    return signed_in(clinic, NURSE)


def name(clinic: Clinic, **names: str) -> dict[str, str]:
    return {f"name-{nurse_of(clinic, int(key[-1])).pk}": said for key, said in names.items()}


def test_posts_are_named_for_a_day_and_named_no_more(clinic: Clinic, client: Client) -> None:
    page = page_of(client.post(TUESDAY, name(clinic, nurse1="Ana", nurse2=""), follow=True))
    assert 'value="Ana"' in page
    assert list(PostName.objects.values_list("name", flat=True)) == ["Ana"]
    assert 'value="Ana"' not in page_of(client.get("/posts/"))
    client.post(TUESDAY, name(clinic, nurse1="", nurse2="Ben"))
    assert list(PostName.objects.values_list("name", flat=True)) == ["Ben"]


def test_visits_show_who_has_them_by_the_name_of_the_day(clinic: Clinic, client: Client, visit: Appointment) -> None:
    had = nurses_of(visit)[0][0]
    client.post(TUESDAY, name(clinic, **{had.replace("-", ""): "Ana"}))
    page = page_of(client.get(TUESDAY))
    [select] = re.findall(rf'name="nurse-{visit.pk}">(.*?)</select>', page)
    assert re.findall(r"selected>(.*?)<", select) == ["Ana"]


def other_nurse(clinic: Clinic, visit: Appointment) -> int:
    return nurse_of(clinic, 2 if nurses_of(visit)[0][0] == "nurse-1" else 1).pk


def test_day_is_dealt(clinic: Clinic, client: Client, visit: Appointment) -> None:
    other = other_nurse(clinic, visit)
    answer = client.post("/posts/deal/?day=2027-01-05", {f"nurse-{visit.pk}": other}, follow=True)
    assert answer.redirect_chain == [(TUESDAY, 302)]
    assert "1 visit has another nurse now." in page_of(answer)
    assert nurses_of(visit)[0][0] == clinic.resources.get(pk=other).code


def test_too_much_for_a_nurse_changes_nothing(clinic: Clinic, client: Client) -> None:
    visits = [book(clinic, NINE) for _ in range(2)]
    before = [nurses_of(one) for one in visits]
    pk = nurse_of(clinic, 1).pk
    sent = {f"nurse-{one.pk}": pk for one in visits}
    page = page_of(client.post("/posts/deal/?day=2027-01-05", sent, follow=True))
    assert "That is too much at once for a nurse, so nothing was changed." in page
    assert [nurses_of(one) for one in visits] == before


def test_nonsense_deals_nothing(clinic: Clinic, client: Client, visit: Appointment) -> None:
    before = nurses_of(visit)
    for sent in ({f"nurse-{visit.pk}": "x"}, {f"nurse-{visit.pk}": 0}, {"nurse-0": nurse_of(clinic, 1).pk}, {}):
        page = page_of(client.post("/posts/deal/?day=2027-01-05", sent, follow=True))
        assert "0 visits have another nurse now." in page
    assert nurses_of(visit) == before


def test_everybody_of_one_nurse_goes_to_another(clinic: Clinic, visit: Appointment) -> None:
    walk(visit, nurse(clinic), Status.INFUSING)
    had = nurses_of(visit)[0][0]
    with time_machine.travel(NINE + minutes(50), tick=False):
        client = signed_in(clinic, NURSE)
        assert "Hand everybody over" in page_of(client.get("/posts/"))
        sent = {"from_nurse": nurse_of(clinic, int(had[-1])).pk, "to_nurse": other_nurse(clinic, visit)}
        assert "or has passed" in page_of(client.post("/posts/hand-over/", sent | {"until": "9:00"}, follow=True))
        assert "or has passed" in page_of(client.post("/posts/hand-over/", sent | {"until": "x"}, follow=True))
        page = page_of(client.post("/posts/hand-over/", sent | {"until": "10:22"}, follow=True))
        giver, taker = (clinic.resources.get(pk=sent[name]).name for name in ("from_nurse", "to_nurse"))
        assert f"1 patient is with {taker} now, until 10:20 AM." in page
        same = sent | {"to_nurse": sent["from_nurse"]}
        assert "Choose two different nurses." in page_of(client.post("/posts/hand-over/", same, follow=True))
        page = page_of(client.get(f"/visits/{visit.pk}/"))
        assert f"Chair 1, {taker} until 10:20 AM, then {giver}" in page
        mine = User.objects.get(pk=client.session["_auth_user_id"]).shown_name
        assert f'<strong>given to another nurse</strong> <span class="quiet">by {mine}</span>' in page
    with time_machine.travel(NINE + minutes(85), tick=False):
        page = page_of(signed_in(clinic, NURSE).get(f"/visits/{visit.pk}/"))
        assert f"Chair 1, {giver}</dd>" in page, "who had it before is history"
    assert [code for code, _, _ in nurses_of(visit)] == [had, "nurse-2" if had == "nurse-1" else "nurse-1", had]


def test_manager_names_but_does_not_deal(clinic: Clinic, visit: Appointment) -> None:
    manager = signed_in(clinic, Role.MANAGER)
    page = page_of(manager.get(TUESDAY))
    assert "Write down the names" in page
    assert "Deal the day so" not in page
    assert manager.post("/posts/deal/", {}).status_code == 403
    assert manager.post("/posts/hand-over/", {}).status_code == 403


@pytest.mark.parametrize("role", [DESK, Role.PRESCRIBER, Role.AUDITOR])
def test_page_is_for_nurses_and_managers(clinic: Clinic, role: Role) -> None:
    assert signed_in(clinic, role).get("/posts/").status_code == 403


@pytest.mark.parametrize("visits", [1, 3])
def test_page_takes_eight_queries(
    clinic: Clinic, client: Client, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for index in range(visits):
        book(clinic, NINE + minutes(index * 30))
    with django_assert_num_queries(8):
        page = page_of(client.get(TUESDAY))
    assert page.count("Infusion 1 of 6") == visits
