"""Cancelled, moved, opted out, found to be a wrong number: at each place of a send and within 50 ms of its due time.

No attempt begins after that commit, and what was under way is followed by its correction. Who was first is read from
the server's own commit times. The control sends without locking what it looks at, and some attempts begin too late.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils import timezone
from pytest_django import Settings

from notifications.dispatch import dispatch_due
from notifications.models import Attempt, Notice
from notifications.notice_facts import ChannelName
from notifications.planning import plan_waiting
from scheduling.models import EventToPlan
from tests.counts import say
from tests.faults.changing import Desk, attempts_begun_too_late
from tests.faults.conftest import Scene
from tests.faults.crowd import PEOPLE, confirmations, make_due, phone
from tests.faults.outside import Outside
from tests.programs import wait_for

pytestmark = pytest.mark.faults

FAILPOINTS = ("after_claim", "after_attempt", "after_accept", "before_record", "after_record")
ACTS = ("cancel", "move", "opt out", "wrong number")
TIMES_EACH = 10
# Two messages a person, so with the trials at the places of a send there are a thousand.
RACED = range(len(FAILPOINTS) * len(ACTS) * TIMES_EACH, PEOPLE)
CONTROL = range(120)
EVERY_SECONDS = 0.06
AROUND_DUE = timedelta(milliseconds=50)
SENDERS, ACTORS = 4, 2
SLOW_LOOK_SECONDS = 0.01
CORRECTION = {"cancel": "cancelled", "move": "changed"}
# Whether this thread changes things; the others send.
here_is = threading.local()


@pytest.fixture
def here(scene: Scene, settings: Settings) -> Iterator[Outside]:
    """The sending is done by threads of the test."""
    with scene() as outside:
        settings.SMS_URL, settings.EMAIL_URL = outside.texts.url, outside.mails.url
        settings.FAILPOINTS = str(outside.failpoints)
        yield outside


def send_for(seconds: float) -> int:
    try:
        return dispatch_due(clock=timezone.now, until=timezone.now() + timedelta(seconds=seconds))
    finally:
        connections.close_all()


def finish() -> None:
    """Plans and sends what the changes call for, until nothing is due."""
    while EventToPlan.objects.exists():
        plan_waiting(now=timezone.now())
    wait_for(lambda: send_for(10) == 0 and not Notice.objects.due(timezone.now()).exists(), seconds=180)


def test_change_at_each_place_of_a_send_is_the_last_word(here: Outside) -> None:
    ways = [(failpoint, act) for failpoint in FAILPOINTS for act in ACTS] * TIMES_EACH
    rows = confirmations(range(len(ways)), ChannelName.SMS)
    desk = Desk(rows[0].clinic)
    with ThreadPoolExecutor(1) as sender:
        for (failpoint, act), row in zip(ways, rows, strict=True):
            reached = here.arm(failpoint)
            make_due([row])
            sending = sender.submit(send_for, 5)
            wait_for(reached.exists, seconds=10, every=0.005)
            desk.acts[act](row)
            reached.unlink()
            sending.result(30)
    finish()
    for number, (failpoint, act) in enumerate(ways):
        wanted = what_is_sent(act, begun=failpoint != "after_claim")
        assert purposes_sent(phone(number)) == wanted, (failpoint, act)
        assert len(here.texts.to(phone(number))) == len(wanted)
    assert attempts_begun_too_late() == 0
    say(
        f"changed at a place of a send: {len(ways)} trials, 0 begun too late, each in flight followed by its correction"
    )


def what_is_sent(act: str, *, begun: bool) -> list[str]:
    """In order, to one address. Who was never told of the time before a move gets the new one simply confirmed."""
    if begun:
        return ["booking_confirmation"] + ([CORRECTION[act]] if act in CORRECTION else [])
    return ["booking_confirmation"] if act == "move" else []


def purposes_sent(address: str) -> list[str]:
    attempts = Attempt.objects.filter(message__address__value=address).order_by("pk")
    return list(attempts.values_list("message__purpose", flat=True))


def test_change_within_50_ms_of_the_due_time_is_the_last_word(here: Outside) -> None:
    with looking_slowly():
        trials = race(RACED, seed=1)
    assert attempts_begun_too_late() == 0
    begun = Counter[str]()
    for act, row in trials:
        was_begun = Notice.objects.filter(pk=row.pk, message__isnull=False).exists()
        begun[act] += was_begun
        assert purposes_sent(str(row.address.value)) == what_is_sent(act, begun=was_begun), act
    # Both sides win at times, the sender far more often: a change has to wait for the look of its whole batch.
    assert 0 < begun.total() < len(trials)
    say(
        f"changed within 50 ms of due: {len(trials)} trials, 0 begun too late; {begun.total()} under way before,"
        f" each followed by its correction where there is one: {dict(begun)}"
    )


def test_control_without_the_locked_look_some_attempts_begin_too_late(here: Outside) -> None:
    with looking_slowly(locking=False):
        race(CONTROL, seed=2)
    late = attempts_begun_too_late()
    say(f"control without FOR SHARE: {2 * len(CONTROL)} trials, {late} begun too late")
    assert late


def race(people: range, seed: int) -> list[tuple[str, Notice]]:
    """Lets everybody's two messages fall due, one person after the other, each changed within 50 ms; gives how."""
    chance = random.Random(seed)
    rows = confirmations(people)
    desk = Desk(rows[0].clinic)
    base = timezone.now() + timedelta(seconds=2)
    due = {number: base + timedelta(seconds=EVERY_SECONDS * place) for place, number in enumerate(people)}
    acts = {number: chance.choice(ACTS) for number in people}
    theirs: dict[int, list[Notice]] = {number: rows[2 * place : 2 * place + 2] for place, number in enumerate(people)}
    for number, (one, other) in theirs.items():
        one.due_at = other.due_at = due[number]
    Notice.objects.bulk_update(rows, ["due_at"], batch_size=500)
    moments = {number: due[number] + chance.uniform(-1, 1) * AROUND_DUE for number in people}
    over = threading.Event()

    def send() -> None:
        while not over.is_set():
            send_for(1)
            time.sleep(0.002)

    def change(numbers: list[int]) -> None:
        here_is.changing = True
        try:
            for number in numbers:
                wait_until(moments[number])
                both = theirs[number] if acts[number] in ("opt out", "wrong number") else theirs[number][:1]
                for row in both:
                    desk.acts[acts[number]](row)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(SENDERS + ACTORS) as pool:
        sending = [pool.submit(send) for _ in range(SENDERS)]
        changing = [
            pool.submit(change, [number for number in people if number % ACTORS == who]) for who in range(ACTORS)
        ]
        try:
            for work in changing:
                work.result(300)
            time.sleep(1)
        finally:
            over.set()
        for work in sending:
            work.result(60)
    finish()
    return [(acts[number], row) for number in people for row in theirs[number]]


def wait_until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - timezone.now()).total_seconds()))


@contextmanager
def looking_slowly(*, locking: bool = True) -> Iterator[None]:
    """Every look before a send takes longer, so that changes meet it; without `locking` it locks nothing."""

    def slow(execute: Callable[..., Any], statement: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        if not locking and not getattr(here_is, "changing", False):
            statement = statement.replace(" FOR SHARE", "")
        answer = execute(statement, parameters, many, context)
        if statement.startswith("INSERT") and "notifications_message" in statement:
            time.sleep(SLOW_LOOK_SECONDS)
        return answer

    def install(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
        connection.execute_wrappers.append(slow)

    connections.close_all()
    connection_created.connect(install)
    try:
        yield
    finally:
        connection_created.disconnect(install)
        connections["default"].execute_wrappers.clear()
        connections.close_all()
