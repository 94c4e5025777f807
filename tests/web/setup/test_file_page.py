"""The clinic's file is taken away and brought back; what it would change and whom it affects is shown first."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.test import Client

from scheduling.marked_yaml import LARGEST_BYTES
from scheduling.models import Clinic, ClinicHours, Event, Role
from tests import factories
from tests.scheduling.running import NINE, book
from tests.web.pages import page_of, signed_in
from web.clinic_file import text_of
from web.uploads import MOST_BYTES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(chairs=1, nurses=1)


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return signed_in(clinic, Role.MANAGER)


def test_what_is_taken_away_and_brought_back_changes_nothing(clinic: Clinic, manager: Client) -> None:
    answer = manager.get("/setup/file/clinic.yaml")
    assert answer["Content-Disposition"] == f'attachment; filename="{clinic.slug}.yaml"'
    text = answer.content.decode()
    page = page_of(manager.post("/setup/file/", {"file": SimpleUploadedFile("x.yaml", text.encode()), "do": "look"}))
    assert "Nothing: the clinic is so already." in page
    assert "password" not in text


def test_change_is_shown_with_its_visits_and_written_only_then(clinic: Clinic, manager: Client) -> None:
    visit = book(clinic, NINE)
    text = text_of(clinic).replace("08:00-18:00", "10:00-18:00", 1)
    before = Event.objects.count()
    page = page_of(manager.post("/setup/file/", {"file": SimpleUploadedFile("x.yaml", text.encode()), "do": "look"}))
    assert "10:00-18:00" in page
    assert visit.patient.shown_name in page
    assert ClinicHours.objects.filter(clinic=clinic, opens="10:00").count() == 0
    assert Event.objects.count() == before
    # As a browser sends it back.
    sent = {"text": text.replace("\n", "\r\n"), "do": "save"}
    assert "Saved. It holds from now on." in page_of(manager.post("/setup/file/", sent, follow=True))
    assert ClinicHours.objects.filter(clinic=clinic, opens="10:00").count() == 5


def test_faults_are_named_with_their_lines(clinic: Clinic, manager: Client) -> None:
    text = text_of(clinic).replace("08:00-18:00", "25:00-18:00", 1)
    answer = manager.post("/setup/file/", {"text": text, "do": "save"})
    assert answer.status_code == 422
    assert "Nothing was changed" in page_of(answer)
    assert "Line " in page_of(answer)


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "organisation: x\nclinic: y\n", "\x00", "organisation: {slug: 1}"])
def test_nonsense_is_refused(manager: Client, text: str) -> None:
    assert manager.post("/setup/file/", {"text": text, "do": "save"}).status_code == 422


@pytest.mark.parametrize(
    "written", ["!!int abc", "!!str {a: 1}", '"\\ud800"', '"\\0"', '"\\Uffffffff"', "*x", "&x y", "[" * 3000],
)  # fmt: skip
def test_what_is_no_plain_text_is_refused_with_a_sentence(clinic: Clinic, manager: Client, written: str) -> None:
    text = text_of(clinic).replace(f"name: {clinic.name}", f"name: {written}", 1)
    assert written in text
    for step in ("look", "save"):
        answer = manager.post("/setup/file/", {"file": SimpleUploadedFile("x.yaml", text.encode()), "do": step})
        assert answer.status_code == 422
        assert "Nothing was changed" in page_of(answer)
    clinic.refresh_from_db()
    assert clinic.name in text_of(clinic)


def test_of_a_file_that_is_too_long_only_the_beginning_is_taken_in(clinic: Clinic, manager: Client) -> None:
    text = text_of(clinic).encode() + b"# long\n" * LARGEST_BYTES
    answer = manager.post("/setup/file/", {"file": SimpleUploadedFile("x.yaml", text), "do": "save"})
    assert answer.status_code == 422
    assert "the file is larger than 300 kB" in page_of(answer)
    uploaded = answer.wsgi_request.FILES["file"]
    assert isinstance(uploaded, UploadedFile)
    assert uploaded.size == MOST_BYTES


def test_file_of_another_clinic_is_refused(manager: Client) -> None:
    other = factories.create_clinic()
    page = page_of(manager.post("/setup/file/", {"text": text_of(other), "do": "save"}))
    assert "this file is of another clinic" in page
    assert other.hours.count() == 5
