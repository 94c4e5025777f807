"""Approving a version of a treatment plan: orders are made from approved ones alone, and those never change."""

from __future__ import annotations

from datetime import datetime

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import ProtocolVersion
from scheduling.plans import fingerprint


class PlanChanged(Exception):
    """The version says something else than what was read: nobody approves what they did not read."""


def approve_protocol(*, version: ProtocolVersion, read: str | None = None, by: Actor, now: datetime) -> None:
    """A prescriber approves a protocol's version for use; again changes nothing. Records `protocol.approved`.

    Refuses with PlanChanged when `read`, the `plans.fingerprint` of what was read, is not what it says.
    """
    organisation_id = version.protocol.organisation_id
    permissions.check(by, "protocol.approve", organisation_id=organisation_id)
    with writing():
        stands = ProtocolVersion.objects.select_for_update().get(pk=version.pk)
        if read is not None and not stands.is_approved and read != fingerprint(stands):
            raise PlanChanged
        approved = ProtocolVersion.objects.filter(pk=version.pk, approved_at__isnull=True).update(
            approved_by=by.staff_id, approved_at=now
        )
        if approved:
            entry = Entry("protocol.approved", clinic_id=by.clinic_id, data={"protocol_version": version.pk})
            record(organisation_id=organisation_id, entries=[entry], by=by, now=now)
    version.refresh_from_db()
