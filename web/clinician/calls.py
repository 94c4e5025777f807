"""Calls and reviews that were ordered for after an infusion: overdue ones on top, with numbers and every try so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from notifications.models import Address, PatientAddress
from scheduling.clinic_time import ClinicTime
from scheduling.follow_ups_due import DueFollowUp, follow_ups_due
from scheduling.models import FollowUp
from web.clinician.order_words import KINDS
from web.current_clinic import ClinicRequest
from web.frontdesk.calls import numbers_of
from web.spoken import infusion_of, word_of

LOOK_AHEAD = timedelta(days=7)
NO_NOTES: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """One call or review of the list. `numbers` are what to dial; `only` is where alone they may be reached; `note`
    what was written and not kept."""

    due: DueFollowUp
    what: str
    numbers: Sequence[PatientAddress]
    only: Address | None
    mine: bool
    is_overdue: bool
    note: str


def follow_up_calls(request: ClinicRequest, notes: Mapping[int, str] = NO_NOTES) -> TemplateResponse:
    """What is due, overdue ones on top, then what comes in the next days. `notes` were written and not kept."""
    now = timezone.now()
    found = follow_ups_due(clinic=request.clinic, until=now + LOOK_AHEAD)
    rows = rows_of(found, notes, request, now)
    context = {
        "due": [row for row in rows if row.due.due_at <= now],
        "later": sorted((row for row in rows if row.due.due_at > now), key=lambda row: row.due.due_at),
    }
    return TemplateResponse(request, "clinician/calls.html", context)


def rows_of(
    found: Sequence[DueFollowUp], notes: Mapping[int, str], request: ClinicRequest, now: datetime
) -> list[FollowUpRow]:
    """These with all that is needed to call; two queries, however many they are."""
    numbers, only = numbers_of({one.follow_up.order.patient_id for one in found})
    today = ClinicTime(request.clinic.time_zone).day_start(timezone.localdate(now))
    return [
        FollowUpRow(
            due=one,
            what=what_of(one.follow_up),
            numbers=numbers.get(one.follow_up.order.patient_id, ()),
            only=only.get(one.follow_up.order.patient_id),
            mine=one.follow_up.taken_by_id == request.user.pk,
            is_overdue=one.follow_up.due_at is not None and one.follow_up.due_at < today,
            note=notes.get(one.follow_up.pk, ""),
        )
        for one in found
    ]


def what_of(follow_up: FollowUp) -> str:
    """Call on day 1 after Infusion 2 of 6: as it was ordered."""
    version = follow_up.order.current_version
    after = infusion_of(follow_up.after_number, version.doses, word_of(version)) if version else ""
    words = gettext("%(what)s on day %(day)s after %(anchor)s")
    return words % {"what": KINDS[follow_up.kind], "day": follow_up.offset_days, "anchor": after}
