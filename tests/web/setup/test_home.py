"""The go-live list, texts on and off, and the practice clinic that one button makes."""

from __future__ import annotations

import pytest
from django.test import Client

from notifications.models import Message
from scheduling.models import Appointment, Clinic, Event, Patient, Role
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.web.pages import page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
STEPS = ("hours", "chairs", "posts", "plans", "staff", "sender", "trial", "patients", "dry_week")


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic()


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return signed_in(clinic, Role.MANAGER)


def test_the_way_to_everything_that_can_be_set_stands_there(manager: Client) -> None:
    page = page_of(manager.get("/setup/")).split('class="setup__places"')[1].split("</nav>")[0]
    for path in (
        "setup/hours", "absences", "setup/chairs", "setup/nurses", "setup/prescribers", "setup/staff", "posts", "duty",
        "cover", "clinician/plans", "setup/plan", "wording", "wording/rules", "setup/file",
    ):  # fmt: skip
        assert f'href="/{path}/"' in page
        assert manager.get(f"/{path}/").status_code == 200


def test_list_says_what_is_open_and_who_waived_what(clinic: Clinic, manager: Client) -> None:
    manager.post("/setup/texts/", {"do": "stop"})
    page = page_of(manager.get("/setup/"))
    assert "3 of 9 done" in page
    page = page_of(manager.post("/setup/texts/", {"do": "start"}, follow=True))
    assert "Still open: Treatment plans, Staff signed in, Sender registered" in page
    manager.post("/setup/going-live/", {"step": "sender", "word": "done"})
    page = page_of(manager.post("/setup/going-live/", {"step": "trial", "word": "waived", "reason": ""}, follow=True))
    assert "Say in a few words why it is not needed." in page
    for step in STEPS:
        manager.post("/setup/going-live/", {"step": step, "word": "waived", "reason": "we <b>know</b>"})
    page = page_of(manager.post("/setup/texts/", {"do": "start"}, follow=True))
    assert "You are live: patients get texts from now on." in page
    assert "we &lt;b&gt;know&lt;/b&gt;" in page
    assert "says it is not needed" in page
    assert "Taken back." in page_of(manager.post("/setup/going-live/", {"step": "sender", "word": "back"}, follow=True))
    page = page_of(manager.post("/setup/going-live/", {"step": "coffee", "word": "done"}, follow=True))
    assert "Say which step it is about." in page


def test_trial_text_makes_its_line_green(clinic: Clinic, manager: Client, gateway: TwilioGateway) -> None:
    assert "can&#x27;t be a telephone number" in page_of(manager.post("/setup/trial/", {"phone": "x"}, follow=True))
    page = page_of(manager.post("/setup/trial/", {"phone": "(212) 555-0177"}, follow=True))
    assert "Sent to you." in page
    assert [text.to for text in gateway.ledger] == ["+12125550177"]
    assert "Send it to me" not in page


def test_one_button_makes_a_clinic_to_practise_at(clinic: Clinic, manager: Client, gateway: TwilioGateway) -> None:
    factories.create_order(clinic)
    page = page_of(manager.post("/setup/practice/", follow=True))
    assert "Nobody here is real" in page
    assert "bar--practice" in page
    practice = Clinic.objects.get(is_practice=True)
    assert Patient.objects.filter(organisation=practice.organisation_id).count() == 8
    assert Appointment.objects.filter(clinic=practice, live=True).count() > 3
    assert not Patient.objects.filter(organisation=practice.organisation_id, is_demo=False).exists()
    setup = page_of(manager.get("/setup/"))
    assert "practice: nothing is sent" in setup
    assert "Make the practice clinic" not in setup
    assert manager.post("/setup/practice/").status_code == 403
    manager.post("/clinic/", {"clinic": clinic.pk})
    assert "bar--practice" not in page_of(manager.get("/"))
    manager.post("/setup/practice/")
    assert Patient.objects.filter(organisation=practice.organisation_id).count() == 8
    assert Event.objects.filter(verb="clinic.practice_opened", clinic=clinic).count() == 2
    assert Message.objects.exclude(clinic=practice).count() == len(gateway.ledger) == 0


def test_a_clinic_without_plans_may_practise_too(clinic: Clinic, manager: Client) -> None:
    manager.post("/setup/practice/")
    assert Patient.objects.filter(organisation__clinics__is_practice=True).count() == 8
