"""Drafts that were discarded stay and are never signed; what no longer is as the order says is not started."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

DISCARDED = """
CREATE FUNCTION scheduling_discarded_is_not_signed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE discarded timestamptz;
BEGIN
  SELECT o.discarded_at INTO discarded FROM scheduling_order o WHERE o.id = NEW.order_id FOR UPDATE;
  IF discarded IS NOT NULL THEN
    RAISE EXCEPTION 'a draft that was discarded is not signed' USING ERRCODE = 'ID003';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER discarded_is_not_signed BEFORE INSERT ON scheduling_orderversion
  FOR EACH ROW EXECUTE FUNCTION scheduling_discarded_is_not_signed();

CREATE FUNCTION scheduling_discarded_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a draft that was discarded stays so' USING ERRCODE = 'ID015';
END $$;
CREATE TRIGGER discarded_stays BEFORE UPDATE ON scheduling_order
  FOR EACH ROW WHEN (OLD.discarded_at IS NOT NULL AND NEW.discarded_at IS DISTINCT FROM OLD.discarded_at)
  EXECUTE FUNCTION scheduling_discarded_stays();
"""

# A visit that an amendment no longer fits keeps the terms it was booked under, and with them its place, and waits.
OLD_TERMS = """
CREATE FUNCTION scheduling_no_start_under_old_terms() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE current_version bigint;
BEGIN
  IF NEW.given_where <> '' OR EXISTS (SELECT 1 FROM scheduling_deviation d WHERE d.appointment_id = NEW.id) THEN
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
CREATE TRIGGER no_start_under_old_terms AFTER UPDATE ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.given_at IS NOT NULL AND NEW.dose_id IS NOT NULL
                     AND (OLD.given_at IS NULL OR OLD.dose_id IS DISTINCT FROM NEW.dose_id))
  EXECUTE FUNCTION scheduling_no_start_under_old_terms();
CREATE TRIGGER no_start_under_old_terms_new AFTER INSERT ON scheduling_appointment
  FOR EACH ROW WHEN (NEW.given_at IS NOT NULL AND NEW.dose_id IS NOT NULL)
  EXECUTE FUNCTION scheduling_no_start_under_old_terms();
"""

# As in 0012; a paused order's visits keep their places, and so may be carried over to the version being signed.
CARRIED = """
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
    dependencies = [
        ("scheduling", "0012_clinical_guarantees"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="order",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="order",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="order",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="order",
            name="discarded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="orderhistory",
            name="discarded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_orderhistory" ("created_at", "created_by_id", "current_version_id", "discarded_at", "draft", "follows_id", "id", "keep_places_until", "organisation_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protocol_version_id", "row_version", "state", "therapy", "title") VALUES (NEW."created_at", NEW."created_by_id", NEW."current_version_id", NEW."discarded_at", NEW."draft", NEW."follows_id", NEW."id", NEW."keep_places_until", NEW."organisation_id", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."protocol_version_id", NEW."row_version", NEW."state", NEW."therapy", NEW."title"); RETURN NULL;',
                    hash="e4965e1d45162b2adb1016682104542383cea763",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ba265",
                    table="scheduling_order",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "scheduling_orderhistory" ("created_at", "created_by_id", "current_version_id", "discarded_at", "draft", "follows_id", "id", "keep_places_until", "organisation_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protocol_version_id", "row_version", "state", "therapy", "title") VALUES (NEW."created_at", NEW."created_by_id", NEW."current_version_id", NEW."discarded_at", NEW."draft", NEW."follows_id", NEW."id", NEW."keep_places_until", NEW."organisation_id", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."protocol_version_id", NEW."row_version", NEW."state", NEW."therapy", NEW."title"); RETURN NULL;',
                    hash="04d49ff9b5e341f2dfa6b6fbbb516c3bbebcdb39",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d400c",
                    table="scheduling_order",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_orderhistory" ("created_at", "created_by_id", "current_version_id", "discarded_at", "draft", "follows_id", "id", "keep_places_until", "organisation_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protocol_version_id", "row_version", "state", "therapy", "title") VALUES (OLD."created_at", OLD."created_by_id", OLD."current_version_id", OLD."discarded_at", OLD."draft", OLD."follows_id", OLD."id", OLD."keep_places_until", OLD."organisation_id", OLD."patient_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."protocol_version_id", OLD."row_version", OLD."state", OLD."therapy", OLD."title"); RETURN NULL;',
                    hash="56e637568af8ef5b0b2b21ea37142a7fc5b366bf",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_5d214",
                    table="scheduling_order",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "draft"), ("discarded_at__isnull", True), _connector="OR"),
                name="order_discarded_is_draft",
            ),
        ),
        migrations.RunSQL(DISCARDED),
        migrations.RunSQL(OLD_TERMS),
        migrations.RunSQL(CARRIED),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
