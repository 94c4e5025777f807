"""The seal over committed events: numbered and hash-chained per clinic after commit, so that booking never waits."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.db import connection, transaction

from scheduling.models import Event, EventSeal, EventToSeal

AT_ONCE = 1000
SEALER_LOCK = 4 << 58
GENESIS = "0" * 64


def seal_events(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Seals up to `limit` committed events in order of their ids, each into its clinic's chain; returns how many.

    One sealer at a time (advisory lock; a second returns 0 at once), so that numbers have no gaps or forks. An event
    whose transaction commits late is sealed later: the number says the order of sealing, not of happening.
    """
    with transaction.atomic():
        if not _only_sealer():
            return 0
        waiting = EventToSeal.objects.select_related("event").order_by("pk")[:limit]
        events = [row.event for row in waiting]
        heads: dict[str, tuple[int, str]] = {}
        seals = []
        for event in events:
            chain = chain_of(event)
            number, previous = heads.get(chain) or _head(chain)
            heads[chain] = (number + 1, sealed_hash(event, number + 1, previous))
            seals.append(EventSeal(event=event, chain=chain, number=number + 1, hash=heads[chain][1], sealed_at=now))
        EventSeal.objects.bulk_create(seals)
        EventToSeal.objects.filter(pk__in=[event.pk for event in events]).delete()
    return len(events)


def verify_chain(chain: str) -> list[str]:
    """What is wrong with a chain: a missing number or a hash that its event does not give. Empty when it is whole.

    It can't see that its end was cut off: for that, compare the last number with one kept outside this database.
    """
    wrong = []
    number, previous = 0, GENESIS
    for seal in EventSeal.objects.filter(chain=chain).select_related("event").order_by("number").iterator():
        number += 1
        if seal.number != number:
            wrong.append(f"{chain}: number {number} is missing before {seal.number}")
            number = seal.number
        elif seal.hash != sealed_hash(seal.event, seal.number, previous):
            wrong.append(f"{chain}: event {seal.event_id} at number {seal.number} is not what was sealed")
        previous = seal.hash
    return wrong


def chain_of(event: Event) -> str:
    """A clinic's chain, or its organisation's for events of no one clinic."""
    return f"clinic:{event.clinic_id}" if event.clinic_id else f"organisation:{event.organisation_id}"


def sealed_hash(event: Event, number: int, previous: str) -> str:
    """SHA-256 over the seal before, the number and what the event says."""
    fields = {
        name: getattr(event, name)
        for name in (
            "id", "organisation_id", "clinic_id", "verb", "appointment_id", "order_id", "patient_id", "actor_kind",
            "user_id", "actor_name", "reason", "data",
        )
    }  # fmt: skip
    fields |= {"happened_at": event.happened_at.isoformat(), "recorded_at": event.recorded_at.isoformat()}
    text = json.dumps([previous, number, fields], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _head(chain: str) -> tuple[int, str]:
    last = EventSeal.objects.filter(chain=chain).order_by("-number").first()
    return (last.number, last.hash) if last else (0, GENESIS)


def _only_sealer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        return bool(cursor.fetchone()[0])
