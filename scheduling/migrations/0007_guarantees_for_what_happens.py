"""The promises over what 0006 brought: equipment has its claims too, kept times are a kind, new rows leave events."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

KINDS = """
ALTER TABLE scheduling_appointment DROP CONSTRAINT appointment_kind_known,
  ADD CONSTRAINT appointment_kind_known CHECK (
    kind IN ('infusion', 'consultation', 'review', 'nurse_visit', 'kept'));
ALTER TABLE scheduling_absence
  ADD CONSTRAINT absence_kind_known CHECK (kind IN ('away', 'break', 'out_of_service', 'block'));
ALTER TABLE scheduling_askedfor
  ADD CONSTRAINT asked_for_state_known CHECK (state IN ('open', 'allowed', 'refused', 'withdrawn'));
"""

# As in 0002, and each piece of equipment a phase names is claimed from a resource that has it among its features.
CLAIMS = """
CREATE OR REPLACE FUNCTION scheduling_check_claims(visit bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE planned scheduling_appointment%ROWTYPE; presence tstzmultirange; uncovered text;
BEGIN
  -- Two who each take away one of two claims that cover a phase must not both find the other's still there.
  SELECT * INTO planned FROM scheduling_appointment a WHERE a.id = visit AND a.live AND a.is_placed FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM scheduling_reads_what_is_committed();
  SELECT range_agg(p.period) INTO presence FROM scheduling_appointmentphase p WHERE p.appointment_id = visit;
  -- What comes after the patient has gone (turnover) may follow; nothing comes before the patient.
  IF presence IS NULL OR (planned.status IN ('held', 'booked') AND NOT (
      presence @> planned.period AND lower(presence) = lower(planned.period))) THEN
    RAISE EXCEPTION 'a visit that holds a place has phases throughout' USING ERRCODE = 'ID008';
  END IF;
  SELECT p.name || ' needs ' || need.role INTO uncovered
    FROM scheduling_appointmentphase p
    CROSS JOIN LATERAL (VALUES
      (CASE WHEN p.needs_chair THEN 'seat' END),
      (CASE p.nurse WHEN 'none' THEN NULL ELSE p.nurse END),
      (CASE p.prescriber WHEN 'with-patient' THEN 'with-patient' END)) AS need(role)
    LEFT JOIN (
      SELECT c.role, range_agg(c.period) AS held FROM scheduling_claim c
        JOIN scheduling_resource r ON r.id = c.resource_id JOIN scheduling_clinic k ON k.id = r.clinic_id
        WHERE c.appointment_id = visit AND k.organisation_id = planned.organisation_id
          AND CASE c.role WHEN 'seat' THEN r.kind IN ('chair', 'bay') AND r.clinic_id = planned.clinic_id
                          WHEN 'with-patient' THEN r.kind = 'prescriber'
                          WHEN 'use' THEN r.kind = 'equipment' AND r.clinic_id = planned.clinic_id
                          ELSE r.kind = 'nurse' END
        GROUP BY c.role) AS claimed ON claimed.role = need.role
    WHERE p.appointment_id = visit AND need.role IS NOT NULL AND NOT coalesce(claimed.held @> p.period, false)
    LIMIT 1;
  IF uncovered IS NULL THEN
    SELECT p.name || ' needs ' || wanted.feature INTO uncovered
      FROM scheduling_appointmentphase p CROSS JOIN LATERAL unnest(p.equipment) AS wanted(feature)
      WHERE p.appointment_id = visit AND NOT coalesce((
        SELECT range_agg(c.period) @> p.period FROM scheduling_claim c
          JOIN scheduling_resource r ON r.id = c.resource_id AND r.kind = 'equipment'
            AND r.clinic_id = planned.clinic_id AND wanted.feature = ANY(r.features)
          WHERE c.appointment_id = visit AND c.role = 'use'), false)
      LIMIT 1;
  END IF;
  IF uncovered IS NOT NULL THEN
    RAISE EXCEPTION 'claims do not cover the phases: %', uncovered USING ERRCODE = 'ID008';
  END IF;
END $$;
"""

# Table, the event's column that must name the subject, and the subject of a row (`ROW` is OLD or NEW).
LEAVES_EVENT = (
    ("override", "appointment_id", "ROW.appointment_id"),
    ("askedfor", "patient_id", "ROW.patient_id"),
    ("postname", "clinic_id", "(SELECT clinic_id FROM scheduling_resource WHERE id = ROW.post_id)"),
)
EVENT_TRIGGERS = "\n".join(
    f"""
CREATE FUNCTION scheduling_{table}_leaves_an_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE this_one bigint := pg_current_xact_id()::text::bigint;
BEGIN
  IF (TG_OP <> 'INSERT' AND NOT EXISTS (SELECT 1 FROM scheduling_event
        WHERE {column} = {subject.replace("ROW", "OLD")} AND written_in = this_one))
      OR (TG_OP <> 'DELETE' AND NOT EXISTS (SELECT 1 FROM scheduling_event
        WHERE {column} = {subject.replace("ROW", "NEW")} AND written_in = this_one)) THEN
    RAISE EXCEPTION 'a change of % leaves an event', TG_TABLE_NAME USING ERRCODE = 'ID009';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER leaves_an_event AFTER INSERT OR DELETE OR UPDATE ON scheduling_{table}
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION scheduling_{table}_leaves_an_event();
"""  # noqa: S608 -- names from the list above
    for table, column, subject in LEAVES_EVENT
)

# A session's temporary table would be found before the real one of its name, and a trigger would believe it.
OWN_TABLES_ONLY = """
DO $$
DECLARE own regprocedure;
BEGIN
  FOR own IN SELECT p.oid FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
             WHERE p.pronamespace = current_schema()::regnamespace AND l.lanname IN ('plpgsql', 'sql') LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', own, current_schema());
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """After the tables: the promises over them."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0006_holds_moves_and_asking")]

    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(KINDS),
        migrations.RunSQL(CLAIMS),
        migrations.RunSQL(EVENT_TRIGGERS),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
