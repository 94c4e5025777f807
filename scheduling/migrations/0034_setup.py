"""Setting a clinic up: invites, words on the go-live list, texts off until then, and clinics to practise in."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

# What somebody has in hand who works at its clinic no longer is handed to another clinician; as in 0012 otherwise.
HANDED_OVER = """
CREATE OR REPLACE FUNCTION scheduling_task_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL
      OR (OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_at IS DISTINCT FROM OLD.acknowledged_at)
      OR (OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_by_id IS DISTINCT FROM OLD.acknowledged_by_id
          AND EXISTS (SELECT 1 FROM scheduling_membership m JOIN scheduling_user u ON u.id = m.user_id
                      WHERE u.id = OLD.acknowledged_by_id AND u.is_active AND m.clinic_id = OLD.clinic_id))
      OR (NEW.task_key, NEW.kind, NEW.patient_id, NEW.order_id, NEW.response_id, NEW.is_urgent, NEW.opened_at, NEW.words)
         IS DISTINCT FROM
         (OLD.task_key, OLD.kind, OLD.patient_id, OLD.order_id, OLD.response_id, OLD.is_urgent, OLD.opened_at, OLD.words)
  THEN
    RAISE EXCEPTION 'what waits for a clinician stays until one closes it' USING ERRCODE = 'ID013';
  END IF;
  RETURN NEW;
END $$;
"""

# What was written to learn is never sent, and what was sent was not written to learn: a clinic stays what it is.
STAYS = """
CREATE FUNCTION scheduling_practice_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a practice clinic stays one, and no other becomes one' USING ERRCODE = 'ID017';
END $$;
CREATE TRIGGER practice_stays BEFORE UPDATE ON scheduling_clinic
  FOR EACH ROW WHEN (OLD.is_practice IS DISTINCT FROM NEW.is_practice) EXECUTE FUNCTION scheduling_practice_stays();
"""

# One function a table, because a fixed statement is planned once: see 0002.
LEAVES_EVENT = "\n".join(
    f"""
CREATE FUNCTION scheduling_{table}_leaves_an_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE this_one bigint := pg_current_xact_id()::text::bigint;
BEGIN
  IF (TG_OP <> 'INSERT' AND NOT EXISTS (SELECT 1 FROM scheduling_event
        WHERE clinic_id = OLD.clinic_id AND written_in = this_one))
      OR (TG_OP <> 'DELETE' AND NOT EXISTS (SELECT 1 FROM scheduling_event
        WHERE clinic_id = NEW.clinic_id AND written_in = this_one)) THEN
    RAISE EXCEPTION 'a change of % leaves an event', TG_TABLE_NAME USING ERRCODE = 'ID009';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER leaves_an_event AFTER INSERT OR DELETE OR UPDATE ON scheduling_{table}
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION scheduling_{table}_leaves_an_event();
"""  # noqa: S608 -- names from the list below
    for table in ("goliveword", "staffinvite")
)

# New and replaced functions have no search path of their own, those of the triggers included: see 0012.
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
    """Two tables, two columns of clinics with their history, and what is promised of them."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0033_whom_to_talk_to_and_needs")]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="GoLiveWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=20)),
                ("is_waived", models.BooleanField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("said_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="StaffInvite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("useful_until", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="clinic",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="clinic",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="clinic",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="clinic",
            name="is_practice",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="clinic",
            name="sends_texts",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="clinichistory",
            name="is_practice",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="clinichistory",
            name="sends_texts",
            field=models.BooleanField(db_default=True, default=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clinic",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_clinichistory" ("address", "grid_minutes", "hold_minutes", "id", "is_practice", "keep_places_days", "last_end_time", "late_grace_minutes", "min_clinical_staff", "missed_visits", "name", "notice_hours", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "repack_notice_hours", "sends_texts", "slug", "time_zone", "with_patient_counts_as_present") VALUES (NEW."address", NEW."grid_minutes", NEW."hold_minutes", NEW."id", NEW."is_practice", NEW."keep_places_days", NEW."last_end_time", NEW."late_grace_minutes", NEW."min_clinical_staff", NEW."missed_visits", NEW."name", NEW."notice_hours", NEW."organisation_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."repack_notice_hours", NEW."sends_texts", NEW."slug", NEW."time_zone", NEW."with_patient_counts_as_present"); RETURN NULL;',
                    hash="cb72d3031c135215c3cbb7bd2208968121d39373",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ab8cf",
                    table="scheduling_clinic",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clinic",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "scheduling_clinichistory" ("address", "grid_minutes", "hold_minutes", "id", "is_practice", "keep_places_days", "last_end_time", "late_grace_minutes", "min_clinical_staff", "missed_visits", "name", "notice_hours", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "repack_notice_hours", "sends_texts", "slug", "time_zone", "with_patient_counts_as_present") VALUES (NEW."address", NEW."grid_minutes", NEW."hold_minutes", NEW."id", NEW."is_practice", NEW."keep_places_days", NEW."last_end_time", NEW."late_grace_minutes", NEW."min_clinical_staff", NEW."missed_visits", NEW."name", NEW."notice_hours", NEW."organisation_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."repack_notice_hours", NEW."sends_texts", NEW."slug", NEW."time_zone", NEW."with_patient_counts_as_present"); RETURN NULL;',
                    hash="2fe779ca68f7bb17b285f28a98aeb4f155d9a13b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_21b81",
                    table="scheduling_clinic",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clinic",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_clinichistory" ("address", "grid_minutes", "hold_minutes", "id", "is_practice", "keep_places_days", "last_end_time", "late_grace_minutes", "min_clinical_staff", "missed_visits", "name", "notice_hours", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "repack_notice_hours", "sends_texts", "slug", "time_zone", "with_patient_counts_as_present") VALUES (OLD."address", OLD."grid_minutes", OLD."hold_minutes", OLD."id", OLD."is_practice", OLD."keep_places_days", OLD."last_end_time", OLD."late_grace_minutes", OLD."min_clinical_staff", OLD."missed_visits", OLD."name", OLD."notice_hours", OLD."organisation_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."repack_notice_hours", OLD."sends_texts", OLD."slug", OLD."time_zone", OLD."with_patient_counts_as_present"); RETURN NULL;',
                    hash="fa64c9dc881badea77afc4f72896b56641a2c6ca",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_23101",
                    table="scheduling_clinic",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="goliveword",
            name="clinic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="go_live_words", to="scheduling.clinic"
            ),
        ),
        migrations.AddField(
            model_name="goliveword",
            name="said_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="staffinvite",
            name="clinic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="scheduling.clinic"
            ),
        ),
        migrations.AddField(
            model_name="staffinvite",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="staffinvite",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="invites", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="goliveword",
            constraint=models.UniqueConstraint(fields=("clinic", "step"), name="go_live_said_once"),
        ),
        migrations.AddConstraint(
            model_name="goliveword",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_waived", False), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="go_live_waived_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffinvite",
            constraint=models.CheckConstraint(
                condition=models.Q(("useful_until__gt", models.F("made_at"))), name="invite_lasts_a_while"
            ),
        ),
        migrations.RunSQL(HANDED_OVER),
        migrations.RunSQL(STAYS),
        migrations.RunSQL(LEAVES_EVENT),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
