"""The yardstick of booking: SQL that writes the rows a booking writes, under the same locks, and checks nothing.

The same tables with the same constraints and triggers, as the application's role; statements are prepared.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import psycopg

from bench.loading import Place
from bench.yardsticks import ORDER
from scheduling.locking import CLINIC, CLINIC_DAY, LOCK_TIMEOUT, PATIENT

TIMEOUT = "SELECT set_config('lock_timeout', %s, true)"
KEY = """
INSERT INTO scheduling_idempotencykey (actor, key, request_hash, asked_at) VALUES (%s, %s, repeat('0', 64), %s)
ON CONFLICT (actor, key) DO NOTHING
"""
LOCK = """
SELECT CASE WHEN shared THEN pg_advisory_xact_lock_shared(key) ELSE pg_advisory_xact_lock(key) END
FROM unnest(%s::bigint[], %s::boolean[]) AS wanted(key, shared)
"""
APPOINTMENTS = """
INSERT INTO scheduling_appointment (organisation_id, clinic_id, time_zone, patient_id, kind, mode, order_id,
    dose_id, dose_number, terms_id, therapy, gap_id, gap_days, gap_minutes, period, status, is_placed, is_tentative,
    is_pinned, held_with, confirmed_by, cancelled_by, cancel_reason, row_version, told_version, booked_at, booked_by_id)
  SELECT %(organisation)s, %(clinic)s, 'UTC', %(order)s, 'infusion', 'in_person', %(order)s, dose, number, dose,
    'ketamine', dose, CASE WHEN number < %(doses)s THEN %(gap)s ELSE 0 END, 0,
    tstzrange(starts, starts + interval '120 minutes'), 'booked', true, false, false, '', '', '', '', 1, 1, %(now)s,
    %(user)s
  FROM unnest(%(doses_ids)s::bigint[], %(numbers)s::int[], %(starts)s::timestamptz[]) AS one(dose, number, starts)
RETURNING id
"""
PHASES = """
INSERT INTO scheduling_appointmentphase (appointment_id, position, name, period, needs_chair, nurse, prescriber)
  SELECT visit, p.position, p.name, tstzrange(starts + p.from_minute * interval '1 minute',
    starts + p.to_minute * interval '1 minute'), true, p.nurse, 'present'
  FROM unnest(%s::bigint[], %s::timestamptz[]) AS one(visit, starts)
    CROSS JOIN (VALUES (0, 'set up', 0, 15, 'attention'), (1, 'infuse', 15, 120, 'watch'))
    AS p(position, name, from_minute, to_minute, nurse)
"""
CLAIMS = """
INSERT INTO scheduling_claim (appointment_id, live, resource_id, role, place, period)
  SELECT visit, true, c.resource, c.role, c.place, tstzrange(starts + c.from_minute * interval '1 minute',
    starts + c.to_minute * interval '1 minute')
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[], %s::bigint[], %s::int[])
    AS one(visit, starts, chair, nurse, watch_place)
    CROSS JOIN LATERAL (VALUES (chair, 'seat', 1, 0, 120), (nurse, 'attention', 1, 0, 15),
      (nurse, 'watch', watch_place, 15, 120)) AS c(resource, role, place, from_minute, to_minute)
"""
EVENTS = """
INSERT INTO scheduling_event (organisation_id, clinic_id, verb, appointment_id, order_id, patient_id, actor_kind,
    user_id, actor_name, happened_at, recorded_at, reason, data)
  SELECT %s, %s, 'appointment.booked', visit, %s, %s, 'staff', %s, 'bench', %s, %s, '',
    jsonb_build_object('number', number)
  FROM unnest(%s::bigint[], %s::int[]) AS one(visit, number)
RETURNING id
"""
TO_SEAL = "INSERT INTO scheduling_eventtoseal (event_id) SELECT unnest(%s::bigint[])"
TO_PLAN = "INSERT INTO scheduling_eventtoplan (event_id) SELECT unnest(%s::bigint[])"
ANSWER = "UPDATE scheduling_idempotencykey SET answer = %s WHERE actor = %s AND key = %s"
# What stands against the places: the whole check of a booking that trusts its own list of places.
TAKEN = """
SELECT 1 FROM scheduling_claim c JOIN unnest(%s::bigint[], %s::timestamptz[]) AS one(resource, starts)
  ON c.resource_id = one.resource AND c.period && tstzrange(one.starts, one.starts + interval '120 minutes')
WHERE c.live AND c.role = 'seat' LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class ToBook:
    """An order's infusions and where they are to be: all that either side is told."""

    order_id: int
    dose_ids: tuple[int, ...]
    places: tuple[Place, ...]
    clinic_id: int
    organisation_id: int
    user_id: int


def book_raw(connection: psycopg.Connection, one: ToBook, now: datetime, key: str, *, look_first: bool = False) -> bool:
    """Writes the series in one transaction; False, and nothing written, when `look_first` finds a chair taken."""
    starts = [place.starts for place in one.places]
    numbers = list(range(1, len(starts) + 1))
    actor = f"staff:{one.user_id}"
    run = connection.cursor().execute
    with connection.transaction():
        run(TIMEOUT, [LOCK_TIMEOUT], prepare=True)
        run(KEY, [actor, key, now], prepare=True)
        run(LOCK, _locks(one), prepare=True)
        chairs = [place.chair for place in one.places]
        if look_first and run(TAKEN, [chairs, starts], prepare=True).fetchone():
            raise psycopg.Rollback
        visits = _ids(run(APPOINTMENTS, _columns(one, numbers, starts, now), prepare=True))
        run(PHASES, [visits, starts], prepare=True)
        nurses, watch = [place.nurse for place in one.places], [place.watch_place for place in one.places]
        run(CLAIMS, [visits, starts, chairs, nurses, watch], prepare=True)
        whose = [one.organisation_id, one.clinic_id, one.order_id, one.order_id, one.user_id, now, now]
        events = _ids(run(EVENTS, [*whose, visits, numbers], prepare=True))
        run(TO_SEAL, [events], prepare=True)
        run(TO_PLAN, [events], prepare=True)
        run(ANSWER, [json.dumps(visits), actor, key], prepare=True)
        return True
    return False


def _ids(cursor: psycopg.Cursor) -> list[int]:
    return [row[0] for row in cursor.fetchall()]


def _columns(one: ToBook, numbers: list[int], starts: list[datetime], now: datetime) -> dict[str, object]:
    return {
        "organisation": one.organisation_id,
        "clinic": one.clinic_id,
        "order": one.order_id,
        "doses": ORDER["doses"],
        "gap": ORDER["spacing"][0]["min"],
        "doses_ids": list(one.dose_ids[: len(starts)]),
        "numbers": numbers,
        "starts": starts,
        "now": now,
        "user": one.user_id,
    }


def _locks(one: ToBook) -> list[list[int] | list[bool]]:
    """The keys of `locking.lock_for`: the patient, the clinic (shared), its days ascending. A patient's id is its
    order's (bench.loading)."""
    days = sorted({place.starts.date().toordinal() for place in one.places})
    keys = [PATIENT << 58 | one.order_id << 22, CLINIC << 58 | one.clinic_id << 22]
    keys += [CLINIC_DAY << 58 | one.clinic_id << 22 | day for day in days]
    return [keys, [False, True, *[False] * len(days)]]
