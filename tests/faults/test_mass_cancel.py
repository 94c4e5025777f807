"""Five hundred visits cancelled while their confirmations go out: who was told hears of it once, the others never.

A hundred patients have two visits each. The controls send without the last look, and each notice as one message.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from notifications import attempts, claiming
from notifications.models import Attempt, MessageRules, Notice
from notifications.notice_facts import ChannelName
from notifications.planning import plan_waiting
from scheduling.models import EventToPlan
from tests.counts import say
from tests.faults.changing import Desk, attempts_begun_too_late
from tests.faults.conftest import Scene
from tests.faults.crowd import book_again, confirmations, make_due
from tests.faults.here import finish, plan_all, send_for
from tests.faults.outside import Outside, wait_until_working
from tests.programs import wait_for

pytestmark = pytest.mark.faults

PATIENCE_SECONDS = 240
VISITS, TWO_VISITS = 500, 100
FEW = 12
WORKERS = 2
# From the last change to a patient until it is told: the two of one patient are cancelled within it.
GRACE = timedelta(minutes=1)


def test_five_hundred_visits_cancelled_while_they_are_confirmed_tell_each_patient_once(scene: Scene) -> None:
    with scene(lease_seconds=6) as outside, ExitStack() as programs:
        rows = give_second_visits(range(VISITS - TWO_VISITS), TWO_VISITS)
        texts = [row for row in rows if row.channel == ChannelName.SMS]
        assert len(texts) == VISITS
        desks = [Desk(rows[0].clinic) for _ in range(2)]
        workers = [programs.enter_context(outside.worker()) for _ in range(WORKERS)]
        for worker in workers:
            wait_until_working(worker)
        programs.enter_context(outside.sweeping())
        # The others are due later and cancelled before: the sender is faster than two desks.
        make_due(rows[: len(rows) // 2], over=timedelta(seconds=10))

        def cancel(who: int) -> None:
            try:
                for row in texts[who :: len(desks)]:
                    desks[who].cancel(row)
            finally:
                connections.close_all()

        time.sleep(1)
        with ThreadPoolExecutor(len(desks)) as pool:
            list(pool.map(cancel, range(len(desks))))
        wait_for(all_told, seconds=PATIENCE_SECONDS, every=0.5)
        assert attempts_begun_too_late() == 0
        confirmed, cancelled = told_how_often("booking_confirmation"), told_how_often("cancelled")
        assert set(cancelled.values()) == {1}
        assert cancelled.keys() == confirmed.keys()
        addresses = {row.address_id for row in rows}
        assert 0 < len(cancelled) < len(addresses)
        arrived = Counter(text.to for text in outside.texts.ledger) + Counter(mail.to for mail in outside.mails.ledger)
        assert len(arrived) == len(cancelled)
        assert arrived.total() == confirmed.total() + cancelled.total()
        said = Notice.objects.filter(purpose="cancelled", state="sent").count()
        assert said > len(cancelled)
        say(
            f"mass cancel: {VISITS} visits of {VISITS - TWO_VISITS} patients, at {len(addresses)} addresses;"
            f" {len(confirmed)} had been told and got one cancellation each, for {said} visits;"
            f" {len(addresses) - len(confirmed)} never heard of them"
        )


def test_a_dozen_with_two_visits_each_hear_once_that_both_are_cancelled(here: Outside) -> None:
    """The control's own course with the guard in."""
    assert set(cancel_all_once_told().values()) == {1}


def test_control_each_notice_as_a_message_some_hear_of_it_twice(here: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "_groups", lambda rows: [[row.pk] for row in rows])
    told = cancel_all_once_told()
    twice = sum(1 for times in told.values() if times > 1)
    say(f"control each notice as a message: {twice} of {len(told)} addresses told twice that a visit is cancelled")
    assert twice


def test_cancelled_between_claim_and_start_nobody_is_told_of_a_visit(here: Outside) -> None:
    """The control's own course with the guard in."""
    cancel_all_once_claimed(here)
    assert attempts_begun_too_late() == 0
    assert here.texts.ledger == []


def test_control_without_the_last_look_some_are_told_of_a_visit_that_is_cancelled(
    here: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "why_not", lambda *_: "")
    cancel_all_once_claimed(here)
    late = attempts_begun_too_late()
    say(f"control without the last look: {late} attempts begun after the mass cancel, {len(here.texts.ledger)} texts")
    assert late
    assert here.texts.ledger


def give_second_visits(people: range, second: int) -> list[Notice]:
    """The confirmations of these people, of whom the first `second` have two visits; leaves the desk its grace."""
    first = confirmations(people)
    book_again(people[:second])
    MessageRules.objects.filter(clinic=first[0].clinic).update(grace_minutes=GRACE.total_seconds() // 60)
    return confirmations(people)


def cancel_all_once_told() -> Counter[int]:
    """A dozen hear of two visits each, by text, and of their end; gives how often each address heard of that."""
    rows = [row for row in give_second_visits(range(FEW), FEW) if row.channel == ChannelName.SMS]
    make_due(rows, starts=timezone.now() - timedelta(seconds=1))
    send_for(30)
    desk = Desk(rows[0].clinic)
    for row in rows:
        desk.cancel(row)
    finish(later=GRACE)
    return told_how_often("cancelled")


def cancel_all_once_claimed(here: Outside) -> None:
    """All due at once and cancelled while the first of them are claimed and not yet begun."""
    rows = confirmations(range(FEW), ChannelName.SMS)
    desk = Desk(rows[0].clinic)
    reached = here.arm("after_claim")
    make_due(rows, starts=timezone.now() - timedelta(seconds=1))
    with ThreadPoolExecutor(1) as sender:
        sending = sender.submit(send_for, 5)
        wait_for(reached.exists, seconds=10, every=0.005)
        for row in rows:
            desk.cancel(row)
        plan_all()
        reached.unlink()
        sending.result(30)


def told_how_often(purpose: str) -> Counter[int]:
    return Counter(Attempt.objects.filter(message__purpose=purpose).values_list("message__address", flat=True))


def all_told() -> bool:
    if EventToPlan.objects.exists():
        plan_waiting(now=timezone.now())
        return False
    now = timezone.now()
    waits = Notice.objects.filter(purpose="cancelled", state="planned").exists()
    return not waits and not Notice.objects.due(now).exists() and not Notice.objects.filter(state="claimed").exists()
