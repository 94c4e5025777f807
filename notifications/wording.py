"""The clinic's own words in place of the shipped ones: kept version by version, checked before a patient reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from notifications.clinic_rules import sender_name
from notifications.models import ClinicWording
from notifications.notice_facts import ChannelName, Purpose
from notifications.own_words import as_template, find_blank_faults
from notifications.rendering import OwnWords, Text, Wording, base_language, render, say_time, template_names
from notifications.wording_lint import find_faults
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Clinic

# Those that say when a visit is. The others say what a clinic may not leave out, such as until when to eat.
WORDED_BY_CLINICS = (Purpose.BOOKING_CONFIRMATION, Purpose.REMINDER, Purpose.CHANGED, Purpose.CANCELLED)
WRITTEN = (ChannelName.SMS, ChannelName.EMAIL)
# As long as a real one, and nobody's.
SAMPLE_LINK_END = "this-is-only-a-sample-"


class WordingRefused(Exception):
    """The text can't be used; `faults` say why, in plain words."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(faults))


class WordingChanged(Exception):
    """Somebody else saved a text here since the page was opened."""


class NoSuchWording(Exception):
    """The clinic does not word this purpose, channel and language."""


def wording_for(clinic: Clinic, purpose: Purpose, channel: ChannelName, language: str) -> OwnWords | None:
    """The clinic's words (subject, body, version) as last saved, ready to be rendered; None where the shipped ones
    stand."""
    language = base_language(language)
    latest = latest_wording(clinic, purpose, channel, language)
    return own_words(latest.subject, latest.body, channel, language, latest.version) if latest and latest.body else None


def own_words(subject: str, body: str, channel: ChannelName, language: str, version: int = 1) -> OwnWords:
    """A clinic's text with its blanks made places that times and the link are put into."""
    return OwnWords(
        subject=as_template(subject, language=language, in_lines=False),
        body=as_template(body, language=language, in_lines=channel is ChannelName.EMAIL),
        version=version,
    )


def latest_wording(clinic: Clinic, purpose: Purpose, channel: ChannelName, language: str) -> ClinicWording | None:
    """The newest version, the empty one that goes back to the shipped text included."""
    rows = ClinicWording.objects.filter(clinic=clinic, purpose=purpose, channel=channel, language=language)
    return rows.order_by("-version").first()


def own_versions(clinic: Clinic) -> dict[tuple[str, str, str], int]:
    """By purpose, channel and language the version of the clinic's own text, where it has one."""
    rows = ClinicWording.objects.filter(clinic=clinic).order_by("purpose", "channel", "language", "-version")
    latest = rows.distinct("purpose", "channel", "language")
    return {(row.purpose, row.channel, row.language): row.version for row in latest if row.body}


def texts_there_are() -> list[tuple[Purpose, ChannelName, str]]:
    """Each purpose, channel and language that a clinic may word, in the order of the table above."""
    shipped = set(template_names())
    languages = sorted({name.split(".")[1] for name in shipped})
    return [
        (purpose, channel, language)
        for purpose in WORDED_BY_CLINICS
        for channel in WRITTEN
        for language in languages
        if f"{purpose}/{channel}.{language}.txt" in shipped
    ]


def save_wording(
    *,
    clinic: Clinic,
    purpose: Purpose,
    channel: ChannelName,
    language: str,
    subject: str,
    body: str,
    after_version: int,
    by: Actor,
    now: datetime,
) -> ClinicWording:
    """A new version of the clinic's text; an empty `body` goes back to the shipped one. Messages use it from now on.

    `after_version` is the version the writer saw, 0 for none. Refuses with WordingRefused what would tell of care, does
    not fit or lacks a blank, with WordingChanged where somebody was faster, with NoSuchWording what clinics don't word.
    Records `clinic.wording_set`.
    """
    permissions.check(by, "clinic.word_messages", organisation_id=clinic.organisation_id, clinic_id=clinic.pk)
    if (purpose, channel, language) not in texts_there_are():
        raise NoSuchWording
    subject, body = subject.strip() if channel is ChannelName.EMAIL else "", body.replace("\r\n", "\n").strip()
    faults = faults_of(clinic, purpose, channel, language, subject=subject, body=body, now=now) if body else []
    if faults:
        raise WordingRefused(faults)
    with transaction.atomic():
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        before = latest_wording(clinic, purpose, channel, language)
        if (before.version if before else 0) != after_version:
            raise WordingChanged
        wording = ClinicWording.objects.create(
            clinic=clinic, purpose=purpose, channel=channel, language=language, version=after_version + 1,
            subject=subject if body else "", body=body, written_by_id=by.staff_id, written_at=now,
        )  # fmt: skip
        data = {"purpose": purpose, "channel": channel, "language": language, "version": wording.version}
        entry = Entry("clinic.wording_set", clinic_id=clinic.pk, data=data)
        events.record(organisation_id=clinic.organisation_id, entries=[entry], by=by, now=now)
    return wording


def faults_of(
    clinic: Clinic, purpose: Purpose, channel: ChannelName, language: str, *, subject: str, body: str, now: datetime
) -> list[str]:
    """What keeps the text from being used, looked at with each sample; empty when it may be."""
    faults = find_blank_faults(subject, body, channel=channel)
    if faults:
        # Nothing can be shown yet, but a word that tells too much is named at once.
        faults += find_faults(f"{subject} {body}", channel=ChannelName.EMAIL, purpose="", language=language)
    for _, text in previews(clinic, purpose, channel, language, subject=subject, body=body, now=now):
        faults += find_faults(text.body, channel=channel, purpose=purpose, language=language)
        if channel is ChannelName.EMAIL:
            faults += find_faults(text.subject, channel=channel, purpose="", language=language)
    return list(dict.fromkeys(faults))


def previews(
    clinic: Clinic, purpose: Purpose, channel: ChannelName, language: str, *, subject: str, body: str, now: datetime
) -> list[tuple[str, Text]]:
    """What patients read with each sample; of an empty `body` the shipped text; nothing while blanks are wrong."""
    if body and find_blank_faults(subject, body, channel=channel):
        return []
    own = own_words(subject, body, channel, language) if body else None
    return [
        (name, render(purpose=purpose, channel=channel, language=language, wording=sample, own=own))
        for name, sample in samples_for(clinic, purpose, language, now=now)
    ]


def samples_for(clinic: Clinic, purpose: Purpose, language: str, *, now: datetime) -> list[tuple[str, Wording]]:
    """Made-up facts to try a text with: one visit, several, and times that are only kept; each with its name."""
    zone = ZoneInfo(clinic.time_zone)
    first = (now + timedelta(days=3)).astimezone(zone).replace(hour=10, minute=30, second=0, microsecond=0)
    while first.day < 10:  # a time that takes as much room as any
        first += timedelta(days=1)
    times = [(first + timedelta(days=3 * number), zone) for number in range(4)]
    link = f"{settings.PUBLIC_URL.rstrip('/')}/v/{SAMPLE_LINK_END}/"
    one = Wording(sender=sender_name(clinic, language), phone=clinic.phone, link=link, visits=times[:1])
    if purpose is Purpose.REMINDER:
        return [("one", one), ("next", replace(one, later=times[1:]))]
    found = [("one", one), ("several", replace(one, visits=times))]
    if purpose is not Purpose.CANCELLED:
        found.append(("kept", replace(one, kept=times[1:2])))
    return found


def shipped_text(clinic: Clinic, purpose: Purpose, channel: ChannelName, language: str, *, now: datetime) -> OwnWords:
    """The shipped words as a text with blanks, for a clinic to begin with; its version is 0."""
    zone = ZoneInfo(clinic.time_zone)
    at = (now + timedelta(days=3)).astimezone(zone)
    blanks = Wording(sender="{sender}", phone="{phone}", link="{link}", visits=[(at, zone)])
    text = render(purpose=purpose, channel=channel, language=language, wording=blanks)
    time = say_time(at, zone, language)
    return OwnWords(text.subject.replace(time, "{when}"), text.body.replace(time, "{when}").strip(), 0)
