"""The bar after a change: nothing has been sent yet, so take it back, send it now, or say that they know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.news_waiting import goes_as_planned, goes_if_sent_now, news_waiting
from notifications.undo_window import Unsent, unsent_change
from scheduling.idempotency import KeyUsedOtherwise
from scheduling.models import Appointment
from scheduling.picks import BookingRefused
from scheduling.taking_changes_back import take_change_back
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from web.at_clinic import actor, version_sent, visit_or_404
from web.current_clinic import ClinicRequest
from web.frontdesk.panel import STAYS
from web.frontdesk.when_it_goes import when_it_goes
from web.spoken import clock, long_day, said
from web.visit_steps import words_for_refusal


@dataclass(frozen=True, slots=True)
class Bar:
    """What can still be done about news. `unsent`: the change that can be taken back; `goes_at`: when the news would go
    if somebody sent it now, None where none waits; `planned`: in words when it goes by itself, where it can go no
    sooner; `was_at`: where the visit was before it was moved."""

    unsent: Unsent | None
    goes_at: datetime | None
    planned: str
    was_at: datetime | None
    key: str

    @property
    def others(self) -> int:
        """How many other visits the same press changed."""
        return len(self.unsent.change.was_at) - 1 if self.unsent else 0


def bar_of(visit: Appointment, now: datetime) -> Bar | None:
    """The bar of a visit; None where there is nothing to take back and no news waits."""
    unsent = unsent_change(visit, now)
    waiting = unsent.waiting if unsent else news_waiting(visit.patient, visit)
    goes_at, by_itself = goes_if_sent_now(waiting, now), goes_as_planned(waiting, now)
    if unsent is None and goes_at is None:
        return None
    was_at = unsent.change.was_at.get(visit.pk) if unsent and unsent.change.is_move else None
    # Pressed in the night, "send" would change nothing: the news goes then all the same.
    is_soonest = goes_at is not None and by_itself is not None and now < by_itself <= goes_at
    planned = when_it_goes(by_itself, now) if is_soonest and by_itself else ""
    return Bar(unsent, goes_at, planned, was_at, uuid4().hex)


def change_bar(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """The bar as it is now, for a page that asks again; without anything once it is over."""
    shown, now = visit_or_404(request, visit_id), timezone.now()
    # HTMX asks from both: the page says which it is.
    beside = request.GET.get("panel") == "1"
    context = {"visit": shown, "bar": bar_of(shown, now), "now": now, "panel": beside, "stays": STAYS if beside else ""}
    return TemplateResponse(request, "frontdesk/change_bar.html", context)


def undo_change(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Take the last change of a visit back, while nobody outside has heard of it; or say why it stays."""
    shown, now = visit_or_404(request, visit_id), timezone.now()
    unsent = unsent_change(shown, now)
    if unsent is None:
        messages.warning(request, _("It can't be taken back any more: the message has gone out, or it was changed."))
        return redirect("visit", shown.pk)
    key = request.POST.get("key", "")[:60]
    try:
        back = take_change_back(
            appointment=shown, row_version=version_sent(request), by=actor(request), now=now, key=key
        )
    except BookingRefused as refusal:
        words = " ".join(said(problem) for problem in refusal.problems)
        messages.warning(request, f"{gettext('It can’t be taken back: the time is gone.')} {words}")
    except ChangedMeanwhile:
        messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except KeyUsedOtherwise:
        messages.info(request, _("It was taken back from that page already. Here is what stands."))
    else:
        at = next((visit.period.lower for visit in back if visit.pk == shown.pk), shown.period.lower)
        words = gettext("Taken back: %(day)s at %(time)s, as before. Nobody was told of the change.")
        messages.success(request, words % {"day": long_day(at), "time": clock(at)})
    return redirect("visit", shown.pk)
