"""Staff see who drives a patient home, and write it down when they hear it on the telephone."""

from __future__ import annotations

import pytest

from notifications.models import RideHome
from scheduling.cancelling import cancel
from scheduling.models import CancelledBy, Clinic, Event
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, book, page_of, shows, signed_in
from tests.web.patient.world import PREPARED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


def test_driver_is_written_down_and_shown_to_staff(clinic: Clinic) -> None:
    [visit] = book(factories.create_order(clinic, template=PREPARED), clinic, how_many=1)
    desk = signed_in(clinic, DESK)
    assert "Nobody is named yet." in page_of(desk.get(f"/visits/{visit.pk}/"))
    said = {"driver": "Elena <b>Tran</b>", "phone": "212 555 0177"}
    page = page_of(desk.post(f"/visits/{visit.pk}/ride/", said, follow=True))
    assert shows(page, "Elena <b>Tran</b>")
    assert "212 555 0177" in page
    assert "said who drives home" in page
    ride = RideHome.objects.get(visit=visit)
    assert ride.said_by is not None
    assert Event.objects.get(verb="appointment.ride_named").user == ride.said_by


def test_nobody_is_asked_for_where_nobody_has_to_drive(clinic: Clinic) -> None:
    [visit] = book(factories.create_order(clinic), clinic, how_many=1)
    assert "Ride home" not in page_of(signed_in(clinic, DESK).get(f"/visits/{visit.pk}/"))


def test_empty_name_and_a_visit_that_is_over_are_refused_in_words(clinic: Clinic) -> None:
    [visit] = book(factories.create_order(clinic, template=PREPARED), clinic, how_many=1)
    desk = signed_in(clinic, DESK)
    page = page_of(desk.post(f"/visits/{visit.pk}/ride/", {"driver": "  "}, follow=True))
    assert "Write down who drives, then press again." in page
    by = factories.create_actor(clinic, DESK)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="staff_away", by=by, now=NOW)
    page = page_of(desk.post(f"/visits/{visit.pk}/ride/", {"driver": "Elena"}, follow=True))
    assert "The ride home is written down." not in page
    assert not RideHome.objects.exists()


def test_phone_that_nobody_could_dial_is_refused_in_words(clinic: Clinic) -> None:
    [visit] = book(factories.create_order(clinic, template=PREPARED), clinic, how_many=1)
    desk = signed_in(clinic, DESK)
    for phone in ("abc", "not a phone", "12 34"):
        said = {"driver": "Elena", "phone": phone}
        page = page_of(desk.post(f"/visits/{visit.pk}/ride/", said, follow=True))
        assert "Write their phone number in digits, such as 212 555 0100, or leave it empty." in page
        assert "The ride home is written down." not in page
    assert not RideHome.objects.exists()
    desk.post(f"/visits/{visit.pk}/ride/", {"driver": "Elena", "phone": ""})
    assert RideHome.objects.get().driver == "Elena"


def test_visit_of_another_clinic_is_not_found(clinic: Clinic) -> None:
    [visit] = book(factories.create_order(clinic, template=PREPARED), clinic, how_many=1)
    stranger = signed_in(factories.create_clinic(), DESK)
    assert stranger.post(f"/visits/{visit.pk}/ride/", {"driver": "Elena"}).status_code == 404
