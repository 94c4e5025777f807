"""Loads booked series by COPY, past the triggers that would ask each row who signed it: thousands a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from bench.databases import Database, run_as_superuser
from bench.yardsticks import ORDER, PHASES
from config.embedded.places import Places

FIRST_ID = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a visit of the instances is: a chair, a nurse, and the number of her watch place."""

    chair: int
    nurse: int
    watch_place: int
    starts: datetime


@dataclass(frozen=True, slots=True)
class Series:
    """A patient with one signed order for six infusions at a clinic, the first of which are booked at `places`."""

    clinic_id: int
    organisation_id: int
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed all orders, and from which protocol."""

    user_id: int
    protocol_version_id: int


STAGES = """
CREATE TEMP TABLE load_order (id bigint, clinic bigint, organisation bigint);
CREATE TEMP TABLE load_dose (
  id bigint, order_id bigint, number int, chair bigint, nurse bigint, watch_place int, starts timestamptz)
"""
# Patient, order and version of a series have one id; so have an infusion, its terms, its gap and its visit.
ROWS = """
INSERT INTO scheduling_patient (id, organisation_id, mrn, given_name, family_name, preferred_name, birth_date, gender,
    language, second_language, interpreter_needed, time_zone, is_restricted, is_demo, created_at, row_version)
  SELECT id, organisation, '', 'Rosa', 'Reyes' || id, '', '1980-02-03', '', 'en', '', false, '', false, false,
    %(now)s, 1 FROM load_order;
INSERT INTO scheduling_order (id, organisation_id, patient_id, therapy, title, state, draft, created_at, created_by_id,
    row_version, current_version_id, protocol_version_id)
  SELECT id, organisation, id, 'ketamine', 'Series of six', 'active', %(content)s, %(now)s, %(signer)s, 2, id,
    %(protocol)s FROM load_order;
INSERT INTO scheduling_order_sites (order_id, clinic_id) SELECT id, clinic FROM load_order;
INSERT INTO scheduling_orderversion (id, order_id, number, doses, within_days, content, content_hash, signed_by_id,
    signed_at)
  SELECT id, id, 1, %(doses)s, %(within)s, %(content)s, repeat('0', 64), %(signer)s, %(now)s FROM load_order;
INSERT INTO scheduling_planneddose (id, order_id, number) SELECT id, order_id, number FROM load_dose;
INSERT INTO scheduling_doseterms (id, version_id, dose_id, order_id, patient_id, therapy, phases, spacing)
  SELECT id, order_id, id, order_id, order_id, 'ketamine', %(phases)s, %(spacing)s FROM load_dose;
INSERT INTO scheduling_dosegap (id, terms_id, patient_id, therapy, days, minutes, reason)
  SELECT id, id, order_id, 'ketamine', CASE WHEN number < %(doses)s THEN %(gap)s ELSE 0 END, 0, '' FROM load_dose;
INSERT INTO scheduling_appointment (id, organisation_id, clinic_id, time_zone, patient_id, kind, mode, order_id,
    dose_id, dose_number, terms_id, therapy, gap_id, gap_days, gap_minutes, period, status, is_placed, is_tentative,
    is_pinned, held_with, confirmed_by, cancelled_by, cancel_reason, row_version, told_version, booked_at)
  SELECT d.id, o.organisation, o.clinic, 'UTC', o.id, 'infusion', 'in_person', o.id, d.id, d.number, d.id, 'ketamine',
    d.id, g.days, 0, tstzrange(d.starts, d.starts + interval '120 minutes'), 'booked', true, false, false, '', '', '',
    '', 1, 1, %(now)s
  FROM load_dose d JOIN load_order o ON o.id = d.order_id JOIN scheduling_dosegap g ON g.id = d.id
  WHERE d.starts IS NOT NULL;
INSERT INTO scheduling_appointmentphase (appointment_id, position, name, period, needs_chair, nurse, prescriber)
  SELECT d.id, p.position, p.name, tstzrange(d.starts + p.from_minute * interval '1 minute',
    d.starts + p.to_minute * interval '1 minute'), true, p.nurse, 'present'
  FROM load_dose d CROSS JOIN (VALUES (0, 'set up', 0, 15, 'attention'), (1, 'infuse', 15, 120, 'watch'))
    AS p(position, name, from_minute, to_minute, nurse)
  WHERE d.starts IS NOT NULL;
INSERT INTO scheduling_claim (appointment_id, live, resource_id, role, place, period)
  SELECT d.id, true, c.resource, c.role, c.place, tstzrange(d.starts + c.from_minute * interval '1 minute',
    d.starts + c.to_minute * interval '1 minute')
  FROM load_dose d CROSS JOIN LATERAL (VALUES (d.chair, 'seat', 1, 0, 120), (d.nurse, 'attention', 1, 0, 15),
    (d.nurse, 'watch', d.watch_place, 15, 120)) AS c(resource, role, place, from_minute, to_minute)
  WHERE d.starts IS NOT NULL;
INSERT INTO scheduling_event (organisation_id, clinic_id, verb, appointment_id, order_id, patient_id, actor_kind,
    actor_name, happened_at, recorded_at, reason, data)
  SELECT o.organisation, o.clinic, 'appointment.booked', d.id, o.id, o.id, 'system', 'bench', %(now)s, %(now)s, '', '{}'
  FROM load_dose d JOIN load_order o ON o.id = d.order_id WHERE d.starts IS NOT NULL
"""
EXPLICIT_IDS = ("patient", "order", "orderversion", "planneddose", "doseterms", "dosegap", "appointment")


def load_series(database: Database, series: Iterable[Series], *, signer: Signer, now: datetime) -> list[int]:
    """Writes patients, orders, infusions, visits, claims and events; the order's ids, in the order of `series`."""
    values = {
        "now": now,
        "content": Jsonb(ORDER),
        "phases": Jsonb(PHASES),
        "spacing": Jsonb(ORDER["spacing"]),
        "doses": ORDER["doses"],
        "within": ORDER["within_days"],
        "gap": ORDER["spacing"][0]["min"],
        "signer": signer.user_id,
        "protocol": signer.protocol_version_id,
    }
    with psycopg.connect(database.url("postgres")) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in STAGES.split(";\n"):
            connection.execute(statement.encode())
        ids = _copy(connection, list(series))
        for statement in ROWS.split(";\n"):
            # psycopg takes no bare percent sign, and there is none.
            connection.execute(statement.encode(), values)
        for table in EXPLICIT_IDS:
            name = f"scheduling_{table}"
            connection.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [name, FIRST_ID + 10 * len(ids) + 1]
            )
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
    return ids


def dose_ids_of(order_id: int) -> list[int]:
    """The ids of a loaded order's infusions, in their order."""
    first = FIRST_ID + (order_id - FIRST_ID) * ORDER["doses"]
    return list(range(first, first + ORDER["doses"]))


def _copy(connection: psycopg.Connection, series: Sequence[Series]) -> list[int]:
    ids = [FIRST_ID + number for number in range(len(series))]
    with connection.cursor().copy("COPY load_order FROM STDIN") as orders:
        for order_id, one in zip(ids, series, strict=True):
            orders.write_row((order_id, one.clinic_id, one.organisation_id))
    with connection.cursor().copy("COPY load_dose FROM STDIN") as doses:
        for order_id, one in zip(ids, series, strict=True):
            for number, dose_id in enumerate(dose_ids_of(order_id), 1):
                booked = one.places[number - 1] if number <= len(one.places) else None
                at = (booked.chair, booked.nurse, booked.watch_place, booked.starts) if booked else (None,) * 4
                doses.write_row((dose_id, order_id, number, *at))
    return ids


@contextmanager
def in_haste(places: Places) -> Iterator[None]:
    """While rows are loaded the server need not survive a power cut; afterwards all of it is on disk."""
    settings = ("fsync", "synchronous_commit", "full_page_writes")
    reload = "SELECT pg_reload_conf()"
    run_as_superuser(places, *(f"ALTER SYSTEM SET {name} = off" for name in settings), reload)
    try:
        yield
    finally:
        run_as_superuser(places, *(f"ALTER SYSTEM RESET {name}" for name in settings), reload, "CHECKPOINT")
