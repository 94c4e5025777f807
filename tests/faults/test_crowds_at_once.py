"""One row that can't be sent among a thousand, and five hundred visits cancelled while their messages go out."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connections, transaction
from django.utils import timezone

from notifications.models import Attempt, Notice
from notifications.notice_facts import ChannelName
from notifications.planning import plan_waiting
from scheduling.events import Entry, record
from scheduling.models import EventToPlan, Patient
from tests import factories
from tests.counts import say
from tests.faults.changing import Desk, attempts_begun_too_late
from tests.faults.conftest import Scene
from tests.faults.crowd import confirmations, make_due, states, unsettled
from tests.faults.outside import wait_until_working
from tests.programs import wait_for

pytestmark = pytest.mark.faults

# How long a thousand may take on a busy machine; what tells is that the stream of them never stops.
PATIENCE_SECONDS = 240
LONGEST_STOP_SECONDS = 10
ROWS = 1000
VISITS = 500
WORKERS = 2


def test_one_row_that_cannot_be_sent_holds_up_none_of_the_other_999(scene: Scene) -> None:
    with scene(lease_seconds=6) as outside, ExitStack() as programs:
        rows = confirmations(range(ROWS // 2))
        poison, others = rows[ROWS // 4], [row for row in rows if row.patient_id != rows[ROWS // 4].patient_id]
        others += confirmations([ROWS // 2], ChannelName.SMS)
        assert len(others) == ROWS - 1
        spoil(poison)
        workers = [programs.enter_context(outside.worker()) for _ in range(WORKERS)]
        for worker in workers:
            wait_until_working(worker)
        programs.enter_context(outside.sweeping())
        # The bad one first, so that everything is behind it.
        due = make_due([poison, *others], over=timedelta(seconds=1))
        wait_for(lambda: not unsettled(others), seconds=PATIENCE_SECONDS, every=0.5)
        last = (timezone.now() - due).total_seconds()
        assert states(others) == {"sent": len(others)}
        arrived = sorted([text.at for text in outside.texts.ledger] + [mail.at for mail in outside.mails.ledger])
        assert len(arrived) == len(others)
        stop = max(later - sooner for sooner, later in pairwise(arrived))
        assert stop <= LONGEST_STOP_SECONDS
        wait_for(lambda: states([poison]) == {"failed": 1}, seconds=120, every=0.5)
        assert set(Notice.objects.needs_person().values_list("pk", flat=True)) == {poison.pk}
        poison.refresh_from_db()
        assert poison.reason == "gave_up"
        say(f"poison: {len(others)} of {ROWS} sent {last:.1f} s after due, longest stop {stop:.1f} s, 1 given up")


def spoil(notice: Notice) -> None:
    """Gives the patient a time zone that no planner or sender can make sense of."""
    with transaction.atomic():
        Patient.objects.filter(pk=notice.patient_id).update(time_zone="Nowhere/At_All")
        entry = Entry("patient.changed", clinic_id=notice.clinic_id, patient_id=notice.patient_id)
        record(
            organisation_id=notice.clinic.organisation_id, entries=[entry], by=factories.system(), now=timezone.now()
        )


def test_five_hundred_visits_cancelled_while_they_are_confirmed_tell_each_patient_once(scene: Scene) -> None:
    with scene(lease_seconds=6) as outside, ExitStack() as programs:
        rows = confirmations(range(VISITS))
        texts = [row for row in rows if row.channel == ChannelName.SMS]
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
        sent = Counter(Attempt.objects.values_list("message__address", "message__purpose"))
        assert max(sent.values()) == 1
        confirmed = {address for address, purpose in sent if purpose == "booking_confirmation"}
        cancelled = {address for address, purpose in sent if purpose == "cancelled"}
        assert cancelled == confirmed
        assert 0 < len(cancelled) < len(rows)
        arrived = Counter(text.to for text in outside.texts.ledger) + Counter(mail.to for mail in outside.mails.ledger)
        assert len(arrived) == len(cancelled)
        assert set(arrived.values()) == {2}
        say(
            f"mass cancel: {VISITS} visits, {len(rows)} messages; {len(confirmed)} had gone before and got one"
            f" cancellation each, {len(rows) - len(confirmed)} never went"
        )


def all_told() -> bool:
    if EventToPlan.objects.exists():
        plan_waiting(now=timezone.now())
        return False
    now = timezone.now()
    return not Notice.objects.due(now).exists() and not Notice.objects.filter(state="claimed").exists()
