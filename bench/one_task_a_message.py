"""The usual way, as a yardstick: a Celery task a message, with the same claim, send and record."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from config.celery import MESSAGES, app
from notifications.attempts import start_attempts
from notifications.channels.registry import channel_for
from notifications.claiming import LEASE, claim_due
from notifications.models import Notice, NoticeState
from notifications.models.notice import NoticeQuerySet
from notifications.notice_facts import ChannelName
from notifications.recording import record_outcomes

LONGEST_SECONDS = 60


@shared_task(name="bench.send_one")
def send_one() -> None:
    """Sends one due message."""
    channel = channel_for(ChannelName.SMS)
    claim = claim_due(channel=ChannelName.SMS, sender=channel.sender, most=1, now=timezone.now())
    if claim is None:
        return
    for one in start_attempts(groups=claim.groups, token=claim.token, now=timezone.now(), lease=LEASE):
        outcome = channel.send(one.outgoing)
        record_outcomes(outcomes=[(one.attempt_id, outcome)], gateway="", now=timezone.now())


def send_all(how_many: int) -> float:
    """Queues that many tasks; the seconds that so many take, without the worker's start. Where they take longer than
    LONGEST_SECONDS, those sent by then tell."""
    sent = Notice.objects.filter(state=NoticeState.SENT)
    for _ in range(how_many):
        app.send_task("bench.send_one", queue=MESSAGES)
    begun = _wait_for(sent, 1)
    began = time.monotonic()
    ended = _wait_for(sent, how_many)
    return (time.monotonic() - began) * how_many / max(ended - begun, 1)


def _wait_for(sent: NoticeQuerySet, how_many: int) -> int:
    until = time.monotonic() + LONGEST_SECONDS
    while (count := sent.count()) < how_many and time.monotonic() < until:
        time.sleep(0.05)
    assert count, f"after {LONGEST_SECONDS} s none was sent"
    return count
