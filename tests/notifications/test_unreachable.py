"""Who can't be reached is to be called at once, with the reason; wishes decide where; the dead are left in peace."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from notifications.addresses import set_address, stop_address
from notifications.attempts import start_attempts
from notifications.calls import CallEnd, settle_call
from notifications.claiming import LEASE
from notifications.dispatch import dispatch_due
from notifications.models import (
    Address,
    AddressKind,
    CallKind,
    CallTask,
    ClinicWording,
    ContactWishes,
    InboundMessage,
    Message,
    Notice,
    NoticeState,
    PatientAddress,
)
from notifications.planning import plan_patient
from scheduling.cancelling import cancel
from scheduling.merging import merge_patients
from scheduling.models import Appointment, CancelledBy, Clinic, Event, Patient, Role
from scheduling.patients import record_death
from tests import factories
from tests.fakes.twilio_gateway import TwilioGateway
from tests.notifications.world import (
    MAILBOX,
    NOON,
    agree,
    booker,
    clinic_that_writes,
    move,
    new_york,
    notices,
    plan,
    reachable_patient,
)  # fmt: skip

pytestmark = pytest.mark.django_db
GRACE = timedelta(minutes=3)


def send(at: datetime) -> None:
    dispatch_due(clock=lambda: at, until=at + timedelta(seconds=1))


def calls() -> list[tuple[str, str, bool]]:
    return [(task.kind, task.reason, task.closed_at is None) for task in CallTask.objects.order_by("pk")]


def address_of(patient: Patient, kind: AddressKind = AddressKind.PHONE) -> Address:
    return PatientAddress.objects.get(patient=patient, address__kind=kind, ended_at=None).address


def unreachable(clinic: Clinic, reason: str) -> Patient:
    """A patient who can't be reached for this reason."""
    if reason == "no_address":
        return factories.create_patient(clinic)
    if reason == "no_consent":
        patient = factories.create_patient(clinic)
        set_address(patient=patient, kind=AddressKind.PHONE, raw="212-555-0166", by=factories.system(), now=NOON)
        return patient
    if reason == "not_valid":
        patient = factories.create_patient(clinic)
        set_address(patient=patient, kind=AddressKind.PHONE, raw="12", by=factories.system(), now=NOON)
        return patient
    patient = reachable_patient(clinic)
    stop_address(address=address_of(patient), reason="landline", by=factories.system(), now=NOON)
    return patient


@pytest.mark.parametrize("reason", ["no_address", "no_consent", "not_valid", "address_stopped"])
def test_who_cant_be_reached_is_on_the_call_list_at_once_with_the_reason(reason: str) -> None:
    clinic = clinic_that_writes()
    visit = booker(clinic)(unreachable(clinic, reason), new_york(14, 10))
    plan()
    task = CallTask.objects.get()
    assert (task.kind, task.reason, task.visit_id, task.opened_at, task.useful_until) == (
        CallKind.CANNOT_REACH, reason, visit.pk, NOON, visit.period.lower,
    )  # fmt: skip


def test_nobody_who_can_be_reached_or_has_no_visit_ahead_is_on_the_call_list() -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    plan_patient(patient=factories.create_patient(clinic), now=NOON)
    assert calls() == []


def test_a_whole_series_is_one_call_and_stays_one_when_visits_change() -> None:
    clinic = clinic_that_writes()
    patient = factories.create_patient(clinic)
    book = booker(clinic)
    visits = [book(patient, new_york(day, 10)) for day in (12, 14, 18)]
    plan()
    move(visits[0], timedelta(hours=2), now=NOON)
    plan()
    assert calls() == [("cannot_reach", "no_address", True)]
    plan_patient(patient=patient, now=NOON)
    assert calls() == [("cannot_reach", "no_address", True)]


def test_reached_again_closes_the_call_and_lost_again_opens_it() -> None:
    clinic = clinic_that_writes()
    patient = unreachable(clinic, "no_consent")
    booker(clinic)(patient, new_york(14, 10))
    plan()
    agree(address_of(patient))
    plan()
    assert calls() == [("cannot_reach", "no_consent", False)]
    assert CallTask.objects.get().outcome == "not_needed"
    stop_address(address=address_of(patient), reason="landline", by=factories.system(), now=NOON)
    plan()
    assert calls() == [("cannot_reach", "address_stopped", True)]


def test_who_was_called_is_called_again_only_when_a_visit_is_new_or_has_changed() -> None:
    clinic = clinic_that_writes()
    patient = factories.create_patient(clinic)
    book = booker(clinic)
    visit = book(patient, new_york(14, 10))
    plan()
    user = factories.create_user(clinic, Role.FRONT_DESK)
    CallTask.objects.update(closed_at=NOON, closed_by=user, outcome="told")
    plan_patient(patient=patient, now=NOON)
    assert calls() == [("cannot_reach", "no_address", False)]
    move(visit, timedelta(hours=1), now=NOON)
    plan()
    assert calls()[1:] == [("cannot_reach", "no_address", True)]
    CallTask.objects.filter(closed_at=None).update(closed_at=NOON, closed_by=user, outcome="told")
    book(patient, new_york(18, 10))
    plan()
    assert calls()[2:] == [("cannot_reach", "no_address", True)]


def test_calls_that_planning_asks_for_and_settles_are_in_the_history() -> None:
    clinic = clinic_that_writes()
    patient = unreachable(clinic, "no_consent")
    booker(clinic)(patient, new_york(14, 10))
    plan()
    agree(address_of(patient))
    plan()
    stop_address(address=address_of(patient), reason="landline", by=factories.system(), now=NOON)
    plan()
    said = Event.objects.filter(verb__startswith="call.", patient=patient).order_by("pk")
    assert [(event.verb, event.actor_name) for event in said] == [
        ("call.asked", "planning"), ("call.settled", "planning"), ("call.asked", "planning"),
    ]  # fmt: skip


def test_a_call_that_a_person_found_needless_does_not_come_back_for_the_same_visits() -> None:
    clinic = clinic_that_writes()
    patient = factories.create_patient(clinic)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    settle_call(task=CallTask.objects.get(), ended=CallEnd.NOT_NEEDED, by=desk, now=NOON)
    plan_patient(patient=patient, now=NOON)
    assert calls() == [("cannot_reach", "no_address", False)]


def test_a_cancelled_visit_needs_no_call() -> None:
    clinic = clinic_that_writes()
    visit = booker(clinic)(factories.create_patient(clinic), new_york(14, 10))
    plan()
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    cancel(appointment=visit, side=CancelledBy.PATIENT, reason="sick", by=desk, now=NOON)
    plan()
    assert calls() == [("cannot_reach", "no_address", False)]


@pytest.mark.parametrize(("end", "left"), [("died", []), ("merged", [("cannot_reach", "no_address", True)])])
def test_everything_planned_dies_with_the_record_and_no_cancellation_goes(
    gateway: TwilioGateway, end: str, left: list[tuple[str, str, bool]]
) -> None:
    """A visit that came along to the record that is kept is that one's to tell, by a call where nothing reaches it."""
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, language="vi")
    booker(clinic)(patient, new_york(14, 10))
    plan()
    send(NOON + GRACE)
    assert calls() == [("say_instead", "no_wording", True)]
    if end == "died":
        record_death(patient=patient, died_at=NOON, by=factories.system(), now=NOON + GRACE)
    else:
        into = factories.create_patient(clinic)
        merge_patients(duplicate=patient, into=into, by=factories.system(), now=NOON + GRACE)
    plan(NOON + GRACE)
    send(NOON + timedelta(days=8))
    assert gateway.ledger == []
    assert {notice[3] for notice in notices()} == {"suppressed"}
    assert "cancelled" not in {notice[0] for notice in notices()}
    assert sorted(calls()) == sorted([("say_instead", "patient_gone", False), *left])


def test_a_language_without_texts_is_a_call_with_english_words(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, mailbox=MAILBOX, language="vi")
    booker(clinic)(patient, new_york(14, 10))
    plan()
    send(NOON + GRACE)
    assert gateway.ledger == []
    task = CallTask.objects.get()
    assert (task.kind, task.reason, task.language) == (CallKind.SAY_INSTEAD, "no_wording", "en")
    assert task.words.startswith(
        "Hello, this is Harbor Center. Your visit is booked for Thursday, January 14 at 10:00 AM."
    )
    assert {row.reason for row in Notice.objects.filter(purpose="booking_confirmation")} == {"no_wording"}


def test_a_second_language_is_written_in(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, language="qu")
    Patient.objects.filter(pk=patient.pk).update(second_language="es")
    booker(clinic)(patient, new_york(14, 10))
    plan()
    send(NOON + GRACE)
    assert gateway.ledger[0].body.startswith("Harbor Center: su visita queda reservada")
    assert Message.objects.get().language == "es"


def test_a_call_about_what_is_no_longer_so_is_closed(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    visit = booker(clinic)(reachable_patient(clinic, language="vi"), new_york(14, 10))
    plan()
    send(NOON + GRACE)
    move(visit, timedelta(hours=1), now=NOON + GRACE)
    plan(NOON + GRACE)
    assert calls() == [("say_instead", "no_wording", False)]


def wants(patient: Patient, way: str = "", only: Address | None = None) -> None:
    ContactWishes.objects.create(patient=patient, way=way, only_address=only, changed_at=NOON)


def channels() -> set[str]:
    return {notice[2] for notice in notices()}


@pytest.mark.parametrize(("way", "used"), [("sms", {"sms"}), ("email", {"email"}), ("", {"sms", "email"})])
def test_the_preferred_way_is_the_only_one_while_it_works(way: str, used: set[str]) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, mailbox=MAILBOX)
    wants(patient, way)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    assert channels() == used


def test_a_preferred_way_that_fails_leaves_the_other() -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, mailbox=MAILBOX)
    wants(patient, "email")
    booker(clinic)(patient, new_york(14, 10))
    stop_address(address=address_of(patient, AddressKind.EMAIL), reason="bad_mailbox", by=factories.system(), now=NOON)
    plan()
    assert channels() == {"sms"}


def test_with_confidential_communication_nothing_goes_anywhere_else() -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, mailbox=MAILBOX)
    wants(patient, "sms", only=address_of(patient, AddressKind.EMAIL))
    booker(clinic)(patient, new_york(14, 10))
    plan()
    assert channels() == {"email"}
    stop_address(address=address_of(patient, AddressKind.EMAIL), reason="bad_mailbox", by=factories.system(), now=NOON)
    plan()
    assert not Notice.objects.filter(state=NoticeState.PLANNED).exists()
    assert calls() == [("cannot_reach", "address_stopped", True)]


def start_first(now: datetime) -> Message:
    """Claims the first due notice as a worker does and starts its attempt."""
    token = uuid4()
    due = Notice.objects.due(now).order_by("due_at", "pk")
    ids = [due[0].pk]
    Notice.objects.filter(pk__in=ids).move(
        NoticeState.CLAIMED, now=now, claimed_by=token, lease_until=now + LEASE, message=None
    )
    assert start_attempts(groups=[ids], token=token, now=now, lease=LEASE)
    return Message.objects.get(notices__in=ids)


@pytest.mark.parametrize("stopped", [False, True])
def test_who_wants_calls_is_called_about_everything_with_the_words_to_say(stopped: bool) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, mailbox=MAILBOX, language="es")
    wants(patient, "call")
    if stopped:
        stop_address(address=address_of(patient), reason="landline", by=factories.system(), now=NOON)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    assert channels() == {"call"}
    assert calls() == []
    message = start_first(NOON + GRACE)
    assert (message.channel, message.segments, message.template) == ("call", 0, "booking_confirmation/call.es.txt")
    assert message.body.startswith(
        "Hola, le llamamos de Harbor Center. Su visita queda reservada para el jueves 14 de enero"
    )


def test_who_wants_calls_and_gave_no_number_is_written_to() -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, phone="", mailbox=MAILBOX)
    wants(patient, "call")
    booker(clinic)(patient, new_york(14, 10))
    plan()
    assert channels() == {"email"}


def test_a_wrong_number_is_not_called_either() -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    wants(patient, "call")
    stop_address(address=address_of(patient), reason="wrong_number", by=factories.system(), now=NOON)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    assert calls() == [("cannot_reach", "address_stopped", True)]


def test_the_clinics_own_latest_words_are_used(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    manager = factories.create_user(clinic, Role.MANAGER)
    for version, body in ((1, "old"), (2, "{{ sender }}: see you {{ visits.0 }}. {{ link }}")):
        ClinicWording.objects.create(
            clinic=clinic, purpose="booking_confirmation", channel="sms", language="en", version=version, body=body,
            written_by=manager, written_at=NOON,
        )  # fmt: skip
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    send(NOON + GRACE)
    assert gateway.ledger[0].body.startswith("Harbor Center: see you Thu Jan 14, 10:00 AM. http")
    assert Message.objects.get().template_version == 2


def answer(patient: Patient, words: str, *, visit: Appointment | None = None, now: datetime = NOON) -> Notice:
    """An answer that a person chose to what the patient wrote."""
    reply = InboundMessage.objects.create(
        provider="twilio", reference=uuid4().hex, channel="sms", sender="+12125550123", patient=patient, text="?",
        intent="other", received_at=now,
    )  # fmt: skip
    clinic = Clinic.objects.get(organisation=patient.organisation)
    return Notice.objects.create(
        notice_key=f"reply/{reply.pk}", patient=patient, clinic=clinic, purpose="reply", step="quick", channel="sms",
        address=address_of(patient), due_at=now, useful_until=now + timedelta(hours=12), words=words, reply=reply,
        planned_at=now, changed_at=now,
    )  # fmt: skip


def test_an_answer_goes_as_it_was_chosen_at_any_hour_and_is_not_dropped_by_planning(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic, language="vi")
    at_night = new_york(5, 23)
    answer(patient, "We call you tomorrow.", now=at_night)
    plan_patient(patient=patient, now=at_night)
    send(at_night)
    assert [text.body for text in gateway.ledger] == ["We call you tomorrow."]


def test_an_answer_needs_no_consent_but_does_not_go_against_a_no(gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    patient = unreachable(clinic, "no_consent")
    answer(patient, "Yes, we are open.")
    send(NOON)
    assert len(gateway.ledger) == 1
    agree(address_of(patient), granted=False)
    answer(patient, "Hello?")
    send(NOON)
    assert len(gateway.ledger) == 1
