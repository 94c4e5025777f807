"""Treatment plans and their versions: drafting the next one, and which one orders are made from.

A version that was approved or ordered from never changes (the database says so too): the next one says what is new.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Order, Organisation, Protocol, ProtocolVersion
from scheduling.protocol_template import ProtocolTemplate
from scheduling.spacing import InvalidFields

CODE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
LONGEST_CODE = 60


class DraftedMeanwhile(Exception):
    """Somebody drafted or approved another version since the page was read."""


class NameTaken(Exception):
    """The organisation has a plan of this code."""


def draft_version(
    *, protocol: Protocol, template: Mapping[str, Any], after: str, by: Actor, now: datetime
) -> ProtocolVersion:
    """Writes the next version of a plan, to be approved: the newest one anew where it is a draft nobody ordered from,
    else one more. The same again changes nothing.

    Refuses with InvalidFields, which names every wrong field, and with DraftedMeanwhile unless `after` is still the
    fingerprint of the newest version. Records `protocol.drafted`.
    """
    permissions.check(by, "protocol.draft", organisation_id=protocol.organisation_id)
    ProtocolTemplate.from_dict(template)
    with writing():
        Protocol.objects.select_for_update().get(pk=protocol.pk)
        newest = ProtocolVersion.objects.filter(protocol=protocol).order_by("-number")[0]
        if after != fingerprint(newest):
            raise DraftedMeanwhile
        if newest.template == template:
            return newest
        if newest.is_approved or Order.objects.filter(protocol_version=newest).exists():
            newest = ProtocolVersion.objects.create(
                protocol=protocol, number=newest.number + 1, template=dict(template)
            )
        else:
            ProtocolVersion.objects.filter(pk=newest.pk).update(template=dict(template))
        _record("protocol.drafted", newest, by=by, now=now)
    newest.refresh_from_db()
    return newest


def draft_plan(
    *,
    organisation: Organisation,
    code: str,
    name: str,
    therapy: str,
    template: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> ProtocolVersion:
    """Writes a new plan with its first version, to be approved.

    Refuses with InvalidFields and NameTaken. Records `protocol.drafted`.
    """
    permissions.check(by, "protocol.draft", organisation_id=organisation.pk)
    errors = {
        field: "is a short name of lower-case letters, digits and hyphens, such as ketamine-series"
        for field, text in (("code", code), ("therapy", therapy))
        if not CODE.fullmatch(text) or len(text) > LONGEST_CODE
    }
    if errors:
        raise InvalidFields(errors)
    ProtocolTemplate.from_dict(template)
    with writing():
        protocol, is_new = Protocol.objects.get_or_create(
            organisation=organisation, code=code, defaults={"name": name, "therapy": therapy}
        )
        if not is_new:
            raise NameTaken
        version = ProtocolVersion.objects.create(protocol=protocol, number=1, template=dict(template))
        _record("protocol.drafted", version, by=by, now=now)
    return version


def retire_plan(*, protocol: Protocol, by: Actor, now: datetime) -> bool:
    """Takes a plan off the list that orders are made from; orders under way stay as they are. Records
    `protocol.retired`, nothing where it is retired already."""
    return _retire(protocol, now, "protocol.retired", by=by, now=now)


def offer_again(*, protocol: Protocol, by: Actor, now: datetime) -> bool:
    """Orders are made from a retired plan again. Records `protocol.offered_again`, nothing where it is not retired."""
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


def fingerprint(version: ProtocolVersion) -> str:
    """A word that changes when the version says another thing, or is another one."""
    said = json.dumps([version.pk, version.is_approved, version.template], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def plans_on_offer(organisation_id: int) -> list[ProtocolVersion]:
    """What can be ordered from: the newest approved version of each plan that is not retired, by name. One query."""
    newest = _newest(organisation_id, approved_at__isnull=False)
    return [version for version in newest if version.protocol.retired_at is None]


def newest_versions(organisation_id: int) -> list[ProtocolVersion]:
    """The newest version of each plan, approved or not, by name. One query."""
    return _newest(organisation_id)


def _newest(organisation_id: int, **which: object) -> list[ProtocolVersion]:
    later = ProtocolVersion.objects.filter(protocol=OuterRef("protocol"), number__gt=OuterRef("number"), **which)
    versions = ProtocolVersion.objects.filter(~Exists(later), protocol__organisation=organisation_id, **which)
    return list(versions.select_related("protocol", "approved_by").order_by("protocol__name", "pk"))


def _record(verb: str, version: ProtocolVersion, *, by: Actor, now: datetime) -> None:
    entry = Entry(verb, clinic_id=by.clinic_id, data={"protocol_version": version.pk})
    record(organisation_id=version.protocol.organisation_id, entries=[entry], by=by, now=now)
