"""Reads the rows that decide what a patient should be told, as the pure rules want them. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, Max, OuterRef, Q

from notifications import reasons
from notifications.asking_after import open_check_ins
from notifications.channels.outcomes import LANDLINE, OPTED_OUT
from notifications.closings import read_closings
from notifications.consent import CHANNEL_OF, consenting
from notifications.models import (
    MAY_HAVE_ARRIVED,
    Address,
    AddressKind,
    ContactWishes,
    MessageRules,
    NoticeState,
    NoticeVisit,
    PatientAddress,
    RideHome,
)
from notifications.models.wishes import CALL
from notifications.notice_facts import ChannelName, ClinicRules, Purpose, Reachable, Standing, Told, Visit
from notifications.preparing import prepare
from notifications.quiet_hours import QuietHours
from notifications.rendering import NEUTRAL_SENDERS, base_language
from notifications.wording_lint import find_faults
from scheduling.models import Appointment, CancelledBy, Clinic, Event, OrderState, Patient, Status, VisitKind

# How far back neighbours count for a dense series, with room.
LOOK_BACK = timedelta(days=14)
LONGEST_SENDER = 24
MADE_FIRM = "appointment.made_firm"
TIME_CHANGES = (
    "appointment.booked",
    "appointment.moved",
    "appointment.cancelled",
    "appointment.reinstated",
    "appointment.no_show",
    MADE_FIRM,
)
# Why a number takes no texts and yet may be called: it is a telephone at home, or texts are not wanted there.
CAN_BE_CALLED = frozenset({LANDLINE.code, OPTED_OUT.code})
GONE = (Status.CANCELLED, Status.RELEASED, Status.ENTERED_IN_ERROR)


def standing_of(appointment: Appointment) -> Standing:
    """What the patient should believe of a visit. `appointment` comes with its order."""
    if appointment.status in GONE:
        return Standing.CANCELLED
    if appointment.status != Status.BOOKED:
        return Standing.SILENT
    if appointment.order is not None and appointment.order.state == OrderState.PAUSED:
        return Standing.SILENT
    return Standing.TENTATIVE if appointment.is_tentative else Standing.FIRM


def was_missed(appointment: Appointment) -> bool:
    """Whether the patient did not come, as a person said, and may have another time: their order is not paused or over.
    `appointment` comes with its order."""
    is_on = appointment.order is None or appointment.order.state == OrderState.ACTIVE
    return appointment.status == Status.NO_SHOW and is_on


def read_visits(patient: Patient, now: datetime) -> list[Visit]:
    """The patient's visits from two weeks ago on, whatever became of them, and those that a check-in is ordered for;
    times that are only kept are none."""
    return visits_of([patient.pk], now)[patient.pk]


def visits_of(patient_ids: Iterable[int], now: datetime, *, with_history: bool = True) -> dict[int, list[Visit]]:
    """The same for several patients in as many statements as for one, by patient id.

    Without history nobody has looked since when a visit is as it is, nor from which version on it is firm.
    """
    found: dict[int, list[Visit]] = {patient_id: [] for patient_id in patient_ids}
    check_ins = open_check_ins(found, now).filter(order=OuterRef("order"), after_number=OuterRef("dose_number"))
    of_interest = Q(period__startswith__gt=now - LOOK_BACK) | Exists(check_ins)
    mine = Appointment.objects.filter(of_interest, patient__in=found).exclude(kind=VisitKind.KEPT)
    rows = list(mine.select_related("order", "terms__version").order_by("period", "pk"))
    ids = [row.pk for row in rows]
    events = Event.objects.filter(appointment__in=ids if with_history else [])
    changed = dict(events.filter(verb__in=TIME_CHANGES).values_list("appointment").annotate(Max("recorded_at")))
    made_firm = events.filter(verb=MADE_FIRM).order_by("pk")
    firm_from = {event.appointment_id: event.data.get("told_version", 0) for event in made_firm}
    asked_of = {row.pk: prepare(row.terms.version.content, row.period.lower) for row in rows if row.terms}
    ride = [visit_id for visit_id, asked in asked_of.items() if asked is not None and asked.needs_ride]
    drivers = set(RideHome.objects.filter(visit__in=ride).values_list("visit_id", flat=True)) if ride else set()
    closings = read_closings([row for row in rows if row.status == Status.BOOKED], now)
    for row in rows:
        found[row.patient_id].append(
            Visit(
                id=row.pk,
                clinic_id=row.clinic_id,
                zone=ZoneInfo(row.time_zone),
                starts_at=row.period.lower,
                told_version=row.told_version,
                standing=standing_of(row),
                known_since=changed.get(row.pk) or row.cancelled_at or row.booked_at,
                firm_from=firm_from.get(row.pk, 0),
                is_confirmed=row.confirmed_at is not None,
                by_clinician=row.cancelled_by == CancelledBy.CLINICIAN,
                prepare=asked_of.get(row.pk),
                driver_known=row.pk in drivers,
                closing=closings.get(row.pk),
                was_missed=was_missed(row),
            )
        )
    return found


def read_told(patient: Patient, visit_ids: Iterable[int]) -> list[Told]:
    """What was said of these visits, or may have been: sent, unknown, with an attempt under way, or said in person."""
    return told_of({patient.pk: visit_ids})[patient.pk]


def told_of(visit_ids: Mapping[int, Iterable[int]]) -> dict[int, list[Told]]:
    """The same for several patients, each with their visits, by patient id."""
    found: dict[int, list[Told]] = {patient_id: [] for patient_id in visit_ids}
    may_have_arrived = Q(notice__state__in=MAY_HAVE_ARRIVED) | Q(
        notice__state=NoticeState.CLAIMED, notice__message__isnull=False
    )
    in_person = Q(notice__state=NoticeState.SUPPRESSED, notice__reason=reasons.TOLD_IN_PERSON)
    wanted = [visit_id for ids in visit_ids.values() for visit_id in ids]
    about = NoticeVisit.objects.filter(notice__patient__in=found, appointment__in=wanted)
    # An answer in a person's own words says nothing certain of any visit.
    rows = about.filter(may_have_arrived | in_person).exclude(notice__purpose=Purpose.REPLY)
    theirs = defaultdict(set)
    for link in PatientAddress.objects.filter(patient__in=found, ended_at=None):
        theirs[link.patient_id].add(link.address_id)
    for row in rows.select_related("notice__message"):
        notice = row.notice
        found[notice.patient_id].append(
            Told(
                visit_id=row.appointment_id,
                purpose=Purpose(notice.purpose),
                step=notice.step,
                channel=ChannelName(notice.channel),
                starts_at=row.starts_at,
                clinic_id=row.clinic_id,
                said_at=notice.message.written_at if notice.message else notice.changed_at,
                told_version=row.told_version,
                still_theirs=notice.reason == reasons.TOLD_IN_PERSON or notice.address_id in theirs[notice.patient_id],
            )
        )
    return found


def read_rules(clinic_ids: Iterable[int]) -> dict[int, ClinicRules]:
    """Each clinic's message rules, the defaults where it says nothing."""
    wanted = set(clinic_ids)
    rows = MessageRules.objects.filter(clinic__in=wanted)
    said = {
        row.clinic_id: ClinicRules(
            reminder_hours=tuple(row.reminder_hours),
            grace=timedelta(minutes=row.grace_minutes),
            quiet=QuietHours(row.quiet_from, row.quiet_until),
            day_of=timedelta(minutes=row.day_of_minutes),
            told_by=timedelta(minutes=row.told_by_minutes),
        )
        for row in rows
    }
    return {clinic_id: said.get(clinic_id, ClinicRules()) for clinic_id in wanted}


def sender_name(clinic: Clinic, language: str) -> str:
    """The discreet name that messages are from: the clinic's choice, else its own name where nothing is wrong with it.

    A name that tells of treatment gives way to a neutral one in `language`.
    """
    chosen = MessageRules.objects.filter(clinic=clinic).values_list("sender_name", flat=True).first()
    name = " ".join((chosen or clinic.name).split())
    # The whole name: cut short, a word may slip past that a reader still guesses.
    if find_faults(name, channel="sms", purpose="", language=language):
        return NEUTRAL_SENDERS.get(base_language(language), NEUTRAL_SENDERS["en"])
    return name[:LONGEST_SENDER].rstrip()


def wishes_of(patient: Patient) -> ContactWishes | None:
    """How the patient wants to be reached, where they have said so."""
    return ContactWishes.objects.filter(patient=patient).first()


def read_reachable(patient: Patient, zone: ZoneInfo) -> list[Reachable]:
    """Where the patient may be reached; `zone` is the clinic's, for a patient who gave none of their own.

    Who wants calls is called where there is a number. With a request for confidential communication nothing but its one
    address counts. A preferred way leaves the others out while it works.
    """
    return reachable_of({patient: zone})[patient.pk]


def reachable_of(patients: Mapping[Patient, ZoneInfo]) -> dict[int, list[Reachable]]:
    """The same for several patients, each with a clinic's zone, by patient id."""
    alive = [one for one in patients if not one.is_gone]
    wishes = {one.patient_id: one for one in ContactWishes.objects.filter(patient__in=alive)}
    links = defaultdict(list)
    mine = PatientAddress.objects.filter(patient__in=alive, ended_at=None).select_related("address").order_by("pk")
    for link in mine:
        wish = wishes.get(link.patient_id)
        if wish is None or wish.only_address_id in (None, link.address_id):
            links[link.patient_id].append(link)
    agreed = consenting(link.address_id for some in links.values() for link in some)
    found: dict[int, list[Reachable]] = {patient.pk: [] for patient in patients}
    for patient in alive:
        where = ZoneInfo(patient.time_zone) if patient.time_zone else patients[patient]
        found[patient.pk] = _reachable(links[patient.pk], wishes.get(patient.pk), agreed, where)
    return found


def _reachable(
    links: list[PatientAddress], wishes: ContactWishes | None, agreed: set[int], zone: ZoneInfo
) -> list[Reachable]:
    if wishes is not None and wishes.way == CALL:
        numbers = [link for link in links if _can_be_called(link.address)]
        if numbers:
            return [Reachable(link.address_id, ChannelName.CALL, link.preferred, zone) for link in numbers]
    working = [link for link in links if link.address.value is not None and link.address.stopped_at is None]
    found = [
        Reachable(link.address_id, CHANNEL_OF[AddressKind(link.address.kind)], link.preferred, zone)
        for link in working
        if link.address_id in agreed
    ]
    chosen = [one for one in found if wishes is not None and one.channel == wishes.way]
    return chosen or found


def may_answer(patient: Patient, address: Address) -> bool:
    """Whether what the patient wrote from this address may be answered there: unless they took their consent back or
    want to be reached elsewhere alone. Nobody has to agree to an answer first."""
    links = _links(patient, wishes_of(patient))
    if address.stopped_at is not None or all(link.address_id != address.pk for link in links):
        return False
    latest = address.consents.order_by("-pk").first()
    return latest is None or latest.granted


def why_unreachable(patient: Patient) -> str:
    """The reason, a word of `reasons`, why nothing can be sent to a patient whom nothing reaches."""
    links = _links(patient, wishes_of(patient))
    if not links:
        return reasons.NO_ADDRESS
    valid = [link for link in links if link.address.value is not None]
    if not valid:
        return reasons.NOT_VALID
    return reasons.NO_CONSENT if any(one.address.stopped_at is None for one in valid) else reasons.ADDRESS_STOPPED


def is_address_of(patient: Patient, address: Address) -> bool:
    """Whether the address works and is still the patient's, consent aside."""
    return (
        address.value is not None
        and address.stopped_at is None
        and PatientAddress.objects.filter(patient=patient, address=address, ended_at=None).exists()
    )


def _links(patient: Patient, wishes: ContactWishes | None) -> list[PatientAddress]:
    mine = PatientAddress.objects.filter(patient=patient, ended_at=None).select_related("address").order_by("pk")
    return list(mine.filter(address=wishes.only_address_id) if wishes and wishes.only_address_id else mine)


def _can_be_called(address: Address) -> bool:
    return (
        address.kind == AddressKind.PHONE
        and address.value is not None
        and (address.stopped_at is None or address.stop_reason in CAN_BE_CALLED)
    )
