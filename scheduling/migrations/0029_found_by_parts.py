"""Patients are found by parts of names, by birth date and by digits, through indexes."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.indexes
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

# unaccent() is only STABLE: somebody may change its dictionary. Nobody does here, and an index has to rely on it.
# scheduling_plain: as names are compared. scheduling_searched_as: with a space around each word, so that '% mar%' means
# "a word begins with mar", and that pattern has trigrams of its own.
PLAIN = """
CREATE FUNCTION scheduling_plain(typed text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT translate(lower(unaccent('unaccent'::regdictionary, normalize(typed, NFC))), '-.,_/()+#:;''`´', '           ')
$$;

CREATE FUNCTION scheduling_searched_as(given text, family text, preferred text, record text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ' ' || scheduling_plain(concat_ws(' ', given, family, preferred, record)) || ' '
$$;
"""

# New and replaced functions have no search path of their own, those of the trigger included: see 0012.
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
    """A generated column with a trigram index; the history of a patient leaves it out, being made of the rest."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0028_heard_of_missed_visits")]

    operations: ClassVar[list[Operation]] = [
        BtreeGinExtension(),
        migrations.RunSQL(PLAIN),
        migrations.RunSQL(OWN_TABLES_ONLY),
        pgtrigger.migrations.RemoveTrigger(model_name="patient", name="update_update"),
        migrations.AddField(
            "patient",
            "searched_as",
            models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    "given_name", "family_name", "preferred_name", "mrn", function="scheduling_searched_as"
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            "patient", models.Index(fields=["organisation", "birth_date"], name="patient_by_birth_date")
        ),
        migrations.AddIndex(
            "patient",
            django.contrib.postgres.indexes.GinIndex(
                models.F("organisation"),
                django.contrib.postgres.indexes.OpClass("searched_as", name="gin_trgm_ops"),
                name="patient_by_parts",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="patient",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."birth_date" IS DISTINCT FROM (NEW."birth_date") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."deceased_at" IS DISTINCT FROM (NEW."deceased_at") OR OLD."family_name" IS DISTINCT FROM (NEW."family_name") OR OLD."gender" IS DISTINCT FROM (NEW."gender") OR OLD."given_name" IS DISTINCT FROM (NEW."given_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."interpreter_needed" IS DISTINCT FROM (NEW."interpreter_needed") OR OLD."is_demo" IS DISTINCT FROM (NEW."is_demo") OR OLD."is_restricted" IS DISTINCT FROM (NEW."is_restricted") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."mrn" IS DISTINCT FROM (NEW."mrn") OR OLD."organisation_id" IS DISTINCT FROM (NEW."organisation_id") OR OLD."preferred_name" IS DISTINCT FROM (NEW."preferred_name") OR OLD."row_version" IS DISTINCT FROM (NEW."row_version") OR OLD."second_language" IS DISTINCT FROM (NEW."second_language") OR OLD."time_zone" IS DISTINCT FROM (NEW."time_zone"))',
                    func='INSERT INTO "scheduling_patienthistory" ("birth_date", "created_at", "created_by_id", "deceased_at", "family_name", "gender", "given_name", "id", "interpreter_needed", "is_demo", "is_restricted", "language", "merged_into_id", "mrn", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preferred_name", "row_version", "second_language", "time_zone") VALUES (NEW."birth_date", NEW."created_at", NEW."created_by_id", NEW."deceased_at", NEW."family_name", NEW."gender", NEW."given_name", NEW."id", NEW."interpreter_needed", NEW."is_demo", NEW."is_restricted", NEW."language", NEW."merged_into_id", NEW."mrn", NEW."organisation_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."preferred_name", NEW."row_version", NEW."second_language", NEW."time_zone"); RETURN NULL;',
                    hash="f33a00dd4bfb8c9f62087faaae751eecf0f976fb",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_24073",
                    table="scheduling_patient",
                    when="AFTER",
                ),
            ),
        ),
        # Once more: a trigger brings functions of its own.
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
