"""Taking back the last step of a visit, and the last one that this person took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.events import Actor
from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, Event
from scheduling.permissions import may
from scheduling.undoing import (
    MAY_BE_TAKEN_BACK,
    RuledAlready,
    TooLate,
    undo_step,
    verb_to_undo,
    was_recorded_today,
)
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from web.at_clinic import actor, version_sent, visit_or_404
from web.current_clinic import ClinicRequest
from web.templatetags.visit_marks import mark_of
from web.visit_steps import words_for_refusal

SHOWN_FOR: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LastStep:
    """The step that this person took last, while it is fresh."""

    visit: Appointment
    words: str
    at: datetime


def may_take_back(visit: Appointment, by: Actor, now: datetime) -> bool:
    """Whether the last step can be taken back by this person on this day."""
    return visit.status in MAY_BE_TAKEN_BACK and may(by, verb_to_undo(visit)) and was_recorded_today(visit, now)


def last_step(request: ClinicRequest, visits: Iterable[Appointment], now: datetime) -> LastStep | None:
    """What this person did with these visits in the last minutes, where it still stands so. At most one query."""
    verbs = [f"appointment.{status}" for status in MAY_BE_TAKEN_BACK]
    shown = {visit.pk: visit for visit in visits if visit.status in MAY_BE_TAKEN_BACK}
    if not shown:
        return None
    # By visit, for which there is an index; a clinic's events are years long.
    mine = Event.objects.filter(appointment__in=list(shown), user=request.user, verb__in=verbs)
    event = mine.filter(recorded_at__gt=now - SHOWN_FOR).order_by("-pk").first()
    visit = shown.get(event.appointment_id or 0) if event else None
    if event is None or visit is None or event.verb != f"appointment.{visit.status}":
        return None
    return LastStep(visit, str(mark_of(visit.status).text), event.happened_at)


def take_back(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Take back the last step of a visit, or say why it stays."""
    visit = visit_or_404(request, visit_id)
    try:
        undo_step(
            appointment=visit,
            row_version=version_sent(request),
            by=actor(request),
            now=timezone.now(),
        )
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except ChangedMeanwhile:
        messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
    except TooLate:
        messages.warning(request, _("That step was recorded on an earlier day. It stays."))
    except AgainstTheOrder:
        messages.warning(request, _("The order has ended or was changed since: this can't be taken back. It stays."))
    except RuledAlready:
        messages.warning(request, _("The prescriber has ruled on how this visit ended. It stays."))
    else:
        words = gettext("Taken back. The visit is “%(status)s” again.")
        if visit.live and not visit.is_placed:
            words += " " + gettext("Its chair is gone: it waits for one.")
        messages.success(request, words % {"status": mark_of(visit.status).text})
    return redirect("today") if request.POST.get("back") == "today" else redirect("visit", visit.pk)
