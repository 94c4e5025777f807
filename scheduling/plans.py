"""Treatment plans and their versions: which one orders are made from.

A version that was approved or ordered from never changes (the database says so too): the next one says what is new.
"""

from __future__ import annotations

import hashlib
import json

from django.db.models import Exists, OuterRef

from scheduling.models import ProtocolVersion


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
