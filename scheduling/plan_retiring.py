"""Retiring a treatment plan: nothing new is ordered from it, and orders under way stay as they are."""

from __future__ import annotations

from datetime import datetime

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Protocol


def retire_plan(*, protocol: Protocol, by: Actor, now: datetime) -> bool:
    """Takes a plan off the list that orders are made from; False where it is off already. Refuses with NotAllowed.
    Records `protocol.retired`."""
    return _retire(protocol, now, "protocol.retired", by=by, now=now)


def offer_again(*, protocol: Protocol, by: Actor, now: datetime) -> bool:
    """Orders are made from a retired plan again; False where it is not retired. Refuses with NotAllowed. Records
    `protocol.offered_again`."""
    return _retire(protocol, None, "protocol.offered_again", by=by, now=now)


def _retire(protocol: Protocol, at: datetime | None, verb: str, *, by: Actor, now: datetime) -> bool:
    permissions.check(by, "protocol.retire", organisation_id=protocol.organisation_id)
    with writing():
        rows = Protocol.objects.filter(pk=protocol.pk, retired_at__isnull=at is not None)
        if not rows.update(retired_at=at):
            return False
        entry = Entry(verb, clinic_id=by.clinic_id, data={"protocol": protocol.pk})
        record(organisation_id=protocol.organisation_id, entries=[entry], by=by, now=now)
    protocol.refresh_from_db()
    return True
