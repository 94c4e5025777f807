"""The ledger and the buttons beside messages: what went, whether it arrived, once more, they know, now."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from notifications.dispatch import dispatch_due
from notifications.models import MessageRules, Notice, NoticeState, ToldInPerson
from notifications.unsent import ask_to_call_about_unsent
from notifications.wake_up import _bell
from scheduling.models import Appointment, ChangeKind, Clinic, Event, Role
from scheduling.visits import confirm
from tests import factories
from tests.factories import NOW
from tests.fakes.twilio_gateway import Mode, TwilioGateway
from tests.notifications.world import plan, reachable_patient
from tests.scheduling.words import changed
from tests.web.pages import DESK, NURSE, book, page_of, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("before_opening")]
LATER = NOW + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def quiet_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens for wake-ups here."""
    monkeypatch.setattr(_bell, "ring", lambda: None)


@pytest.fixture
def clinic() -> Clinic:
    clinic = factories.create_clinic(chairs=6, nurses=3)
    MessageRules.objects.create(clinic=clinic, sender_name="Harbor Center", quiet_from=time(0), quiet_until=time(0))
    return clinic


@pytest.fixture
def desk(clinic: Clinic) -> Client:
    return signed_in(clinic, DESK)


def tell(clinic: Clinic, phone: str = "+12125550123", *, send: bool = True) -> Appointment:
    """A booked visit whose confirmation went out, or was tried."""
    patient = reachable_patient(clinic, phone=phone, now=NOW)
    visit = book(factories.create_order(clinic, patient), clinic, how_many=1)[0]
    plan(NOW)
    if send:
        dispatch_due(clock=lambda: LATER, until=LATER + timedelta(seconds=1))
    return visit


def test_ledger_shows_what_went_in_its_very_words(clinic: Clinic, desk: Client, gateway: TwilioGateway) -> None:
    visit = tell(clinic)
    with time_machine.travel(LATER, tick=False):
        page = page_of(desk.get("/messages/"))
    assert visit.patient.shown_name in page
    assert gateway.ledger[0].body.split(" http")[0] in page
    assert "(212) 555-0123" in page
    assert "Everything about visits to come went out" in page


def test_what_needs_a_person_stands_on_top_until_its_call_is_settled(
    clinic: Clinic, desk: Client, gateway: TwilioGateway
) -> None:
    gateway.mode = Mode.REFUSE
    visit = tell(clinic)
    with time_machine.travel(LATER, tick=False):
        page = page_of(desk.get("/messages/"))
        assert page.index("Messages that need a person") < page.index(visit.patient.shown_name)
        ask_to_call_about_unsent(by=factories.system(), now=LATER)
        desk.post(f"/calls/{visit.patient.calls.get().pk}/", {"do": "spoke"})
        assert "Messages that need a person" not in page_of(desk.get("/messages/"))


def test_ledger_is_read_by_day_and_by_where_they_stand(clinic: Clinic, desk: Client, gateway: TwilioGateway) -> None:
    visit = tell(clinic)
    name = f'href="/patients/{visit.patient_id}/"'
    with time_machine.travel(LATER, tick=False):
        assert name in page_of(desk.get("/messages/?state=gone"))
        assert name not in page_of(desk.get("/messages/?state=arrived"))
        assert name not in page_of(desk.get("/messages/?day=2027-01-03"))
        for nonsense in ("?day=x", "?day=2027-13-45", "?day=9999-12-31", "?day=0001-01-01", "?state=x"):
            assert name in page_of(desk.get(f"/messages/{nonsense}"))


def test_confirmed_visit_is_marked(clinic: Clinic, desk: Client, gateway: TwilioGateway) -> None:
    visit = tell(clinic)
    confirm(appointment=visit, how="link", by=factories.create_actor(clinic, DESK), now=LATER)
    with time_machine.travel(LATER, tick=False):
        page = page_of(desk.get("/messages/"))
    assert "calendar-check" in page or ">confirmed<" in page
    assert "The patient has confirmed." in page_of(desk.get(f"/visits/{visit.pk}/"))


def test_message_that_did_not_arrive_is_sent_again_once(clinic: Clinic, desk: Client, gateway: TwilioGateway) -> None:
    gateway.mode = Mode.REFUSE
    tell(clinic)
    failed = Notice.objects.get(state=NoticeState.FAILED)
    with time_machine.travel(LATER, tick=False):
        assert "Send again" in page_of(desk.get("/messages/"))
        assert "It goes out now." in page_of(desk.post(f"/messages/{failed.pk}/again/", follow=True))
        page = page_of(desk.post(f"/messages/{failed.pk}/again/", follow=True))
    assert "It was sent again before." in page
    assert Notice.objects.filter(notice_key__endswith="/again").count() == 1


def test_message_that_may_have_arrived_is_called_about(clinic: Clinic, desk: Client, gateway: TwilioGateway) -> None:
    tell(clinic)
    sent = Notice.objects.get(state=NoticeState.SENT)
    page = page_of(desk.post(f"/messages/{sent.pk}/again/", follow=True))
    assert "It may have arrived, so it is not sent twice. Please call." in page


def test_they_know_is_written_down_with_who_and_of_what(clinic: Clinic, desk: Client) -> None:
    visit = tell(clinic, send=False)
    page = page_of(desk.get(f"/visits/{visit.pk}/"))
    assert "They know, don't send" in page
    desk.post(f"/visits/{visit.pk}/told/", {"do": "know"})
    desk.post(f"/visits/{visit.pk}/told/", {"do": "know_and_send"})
    rows = ToldInPerson.objects.order_by("pk").values_list("visit", "told_version", "and_send", "told_at")
    assert list(rows) == [(visit.pk, visit.told_version, False, NOW), (visit.pk, visit.told_version, True, NOW)]
    desk.post(f"/visits/{visit.pk}/told/", {"do": "now"})
    assert Event.objects.filter(verb="patient.messages_sent_now", patient=visit.patient).count() == 1
    desk.post(f"/visits/{visit.pk}/told/", {"do": "x"})
    assert ToldInPerson.objects.count() == 2


def test_a_clinician_says_that_they_know_of_a_pause(clinic: Clinic, desk: Client) -> None:
    visit, clinician = tell(clinic, send=False), signed_in(clinic, NURSE)
    order = visit.order
    assert order is not None
    path = f"/clinician/orders/{order.pk}/"
    assert "Does the patient know?" not in page_of(clinician.get(path))
    changed(order, clinic, ChangeKind.PAUSE)
    assert "Does the patient know?" in page_of(clinician.get(path))
    assert "Does the patient know?" not in page_of(desk.get(f"/series/{order.pk}/"))
    assert desk.post(f"/series/{order.pk}/told/", {"do": "know"}).status_code == 403
    clinician.post(f"/series/{order.pk}/told/", {"do": "know"})
    told = ToldInPerson.objects.get()
    assert (told.order, told.visit, told.and_send) == (order, None, False)
    assert "Does the patient know?" not in page_of(clinician.get(path))


def test_nobody_is_told_of_a_foreign_visit_or_message(clinic: Clinic, gateway: TwilioGateway) -> None:
    gateway.mode = Mode.REFUSE
    visit = tell(clinic)
    sibling = signed_in(factories.create_clinic(clinic.organisation), DESK)
    failed = Notice.objects.get(state=NoticeState.FAILED)
    assert sibling.post(f"/messages/{failed.pk}/again/").status_code == 404
    assert sibling.post(f"/visits/{visit.pk}/told/", {"do": "know"}).status_code == 404
    assert visit.patient.shown_name not in page_of(sibling.get("/messages/"))


@pytest.mark.parametrize("role", [NURSE, Role.PRESCRIBER, Role.AUDITOR])
def test_ledger_is_the_desks(clinic: Clinic, role: Role) -> None:
    assert signed_in(clinic, role).get("/messages/").status_code == 403


@pytest.mark.parametrize("patients", [1, 3])
def test_ledger_takes_six_queries(
    clinic: Clinic, desk: Client, gateway: TwilioGateway, patients: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for number in range(patients):
        tell(clinic, f"+1212555012{number}")
    with time_machine.travel(LATER, tick=False):
        # The first page after a while writes down that somebody is there.
        desk.get("/messages/")
        with django_assert_num_queries(6):
            page = page_of(desk.get("/messages/"))
    assert page.count("ledger__who") == patients
