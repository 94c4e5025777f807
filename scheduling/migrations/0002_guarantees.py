"""What the database itself promises: composite keys, the gap guard and the triggers of DESIGN section 4."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

COMPOSITE_KEYS = """
ALTER TABLE scheduling_appointment
  ADD CONSTRAINT appointment_zone FOREIGN KEY (clinic_id, time_zone)
    REFERENCES scheduling_clinic (id, time_zone) ON UPDATE CASCADE,
  ADD CONSTRAINT appointment_clinic_organisation FOREIGN KEY (clinic_id, organisation_id)
    REFERENCES scheduling_clinic (id, organisation_id),
  ADD CONSTRAINT appointment_patient_organisation FOREIGN KEY (patient_id, organisation_id)
    REFERENCES scheduling_patient (id, organisation_id),
  ADD CONSTRAINT appointment_dose_of_order FOREIGN KEY (dose_id, order_id, dose_number)
    REFERENCES scheduling_planneddose (id, order_id, number),
  ADD CONSTRAINT appointment_terms_of_dose FOREIGN KEY (terms_id, dose_id, order_id)
    REFERENCES scheduling_doseterms (id, dose_id, order_id),
  ADD CONSTRAINT appointment_signed_gap FOREIGN KEY (gap_id, terms_id, patient_id, therapy, gap_days, gap_minutes)
    REFERENCES scheduling_dosegap (id, terms_id, patient_id, therapy, days, minutes);
ALTER TABLE scheduling_order
  ADD CONSTRAINT order_patient_organisation FOREIGN KEY (patient_id, organisation_id)
    REFERENCES scheduling_patient (id, organisation_id),
  ADD CONSTRAINT order_current_version_own FOREIGN KEY (current_version_id, id)
    REFERENCES scheduling_orderversion (id, order_id);
ALTER TABLE scheduling_doseterms
  ADD CONSTRAINT terms_version_of_order FOREIGN KEY (version_id, order_id)
    REFERENCES scheduling_orderversion (id, order_id),
  ADD CONSTRAINT terms_patient_of_order FOREIGN KEY (order_id, patient_id, therapy)
    REFERENCES scheduling_order (id, patient_id, therapy);
ALTER TABLE scheduling_dosegap
  ADD CONSTRAINT gap_patient_of_terms FOREIGN KEY (terms_id, patient_id, therapy)
    REFERENCES scheduling_doseterms (id, patient_id, therapy);
ALTER TABLE scheduling_gate
  ADD CONSTRAINT gate_version_of_order FOREIGN KEY (version_id, order_id)
    REFERENCES scheduling_orderversion (id, order_id);
ALTER TABLE scheduling_claim
  ADD CONSTRAINT claim_follows_live FOREIGN KEY (appointment_id, live)
    REFERENCES scheduling_appointment (id, live) ON UPDATE CASCADE,
  ADD CONSTRAINT claim_of_a_place FOREIGN KEY (resource_id, role, place)
    REFERENCES scheduling_place (resource_id, role, number);
"""

# An infinite bound is a value, not a missing one, so Django's own checks let it pass.
HALF_OPEN = "".join(
    f"""
ALTER TABLE scheduling_{table} ADD CONSTRAINT {table}_period_half_open CHECK (
  lower_inc(period) AND NOT upper_inc(period) AND isfinite(lower(period)) AND isfinite(upper(period)));
"""
    for table in ("appointment", "appointmentphase", "claim", "absence", "closure")
)

# An unknown status would hold nothing and count for nothing; choices live in Python only.
STATUSES = """
ALTER TABLE scheduling_appointment
  ADD CONSTRAINT appointment_status_known CHECK (status IN (
    'held', 'booked', 'arrived', 'seated', 'infusing', 'recovering', 'completed', 'released', 'cancelled', 'no_show',
    'turned_away', 'stopped_early', 'transferred', 'left_uncleared', 'entered_in_error')),
  ADD CONSTRAINT appointment_kind_known CHECK (kind IN ('infusion', 'consultation', 'review', 'nurse_visit')),
  ADD CONSTRAINT appointment_status_says_when CHECK (CASE
    WHEN status IN ('held', 'booked', 'released', 'cancelled', 'no_show')
      THEN num_nonnulls(arrived_at, seated_at, finished_at, left_at) = 0
    WHEN status = 'seated' THEN seated_at IS NOT NULL
    WHEN status = 'recovering' THEN finished_at IS NOT NULL
    WHEN status IN ('completed', 'stopped_early', 'transferred', 'left_uncleared', 'turned_away')
      THEN left_at IS NOT NULL
    ELSE true END);
ALTER TABLE scheduling_order ADD CONSTRAINT order_state_known CHECK (
  state IN ('draft', 'active', 'paused', 'completed', 'stopped', 'expired'));
"""

# `timestamptz + interval` is not immutable (a day's length depends on the zone); the detour over UTC is.
GUARD = """
ALTER TABLE scheduling_appointment
  ADD COLUMN spaced boolean GENERATED ALWAYS AS (
    dose_id IS NOT NULL AND (
      status IN ('held', 'booked', 'arrived', 'seated', 'infusing', 'recovering')
      OR (given_at IS NOT NULL AND status IN ('completed', 'stopped_early', 'transferred', 'left_uncleared')))
  ) STORED,
  ADD COLUMN guard tstzrange GENERATED ALWAYS AS (
    tstzrange(lower(period), greatest(
      ((lower(period) AT TIME ZONE 'UTC') + make_interval(mins => greatest(gap_minutes, 1))) AT TIME ZONE 'UTC',
      ((lower(period) AT TIME ZONE time_zone)::date + gap_days::integer)::timestamp AT TIME ZONE time_zone))
  ) STORED;
ALTER TABLE scheduling_appointment
  ADD CONSTRAINT gap_kept EXCLUDE USING gist (patient_id WITH =, therapy WITH =, guard WITH &&)
    WHERE (spaced) DEFERRABLE INITIALLY IMMEDIATE;
CREATE UNIQUE INDEX infusion_once ON scheduling_appointment (dose_id) WHERE spaced;
"""

FUNCTIONS = """
CREATE FUNCTION scheduling_is_prescriber(person bigint, of_organisation bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM scheduling_membership m JOIN scheduling_clinic c ON c.id = m.clinic_id
                 JOIN scheduling_user u ON u.id = m.user_id AND u.is_active
                 WHERE m.user_id = person AND m.role = 'prescriber' AND c.organisation_id = of_organisation)
$$;

-- A trigger that waits for a row and then reads others must see what was committed meanwhile; an older snapshot can't.
CREATE FUNCTION scheduling_reads_what_is_committed() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'orders and visits are written in READ COMMITTED' USING ERRCODE = 'ID010';
  END IF;
END $$;

CREATE FUNCTION scheduling_only_a_prescriber_signs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  SELECT o.organisation_id INTO organisation FROM scheduling_order o WHERE o.id = NEW.order_id;
  IF NOT scheduling_is_prescriber(NEW.signed_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation signs an order' USING ERRCODE = 'ID001';
  END IF;
  NEW.signing_transaction := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;
CREATE TRIGGER only_a_prescriber_signs BEFORE INSERT ON scheduling_orderversion
  FOR EACH ROW EXECUTE FUNCTION scheduling_only_a_prescriber_signs();

-- Doses, terms, their first gap and reviews come into being in the transaction that signs, never later.
CREATE FUNCTION scheduling_signing_alone_creates() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE signed_in bigint;
BEGIN
  IF TG_TABLE_NAME = 'scheduling_planneddose' THEN
    SELECT max(v.signing_transaction) INTO signed_in FROM scheduling_orderversion v
      WHERE v.order_id = NEW.order_id AND v.doses >= NEW.number;
  ELSIF TG_TABLE_NAME = 'scheduling_doseterms' THEN
    SELECT v.signing_transaction INTO signed_in FROM scheduling_orderversion v
      JOIN scheduling_planneddose d ON d.id = NEW.dose_id AND d.order_id = v.order_id AND d.number <= v.doses
      WHERE v.id = NEW.version_id;
  ELSE
    SELECT v.signing_transaction INTO signed_in FROM scheduling_orderversion v WHERE v.id = NEW.version_id;
  END IF;
  IF signed_in IS DISTINCT FROM pg_current_xact_id()::text::bigint THEN
    RAISE EXCEPTION 'signing alone creates infusions, their terms and reviews' USING ERRCODE = 'ID002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER signing_alone_creates BEFORE INSERT ON scheduling_planneddose
  FOR EACH ROW EXECUTE FUNCTION scheduling_signing_alone_creates();
CREATE TRIGGER signing_alone_creates BEFORE INSERT ON scheduling_doseterms
  FOR EACH ROW EXECUTE FUNCTION scheduling_signing_alone_creates();
CREATE TRIGGER signing_alone_creates BEFORE INSERT ON scheduling_gate
  FOR EACH ROW EXECUTE FUNCTION scheduling_signing_alone_creates();

CREATE FUNCTION scheduling_gap_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE signed_in bigint; organisation bigint;
BEGIN
  SELECT v.signing_transaction, o.organisation_id INTO signed_in, organisation
    FROM scheduling_doseterms t JOIN scheduling_orderversion v ON v.id = t.version_id
    JOIN scheduling_order o ON o.id = t.order_id WHERE t.id = NEW.terms_id;
  IF NEW.signed_exception_by_id IS NULL THEN
    IF signed_in IS DISTINCT FROM pg_current_xact_id()::text::bigint THEN
      RAISE EXCEPTION 'a gap is signed with its order or as an exception' USING ERRCODE = 'ID002';
    END IF;
  ELSIF NOT scheduling_is_prescriber(NEW.signed_exception_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation signs an exception' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER gap_is_signed BEFORE INSERT ON scheduling_dosegap
  FOR EACH ROW EXECUTE FUNCTION scheduling_gap_is_signed();

CREATE FUNCTION scheduling_version_moves_by_signing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.current_version_id IS DISTINCT FROM OLD.current_version_id AND NOT EXISTS (
      SELECT 1 FROM scheduling_orderversion v WHERE v.id = NEW.current_version_id
      AND v.signing_transaction = pg_current_xact_id()::text::bigint) THEN
    RAISE EXCEPTION 'an order''s version changes only by signing' USING ERRCODE = 'ID002';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER version_moves_by_signing BEFORE UPDATE ON scheduling_order
  FOR EACH ROW EXECUTE FUNCTION scheduling_version_moves_by_signing();
"""

# After-row triggers see the generated columns and every row of the statement, so a whole series may shift at once.
BOOKING = """
CREATE FUNCTION scheduling_within_the_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE the_order scheduling_order%ROWTYPE; terms_version bigint;
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
  IF EXISTS (SELECT 1 FROM scheduling_appointment a WHERE a.order_id = NEW.order_id AND a.spaced AND a.id <> NEW.id
             AND (a.dose_number < NEW.dose_number) <> (lower(a.period) < lower(NEW.period))) THEN
    RAISE EXCEPTION 'infusions of an order stay in number order' USING ERRCODE = 'ID006';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER within_the_order AFTER INSERT OR UPDATE ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.live AND NEW.dose_id IS NOT NULL) EXECUTE FUNCTION scheduling_within_the_order();

CREATE FUNCTION scheduling_no_start_past_a_review() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE the_order scheduling_order%ROWTYPE;
BEGIN
  IF EXISTS (SELECT 1 FROM scheduling_deviation d WHERE d.appointment_id = NEW.id) THEN
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
  RETURN NULL;
END $$;
CREATE TRIGGER no_start_past_a_review AFTER UPDATE ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.given_at IS NOT NULL AND NEW.dose_id IS NOT NULL
                     AND (OLD.given_at IS NULL OR OLD.dose_id IS DISTINCT FROM NEW.dose_id))
  EXECUTE FUNCTION scheduling_no_start_past_a_review();
CREATE TRIGGER no_start_past_a_review_new AFTER INSERT ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.given_at IS NOT NULL AND NEW.dose_id IS NOT NULL)
  EXECUTE FUNCTION scheduling_no_start_past_a_review();

CREATE FUNCTION scheduling_decision_is_a_prescribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  PERFORM scheduling_reads_what_is_committed();
  SELECT o.organisation_id INTO organisation FROM scheduling_order o WHERE o.id = NEW.order_id FOR UPDATE;
  IF NOT scheduling_is_prescriber(NEW.decided_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation decides at a review' USING ERRCODE = 'ID001';
  END IF;
  -- The latest decision is the one with the highest number, so it gets its number under the lock, whatever was asked.
  NEW.id := nextval(pg_get_serial_sequence('scheduling_gatedecision', 'id'));
  RETURN NEW;
END $$;
CREATE TRIGGER decision_is_a_prescribers BEFORE INSERT ON scheduling_gatedecision
  FOR EACH ROW EXECUTE FUNCTION scheduling_decision_is_a_prescribers();

CREATE FUNCTION scheduling_counter_signature_is_a_prescribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  SELECT o.organisation_id INTO organisation FROM scheduling_gatedecision d
    JOIN scheduling_order o ON o.id = d.order_id WHERE d.id = NEW.decision_id;
  IF NOT scheduling_is_prescriber(NEW.signed_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation counter-signs' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER counter_signature_is_a_prescribers BEFORE INSERT ON scheduling_countersignature
  FOR EACH ROW EXECUTE FUNCTION scheduling_counter_signature_is_a_prescribers();

CREATE FUNCTION scheduling_deviation_is_a_prescribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  SELECT a.organisation_id INTO organisation FROM scheduling_appointment a WHERE a.id = NEW.appointment_id;
  IF NOT scheduling_is_prescriber(NEW.signed_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation signs a deviation' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER deviation_is_a_prescribers BEFORE INSERT ON scheduling_deviation
  FOR EACH ROW EXECUTE FUNCTION scheduling_deviation_is_a_prescribers();
"""

AT_COMMIT = """
-- A visit that holds a place has claims that cover its phases, and until it begins phases that cover the patient's
-- presence; checked at commit, when all of them are written.
CREATE FUNCTION scheduling_check_claims(visit bigint) RETURNS void LANGUAGE plpgsql AS $$
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
                          WHEN 'with-patient' THEN r.kind = 'prescriber' ELSE r.kind = 'nurse' END
        GROUP BY c.role) AS claimed ON claimed.role = need.role
    WHERE p.appointment_id = visit AND need.role IS NOT NULL AND NOT coalesce(claimed.held @> p.period, false)
    LIMIT 1;
  IF uncovered IS NOT NULL THEN
    RAISE EXCEPTION 'claims do not cover the phases: %', uncovered USING ERRCODE = 'ID008';
  END IF;
END $$;
CREATE FUNCTION scheduling_claims_cover_phases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'scheduling_appointment' THEN
    PERFORM scheduling_check_claims(NEW.id);
  ELSE
    -- A part that went to another visit is missing where it came from.
    IF TG_OP <> 'INSERT' THEN
      PERFORM scheduling_check_claims(OLD.appointment_id);
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.appointment_id <> OLD.appointment_id) THEN
      PERFORM scheduling_check_claims(NEW.appointment_id);
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER claims_cover_phases AFTER INSERT OR UPDATE ON scheduling_appointment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.live AND NEW.is_placed)
  EXECUTE FUNCTION scheduling_claims_cover_phases();
-- Not on a new number or a freed place: neither uncovers a phase, and the look would lock the other visit's row.
CREATE CONSTRAINT TRIGGER claims_cover_phases
  AFTER DELETE OR UPDATE OF appointment_id, resource_id, role, period ON scheduling_claim
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION scheduling_claims_cover_phases();
CREATE CONSTRAINT TRIGGER claims_cover_phases AFTER INSERT OR UPDATE OR DELETE ON scheduling_appointmentphase
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION scheduling_claims_cover_phases();

-- An event says which transaction wrote it; nobody else may.
CREATE FUNCTION scheduling_event_of_this_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.written_in := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;
CREATE TRIGGER event_of_this_transaction BEFORE INSERT ON scheduling_event
  FOR EACH ROW EXECUTE FUNCTION scheduling_event_of_this_transaction();
"""

# Table, the event's column that must name the subject, and the subject of a row (`ROW` is OLD or NEW).
LEAVES_EVENT = (
    ("appointment", "appointment_id", "ROW.id"),
    ("appointmentphase", "appointment_id", "ROW.appointment_id"),
    ("claim", "appointment_id", "ROW.appointment_id"),
    ("deviation", "appointment_id", "ROW.appointment_id"),
    ("order", "order_id", "ROW.id"),
    ("order_sites", "order_id", "ROW.order_id"),
    ("orderversion", "order_id", "ROW.order_id"),
    ("gatedecision", "order_id", "ROW.order_id"),
    ("countersignature", "order_id", "(SELECT order_id FROM scheduling_gatedecision WHERE id = ROW.decision_id)"),
    ("followup", "order_id", "ROW.order_id"),
    ("dosegap", "patient_id", "ROW.patient_id"),
    ("patient", "patient_id", "ROW.id"),
    ("patientidentifier", "patient_id", "ROW.patient_id"),
    ("clinic", "clinic_id", "ROW.id"),
    ("clinichours", "clinic_id", "ROW.clinic_id"),
    ("closure", "clinic_id", "ROW.clinic_id"),
    ("resource", "clinic_id", "ROW.clinic_id"),
    ("place", "clinic_id", "(SELECT clinic_id FROM scheduling_resource WHERE id = ROW.resource_id)"),
    ("shift", "clinic_id", "ROW.clinic_id"),
    ("absence", "clinic_id", "ROW.clinic_id"),
    ("membership", "clinic_id", "ROW.clinic_id"),
    ("visittype", "clinic_id", "ROW.clinic_id"),
    ("organisation", "organisation_id", "ROW.id"),
    ("protocol", "organisation_id", "ROW.organisation_id"),
    ("protocolversion", "organisation_id",
     "(SELECT organisation_id FROM scheduling_protocol WHERE id = ROW.protocol_id)"),
)  # fmt: skip

# Every change leaves an event in the same transaction. A claim's place is bookkeeping and its `live` follows the visit:
# a change of those alone needs none. One function a table, because a fixed statement is planned once.
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
CREATE CONSTRAINT TRIGGER leaves_an_event AFTER INSERT OR DELETE OR UPDATE{
        " OF appointment_id, resource_id, role, period" if table == "claim" else ""
    } ON scheduling_{table}
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

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0001_initial")]

    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(COMPOSITE_KEYS),
        migrations.RunSQL(HALF_OPEN),
        migrations.RunSQL(STATUSES),
        migrations.RunSQL(GUARD),
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(BOOKING),
        migrations.RunSQL(AT_COMMIT),
        migrations.RunSQL(EVENT_TRIGGERS),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
