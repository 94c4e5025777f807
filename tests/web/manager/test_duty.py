"""The duty list: who is on it, who may change it, where alerts reach whom."""

from __future__ import annotations

import pytest
from django.test import Client

from notifications.models import DutyShift, StaffContact
from scheduling.models import Clinic, Event, Role
from tests import factories
from tests.web.pages import DESK, NURSE, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
NIGHT = {"from_day": "2027-01-04", "from_time": "18:00", "to_day": "2027-01-05", "to_time": "08:00"}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return signed_in(clinic, Role.MANAGER)


def test_manager_puts_a_clinician_on_duty_and_takes_them_off(clinic: Clinic, manager: Client) -> None:
    cole = factories.create_user(clinic, Role.PRESCRIBER)
    page = page_of(manager.post("/duty/add/", NIGHT | {"person": str(cole.pk), "is_backup": "on"}, follow=True))
    assert shows(page, cole.shown_name)
    assert "no phone or e-mail for alerts" in page
    shift = DutyShift.objects.get()
    assert (shift.user, shift.is_backup, shift.starts_at.isoformat()) == (cole, True, "2027-01-04T23:00:00+00:00")
    manager.post(f"/duty/{shift.pk}/end/")
    assert not DutyShift.objects.exists()


def test_time_that_is_over_is_refused_in_words(clinic: Clinic, manager: Client) -> None:
    cole = factories.create_user(clinic, Role.PRESCRIBER)
    over = {"from_day": "2026-12-01", "to_day": "2026-12-01", "person": str(cole.pk)}
    assert "This time is over." in page_of(manager.post("/duty/add/", over))
    assert not DutyShift.objects.exists()


@pytest.mark.parametrize(("from_day", "to_day"), [("2027-01-04", "9999-12-31"), ("9999-12-31", "9999-12-31")])
def test_the_last_day_there_is_is_no_day_to_end_on(clinic: Clinic, manager: Client, from_day: str, to_day: str) -> None:
    span = {**NIGHT, "from_day": from_day, "from_time": "", "to_day": to_day, "to_time": ""}
    assert "Enter a valid date." in page_of(manager.post("/duty/add/", span))
    assert not DutyShift.objects.exists()


def test_only_clinicians_can_be_chosen(clinic: Clinic, manager: Client) -> None:
    ana = factories.create_user(clinic, DESK)
    manager.post("/duty/add/", NIGHT | {"person": str(ana.pk)})
    assert not DutyShift.objects.exists()


def test_nurse_sees_it_sets_their_own_contact_and_nothing_else(clinic: Clinic) -> None:
    nurse = signed_in(clinic, NURSE)
    assert nurse.get("/duty/").status_code == 200
    assert nurse.post("/duty/add/", NIGHT).status_code == 403
    nurse.post("/duty/contact/", {"phone": "(212) 555-0150", "email": "ben@harbor.test"})
    assert dict(StaffContact.objects.values_list("channel", "value")) == {
        "sms": "+12125550150",
        "email": "ben@harbor.test",
    }
    assert "ben@harbor.test" in page_of(nurse.get("/duty/"))


def test_contact_that_makes_no_sense_is_refused_in_words(clinic: Clinic) -> None:
    page = page_of(signed_in(clinic, NURSE).post("/duty/contact/", {"phone": "12", "email": ""}))
    assert "No alert could reach this" in page


def test_of_a_contact_that_is_half_right_nothing_is_written_down(clinic: Clinic) -> None:
    nurse, events = signed_in(clinic, NURSE), Event.objects.count()
    page = page_of(nurse.post("/duty/contact/", {"phone": "12", "email": "ben@harbor.test"}))
    assert "No alert could reach this" in page
    assert not StaffContact.objects.exists()
    assert Event.objects.count() == events


def test_desk_may_not_open_it(clinic: Clinic) -> None:
    assert signed_in(clinic, DESK).get("/duty/").status_code == 403
