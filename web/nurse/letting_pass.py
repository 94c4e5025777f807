"""A prescriber's word about a visit, their own or heard by a nurse: what is let pass, and that a patient may leave."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.clinic_time import ClinicTime
from scheduling.covers import prescribers_of
from scheduling.models import Appointment, CheckKind, User
from scheduling.passing_checks import MAY_PASS, ReasonNeeded, clear_to_leave, let_pass
from scheduling.permissions import may
from scheduling.tasks_of_visits import ask_to_leave_early
from scheduling.visit_steps import NotPossibleFromHere, NotThen
from scheduling.word_of_mouth import NotReadBack, Word
from web.at_clinic import actor, visit_or_404
from web.current_clinic import ClinicRequest
from web.heard import heard_then
from web.nurse.step_page import context_of
from web.spoken import clock as said_clock
from web.spoken import long_day
from web.step_form import LONGEST_WORDS
from web.visit_steps import NOT_CLEARED_THEN, NOT_READ_BACK, NOT_UNDERSTOOD, words_for_refusal


class WordForm(forms.Form):
    """Whose word it is, what it lets pass and why, and that it was read back."""

    kind = forms.TypedChoiceField(coerce=CheckKind, choices=[(kind.value, kind.label) for kind in MAY_PASS])
    reason = forms.CharField(max_length=LONGEST_WORDS, required=False)
    prescriber = forms.ModelChoiceField(User.objects.none(), required=False)
    heard_at = forms.TimeField(required=False)
    read_back = forms.BooleanField(required=False)

    def __init__(self, *args: Any, request: ClinicRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = request.clinic
        people = prescribers_of(request.clinic.organisation_id)
        cast("forms.ModelChoiceField[User]", self.fields["prescriber"]).queryset = people
        self.own = request.user if may(actor(request), "visit.pass_check") else None

    def word(self, now: datetime) -> Word | None:
        """The word: of the prescriber who is signed in, else what was heard of the one who was named."""
        said = self.cleaned_data
        if self.own is not None:
            return Word(self.own, said["reason"])
        if not said["prescriber"]:
            return None
        heard_at = heard_then(said["heard_at"], self.clinic, now)
        return Word(said["prescriber"], said["reason"], heard_at=heard_at, read_back=said["read_back"])


def pass_check(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """Let a fast, a missing ride or a shorter observation pass; or ask the prescriber about it (`do=ask`). Where
    something is missing, it is said, and what was typed stays."""
    visit = visit_or_404(request, visit_id)
    form = WordForm(request.POST, request=request)
    try:
        wrong = said_by(request, visit, form) if form.is_valid() else wrong_in(form)
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
        wrong = {}
    if not wrong:
        return redirect("visit_next", visit.pk)
    for words in wrong.values():
        messages.error(request, str(words))
    context = context_of(request, visit) | {"typed": request.POST, "wrong": wrong}
    return TemplateResponse(request, "nurse/step.html", context, status=409)


def wrong_in(form: WordForm) -> dict[str, str | Promise]:
    """What of the form can't be read, by field."""
    if "heard_at" in form.errors:
        return {"heard_at": NOT_UNDERSTOOD}
    return {"form": _("Something is missing. Look again, please.")}


def said_by(request: ClinicRequest, visit: Appointment, form: WordForm) -> dict[str, str | Promise]:
    """Write the word down, or ask for one; what is missing or can't be, in words by field, empty where nothing is."""
    by, now, kind = actor(request), timezone.now(), form.cleaned_data["kind"]
    if request.POST.get("do") == "ask":
        ask_to_leave_early(appointment=visit, words=form.cleaned_data["reason"], by=by, now=now)
        messages.success(
            request, _("The prescriber is asked. The patient may leave at any time: say so under “Ends otherwise”.")
        )
        return {}
    word = form.word(now)
    if word is None:
        return {"prescriber": _("Say whose word it is.")}
    try:
        let_pass(appointment=visit, kind=kind, word=word, by=by, now=now)
    except NotReadBack:
        return {"read_back": NOT_READ_BACK}
    except NotThen:
        words = _("It can't have been said then: within the last day, not in the future.")
        return {"heard_at": NOT_CLEARED_THEN if kind == CheckKind.OBSERVED else words}
    except ReasonNeeded:
        return {"reason": _("Say why it is let pass.")}
    messages.success(request, str(written_down(word, request, now)))
    return {}


def written_down(word: Word, request: ClinicRequest, now: datetime) -> str | Promise:
    """That it is, and where the time that was typed was still to come today, as which day's it was taken."""
    clock = ClinicTime(request.clinic.time_zone)
    if word.heard_at is None or clock.local_day(word.heard_at) == clock.local_day(now):
        return _("Written down.")
    words = gettext("Written down as heard %(day)s at %(time)s. If it was today, write it down once more.")
    return words % {"day": long_day(word.heard_at), "time": said_clock(word.heard_at)}


def clear_visit(request: ClinicRequest, visit_id: int) -> HttpResponse:
    """A prescriber clears the patient to leave; the nurse discharges them."""
    visit: Appointment = visit_or_404(request, visit_id)
    try:
        clear_to_leave(appointment=visit, word=Word(request.user), by=actor(request), now=timezone.now())
    except NotPossibleFromHere as refusal:
        messages.warning(request, words_for_refusal(refusal))
    else:
        messages.success(request, _("Cleared to leave."))
    return redirect("visit_next", visit.pk)
