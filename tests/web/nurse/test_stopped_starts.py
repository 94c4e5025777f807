"""A start that the order stands against is not offered, and the pages say the true reason: the desk reads one label."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from scheduling.models import Appointment, Clinic, Role, Status, User
from scheduling.stopped_starts import Stop
from tests import factories
from tests.scheduling.test_stopped_starts import stopped
from tests.web.pages import DESK, NURSE, page_of, signed_in

pytestmark = pytest.mark.django_db
# On the step's page and when a start is tried all the same; in the nurse's list; on the desk's board.
SAYS = {
    Stop.NOT_ACTIVE: ("The order is not active", "order not active", "seated"),
    Stop.NO_LONGER_FITS: ("this visit no longer fits it", "no longer fits the order", "no longer fits the order"),
    Stop.REVIEW: ("The review before this infusion is not decided", "waits for review", "seated"),
    Stop.RULING: ("was broken off and waits for a ruling", "waits for a ruling", "seated"),
    Stop.GIVEN_AGAIN_FIRST: (
        "is to be given again first", "an earlier infusion comes first", "an earlier infusion comes first",
    ),
}  # fmt: skip
ON_THE_BOARD = {"seated", "waits for", "not active", *(words for says in SAYS.values() for words in says[1:])}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def doctor(clinic: Clinic) -> User:
    return factories.create_user(clinic, Role.PRESCRIBER)


@pytest.fixture(params=Stop)
def stop(request: pytest.FixtureRequest) -> Stop:
    return Stop(request.param)


@pytest.fixture
def visit(stop: Stop, clinic: Clinic, doctor: User) -> Iterator[Appointment]:
    """Seated, with this in the way, on its day."""
    seated = stopped(stop, clinic, doctor)
    with time_machine.travel(seated.period.lower + timedelta(minutes=20), tick=False):
        yield seated


def test_the_nurse_reads_why_and_is_offered_no_start(stop: Stop, clinic: Clinic, visit: Appointment) -> None:
    client = signed_in(clinic, NURSE)
    why, mark, _ = SAYS[stop]
    page = page_of(client.get(f"/visits/{visit.pk}/next/"))
    assert (why in page, "Start infusion" in page) == (True, False)
    page = page_of(client.get("/today/"))
    assert (mark in page, "Start infusion" in page) == (True, False)
    said = {"to": "infusing", "identity": "birth_date", "back": "visit"}
    assert why in page_of(client.post(f"/visits/{visit.pk}/step/", said, follow=True))
    visit.refresh_from_db()
    assert visit.status == Status.SEATED


def test_the_desk_reads_that_it_waits_and_not_for_what(stop: Stop, clinic: Clinic, visit: Appointment) -> None:
    desk = signed_in(clinic, DESK)
    for address in ("/?view=chairs", "/?view=list", f"/visits/{visit.pk}/next/", f"/visits/{visit.pk}/"):
        page = page_of(desk.get(address))
        for words in ("ruling", "broken off", "not active"):
            assert words not in page, (address, words)
    assert "waits for the prescriber" in page_of(desk.get(f"/visits/{visit.pk}/next/"))
    block = page_of(desk.get("/")).split('<li class="visit ')[1].split("</li>")[0]
    assert {words for words in ON_THE_BOARD if words in block} == {"seated", SAYS[stop][2]}


def test_a_prescriber_may_sign_that_it_was_started_all_the_same(
    clinic: Clinic, doctor: User, visit: Appointment
) -> None:
    client, address = Client(), f"/clinician/visits/{visit.pk}/started/"
    client.force_login(doctor)
    assert f'href="{address}"' in page_of(client.get(f"/visits/{visit.pk}/next/"))
    said = {"started_at": "09:20", "row_version": visit.row_version, "reason": "It ran before anybody looked"}
    assert "Signed. The start is recorded." in page_of(client.post(address, said, follow=True))
    visit.refresh_from_db()
    assert visit.status == Status.INFUSING
    assert address not in page_of(client.get(f"/visits/{visit.pk}/next/"))
    assert address not in page_of(signed_in(clinic, NURSE).get(f"/visits/{visit.pk}/next/"))


def test_who_is_to_rule_is_led_there(clinic: Clinic, doctor: User) -> None:
    visit = stopped(Stop.RULING, clinic, doctor)
    first = Appointment.objects.get(order=visit.order, dose_number=1)
    with time_machine.travel(visit.period.lower + timedelta(minutes=20), tick=False):
        client = Client()
        client.force_login(doctor)
        assert f'href="/clinician/exits/{first.pk}/"' in page_of(client.get(f"/visits/{visit.pk}/next/"))
