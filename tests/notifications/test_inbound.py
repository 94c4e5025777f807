"""Replies over real rows: whom and what they mean, what they do, and that they do it once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications import inbound
from notifications.addresses import set_address
from notifications.consent import consenting
from notifications.inbound import act_on_waiting
from notifications.links import NoSuchLink, find_message
from notifications.models import (
    Address,
    AddressKind,
    CallTask,
    ConsentRecord,
    InboundMessage,
    Message,
    MessageRules,
    Notice,
)
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Clinic, Event, Patient, Role
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.replies import THEN, TOLD, became, tell, text_back
from tests.notifications.world import NOON, PHONE, booker, clinic_that_writes, move, new_york, reachable_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(gateway: TwilioGateway) -> Clinic:
    return clinic_that_writes()


@pytest.fixture
def rosa(clinic: Clinic) -> Patient:
    return reachable_patient(clinic)


@pytest.fixture
def visit(clinic: Clinic, rosa: Patient) -> Appointment:
    """Booked for the 14th at ten, and Rosa was told of it an hour ago."""
    visit = booker(clinic)(rosa, new_york(14, 10))
    tell()
    return visit


def confirmed(visit: Appointment) -> str | None:
    visit.refresh_from_db()
    return visit.confirmed_by if visit.confirmed_at else None


@pytest.mark.parametrize("text", ["1", "C", "yes", "Sí", "👍"])
def test_yes_after_a_message_confirms_its_visit(visit: Appointment, text: str) -> None:
    assert became(text_back(text)) == ("confirmed", False)
    assert confirmed(visit) == "reply"


def test_reply_is_kept_word_for_word_with_whose_it_is(visit: Appointment, rosa: Patient) -> None:
    reply = text_back("  Sí,\nahí estaré ")
    assert (reply.text, reply.sender, reply.patient, reply.clinic) == ("  Sí,\nahí estaré ", PHONE, rosa, visit.clinic)
    assert reply.answers == Message.objects.get()
    assert Event.objects.get(verb="reply.received").data == {"reply": reply.pk, "intent": "confirm"}


def test_reply_that_comes_again_does_nothing_more(visit: Appointment) -> None:
    for _ in range(3):
        text_back("2", reference="SM-same")
    assert (InboundMessage.objects.count(), CallTask.objects.count()) == (1, 1)


def test_yes_confirms_every_visit_the_message_named(clinic: Clinic, rosa: Patient) -> None:
    visits = [booker(clinic)(rosa, new_york(day, 10)) for day in (14, 19, 21)]
    tell()
    assert Message.objects.count() == 1
    assert became(text_back("1")) == ("confirmed", False)
    assert [confirmed(visit) for visit in visits] == ["reply"] * 3


def test_visit_moved_after_the_message_is_not_confirmed_and_a_person_reads_it(visit: Appointment) -> None:
    move(visit, timedelta(hours=2), now=THEN - timedelta(minutes=1))
    assert became(text_back("1")) == ("changed_meanwhile", True)
    assert confirmed(visit) is None


def test_of_several_visits_only_those_still_as_told_are_confirmed(clinic: Clinic, rosa: Patient) -> None:
    stays, moved = (booker(clinic)(rosa, new_york(day, 10)) for day in (14, 19))
    tell()
    move(moved, timedelta(hours=2), now=THEN - timedelta(minutes=1))
    assert became(text_back("1")) == ("changed_meanwhile", True)
    assert (confirmed(stays), confirmed(moved)) == ("reply", None)


def test_cancelled_visit_is_not_confirmed(visit: Appointment, clinic: Clinic) -> None:
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    cancel(appointment=visit, side=CancelledBy.CLINIC, reason="staff", by=desk, now=THEN - timedelta(minutes=1))
    assert became(text_back("1")) == ("changed_meanwhile", True)
    assert confirmed(visit) is None


@pytest.mark.parametrize(("hours", "outcome"), [(71, "confirmed"), (73, "nothing_asked")])
def test_yes_means_the_last_message_within_three_days(visit: Appointment, hours: int, outcome: str) -> None:
    assert became(text_back("1", now=TOLD + timedelta(hours=hours)))[0] == outcome


def test_yes_after_our_answer_is_no_yes_to_a_visit(visit: Appointment) -> None:
    text_back("can I eat before?")
    answer = Notice.objects.get(purpose="reply")
    sent = Message.objects.get()
    spoken = Message.objects.create(
        patient=sent.patient, clinic=sent.clinic, address=sent.address, channel="sms", purpose="reply", language="en",
        template="", template_version=1, body=answer.words, link_hash="x", written_at=THEN,
        valid_until=THEN + timedelta(hours=1),
    )  # fmt: skip
    Notice.objects.filter(pk=answer.pk).update(state="claimed", claimed_by="0" * 32, lease_until=THEN, message=spoken)
    assert became(text_back("ok", now=THEN + timedelta(minutes=1))) == ("to_read", True)
    assert confirmed(visit) is None
    assert became(text_back("1", now=THEN + timedelta(minutes=2))) == ("confirmed", False)


def test_two_patients_on_one_number_and_the_desk_is_asked(clinic: Clinic, rosa: Patient, visit: Appointment) -> None:
    mother = reachable_patient(clinic)
    hers = booker(clinic)(mother, new_york(15, 10))
    tell()
    reply = text_back("yes")
    assert became(reply) == ("who_is_it", True)
    assert (reply.patient, confirmed(visit), confirmed(hers)) == (None, None, None)


def test_on_a_shared_number_a_yes_means_the_one_who_was_written_to(clinic: Clinic, visit: Appointment) -> None:
    reachable_patient(clinic)
    assert became(text_back("yes")) == ("confirmed", False)
    assert confirmed(visit) == "reply"


def test_call_me_goes_to_the_call_list(visit: Appointment, rosa: Patient) -> None:
    reply = text_back("2")
    assert became(reply) == ("call_opened", False)
    task = CallTask.objects.get()
    assert (task.kind, task.patient, task.reply, task.closed_at) == ("asked_for_call", rosa, reply, None)


@pytest.mark.parametrize("text", ["STOP", "no más", "unsuscribe"])
def test_stop_withdraws_consent_of_the_number_with_the_words(visit: Appointment, text: str) -> None:
    assert became(text_back(text)) == ("opted_out", False)
    record = ConsentRecord.objects.latest("pk")
    assert (record.granted, record.method, record.raw_text) == (False, "reply", text)
    assert consenting([record.address_id]) == set()


def test_stop_on_a_shared_number_stops_it_for_both(clinic: Clinic, rosa: Patient, visit: Appointment) -> None:
    mother = reachable_patient(clinic)
    booker(clinic)(mother, new_york(15, 10))
    tell()
    assert became(text_back("stop")) == ("opted_out", False)
    assert {event.patient_id for event in Event.objects.filter(verb="consent.withdrawn")} == {rosa.pk, mother.pk}


def test_what_the_carrier_took_for_a_stop_is_one_whatever_it_says(visit: Appointment) -> None:
    assert became(text_back("1", opted_out=True)) == ("opted_out", False)
    assert confirmed(visit) is None


def test_cancel_opts_out_and_asks_for_a_call(visit: Appointment, rosa: Patient) -> None:
    assert became(text_back("CANCEL")) == ("opted_out_and_call", False)
    assert CallTask.objects.get().kind == "wants_to_cancel"
    assert not ConsentRecord.objects.latest("pk").granted
    visit.refresh_from_db()
    assert visit.status == "booked"


def test_start_takes_an_opt_out_back(visit: Appointment) -> None:
    text_back("stop")
    assert became(text_back("START")) == ("opted_in", False)
    assert consenting([Address.objects.get().pk]) == {Address.objects.get().pk}


def test_start_of_who_never_agreed_is_for_a_person(clinic: Clinic) -> None:
    newcomer = factories.create_patient(clinic)
    set_address(patient=newcomer, kind=AddressKind.PHONE, raw=PHONE, by=factories.system(), now=NOON)
    assert became(text_back("START")) == ("to_read", True)
    assert ConsentRecord.objects.count() == 0


def test_stop_is_kept_although_nobody_had_agreed_and_once(clinic: Clinic) -> None:
    newcomer = factories.create_patient(clinic)
    set_address(patient=newcomer, kind=AddressKind.PHONE, raw=PHONE, by=factories.system(), now=NOON)
    for _ in range(2):
        assert became(text_back("STOP")) == ("opted_out", False)
    assert [(record.granted, record.method, record.raw_text) for record in ConsentRecord.objects.all()] == [
        (False, "reply", "STOP")
    ]


def test_start_does_not_open_a_wrong_number_again(visit: Appointment) -> None:
    text_back("wrong number")
    assert became(text_back("START"))[1]
    assert Address.objects.get().stop_reason == "wrong_number"


def test_wrong_number_stops_the_address_ends_its_links_and_has_the_patient_called(
    visit: Appointment, rosa: Patient, gateway: TwilioGateway
) -> None:
    token = gateway.ledger[0].body.rpartition("/v/")[2].partition("/")[0]
    assert find_message(token=token, now=THEN) == Message.objects.get()
    assert became(text_back("You have the wrong number")) == ("wrong_number", True)
    assert Address.objects.get().stop_reason == "wrong_number"
    assert [(task.kind, task.patient) for task in CallTask.objects.all()] == [("wrong_number", rosa)]
    with pytest.raises(NoSuchLink):
        find_message(token=token, now=THEN)


def test_late_is_pinned_to_the_visit_of_the_day(clinic: Clinic, rosa: Patient) -> None:
    today = booker(clinic)(rosa, NOON + timedelta(hours=2))
    booker(clinic)(rosa, new_york(14, 10))
    reply = text_back("voy 10 min tarde", now=NOON + timedelta(hours=1))
    assert became(reply) == ("late", True)
    assert (reply.visit, reply.late_minutes) == (today, 10)


def test_late_without_a_visit_that_day_is_for_a_person(visit: Appointment) -> None:
    reply = text_back("10 min late")
    assert became(reply) == ("late", True)
    assert reply.visit is None


def test_thanks_closes_itself(visit: Appointment) -> None:
    assert became(text_back("Thank you!")) == ("thanked", False)


def test_free_text_waits_for_a_person_and_gets_the_fixed_answer(visit: Appointment, rosa: Patient) -> None:
    reply = text_back("I can't do this, I want to die")
    assert became(reply) == ("to_read", True)
    answer = Notice.objects.get(purpose="reply")
    assert (answer.words, answer.patient, answer.reply, answer.due_at) == (
        MessageRules().fixed_answer,
        rosa,
        reply,
        THEN,
    )
    assert reply.fixed_answer_at == THEN


def test_fixed_answer_goes_once_in_a_day_to_an_address(visit: Appointment) -> None:
    for minutes in (0, 1, 60 * 23, 60 * 25):
        text_back("hello?", now=THEN + timedelta(minutes=minutes))
    gone = Notice.objects.filter(purpose="reply").order_by("pk").values_list("planned_at", flat=True)
    assert list(gone) == [THEN, THEN + timedelta(hours=25)]


def test_fixed_answer_is_in_spanish_for_who_speaks_it(clinic: Clinic) -> None:
    reachable_patient(clinic, language="es-MX")
    text_back("puedo comer antes?")
    assert Notice.objects.get(purpose="reply").words == MessageRules().fixed_answer_es


def test_no_answer_goes_to_who_opted_out(visit: Appointment) -> None:
    text_back("stop")
    text_back("hello?")
    assert not Notice.objects.filter(purpose="reply").exists()


def test_picture_is_refused_once_a_day_and_counted(visit: Appointment) -> None:
    reply = text_back("", pictures=2)
    assert became(reply) == ("to_read", True)
    text_back("", pictures=1)
    assert reply.pictures == 2
    [answer] = Notice.objects.filter(purpose="reply")
    assert answer.words == "We can't take pictures or files here; yours was not kept."


def test_stranger_is_kept_and_shown_at_the_clinic_whose_number_it_is(clinic: Clinic) -> None:
    MessageRules.objects.filter(clinic=clinic).update(text_number="+1 212 555 0199")
    clinic_that_writes()
    reply = text_back("hello", sender="+12125550777", to="+12125550199")
    assert (reply.clinic, reply.patient, reply.address) == (clinic, None, None)
    assert became(reply) == ("to_read", True)


@pytest.mark.parametrize("text", ["1", "2", "STOP", "cancel", "START", "wrong number", "10 min late", "help", "🙏"])
def test_no_word_of_a_stranger_does_anything(clinic: Clinic, text: str) -> None:
    clinic_that_writes()
    reply = text_back(text, sender="+12125550777")
    assert (reply.patient, reply.outcome in ("wrong_number", "opted_out", "opted_in", "confirmed")) == (None, False)
    assert (CallTask.objects.count(), ConsentRecord.objects.count(), Notice.objects.count()) == (0, 0, 0)


def test_same_number_in_two_organisations_is_told_apart_by_the_number_written_to(clinic: Clinic, rosa: Patient) -> None:
    theirs = clinic_that_writes()
    MessageRules.objects.filter(clinic=clinic).update(text_number="+12125550199")
    other = reachable_patient(theirs)
    reply = text_back("stop", to="+12125550199")
    assert (reply.clinic, reply.patient) == (clinic, rosa)
    ours, elsewhere = rosa.addresses.get().address_id, other.addresses.get().address_id
    assert consenting([ours, elsewhere]) == {elsewhere}


def test_reply_whose_effect_fails_stays_and_is_acted_on_by_the_sweep(
    visit: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(reply: object) -> str:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(inbound, "take_effect", fails)
        reply = text_back("STOP")
        assert became(reply) == ("", True)
    assert act_on_waiting(now=THEN + timedelta(seconds=20)) == 1
    assert became(reply) == ("opted_out", False)
    assert act_on_waiting(now=THEN + timedelta(seconds=40)) == 0


def test_nul_bytes_are_let_go(visit: Appointment) -> None:
    assert text_back("he\x00llo").text == "hello"
