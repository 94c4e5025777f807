"""Drafting treatment plans: the next version of one, or a new one; a prescriber has yet to approve it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scheduling import permissions
from scheduling.events import Actor, Entry, record
from scheduling.locking import writing
from scheduling.models import Order, Organisation, Protocol, ProtocolVersion
from scheduling.plans import fingerprint
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


def _record(verb: str, version: ProtocolVersion, *, by: Actor, now: datetime) -> None:
    entry = Entry(verb, clinic_id=by.clinic_id, data={"protocol_version": version.pk})
    record(organisation_id=version.protocol.organisation_id, entries=[entry], by=by, now=now)
