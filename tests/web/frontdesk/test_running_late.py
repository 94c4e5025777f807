"""Who comes late, who has not come, and how much notice a cancellation gives: what the desk sees and says."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from scheduling.models import Appointment, Clinic, Event, Status
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at, booked
from tests.web.pages import DESK, NURSE, page_of, signed_in

pytestmark = [pytest.mark.django_db]
MORNING = at("2027-01-06", "08:30")


@pytest.fixture
def clinic() -> Clinic:
    with time_machine.travel(NOW, tick=False):
        return factories.create_clinic(chairs=1, nurses=2)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return booked(factories.create_order(clinic), clinic, 1)[0]


def late(client: Client, visit: Appointment, minutes: str) -> str:
    visit.refresh_from_db()
    sent = {"minutes": minutes, "row_version": visit.row_version}
    return page_of(client.post(f"/visits/{visit.pk}/late/", sent, follow=True))


def test_lateness_is_noted_with_whom_it_hits_and_moves_nothing(clinic: Clinic, visit: Appointment) -> None:
    [behind] = booked(factories.create_order(clinic), clinic, 1, wall="11:15")
    with time_machine.travel(MORNING, tick=False):
        desk = signed_in(clinic, DESK)
        page = late(desk, visit, "20")
        assert "20 minutes late, expected 9:20 AM" in page
        assert f"{behind.patient.shown_name}, 11:15 AM</a>: loses its chair and waits for one" in page
        assert "said they come late" in page
        visit.refresh_from_db()
        assert (visit.period.lower, visit.expected_at) == (at("2027-01-06"), at("2027-01-06", "09:20"))
        behind.refresh_from_db()
        assert behind.is_placed
        assert "Noted: they come in time." in late(desk, visit, "0")
        visit.refresh_from_db()
        assert visit.expected_at is None


def test_lateness_that_hits_nobody_says_so(clinic: Clinic, visit: Appointment) -> None:
    with time_machine.travel(MORNING, tick=False):
        assert "nobody else has to wait" in late(signed_in(clinic, DESK), visit, "20")


@pytest.mark.parametrize("url", ["/?day=2027-01-06&view=chairs", "/?day=2027-01-06&view=list", "/lists/"])
def test_lateness_stands_where_the_visit_stands_until_they_are_here(
    clinic: Clinic, visit: Appointment, url: str
) -> None:
    with time_machine.travel(MORNING, tick=False):
        desk = signed_in(clinic, DESK)
        assert "late, 9:20" not in page_of(desk.get(url)).lower()
        late(desk, visit, "20")
        assert "late, 9:20 am" in page_of(desk.get(url)).lower()
        if "view" in url:
            visit.refresh_from_db()
            sent = {"to": "arrived", "identity": "birth_date", "row_version": visit.row_version}
            desk.post(f"/visits/{visit.pk}/step/", sent)
            visit.refresh_from_db()
            assert visit.status == Status.ARRIVED
            assert "late, 9:20" not in page_of(desk.get(url)).lower()


def test_nurses_see_on_today_who_comes_late(clinic: Clinic, visit: Appointment) -> None:
    with time_machine.travel(MORNING, tick=False):
        late(signed_in(clinic, DESK), visit, "20")
        assert "late, 9:20 AM" in page_of(signed_in(clinic, NURSE).get("/today/"))


@pytest.mark.parametrize("minutes", ["", "x", "-5", "999", "²"])
def test_what_is_no_lateness_notes_nothing(clinic: Clinic, visit: Appointment, minutes: str) -> None:
    with time_machine.travel(MORNING, tick=False):
        late(signed_in(clinic, DESK), visit, minutes)
    visit.refresh_from_db()
    assert visit.expected_at is None
    assert not Event.objects.filter(verb="appointment.expected_late").exists()


def test_no_show_is_proposed_by_the_clock_and_said_by_a_person(clinic: Clinic, visit: Appointment) -> None:
    waits = timedelta(minutes=clinic.late_grace_minutes)
    for after, proposed in ((waits - timedelta(minutes=1), False), (waits, True)):
        with time_machine.travel(visit.period.lower + after, tick=False):
            page = page_of(signed_in(clinic, DESK).get(f"/visits/{visit.pk}/"))
            assert ("Nobody has arrived" in page) is proposed
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED
    with time_machine.travel(visit.period.lower + waits, tick=False):
        signed_in(clinic, DESK).post(f"/visits/{visit.pk}/step/", {"to": "no_show", "row_version": visit.row_version})
    visit.refresh_from_db()
    assert visit.status == Status.NO_SHOW


def test_who_said_they_come_late_is_waited_for(clinic: Clinic, visit: Appointment) -> None:
    with time_machine.travel(MORNING, tick=False):
        late(signed_in(clinic, DESK), visit, "30")
    with time_machine.travel(visit.period.lower + timedelta(minutes=30), tick=False):
        assert "Nobody has arrived" not in page_of(signed_in(clinic, DESK).get(f"/visits/{visit.pk}/"))


def test_notice_is_shown_before_and_after_a_cancellation(clinic: Clinic, visit: Appointment) -> None:
    with time_machine.travel(visit.period.lower - timedelta(hours=6), tick=False):
        desk = signed_in(clinic, DESK)
        page = page_of(desk.get(f"/visits/{visit.pk}/cancel/"))
        assert "Notice given: 6 hours." in page
        assert "Less than the 24 hours that the clinic asks for" in page
        sent = {"reason": "no_ride", "row_version": visit.row_version}
        page = page_of(desk.post(f"/visits/{visit.pk}/cancel/", sent, follow=True))
        assert "Patient: The patient has no ride home" in page
        assert "<strong>late</strong>" in page


def test_clinical_reason_is_given_and_read_by_clinical_staff_alone(clinic: Clinic, visit: Appointment) -> None:
    with time_machine.travel(NOW, tick=False):
        desk, nurse = signed_in(clinic, DESK), signed_in(clinic, NURSE)
        assert "Pregnancy" not in page_of(desk.get(f"/visits/{visit.pk}/cancel/"))
        assert "Pregnancy" in page_of(nurse.get(f"/visits/{visit.pk}/cancel/"))
        sent = {"reason": "pregnancy", "row_version": visit.row_version}
        assert "Please look at this again" in page_of(desk.post(f"/visits/{visit.pk}/cancel/", sent))
        nurse.post(f"/visits/{visit.pk}/cancel/", sent)
        visit.refresh_from_db()
        assert (visit.status, visit.cancel_reason) == (Status.CANCELLED, "pregnancy")
        page = page_of(desk.get(f"/visits/{visit.pk}/"))
        assert "Clinical reason" in page
        assert "regnancy" not in page
        assert "Pregnancy" in page_of(nurse.get(f"/visits/{visit.pk}/"))
