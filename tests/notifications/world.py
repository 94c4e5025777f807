"""A clinic whose patients can be reached, and quick ways to book, move and send, for tests of messages."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from notifications.addresses import set_address
from notifications.consent import CHANNEL_OF, record_consent
from notifications.models import Address, AddressKind, ConsentMethod, MessageRules, Notice
from notifications.planning import plan_waiting
from scheduling import moving
from scheduling.booking import book_visit
from scheduling.models import Appointment, Clinic, EventToPlan, Patient, Role
from tests import factories

# Monday 4 January 2027, noon in New York: the clinic is open and it is not quiet.
NOON = datetime(2027, 1, 4, 17, 0, tzinfo=UTC)
PHONE = "+12125550123"
MAILBOX = "rosa@patients.test"
keys = itertools.count(1)


def new_york(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in January 2027 on New York's wall clock."""
    return (
        datetime(2027, 1, day, hour + 5, minute, tzinfo=UTC)
        if hour < 19
        else datetime(2027, 1, day, hour - 19, minute, tzinfo=UTC) + timedelta(days=1)
    )


def clinic_that_writes(*, quiet: bool = True) -> Clinic:
    clinic = factories.create_clinic(chairs=4, nurses=2)
    hours = {} if quiet else {"quiet_from": time(0), "quiet_until": time(0)}
    # No caps and no limit a minute: tests of these set their own.
    limits = {"texts_per_minute": 0, "most_a_day": 0, "most_a_week": 0}
    MessageRules.objects.create(clinic=clinic, sender_name="Harbor Center", **hours, **limits)
    return clinic


def reachable_patient(
    clinic: Clinic, *, phone: str = PHONE, mailbox: str = "", language: str = "en", now: datetime = NOON
) -> Patient:
    patient = factories.create_patient(clinic, language=language)
    for kind, raw in ((AddressKind.PHONE, phone), (AddressKind.EMAIL, mailbox)):
        if raw:
            agree(set_address(patient=patient, kind=kind, raw=raw, by=factories.system(), now=now), now=now)
    EventToPlan.objects.all().delete()
    return patient


def agree(address: Address, *, granted: bool = True, now: datetime = NOON) -> None:
    record_consent(
        address=address,
        channel=CHANNEL_OF[AddressKind(address.kind)],
        granted=granted,
        wording_version="1",
        method=ConsentMethod.VERBAL,
        language="en",
        by=factories.system(),
        now=now,
    )


def booker(clinic: Clinic, *, now: datetime = NOON) -> Callable[[Patient, datetime], Appointment]:
    """Books consultations at the clinic; each call is a booking of its own at `now`."""
    desk = factories.create_actor(clinic, Role.FRONT_DESK)
    visit_type = factories.create_visit_type(clinic, phases=[{"name": "talk", "minutes": 15, "chair": True}])

    def book(patient: Patient, start: datetime) -> Appointment:
        return book_visit(
            clinic=clinic, patient=patient, visit_type=visit_type, start=start, by=desk, now=now, key=f"k{next(keys)}"
        )

    return book


def move(visit: Appointment, by: timedelta, *, now: datetime) -> None:
    """The desk moves a visit so much later."""
    desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
    moving.move(appointment=visit, start=visit.period.lower + by, by=desk, now=now)
    visit.refresh_from_db()


def plan(now: datetime = NOON) -> None:
    plan_waiting(now=now)


def notices() -> list[tuple[str, str, str, str]]:
    """(purpose, step, channel, state) of all notices, by due time."""
    rows = Notice.objects.order_by("due_at", "pk")
    return [(row.purpose, row.step, row.channel, row.state) for row in rows]
