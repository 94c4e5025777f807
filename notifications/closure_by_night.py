"""A closure that can't wait for the morning: a named person says so, and why."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Clinic, Closure

SAME_DAY = timedelta(hours=24)
REASON_LENGTH = 200
MAY_WAKE = "clinic.closure_told_by_night"


class NotThatSoon(Exception):
    """The closure is a day or more ahead: nobody needs to be woken for it. Or no sound reason was given."""


def tell_closure_by_night(*, closure: Closure, reason: str, by: Actor, now: datetime) -> None:
    """The news that the clinic is closed goes at once, in quiet hours too: for snow at five in the morning.

    Refuses with NotThatSoon a closure that begins a day or more from now, one that is over, and a reason that is empty
    or longer than REASON_LENGTH.
    Records `clinic.closure_told_by_night` with who and why.
    """
    clinic = Clinic.objects.get(pk=closure.clinic_id)
    permissions.check(by, "clinic.close", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    if not 0 < len(reason.strip()) <= REASON_LENGTH:
        raise NotThatSoon
    if closure.period.lower - now >= SAME_DAY or closure.period.upper <= now:
        raise NotThatSoon
    with transaction.atomic():
        entry = Entry(
            MAY_WAKE,
            clinic_id=clinic.pk,
            reason=reason.strip(),
            data={"closure": closure.pk, "told_by": by.staff_id},
            tell=True,
        )
        events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
