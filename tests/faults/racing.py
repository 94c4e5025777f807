"""A change and a send of the same message, again and again, started so that either is first about half the times."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils import timezone

from notifications.dispatch import dispatch_due
from notifications.models import Notice
from tests.faults.changing import Desk
from tests.faults.crowd import confirmations
from tests.faults.here import finish

ACTS = ("cancel", "move", "opt out", "wrong number")
OF_AN_ADDRESS = ("opt out", "wrong number")
AROUND_DUE = timedelta(milliseconds=50)
# How much sooner or later the next change of a kind begins, once the sender or the change was first.
STEP = timedelta(milliseconds=10)
MOST_AHEAD = timedelta(milliseconds=300)
DUE_IN = timedelta(milliseconds=350)
SETTLES_SECONDS = 0.1
SENDERS, ACTORS = 2, 2
POLL_SECONDS = 0.005
SLOW_LOOK_SECONDS = 0.01
# Whether this thread changes things; the others send.
here_is = threading.local()


def race(people: range, seed: int) -> list[tuple[str, Notice]]:
    """Lets everybody's two messages fall due, and changes each around that time; gives how."""
    chance = random.Random(seed)
    rows = confirmations(people)
    trials = [(chance.choice(ACTS), rows[place : place + 2]) for place in range(0, len(rows), 2)]
    desk, over = Desk(rows[0].clinic), threading.Event()
    with ThreadPoolExecutor(SENDERS + ACTORS) as pool:
        sending = [pool.submit(_send, over) for _ in range(SENDERS)]
        changing = [pool.submit(_change, trials[who::ACTORS], desk, random.Random(seed + who)) for who in range(ACTORS)]
        try:
            for work in changing:
                work.result(300)
            time.sleep(1)
        finally:
            over.set()
        for work in sending:
            work.result(60)
    finish()
    return [(act, row) for act, theirs in trials for row in theirs]


def _send(over: threading.Event) -> None:
    try:
        while not over.is_set():
            dispatch_due(clock=timezone.now, until=timezone.now() + timedelta(seconds=1))
            time.sleep(POLL_SECONDS)
    finally:
        connections.close_all()


def _change(trials: list[tuple[str, list[Notice]]], desk: Desk, chance: random.Random) -> None:
    """One trial after the other: several at once would wait for each other, and come long after their time."""
    here_is.changing = True
    ahead = dict.fromkeys(ACTS, AROUND_DUE)
    try:
        for act, theirs in trials:
            due = timezone.now() + DUE_IN
            for row in theirs:
                row.due_at = due
            Notice.objects.bulk_update(theirs, ["due_at"])
            _wait_until(due + chance.uniform(-1, 1) * AROUND_DUE - ahead[act])
            # A change of the visit is one of both messages, one of an address is of its own.
            changed = chance.sample(theirs, 2) if act in OF_AN_ADDRESS else theirs[:1]
            for row in changed:
                desk.acts[act](row)
            _wait_until(due)
            time.sleep(SETTLES_SECONDS)
            ahead[act] = _step(ahead[act], sender_was_first=has_begun(changed[0]))
    finally:
        connections.close_all()


def _step(ahead: timedelta, *, sender_was_first: bool) -> timedelta:
    """How long before the due time the next change begins: nobody knows how long a verb or a look takes on a machine,
    so whoever was first has it harder the next time."""
    return max(-MOST_AHEAD, min(ahead + (STEP if sender_was_first else -STEP), MOST_AHEAD))


def has_begun(row: Notice) -> bool:
    """Whether an attempt to send it was made."""
    return Notice.objects.filter(pk=row.pk, message__isnull=False).exists()


def _wait_until(moment: datetime) -> None:
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
