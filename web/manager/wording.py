"""The words of messages: which texts are the clinic's own, one text with its preview and lint, a trial to oneself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.blanks import blanks_of, needed_in
from notifications.channels.outcomes import Accepted, Outcome, Refused
from notifications.clinic_rules import sender_name
from notifications.models import QuickReply, StaffContact
from notifications.notice_facts import ChannelName, Purpose
from notifications.rendering import Text
from notifications.segments import Segments, measure
from notifications.trial_message import send_trial
from notifications.wording import (
    WordingChanged,
    WordingRefused,
    faults_of,
    latest_wording,
    own_versions,
    previews,
    save_wording,
    shipped_text,
    texts_there_are,
)
from notifications.wording_lint import find_faults
from scheduling.typed_numbers import read_number
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.registration import rules_of
from web.messages_sent import CHANNELS, PURPOSES

SAMPLES: Mapping[str, str | Promise] = {
    "one": _("One visit"),
    "several": _("Several visits"),
    "next": _("With the next visits"),
    "kept": _("With a time that is only kept"),
    "questions": _("With questions behind the link"),
    "driver": _("With a driver who is known"),
}
LONGEST_BODY = 2000
Key: TypeAlias = tuple[Purpose, ChannelName, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One text of the overview; `version` is the clinic's own, 0 where the shipped text stands."""

    purpose: Purpose
    what: str | Promise
    channel: ChannelName
    by: str | Promise
    language: str
    version: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A text as a patient would read it, and what it takes to send."""

    name: str | Promise
    text: Text
    size: Segments | None


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as it stands in the form. `after_version`: the one it was begun from."""

    subject: str
    body: str
    after_version: int


def wording(request: ClinicRequest) -> TemplateResponse:
    """All texts with their owners, whom messages are from, the approved answers."""
    clinic = request.clinic
    own = own_versions(clinic)
    lines = [
        Line(key[0], PURPOSES[key[0]], key[1], CHANNELS[key[1]], key[2], own.get(key, 0)) for key in texts_there_are()
    ]
    context = {
        "lines": lines,
        "senders": [(language, sender_name(clinic, language)) for language in ("en", "es")],
        "name_faults": find_faults(clinic.name, channel="sms", purpose="", language=""),
        "rules": rules_of(clinic),
        "replies": QuickReply.objects.filter(clinic=clinic, ended_at=None).order_by("language", "body"),
        "contacts": StaffContact.objects.filter(user=request.user).order_by("channel"),
        "channels": [(channel.value, CHANNELS[channel]) for channel in (ChannelName.SMS, ChannelName.EMAIL)],
    }
    return TemplateResponse(request, "manager/wording.html", context)


def word(request: ClinicRequest, purpose: str, channel: str, language: str) -> HttpResponse:
    """One text: how it looks and what is wrong with it, while it is written; saved, or back to the shipped one."""
    key, now = key_or_404(purpose, channel, language), timezone.now()
    if request.method != "POST":
        return page(request, key, as_it_stands(request, key, now), now)
    typed = typed_in(request)
    wanted = request.POST.get("do", "")
    if wanted in ("save", "shipped"):
        typed = typed if wanted == "save" else Typed("", "", typed.after_version)
        return save(request, key, typed, now)
    if wanted == "try":
        try_out(request, key, typed, now)
    return page(request, key, typed, now)


def key_or_404(purpose: str, channel: str, language: str) -> Key:
    """A text that clinics word."""
    for key in texts_there_are():
        if key == (purpose, channel, language):
            return key
    raise Http404


def typed_in(request: ClinicRequest) -> Typed:
    """What was sent, cut where nobody writes so much."""
    body = request.POST.get("body", "")[:LONGEST_BODY].replace("\r\n", "\n").strip()
    after = read_number(request.POST.get("after_version", "")) or 0
    return Typed(request.POST.get("subject", "")[:200].strip(), body, after)


def as_it_stands(request: ClinicRequest, key: Key, now: datetime) -> Typed:
    """The clinic's own text, else the shipped one with its blanks."""
    latest = latest_wording(request.clinic, *key)
    version = latest.version if latest else 0
    if latest and latest.body:
        return Typed(latest.subject, latest.body, version)
    shipped = shipped_text(request.clinic, *key, now=now)
    return Typed(shipped.subject, shipped.body, version)


def save(request: ClinicRequest, key: Key, typed: Typed, now: datetime) -> HttpResponse:
    """Make the text the clinic's own; with no text go back to the shipped one."""
    purpose, channel, language = key
    try:
        save_wording(
            clinic=request.clinic, purpose=purpose, channel=channel, language=language, subject=typed.subject,
            body=typed.body, after_version=typed.after_version, by=actor(request), now=now,
        )  # fmt: skip
    except WordingRefused:
        messages.error(request, _("Not saved: something in the text can't go out. It is named below."))
    except WordingChanged:
        messages.warning(request, _("Somebody else saved a text here meanwhile. Yours is still in the form: compare."))
        latest = latest_wording(request.clinic, *key)
        typed = Typed(typed.subject, typed.body, latest.version if latest else 0)
    else:
        words = _("Saved. Messages say it from now on.") if typed.body else _("Back to the shipped text.")
        messages.success(request, words)
        return redirect("wording")
    return page(request, key, typed, now)


def page(request: ClinicRequest, key: Key, typed: Typed, now: datetime) -> TemplateResponse:
    """The page of one text; for a request in the background its preview alone."""
    purpose, channel, language = key
    faults = faults_of(request.clinic, *key, subject=typed.subject, body=typed.body, now=now)
    context = {
        "purpose": purpose,
        "what": PURPOSES[purpose],
        "channel": channel,
        "by": CHANNELS[channel],
        "language": language,
        "typed": typed,
        "blanks": " ".join(f"{{{name}}}" for name in blanks_of(purpose)),
        "needed": " ".join(f"{{{name}}}" for name in needed_in(purpose)),
        "faults": faults,
        "samples": samples(request, key, typed, now) if typed.body else [],
        "shipped": samples(request, key, Typed("", "", 0), now)[0],
        "contact": StaffContact.objects.filter(user=request.user, channel=channel).first(),
        "is_own": bool((latest := latest_wording(request.clinic, *key)) and latest.body),
    }
    template = "manager/wording_preview.html" if request.htmx else "manager/word.html"
    return TemplateResponse(request, template, context)


def samples(request: ClinicRequest, key: Key, typed: Typed, now: datetime) -> list[Sample]:
    """The text with made-up times."""
    found = previews(request.clinic, *key, subject=typed.subject, body=typed.body, now=now)
    return [
        Sample(SAMPLES[name], text, measure(text.body) if key[1] is ChannelName.SMS else None) for name, text in found
    ]


def try_out(request: ClinicRequest, key: Key, typed: Typed, now: datetime) -> None:
    """Send the text with made-up times to the person who wrote it."""
    contact = StaffContact.objects.filter(user=request.user, channel=key[1]).first()
    if contact is None:
        messages.warning(request, _("Write down your own number or mailbox first, on the page of all texts."))
    elif faults_of(request.clinic, *key, subject=typed.subject, body=typed.body, now=now):
        messages.error(request, _("Not sent: something in the text can't go out. It is named below."))
    else:
        text = samples(request, key, typed, now)[0].text
        outcome = send_trial(contact=contact, clinic=request.clinic, text=text, by=actor(request), now=now)
        say_what_came(request, outcome)


def say_what_came(request: ClinicRequest, outcome: Outcome) -> None:
    """What the provider made of a trial."""
    if isinstance(outcome, Accepted):
        messages.success(request, _("Sent to you. It should be there within a minute."))
    elif isinstance(outcome, Refused):
        messages.error(request, _("The provider refused it: %(words)s") % {"words": outcome.message})
    else:
        messages.warning(request, _("Nobody knows whether it went out. See whether it arrives before you try again."))
