"""Moving a visit one step on: which step comes next, and the one POST that records it, for desk and nurse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, Status, VisitKind
from scheduling.visit_steps import NotPossibleFromHere, NotThen
from scheduling.visits import record_step
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.templatetags.visit_marks import mark_of

NEXT_OF_INFUSION = {
    Status.BOOKED: Status.ARRIVED,
    Status.ARRIVED: Status.SEATED,
    Status.SEATED: Status.INFUSING,
    Status.INFUSING: Status.RECOVERING,
    Status.RECOVERING: Status.COMPLETED,
}
NEXT_OF_OTHERS = {Status.BOOKED: Status.ARRIVED, Status.ARRIVED: Status.COMPLETED}
WORDS: Mapping[Status, str | Promise] = {
    Status.ARRIVED: _("Arrived"),
    Status.SEATED: _("Seat"),
    Status.INFUSING: _("Start infusion"),
    Status.RECOVERING: _("Infusion finished"),
    Status.COMPLETED: _("Discharge"),
}
# Why an infusion can't be started: the order is not active, or a review before it does not say continue.
MUST_WAIT: Mapping[str, str | Promise] = {
    "ID003": _("The order is not active, so this infusion can't be started."),
    "ID007": _("The review before this infusion is not decided, so it can't be started."),
}


class StepForm(forms.Form):
    """Which step, when it happened if not just now, and where to go afterwards."""

    to = forms.ChoiceField(choices=[(status.value, status.label) for status in (*WORDS, Status.NO_SHOW)])
    happened_at = forms.TimeField(required=False)
    back = forms.ChoiceField(choices=[("visit", ""), ("today", "")], required=False)


def next_step(visit: Appointment) -> Status | None:
    """The step that usually comes next; None once the visit is over, and for a start that waits for a review."""
    steps = NEXT_OF_INFUSION if visit.kind == VisitKind.INFUSION else NEXT_OF_OTHERS
    step = steps.get(Status(visit.status))
    return None if step == Status.INFUSING and visit.is_tentative else step


def next_words(visit: Appointment) -> str:
    """What the button of the next step says; empty once the visit is over."""
    step = next_step(visit)
    if step == Status.COMPLETED and visit.kind != VisitKind.INFUSION:
        return gettext("Finished")
    return str(WORDS[step]) if step else ""


def step(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Record one step of a visit. Says so in a message when it is not possible from where the visit stands."""
    visit = visit_or_404(request, visit_id)
    form = StepForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That time was not understood. Write it like 9:05 or 13:30."))
        return redirect("visit", visit.pk)
    now, to = timezone.now(), Status(form.cleaned_data["to"])
    happened_at = instant_of(form.cleaned_data["happened_at"], visit, now)
    try:
        record_step(appointment=visit, to=to, happened_at=happened_at, by=actor(request), now=now)
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except NotThen:
        messages.error(
            request, _("It can't have happened then. Write a time of the visit's day, after the step before.")
        )
    except AgainstTheOrder as refusal:
        messages.warning(request, str(MUST_WAIT.get(refusal.code, MUST_WAIT["ID003"])))
    return redirect("today") if form.cleaned_data["back"] == "today" else redirect("visit", visit.pk)


def instant_of(wall: time | None, visit: Appointment, now: datetime) -> datetime:
    """When it happened: the time said, on the visit's day; without one, now."""
    if wall is None:
        return now
    clinic_clock = ClinicTime(visit.time_zone)
    try:
        return clinic_clock.at_wall(clinic_clock.local_day(visit.period.lower), wall, which="first")
    except NonexistentTime:
        return now


def words_for_refusal(refusal: NotPossibleFromHere) -> str:
    """What to say when someone was quicker."""
    words = gettext("Nothing was changed: this visit is now “%(status)s”. Look again before you go on.")
    return words % {"status": mark_of(refusal.status).text}
