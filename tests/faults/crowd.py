"""Six hundred booked people with a telephone and a mailbox, each with a confirmation still to be sent to both.

They are gathered once a run, as a database to be cloned. Triggers in it write down every step that a notice takes and
in which session each attempt was begun.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from notifications.models import (
    Address,
    AddressKind,
    ConsentMethod,
    ConsentRecord,
    MessageRules,
    Notice,
    PatientAddress,
)
from notifications.notice_facts import ChannelName, Purpose
from notifications.planning import plan_waiting
from notifications.receivers import plan_committed_events
from scheduling.events import Entry, events_committed, record
from scheduling.models import Clinic, EventToPlan, Patient
from tests import factories
from tests.notifications.world import booker

PEOPLE = 600
A_DAY = 40
LATER = timedelta(days=7)
FIRST_VISITS, SECOND_VISITS = timedelta(weeks=2), timedelta(weeks=6)
# 555-01xx is kept free for stories in each of these.
AREA_CODES = (201, 202, 203, 205, 206, 207, 208, 209, 210, 212)
AS_FAST_AS_CAN_BE = 0
WRITE_DOWN_STEPS = (
    sql.SQL(
        "CREATE TABLE step_taken (id bigserial PRIMARY KEY, notice_id bigint, came_from text, went_to text,"
        " at timestamptz DEFAULT clock_timestamp())"
    ),
    sql.SQL("GRANT SELECT ON step_taken TO infusion_app"),
    sql.SQL(
        "CREATE FUNCTION write_down_step() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
        " INSERT INTO step_taken (notice_id, came_from, went_to) VALUES (NEW.id, OLD.state, NEW.state);"
        " RETURN NULL; END $$"
    ),
    sql.SQL(
        "CREATE TRIGGER write_down_step AFTER UPDATE ON notifications_notice FOR EACH ROW"
        " WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION write_down_step()"
    ),
    sql.SQL("CREATE TABLE attempt_begun (attempt_id bigint PRIMARY KEY, session int)"),
    sql.SQL("GRANT SELECT ON attempt_begun TO infusion_app"),
    sql.SQL(
        "CREATE FUNCTION write_down_attempt() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
        " INSERT INTO attempt_begun VALUES (NEW.id, pg_backend_pid()); RETURN NULL; END $$"
    ),
    sql.SQL(
        "CREATE TRIGGER write_down_attempt AFTER INSERT ON notifications_attempt FOR EACH ROW"
        " EXECUTE FUNCTION write_down_attempt()"
    ),
)


def phone(number: int) -> str:
    return f"+1{AREA_CODES[number // 100]}55501{number % 100:02}"


def mailbox(number: int) -> str:
    return f"person{number}@patients.test"


def gather(people: int = PEOPLE) -> None:
    """Books everyone from two weeks ahead on, two each half hour; the quarters between are free to move to."""
    now = timezone.now()
    clinic = factories.create_clinic(time_zone="UTC")
    MessageRules.objects.create(
        clinic=clinic, sender_name="Harbor Center", grace_minutes=0, quiet_from=time(0), quiet_until=time(0),
        texts_per_minute=AS_FAST_AS_CAN_BE,
    )  # fmt: skip
    _book(clinic, enumerate(reachable_people(clinic, people, now)), now + FIRST_VISITS)
    assert Notice.objects.filter(purpose=Purpose.BOOKING_CONFIRMATION).count() == 2 * people


def book_again(numbers: Iterable[int]) -> None:
    """A second visit for each of these people, after everybody's first."""
    wanted = {phone(number): number for number in numbers}
    owners = PatientAddress.objects.filter(address__value__in=wanted).select_related("patient", "address")
    people = [(wanted[str(one.address.value)], one.patient) for one in owners]
    _book(Clinic.objects.get(), people, timezone.now() + SECOND_VISITS)


def _book(clinic: Clinic, people: Iterable[tuple[int, Patient]], first_week: datetime) -> None:
    """Two each half hour, from the Monday of that week on; their confirmations are to be made due by the test."""
    now = timezone.now()
    book = booker(clinic, now=now)
    monday = first_week.date() - timedelta(days=first_week.weekday())
    with planning_left_for_later():
        for number, patient in people:
            day, place = divmod(number, A_DAY)
            opens = datetime.combine(monday + timedelta(days=day % 5 + day // 5 * 7), time(8), UTC)
            book(patient, opens + timedelta(minutes=30 * (place // 2)))
    while EventToPlan.objects.exists():
        plan_waiting(now=timezone.now())
    Notice.objects.filter(purpose=Purpose.BOOKING_CONFIRMATION).update(due_at=now + LATER)


def reachable_people(clinic: Clinic, people: int, now: datetime) -> list[Patient]:
    """All in one transaction: the verbs would take minutes, and it is not they that are tried."""
    organisation = clinic.organisation
    with transaction.atomic():
        patients = Patient.objects.bulk_create(
            Patient(
                organisation=organisation, given_name="Rosa", family_name=f"Reyes{number}",
                birth_date=date(1980, 2, 3), created_at=now,
            )
            for number in range(people)
        )  # fmt: skip
        for kind, channel, value in (
            (AddressKind.PHONE, ChannelName.SMS, phone),
            (AddressKind.EMAIL, ChannelName.EMAIL, mailbox),
        ):
            addresses = Address.objects.bulk_create(
                Address(organisation=organisation, kind=kind, value=value(number), raw=value(number), created_at=now)
                for number in range(people)
            )
            PatientAddress.objects.bulk_create(
                PatientAddress(organisation=organisation, patient=patient, address=address, given_at=now)
                for patient, address in zip(patients, addresses, strict=True)
            )
            ConsentRecord.objects.bulk_create(
                ConsentRecord(
                    address=address, channel=channel, granted=True, wording_version="1", method=ConsentMethod.VERBAL,
                    language="en", recorded_at=now,
                )
                for address in addresses
            )  # fmt: skip
        entries = [Entry("patient.created", clinic_id=clinic.pk, patient_id=patient.pk) for patient in patients]
        record(organisation_id=organisation.pk, entries=entries, by=factories.system(), now=now)
    return patients


@contextmanager
def planning_left_for_later() -> Iterator[None]:
    """Once for each person, at the end."""
    hook = "notifications.plan_committed_events"
    assert events_committed.disconnect(dispatch_uid=hook)
    try:
        yield
    finally:
        events_committed.connect(plan_committed_events, dispatch_uid=hook)


def confirmations(numbers: Iterable[int], *channels: ChannelName) -> list[Notice]:
    """The confirmations of these people by these channels (both where none is named), by person."""
    wanted = list(numbers)
    places = {phone(number): number for number in wanted} | {mailbox(number): number for number in wanted}
    rows = Notice.objects.filter(purpose=Purpose.BOOKING_CONFIRMATION, address__value__in=places)
    if channels:
        rows = rows.filter(channel__in=channels)
    return sorted(rows.select_related("address"), key=lambda row: (places[str(row.address.value)], row.channel))


def make_due(rows: Sequence[Notice], *, over: timedelta = timedelta(0), starts: datetime | None = None) -> datetime:
    """Makes these due from `starts` (now) on, spread evenly `over` a while; gives when the last is."""
    first = starts or timezone.now()
    for index, row in enumerate(rows):
        row.due_at = first + over * index / len(rows)
    Notice.objects.bulk_update(rows, ["due_at"], batch_size=500)
    return first + over


def unsettled(rows: Sequence[Notice]) -> int:
    """How many of these are still on their way: planned or claimed."""
    return Notice.objects.filter(pk__in=[row.pk for row in rows], state__in=("planned", "claimed")).count()


def states(rows: Sequence[Notice]) -> Counter[str]:
    return Counter(Notice.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", flat=True))


def steps_taken(rows: Sequence[Notice]) -> list[tuple[int, str, str]]:
    """(notice, from, to) of every step that these took, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT notice_id, came_from, went_to FROM step_taken WHERE notice_id = ANY(%s) ORDER BY id",
            [[row.pk for row in rows]],
        )
        return [(int(notice), str(came_from), str(went_to)) for notice, came_from, went_to in cursor.fetchall()]
