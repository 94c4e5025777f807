"""Patients of one clinic, each with a visit ahead, a number that may be texted, and a confirmation that is due."""

from __future__ import annotations

from datetime import datetime, time

import psycopg

from bench.databases import Database
from bench.loading import FIRST_ID, in_haste
from notifications.models import MessageRules
from tests import factories

# Patient, address, visit and notice of one have one id.
ROWS = """
CREATE TEMP TABLE one AS SELECT generate_series(%(first)s::bigint, %(last)s) AS id;
INSERT INTO scheduling_patient (id, organisation_id, mrn, given_name, family_name, preferred_name, birth_date, gender,
    language, second_language, interpreter_needed, time_zone, is_restricted, is_demo, created_at, row_version)
  SELECT id, %(organisation)s, '', 'Rosa', 'Reyes' || id, '', '1980-02-03', '', 'en', '', false, '', false, false,
    %(now)s, 1 FROM one;
INSERT INTO notifications_address (id, organisation_id, kind, value, raw, stop_reason, created_at)
  SELECT id, %(organisation)s, 'phone', '+1212' || id, '+1212' || id, '', %(now)s FROM one;
INSERT INTO notifications_patientaddress (organisation_id, patient_id, address_id, preferred, told_apart_label,
    given_at)
  SELECT %(organisation)s, id, id, false, '', %(now)s FROM one;
INSERT INTO notifications_consentrecord (address_id, patient_id, purpose_group, channel, granted, wording_version,
    method, language, recorded_at, raw_text)
  SELECT id, id, 'appointments', 'sms', true, '1', 'verbal', 'en', %(now)s, '' FROM one;
INSERT INTO scheduling_appointment (id, organisation_id, clinic_id, time_zone, patient_id, kind, mode, period, status,
    is_placed, is_tentative, is_pinned, held_with, confirmed_by, cancelled_by, cancel_reason, row_version, told_version,
    booked_at)
  SELECT id, %(organisation)s, %(clinic)s, 'UTC', id, 'consultation', 'in_person',
    tstzrange(%(now)s + interval '7 days', %(now)s + interval '170 hours'), 'booked', false, false, false, '', '', '',
    '', 1, 1, %(now)s FROM one;
INSERT INTO scheduling_event (organisation_id, clinic_id, verb, appointment_id, patient_id, actor_kind, actor_name,
    happened_at, recorded_at, reason, data)
  SELECT %(organisation)s, %(clinic)s, 'appointment.booked', id, id, 'system', 'bench', %(now)s, %(now)s, '', '{}'
  FROM one;
INSERT INTO notifications_notice (id, notice_key, patient_id, clinic_id, purpose, step, channel, address_id, due_at,
    useful_until, state, reason, tries, planned_at, changed_at)
  SELECT id, 'bench/' || id, id, %(clinic)s, 'booking_confirmation', 'now', 'sms', id, %(now)s,
    %(now)s + interval '7 days', 'planned', '', 0, %(now)s, %(now)s FROM one;
INSERT INTO notifications_noticevisit (notice_id, appointment_id, told_version, starts_at, clinic_id)
  SELECT id, id, 1, %(now)s + interval '7 days', %(clinic)s FROM one
"""


def create_due(database: Database, how_many: int, now: datetime) -> None:
    """Writes them, each due at `now`; the clinic has no quiet hours and no limit a minute."""
    clinic = factories.create_clinic(chairs=1, nurses=1, time_zone="UTC")
    MessageRules.objects.create(
        clinic=clinic, sender_name="Harbor Center", quiet_from=time(0), quiet_until=time(0), texts_per_minute=0
    )
    values = {
        "first": FIRST_ID,
        "last": FIRST_ID + how_many - 1,
        "organisation": clinic.organisation_id,
        "clinic": clinic.pk,
        "now": now,
    }
    with in_haste(database.places), psycopg.connect(database.url("postgres")) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in ROWS.split(";\n"):
            connection.execute(statement.encode(), values)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
