"""The downtime sheet: two days with the numbers to call, to print, and written every hour where the clinic chose."""

from __future__ import annotations

import os
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries, Settings

from notifications.addresses import set_address
from notifications.models import AddressKind
from notifications.rides import name_driver
from scheduling.models import Appointment, Clinic, Status
from tests import factories
from tests.factories import NOW
from tests.web.pages import DESK, book, bring_to, page_of, signed_in
from web.downtime_files import file_of, write_due_sheets
from web.downtime_files import page_of as sheet_page
from web.frontdesk.downtime_rows import sheet_of
from web.tasks import write_downtime_sheets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=4, nurses=2)


@pytest.fixture
def visit(clinic: Clinic) -> Appointment:
    patient = factories.create_patient(
        clinic, given_name="Rosalind", preferred_name="Rosie", family_name="Reyes", birth_date=date(1960, 12, 7)
    )
    set_address(patient=patient, kind=AddressKind.PHONE, raw="212 555 0142", by=factories.system(), now=NOW)
    visit = book(factories.create_order(clinic, patient), clinic)[0]
    by = factories.create_actor(clinic, DESK)
    name_driver(visit=visit, driver="Ben", phone="212 555 0199", by=by, now=NOW)
    return visit


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DOWNTIME_FOLDER = str(tmp_path / "chosen")
    return tmp_path / "chosen"


def test_sheet_says_who_comes_when_whom_to_call_and_who_is_here_since_when(clinic: Clinic, visit: Appointment) -> None:
    bring_to(visit, Status.ARRIVED, clinic=clinic, now=NOW)
    page = page_of(signed_in(clinic, DESK).get("/board/sheet/"))
    for words in (
        "Rosie Reyes", "(Rosalind Reyes)", "born Dec 7, 1960", "(212) 555-0142", "ride: Ben 212 555 0199",
        "Infusion 1 of 6", "Chair ", "Nurse ", "arrived", "since 7:00 AM", "as of Mon, Jan 4, 7:00 AM",
        "Monday, January 4", "Tuesday, January 5",
    ):  # fmt: skip
        assert words in page
    assert "ketamine" not in page


def test_the_second_day_is_the_clinics_next_one(clinic: Clinic) -> None:
    friday = NOW + timedelta(days=4)
    assert [one.day for one in sheet_of(clinic, now=friday).days] == [date(2027, 1, 8), date(2027, 1, 11)]
    clinic.hours.all().delete()
    assert [one.day for one in sheet_of(clinic, now=friday).days] == [date(2027, 1, 8), date(2027, 1, 9)]


@pytest.mark.parametrize("visits", [1, 3])
def test_sheet_takes_as_many_queries_for_many_visits(
    clinic: Clinic, visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    desk = signed_in(clinic, DESK)
    for _ in range(visits):
        book(factories.create_order(clinic), clinic)
    with django_assert_num_queries(11):
        page = page_of(desk.get("/board/sheet/"))
    assert page.count("Infusion 1 of 6") == visits


def test_a_file_is_written_that_needs_nothing_beside_it_and_that_not_everybody_reads(
    clinic: Clinic, visit: Appointment, folder: Path
) -> None:
    old = os.umask(0)
    try:
        write_downtime_sheets()
    finally:
        os.umask(old)
    assert [one.name for one in folder.iterdir()] == [f"{clinic.organisation.slug}--{clinic.slug}.html"]
    path = file_of(clinic)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(folder.stat().st_mode) & 0o007 == 0
    text = path.read_text()
    assert "Rosie Reyes" in text
    assert ".sheet__table" in text
    assert visit.patient.shown_name in text
    assert [word for word in ('src="', 'href="', "<script", "@import") if word in text] == []


def test_a_sheet_is_written_again_once_it_is_an_hour_old(clinic: Clinic, visit: Appointment, folder: Path) -> None:
    assert write_due_sheets(now=NOW) == 1
    os.utime(file_of(clinic), (NOW.timestamp(), NOW.timestamp()))
    assert write_due_sheets(now=NOW + timedelta(minutes=59)) == 0
    bring_to(visit, Status.ARRIVED, clinic=clinic, now=NOW)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        write_downtime_sheets()
    assert "since 7:00 AM" in file_of(clinic).read_text()


def test_a_folder_that_cannot_be_written_does_not_hold_up_others_and_leaves_the_last_sheet(
    clinic: Clinic, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = factories.create_clinic(clinic.organisation)
    file_of(clinic).with_suffix(".part").mkdir(parents=True)
    file_of(clinic).write_text("the last one")
    os.utime(file_of(clinic), (0, 0))
    assert write_due_sheets(now=NOW) == 1
    assert file_of(clinic).read_text() == "the last one"
    assert file_of(other).exists()
    assert f"downtime sheet of clinic {clinic.pk} not written" in caplog.text


def test_the_oldest_is_written_first_and_what_remains_next_time(clinic: Clinic, folder: Path) -> None:
    other = factories.create_clinic(clinic.organisation)
    folder.mkdir()
    file_of(clinic).write_text("old")
    os.utime(file_of(clinic), (NOW.timestamp() - 7200,) * 2)
    turns = iter((False, True))
    assert write_due_sheets(now=NOW, until=lambda: next(turns)) == 1
    assert file_of(other).exists()
    assert file_of(clinic).read_text() == "old"


def test_nothing_is_written_where_no_folder_was_chosen(clinic: Clinic) -> None:
    assert write_due_sheets(now=NOW) == 0


def test_what_was_typed_as_a_name_is_shown_as_typed_in_the_file(clinic: Clinic) -> None:
    patient = factories.create_patient(clinic, given_name="<script>alert(1)</script>", family_name="O'Neil & Sons")
    book(factories.create_order(clinic, patient), clinic)
    text = sheet_page(clinic, now=NOW)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; O&#x27;Neil &amp; Sons" in text


def test_page_says_whether_it_is_written(clinic: Clinic, folder: Path, settings: Settings) -> None:
    desk = signed_in(clinic, DESK)
    assert "also written as a file every hour" in page_of(desk.get("/board/sheet/"))
    settings.DOWNTIME_FOLDER = ""
    assert "also written as a file" not in page_of(desk.get("/board/sheet/"))
