import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# What is over for a patient who has died, or whose record was merged, does not go on. (Stopping it stays possible.)
NOTHING_GOES_ON = """
CREATE FUNCTION scheduling_nothing_goes_on_in_a_closed_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM scheduling_order o JOIN scheduling_patient p ON p.id = o.patient_id
             WHERE o.id = NEW.order_id AND (p.deceased_at IS NOT NULL OR p.merged_into_id IS NOT NULL)) THEN
    RAISE EXCEPTION 'nothing goes on in a closed record' USING ERRCODE = 'ID011';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER nothing_goes_on_in_a_closed_record BEFORE INSERT ON scheduling_orderchange
  FOR EACH ROW WHEN (NEW.kind = 'resume') EXECUTE FUNCTION scheduling_nothing_goes_on_in_a_closed_record();
DO $$ BEGIN
  EXECUTE format('ALTER FUNCTION scheduling_nothing_goes_on_in_a_closed_record() SET search_path = %I, pg_temp',
                 current_schema());
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0013_orders_that_change"),
    ]

    operations = [
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
            name="keep_places_days",
            field=models.PositiveSmallIntegerField(db_default=3, default=3),
        ),
        migrations.AddField(
            model_name="clinichistory",
            name="keep_places_days",
            field=models.PositiveSmallIntegerField(db_default=3, default=3),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clinic",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_clinichistory" ("address", "grid_minutes", "hold_minutes", "id", "keep_places_days", "last_end_time", "late_grace_minutes", "min_clinical_staff", "name", "notice_hours", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "repack_notice_hours", "slug", "time_zone", "with_patient_counts_as_present") VALUES (NEW."address", NEW."grid_minutes", NEW."hold_minutes", NEW."id", NEW."keep_places_days", NEW."last_end_time", NEW."late_grace_minutes", NEW."min_clinical_staff", NEW."name", NEW."notice_hours", NEW."organisation_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."repack_notice_hours", NEW."slug", NEW."time_zone", NEW."with_patient_counts_as_present"); RETURN NULL;',
                    hash="109bb4cd0e3bb1db06ee85fe9b6d9cc9a5b74312",
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
                    func='INSERT INTO "scheduling_clinichistory" ("address", "grid_minutes", "hold_minutes", "id", "keep_places_days", "last_end_time", "late_grace_minutes", "min_clinical_staff", "name", "notice_hours", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "repack_notice_hours", "slug", "time_zone", "with_patient_counts_as_present") VALUES (NEW."address", NEW."grid_minutes", NEW."hold_minutes", NEW."id", NEW."keep_places_days", NEW."last_end_time", NEW."late_grace_minutes", NEW."min_clinical_staff", NEW."name", NEW."notice_hours", NEW."organisation_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."repack_notice_hours", NEW."slug", NEW."time_zone", NEW."with_patient_counts_as_present"); RETURN NULL;',
                    hash="63d7f8afa765b9287a51b804cce6275de1f59ee8",
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
                    func='INSERT INTO "scheduling_clinichistory" ("address", "grid_minutes", "hold_minutes", "id", "keep_places_days", "last_end_time", "late_grace_minutes", "min_clinical_staff", "name", "notice_hours", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "repack_notice_hours", "slug", "time_zone", "with_patient_counts_as_present") VALUES (OLD."address", OLD."grid_minutes", OLD."hold_minutes", OLD."id", OLD."keep_places_days", OLD."last_end_time", OLD."late_grace_minutes", OLD."min_clinical_staff", OLD."name", OLD."notice_hours", OLD."organisation_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."repack_notice_hours", OLD."slug", OLD."time_zone", OLD."with_patient_counts_as_present"); RETURN NULL;',
                    hash="21ad90bbc1b6353dd99b4953e69c07ce1b79791a",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_23101",
                    table="scheduling_clinic",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(NOTHING_GOES_ON),
    ]
