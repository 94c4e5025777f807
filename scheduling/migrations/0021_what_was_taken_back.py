"""What is taken back takes its effects with it: a deviation lets one start pass, a decision is about the infusion given."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import scheduling.models.order

# As in 0013; an infusion that was given may be under way again whatever became of its order meanwhile.
WITHIN_THE_ORDER = """
CREATE OR REPLACE FUNCTION scheduling_within_the_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE the_order scheduling_order%ROWTYPE; signed scheduling_orderversion%ROWTYPE; terms_version bigint; day date;
  carried boolean := false;
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.live AND OLD.dose_id = NEW.dose_id AND OLD.terms_id = NEW.terms_id
      AND OLD.clinic_id = NEW.clinic_id AND OLD.period = NEW.period
      AND NOT (OLD.status = 'held' AND NEW.status = 'booked') THEN
    RETURN NULL;
  END IF;
  PERFORM scheduling_reads_what_is_committed();
  -- The lock makes a booking wait for a pause (which takes FOR UPDATE) and for another booking of the order.
  SELECT * INTO the_order FROM scheduling_order o WHERE o.id = NEW.order_id FOR NO KEY UPDATE;
  -- What was given stays what it was: an end of it may be taken back whatever became of the order since.
  IF TG_OP = 'UPDATE' AND NOT OLD.live AND OLD.given_at IS NOT NULL AND OLD.given_at = NEW.given_at
      AND OLD.terms_id = NEW.terms_id AND OLD.clinic_id = NEW.clinic_id AND lower(OLD.period) = lower(NEW.period) THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' OR NOT OLD.live OR OLD.terms_id IS DISTINCT FROM NEW.terms_id OR OLD.clinic_id <> NEW.clinic_id
      OR (OLD.status = 'held' AND NEW.status = 'booked') THEN
    IF TG_OP = 'UPDATE' AND the_order.state = 'paused' THEN
      carried := OLD.live AND (OLD.status, OLD.clinic_id, OLD.dose_id, OLD.period)
          = (NEW.status, NEW.clinic_id, NEW.dose_id, NEW.period)
        AND EXISTS (SELECT 1 FROM scheduling_doseterms t JOIN scheduling_orderversion v ON v.id = t.version_id
                    WHERE t.id = NEW.terms_id AND v.signing_transaction = pg_current_xact_id()::text::bigint);
    END IF;
    IF the_order.state <> 'active' AND NOT carried THEN
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
"""

STARTS = """
-- As in 0015, of decisions that were made once the infusion they are about was given as it stands now: one that was made
-- of a start which was taken back, or of what is given again, is about something else.
CREATE OR REPLACE FUNCTION scheduling_review_lets_go_on(of_order bigint, after smallint, signed bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT d.decision = 'continue'
        OR (d.decision = 'continue_changed' AND d.under_version_id IS DISTINCT FROM signed)
    FROM scheduling_gatedecision d WHERE d.order_id = of_order AND d.after_number = after
      AND NOT EXISTS (
        SELECT 1 FROM scheduling_appointment a WHERE a.order_id = of_order AND a.dose_number = after
          AND a.given_at > d.decided_at + interval '1 minute' AND a.given_where = '' AND NOT a.is_repeated
          AND a.status <> 'entered_in_error')
    ORDER BY d.id DESC LIMIT 1
  ), false)
$$;

CREATE FUNCTION scheduling_is_signed_deviation(visit bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM scheduling_deviation d WHERE d.appointment_id = visit
                 AND d.written_in = pg_current_xact_id()::text::bigint)
$$;

CREATE OR REPLACE FUNCTION scheduling_deviation_is_a_prescribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  SELECT a.organisation_id INTO organisation FROM scheduling_appointment a WHERE a.id = NEW.appointment_id;
  IF NOT scheduling_is_prescriber(NEW.signed_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation signs a deviation' USING ERRCODE = 'ID001';
  END IF;
  NEW.written_in := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION scheduling_no_start_under_old_terms() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE current_version bigint;
BEGIN
  IF NEW.given_where <> '' OR scheduling_is_signed_deviation(NEW.id) THEN
    RETURN NULL;
  END IF;
  PERFORM scheduling_reads_what_is_committed();
  -- Signing locks the order FOR UPDATE, so this waits for an amendment being signed and then reads it.
  SELECT o.current_version_id INTO current_version FROM scheduling_order o WHERE o.id = NEW.order_id FOR SHARE;
  IF NOT EXISTS (SELECT 1 FROM scheduling_doseterms t WHERE t.id = NEW.terms_id AND t.version_id = current_version) THEN
    RAISE EXCEPTION 'the order was changed, and this visit no longer fits it' USING ERRCODE = 'ID004';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION scheduling_no_start_past_a_review() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE the_order scheduling_order%ROWTYPE;
BEGIN
  -- Given elsewhere, it is part of what is signed in this transaction (given_elsewhere_is_signed).
  IF NEW.given_where <> '' OR scheduling_is_signed_deviation(NEW.id) THEN
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
      AND NOT scheduling_review_lets_go_on(g.order_id, g.after_number, g.version_id)) THEN
    RAISE EXCEPTION 'a review before this infusion does not say continue' USING ERRCODE = 'ID007';
  END IF;
  IF EXISTS (
      SELECT 1 FROM scheduling_appointment a WHERE a.order_id = NEW.order_id AND a.needs_ruling AND a.id <> NEW.id
      AND NOT EXISTS (SELECT 1 FROM scheduling_exitruling r WHERE r.appointment_id = a.id)) THEN
    RAISE EXCEPTION 'an infusion that was broken off waits for a ruling' USING ERRCODE = 'ID007';
  END IF;
  -- What a prescriber ruled to be given again comes before whatever follows it.
  IF EXISTS (
      SELECT 1 FROM scheduling_appointment a WHERE a.order_id = NEW.order_id AND a.is_repeated
      AND a.dose_number < NEW.dose_number AND NOT EXISTS (
        SELECT 1 FROM scheduling_appointment b WHERE b.order_id = a.order_id AND b.dose_number = a.dose_number
        AND NOT b.is_repeated AND b.given_at IS NOT NULL AND b.status <> 'entered_in_error')) THEN
    RAISE EXCEPTION 'an infusion that is given again comes first' USING ERRCODE = 'ID007';
  END IF;
  RETURN NULL;
END $$;
"""

# Replaced functions lose it, and a new one begins without: see 0012.
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
    """A deviation knows the transaction that signed it, and a visit may have several."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0020_ways_around")]

    operations: ClassVar[list[Operation]] = [
        migrations.AlterField(
            model_name="deviation",
            name="appointment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="deviations", to="scheduling.appointment"
            ),
        ),
        migrations.AddField(
            model_name="deviation",
            name="written_in",
            field=models.BigIntegerField(
                db_default=django.db.models.functions.comparison.Cast(
                    django.db.models.functions.comparison.Cast(
                        scheduling.models.order.CurrentTransaction(), models.TextField()
                    ),
                    models.BigIntegerField(),
                ),
                editable=False,
            ),
        ),
        migrations.RunSQL(WITHIN_THE_ORDER),
        migrations.RunSQL(STARTS),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
