"""Planners and senders that meet, over real commits: each notice once, each text once; the control sends twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

from django.db import connections

from notifications.channels.outcomes import Outgoing
from notifications.channels.registry import channel_for
from notifications.dispatch import dispatch_due
from notifications.models import Notice, NoticeState
from notifications.notice_facts import ChannelName
from notifications.planning import plan_patient, plan_waiting
from scheduling.models import EventToPlan
from tests.databases import Committed
from tests.fakes.twilio_gateway import Mode, TwilioGateway
from tests.notifications.world import NOON, booker, clinic_that_writes, new_york, plan, reachable_patient

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
