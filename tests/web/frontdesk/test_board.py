"""The board: one day as chairs or as a list, and the poll that keeps it up to date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from scheduling.cancelling import cancel
from scheduling.models import CancelledBy, Clinic, Role, Status
from scheduling.visits import confirm
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, NURSE, book, book_talk, bring_to, naughty_strings, page_of, shows, signed_in
from web.frontdesk.board_layout import Board, lay_out
from web.frontdesk.board_rows import read_day
from web.live import day_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
TODAY = date(2027, 1, 4)


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=2, prescribers=2)


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def laid_out(clinic: Clinic, day: date = TODAY, *, now: datetime = NOW) -> Board:
    with timezone.override(clinic.time_zone):
        return lay_out(read_day(clinic=clinic, day=day, now=now), now=now)


def poll_address(page: str) -> str:
    """Where the page asks for changes."""
    [address] = re.findall(r'hx-get="(/(?:board|station/today)/changes/[^"]*)"', page)
    return str(address).replace("&amp;", "&")


def test_board_shows_who_comes_and_never_what_is_given(clinic: Clinic, desk: Client) -> None:
    order = factories.create_order(
        clinic, factories.create_patient(clinic, family_name="Reyes", preferred_name="Rosie")
    )
    book(order, clinic)
    page = page_of(desk.get("/"))
    assert "Rosie Reyes" in page
    assert "Infusion 1 of 6" in page
    assert "booked" in page
    assert "8:00 AM – 10:00 AM" in page
    assert "ketamine" not in page
    assert order.title not in page


@pytest.mark.parametrize("visits", [1, 3])
@pytest.mark.parametrize("view", ["chairs", "list"])
def test_board_takes_six_queries(
    clinic: Clinic, desk: Client, visits: int, view: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(visits):
        book(factories.create_order(clinic), clinic)
    with django_assert_num_queries(6):
        page = page_of(desk.get(f"/?view={view}"))
    assert page.count("Infusion 1 of 6") == visits


def test_poll_takes_five_queries_and_gets_nothing_until_something_changes(
    clinic: Clinic, desk: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visit = book(factories.create_order(clinic), clinic)[0]
    address = poll_address(page_of(desk.get("/")))
    with django_assert_num_queries(5):
        unchanged = desk.get(address)
    assert (unchanged.status_code, unchanged.content) == (204, b"")
    confirm(appointment=visit, how="link", by=factories.create_actor(clinic, DESK), now=NOW)
    changed = desk.get(address)
    assert changed.status_code == 200
    assert "confirmed" in page_of(changed)
    assert "<html" not in page_of(changed)
    assert desk.get(poll_address(page_of(changed))).status_code == 204


def test_version_changes_with_every_way_a_day_can_change(clinic: Clinic) -> None:
    bounds = read_day(clinic=clinic, day=TODAY, now=NOW).bounds
    seen = [day_version(clinic, bounds, NOW)]
    first = book(factories.create_order(clinic), clinic)[0]
    seen.append(day_version(clinic, bounds, NOW))
    second = book(factories.create_order(clinic), clinic)[0]
    seen.append(day_version(clinic, bounds, NOW))
    bring_to(first, Status.ARRIVED, clinic=clinic)
    seen.append(day_version(clinic, bounds, NOW))
    by = factories.create_actor(clinic, DESK)
    cancel(appointment=second, side=CancelledBy.PATIENT, reason="patient_asked", by=by, now=NOW)
    seen.append(day_version(clinic, bounds, NOW))
    seen.append(day_version(clinic, bounds, NOW.replace(minute=5)))
    assert len(set(seen)) == len(seen)


def test_visits_stand_in_their_chairs_and_those_without_one_beside_each_other(clinic: Clinic) -> None:
    infusion = book(factories.create_order(clinic), clinic)[0]
    talk = factories.create_visit_type(clinic)
    talks = [book_talk(factories.create_patient(clinic), clinic, talk) for _ in range(2)]
    assert talks[0].period == talks[1].period, "with two prescribers two talk at once"
    board = laid_out(clinic)
    taken = [(column.title, [block.visit.pk for block in column.blocks]) for column in board.columns if column.blocks]
    chair = infusion.claims.get(resource__kind="chair").resource.name
    assert taken == [(chair, [infusion.pk]), ("No chair", [talks[0].pk]), ("No chair", [talks[1].pk])]
    block = next(column for column in board.columns if column.blocks).blocks[0]
    assert (block.spot.row, block.spot.span) == (0, 24)
    assert [span for _, span in block.band] == [2, 3, 8, 9, 2]


def test_chair_left_early_is_one_column_for_both_who_use_it(clinic: Clinic) -> None:
    clinic.resources.filter(kind="chair").exclude(code="chair-1").update(is_active=False)
    first = book(factories.create_order(clinic), clinic, how_many=1)[0]
    nine = datetime(2027, 1, 4, 14, 0, tzinfo=UTC)
    for step, at in ((Status.ARRIVED, NOW), (Status.SEATED, NOW), (Status.LEFT_UNCLEARED, nine)):
        bring_to(first, step, clinic=clinic, now=at)
    second = book(factories.create_order(clinic), clinic, how_many=1, now=nine)[0]
    assert second.period.lower < first.period.upper
    board = laid_out(clinic, now=nine)
    assert [(column.title, len(column.blocks)) for column in board.columns] == [("Chair 1", 2)]


def test_patients_easily_mixed_up_are_marked_with_their_birth_dates(clinic: Clinic) -> None:
    for given, born in (("Maria", date(1960, 3, 4)), ("Marta", date(1988, 9, 19)), ("Lee", date(1970, 1, 1))):
        patient = factories.create_patient(clinic, given_name=given, family_name="Gomez", birth_date=born)
        book(factories.create_order(clinic, patient), clinic)
    alike = sorted((block.visit.patient.given_name, block.alike) for block in laid_out(clinic).blocks)
    assert alike == [("Lee", ""), ("Maria", "born Mar 4, 1960"), ("Marta", "born Sep 19, 1988")]


def test_closed_hours_and_broken_chairs_are_shaded(clinic: Clinic) -> None:
    sunday = laid_out(clinic, date(2027, 1, 10))
    assert sunday.rows.opening == ()
    assert [column.shades[0].spot.span for column in sunday.columns] == [120] * 4
    monday = laid_out(clinic)
    assert [column.shades for column in monday.columns] == [()] * 4


def test_now_is_marked_on_today_alone(clinic: Clinic) -> None:
    ten = datetime(2027, 1, 4, 10, 2, tzinfo=ZoneInfo("America/New_York"))
    now = laid_out(clinic, now=ten).now
    assert now is not None
    assert now.row == 24
    assert laid_out(clinic, date(2027, 1, 5), now=ten).now is None


def test_on_the_day_the_clocks_go_forward_an_hour_is_missing_and_rows_are_elapsed_time() -> None:
    clinic = factories.create_clinic(opens=time(0), closes=time(8))
    clinic.hours.filter(weekday="mon").update(weekday="sun")
    hours = [words for _, words in laid_out(clinic, date(2027, 3, 14)).hours]
    assert hours == ["12 AM", "1 AM", "3 AM", "4 AM", "5 AM", "6 AM", "7 AM"]


def test_names_are_shown_as_typed(clinic: Clinic, desk: Client) -> None:
    talk = factories.create_visit_type(clinic, phases=[{"name": "talk", "minutes": 15, "chair": False}])
    names = [*naughty_strings()[:40], "<b>Bold</b>", "<script>alert(1)</script>"]
    for name in names:
        book_talk(factories.create_patient(clinic, given_name=name), clinic, talk)
    for view in ("chairs", "list"):
        page = page_of(desk.get(f"/?day=2027-01-04&view={view}"))
        assert [name for name in names if not shows(page, name)] == []
        assert "<script>alert" not in page


@pytest.mark.parametrize("day", ["", "nonsense", "2027-13-01", "9999-12-31", "0001-01-01", "<b>"])
def test_nonsense_in_the_address_means_today(desk: Client, day: str) -> None:
    assert "Monday, January 4" in page_of(desk.get("/", {"day": day, "view": day}))


def test_other_clinics_are_not_on_the_board(clinic: Clinic) -> None:
    patient = factories.create_patient(clinic, given_name="Secret")
    book(factories.create_order(clinic, patient), clinic)
    elsewhere = factories.create_clinic()
    assert "Secret" not in page_of(signed_in(elsewhere, DESK).get("/"))


def test_missed_visits_stay_and_cancelled_ones_leave(clinic: Clinic, desk: Client) -> None:
    missed, gone = (book(factories.create_order(clinic), clinic)[0] for _ in range(2))
    bring_to(missed, Status.NO_SHOW, clinic=clinic, now=missed.period.lower)
    by = factories.create_actor(clinic, DESK)
    cancel(appointment=gone, side=CancelledBy.CLINIC, reason="staff_away", by=by, now=NOW)
    page = page_of(desk.get("/?view=list"))
    assert "did not come" in page
    assert gone.patient.shown_name not in page


def test_board_is_for_those_who_run_the_day(clinic: Clinic) -> None:
    for role in (Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.MANAGER):
        assert 'id="board"' in page_of(signed_in(clinic, role).get("/"))
    auditor = signed_in(clinic, Role.AUDITOR)
    assert "Nothing to do here for your role" in page_of(auditor.get("/"))
    assert auditor.get("/board/changes/").status_code == 403


def test_board_is_shown_to_a_nurse_who_is_also_at_the_desk(clinic: Clinic) -> None:
    assert signed_in(clinic, DESK, NURSE).get("/").status_code == 200
