"""What a clinic has and what is taken on a span of days, read from the database into plain values for the search."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from django.db import connection

from scheduling.capacity import (
    STEP_SECONDS,
    Chair,
    ClinicSnapshot,
    Equipment,
    Nurse,
    OneToOne,
    Prescriber,
    Seated,
    TakenSpans,
)
from scheduling.clinic_rows import ClinicRows, ResourceRow, ShiftRow, read_clinic
from scheduling.clinic_time import ClinicTime, WallRange, weekday_key
from scheduling.intervals import Interval, subtract
from scheduling.models import Clinic, ResourceKind

STEP_MICROSECONDS = STEP_SECONDS * 10**6
STEPS_TO_2000 = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) // STEP_SECONDS
# One row a resource and role, its spans as instants in one string of bytes: the driver parses rows and ranges many
# times slower than the search reads numbers. Where a claim begins bounds what is read, by the index `claims_of_days`;
# asking which few kept times are over beats joining every visit to see that it is no such time.
CLAIMED = """
SELECT c.resource_id::text, c.role,
  string_agg(timestamptz_send(lower(c.period)) || timestamptz_send(upper(c.period)), ''::bytea)
FROM scheduling_claim c
WHERE c.live AND c.resource_id = ANY(%s) AND lower(c.period) >= %s AND lower(c.period) < %s AND upper(c.period) > %s
  AND NOT c.appointment_id = ANY(%s)
  AND NOT EXISTS (SELECT FROM scheduling_appointment a
                  WHERE a.id = c.appointment_id AND a.status = 'held' AND a.held_until <= %s)
GROUP BY c.resource_id, c.role
"""
# No visit lasts longer than a day, with what it overran, and no turnover longer than four hours.
LONGEST_CLAIM = timedelta(days=3)
# Who sits where, for making room: only booked visits that begin late enough and are not pinned may change their chair.
SEATED = """
SELECT a.id::text, c.resource_id::text, floor(extract(epoch FROM lower(c.period)) / 300)::int,
  ceil(extract(epoch FROM upper(c.period)) / 300)::int,
  (a.status IN ('held', 'booked') AND NOT a.is_pinned AND lower(a.period) >= %s) AS may_move,
  coalesce((SELECT array_agg(DISTINCT feature) FROM scheduling_appointmentphase p, unnest(p.features) AS feature
            WHERE %s AND p.appointment_id = a.id AND p.needs_chair), '{}')
FROM scheduling_claim c JOIN scheduling_appointment a ON a.id = c.appointment_id
WHERE c.live AND c.role = 'seat' AND c.resource_id = ANY(%s) AND lower(c.period) >= %s AND lower(c.period) < %s
  AND upper(c.period) > %s AND (a.held_until IS NULL OR a.held_until > %s) AND NOT a.id = ANY(%s)
"""
# With whom nurses are one-to-one: one visit's claims on her attention and on a chair or bay meanwhile.
ONE_TO_ONE = """
SELECT n.resource_id::text, s.resource_id::text, floor(extract(epoch FROM lower(n.period)) / 300)::int,
  ceil(extract(epoch FROM upper(n.period)) / 300)::int
FROM scheduling_claim n JOIN scheduling_appointment a ON a.id = n.appointment_id
  JOIN scheduling_claim s ON s.appointment_id = a.id AND s.role = 'seat' AND s.live AND s.period && n.period
WHERE n.live AND n.role = 'attention' AND n.resource_id = ANY(%s) AND n.period && tstzrange(%s, %s)
  AND (a.held_until IS NULL OR a.held_until > %s) AND NOT a.id = ANY(%s)
"""


def snapshot(
    *, clinic: Clinic, first_day: date, last_day: date, now: datetime, without: Collection[int] = ()
) -> ClinicSnapshot:
    """The clinic from `first_day` to `last_day` (clinic-local, both counted), in two queries whatever the span; who
    sits where is a third, asked only when a start by repack could help, and with whom nurses are is a fourth, asked
    only to say why a time is refused.

    Kept times past their end count as free at `now`; visits whose ids are in `without` are left out, for moving them.
    Resource ids are database ids as text.
    """
    clock = ClinicTime(clinic.time_zone)
    days = [first_day + timedelta(days=index) for index in range((last_day - first_day).days + 1)]
    span = Interval(clock.day_start(first_day), clock.day_start(last_day + timedelta(days=2)))
    rows = read_clinic(clinic, span, now=now)
    of_kind = {kind: [one for one in rows.resources if one.kind == kind] for kind in ResourceKind}

    def away(one: ResourceRow) -> tuple[Interval, ...]:
        return tuple(rows.away.get(one.pk, ()))

    def there(one: ResourceRow) -> tuple[Interval, ...]:
        week = rows.shifts.get(one.pk)
        return tuple(_presence(week, days, clock)) if week else ()

    return ClinicSnapshot(
        zone_name=clinic.time_zone,
        grid_minutes=clinic.grid_minutes,
        open=_opening(rows, days, clock),
        chairs=tuple(Chair(one.id, one.features, away(one)) for one in of_kind[ResourceKind.CHAIR]),
        bays=tuple(Chair(one.id, one.features, away(one)) for one in of_kind[ResourceKind.BAY]),
        equipment=tuple(Equipment(one.id, one.features, away(one)) for one in of_kind[ResourceKind.EQUIPMENT]),
        # Read once: whoever looks for what would work searches many times.
        seated=cache(lambda: _seated(clinic, of_kind[ResourceKind.CHAIR], span, now, without)),
        one_to_one=lambda: _one_to_one(of_kind[ResourceKind.NURSE], span, now, without),
        nurses=tuple(
            Nurse(one.id, one.watch, one.watch_while_attending, there(one), away(one))
            for one in of_kind[ResourceKind.NURSE]
        ),
        prescribers=tuple(
            Prescriber(one.id, tuple(subtract(there(one), away(one))) if away(one) else there(one))
            for one in of_kind[ResourceKind.PRESCRIBER]
        ),
        claims=_claimed([one.pk for one in rows.resources], span, now, without),
        last_end=clinic.last_end_time,
        min_staff=clinic.min_clinical_staff,
        prescriber_presence_rule="on-site" if clinic.with_patient_counts_as_present else "not-with-patient",
    )


def _opening(rows: ClinicRows, days: list[date], clock: ClinicTime) -> dict[date, tuple[Interval, ...]]:
    opening: dict[date, tuple[Interval, ...]] = {}
    for day in days:
        ranges = [clock.on_day(day, wall) for wall in rows.hours.get(weekday_key(day), ())]
        whole = [one for one in ranges if one]
        opening[day] = tuple(subtract(whole, rows.closed) if rows.closed or len(whole) > 1 else whole)
    return opening


def _presence(week: Mapping[str, Sequence[ShiftRow]], days: list[date], clock: ClinicTime) -> Iterable[Interval]:
    for day in days:
        for shift in week.get(weekday_key(day), ()):
            there = clock.on_day(day, shift.hours) if shift.is_on(day) else None
            if there:
                yield there


def _claimed(resource_ids: list[int], span: Interval, now: datetime, without: Collection[int]) -> list[TakenSpans]:
    with connection.cursor() as cursor:
        cursor.execute(CLAIMED, [resource_ids, *_touching(span), list(without), now])
        return [(resource_id, role, _steps(packed)) for resource_id, role, packed in cursor.fetchall()]


def _touching(span: Interval) -> tuple[datetime, datetime, datetime]:
    """Bounds for where claims that touch the span begin, and what they end after."""
    return span.start - LONGEST_CLAIM, span.end, span.start


def _steps(packed: bytes) -> list[int]:
    """Instants as PostgreSQL sends them (microseconds since 2000 in eight bytes, the highest first), a start and an end
    in turn, as the steps that each span touches."""
    instants = array("q", packed)
    if sys.byteorder == "little":
        instants.byteswap()
    steps = [0] * len(instants)
    steps[0::2] = [start // STEP_MICROSECONDS + STEPS_TO_2000 for start in instants[0::2]]
    steps[1::2] = [STEPS_TO_2000 - -end // STEP_MICROSECONDS for end in instants[1::2]]
    return steps


def _seated(
    clinic: Clinic, chairs: list[ResourceRow], span: Interval, now: datetime, without: Collection[int]
) -> list[Seated]:
    """Visits that start within the clinic's notice keep their chair, and so do those of a day that has begun."""
    may_move_from = max(now + timedelta(hours=clinic.repack_notice_hours), now)
    ids = [chair.pk for chair in chairs]
    # What a visit asks of its chair is looked up only where chairs differ: it is half of the time.
    differ = len({chair.features for chair in chairs}) > 1
    with connection.cursor() as cursor:
        cursor.execute(SEATED, [may_move_from, differ, ids, *_touching(span), now, list(without)])
        return [
            Seated(visit, chair, first, after, frozenset(features), may_move)
            for visit, chair, first, after, may_move, features in cursor.fetchall()
        ]


def _one_to_one(
    nurses: Sequence[ResourceRow], span: Interval, now: datetime, without: Collection[int]
) -> list[OneToOne]:
    ids = [nurse.pk for nurse in nurses]
    with connection.cursor() as cursor:
        cursor.execute(ONE_TO_ONE, [ids, span.start, span.end, now, list(without)])
        return [OneToOne(*row) for row in cursor.fetchall()]


def wall_range(starts: time, ends: time) -> WallRange:
    """Two wall times of one day as minutes after midnight."""
    return WallRange(starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute)
