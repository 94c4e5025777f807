"""Quiet hours in every zone, around every change of its clocks from 2024 to 2030: nothing arrives or may still arrive.

First by the rules alone, then over rows: planned, sent on a clock that steps through both nights, and read from the
gateway's ledger with the validity it was given. The control keeps the offset of the day before, as so many do.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pytest_django import Settings

from notifications.dispatch import dispatch_due
from notifications.models import Message, MessageRules
from notifications.notice_facts import Closing, Purpose, Standing, Visit
from notifications.notice_rules import QUICK_ANSWER, goes_at, lives_until
from notifications.planning import plan_patient
from notifications.quiet_hours import QuietHours, quiet_from, when_to_send
from scheduling.cancelling import cancel
from scheduling.models import Appointment, CancelledBy, Clinic, Patient, Role
from tests import factories
from tests.counts import say
from tests.fakes.shared_inputs import read_json
from tests.fakes.twilio_gateway import TwilioGateway, running_gateway
from tests.notifications.world import booker, move, reachable_patient

pytestmark = pytest.mark.faults

QUARTER, MINUTE, DAY = timedelta(minutes=15), timedelta(minutes=1), timedelta(days=1)
USUAL = QuietHours()
EVERY_TWO_HOURS = list(range(14, 72, 2))
HOURS = (USUAL, QuietHours(time(21), time(8)), QuietHours(time(0), time(6)), QuietHours(time(1, 30), time(2, 45)))


ZONES = read_json("real/time/dst_2024_2030.json")["zones"]


def changes() -> Iterator[tuple[str, datetime]]:
    """Zone and instant of every change; a zone without one gets two days all the same."""
    for name, facts in ZONES.items():
        found = [datetime.fromisoformat(change["utc"]) for change in facts["transitions"]]
        for at in found or [datetime(2027, 3, 14, 7, tzinfo=UTC), datetime(2027, 11, 7, 6, tzinfo=UTC)]:
            yield name, at


def is_quiet(at: datetime, hours: QuietHours, zone: tzinfo) -> bool:
    """Said again and differently from the code: minutes since quiet began, on the wall clock."""
    wall = at.astimezone(zone)
    since = (wall.hour * 60 + wall.minute - hours.starts.hour * 60 - hours.starts.minute) % 1440
    return since < (hours.ends.hour * 60 + hours.ends.minute - hours.starts.hour * 60 - hours.starts.minute) % 1440


def moments_around(change: datetime) -> Iterator[datetime]:
    """Each half hour of both days, a few minutes past a quarter."""
    yield from (change - DAY + QUARTER * 2 * step + 7 * MINUTE for step in range(2 * 48))


def test_no_zone_sends_in_quiet_hours_or_lets_a_text_live_into_them() -> None:
    looked = 0
    for name, change in changes():
        zone = ZoneInfo(name)
        for hours in HOURS:
            for due in moments_around(change):
                at = when_to_send(due, useful_until=due + 3 * DAY, now=due - DAY, hours=hours, zone=zone)
                assert at is not None
                assert not is_quiet(at, hours, zone), (name, due)
                end = quiet_from(at, hours, zone)
                assert end is not None
                assert not any(is_quiet(at + QUARTER * step, hours, zone) for step in range((end - at) // QUARTER))
                assert is_quiet(end, hours, zone)
                looked += 1
    say(f"quiet hours by the rules: {looked} due times, 0 violations")
    assert looked > 30_000


def test_no_purpose_goes_or_may_still_arrive_in_quiet_hours() -> None:
    """Every purpose, due each half hour of both days and looked at then; the text may live as long as it is told to."""
    looked = dict.fromkeys(Purpose, 0)
    for name, change in changes():
        zone = ZoneInfo(name)
        for due, purpose in itertools.product(moments_around(change), Purpose):
            start = due + timedelta(hours=11)
            visit = Visit(1, 1, zone, start, 1, Standing.FIRM, change, closing=Closing(1))
            shifts = [(due + timedelta(hours=hours), due + timedelta(hours=hours + 8)) for hours in (-4, 12, 36)]
            facts: dict[str, Any] = {"purpose": purpose, "visits": [visit], "hours": USUAL, "zone": zone}
            at = goes_at(step=QUICK_ANSWER, due_at=due, useful_until=start, now=due, shifts=shifts, **facts)
            if at is None:
                continue
            going = max(at, due)
            ends = lives_until(useful_until=start, now=going, **facts)
            if purpose is Purpose.REPLY and is_quiet(going, USUAL, zone):
                assert ends - going <= timedelta(minutes=15), "who wrote is awake, and no telephone rings hours later"
                continue
            lives = (going + QUARTER * step for step in range(-(-(ends - going) // QUARTER)))
            assert not any(is_quiet(one, USUAL, zone) for one in lives), (name, purpose, due)
            assert ends <= start
            looked[purpose] += 1
    say(f"quiet hours by purpose: {sum(looked.values())} texts of {len(looked)} purposes, 0 violations, with validity")
    assert min(looked.values()) > 1_000


def test_control_the_offset_of_the_day_before_sends_in_quiet_hours() -> None:
    violations = 0
    for name, change in changes():
        zone = ZoneInfo(name)
        before = timezone((change - 2 * DAY).astimezone(zone).utcoffset() or timedelta(0))
        for now in moments_around(change):
            violations += not is_quiet(now, USUAL, before) and is_quiet(now, USUAL, zone)
    say(f"control with the offset of the day before: {violations} half hours in which it would send")
    assert violations


@pytest.mark.django_db
def test_texts_planned_and_sent_through_both_nights_of_2027_in_every_zone(settings: Settings) -> None:
    clinic = factories.create_clinic(chairs=len(ZONES))
    MessageRules.objects.create(
        clinic=clinic, sender_name="Harbor Center", reminder_hours=EVERY_TWO_HOURS, most_a_day=0, most_a_week=0,
        texts_per_minute=0,
    )  # fmt: skip
    nights = [(name, change) for name, change in changes() if change.year == 2027]
    zones = {f"+121255501{place:02}": ZoneInfo(name) for place, (name, _) in enumerate(nights)}
    with running_gateway() as gateway:
        settings.SMS_URL = gateway.url
        for number, (_, change) in zip(zones, nights, strict=True):
            send_through_the_night(clinic, number, zones[number], change, gateway)
    violations = [
        (text.to, text.at)
        for text in gateway.ledger
        for seconds in range(0, text.validity, 300)
        if is_quiet(datetime.fromtimestamp(text.at + seconds, UTC), USUAL, zones[text.to])
    ]
    assert violations == []
    assert {text.to for text in gateway.ledger} == set(zones)
    sent = Counter(Message.objects.values_list("purpose", flat=True))
    assert {"reminder", "changed", "cancelled"} <= set(sent)
    say(f"quiet hours over rows: {len(gateway.ledger)} texts on {len(nights)} changes, 0 violations, with validity")
    say(f"of these: {dict(sorted(sent.items()))}")


def send_through_the_night(
    clinic: Clinic, number: str, zone: ZoneInfo, change: datetime, gateway: TwilioGateway
) -> None:
    """A patient of that zone has reminders due all through both days, and a visit that is moved every few hours, then
    cancelled; the sweep looks twice an hour."""
    booked_at = change - 9 * DAY
    patient = reachable_patient(clinic, phone=number, now=booked_at)
    Patient.objects.filter(pk=patient.pk).update(time_zone=zone.key)
    patient.refresh_from_db()
    day = (change + 2 * DAY).date()
    day += DAY * max(0, 7 - day.isoweekday() if day.isoweekday() > 5 else 0)
    book = booker(clinic, now=booked_at)
    book(patient, datetime.combine(day, time(10), ZoneInfo(clinic.time_zone)).astimezone(UTC))
    moved = book(patient, datetime.combine(day, time(12), ZoneInfo(clinic.time_zone)).astimezone(UTC))
    plan_patient(patient=patient, now=booked_at)
    noon = booked_at.astimezone(zone).replace(hour=12).astimezone(UTC)
    gateway.clock = noon.timestamp
    send_at(noon)
    for step in range(2 * 24 * 3):
        now = change - DAY + timedelta(minutes=30 * step)
        gateway.clock = now.timestamp
        if step % 7 == 0 and step < 70:
            change_visit(moved, now, cancels=step == 63)
            plan_patient(patient=patient, now=now)
        send_at(now)


def change_visit(visit: Appointment, now: datetime, *, cancels: bool) -> None:
    if cancels:
        desk = factories.create_actor(visit.clinic, Role.FRONT_DESK)
        cancel(appointment=visit, side=CancelledBy.CLINIC, reason="other", by=desk, now=now)
    else:
        move(visit, QUARTER, now=now)


def send_at(now: datetime) -> None:
    dispatch_due(clock=lambda: now, until=now + MINUTE)
