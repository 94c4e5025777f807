"""Moving a visit one step on: which step comes next, and the one POST that records it, for desk and nurse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime, NonexistentTime
from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, CheckKind, Status, VisitKind
from scheduling.stopped_starts import Stop, stop_on
from scheduling.visit_checks import check
from scheduling.visit_steps import ChangedMeanwhile, NotIdentified, NotPossibleFromHere, NotReady, NotThen
from scheduling.visits import record_step
from scheduling.word_of_mouth import NotHeardThen, NotReadBack
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.spoken import said
from web.step_form import StepForm
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
# Why an infusion can't be started, for clinical staff.
MUST_WAIT: Mapping[Stop, str | Promise] = {
    Stop.NOT_ACTIVE: _("The order is not active, so this infusion can't be started."),
    Stop.NO_LONGER_FITS: _("The order was changed, and this visit no longer fits it, so it can't be started."),
    Stop.REVIEW: _("The review before this infusion is not decided, so it can't be started."),
    Stop.RULING: _("An infusion before this one was broken off and waits for a ruling, so it can't be started."),
    Stop.GIVEN_AGAIN_FIRST: _("An infusion before this one is to be given again first, so it can't be started."),
}
# What the database said, where nothing is found in the way any more: somebody has settled it since.
LOOK_AGAIN = _("The prescriber has changed something just now. The infusion is not started: look again.")
NOT_IDENTIFIED = _("Ask who it is first: the name, and one thing more.")
NOT_THEN = _("It can't have happened then. Write a time of the visit's day, after the step before.")
NOT_CLEARED_THEN = _("It can't have been said then: after the infusion was over, within the last day.")


def next_step(visit: Appointment, stop: Stop | None, now: datetime) -> Status | None:
    """The step that usually comes next; None once the visit is over, on a day before its own, and for a start that
    `stop` stands against."""
    steps = NEXT_OF_INFUSION if visit.kind == VisitKind.INFUSION else NEXT_OF_OTHERS
    step = steps.get(Status(visit.status))
    return None if is_days_ahead(visit, now) or (step == Status.INFUSING and stop) else step


def is_days_ahead(visit: Appointment, now: datetime) -> bool:
    """Whether its day is yet to come at its clinic: nothing of it can have happened."""
    clock = ClinicTime(visit.time_zone)
    return visit.status == Status.BOOKED and clock.local_day(now) < clock.local_day(visit.period.lower)


def next_words(visit: Appointment, step: Status | None) -> str:
    """What the button of the next step says; empty where there is none."""
    if step == Status.COMPLETED and visit.kind != VisitKind.INFUSION:
        return gettext("Finished")
    return str(WORDS[step]) if step else ""


def step(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Record one step of a visit with what was looked at. Says so in a message when it can't be recorded so; what was
    found not to be in order is written down all the same."""
    visit = visit_or_404(request, visit_id)
    form = StepForm(request.POST, clinic=request.clinic)
    if not form.is_valid():
        messages.error(request, _("That time was not understood. Write it like 9:05 or 13:30."))
        return redirect("visit", visit.pk)
    now, by, to = timezone.now(), actor(request), Status(form.cleaned_data["to"])
    unmet = [one for one in form.checks if not one.is_met and one.kind != CheckKind.EXIT]
    if unmet and to == Status.INFUSING:
        check(appointment=visit, checks=unmet, by=by, now=now)
        messages.warning(request, _("Written down. The infusion is not started."))
        return to_what_is_asked(request, visit)
    try:
        record_step(
            appointment=visit,
            to=to,
            happened_at=instant_of(form.cleaned_data["happened_at"], visit, now),
            checks=form.checks,
            word=form.word(now),
            row_version=form.cleaned_data["row_version"],
            by=by,
            now=now,
        )
    except (NotIdentified, NotReady) as refusal:
        say_what_is_missing(request, refusal)
        return to_what_is_asked(request, visit)
    except NotReadBack:
        messages.error(request, _("Read it back to the prescriber first, then say so here."))
        return to_what_is_asked(request, visit)
    except NotHeardThen:
        messages.error(request, NOT_CLEARED_THEN)
        return to_what_is_asked(request, visit)
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except ChangedMeanwhile:
        messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
    except NotThen:
        messages.error(request, NOT_THEN)
    except AgainstTheOrder:
        stop = stop_on(visit)
        messages.warning(request, str(MUST_WAIT[stop] if stop else LOOK_AGAIN))
    return redirect("today") if form.cleaned_data["back"] == "today" else redirect("visit", visit.pk)


def to_what_is_asked(request: ClinicRequest, visit: Appointment) -> HttpResponse:
    """The page of the step, where what is missing is said or let pass. Beside the board, which that page would not fit
    into, the visit stays, and its button leads there."""
    if request.htmx:
        return redirect(f"{reverse('visit', args=[visit.pk])}?asks=1")
    return redirect("visit_next", visit.pk)


def say_what_is_missing(request: ClinicRequest, refusal: NotIdentified | NotReady) -> None:
    """What has to be asked or settled before this step."""
    if isinstance(refusal, NotIdentified):
        messages.error(request, NOT_IDENTIFIED)
        return
    for one in refusal.blockers:
        messages.warning(request, said(one.words))


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
