"""Recording what is not there: what it affects is shown first, then it is written, listed and ended."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.calls import CallEnd, ask_to_call, settle_call
from notifications.models import CallKind, CallTask
from scheduling.intervals import Interval
from scheduling.models import Absence, AbsenceKind, Appointment, Clinic, Closure, Event, Role
from scheduling.opening_hours import record_closure
from tests import factories
from tests.factories import NOW
from tests.scheduling.planned import at
from tests.scheduling.running import NINE, book, chair, minutes, nurse_of
from tests.web.pages import DESK, NURSE, PRESCRIBER, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
TUESDAY = {"from_day": "2027-01-05", "to_day": "2027-01-05"}


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1, nurses=1)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    return book(clinic)


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return signed_in(clinic, Role.MANAGER)


def away(clinic: Clinic, **more: object) -> dict[str, object]:
    return TUESDAY | {"resource": nurse_of(clinic, 1).pk, "kind": "away", "reason": "", **more}


def test_what_is_affected_is_shown_with_the_nearest_free_times_and_nothing_is_written(
    clinic: Clinic, manager: Client, visit: Appointment
) -> None:
    page = page_of(manager.post("/absences/new/", away(clinic, do="look")))
    assert visit.patient.shown_name in page
    assert "The nurse of this visit is away." in page
    [nearest] = re.findall(r"Nearest free times: (.*?)</span>", page)
    # Nearest to Tuesday at nine, but never on the Tuesday on which the nurse is away.
    assert nearest == "Mon, Jan 4, 3:30 PM; Mon, Jan 4, 3:45 PM; Mon, Jan 4, 4:00 PM"
    assert "<dd>Tue, Jan 5</dd>" in page
    assert Absence.objects.count() == 0


def test_what_lies_far_ahead_is_said_with_its_year(clinic: Clinic, manager: Client) -> None:
    far = {"from_day": "2028-01-04", "to_day": "2028-01-05"}
    page = page_of(manager.post("/absences/new/", away(clinic, do="look") | far))
    assert "<dd>Tue, Jan 4, 2028 – Wed, Jan 5, 2028</dd>" in page
    page = page_of(manager.post("/absences/new/", away(clinic, do="save") | far, follow=True))
    assert "Tue, Jan 4, 2028 – Wed, Jan 5, 2028" in page


def test_what_was_said_is_changed_or_written(clinic: Clinic, manager: Client, visit: Appointment) -> None:
    page = page_of(manager.post("/absences/new/", away(clinic, do="change")))
    assert 'value="2027-01-05"' in page
    page = page_of(manager.post("/absences/new/", away(clinic, do="save"), follow=True))
    assert "Written down." in page
    assert "Visits that no longer stand" in page
    assert f"/visits/{visit.pk}/move/" in page
    assert "The nurse of this visit is away." in page
    absence = Absence.objects.get()
    assert (absence.kind, absence.period.lower) == (AbsenceKind.AWAY, at("2027-01-05", "00:00"))


def test_listed_visit_leaves_the_list_once_it_is_moved(clinic: Clinic, manager: Client, visit: Appointment) -> None:
    manager.post("/absences/new/", away(clinic, do="save"))
    sent = {"start": at("2027-01-06").isoformat(), "row_version": visit.row_version, "key": "k"}
    manager.post(f"/visits/{visit.pk}/move/", sent)
    assert "Every booked visit has its people, its chair and its hours." in page_of(manager.get("/absences/"))


def test_the_page_leads_to_the_calls_about_what_no_longer_stands(
    clinic: Clinic, manager: Client, visit: Appointment
) -> None:
    page = page_of(manager.post("/absences/new/", away(clinic, do="save"), follow=True))
    link = '<a class="button" href="/calls/">'
    assert link in page
    assert "to make about these" not in page
    for key, about in (("one", visit.pk), ("two", visit.pk), ("another", None)):
        ask_to_call(
            key=key, kind=CallKind.CANNOT_REACH, clinic=clinic, patient=visit.patient, visit_id=about,
            by=factories.system(), now=NOW,
        )  # fmt: skip
    assert "2 calls to make about these" in page_of(manager.get("/absences/"))
    settle_call(task=CallTask.objects.get(task_key="one"), ended=CallEnd.SPOKE, by=factories.system(), now=NOW)
    assert "1 call to make about these" in page_of(manager.get("/absences/"))
    # Calls are the desk's: for a nurse the page behind it would not open.
    assert link not in page_of(signed_in(clinic, NURSE).get("/absences/"))


def test_nobody_affected_is_said(clinic: Clinic, manager: Client) -> None:
    assert "None: nothing that is booked needs it." in page_of(manager.post("/absences/new/", away(clinic, do="look")))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"to_day": "2027-01-04"}, "It ends after it begins."),
        ({"to_day": "2029-01-04"}, "At most a year at once."),
        ({"from_time": "10:00", "to_time": "09:00"}, "It ends after it begins."),
        ({"from_day": "2027-03-14", "to_day": "2027-03-15", "from_time": "02:30"}, "The clocks skip this time"),
        ({"from_day": "soon"}, "Enter a valid date."),
        ({"resource": "0"}, "Select a valid choice."),
        ({"kind": "block"}, "Select a valid choice."),
    ],
)
def test_nonsense_is_asked_again(clinic: Clinic, manager: Client, said: dict[str, str], words: str) -> None:
    page = page_of(manager.post("/absences/new/", away(clinic, do="save", **said)))
    assert words in page
    assert Absence.objects.count() == 0


def test_somebody_elses_chair_is_no_choice(clinic: Clinic, manager: Client) -> None:
    foreign = chair(factories.create_clinic(chairs=1), 1)
    assert "Select a valid choice." in page_of(
        manager.post("/absences/new/", away(clinic, do="save", resource=foreign.pk))
    )


def test_absence_is_ended_and_what_it_affected_stands_again(clinic: Clinic, visit: Appointment) -> None:
    nurse = signed_in(clinic, NURSE)
    nurse.post("/absences/new/", away(clinic, do="save"))
    page = page_of(nurse.post(f"/absences/{Absence.objects.get().pk}/end/", follow=True))
    assert "There again from now on." in page
    assert "Everybody and everything is there." in page
    assert "Every booked visit has its people, its chair and its hours." in page


def test_clinic_is_closed_and_opened_again(clinic: Clinic, manager: Client, visit: Appointment) -> None:
    said = TUESDAY | {"from_time": "08:00", "to_time": "12:00", "reason": "snow"}
    page = page_of(manager.post("/absences/close/", said | {"do": "look"}))
    assert "The clinic is closed for at least a part of this visit." in page
    assert "Tue, Jan 5, 8:00 AM – 12:00 PM" in page
    page = page_of(manager.post("/absences/close/", said | {"do": "save"}, follow=True))
    assert "snow" in page
    assert visit.patient.shown_name in page
    page = page_of(manager.post(f"/closures/{Closure.objects.get().pk}/end/", follow=True))
    assert "The clinic is open again." in page
    assert Closure.objects.count() == 0


def test_desk_keeps_chairs_free_until_a_time_and_lets_them_go(clinic: Clinic) -> None:
    desk = signed_in(clinic, DESK)
    said = TUESDAY | {
        "resources_kept": [chair(clinic, 1).pk],
        "label": "for whoever is urgent",
        "release_day": "2027-01-05",
        "release_time": "07:30",
    }
    assert "for whoever is urgent" in page_of(desk.post("/absences/block/", said | {"do": "look"}))
    page = page_of(desk.post("/absences/block/", said | {"do": "save"}, follow=True))
    assert "kept free" in page
    assert "let go on Tue, Jan 5 at 7:30 AM" in page
    assert Absence.objects.get().release_at == at("2027-01-05", "07:30")
    page = page_of(desk.post(f"/absences/{Absence.objects.get().pk}/end/", follow=True))
    assert "Let go: it may be booked." in page
    assert "Everybody and everything is there." in page


@pytest.mark.parametrize(
    ("role", "new", "block", "close"),
    [
        (Role.FRONT_DESK, 403, 200, 403),
        (Role.NURSE, 200, 403, 403),
        (Role.MANAGER, 200, 200, 200),
        (Role.PRESCRIBER, 403, 403, 403),
    ],
)
def test_who_may_record_what(clinic: Clinic, role: Role, new: int, block: int, close: int) -> None:
    client = signed_in(clinic, role)
    page = page_of(client.get("/absences/"))
    for path, status in (("new", new), ("block", block), ("close", close)):
        assert client.get(f"/absences/{path}/").status_code == status
        assert (f'href="/absences/{path}/"' in page) == (status == 200)


def test_who_may_not_record_an_absence_does_not_end_one(clinic: Clinic, manager: Client) -> None:
    manager.post("/absences/new/", away(clinic, do="save"))
    pk = Absence.objects.get().pk
    desk = signed_in(clinic, DESK)
    assert f"/absences/{pk}/end/" not in page_of(desk.get("/absences/"))
    for client in (desk, signed_in(clinic, PRESCRIBER)):
        assert client.post(f"/absences/{pk}/end/").status_code == 403
    stranger = signed_in(factories.create_clinic(clinic.organisation), Role.MANAGER)
    assert stranger.post(f"/absences/{pk}/end/").status_code == 404
    assert signed_in(clinic, Role.AUDITOR).get("/absences/").status_code == 403
    assert Absence.objects.count() == 1


@pytest.mark.parametrize("visits", [1, 3])
def test_list_takes_thirteen_queries(
    clinic: Clinic, manager: Client, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for index in range(visits):
        book(clinic, NINE + minutes(index * 150))
    manager.post("/absences/new/", away(clinic, do="save"))
    with django_assert_num_queries(13):
        page = page_of(manager.get("/absences/"))
    assert page.count("The nurse of this visit is away.") == visits


def test_a_closure_within_a_day_is_told_by_night_with_a_reason_by_a_manager_alone(
    clinic: Clinic, manager: Client
) -> None:
    soon, far = (
        record_closure(
            clinic=clinic, period=Interval(at(day, "09:00"), at(day, "18:00")), by=factories.system(), now=factories.NOW
        )
        for day in ("2027-01-04", "2027-01-06")
    )
    page = page_of(manager.get("/absences/"))
    assert page.count("Tell patients now, at night too") == 1
    assert f"/closures/{soon.pk}/tell-by-night/" in page
    for closure, reason in ((soon, " "), (far, "ice on the roads")):
        page = page_of(manager.post(f"/closures/{closure.pk}/tell-by-night/", {"reason": reason}, follow=True))
        assert shows(page, "Say why it can't wait; only a closure within a day is told at night.")
    assert signed_in(clinic, DESK).post(f"/closures/{soon.pk}/tell-by-night/", {"reason": "ice"}).status_code == 403
    assert not Event.objects.filter(verb="clinic.closure_told_by_night").exists()
    page = page_of(manager.post(f"/closures/{soon.pk}/tell-by-night/", {"reason": "ice on the roads"}, follow=True))
    assert "Patients are told at once, in quiet hours too." in page
    event = Event.objects.get(verb="clinic.closure_told_by_night")
    assert (event.reason, event.data["closure"], event.user_id is None) == ("ice on the roads", soon.pk, False)


def test_openings_stand_a_row_and_one_press_moves_the_visit(
    clinic: Clinic, manager: Client, visit: Appointment
) -> None:
    manager.post("/absences/new/", away(clinic, do="save"))
    assert "Free times for each" in page_of(manager.get("/absences/"))
    page = page_of(manager.get("/absences/?times=1"))
    starts = re.findall(r'name="start" value="([^"]+)"', page)
    assert len(starts) == 3
    [version] = re.findall(r'name="row_version" value="(\d+)"', page)
    manager.post(f"/visits/{visit.pk}/move/", {"start": starts[0], "row_version": version, "key": "k"})
    visit.refresh_from_db()
    assert visit.period.lower.isoformat() == starts[0] or visit.period.lower == at("2027-01-04", "15:30")
    assert "Every booked visit has its people" in page_of(manager.get("/absences/?times=1"))


def test_what_comes_soonest_stands_first_be_it_the_whole_clinic_or_a_nurse(clinic: Clinic, manager: Client) -> None:
    Closure.objects.create(clinic=clinic, period=(at("2027-12-24", "00:00"), at("2027-12-27", "00:00")), reason="feast")
    manager.post("/absences/new/", away(clinic, do="save", reason="flu"))
    Closure.objects.create(clinic=clinic, period=(at("2027-01-04", "15:00"), at("2027-01-04", "23:00")), reason="snow")
    Closure.objects.create(clinic=clinic, period=(at("2027-01-02", "00:00"), at("2027-01-03", "00:00")), reason="over")
    page = page_of(manager.get("/absences/"))
    assert re.findall(r"\b(feast|flu|snow|over)</span>", page) == ["snow", "flu", "feast"]
