"""Ways around the promises of 0012 that attempts found, closed: each is tried in tests/guarantees."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# Only an infusion is given elsewhere, ruled on or repeated; a consultation would become one with it already said.
INFUSIONS = """
ALTER TABLE scheduling_appointment
  ADD CONSTRAINT appointment_only_infusions_are_ruled_on
    CHECK (dose_id IS NOT NULL OR (given_where = '' AND NOT needs_ruling AND NOT is_repeated)),
  -- What was given elsewhere is over when it is written down; it never stands for one that is still to start here.
  ADD CONSTRAINT appointment_given_elsewhere_is_over
    CHECK (given_where = '' OR (given_at IS NOT NULL AND status IN ('completed', 'entered_in_error')));

CREATE FUNCTION scheduling_infusion_stays_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an infusion stays that of its order' USING ERRCODE = 'ID013';
END $$;
CREATE TRIGGER infusion_stays_one AFTER UPDATE ON scheduling_appointment
  FOR EACH ROW WHEN (OLD.dose_id IS NOT NULL AND (
    NEW.dose_id IS NULL OR (OLD.given_at IS NOT NULL AND NEW.order_id IS DISTINCT FROM OLD.order_id)
    OR (OLD.given_where <> '' AND NEW.dose_id <> OLD.dose_id)))
  EXECUTE FUNCTION scheduling_infusion_stays_one();

CREATE FUNCTION scheduling_exit_closes(terms bigint, status varchar) RETURNS boolean LANGUAGE sql STABLE AS $$
  -- Where the plan says nothing, all exits wait: the software does not know what may go on.
  SELECT coalesce(bool_or(jsonb_typeof(v.content -> 'exits_close') IS DISTINCT FROM 'array'
                          OR v.content -> 'exits_close' ? status), true)
  FROM scheduling_doseterms t JOIN scheduling_orderversion v ON v.id = t.version_id WHERE t.id = terms
$$;

-- After, not before as in 0012: a table with generated columns and a BEFORE trigger takes each changed row FOR UPDATE,
-- and a start then deadlocks with whoever writes an event about the visit.
DROP TRIGGER exit_waits_for_a_ruling ON scheduling_appointment;
CREATE OR REPLACE FUNCTION scheduling_exit_waits_for_a_ruling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.given_where IS DISTINCT FROM OLD.given_where THEN
    RAISE EXCEPTION 'where an infusion was given is signed' USING ERRCODE = 'ID002';
  END IF;
  IF NEW.is_repeated IS DISTINCT FROM OLD.is_repeated AND (OLD.is_repeated OR NOT EXISTS (
      SELECT 1 FROM scheduling_exitruling r WHERE r.appointment_id = NEW.id AND NOT r.counts
      AND r.written_in = pg_current_xact_id()::text::bigint)) THEN
    RAISE EXCEPTION 'an infusion is repeated by a prescriber''s ruling alone' USING ERRCODE = 'ID002';
  END IF;
  -- Whichever of its columns was written last: the exit, that it was given, or whose infusion it is.
  IF NEW.given_at IS NOT NULL AND NEW.status IN ('stopped_early', 'transferred', 'left_uncleared')
      AND (NEW.status <> OLD.status OR OLD.given_at IS NULL OR OLD.dose_id IS DISTINCT FROM NEW.dose_id) THEN
    IF NOT NEW.needs_ruling AND scheduling_exit_closes(NEW.terms_id, NEW.status) THEN
      -- A start of the next infusion holds the order FOR SHARE, so it comes before or after, never beside.
      PERFORM scheduling_reads_what_is_committed();
      PERFORM 1 FROM scheduling_order o WHERE o.id = NEW.order_id FOR NO KEY UPDATE;
      UPDATE scheduling_appointment SET needs_ruling = true WHERE id = NEW.id;
    END IF;
  ELSIF OLD.needs_ruling AND NOT NEW.needs_ruling AND (
      NEW.status NOT IN ('seated', 'infusing', 'recovering', 'entered_in_error')
      OR EXISTS (SELECT 1 FROM scheduling_exitruling r WHERE r.appointment_id = NEW.id)) THEN
    -- Only an exit that is taken back needs none; what was ruled stays ruled.
    RAISE EXCEPTION 'an exit waits for a prescriber''s ruling' USING ERRCODE = 'ID007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER exit_waits_for_a_ruling AFTER UPDATE ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.dose_id IS NOT NULL AND (
    NEW.status IS DISTINCT FROM OLD.status OR NEW.needs_ruling IS DISTINCT FROM OLD.needs_ruling
    OR NEW.is_repeated IS DISTINCT FROM OLD.is_repeated OR NEW.given_where IS DISTINCT FROM OLD.given_where
    OR NEW.given_at IS DISTINCT FROM OLD.given_at OR NEW.dose_id IS DISTINCT FROM OLD.dose_id))
  EXECUTE FUNCTION scheduling_exit_waits_for_a_ruling();

CREATE FUNCTION scheduling_exit_waits_from_the_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.needs_ruling := scheduling_exit_closes(NEW.terms_id, NEW.status);
  RETURN NEW;
END $$;
CREATE TRIGGER waits_for_a_ruling_from_the_start BEFORE INSERT ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.dose_id IS NOT NULL AND NEW.given_at IS NOT NULL AND NOT NEW.needs_ruling
    AND NEW.status IN ('stopped_early', 'transferred', 'left_uncleared'))
  EXECUTE FUNCTION scheduling_exit_waits_from_the_start();

-- 0012 looks at the days of what is kept or booked. What is written as under way and taken back is planned as well.
CREATE FUNCTION scheduling_planned_within_its_days() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE signed scheduling_orderversion%ROWTYPE; day date := (lower(NEW.period) AT TIME ZONE NEW.time_zone)::date;
BEGIN
  PERFORM scheduling_reads_what_is_committed();
  PERFORM 1 FROM scheduling_order o WHERE o.id = NEW.order_id FOR SHARE;
  SELECT v.* INTO signed FROM scheduling_order o JOIN scheduling_orderversion v ON v.id = o.current_version_id
    WHERE o.id = NEW.order_id;
  IF day < signed.not_before OR day > signed.not_after THEN
    RAISE EXCEPTION 'the order is not good for this day' USING ERRCODE = 'ID014';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER planned_within_its_days AFTER INSERT ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.dose_id IS NOT NULL AND NEW.given_where = '' AND NEW.status NOT IN ('held', 'booked'))
  EXECUTE FUNCTION scheduling_planned_within_its_days();
CREATE TRIGGER moved_within_its_days AFTER UPDATE ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.dose_id IS NOT NULL AND NEW.live AND (
    (NEW.status IN ('held', 'booked') AND OLD.status NOT IN ('held', 'booked'))
    OR (NEW.status NOT IN ('held', 'booked') AND lower(NEW.period) <> lower(OLD.period))))
  EXECUTE FUNCTION scheduling_planned_within_its_days();
"""

CHANGES = """
-- The latest change is the one with the highest number, given under the order's lock, whatever was asked.
CREATE FUNCTION scheduling_change_is_numbered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.id := nextval(pg_get_serial_sequence('scheduling_orderchange', 'id'));
  RETURN NEW;
END $$;
CREATE TRIGGER change_is_numbered BEFORE INSERT ON scheduling_orderchange
  FOR EACH ROW EXECUTE FUNCTION scheduling_change_is_numbered();

-- A change that is on record is the order's state, or one that came after it is; none is used a second time.
CREATE FUNCTION scheduling_change_is_carried_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT o.state FROM scheduling_order o WHERE o.id = NEW.order_id) IS DISTINCT FROM
     (SELECT c.to_state FROM scheduling_orderchange c WHERE c.order_id = NEW.order_id ORDER BY c.id DESC LIMIT 1) THEN
    RAISE EXCEPTION 'the order is not what its latest change says' USING ERRCODE = 'ID015';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER change_is_carried_out AFTER INSERT ON scheduling_orderchange
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION scheduling_change_is_carried_out();
"""

ANSWERS = """
-- Numbers below 0 make up for others in a sum, and an array that begins elsewhere has no ninth answer to look at.
ALTER TABLE scheduling_questionnaireresponse ADD CONSTRAINT response_is_one_row_of_answers
  CHECK (array_ndims(answers) = 1 AND array_lower(answers, 1) = 1 AND 0 <= ALL (answers));

CREATE FUNCTION scheduling_answers_reach_a_clinician() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM scheduling_cliniciantask t WHERE t.response_id = NEW.id AND t.is_urgent
                 AND t.patient_id = NEW.patient_id) THEN
    RAISE EXCEPTION 'answers that ask for a clinician come with a task for one' USING ERRCODE = 'ID016';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER answers_reach_a_clinician AFTER INSERT ON scheduling_questionnaireresponse
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.needs_clinician)
  EXECUTE FUNCTION scheduling_answers_reach_a_clinician();
"""

TASKS = """
CREATE FUNCTION scheduling_is_clinician(person bigint, of_organisation bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM scheduling_membership m JOIN scheduling_clinic c ON c.id = m.clinic_id
                 JOIN scheduling_user u ON u.id = m.user_id AND u.is_active
                 WHERE m.user_id = person AND m.role IN ('nurse', 'prescriber') AND c.organisation_id = of_organisation)
$$;

-- It begins open, at a clinic it stays at, and nobody but a clinician takes it out of sight. Only what was asked about
-- missed visits goes with whoever takes such a visit back.
CREATE FUNCTION scheduling_task_is_a_clinicians() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  SELECT c.organisation_id INTO organisation FROM scheduling_clinic c WHERE c.id = NEW.clinic_id;
  IF TG_OP = 'INSERT' THEN
    IF NEW.acknowledged_at IS NOT NULL OR NEW.closed_at IS NOT NULL THEN
      RAISE EXCEPTION 'what waits for a clinician begins open' USING ERRCODE = 'ID013';
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.clinic_id, NEW.appointment_id, NEW.opened_by_id) IS DISTINCT FROM
     (OLD.clinic_id, OLD.appointment_id, OLD.opened_by_id) THEN
    RAISE EXCEPTION 'what waits for a clinician stays where it was opened' USING ERRCODE = 'ID013';
  END IF;
  IF NEW.kind <> 'missed' AND (
      (NEW.acknowledged_by_id IS NOT NULL AND NEW.acknowledged_by_id IS DISTINCT FROM OLD.acknowledged_by_id
       AND NOT scheduling_is_clinician(NEW.acknowledged_by_id, organisation))
      OR (NEW.closed_by_id IS NOT NULL AND NEW.closed_by_id IS DISTINCT FROM OLD.closed_by_id
          AND NOT scheduling_is_clinician(NEW.closed_by_id, organisation))) THEN
    RAISE EXCEPTION 'only a clinician of the organisation takes or closes it' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER task_is_a_clinicians BEFORE INSERT OR UPDATE ON scheduling_cliniciantask
  FOR EACH ROW EXECUTE FUNCTION scheduling_task_is_a_clinicians();
"""

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
    """Triggers and checks beside those of 0012; of its own only the one on exits is replaced."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0019_retired_plans")]

    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(INFUSIONS),
        migrations.RunSQL(CHANGES),
        migrations.RunSQL(ANSWERS),
        migrations.RunSQL(TASKS),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
