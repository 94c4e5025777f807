"""A worker killed with kill -9 in the middle of a send: nothing lost, nothing twice, what nobody can know is shown.

The gateway's own ledger is what counts. The control replaces the look-up by a blind retry, and then texts do double.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from celery import Celery
from django.utils import timezone
from pytest_django import Settings

from config.celery import MESSAGES, broker_url
from notifications import rescue
from notifications.channels.outcomes import NotKnown
from notifications.dispatch import dispatch_due
from notifications.models import Attempt, AttemptOutcome, MessageRules, Notice
from notifications.planning import plan_waiting
from tests import factories
from tests.counts import say
from tests.databases import Committed
from tests.fakes.smtp_server import SmtpServer, running_smtp_server
from tests.fakes.twilio_gateway import TwilioGateway, running_gateway
from tests.notifications.world import MAILBOX, PHONE, booker, reachable_patient
from tests.programs import kill_group, running, wait_for
from tests.redis_servers import RedisServer

pytestmark = pytest.mark.faults

LEASE_SECONDS = 3
ARRIVED_BEFORE = {"after_attempt": 0, "after_accept": 1}


@dataclass
class Outside:
    texts: TwilioGateway
    mails: SmtpServer
    environment: dict[str, str]
    redis_url: str

    @contextmanager
    def worker(self, failpoint: str = "") -> Iterator[Callable[[], None]]:
        """A real worker; the yielded function kills it and all its children."""
        with running("worker", self.environment | {"INFUSION_FAILPOINT": failpoint}) as process:
            yield lambda: kill_group(process)

    def sweep(self) -> bool:
        """Pokes a worker as beat does."""
        with Celery(broker=broker_url(self.redis_url)) as app:
            app.send_task("notifications.tasks.sweep", queue=MESSAGES)
        return True


@pytest.fixture
def outside(committed_database: Committed, redis_server: RedisServer) -> Iterator[Outside]:
    with running_gateway() as texts, running_smtp_server() as mails:
        places = {
            "REDIS_URL": redis_server.url,
            "SMS_URL": texts.url,
            "EMAIL_URL": mails.url,
            "INFUSION_SEND_LEASE_SECONDS": str(LEASE_SECONDS),
            "WORKER_PROCESSES": "1",
        }
        yield Outside(texts, mails, committed_database.environment | places, redis_server.url)


def one_due_notice(*, phone: str, mailbox: str) -> None:
    clinic = factories.create_clinic()
    MessageRules.objects.create(
        clinic=clinic, sender_name="Harbor Center", grace_minutes=0, quiet_from=time(0), quiet_until=time(0)
    )
    now = timezone.now()
    patient = reachable_patient(clinic, phone=phone, mailbox=mailbox, now=now)
    # A Wednesday more than a week off, in the clinic's morning.
    day = now.date() + timedelta(days=14 - (now.weekday() - 2) % 7)
    booker(clinic, now=now)(patient, datetime.combine(day, time(15), UTC))
    plan_waiting(now=timezone.now())
    # What is due now is the confirmation; due times in the past stand for the sweep that comes next.
    Notice.objects.filter(purpose="booking_confirmation").update(due_at=now)


def kill_worker_at(failpoint: str, outside: Outside, marker: Path) -> None:
    with outside.worker(f"{failpoint}:{marker}") as kill:
        outside.sweep()
        wait_for(marker.exists, seconds=45)
        kill()
    assert Attempt.objects.count() == 1
    assert AttemptOutcome.objects.count() == 0


def settled() -> str:
    """The confirmation's state once nobody is at it any more, else nothing."""
    state = Notice.objects.get(purpose="booking_confirmation").state
    return "" if state in ("planned", "claimed") else state


@pytest.mark.parametrize("failpoint", ARRIVED_BEFORE)
def test_text_cut_off_by_a_kill_arrives_exactly_once(failpoint: str, outside: Outside, tmp_path: Path) -> None:
    one_due_notice(phone=PHONE, mailbox="")
    kill_worker_at(failpoint, outside, tmp_path / "reached")
    assert len(outside.texts.to(PHONE)) == ARRIVED_BEFORE[failpoint]
    with outside.worker():
        wait_for(lambda: outside.sweep() and settled(), seconds=45, every=1)
        outside.sweep()
    assert settled() == "sent"
    assert len(outside.texts.to(PHONE)) == 1
    say(f"killed {failpoint}: {ARRIVED_BEFORE[failpoint]} before, {len(outside.texts.to(PHONE))} after the rescue")


@pytest.mark.parametrize("failpoint", ARRIVED_BEFORE)
def test_mail_cut_off_by_a_kill_is_never_sent_again_and_is_on_the_desks_list(
    failpoint: str, outside: Outside, tmp_path: Path
) -> None:
    one_due_notice(phone="", mailbox=MAILBOX)
    kill_worker_at(failpoint, outside, tmp_path / "reached")
    with outside.worker():
        wait_for(lambda: outside.sweep() and settled(), seconds=45, every=1)
        outside.sweep()
    assert settled() == "unknown"
    assert Notice.objects.needs_person().count() == 1
    assert len(outside.mails.to(MAILBOX)) == ARRIVED_BEFORE[failpoint]


def test_control_blind_retry_doubles_the_text(
    outside: Outside, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_due_notice(phone=PHONE, mailbox="")
    kill_worker_at("after_accept", outside, tmp_path / "reached")
    settings.SMS_URL = outside.texts.url
    monkeypatch.setattr(rescue, "_ask", lambda _: NotKnown())

    def blind_retry() -> str:
        until = timezone.now() + timedelta(seconds=5)
        rescue.rescue_expired(clock=timezone.now, until=until)
        dispatch_due(clock=timezone.now, until=until)
        return settled()

    wait_for(blind_retry, seconds=20, every=1)
    assert len(outside.texts.to(PHONE)) == 2
