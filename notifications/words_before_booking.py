"""What a patient would be told of times once they are booked, before they are: for reading out and for looking at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from notifications.contact_wishes import messaged_by
from notifications.message_texts import Stationery
from notifications.notice_facts import ChannelName, Purpose
from notifications.rendering import NoWording, Wording, base_language, render_to_send
from scheduling.models import Clinic, Patient

# Stands where the patient's own link will.
LINK_END = "..."


@dataclass(frozen=True, slots=True)
class ToBeSent:
    """One message, in the language it goes in."""

    channel: ChannelName
    language: str
    body: str


class WordsBeforeBooking:
    """The confirmations that one patient would get; who is reached how is read once for all proposals of a page."""

    def __init__(self, patient: Patient, clinic: Clinic) -> None:
        self.patient, self.clinic, self.stationery = patient, clinic, Stationery()
        self.channels = messaged_by(patient, clinic)

    def about(self, firm: Sequence[datetime], kept: Sequence[datetime] = ()) -> list[ToBeSent]:
        """One message a channel. `kept` are times that wait for a review; none of it names a person or a treatment."""
        found = [self._on(channel, firm, kept) for channel in self.channels if firm or kept]
        return [one for one in found if one is not None]

    def _on(self, channel: ChannelName, firm: Sequence[datetime], kept: Sequence[datetime]) -> ToBeSent | None:
        zone = ZoneInfo(self.clinic.time_zone)
        for language in filter(None, (self.patient.language, self.patient.second_language)):
            wording = Wording(
                sender=self.stationery.sender(self.clinic, language),
                phone=self.clinic.phone,
                link=f"{settings.PUBLIC_URL.rstrip('/')}/v/{LINK_END}",
                visits=[(at, zone) for at in firm],
                kept=[(at, zone) for at in kept],
            )
            own = self.stationery.own_words(self.clinic, Purpose.BOOKING_CONFIRMATION, channel, language)
            try:
                text = render_to_send(
                    purpose=Purpose.BOOKING_CONFIRMATION, channel=channel, language=language, wording=wording, own=own
                )
            except NoWording:
                continue
            return ToBeSent(channel, base_language(language), text.body)
        return None
