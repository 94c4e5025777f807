"""Changes of a visit under way: what they do to others is shown first, then written by one press."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from scheduling.models import Appointment, Clinic, Role, Status
from tests import factories
from tests.scheduling.running import NINE, WHOLE, book, chair, chairs_of, minutes, nurse, nurse_of, nurses_of, walk
from tests.web.pages import DESK, NURSE, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_ten_to_ten")]
TEN_TO_TEN = NINE + minutes(50)


@pytest.fixture
def at_ten_to_ten() -> Iterator[None]:
    with time_machine.travel(TEN_TO_TEN, tick=False):
        yield


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1, nurses=2)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    """Infusing since 9:25, in the only chair; to leave at eleven."""
    visit = book(clinic)
    walk(visit, nurse(clinic), Status.INFUSING)
    return visit


@pytest.fixture
def behind(clinic: Clinic, visit: Appointment) -> Appointment:
    """Booked in the same chair from a quarter past eleven."""
    return book(clinic, NINE + minutes(WHOLE))


@pytest.fixture
def client(clinic: Clinic) -> Client:
    return signed_in(clinic, NURSE)


def look(client: Client, visit: Appointment, **said: str | int) -> str:
    return page_of(client.get(f"/visits/{visit.pk}/under-way/", said))


def write(client: Client, visit: Appointment, **said: object) -> str:
    visit.refresh_from_db()
    sent = {"row_version": visit.row_version, **said}
    page = page_of(client.post(f"/visits/{visit.pk}/under-way/", sent, follow=True))
    visit.refresh_from_db()
    return page


def test_todays_list_leads_there(client: Client, visit: Appointment) -> None:
    assert f'aria-label="More: {visit.patient.shown_name}"' in page_of(client.get("/today/"))
    assert f'href="/visits/{visit.pk}/under-way/"' in page_of(client.get(f"/visits/{visit.pk}/next/"))


def test_longer_stay_shows_who_loses_the_chair_and_writes_nothing(
    client: Client, visit: Appointment, behind: Appointment
) -> None:
    page = look(client, visit, what="longer", until="11:30")
    assert f"<strong>{behind.patient.shown_name}</strong>, 11:15 AM: loses its chair and waits for one" in page
    behind.refresh_from_db()
    assert behind.is_placed


def test_longer_stay_is_written_and_the_other_waits_for_a_chair_on_today_and_board(
    client: Client, visit: Appointment, behind: Appointment
) -> None:
    page = write(client, visit, what="longer", until="11:30")
    assert visit.period.upper == NINE + minutes(150)
    assert page.index('id="waiting-title"') < page.rindex(f"/visits/{behind.pk}/") < page.index('id="here-title"')
    assert f'aria-label="Give a chair: {behind.patient.shown_name}"' in page
    for view in ("chairs", "list"):
        board = page_of(client.get(f"/?view={view}"))
        assert "waiting for a chair" in board
        assert "moved from Chair 1 at 9:50 AM" in board
    assert ">Waiting for a chair<" in page_of(client.get("/"))


def test_effect_on_nobody_is_said(client: Client, visit: Appointment) -> None:
    assert "Nothing: nobody else is affected." in look(client, visit, what="longer", until="11:05")


def test_chair_is_given_once_one_is_free(client: Client, visit: Appointment, behind: Appointment) -> None:
    write(client, visit, what="longer", until="11:30")
    behind.refresh_from_db()
    sent = {"row_version": behind.row_version, "back": "today"}
    page = page_of(client.post(f"/visits/{behind.pk}/chair/", sent, follow=True))
    assert "No chair and nurse are free for this visit yet." in page
    write(client, visit, what="longer", until="11:00")
    behind.refresh_from_db()
    assert behind.is_placed, "it gets the chair back as soon as that is free"
    assert "Give a chair" not in page_of(client.get(f"/visits/{behind.pk}/"))


def test_desk_gives_a_chair_from_the_visit_page(clinic: Clinic, visit: Appointment, behind: Appointment) -> None:
    write(signed_in(clinic, NURSE), visit, what="longer", until="11:30")
    desk = signed_in(clinic, DESK)
    assert "Give a chair" in page_of(desk.get(f"/visits/{behind.pk}/"))
    factories.create_chair(clinic, "chair-2")
    assert "It has a chair and a nurse again." in page_of(desk.post(f"/visits/{behind.pk}/chair/", follow=True))
    assert chairs_of(behind) == [("chair-2", 0, WHOLE)]


def test_chair_changes_from_now_on(client: Client, visit: Appointment, clinic: Clinic) -> None:
    other = factories.create_clinic(chairs=1)
    assert "Please look at this again" in look(client, visit, what="chair", resource=chair(other, 1).pk)
    second = factories.create_chair(clinic, "chair-2")
    assert "Nothing: nobody else is affected." in look(client, visit, what="chair", resource=second.pk)
    write(client, visit, what="chair", resource=second.pk)
    assert chairs_of(visit) == [("chair-1", 0, 65), ("chair-2", 50, WHOLE)]


def test_chair_that_somebody_sits_in_is_not_given_but_says_who(clinic: Clinic, client: Client) -> None:
    second = factories.create_chair(clinic, "chair-2")
    visits = [book(clinic), book(clinic)]
    for one in visits:
        walk(one, nurse(clinic), Status.INFUSING)
    mine = next(one for one in visits if chairs_of(one)[0][0] == "chair-1")
    theirs = next(one for one in visits if one != mine)
    for page in (
        look(client, mine, what="chair", resource=second.pk),
        write(client, mine, what="chair", resource=second.pk),
    ):
        assert f"{theirs.patient.shown_name} is in this chair by the records." in page
        assert f"/visits/{theirs.pk}/under-way/" in page


def test_nurse_hands_over_for_a_lunch(client: Client, visit: Appointment, clinic: Clinic) -> None:
    had = nurses_of(visit)[0][0]
    other = nurse_of(clinic, 1 if had == "nurse-2" else 2)
    write(client, visit, what="nurse", resource=other.pk, at="10:00", until="10:30")
    assert nurses_of(visit) == [(had, 0, 60), (other.code, 60, 90), (had, 90, 120)]


@pytest.mark.parametrize(
    "said",
    [
        {"what": "longer", "until": "08:00"},
        {"what": "chair", "at": "23:00"},
        {"what": "nurse", "at": "10:30", "until": "10:00"},
    ],
)
def test_time_that_can_not_be_is_refused_in_words(
    client: Client, visit: Appointment, clinic: Clinic, said: dict[str, str]
) -> None:
    resource = {"chair": chair(clinic, 1).pk, "nurse": nurse_of(clinic, 2).pk}.get(said["what"])
    more: dict[str, int] = {"resource": resource} if resource else {}
    version = visit.row_version
    for page in (look(client, visit, **said, **more), write(client, visit, **said, **more)):
        assert "It can&#x27;t be then." in page or "It can't be then." in page
    assert visit.row_version == version


def test_old_page_writes_nothing(client: Client, visit: Appointment) -> None:
    sent = {"what": "longer", "until": "11:30", "row_version": 1}
    page = page_of(client.post(f"/visits/{visit.pk}/under-way/", sent, follow=True))
    assert "Someone changed this visit since you opened it." in page


def test_visit_that_is_not_under_way_leads_back(client: Client, behind: Appointment) -> None:
    page = page_of(client.get(f"/visits/{behind.pk}/under-way/", follow=True))
    assert "Nothing was changed: this visit is now “booked”." in page


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER, Role.AUDITOR])
def test_page_is_for_clinical_staff(clinic: Clinic, visit: Appointment, role: Role) -> None:
    assert signed_in(clinic, role).get(f"/visits/{visit.pk}/under-way/").status_code == 403


def test_foreign_visit_is_not_found(clinic: Clinic, visit: Appointment) -> None:
    stranger = signed_in(factories.create_clinic(clinic.organisation), NURSE)
    for path in ("under-way", "chair"):
        assert stranger.post(f"/visits/{visit.pk}/{path}/").status_code == 404


def test_times_are_the_clinics() -> None:
    assert datetime.fromisoformat("2027-01-05T09:50-05:00") == TEN_TO_TEN
