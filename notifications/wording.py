"""The clinic's own words in place of the shipped ones: kept version by version, checked before a patient reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from notifications.blanks import find_blank_faults
from notifications.models import ClinicWording
from notifications.notice_facts import ChannelName, Purpose
from notifications.own_words import as_template
from notifications.rendering import OwnWords, Text, base_language, render, template_names
from notifications.wording_lint import find_faults
from notifications.wording_samples import samples_for
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import Clinic

WRITTEN = (ChannelName.SMS, ChannelName.EMAIL)


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
    """Each purpose, channel and language that a clinic may word: all that texts are shipped for."""
    shipped = set(template_names())
    languages = sorted({name.split(".")[1] for name in shipped})
    return [
        (purpose, channel, language)
        for purpose in Purpose
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
    faults = find_blank_faults(subject, body, purpose=purpose, channel=channel)
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
    if body and find_blank_faults(subject, body, purpose=purpose, channel=channel):
        return []
    own = own_words(subject, body, channel, language) if body else None
    return [
        (name, render(purpose=purpose, channel=channel, language=language, wording=sample, own=own))
        for name, sample in samples_for(clinic, purpose, language, now=now)
    ]


def shipped_text(clinic: Clinic, purpose: Purpose, channel: ChannelName, language: str, *, now: datetime) -> OwnWords:
    """The shipped words as a text with blanks, for a clinic to begin with; its version is 0."""
    [(_, sample), *_] = samples_for(clinic, purpose, language, now=now)
    sample = replace(sample, sender="{sender}", phone="{phone}" if sample.phone else "", link="{link}", words="{words}")
    text = render(purpose=purpose, channel=channel, language=language, wording=sample)
    subject, body = text.subject, text.body.strip()
    for name in ("when", "prepare", "hours"):
        own = own_words("", f"{{{name}}}", channel, language)
        said = render(purpose=purpose, channel=channel, language=language, wording=sample, own=own).body.strip()
        if said:
            subject, body = subject.replace(said, f"{{{name}}}"), body.replace(said, f"{{{name}}}")
    return OwnWords(subject, body, 0)
