"""Patients of one clinic, each with a visit ahead, a number that may be texted, and a confirmation that is due."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from bench.loading import in_haste
from config.embedded.places import Places
from notifications.models import (
    Address,
    AddressKind,
    ConsentMethod,
    ConsentRecord,
    MessageRules,
    Notice,
    NoticeVisit,
    PatientAddress,
)
from notifications.notice_facts import ChannelName, Purpose
from scheduling.models import Appointment, Patient, Status, VisitKind
from tests import factories

BATCH = 1000
DEEP = timedelta(days=7)


def create_due(places: Places, how_many: int, now: datetime) -> None:
    """Writes them, each due at `now`; the clinic has no quiet hours and no limit a minute."""
    with in_haste(places), transaction.atomic():
        clinic = factories.create_clinic(chairs=1, nurses=1)
        MessageRules.objects.create(
            clinic=clinic, sender_name="Harbor Center", quiet_from=time(0), quiet_until=time(0), texts_per_minute=0
        )
        organisation = clinic.organisation_id
        patients = Patient.objects.bulk_create(
            (
                Patient(organisation_id=organisation, given_name="Rosa", family_name=f"R{n}", created_at=now)
                for n in range(how_many)
            ),
            batch_size=BATCH,
        )
        addresses = Address.objects.bulk_create(
            (
                Address(
                    organisation_id=organisation,
                    kind=AddressKind.PHONE,
                    value=f"+1212{5550000 + n}",
                    raw=f"+1212{5550000 + n}",
                    created_at=now,
                )
                for n in range(how_many)
            ),
            batch_size=BATCH,
        )
        visits = Appointment.objects.bulk_create(
            (
                Appointment(
                    organisation_id=organisation,
                    clinic=clinic,
                    patient=patient,
                    time_zone="UTC",
                    kind=VisitKind.CONSULTATION,
                    status=Status.BOOKED,
                    period=TimestamptzRange(now + DEEP, now + DEEP + timedelta(minutes=30), "[)"),
                    is_placed=False,
                    booked_at=now,
                )
                for patient in patients
            ),
            batch_size=BATCH,
        )
        pairs = list(zip(patients, addresses, visits, strict=True))
        PatientAddress.objects.bulk_create(
            (
                PatientAddress(organisation_id=organisation, patient=patient, address=address, given_at=now)
                for patient, address, _ in pairs
            ),
            batch_size=BATCH,
        )
        ConsentRecord.objects.bulk_create(
            (
                ConsentRecord(
                    address=address,
                    patient=patient,
                    channel=ChannelName.SMS,
                    granted=True,
                    wording_version="1",
                    method=ConsentMethod.VERBAL,
                    language="en",
                    recorded_at=now,
                )
                for patient, address, _ in pairs
            ),
            batch_size=BATCH,
        )
        notices = Notice.objects.bulk_create(
            (
                Notice(
                    notice_key=f"bench/{visit.pk}",
                    patient=patient,
                    clinic=clinic,
                    purpose=Purpose.BOOKING_CONFIRMATION,
                    step="now",
                    channel=ChannelName.SMS,
                    address=address,
                    due_at=now,
                    useful_until=now + DEEP,
                    planned_at=now,
                    changed_at=now,
                )
                for patient, address, visit in pairs
            ),
            batch_size=BATCH,
        )
        NoticeVisit.objects.bulk_create(
            (
                NoticeVisit(
                    notice=notice, appointment=visit, told_version=1, starts_at=visit.period.lower, clinic=clinic
                )
                for notice, (_, _, visit) in zip(notices, pairs, strict=True)
            ),
            batch_size=BATCH,
        )
