"""Reads the rows that decide what a patient should be told, as the pure rules want them. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Q

from notifications.consent import CHANNEL_OF, consenting
from notifications.models import (
    MAY_HAVE_ARRIVED,
    Address,
    AddressKind,
    MessageRules,
    NoticeState,
    NoticeVisit,
    PatientAddress,
)
from notifications.notice_facts import ChannelName, ClinicRules, Purpose, Reachable, Standing, Told, Visit
from notifications.quiet_hours import QuietHours
from notifications.rendering import NEUTRAL_SENDERS, base_language
from notifications.wording_lint import find_faults
from scheduling.models import Appointment, Clinic, Event, OrderState, Patient, Status, VisitKind

# How far back neighbours count for a dense series, with room.
LOOK_BACK = timedelta(days=14)
LONGEST_SENDER = 24
MADE_FIRM = "appointment.made_firm"
TIME_CHANGES = (
    "appointment.booked",
    "appointment.moved",
    "appointment.cancelled",
    "appointment.reinstated",
    MADE_FIRM,
)
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


def read_visits(patient: Patient, now: datetime) -> list[Visit]:
    """The patient's visits from two weeks ago on, whatever became of them; times that are only kept are none."""
    return visits_of([patient.pk], now)[patient.pk]


def visits_of(patient_ids: Iterable[int], now: datetime, *, with_history: bool = True) -> dict[int, list[Visit]]:
    """The same for several patients in as many statements as for one, by patient id.

    Without history nobody has looked since when a visit is as it is, nor from which version on it is firm.
    """
    found: dict[int, list[Visit]] = {patient_id: [] for patient_id in patient_ids}
    since = Appointment.objects.filter(patient__in=found, period__startswith__gt=now - LOOK_BACK)
    rows = list(since.exclude(kind=VisitKind.KEPT).select_related("order").order_by("pk"))
    events = Event.objects.filter(appointment__in=[row.pk for row in rows] if with_history else [])
    changed = dict(events.filter(verb__in=TIME_CHANGES).values_list("appointment").annotate(Max("recorded_at")))
    firm_from = {
        event.appointment_id: event.data.get("told_version", 0)
        for event in events.filter(verb=MADE_FIRM).order_by("pk")
    }
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
            )
        )
    return found


def read_reachable(patient: Patient, zone: ZoneInfo) -> list[Reachable]:
    """Where the patient may be written to now; `zone` is the clinic's, for a patient who gave none of their own."""
    return reachable_of({patient: zone})[patient.pk]


def reachable_of(patients: Mapping[Patient, ZoneInfo]) -> dict[int, list[Reachable]]:
    """The same for several patients, each with a clinic's zone, by patient id."""
    found: dict[int, list[Reachable]] = {patient.pk: [] for patient in patients}
    alive = {one.pk: one for one in patients if not (one.deceased_at or one.merged_into_id)}
    links = list(
        PatientAddress.objects.filter(
            patient__in=alive, ended_at=None, address__is_valid=True, address__stopped_at=None
        )
        .select_related("address")
        .order_by("pk")
    )
    agreed = consenting(link.address_id for link in links)
    for link in links:
        patient = alive[link.patient_id]
        if link.address_id in agreed:
            found[patient.pk].append(
                Reachable(
                    id=link.address_id,
                    channel=CHANNEL_OF[AddressKind(link.address.kind)],
                    preferred=link.preferred,
                    zone=ZoneInfo(patient.time_zone) if patient.time_zone else patients[patient],
                )
            )
    return found


def read_told(patient: Patient, visit_ids: Iterable[int]) -> list[Told]:
    """What was said of these visits, or may have been: sent, unknown, or with an attempt under way."""
    return told_of({patient.pk: visit_ids})[patient.pk]


def told_of(visit_ids: Mapping[int, Iterable[int]]) -> dict[int, list[Told]]:
    """The same for several patients, each with their visits, by patient id."""
    found: dict[int, list[Told]] = {patient_id: [] for patient_id in visit_ids}
    may_have_arrived = Q(notice__state__in=MAY_HAVE_ARRIVED) | Q(
        notice__state=NoticeState.CLAIMED, notice__message__isnull=False
    )
    wanted = [visit_id for ids in visit_ids.values() for visit_id in ids]
    rows = NoticeVisit.objects.filter(may_have_arrived, notice__patient__in=found, appointment__in=wanted)
    theirs = defaultdict(set)
    for link in PatientAddress.objects.filter(patient__in=found, ended_at=None):
        theirs[link.patient_id].add(link.address_id)
    for row in rows.select_related("notice__message"):
        if row.notice.message is not None:
            found[row.notice.patient_id].append(
                Told(
                    visit_id=row.appointment_id,
                    purpose=Purpose(row.notice.purpose),
                    step=row.notice.step,
                    channel=ChannelName(row.notice.channel),
                    starts_at=row.starts_at,
                    clinic_id=row.clinic_id,
                    said_at=row.notice.message.written_at,
                    told_version=row.told_version,
                    still_theirs=row.notice.address_id in theirs[row.notice.patient_id],
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


def is_address_of(patient: Patient, address: Address) -> bool:
    """Whether the address works and is still the patient's, consent aside."""
    return (
        address.value is not None
        and address.stopped_at is None
        and PatientAddress.objects.filter(patient=patient, address=address, ended_at=None).exists()
    )
