"""Planners and senders that meet, over real commits: each notice once, each text once; the control sends twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from notifications import links
from notifications.addresses import set_address
from notifications.channels.outcomes import Outgoing
from notifications.channels.registry import channel_for
from notifications.claiming import LEASE
from notifications.dispatch import dispatch_due
from notifications.models import AddressKind, Notice, NoticeState
from notifications.notice_facts import ChannelName, Purpose
from notifications.planning import plan_patient, plan_waiting
from notifications.rescue import rescue_expired
from notifications.telling import told_in_person
from scheduling.events import Actor, Entry, record
from scheduling.models import Event, EventToPlan, Role
from tests import factories
from tests.databases import Committed
from tests.fakes.twilio_gateway import Mode, TwilioGateway
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient
from tests.programs import wait_for

TOLD = NOON + timedelta(minutes=3)
WORKERS = 6
T = TypeVar("T")


def at_once(work: Callable[[], T]) -> list[T]:
    """Runs `work` in several threads that start together, each with a database connection of its own."""
    barrier = Barrier(WORKERS)

    def one(_: int) -> T:
        try:
            barrier.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


def beside(work: Callable[[], T]) -> Future[T]:
    """Runs `work` in a thread beside the test, with a database connection of its own."""
    answer: Future[T] = Future()

    def one() -> None:
        try:
            answer.set_result(work())
        except BaseException as problem:  # noqa: BLE001 -- the test gets it
            answer.set_exception(problem)
        finally:
            connections.close_all()

    threading.Thread(target=one, daemon=True).start()
    return answer


def send() -> int:
    return dispatch_due(clock=lambda: TOLD, until=TOLD + timedelta(seconds=1))


def test_planners_of_one_patient_that_meet_plan_once(committed_database: Committed) -> None:
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    book = booker(clinic)
    for day in (12, 14, 18):
        book(patient, new_york(day, 10))
    Notice.objects.all().delete()
    at_once(lambda: plan_patient(patient=patient, now=NOON))
    assert Notice.objects.count() == 6


def test_sweeps_that_meet_take_each_event_once(committed_database: Committed) -> None:
    clinic = clinic_that_writes()
    book = booker(clinic)
    for number in range(8):
        patient = reachable_patient(clinic, phone=f"+1212555019{number}")
        book(patient, new_york(14, 8 + number))
    events = list(EventToPlan.objects.all())
    assert sum(at_once(lambda: plan_waiting(now=NOON))) == len(events)
    assert not EventToPlan.objects.exists()
    assert Notice.objects.filter(purpose="booking_confirmation").count() == 8


def test_senders_that_meet_send_each_text_once(committed_database: Committed, gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    book = booker(clinic)
    for number in range(8):
        book(reachable_patient(clinic, phone=f"+1212555019{number}"), new_york(14, 8 + number))
    plan()
    gateway.mode, gateway.delay_seconds = Mode.DELAY, 0.05
    assert sum(at_once(send)) == 8
    assert sorted(text.to for text in gateway.ledger) == [f"+1212555019{number}" for number in range(8)]


def test_address_somebody_is_at_holds_up_no_other(committed_database: Committed, gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    book = booker(clinic)
    for number in range(3):
        book(reachable_patient(clinic, phone=f"+1212555019{number}"), new_york(14, 9 + number))
    plan()
    busy = Notice.objects.due(TOLD).order_by("due_at", "pk")[0]
    with transaction.atomic():
        list(Notice.objects.filter(address=busy.address_id).select_for_update())
        assert beside(send).result() == 2
    assert send() == 1


def test_rescuers_that_meet_ask_once(committed_database: Committed, gateway: TwilioGateway) -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    gateway.mode = Mode.RESET
    send()
    # It can't tell, so that there is something to ask for still.
    gateway.token = "another"
    later = TOLD + 2 * LEASE
    at_once(lambda: rescue_expired(clock=lambda: later, until=later + timedelta(seconds=1)))
    assert gateway.requests == 2


def test_clinics_patients_are_planned_one_transaction_each(committed_database: Committed) -> None:
    clinic = clinic_that_writes()
    book = booker(clinic)
    first, second = (reachable_patient(clinic, phone=f"+1212555019{number}") for number in range(2))
    book(first, new_york(14, 9))
    book(second, new_york(14, 10))
    with transaction.atomic():
        entry = Entry("clinic.messages_set", clinic_id=clinic.pk)
        record(organisation_id=clinic.organisation_id, entries=[entry], by=Actor.system("tests"), now=NOON)
    EventToPlan.objects.all().delete()
    Notice.objects.all().delete()
    EventToPlan.objects.create(event=Event.objects.get(verb="clinic.messages_set"))
    with transaction.atomic():
        with connection.cursor() as cursor:
            # What a planner at the second patient holds.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('notifications.planning'), %s)", [second.pk])
        sweep = beside(lambda: plan_waiting(now=NOON))
        wait_for(lambda: Notice.objects.filter(patient=first).exists(), seconds=4)
    assert sweep.result() == 1
    assert Notice.objects.filter(patient=second).exists()


def test_new_number_waits_for_a_send_that_is_starting(
    committed_database: Committed, gateway: TwilioGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The send has looked at the facts and not committed yet: without the wait it texts a number already replaced."""
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    booker(clinic)(patient, new_york(14, 10))
    plan()
    looked, go = threading.Event(), threading.Event()
    real = links.token_for

    def held(message_id: UUID, purpose: Purpose) -> str:
        looked.set()
        go.wait(10)
        return real(message_id, purpose)

    monkeypatch.setattr(links, "token_for", held)
    sending = beside(send)
    assert looked.wait(10)
    change = beside(
        lambda: set_address(
            patient=patient, kind=AddressKind.PHONE, raw="+12125550188", by=factories.system(), now=TOLD
        )
    )
    with pytest.raises(TimeoutError):
        change.result(timeout=1)
    go.set()
    assert sending.result(10) == 1
    assert change.result(10).value == "+12125550188"


def test_they_know_waits_for_a_send_that_is_starting_and_is_kept_beside_it(
    committed_database: Committed, gateway: TwilioGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the wait the desk would be told that no message goes while one is on its way."""
    clinic = clinic_that_writes()
    patient = reachable_patient(clinic)
    visit = booker(clinic)(patient, new_york(14, 10))
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    plan()
    looked, go = threading.Event(), threading.Event()
    real = links.token_for

    def held(message_id: UUID, purpose: Purpose) -> str:
        looked.set()
        go.wait(10)
        return real(message_id, purpose)

    monkeypatch.setattr(links, "token_for", held)
    sending = beside(send)
    assert looked.wait(10)
    telling = beside(lambda: told_in_person(patient=patient, visit=visit, by=desk, now=TOLD))
    with pytest.raises(TimeoutError):
        telling.result(timeout=1)
    go.set()
    assert sending.result(10) == 1
    assert telling.result(10).told_version == visit.told_version
    plan(TOLD)
    assert Notice.objects.get(purpose="booking_confirmation").state == NoticeState.SENT


def test_control_senders_that_do_not_claim_send_the_same_text_again(
    committed_database: Committed, gateway: TwilioGateway
) -> None:
    clinic = clinic_that_writes()
    booker(clinic)(reachable_patient(clinic), new_york(14, 10))
    plan()
    gateway.mode, gateway.delay_seconds = Mode.DELAY, 0.5
    at_once(read_send_mark)
    assert len(gateway.ledger) > 1


def read_send_mark() -> None:
    """The same work by the usual protocol: look what is due, send it, mark it."""
    for row in Notice.objects.due(TOLD).select_related("address"):
        outgoing = Outgoing(str(row.pk), row.address.value or "", "", "text", TOLD, TOLD + timedelta(hours=1))
        channel_for(ChannelName.SMS).send(outgoing)
        Notice.objects.filter(pk=row.pk).move(NoticeState.SUPPRESSED, now=TOLD, reason="sent")
