"""A patient's visits as their own calendar takes them: a file of a series, and a private address that stays fresh."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from notifications.calendar import CalendarVisit, Standing, write_calendar
from notifications.clinic_rules import sender_name
from notifications.links import TO_COME, NoSuchLink, hash_of, token_for
from notifications.models import CalendarFeed, Message, NoticeVisit
from notifications.notice_facts import ChannelName, Purpose
from notifications.reaching import is_address_of
from notifications.rendering import base_language
from scheduling import events, permissions
from scheduling.events import Actor, Entry
from scheduling.models import AFTER_GIVEN, Appointment, Clinic, Status, VisitKind, VisitMode

FEED = "calendar-feed"
# Fixed for ever: a visit keeps its UID in every calendar that has it.
UIDS = UUID("7f0c2f0e-6a0f-4c1f-9a57-3d1b7d2f8c55")
LOOK_BACK = timedelta(days=90)
SHOWN = (*TO_COME, *AFTER_GIVEN, Status.CANCELLED)
# The Spanish needs a qualified reviewer.
SUMMARIES = {"en": "Appointment", "es": "Cita"}
NAMES = {"en": "Appointments", "es": "Citas"}
NOTES = {"en": "Can't come? Call {phone}.", "es": "¿No puede venir? Llame al {phone}."}
# What tells when visits are, or that they are no more. A reminder is no news to a calendar.
SAY_WHEN = (Purpose.BOOKING_CONFIRMATION, Purpose.CHANGED, Purpose.CANCELLED)


def make_feed(*, message: Message, by: Actor, now: datetime) -> str:
    """The token of the patient's private calendar address, asked for by whoever reads messages at this address.

    Once an address: asked again, it is the same token and nothing is written. Records `calendar_feed.made`.
    """
    patient = message.patient
    permissions.check(by, "calendar.subscribe", organisation_id=patient.organisation_id)
    with transaction.atomic():
        # Two presses at once: the second waits for the first one's row.
        type(patient).objects.select_for_update(no_key=True).get(pk=patient.pk)
        feed = CalendarFeed.objects.filter(patient=patient, address=message.address).first()
        if feed is None:
            ident = uuid4()
            feed = CalendarFeed.objects.create(
                id=ident,
                patient=patient,
                address=message.address,
                clinic=message.clinic,
                language=message.language,
                token_hash=hash_of(token_for(ident, FEED)),
                made_at=now,
            )
            entry = Entry("calendar_feed.made", patient_id=patient.pk, data={"address": message.address_id})
            events.record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    return token_for(feed.pk, FEED)


def find_feed(*, token: str) -> CalendarFeed:
    """The feed of this token. Refuses with NoSuchLink one nobody was given, one whose address was stopped or is the
    patient's no more, and one of a closed record."""
    feeds = CalendarFeed.objects.select_related("patient", "address", "clinic")
    feed = feeds.filter(token_hash=hash_of(token)).first()
    if feed is None or feed.patient.is_gone or not is_address_of(feed.patient, feed.address):
        raise NoSuchLink
    return feed


def calendar_of(
    visits: QuerySet[Appointment], *, clinic: Clinic, language: str, now: datetime, feed: bool = False
) -> bytes:
    """The calendar file of these visits, from the clinic's discreet sender."""
    rows = visits.select_related("organisation", "clinic")
    return _file(rows, organiser=sender_name(clinic, language), language=language, now=now, feed=feed)


def put_calendars_in(letters: Sequence[tuple[Message, Sequence[int]]], *, now: datetime) -> None:
    """Gives each e-mail that says when visits are the calendar file of these visits, cancelled ones as such.

    `letters`: messages that are not kept yet, each with the ids of the notices it tells. One statement for them all,
    and none where all are texts. The caller holds the visits, so that file and text say the same.
    """
    mails = [one for one in letters if one[0].channel == ChannelName.EMAIL and one[0].purpose in SAY_WHEN]
    if not mails:
        return
    told = NoticeVisit.objects.filter(notice__in=[pk for _, notice_ids in mails for pk in notice_ids])
    told = told.select_related("appointment__organisation", "appointment__clinic")
    visits = defaultdict(list)
    for row in told:
        visits[row.notice_id].append(row.appointment)
    for message, notice_ids in mails:
        mine = {visit.pk: visit for pk in notice_ids for visit in visits[pk]}
        in_order = sorted(mine.values(), key=lambda visit: (visit.period.lower, visit.pk))
        file = _file(in_order, organiser=message.sender_name, language=message.language, now=now)
        message.calendar = file.decode()


def feed_file(feed: CalendarFeed, *, now: datetime) -> bytes:
    """All visits of the feed's patient from three months ago on, cancelled ones as such; times only kept are none."""
    visits = Appointment.objects.filter(patient=feed.patient, period__endswith__gt=now - LOOK_BACK, status__in=SHOWN)
    # Where an infusion was given elsewhere, another clinic told them of it.
    visits = visits.filter(given_where="").exclude(kind=VisitKind.KEPT).order_by("period", "pk")
    return calendar_of(visits, clinic=feed.clinic, language=feed.language, now=now, feed=True)


def uid_of(visit: Appointment) -> str:
    """The visit's name in every calendar, for its whole life; tells nobody anything."""
    return str(uuid5(UIDS, f"{visit.organisation.slug}/{visit.pk}"))


def _file(visits: Iterable[Appointment], *, organiser: str, language: str, now: datetime, feed: bool = False) -> bytes:
    words = base_language(language)
    words = words if words in SUMMARIES else "en"
    return write_calendar(
        _entries(visits, words),
        organiser=organiser,
        mailbox=f"no-reply@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}",
        now=now,
        feed_name=NAMES[words] if feed else "",
    )


def _entries(visits: Iterable[Appointment], language: str) -> Iterable[CalendarVisit]:
    for visit in visits:
        yield CalendarVisit(
            uid=uid_of(visit),
            sequence=visit.told_version,
            starts_at=visit.period.lower,
            ends_at=visit.period.upper,
            standing=_standing(visit),
            summary=SUMMARIES[language],
            place=visit.clinic.address if visit.mode == VisitMode.IN_PERSON else "",
            note=NOTES[language].format(phone=visit.clinic.phone) if visit.clinic.phone else "",
        )


def _standing(visit: Appointment) -> Standing:
    if visit.status == Status.CANCELLED:
        return Standing.CANCELLED
    return Standing.TENTATIVE if visit.is_tentative and visit.status == Status.BOOKED else Standing.CONFIRMED
