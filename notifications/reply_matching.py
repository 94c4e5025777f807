"""Who wrote, at which address, and which of our messages they answer: the last one there within three days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from notifications.addresses import normalise
from notifications.consent import KIND_OF
from notifications.models import (
    MAY_HAVE_ARRIVED,
    Address,
    AddressKind,
    InboundMessage,
    Message,
    MessageRules,
    NoticeState,
    NoticeVisit,
    PatientAddress,
)
from notifications.notice_facts import ChannelName, Purpose
from notifications.notice_rules import ANSWERED_WITHIN
from scheduling.models import Clinic, Patient

# After these a loose yes is an answer.
ASKS = (Purpose.BOOKING_CONFIRMATION, Purpose.REMINDER, Purpose.CHANGED)


@dataclass(frozen=True, slots=True)
class Origin:
    """`addresses`: every row of that number or mailbox, one an organisation; its clinic's alone where one can be told.
    `patient` and `answers` stay None where nobody or several can be meant; `clinic_id` where no clinic can be told."""

    addresses: tuple[Address, ...]
    patient: Patient | None = None
    answers: Message | None = None
    clinic_id: int | None = None

    @property
    def address(self) -> Address | None:
        return self.answers.address if self.answers else next(iter(self.addresses), None)


def find_origin(
    *, channel: ChannelName, sender: str, to: Sequence[str], ours: Sequence[UUID] = (), now: datetime
) -> Origin:
    """Who wrote from `sender` to one of `to`. `ours`: our messages that an e-mail names as those it answers."""
    kind = KIND_OF[channel]
    named = _named(ours, channel)
    if named is not None:
        patient = named.patient if named.address in _current(named.patient, [named.address]) else None
        return Origin((named.address,), patient, named, named.clinic_id)
    clinics = clinics_called(to) if kind is AddressKind.PHONE else []
    value = normalise(kind, sender)
    # A practice clinic's patients are made up, at whose number a learner likes: nobody writes to it.
    real = Address.objects.exclude(organisation__clinics__is_practice=True)
    rows = real.filter(kind=kind, value=value).select_related("organisation") if value else ()
    addresses = tuple(sorted(rows, key=lambda one: one.pk))
    here = {clinic.organisation_id for clinic in clinics}
    if here:
        # Known to another organisation, whoever writes to this one's number is a stranger.
        addresses = tuple(one for one in addresses if one.organisation_id in here)
    patient, answers = _last_told(addresses, channel, now)
    clinic_id = answers.clinic_id if answers else _clinic(clinics, patient, addresses)
    return Origin(_of_clinic(addresses, clinic_id), patient, answers, clinic_id)


def clinics_called(numbers: Sequence[str]) -> list[Clinic]:
    """The clinics that name one of these as the number their texts come from."""
    called = {normalise(AddressKind.PHONE, number) or number for number in numbers}
    rules = MessageRules.objects.exclude(text_number="").exclude(clinic__is_practice=True)
    rules = rules.select_related("clinic").order_by("clinic")
    named = [(normalise(AddressKind.PHONE, one.text_number) or one.text_number.strip(), one.clinic) for one in rules]
    return [clinic for number, clinic in named if number in called]


def last_message(
    *, patient: Patient, addresses: Sequence[Address], channel: ChannelName, at: datetime
) -> Message | None:
    """The last message to this patient there in the three days before `at` that is about their visits."""
    return _recent(addresses, channel, at).filter(patient=patient).exclude(purpose=Purpose.REPLY).first()


def is_in_conversation(*, addresses: Sequence[Address], channel: ChannelName, at: datetime) -> bool:
    """Whether the last thing said there was an answer of ours: a loose yes then belongs to that, not to a visit."""
    last = _recent(addresses, channel, at).first()
    return last is not None and last.purpose == Purpose.REPLY


def addresses_of(reply: InboundMessage) -> list[Address]:
    """Every row of the number or mailbox a reply came from, in its clinic's organisation where that is known; and the
    one it answers, which for an e-mail may be another."""
    kind = KIND_OF[ChannelName(reply.channel)]
    value = normalise(kind, reply.sender)
    real = Address.objects.exclude(organisation__clinics__is_practice=True)
    rows = real.filter(kind=kind, value=value) if value else Address.objects.none()
    if reply.clinic is not None:
        rows = rows.filter(organisation=reply.clinic.organisation_id)
    found = list(rows.order_by("pk"))
    return found if reply.address is None or reply.address in found else [*found, reply.address]


def told_in(message: Message) -> list[tuple[int, int]]:
    """The visits that a message named, each with the told_version it named."""
    rows = NoticeVisit.objects.filter(notice__message=message).order_by("starts_at", "appointment_id")
    return list(dict.fromkeys(rows.values_list("appointment_id", "told_version")))


def patients_at(addresses: Sequence[Address]) -> list[Patient]:
    """Whose these addresses are now, in order of their names."""
    links = PatientAddress.objects.filter(address__in=addresses, ended_at=None)
    patients = Patient.objects.filter(pk__in=links.values("patient"), deceased_at=None, merged_into=None)
    return list(patients.order_by("family_name", "given_name", "pk"))


def _named(ours: Sequence[UUID], channel: ChannelName) -> Message | None:
    rows = Message.objects.filter(pk__in=ours, channel=channel).select_related("patient", "address")
    found = {row.pk: row for row in rows}
    return next((found[one] for one in ours if one in found), None)


def _last_told(
    addresses: Sequence[Address], channel: ChannelName, now: datetime
) -> tuple[Patient | None, Message | None]:
    recent = [one for one in _recent(addresses, channel, now) if one.purpose != Purpose.REPLY]
    theirs = [one for one in recent if one.address in _current(one.patient, addresses)]
    told = {one.patient_id for one in theirs}
    if len(told) == 1:
        return theirs[0].patient, theirs[0]
    linked = patients_at(addresses)
    # Several were written to, or nobody lately: with one person on the address it is they.
    return (linked[0] if len(linked) == 1 else None), None


def _current(patient: Patient, addresses: Sequence[Address]) -> list[Address]:
    links = PatientAddress.objects.filter(patient=patient, address__in=addresses, ended_at=None)
    theirs = set(links.values_list("address_id", flat=True))
    return [one for one in addresses if one.pk in theirs]


def _recent(addresses: Sequence[Address], channel: ChannelName, at: datetime) -> QuerySet[Message]:
    rows = Message.objects.filter(address__in=addresses, channel=channel)
    rows = rows.filter(written_at__gt=at - ANSWERED_WITHIN, written_at__lte=at)
    return _arrived(rows).select_related("patient", "address")


def _arrived(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Newest first. One that was refused, or is being tried anew as another message, told nobody anything."""
    may_have = (*MAY_HAVE_ARRIVED, NoticeState.CLAIMED)
    return rows.filter(notices__state__in=may_have).distinct().order_by("-written_at", "-pk")


def _clinic(clinics: Sequence[Clinic], patient: Patient | None, addresses: Sequence[Address]) -> int | None:
    if len(clinics) == 1:
        return clinics[0].pk
    people = [patient] if patient else patients_at(addresses)
    visits = Message.objects.filter(patient__in=people).order_by("-written_at").values_list("clinic_id", flat=True)
    last = visits.first()
    if last is not None:
        return last
    organisations = {patient.organisation_id} if patient else {one.organisation_id for one in addresses}
    places = list(Clinic.objects.filter(organisation__in=organisations).order_by("pk").values_list("pk", flat=True)[:2])
    if len(places) == 1:
        return places[0]
    if len({clinic.organisation_id for clinic in clinics}) == 1:
        return clinics[0].pk
    return None if organisations else _only_clinic()


def _of_clinic(addresses: tuple[Address, ...], clinic_id: int | None) -> tuple[Address, ...]:
    """Those of the clinic's organisation: one that shares a number with another one never sees the other's rows."""
    if clinic_id is None or len({one.organisation_id for one in addresses}) < 2:
        return addresses
    ours = Clinic.objects.get(pk=clinic_id).organisation_id
    return tuple(one for one in addresses if one.organisation_id == ours)


def _only_clinic() -> int | None:
    places = list(Clinic.objects.order_by("pk").values_list("pk", flat=True)[:2])
    return places[0] if len(places) == 1 else None
