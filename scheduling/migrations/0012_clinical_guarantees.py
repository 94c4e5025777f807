"""The promises over the clinician's side: states move by a prescriber's word, what was signed or answered stays."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# What does not count is given again: one repeated infusion beside the one that was broken off, whose gap still holds.
REPEATED = """
DROP INDEX infusion_once;
CREATE UNIQUE INDEX infusion_once ON scheduling_appointment (dose_id) WHERE spaced AND NOT is_repeated;

CREATE FUNCTION scheduling_exit_waits_for_a_ruling() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closing jsonb;
BEGIN
  IF NEW.given_where IS DISTINCT FROM OLD.given_where THEN
    RAISE EXCEPTION 'where an infusion was given is signed' USING ERRCODE = 'ID002';
  END IF;
  IF NEW.status IS DISTINCT FROM OLD.status AND NEW.given_at IS NOT NULL
      AND NEW.status IN ('stopped_early', 'transferred', 'left_uncleared') THEN
    SELECT v.content -> 'exits_close' INTO closing FROM scheduling_doseterms t
      JOIN scheduling_orderversion v ON v.id = t.version_id WHERE t.id = NEW.terms_id;
    -- Where the plan says nothing, all of them wait: the software does not know what may go on.
    IF coalesce(closing, '["stopped_early", "transferred", "left_uncleared"]'::jsonb) ? NEW.status THEN
      NEW.needs_ruling := true;
    END IF;
  ELSIF OLD.needs_ruling AND NOT NEW.needs_ruling AND (
      NEW.status NOT IN ('seated', 'infusing', 'recovering', 'entered_in_error')
      OR EXISTS (SELECT 1 FROM scheduling_exitruling r WHERE r.appointment_id = NEW.id)) THEN
    -- Only an exit that is taken back needs none; what was ruled stays ruled.
    RAISE EXCEPTION 'an exit waits for a prescriber''s ruling' USING ERRCODE = 'ID007';
  END IF;
  IF NEW.is_repeated IS DISTINCT FROM OLD.is_repeated AND (OLD.is_repeated OR NOT EXISTS (
      SELECT 1 FROM scheduling_exitruling r WHERE r.appointment_id = NEW.id AND NOT r.counts
      AND r.written_in = pg_current_xact_id()::text::bigint)) THEN
    RAISE EXCEPTION 'an infusion is repeated by a prescriber''s ruling alone' USING ERRCODE = 'ID002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER exit_waits_for_a_ruling BEFORE UPDATE ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.dose_id IS NOT NULL AND (
    NEW.status IS DISTINCT FROM OLD.status OR NEW.needs_ruling IS DISTINCT FROM OLD.needs_ruling
    OR NEW.is_repeated IS DISTINCT FROM OLD.is_repeated OR NEW.given_where IS DISTINCT FROM OLD.given_where))
  EXECUTE FUNCTION scheduling_exit_waits_for_a_ruling();

-- An infusion given elsewhere is part of what is signed; none comes into being repeated.
CREATE FUNCTION scheduling_given_elsewhere_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.is_repeated OR NEW.needs_ruling OR NOT EXISTS (
      SELECT 1 FROM scheduling_doseterms t JOIN scheduling_orderversion v ON v.id = t.version_id
      WHERE t.id = NEW.terms_id AND v.signing_transaction = pg_current_xact_id()::text::bigint) THEN
    RAISE EXCEPTION 'an infusion given elsewhere is written with a signature' USING ERRCODE = 'ID002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER given_elsewhere_is_signed BEFORE INSERT ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.given_where <> '' OR NEW.is_repeated OR NEW.needs_ruling)
  EXECUTE FUNCTION scheduling_given_elsewhere_is_signed();

CREATE FUNCTION scheduling_ruling_is_a_prescribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE exited scheduling_appointment%ROWTYPE;
BEGIN
  PERFORM scheduling_reads_what_is_committed();
  SELECT * INTO exited FROM scheduling_appointment a WHERE a.id = NEW.appointment_id;
  -- A start of the next infusion holds the order FOR SHARE, so it comes before or after, never beside.
  PERFORM 1 FROM scheduling_order o WHERE o.id = exited.order_id FOR UPDATE;
  IF NOT scheduling_is_prescriber(NEW.decided_by_id, exited.organisation_id) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation rules on an exit' USING ERRCODE = 'ID001';
  END IF;
  IF exited.given_at IS NULL OR exited.status NOT IN ('stopped_early', 'transferred', 'left_uncleared') THEN
    RAISE EXCEPTION 'only an infusion that was broken off is ruled on' USING ERRCODE = 'ID002';
  END IF;
  NEW.written_in := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;
CREATE TRIGGER ruling_is_a_prescribers BEFORE INSERT ON scheduling_exitruling
  FOR EACH ROW EXECUTE FUNCTION scheduling_ruling_is_a_prescribers();
"""

# As in 0002, with the days an order is good for, and room for a repeated infusion beside the one broken off.
WITHIN_THE_ORDER = """
CREATE OR REPLACE FUNCTION scheduling_within_the_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE the_order scheduling_order%ROWTYPE; signed scheduling_orderversion%ROWTYPE; terms_version bigint; day date;
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.live AND OLD.dose_id = NEW.dose_id AND OLD.terms_id = NEW.terms_id
      AND OLD.clinic_id = NEW.clinic_id AND OLD.period = NEW.period
      AND NOT (OLD.status = 'held' AND NEW.status = 'booked') THEN
    RETURN NULL;
  END IF;
  PERFORM scheduling_reads_what_is_committed();
  -- The lock makes a booking wait for a pause (which takes FOR UPDATE) and for another booking of the order.
  SELECT * INTO the_order FROM scheduling_order o WHERE o.id = NEW.order_id FOR NO KEY UPDATE;
  IF TG_OP = 'INSERT' OR NOT OLD.live OR OLD.terms_id IS DISTINCT FROM NEW.terms_id OR OLD.clinic_id <> NEW.clinic_id
      OR (OLD.status = 'held' AND NEW.status = 'booked') THEN
    IF the_order.state <> 'active' THEN
      RAISE EXCEPTION 'the order is not active' USING ERRCODE = 'ID003';
    END IF;
    SELECT t.version_id INTO terms_version FROM scheduling_doseterms t WHERE t.id = NEW.terms_id;
    IF terms_version <> the_order.current_version_id THEN
      RAISE EXCEPTION 'the terms are not those of the order''s current version' USING ERRCODE = 'ID004';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM scheduling_order_sites s
                   WHERE s.order_id = NEW.order_id AND s.clinic_id = NEW.clinic_id) THEN
      RAISE EXCEPTION 'the order is not for this clinic' USING ERRCODE = 'ID005';
    END IF;
  END IF;
  -- What is under way may run past the last day it was ordered for; nothing is planned past it.
  IF NEW.status IN ('held', 'booked') THEN
    SELECT * INTO signed FROM scheduling_orderversion v WHERE v.id = the_order.current_version_id;
    day := (lower(NEW.period) AT TIME ZONE NEW.time_zone)::date;
    IF day < signed.not_before OR day > signed.not_after THEN
      RAISE EXCEPTION 'the order is not good for this day' USING ERRCODE = 'ID014';
    END IF;
  END IF;
  IF EXISTS (SELECT 1 FROM scheduling_appointment a WHERE a.order_id = NEW.order_id AND a.spaced AND a.id <> NEW.id
             AND CASE WHEN a.dose_number = NEW.dose_number THEN lower(a.period) >= lower(NEW.period)
                 ELSE (a.dose_number < NEW.dose_number) <> (lower(a.period) < lower(NEW.period)) END) THEN
    RAISE EXCEPTION 'infusions of an order stay in number order' USING ERRCODE = 'ID006';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION scheduling_no_start_past_a_review() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE the_order scheduling_order%ROWTYPE;
BEGIN
  -- Given elsewhere, it is part of what is signed in this transaction (given_elsewhere_is_signed).
  IF NEW.given_where <> '' OR EXISTS (SELECT 1 FROM scheduling_deviation d WHERE d.appointment_id = NEW.id) THEN
    RETURN NULL;
  END IF;
  PERFORM scheduling_reads_what_is_committed();
  -- Decisions lock the order FOR UPDATE, so this waits for one being made and then reads it.
  SELECT * INTO the_order FROM scheduling_order o WHERE o.id = NEW.order_id FOR SHARE;
  IF the_order.state <> 'active' THEN
    RAISE EXCEPTION 'the order is not active' USING ERRCODE = 'ID003';
  END IF;
  IF EXISTS (
      SELECT 1 FROM scheduling_gate g WHERE g.version_id = the_order.current_version_id
      AND g.after_number < NEW.dose_number
      AND coalesce((SELECT d.decision FROM scheduling_gatedecision d
                    WHERE d.order_id = g.order_id AND d.after_number = g.after_number ORDER BY d.id DESC LIMIT 1), '')
          NOT IN ('continue', 'continue_changed')) THEN
    RAISE EXCEPTION 'a review before this infusion does not say continue' USING ERRCODE = 'ID007';
  END IF;
  IF EXISTS (
      SELECT 1 FROM scheduling_appointment a WHERE a.order_id = NEW.order_id AND a.needs_ruling AND a.id <> NEW.id
      AND NOT EXISTS (SELECT 1 FROM scheduling_exitruling r WHERE r.appointment_id = a.id)) THEN
    RAISE EXCEPTION 'an infusion that was broken off waits for a ruling' USING ERRCODE = 'ID007';
  END IF;
  RETURN NULL;
END $$;
"""

STATES = """
-- A signature is a prescriber's, under an approved plan, for a patient whose record is open, one version after another.
CREATE OR REPLACE FUNCTION scheduling_only_a_prescriber_signs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE the_order scheduling_order%ROWTYPE;
BEGIN
  PERFORM scheduling_reads_what_is_committed();
  SELECT * INTO the_order FROM scheduling_order o WHERE o.id = NEW.order_id FOR UPDATE;
  IF NOT scheduling_is_prescriber(NEW.signed_by_id, the_order.organisation_id) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation signs an order' USING ERRCODE = 'ID001';
  END IF;
  IF the_order.state NOT IN ('draft', 'active', 'paused') THEN
    RAISE EXCEPTION 'an order that is over is not signed again' USING ERRCODE = 'ID003';
  END IF;
  IF EXISTS (SELECT 1 FROM scheduling_patient p WHERE p.id = the_order.patient_id
             AND (p.deceased_at IS NOT NULL OR p.merged_into_id IS NOT NULL)) THEN
    RAISE EXCEPTION 'nothing is ordered for a closed record' USING ERRCODE = 'ID011';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM scheduling_protocolversion v
                 WHERE v.id = the_order.protocol_version_id AND v.approved_at IS NOT NULL) THEN
    RAISE EXCEPTION 'the plan is not approved' USING ERRCODE = 'ID012';
  END IF;
  IF NEW.number <> 1 + (SELECT count(*) FROM scheduling_orderversion v WHERE v.order_id = NEW.order_id) THEN
    RAISE EXCEPTION 'versions are numbered one after another' USING ERRCODE = 'ID002';
  END IF;
  NEW.signing_transaction := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;

CREATE FUNCTION scheduling_change_is_a_prescribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE the_order scheduling_order%ROWTYPE;
BEGIN
  PERFORM scheduling_reads_what_is_committed();
  SELECT * INTO the_order FROM scheduling_order o WHERE o.id = NEW.order_id FOR UPDATE;
  IF NEW.from_state <> the_order.state OR (NEW.kind, NEW.from_state, NEW.to_state) NOT IN (
      ('pause', 'active', 'paused'), ('resume', 'paused', 'active'),
      ('stop', 'active', 'stopped'), ('stop', 'paused', 'stopped'),
      ('complete', 'active', 'completed'), ('complete', 'paused', 'completed'),
      ('expire', 'active', 'expired'), ('expire', 'paused', 'expired')) THEN
    RAISE EXCEPTION 'the order does not change so' USING ERRCODE = 'ID015';
  END IF;
  -- Only the last day that was signed lets the calendar end an order.
  IF NEW.kind = 'expire' AND NOT EXISTS (SELECT 1 FROM scheduling_orderversion v
      WHERE v.id = the_order.current_version_id AND v.not_after IS NOT NULL) THEN
    RAISE EXCEPTION 'the order has no last day' USING ERRCODE = 'ID015';
  END IF;
  IF NEW.kind <> 'expire' AND NOT scheduling_is_prescriber(NEW.decided_by_id, the_order.organisation_id) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation changes an order' USING ERRCODE = 'ID001';
  END IF;
  IF NEW.decision_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM scheduling_gatedecision d WHERE d.id = NEW.decision_id AND d.order_id = NEW.order_id
      AND d.decision = NEW.kind) THEN
    RAISE EXCEPTION 'the review did not decide this' USING ERRCODE = 'ID002';
  END IF;
  NEW.written_in := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;
CREATE TRIGGER change_is_a_prescribers BEFORE INSERT ON scheduling_orderchange
  FOR EACH ROW EXECUTE FUNCTION scheduling_change_is_a_prescribers();

CREATE OR REPLACE FUNCTION scheduling_version_moves_by_signing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE this_one bigint := pg_current_xact_id()::text::bigint;
BEGIN
  IF NEW.current_version_id IS DISTINCT FROM OLD.current_version_id AND NOT EXISTS (
      SELECT 1 FROM scheduling_orderversion v WHERE v.id = NEW.current_version_id
      AND v.signing_transaction = this_one) THEN
    RAISE EXCEPTION 'an order''s version changes only by signing' USING ERRCODE = 'ID002';
  END IF;
  IF NEW.patient_id <> OLD.patient_id OR NEW.therapy <> OLD.therapy OR NEW.organisation_id <> OLD.organisation_id
      OR NEW.protocol_version_id <> OLD.protocol_version_id THEN
    RAISE EXCEPTION 'whose and what an order is stays' USING ERRCODE = 'ID002';
  END IF;
  IF NEW.state <> OLD.state AND NOT (OLD.state = 'draft' AND NEW.state = 'active') AND NOT EXISTS (
      SELECT 1 FROM scheduling_orderchange c WHERE c.order_id = NEW.id AND c.written_in = this_one
      AND c.from_state = OLD.state AND c.to_state = NEW.state) THEN
    RAISE EXCEPTION 'an order changes by a prescriber''s word' USING ERRCODE = 'ID015';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION scheduling_order_begins_as_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an order begins as a draft' USING ERRCODE = 'ID015';
END $$;
CREATE TRIGGER order_begins_as_a_draft BEFORE INSERT ON scheduling_order
  FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION scheduling_order_begins_as_a_draft();

CREATE OR REPLACE FUNCTION scheduling_counter_signature_is_a_prescribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  SELECT o.organisation_id INTO organisation FROM scheduling_order o WHERE o.id = coalesce(
    (SELECT d.order_id FROM scheduling_gatedecision d WHERE d.id = NEW.decision_id),
    (SELECT c.order_id FROM scheduling_orderchange c WHERE c.id = NEW.change_id));
  IF NOT scheduling_is_prescriber(NEW.signed_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation counter-signs' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION scheduling_cover_is_a_prescriber() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT scheduling_is_prescriber(NEW.cover_id, NEW.organisation_id) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation covers for one' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER cover_is_a_prescriber BEFORE INSERT OR UPDATE ON scheduling_prescribercover
  FOR EACH ROW EXECUTE FUNCTION scheduling_cover_is_a_prescriber();

CREATE FUNCTION scheduling_check_is_passed_by_a_prescriber() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  SELECT a.organisation_id INTO organisation FROM scheduling_appointment a WHERE a.id = NEW.appointment_id;
  IF NOT scheduling_is_prescriber(NEW.passed_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation lets a check pass' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER check_is_passed_by_a_prescriber BEFORE INSERT ON scheduling_visitcheck
  FOR EACH ROW WHEN (NEW.passed_by_id IS NOT NULL) EXECUTE FUNCTION scheduling_check_is_passed_by_a_prescriber();
"""

STAYS = """
-- A plan is what it was when it was approved or first ordered from: another version says anything else.
CREATE FUNCTION scheduling_plan_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE in_use boolean := OLD.approved_at IS NOT NULL
  OR EXISTS (SELECT 1 FROM scheduling_order o WHERE o.protocol_version_id = OLD.id);
BEGIN
  IF in_use AND (TG_OP = 'DELETE' OR NEW.template IS DISTINCT FROM OLD.template OR NEW.number <> OLD.number
      OR NEW.protocol_id <> OLD.protocol_id
      OR (OLD.approved_at IS NOT NULL AND (NEW.approved_at IS DISTINCT FROM OLD.approved_at
          OR NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id))) THEN
    RAISE EXCEPTION 'a plan in use stays as it is' USING ERRCODE = 'ID013';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER plan_stays BEFORE UPDATE OR DELETE ON scheduling_protocolversion
  FOR EACH ROW EXECUTE FUNCTION scheduling_plan_stays();

CREATE FUNCTION scheduling_plan_is_approved_by_a_prescriber() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  SELECT p.organisation_id INTO organisation FROM scheduling_protocol p WHERE p.id = NEW.protocol_id;
  IF NOT scheduling_is_prescriber(NEW.approved_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation approves a plan' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER plan_is_approved BEFORE INSERT ON scheduling_protocolversion
  FOR EACH ROW WHEN (NEW.approved_by_id IS NOT NULL) EXECUTE FUNCTION scheduling_plan_is_approved_by_a_prescriber();
CREATE TRIGGER plan_is_approved_later BEFORE UPDATE ON scheduling_protocolversion
  FOR EACH ROW WHEN (NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id)
  EXECUTE FUNCTION scheduling_plan_is_approved_by_a_prescriber();

ALTER TABLE scheduling_questionnaireresponse ADD CONSTRAINT response_of_its_questionnaire
  FOREIGN KEY (questionnaire_id, patient_id, instrument) REFERENCES scheduling_questionnaire (id, patient_id, instrument);

-- The published sums, and nothing else: PHQ-9 has 9 questions of 0 to 3, GAD-7 has 7.
CREATE FUNCTION scheduling_answers_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE questions integer := CASE NEW.instrument WHEN 'phq-9' THEN 9 WHEN 'gad-7' THEN 7 END;
BEGIN
  IF questions IS NULL OR cardinality(NEW.answers) <> questions
      OR EXISTS (SELECT 1 FROM unnest(NEW.answers) AS a(value) WHERE a.value > 3)
      OR NEW.score IS DISTINCT FROM (SELECT CASE WHEN count(a.value) = questions THEN sum(a.value) END
                                     FROM unnest(NEW.answers) AS a(value))
      OR NEW.needs_clinician <> (NEW.instrument = 'phq-9' AND coalesce(NEW.answers[9], 0) > 0) THEN
    RAISE EXCEPTION 'the answers are not those of the instrument' USING ERRCODE = 'ID016';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER answers_add_up BEFORE INSERT ON scheduling_questionnaireresponse
  FOR EACH ROW EXECUTE FUNCTION scheduling_answers_add_up();

CREATE FUNCTION scheduling_task_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL
      OR (OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_at IS DISTINCT FROM OLD.acknowledged_at)
      OR (OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_by_id IS DISTINCT FROM OLD.acknowledged_by_id)
      OR (NEW.task_key, NEW.kind, NEW.patient_id, NEW.order_id, NEW.response_id, NEW.is_urgent, NEW.opened_at, NEW.words)
         IS DISTINCT FROM
         (OLD.task_key, OLD.kind, OLD.patient_id, OLD.order_id, OLD.response_id, OLD.is_urgent, OLD.opened_at, OLD.words)
  THEN
    RAISE EXCEPTION 'what waits for a clinician stays until one closes it' USING ERRCODE = 'ID013';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER task_stays BEFORE UPDATE OR DELETE ON scheduling_cliniciantask
  FOR EACH ROW EXECUTE FUNCTION scheduling_task_stays();
"""

# Table, the event's column that must name the subject, and the subject of a row (`ROW` is OLD or NEW).
LEAVES_EVENT = (
    ("orderchange", "order_id", "ROW.order_id"),
    ("prescribercover", "organisation_id", "ROW.organisation_id"),
    ("visitcheck", "appointment_id", "ROW.appointment_id"),
    ("exitruling", "appointment_id", "ROW.appointment_id"),
    ("visittask", "appointment_id", "ROW.appointment_id"),
    ("prerequisiterecord", "order_id", "ROW.order_id"),
    ("followuptry", "order_id", "(SELECT order_id FROM scheduling_followup WHERE id = ROW.follow_up_id)"),
    ("questionnaire", "patient_id", "ROW.patient_id"),
    ("questionnaireresponse", "patient_id", "ROW.patient_id"),
    ("cliniciantask", "patient_id", "ROW.patient_id"),
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
# A counter-signature may be under a change as well.
COUNTER_SIGNATURE_EVENT = """
CREATE OR REPLACE FUNCTION scheduling_countersignature_leaves_an_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM scheduling_event WHERE written_in = pg_current_xact_id()::text::bigint
      AND order_id = coalesce((SELECT order_id FROM scheduling_gatedecision WHERE id = NEW.decision_id),
                              (SELECT order_id FROM scheduling_orderchange WHERE id = NEW.change_id))) THEN
    RAISE EXCEPTION 'a change of % leaves an event', TG_TABLE_NAME USING ERRCODE = 'ID009';
  END IF;
  RETURN NULL;
END $$;
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
    """After the tables: the promises over them."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0011_clinical_records")]

    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(REPEATED),
        migrations.RunSQL(WITHIN_THE_ORDER),
        migrations.RunSQL(STATES),
        migrations.RunSQL(STAYS),
        migrations.RunSQL(EVENT_TRIGGERS),
        migrations.RunSQL(COUNTER_SIGNATURE_EVENT),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
