"""Calls that are of no use any more, taken off the list by the clock."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db.models import Q

from notifications import reasons
from notifications.calls import CallEnd, CallIsMade, settle_call
from notifications.models import CallKind, CallTask, NoticeState
from scheduling.events import Actor
from scheduling.models import Clinic


def settle_what_lapsed(*, clinic: Clinic | None, by: Actor, now: datetime) -> int:
    """Takes calls off the list that are of no use any more: their visit has begun, the patient is gone, or what may not
    have arrived turned out to have gone.

    Records `call.settled` for each; gives how many.
    """
    over = Q(useful_until__lte=now) | Q(patient__deceased_at__isnull=False) | Q(patient__merged_into__isnull=False)
    over |= Q(kind=CallKind.NOT_CERTAIN, notice__state__in=(NoticeState.SENT, NoticeState.DELIVERED))
    over |= Q(reason=reasons.AT_NIGHT, notice__state=NoticeState.DELIVERED)
    rows = CallTask.objects.filter(over, closed_at=None).select_related("clinic")
    if clinic is not None:
        rows = rows.filter(clinic=clinic)
    done = 0
    for task in rows.order_by("pk"):
        with suppress(CallIsMade):
            settle_call(task=task, ended=CallEnd.NOT_NEEDED, by=by, now=now)
            done += 1
    return done
