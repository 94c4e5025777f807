"""What the patient of a visit asked for and nobody has called about yet: said before anything else is done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.models import CallKind, CallTask
from scheduling.models import Appointment

WORDS: Mapping[str, str | Promise] = {
    CallKind.WANTS_TO_CANCEL: _("The patient can't come"),
    CallKind.WANTS_TO_MOVE: _("The patient asked for another time"),
}


@dataclass(frozen=True, slots=True)
class OpenWish:
    """The wish in words, and the call to make about it."""

    words: str | Promise
    call: CallTask


def open_wish(visit: Appointment, now: datetime) -> OpenWish | None:
    """The one that is open; who can't come at all is asked about that first. None where nothing is asked for."""
    calls = CallTask.objects.filter(Q(useful_until=None) | Q(useful_until__gt=now), visit=visit, closed_at=None)
    by_kind = {call.kind: call for call in calls.filter(kind__in=WORDS)}
    return next((OpenWish(words, by_kind[kind]) for kind, words in WORDS.items() if kind in by_kind), None)
