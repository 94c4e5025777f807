"""Opening hours and shifts on a page: what a new week affects stands before it is saved."""

from __future__ import annotations

from datetime import time

import pytest
from django.test import Client

from scheduling.models import Appointment, Clinic, ClinicHours, Event, Resource, Role, Shift
from scheduling.opening_hours import change_hours
from tests import factories
from tests.scheduling.running import NINE, book, chair, nurse_of
from tests.web.pages import page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1, nurses=1)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    """Tuesday at nine."""
    return book(clinic, NINE)


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return signed_in(clinic, Role.MANAGER)


def week(**said: str) -> dict[str, str]:
    """Open from eight to six, but for the days that are said."""
    days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-18:00") | said
    fields = {}
    for day, spans in days.items():
        for at, span in enumerate(spans.split(",") if spans else []):
            fields[f"{day}_{at}_from"], fields[f"{day}_{at}_to"] = span.split("-")
    return fields


def test_form_shows_the_week_there_is(manager: Client) -> None:
    page = page_of(manager.get("/setup/hours/"))
    assert page.count('value="08:00"') == page.count('value="18:00"') == 5


def test_visits_are_shown_and_nothing_is_written(clinic: Clinic, manager: Client, visit: Appointment) -> None:
    page = page_of(manager.post("/setup/hours/", week(tue="10:00-18:00") | {"do": "look"}))
    assert visit.patient.shown_name in page
    assert "Nearest free times:" in page
    assert "<dt>Tuesday</dt><dd>10:00 AM – 6:00 PM</dd>" in page
    assert '<dt>Sunday</dt><dd><span class="quiet">none</span></dd>' in page
    assert ClinicHours.objects.filter(clinic=clinic, opens=time(10)).count() == 0
    nothing = page_of(manager.post("/setup/hours/", week(tue="08:00-18:00") | {"do": "look"}))
    assert "None: nothing that is booked needs it." in nothing


def test_week_is_saved_with_its_break(clinic: Clinic, manager: Client, visit: Appointment) -> None:
    answer = manager.post("/setup/hours/", week(tue="10:00-12:00,13:00-18:00") | {"do": "save"}, follow=True)
    assert answer.redirect_chain == [("/setup/", 302)]
    rows = ClinicHours.objects.filter(clinic=clinic, weekday="tue").order_by("opens")
    assert list(rows.values_list("opens", "closes")) == [(time(10), time(12)), (time(13), time(18))]
    assert Event.objects.filter(verb="clinic.hours_changed").count() == 1
    assert visit.patient.shown_name in page_of(manager.get("/absences/"))


def test_what_somebody_else_changed_meanwhile_is_looked_at_again(clinic: Clinic, manager: Client) -> None:
    page = page_of(manager.get("/setup/hours/"))
    mark = page.split('name="mark" value="')[1].split('"')[0]
    by = factories.create_actor(clinic, Role.MANAGER)
    change_hours(clinic=clinic, hours={"mon": [(time(9), time(17))]}, by=by, now=factories.NOW)
    sent = week(tue="10:00-18:00") | {"do": "save", "mark": mark}
    page = page_of(manager.post("/setup/hours/", sent))
    assert "Somebody else changed these times meanwhile." in page
    assert 'value="10:00"' in page
    assert ClinicHours.objects.filter(clinic=clinic).count() == 1


def test_tuesday_to_friday_as_monday(manager: Client) -> None:
    page = page_of(manager.post("/setup/hours/", {"mon_0_from": "07:00", "mon_0_to": "15:00", "do": "copy"}))
    assert page.count('value="07:00"') == page.count('value="15:00"') == 5


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ("10:00-", "Say both times, or leave both empty."),
        ("10:00-09:00", "It ends after it begins."),
        ("10:02-12:00", "Times are in steps of 5 minutes."),
        ("08:00-12:00,11:00-13:00", "It overlaps the times before it."),
        ("soon-late", "Enter a valid time."),
    ],
)
def test_nonsense_is_asked_again(clinic: Clinic, manager: Client, span: str, words: str) -> None:
    answer = manager.post("/setup/hours/", week(tue=span) | {"do": "save"})
    assert answer.status_code == 422
    assert words in page_of(answer)
    assert ClinicHours.objects.filter(clinic=clinic).count() == 5


def test_shifts_of_a_nurse(clinic: Clinic, manager: Client, visit: Appointment) -> None:
    nurse = nurse_of(clinic, 1)
    address = f"/setup/resources/{nurse.pk}/shifts/"
    page = page_of(manager.post(address, week(tue="12:00-18:00") | {"do": "look"}))
    assert visit.patient.shown_name in page
    assert "The nurse of this visit is away." in page
    answer = manager.post(address, week(tue="12:00-18:00") | {"do": "save"}, follow=True)
    assert answer.redirect_chain == [("/setup/nurses/", 302)]
    assert Shift.objects.filter(resource=nurse, weekday="tue", starts=time(12)).count() == 1


def test_a_chair_has_no_shifts(clinic: Clinic, manager: Client) -> None:
    assert manager.get(f"/setup/resources/{chair(clinic, 1).pk}/shifts/").status_code == 404
    foreign = Resource.objects.filter(clinic=factories.create_clinic(), kind="nurse").earliest("pk")
    assert manager.get(f"/setup/resources/{foreign.pk}/shifts/").status_code == 404


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.AUDITOR])
def test_others_are_told_whose_page_it_is(clinic: Clinic, role: Role) -> None:
    answer = signed_in(clinic, role).get("/setup/hours/")
    assert answer.status_code == 403
    assert "This page is for: Manager." in page_of(answer)
