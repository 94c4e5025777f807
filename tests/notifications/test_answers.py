"""Approved words back to a patient: to whom, once a press, never where they are not wanted."""

from __future__ import annotations

import pytest

from notifications.answers import CannotWriteThere, NotApproved, answer_with, approved_for, write_about
from notifications.consent import record_consent
from notifications.models import Address, ConsentMethod, Notice, QuickReply
from notifications.notice_facts import ChannelName
from notifications.wrong_number import record_wrong_number
from scheduling.events import Actor
from scheduling.models import Appointment, Clinic, Event, Patient, Role
from scheduling.permissions import NotAllowed
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.replies import THEN, became, tell, text_back
from tests.notifications.world import MAILBOX, agree, booker, clinic_that_writes, new_york, reachable_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(gateway: TwilioGateway) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic, mailbox=MAILBOX)


def words(clinic: Clinic, body: str = "Yes, that is fine.", language: str = "en") -> QuickReply:
    manager = factories.create_user(clinic, Role.MANAGER)
    return QuickReply.objects.create(clinic=clinic, language=language, body=body, approved_by=manager, approved_at=THEN)


def answers() -> list[tuple[str, str]]:
    return list(Notice.objects.filter(purpose="reply", step="quick").values_list("words", "channel"))


def test_answer_goes_where_the_reply_came_from_and_closes_it(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    reply = text_back("can I eat before?")
    answer_with(reply=reply, quick=words(clinic), key="k1", by=desk, now=THEN)
    assert answers() == [("Yes, that is fine.", "sms")]
    assert became(reply) == ("done", False)
    assert reply.handled_by_id == desk.user_id
    assert Event.objects.get(verb="reply.answered").patient == rosa


def test_no_answer_goes_where_somebody_else_answers_by_now(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    reply = text_back("can I eat before?")
    record_wrong_number(address=reply.address or Address(), clinic=clinic, by=desk, now=THEN)
    reply.refresh_from_db()
    with pytest.raises(CannotWriteThere):
        answer_with(reply=reply, quick=words(clinic), key="k1", by=desk, now=THEN)
    assert answers() == []


def test_one_press_sends_once_however_often_it_arrives(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    reply, quick = text_back("can I eat before?"), words(clinic)
    for key in ("k1", "k1", "k2"):
        answer_with(reply=reply, quick=quick, key=key, by=desk, now=THEN)
    assert len(answers()) == 2


def test_words_that_are_no_longer_approved_are_refused(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    quick = words(clinic)
    QuickReply.objects.filter(pk=quick.pk).update(ended_at=THEN)
    quick.refresh_from_db()
    with pytest.raises(NotApproved):
        answer_with(reply=text_back("hello?"), quick=quick, key="k1", by=desk, now=THEN)


def test_words_of_another_clinic_are_refused(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    with pytest.raises(NotApproved):
        answer_with(reply=text_back("hello?"), quick=words(clinic_that_writes()), key="k1", by=desk, now=THEN)
    assert answers() == []


def test_who_opted_out_is_not_written_to(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    reply = text_back("hello?")
    text_back("stop")
    with pytest.raises(CannotWriteThere):
        answer_with(reply=reply, quick=words(clinic), key="k1", by=desk, now=THEN)
    assert answers() == []


def test_nobody_known_can_be_answered(clinic: Clinic, desk: Actor) -> None:
    reply = text_back("hello?", sender="+12125550777")
    with pytest.raises(CannotWriteThere):
        answer_with(reply=reply, quick=words(clinic), key="k1", by=desk, now=THEN)


def test_somebody_of_another_clinic_may_not_answer(clinic: Clinic, rosa: Patient) -> None:
    stranger = factories.create_actor(clinic_that_writes(), Role.FRONT_DESK)
    with pytest.raises(NotAllowed):
        answer_with(reply=text_back("hello?"), quick=words(clinic), key="k1", by=stranger, now=THEN)


def test_words_about_a_visit_go_by_text_first(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    visit: Appointment = booker(clinic)(rosa, new_york(14, 10))
    write_about(visit=visit, quick=words(clinic), key="k1", by=desk, now=THEN)
    assert answers() == [("Yes, that is fine.", "sms")]
    assert Event.objects.get(verb="visit.written_about").appointment == visit


def test_words_about_a_visit_go_by_mail_where_no_text_may(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    agree(Address.objects.get(kind="phone"), granted=False)
    write_about(visit=booker(clinic)(rosa, new_york(14, 10)), quick=words(clinic), key="k1", by=desk, now=THEN)
    assert answers() == [("Yes, that is fine.", "email")]


def test_who_can_be_reached_nowhere_is_to_be_called(clinic: Clinic, desk: Actor) -> None:
    patient = factories.create_patient(clinic)
    with pytest.raises(CannotWriteThere):
        write_about(visit=booker(clinic)(patient, new_york(14, 10)), quick=words(clinic), key="k", by=desk, now=THEN)


def test_an_answer_is_no_news_of_a_visit(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    """The planner would believe that the patient knows the time, and never tell it."""
    visit = booker(clinic)(rosa, new_york(14, 10))
    write_about(visit=visit, quick=words(clinic), key="k1", by=desk, now=THEN)
    assert not Notice.objects.get(purpose="reply").told_visits.exists()
    tell()
    assert Notice.objects.filter(purpose="booking_confirmation").exists()


def test_only_words_in_the_patients_language_are_offered(clinic: Clinic) -> None:
    english, spanish = words(clinic), words(clinic, "Si, claro.", "es")
    assert approved_for(clinic, "en-US") == [english]
    assert approved_for(clinic, "es-MX") == [spanish]
    assert approved_for(clinic, "vi") == []


def test_consent_taken_back_by_the_desk_counts_too(clinic: Clinic, rosa: Patient, desk: Actor) -> None:
    reply = text_back("hello?")
    record_consent(
        address=Address.objects.get(kind="phone"), channel=ChannelName.SMS, granted=False, wording_version="",
        method=ConsentMethod.VERBAL, language="en", by=desk, now=THEN,
    )  # fmt: skip
    with pytest.raises(CannotWriteThere):
        answer_with(reply=reply, quick=words(clinic), key="k1", by=desk, now=THEN)
