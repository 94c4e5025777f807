"""Whom we may talk to about a patient, what they need, and when they can come."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

# Table, the event's column that must name the subject, and the subject of a row (`ROW` is OLD or NEW): as in 0012.
LEAVES_EVENT = (
    ("persontotalkto", "patient_id", "ROW.patient_id"),
    ("patientneed", "patient_id", "ROW.patient_id"),
    ("timetocome", "patient_id", "ROW.patient_id"),
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
NO_EVENT_TRIGGERS = "\n".join(
    f"DROP TRIGGER leaves_an_event ON scheduling_{table}; DROP FUNCTION scheduling_{table}_leaves_an_event();"
    for table, _column, _subject in LEAVES_EVENT
)
# A session's temporary table would be found before the real one of its name: see 0012.
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
    """Three tables with their histories, and the triggers that ask for an event."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("scheduling", "0032_desk_rows"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="PatientNeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hearing", "Hearing"),
                            ("sight", "Sight"),
                            ("moving", "Moving about"),
                            ("needles", "Needles, in their own words"),
                            ("company", "Who comes along"),
                            ("other", "Other need"),
                            ("note", "Note for the desk"),
                        ],
                        max_length=10,
                    ),
                ),
                ("words", models.CharField(max_length=300)),
                ("noted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="needs", to="scheduling.patient"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PatientNeedHistory",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hearing", "Hearing"),
                            ("sight", "Sight"),
                            ("moving", "Moving about"),
                            ("needles", "Needles, in their own words"),
                            ("company", "Who comes along"),
                            ("other", "Other need"),
                            ("note", "Note for the desk"),
                        ],
                        max_length=10,
                    ),
                ),
                ("words", models.CharField(max_length=300)),
                ("noted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.patient",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="row_history",
                        to="scheduling.patientneed",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PersonToTalkTo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("relation", models.CharField(max_length=60)),
                (
                    "scope",
                    models.CharField(
                        choices=[("times", "times of visits only"), ("everything", "everything")], max_length=10
                    ),
                ),
                ("pass_phrase", models.CharField(blank=True, max_length=80)),
                ("until", models.DateField(blank=True, null=True)),
                ("noted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people_to_talk_to",
                        to="scheduling.patient",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PersonToTalkToHistory",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=120)),
                ("relation", models.CharField(max_length=60)),
                (
                    "scope",
                    models.CharField(
                        choices=[("times", "times of visits only"), ("everything", "everything")], max_length=10
                    ),
                ),
                ("pass_phrase", models.CharField(blank=True, max_length=80)),
                ("until", models.DateField(blank=True, null=True)),
                ("noted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.patient",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="row_history",
                        to="scheduling.persontotalkto",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TimeToCome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "weekday",
                    models.CharField(
                        choices=[
                            ("mon", "Monday"),
                            ("tue", "Tuesday"),
                            ("wed", "Wednesday"),
                            ("thu", "Thursday"),
                            ("fri", "Friday"),
                            ("sat", "Saturday"),
                            ("sun", "Sunday"),
                        ],
                        max_length=3,
                    ),
                ),
                ("starts", models.TimeField(blank=True, null=True)),
                ("ends", models.TimeField(blank=True, null=True)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="times_to_come",
                        to="scheduling.patient",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TimeToComeHistory",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "weekday",
                    models.CharField(
                        choices=[
                            ("mon", "Monday"),
                            ("tue", "Tuesday"),
                            ("wed", "Wednesday"),
                            ("thu", "Thursday"),
                            ("fri", "Friday"),
                            ("sat", "Saturday"),
                            ("sun", "Sunday"),
                        ],
                        max_length=3,
                    ),
                ),
                ("starts", models.TimeField(blank=True, null=True)),
                ("ends", models.TimeField(blank=True, null=True)),
                (
                    "patient",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scheduling.patient",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="row_history",
                        to="scheduling.timetocome",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="patientneed",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["patient"], name="patient_needs_now"
            ),
        ),
        migrations.AddConstraint(
            model_name="patientneed",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True), name="patient_need_said"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="patientneed",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_patientneedhistory" ("ended_at", "ended_by_id", "id", "kind", "noted_at", "noted_by_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "words") VALUES (NEW."ended_at", NEW."ended_by_id", NEW."id", NEW."kind", NEW."noted_at", NEW."noted_by_id", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."words"); RETURN NULL;',
                    hash="70b45bb8b70eae6053dec3b26cc238592d4e0a1d",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_13f91",
                    table="scheduling_patientneed",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="patientneed",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "scheduling_patientneedhistory" ("ended_at", "ended_by_id", "id", "kind", "noted_at", "noted_by_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "words") VALUES (NEW."ended_at", NEW."ended_by_id", NEW."id", NEW."kind", NEW."noted_at", NEW."noted_by_id", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."words"); RETURN NULL;',
                    hash="d514f4746635271bbe40c69ac6b626feb221475d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c4778",
                    table="scheduling_patientneed",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="patientneed",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_patientneedhistory" ("ended_at", "ended_by_id", "id", "kind", "noted_at", "noted_by_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "words") VALUES (OLD."ended_at", OLD."ended_by_id", OLD."id", OLD."kind", OLD."noted_at", OLD."noted_by_id", OLD."patient_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."words"); RETURN NULL;',
                    hash="ff131440a9f3cf01265a080c30c4491ac411bf4c",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_49c2a",
                    table="scheduling_patientneed",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="persontotalkto",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["patient"], name="people_to_talk_to_now"
            ),
        ),
        migrations.AddConstraint(
            model_name="persontotalkto",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("name", ""), _negated=True), models.Q(("relation", ""), _negated=True)),
                name="person_to_talk_to_named",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="persontotalkto",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_persontotalktohistory" ("ended_at", "ended_by_id", "id", "name", "noted_at", "noted_by_id", "pass_phrase", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation", "scope", "until") VALUES (NEW."ended_at", NEW."ended_by_id", NEW."id", NEW."name", NEW."noted_at", NEW."noted_by_id", NEW."pass_phrase", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."relation", NEW."scope", NEW."until"); RETURN NULL;',
                    hash="3824e8de29496de8becb56be2c8978f6eb0192eb",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c46c8",
                    table="scheduling_persontotalkto",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="persontotalkto",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "scheduling_persontotalktohistory" ("ended_at", "ended_by_id", "id", "name", "noted_at", "noted_by_id", "pass_phrase", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation", "scope", "until") VALUES (NEW."ended_at", NEW."ended_by_id", NEW."id", NEW."name", NEW."noted_at", NEW."noted_by_id", NEW."pass_phrase", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."relation", NEW."scope", NEW."until"); RETURN NULL;',
                    hash="c0d847dccd7b62d5c4116845f61f945e1414ad5c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_09bd8",
                    table="scheduling_persontotalkto",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="persontotalkto",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_persontotalktohistory" ("ended_at", "ended_by_id", "id", "name", "noted_at", "noted_by_id", "pass_phrase", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation", "scope", "until") VALUES (OLD."ended_at", OLD."ended_by_id", OLD."id", OLD."name", OLD."noted_at", OLD."noted_by_id", OLD."pass_phrase", OLD."patient_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."relation", OLD."scope", OLD."until"); RETURN NULL;',
                    hash="5c5103b5c1b4ab676bdec475eb2227a8e96ef057",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2659a",
                    table="scheduling_persontotalkto",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="timetocome",
            constraint=models.UniqueConstraint(fields=("patient", "weekday"), name="time_to_come_once_a_weekday"),
        ),
        migrations.AddConstraint(
            model_name="timetocome",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends__isnull", True), ("starts__isnull", True)),
                    models.Q(("ends__isnull", False), ("starts__isnull", False), ("starts__lt", models.F("ends"))),
                    _connector="OR",
                ),
                name="time_to_come_in_order",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="timetocome",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_timetocomehistory" ("ends", "id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts", "weekday") VALUES (NEW."ends", NEW."id", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."starts", NEW."weekday"); RETURN NULL;',
                    hash="ff0b6aadb4116b71dabc4780f864521bfb8b3bd8",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_62e6d",
                    table="scheduling_timetocome",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="timetocome",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "scheduling_timetocomehistory" ("ends", "id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts", "weekday") VALUES (NEW."ends", NEW."id", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."starts", NEW."weekday"); RETURN NULL;',
                    hash="179364a591a760f4c52ca6763cdcb6437241226d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_95d95",
                    table="scheduling_timetocome",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="timetocome",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_timetocomehistory" ("ends", "id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts", "weekday") VALUES (OLD."ends", OLD."id", OLD."patient_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."starts", OLD."weekday"); RETURN NULL;',
                    hash="e1264620be97b5d05739f319ecd452ee806f6288",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f1d38",
                    table="scheduling_timetocome",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(EVENT_TRIGGERS, NO_EVENT_TRIGGERS),
        migrations.RunSQL(OWN_TABLES_ONLY, migrations.RunSQL.noop),
    ]
