"""The go-live list: what is there, what a manager says of the rest, a text to oneself, and texts on or off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.clinic_rules import sender_name
from notifications.going_live import (
    SAID_ALONE,
    NotReady,
    ReasonNeeded,
    Step,
    StepState,
    go_live,
    say_of_step,
    steps_of,
    stop_texts,
    take_word_back,
)
from notifications.notice_facts import ChannelName
from notifications.rendering import Text
from notifications.trial_message import NotAnAddress, send_trial, set_own_contact
from scheduling.models import Clinic
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.manager.wording import say_what_came


@dataclass(frozen=True, slots=True)
class StepWords:
    """What a step is, what to do about it, and the page where it is done."""

    title: str | Promise
    what: str | Promise
    route: str


WORDS: Final[Mapping[Step, StepWords]] = {
    Step.HOURS: StepWords(_("Opening hours"), _("When the clinic takes patients."), "setup_hours"),
    Step.CHAIRS: StepWords(_("Chairs"), _("At least one chair in use."), "setup_chairs"),
    Step.POSTS: StepWords(
        _("Nurse posts and prescribers"), _("A nurse post and a prescriber, both with shifts."), "setup_nurses"
    ),
    Step.PLANS: StepWords(
        _("Treatment plans"), _("One that a prescriber of yours has read and approved."), "plans"
    ),
    Step.STAFF: StepWords(
        _("Staff signed in"), _("Front desk, nurse and prescriber, and everybody has signed in once."), "setup_staff"
    ),
    Step.SENDER: StepWords(
        _("Sender registered"),
        _("In the US carriers register who texts: days for the brand, a week or more for the campaign. Until then "
          "texts of your number are blocked, so begin with this on day one."),
        "message_rules",
    ),
    Step.TRIAL: StepWords(_("A test text to you"), _("It arrived on your own telephone."), ""),
    Step.PATIENTS: StepWords(
        _("Patients taken in"), _("The first patients are here, imported or taken down."), "patients"
    ),
    Step.DRY_WEEK: StepWords(
        _("A dry week"), _("A week beside the old calendar, in which both said the same."), ""
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A step as the list shows it."""

    state: StepState
    words: StepWords

    @property
    def is_said(self) -> bool:
        """Whether it is done as soon as somebody says so, for nothing we keep can tell."""
        return self.state.step in SAID_ALONE


def lines_of(clinic: Clinic) -> list[Line]:
    """The list in its order."""
    return [Line(state, WORDS[state.step]) for state in steps_of(clinic)]


def say(request: ClinicRequest) -> HttpResponse:
    """A manager's word on one step: done, not needed and why, or taken back."""
    clinic, by, now = request.clinic, actor(request), timezone.now()
    try:
        step = Step(request.POST.get("step", ""))
    except ValueError:
        messages.error(request, _("Say which step it is about."))
        return redirect("setup")
    word, reason = request.POST.get("word", ""), request.POST.get("reason", "")
    if word == "back":
        take_word_back(clinic=clinic, step=step, by=by, now=now)
        messages.success(request, _("Taken back."))
        return redirect("setup")
    try:
        say_of_step(clinic=clinic, step=step, is_waived=word != "done", reason=reason, by=by, now=now)
    except ReasonNeeded:
        messages.error(request, _("Say in a few words why it is not needed."))
    else:
        messages.success(request, _("Written down with your name."))
    return redirect("setup")


def texts(request: ClinicRequest) -> HttpResponse:
    """Texts on, once every step is green; or off."""
    clinic, by, now = request.clinic, actor(request), timezone.now()
    if request.POST.get("do") == "stop":
        stop_texts(clinic=clinic, by=by, now=now)
        messages.success(request, _("No text goes from now on. E-mails go, and the others are on the call list."))
        return redirect("setup")
    try:
        go_live(clinic=clinic, by=by, now=now)
    except NotReady as refusal:
        names = ", ".join(str(WORDS[step].title) for step in refusal.steps)
        messages.error(request, _("Not yet. Still open: %(steps)s.") % {"steps": names})
    else:
        messages.success(request, _("You are live: patients get texts from now on."))
    return redirect("setup")


def trial(request: ClinicRequest) -> HttpResponse:
    """A text to the manager's own telephone."""
    clinic, by, now = request.clinic, actor(request), timezone.now()
    try:
        contact = set_own_contact(
            user=request.user, clinic=clinic, channel=ChannelName.SMS, raw=request.POST.get("phone", "")[:60], by=by,
            now=now,
        )  # fmt: skip
    except NotAnAddress:
        messages.error(request, _("This can't be a telephone number. Look at it once more."))
        return redirect("setup")
    body = f"{sender_name(clinic, 'en')}: this is a test. Your patients' texts come from here."
    text = Text("trial/sms.en.txt", 1, "en", "", body)
    say_what_came(request, send_trial(contact=contact, clinic=clinic, text=text, by=by, now=now))
    return redirect("setup")
