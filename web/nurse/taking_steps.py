"""The one POST that moves a visit one step on, for desk and nurse. What is refused is asked again with all that was
typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.locking import AgainstTheOrder
from scheduling.models import Appointment, Status
from scheduling.stopped_starts import stop_on
from scheduling.visit_checks import check
from scheduling.visit_steps import ChangedMeanwhile, NotIdentified, NotPossibleFromHere, NotReady, NotThen
from scheduling.visits import record_step
from scheduling.word_of_mouth import NotHeardThen, NotReadBack
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.nurse.step_page import context_of
from web.spoken import said
from web.step_form import StepForm
from web.visit_steps import (
    MUST_WAIT,
    NOT_CLEARED_THEN,
    NOT_READ_BACK,
    NOT_THEN,
    NOT_UNDERSTOOD,
    instant_of,
    words_for_refusal,
)

# What the database said, where nothing is found in the way any more: somebody has settled it since.
LOOK_AGAIN = _("The prescriber has changed something just now. The infusion is not started: look again.")
NOT_IDENTIFIED = _("Ask who it is first: the name, and one thing more.")
NOT_STARTED = _("Written down. The infusion is not started.")
TIMES: Final = ("happened_at", "heard_at")
# At which field a refusal is said, and how.
WRONG: Final[Mapping[type[Exception], tuple[str, str | Promise]]] = {
    NotIdentified: ("identity", NOT_IDENTIFIED),
    NotReadBack: ("read_back", NOT_READ_BACK),
    NotHeardThen: ("heard_at", NOT_CLEARED_THEN),
    NotThen: ("happened_at", NOT_THEN),
}


def step(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Record one step of a visit with what was looked at, or say why it can't be recorded so."""
    visit = visit_or_404(request, visit_id)
    form = StepForm(request.POST, clinic=request.clinic)
    if not form.is_valid():
        wrong = {name: NOT_UNDERSTOOD for name in TIMES if name in form.errors}
        return ask_again(request, visit, wrong or {"form": _("Something is missing. Look again, please.")})
    try:
        return take(request, visit, form)
    except (NotIdentified, NotReadBack, NotThen) as refusal:
        return ask_again(request, visit, dict([WRONG[type(refusal)]]))
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    except ChangedMeanwhile:
        messages.warning(request, _("Someone changed this visit since you opened it. It is shown as it is now."))
    except AgainstTheOrder:
        stop = stop_on(visit)
        messages.warning(request, str(MUST_WAIT[stop] if stop else LOOK_AGAIN))
    return back(request, visit)


def take(request: ClinicRequest, visit: Appointment, form: StepForm) -> HttpResponse:
    """Record the step and lead on. What was answered of a start that is refused is written down all the same, in order
    or not, and not asked again. Refuses as `record_step`, but for what is not ready, which is said."""
    now, by, to = timezone.now(), actor(request), Status(form.cleaned_data["to"])
    answers = form.answers if to == Status.INFUSING else []
    words: list[str | Promise] = [NOT_STARTED]
    if all(one.is_met for one in answers):
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
        except NotReady as refusal:
            words = [said(one.words) for one in refusal.blockers]
        else:
            return back(request, visit)
    if answers:
        check(appointment=visit, checks=answers, by=by, now=now)
    for one in words:
        messages.warning(request, str(one))
    return to_what_is_asked(request, visit)


def ask_again(request: ClinicRequest, visit: Appointment, wrong: Mapping[str, str | Promise]) -> HttpResponse:
    """The page of the step with all that was sent, and what is `wrong` at its field. A step that is not that of the
    page, and the panel beside the board, which has no room for it, only say so."""
    for words in wrong.values():
        messages.error(request, str(words))
    context = context_of(request, visit)
    if request.htmx or context["step"] != request.POST.get("to"):
        return back(request, visit)
    context |= {"sent": request.POST, "typed_time": request.POST.get("happened_at", ""), "wrong": wrong}
    return TemplateResponse(request, "nurse/step.html", context, status=409)


def to_what_is_asked(request: ClinicRequest, visit: Appointment) -> HttpResponse:
    """The page of the step, where what is missing is said or let pass. Beside the board, which that page would not fit
    into, the visit stays, and its button leads there."""
    if request.htmx:
        return redirect(f"{reverse('visit', args=[visit.pk])}?asks=1")
    typed = request.POST.get("happened_at", "")
    query = f"?{urlencode({'happened_at': typed})}" if typed else ""
    return redirect(reverse("visit_next", args=[visit.pk]) + query)


def back(request: ClinicRequest, visit: Appointment) -> HttpResponse:
    """Where the step was pressed: the nurse's day, or the visit."""
    return redirect("today") if request.POST.get("back") == "today" else redirect("visit", visit.pk)
