"""The next step under the thumb: what it asks, what stands in its way, exits with other times, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from notifications.rides import name_driver
from scheduling.booking import Pick, book_series
from scheduling.models import Appointment, CheckKind, Clinic, OrderVersion, Role, Status, User, VisitCheck
from scheduling.visits import record_step
from tests import factories
from tests.factories import SIX, checks_for
from tests.scheduling.running import NINE, book, minutes, nurse
from tests.scheduling.test_step_demands import bring
from tests.web.pages import DESK, NURSE, PRESCRIBER, page_of, shows, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_half_past")]
STRICT: dict[str, Any] = {
    **SIX, "ride_home": True, "fasting": {"solids_hours": 6, "clear_liquids_hours": 2},
    "observe_minutes": 45, "cleared_by": "prescriber",
}  # fmt: skip


@pytest.fixture
def at_half_past() -> Iterator[None]:
    """Half past nine."""
    with time_machine.travel(NINE + minutes(30), tick=False):
        yield


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=3, nurses=2)


@pytest.fixture
def client(clinic: Clinic) -> Client:
    return signed_in(clinic, NURSE)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    """Seated at ten past nine."""
    visit = book(clinic, template=STRICT)
    bring(visit, nurse(clinic), Status.SEATED)
    return visit


def at(visit: Appointment, path: str = "next") -> str:
    return f"/visits/{visit.pk}/{path}/"


def press(client: Client, visit: Appointment, to: Status, **said: str) -> str:
    page = page_of(client.post(at(visit, "step"), {"to": to.value, "back": "today", **said}, follow=True))
    visit.refresh_from_db()
    return page


def test_arrival_asks_who_it_is_with_what_is_on_file_to_compare(clinic: Clinic, client: Client) -> None:
    visit = book(clinic, NINE + minutes(45))
    page = page_of(client.get(at(visit)))
    assert shows(page, visit.patient.legal_name)
    assert "February 3, 1980" in page
    assert [f'value="{code}"' in page for code in ("birth_date", "phone", "address", "photo_id")] == [True] * 4
    assert "Ask who it is first" in press(client, visit, Status.ARRIVED)
    assert visit.status == Status.BOOKED
    with time_machine.travel(visit.period.lower, tick=False):
        press(client, visit, Status.ARRIVED, identity="phone")
    assert visit.status == Status.ARRIVED


def test_the_desk_may_record_an_arrival_here_and_nothing_else(clinic: Clinic, visit: Appointment) -> None:
    desk, coming = signed_in(clinic, DESK), book(clinic, NINE + minutes(45))
    assert 'value="birth_date"' in page_of(desk.get(at(coming)))
    page = page_of(desk.get(at(visit)))
    assert "Start infusion" not in page
    assert "Ends otherwise" not in page


def test_the_start_shows_what_was_said_and_takes_one_press_more(clinic: Clinic, client: Client) -> None:
    visit, by = book(clinic, template=STRICT), nurse(clinic)
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    for to in (Status.ARRIVED, Status.SEATED):
        record_step(appointment=visit, to=to, happened_at=NINE, checks=checks_for(to), by=by, now=NINE)
    with time_machine.travel(NINE - timedelta(hours=2), tick=False):
        name_driver(visit=Appointment.objects.get(pk=visit.pk), driver="Elena Reyes", phone="", by=desk, now=NINE)
    page = page_of(client.get(at(visit)))
    assert "Elena Reyes" in page
    assert 'name="ride" value="settled" checked' in page
    assert 'name="fasting" value="kept" required' in page
    page = press(client, visit, Status.INFUSING, identity="birth_date", ride="settled")
    assert "Nobody has asked whether the patient kept the fast." in page
    press(client, visit, Status.INFUSING, identity="birth_date", ride="settled", fasting="kept")
    assert visit.status == Status.INFUSING
    rows = VisitCheck.objects.filter(appointment=visit, step="infusing").values_list("kind", flat=True)
    assert sorted(rows) == ["fasting", "identity", "ride"]


def test_a_fast_that_was_not_kept_is_written_down_and_a_prescriber_may_let_it_pass(
    clinic: Clinic, client: Client, visit: Appointment
) -> None:
    page = press(client, visit, Status.INFUSING, identity="birth_date", fasting="broken")
    assert "The infusion is not started." in page
    assert "A prescriber may let it pass." in page
    doctor = factories.create_user(clinic, PRESCRIBER)
    said = {"kind": "fasting", "reason": "black coffee", "prescriber": str(doctor.pk)}
    assert "Read it back" in page_of(client.post(at(visit, "pass"), said, follow=True))
    client.post(at(visit, "pass"), {**said, "read_back": "1", "heard_at": "09:20"})
    row = VisitCheck.objects.get(appointment=visit, passed_by=doctor)
    assert (row.kind, row.reason, row.heard_at) == (CheckKind.FASTING, "black coffee", NINE + minutes(20))
    press(client, visit, Status.INFUSING, identity="birth_date")
    assert visit.status == Status.INFUSING


def one_here_and_one_who_left(clinic: Clinic) -> tuple[User, User]:
    """Two prescribers."""
    here, left = factories.create_user(clinic, PRESCRIBER), factories.create_user(clinic, PRESCRIBER)
    left.is_active = False
    left.save(update_fields=["is_active"])
    return here, left


def test_what_was_typed_of_a_word_stays_where_something_is_missing(
    clinic: Clinic, client: Client, visit: Appointment
) -> None:
    press(client, visit, Status.INFUSING, identity="birth_date", fasting="broken")
    doctor, gone = one_here_and_one_who_left(clinic)
    said = {"kind": "fasting", "reason": "black coffee & milk", "heard_at": "09:20"}
    named = {"prescriber": str(doctor.pk)}
    read_back = {"read_back": "1"}
    for sent, missing in (
        (said | read_back, "Say whose word it is."),
        (said | read_back | {"prescriber": str(gone.pk)}, "Something is missing."),
        (said | named, "Read it back to the prescriber first"),
        (said | named | read_back | {"reason": " "}, "Say why it is let pass."),
    ):
        page = page_of(client.post(at(visit, "pass"), sent))
        assert shows(page, missing)
        assert f'required value="{escape(sent["reason"])}"' in page
        assert f'name="heard_at" value="{sent["heard_at"]}"' in page
        assert (f'<option value="{doctor.pk}" selected>' in page) == (sent.get("prescriber") == str(doctor.pk))
        assert ('name="read_back" value="1" required checked' in page) == ("read_back" in sent)
    assert not VisitCheck.objects.filter(appointment=visit, kind=CheckKind.FASTING).exclude(passed_by=None).exists()


def test_a_discharge_refused_beside_the_board_stays_there_and_leads_to_what_is_missing(
    clinic: Clinic, client: Client
) -> None:
    visit = book(clinic, NINE - minutes(45), template=STRICT)
    bring(visit, nurse(clinic), Status.RECOVERING)
    beside, address = {"HX-Request": "true"}, f"/visits/{visit.pk}/step/"
    to_the_step = f'<a class="button button--main" href="{at(visit)}">Discharge</a>'
    assert to_the_step not in page_of(client.get(f"/visits/{visit.pk}/", headers=beside))
    page = page_of(client.post(address, {"to": "completed"}, headers=beside, follow=True))
    assert "<html" not in page, "a whole page would be drawn beside the board"
    assert 'class="panel"' in page
    assert "observation" in page.split('class="panel__messages"')[1].split("</div>")[0]
    assert to_the_step in page
    assert client.post(address, {"to": "completed"}).headers["Location"] == at(visit)


def test_discharge_waits_for_observation_and_word_with_a_way_out(clinic: Clinic, client: Client) -> None:
    visit = book(clinic, NINE - minutes(45), template=STRICT)
    bring(visit, nurse(clinic), Status.RECOVERING)
    page = page_of(client.get(at(visit)))
    assert "It lasts until 10:05 AM." in page
    assert re.search(r'name="do" value="ask" formnovalidate>Ask the prescriber', page)
    for name in ("reason", "prescriber", "read_back"):
        assert re.search(rf'name="{name}"[^>]* required', page), "what was typed is not lost for what was left out"
    assert "35 min left" in page
    assert "Ends otherwise" in page
    page = page_of(client.post(at(visit, "pass"), {"kind": "observed", "reason": "", "do": "ask"}, follow=True))
    assert "The prescriber is asked." in page
    doctor = factories.create_user(clinic, PRESCRIBER)
    with time_machine.travel(NINE + minutes(70), tick=False):
        page = page_of(client.get(at(visit)))
        assert "wants a prescriber to clear" in page
        press(client, visit, Status.COMPLETED, prescriber=str(doctor.pk), read_back="1")
    assert visit.status == Status.COMPLETED


def test_a_word_is_heard_from_prescribers_who_work_here_at_a_time_and_they_counter_sign_it(
    clinic: Clinic, client: Client, visit: Appointment
) -> None:
    press(client, visit, Status.INFUSING, identity="birth_date", fasting="broken")
    lee, gone = one_here_and_one_who_left(clinic)
    page = page_of(client.get(at(visit)))
    assert (f'<option value="{lee.pk}">' in page, f'<option value="{gone.pk}">' in page) == (True, False)
    assert 'type="time" name="heard_at" value="09:30"' in page
    said = {"kind": "fasting", "reason": "black coffee", "prescriber": str(gone.pk), "read_back": "1"}
    assert "Something is missing." in page_of(client.post(at(visit, "pass"), said, follow=True))
    client.post(at(visit, "pass"), {**said, "prescriber": str(lee.pk), "heard_at": "09:20"})
    browser = Client()
    browser.force_login(lee)
    inbox = page_of(browser.get("/clinician/"))
    assert "Infusion 1 of 6: let pass, fasting" in inbox
    assert "You said it on Tue, Jan 5 at 9:20 AM;" in inbox
    row = VisitCheck.objects.get(appointment=visit, passed_by=lee)
    assert "Signed:" in page_of(browser.post(f"/clinician/said/check/{row.pk}/sign/", follow=True))
    assert "let pass, fasting" not in page_of(browser.get("/clinician/"))


def test_what_was_heard_before_the_end_of_the_infusion_is_refused_in_words(clinic: Clinic, client: Client) -> None:
    visit = book(clinic, NINE - minutes(45), template=STRICT)
    bring(visit, nurse(clinic), Status.RECOVERING)
    heard = {"prescriber": str(factories.create_user(clinic, PRESCRIBER).pk), "read_back": "1", "heard_at": "07:30"}
    page = page_of(client.post(at(visit, "pass"), {"kind": "observed", "reason": "awake", **heard}, follow=True))
    assert shows(page, "It can't have been said then: after the infusion was over, within the last day.")
    with time_machine.travel(NINE + minutes(70), tick=False):
        page = press(client, visit, Status.COMPLETED, **heard)
        assert shows(page, "It can't have been said then: after the infusion was over, within the last day.")
        assert "wants a prescriber to clear" in page
    assert visit.status == Status.RECOVERING


def test_a_prescriber_lets_go_what_the_nurse_may_not(clinic: Clinic, visit: Appointment) -> None:
    doctor = factories.create_user(clinic, PRESCRIBER)
    browser = Client()
    browser.force_login(doctor)
    with time_machine.travel(NINE + minutes(70), tick=False):
        for to in (Status.INFUSING, Status.RECOVERING):
            press(browser, visit, to, **({"identity": "phone"} if to == Status.INFUSING else {}))
        page = page_of(browser.post(at(visit, "clear"), follow=True))
        assert "Cleared to leave." in page
        assert f"Cleared to leave by {doctor.shown_name}, 10:10 AM" in page
        assert at(visit, "clear") not in page, "once is enough"
        page_of(browser.post(at(visit, "pass"), {"kind": "observed", "reason": "awake"}, follow=True))
        press(signed_in(clinic, NURSE), visit, Status.COMPLETED)
    assert visit.status == Status.COMPLETED


def test_not_treated_today_offers_times_from_the_fasting_clock_and_books_in_one_press(
    clinic: Clinic, client: Client, visit: Appointment
) -> None:
    said = {"to": "turned_away", "why": "not_fasting", "ate": "07:00", "row_version": visit.row_version}
    page = page_of(client.post(at(visit, "exit"), {**said, "do": "look"}))
    assert "they could start from 1:00 PM" in page
    visit.refresh_from_db()
    assert visit.status == Status.SEATED
    starts = [part.split('"')[0] for part in page.split('name="start" value="')[1:]]
    assert min(map(datetime.fromisoformat, starts)) == NINE + timedelta(hours=4)
    page = page_of(client.post(at(visit, "exit"), {**said, "start": starts[0]}, follow=True))
    assert "Not treated now. Booked again for Tuesday, January 5 at 1:00 PM." in page
    visit.refresh_from_db()
    again = Appointment.objects.exclude(pk=visit.pk).get(order=visit.order)
    assert (visit.status, again.status, again.dose_number) == (Status.TURNED_AWAY, Status.BOOKED, 1)


def test_an_exit_is_asked_how_and_why(clinic: Clinic, client: Client, visit: Appointment) -> None:
    page = page_of(client.post(at(visit, "exit"), {"row_version": visit.row_version}))
    assert "Please look at this again" in page
    said = {"to": "transferred", "why": "readings", "words": "911 called", "row_version": visit.row_version}
    client.post(at(visit, "exit"), {**said, "happened_at": "09:20"})
    visit.refresh_from_db()
    assert (visit.status, visit.left_at) == (Status.TRANSFERRED, NINE + minutes(20))
    page = page_of(client.get(at(visit)))
    assert "left at 9:20 AM" in page
    assert "Take back “transferred”" in page
    desk = page_of(signed_in(clinic, DESK).get(f"/visits/{visit.pk}/"))
    assert "left at 9:20 AM" in desk
    assert "911 called" not in desk
    assert "Readings" not in desk


def test_last_step_is_taken_back_from_the_list(clinic: Clinic, client: Client) -> None:
    visit = book(clinic, NINE + minutes(30))
    press(client, visit, Status.ARRIVED, identity="phone")
    page = page_of(client.get("/today/"))
    assert f'aria-label="Take back “arrived”: {visit.patient.shown_name}"' in page
    page = page_of(
        client.post(at(visit, "take-back"), {"row_version": visit.row_version, "back": "today"}, follow=True)
    )
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED
    assert "Taken back. The visit is “booked” again." in page


def test_taking_back_from_an_old_page_changes_nothing(clinic: Clinic, client: Client, visit: Appointment) -> None:
    old = visit.row_version - 1
    page = page_of(client.post(at(visit, "take-back"), {"row_version": old, "back": "today"}, follow=True))
    visit.refresh_from_db()
    assert visit.status == Status.SEATED
    assert "Someone changed this visit" in page


def test_next_things_stand_in_order_with_chair_and_who_owes_them(clinic: Clinic, client: Client) -> None:
    by = nurse(clinic)
    seated, recovering = book(clinic, NINE), book(clinic, NINE - minutes(45), template=STRICT)
    bring(recovering, by, Status.RECOVERING)
    bring(seated, by, Status.SEATED)
    coming = book(clinic, NINE + minutes(60))
    page = page_of(client.get("/today/"))
    rail = page[page.index('id="next-title"') : page.index('id="here-title"')]
    # By the name the order was signed with.
    [signer] = OrderVersion.objects.filter(order=recovering.order).values_list("signed_name", flat=True)
    assert signer
    words = ["9:25 AM", "line, Chair", "10:00 AM", "arrives", "10:05 AM", f"{signer} owes a clearance"]
    found = [rail.index(word) for word in words]
    assert found == sorted(found)
    assert rail.count("<li") == 3
    assert f"/visits/{coming.pk}/next/" in rail


@pytest.mark.parametrize("visits", [1, 3])
def test_page_with_people_here_takes_eight_queries(
    clinic: Clinic, client: Client, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    by = nurse(clinic)
    for index in range(visits):
        bring(book(clinic, NINE - minutes(45 - 15 * index), template=STRICT), by, Status.SEATED)
    with django_assert_num_queries(8):
        page = page_of(client.get("/today/"))
    assert page.count("Start infusion:") == visits


def test_changes_are_asked_for_by_version(clinic: Clinic, client: Client, visit: Appointment) -> None:
    page = page_of(client.get("/today/"))
    version = page.split("changes/?version=")[1].split('"')[0]
    assert client.get(f"/today/changes/?version={version}").status_code == 204
    with time_machine.travel(NINE + minutes(31), tick=False):
        assert client.get(f"/today/changes/?version={version}").status_code == 200
    press(client, visit, Status.INFUSING, identity="phone")
    answer = client.get(f"/today/changes/?version={version}")
    assert "infusion over" in page_of(answer)


def test_who_is_booked_elsewhere_is_told_where(clinic: Clinic, client: Client) -> None:
    north = factories.create_clinic(clinic.organisation)
    visit = book(north, NINE + minutes(60))
    assert client.get(at(visit)).status_code == 404
    page = page_of(client.post("/today/not-on-the-list/", {"text": visit.patient.family_name}))
    assert f"Booked today at 10:00 AM, but at {north.name}." in page
    stranger = book(factories.create_clinic(), NINE + minutes(60))
    page = page_of(client.post("/today/not-on-the-list/", {"text": stranger.patient.family_name}))
    assert "Nobody is found." in page


def test_a_prescriber_signs_a_start_against_what_stood_in_the_way(clinic: Clinic, visit: Appointment) -> None:
    doctor, path = signed_in(clinic, PRESCRIBER), f"/clinician/visits/{visit.pk}/started/"
    assert "It was started all the same" in page_of(doctor.get(at(visit)))
    said = {"started_at": "09:20", "row_version": visit.row_version}
    assert doctor.post(path, said).status_code == 409
    page = page_of(doctor.post(path, {**said, "reason": "urgent"}, follow=True))
    visit.refresh_from_db()
    assert "Signed. The start is recorded." in page
    assert (visit.status, visit.given_at) == (Status.INFUSING, NINE + minutes(20))


def test_names_alike_are_marked_with_the_birth_date(clinic: Clinic, client: Client) -> None:
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    for given in ("Maria", "Marta"):
        patient = factories.create_patient(clinic, given_name=given, family_name="Gonzalez")
        order = factories.create_order(clinic, patient)
        book_series(order=order, clinic=clinic, picks=[Pick(1, NINE + minutes(60))], by=by, now=NINE)
    page = page_of(client.get("/today/"))
    assert page.count("Feb 3, 1980") == 2
