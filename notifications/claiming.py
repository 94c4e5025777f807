"""Taking due notices for a while, so that no other worker is at them: whole addresses, as many as may go now."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.db import transaction

from notifications import sender_pace
from notifications.models import Notice, NoticeState
from notifications.notice_facts import ChannelName

# Longer than any channel's total time limit after its latest start, with room for the answer to be recorded.
LEASE = timedelta(seconds=getattr(settings, "SEND_LEASE_SECONDS", 45))

READ = ("pk", "address", "patient", "clinic", "purpose", "due_at")
# PostgreSQL locks in this order, and keeps what it locked of a row that it then skips. Notice first, a worker that
# comes second would hold what it leaves to the one before it, who would miss it: two texts in place of one.
LOCKED = ("address", "self")


@dataclass(frozen=True, slots=True)
class Claim:
    """All due notices of some addresses, leased to us under a token until `lease_until`.

    Each group leaves as one message: a patient, a clinic, a purpose and an address. Two patients may share an address,
    and neither learns of the other. `is_a_try`: it tells whether a gateway that was down is back.
    """

    token: uuid.UUID
    groups: list[list[int]]
    lease_until: datetime
    is_a_try: bool = False


def claim_due(*, channel: ChannelName, sender: str, most: int, now: datetime) -> Claim | None:
    """Leases the due notices of up to `most` addresses that nobody else is at, the longest due first; None if none.

    Commits before it returns. `sender` is what the channel sends by, empty where it needs no pace. A gateway whose
    circuit is open gets none, one that is tried again gets one.
    """
    with transaction.atomic():
        due = Notice.objects.due(now).filter(channel=channel)
        circuit = sender_pace.Circuit(None)
        if sender:
            circuit = sender_pace.read_circuit(sender_pace.name_of(channel, sender), now)
            due = sender_pace.leave_out_of_breath(due, channel, sender, now)
        most = most if circuit.most is None else min(most, circuit.most)
        # SKIP LOCKED: the planner may be at some of them, and waiting for each other is how deadlocks begin. An address
        # is locked with its first free notice, so that no other worker takes the rest of it.
        free = due.select_related("address").only("pk", "address__id")
        first = free.select_for_update(skip_locked=True, no_key=True, of=LOCKED).order_by("due_at", "pk")
        addresses = {row.address_id for row in first[:most]}
        rest = due.filter(address__in=addresses).only(*READ).order_by("due_at", "pk")
        rows = list(rest.select_for_update(skip_locked=True, no_key=True, of=("self",))) if addresses else []
        if rows and sender:
            in_turn = sender_pace.take_turns(rows, channel, sender, now)
            rows = [row for row in rows if row.address_id in in_turn]
        if not rows or not circuit.claim_try(now):
            return None
        claim = Claim(uuid.uuid4(), _groups(rows), now + LEASE, is_a_try=circuit.half_open is not None)
        Notice.objects.filter(pk__in=[row.pk for row in rows]).move(
            NoticeState.CLAIMED, now=now, claimed_by=claim.token, lease_until=claim.lease_until, message=None
        )
    return claim


def _groups(rows: Sequence[Notice]) -> list[list[int]]:
    def together(row: Notice) -> tuple[int, int, int, str]:
        return row.address_id, row.patient_id, row.clinic_id, row.purpose

    in_order = sorted(rows, key=lambda row: (together(row), row.due_at))
    groups = [list(group) for _, group in groupby(in_order, key=together)]
    groups.sort(key=lambda group: min(row.due_at for row in group))
    return [[row.pk for row in group] for group in groups]
