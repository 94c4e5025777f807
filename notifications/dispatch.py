"""Sending what is due: claim an address, write down the attempt, send with no transaction open, record the outcome."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction

from notifications import failpoints
from notifications.attempt_outcomes import record_outcome
from notifications.attempts import start_attempt
from notifications.channels.registry import channel_for
from notifications.models import Notice, NoticeState

log = logging.getLogger(__name__)
# Longer than any channel's total time limit, with room for its answer to be recorded.
LEASE = timedelta(seconds=getattr(settings, "SEND_LEASE_SECONDS", 60))
START_WITHIN = LEASE / 3


@dataclass(frozen=True, slots=True)
class Claim:
    """All due notices of one address, leased to us under a token until `lease_until`."""

    token: uuid.UUID
    address_id: int
    notice_ids: list[int]
    lease_until: datetime


def dispatch_due(*, clock: Callable[[], datetime], until: datetime) -> int:
    """Sends what is due, an address at a time, until nothing is left or `until`; gives how many messages were tried.

    Any number of workers may do so at once. What fails is logged and left to its lease; the others go on.
    """
    tried = 0
    while clock() < until:
        claim = claim_next(now=clock())
        if claim is None:
            break
        failpoints.reach("after_claim")
        tried += _send_claimed(claim, clock)
    return tried


def claim_next(*, now: datetime) -> Claim | None:
    """Leases all due notices of one address that nobody else is at, or None. Commits before it returns."""
    token, lease_until = uuid.uuid4(), now + LEASE
    due = Notice.objects.due(now)
    with transaction.atomic():
        # SKIP LOCKED: the planner may be at some of them, and waiting for each other is how deadlocks begin. The
        # address is locked with its first free notice, so that no other worker takes the rest of it.
        free = due.select_related("address").select_for_update(skip_locked=True, no_key=True, of=("self", "address"))
        first = free.order_by("due_at", "pk").first()
        if first is None:
            return None
        address = first.address_id
        rest = due.filter(address=address).select_for_update(skip_locked=True, no_key=True)
        ids = sorted(rest.values_list("pk", flat=True))
        Notice.objects.filter(pk__in=ids).move(
            NoticeState.CLAIMED, now=now, claimed_by=token, lease_until=lease_until, message=None
        )
    return Claim(token, address, ids, lease_until)


def _send_claimed(claim: Claim, clock: Callable[[], datetime]) -> int:
    rows = Notice.objects.filter(pk__in=claim.notice_ids).order_by("patient", "purpose", "due_at")
    tried = 0
    # One message a patient and purpose: two patients may share an address, and neither learns of the other.
    for _, group in groupby(rows, key=lambda row: (row.patient_id, row.purpose)):
        try:
            tried += _send_together([row.pk for row in group], claim, clock)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("sending failed", extra={"address": claim.address_id})
    return tried


def _send_together(notice_ids: list[int], claim: Claim, clock: Callable[[], datetime]) -> bool:
    started = start_attempt(notice_ids=notice_ids, token=claim.token, now=clock(), lease=LEASE)
    if started is None:
        return False
    failpoints.reach("after_attempt")
    # A worker that slept through its lease must not send: someone has looked the message up and may have sent it again.
    if clock() > started.outgoing.started_at + START_WITHIN:
        return False
    outcome = channel_for(started.channel).send(started.outgoing)
    failpoints.reach("after_accept")
    failpoints.reach("before_record")
    record_outcome(attempt_id=started.attempt_id, outcome=outcome, now=clock())
    failpoints.reach("after_record")
    return True
