"""Rows for the clinician's side: changes of orders, cover, checks, rulings, questionnaires, tasks."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import scheduling.models.order


class Migration(migrations.Migration):
    """New tables, and fields that say nothing until something is said."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0010_claims_of_days")]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="ClinicianTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("task_key", models.TextField(unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("answers", "Answers to look at"),
                            ("wish", "The patient wishes another infusion"),
                            ("withdrew", "The patient withdrew"),
                            ("missed", "Missed visits"),
                            ("ruling", "An infusion was broken off"),
                            ("no_longer_fits", "Booked visits no longer fit the order"),
                            ("as_needed", "Another infusion, if you order it"),
                            ("outside_order", "Outside the order"),
                            ("leaves_early", "The patient wants to leave early"),
                        ],
                        max_length=16,
                    ),
                ),
                ("is_urgent", models.BooleanField(default=False)),
                ("words", models.TextField(blank=True)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="ExitRuling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("counts", models.BooleanField()),
                ("decided_at", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                (
                    "written_in",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                scheduling.models.order.CurrentTransaction(), models.TextField()
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FollowUpTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("spoke", "Spoke with the patient"),
                            ("voicemail", "Left a voicemail"),
                            ("no_answer", "No answer"),
                            ("wrong_number", "Wrong number"),
                            ("not_needed", "No longer needed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("tried_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="OrderChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pause", "Paused"),
                            ("resume", "Resumed"),
                            ("stop", "Stopped"),
                            ("complete", "Completed"),
                            ("expire", "Expired"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "from_state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("completed", "Completed"),
                            ("stopped", "Stopped"),
                            ("expired", "Expired"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("completed", "Completed"),
                            ("stopped", "Stopped"),
                            ("expired", "Expired"),
                        ],
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField()),
                ("reason", models.TextField(blank=True)),
                ("was_read_back", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                (
                    "written_in",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                scheduling.models.order.CurrentTransaction(), models.TextField()
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PrerequisiteRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60)),
                (
                    "answer",
                    models.CharField(
                        choices=[("met", "There"), ("waived", "Not needed"), ("withdrawn", "No longer there")],
                        max_length=10,
                    ),
                ),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, null=True)),
                ("visits", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("said_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PrescriberCover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("arranged_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Questionnaire",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ask_key", models.TextField(unique=True)),
                ("instrument", models.SlugField(max_length=20)),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="QuestionnaireResponse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("instrument", models.SlugField(max_length=20)),
                ("version", models.CharField(max_length=20)),
                ("language", models.CharField(max_length=10)),
                ("recall_days", models.PositiveSmallIntegerField()),
                (
                    "answers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(blank=True, null=True), size=None
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("needs_clinician", models.BooleanField(default=False)),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("link", "By the patient, from a message"),
                            ("clinic", "At the clinic"),
                            ("phone", "By phone"),
                        ],
                        max_length=6,
                    ),
                ),
                ("answered_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="VisitCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("identity", "Who it is"), ("fasting", "Fasting"), ("ride", "Ride home")],
                        max_length=10,
                    ),
                ),
                ("step", models.CharField(max_length=10)),
                ("is_met", models.BooleanField()),
                ("detail", models.CharField(blank=True, max_length=20)),
                ("reason", models.TextField(blank=True)),
                ("said_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="VisitTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60)),
                ("due_on", models.DateField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
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
            model_name="appointment",
            name="given_where",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
        migrations.AddField(
            model_name="appointment",
            name="is_repeated",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="appointment",
            name="needs_ruling",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="followup",
            name="instruments",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.SlugField(max_length=20), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="followup",
            name="snoozed_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="followup",
            name="taken_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="gate",
            name="at_limit",
            field=models.CharField(
                choices=[("keep", "Their times are kept"), ("free", "Their times are freed")],
                db_default="keep",
                default="keep",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="follows",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followed_by",
                to="scheduling.order",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="keep_places_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="orderhistory",
            name="follows",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="scheduling.order",
            ),
        ),
        migrations.AddField(
            model_name="orderhistory",
            name="keep_places_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="orderversion",
            name="not_after",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="orderversion",
            name="not_before",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="orderversion",
            name="reauthenticated_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="orderversion",
            name="signed_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=150),
        ),
        migrations.AlterField(
            model_name="countersignature",
            name="decision",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="counter_signature",
                to="scheduling.gatedecision",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "scheduling_orderhistory" ("created_at", "created_by_id", "current_version_id", "draft", "follows_id", "id", "keep_places_until", "organisation_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protocol_version_id", "row_version", "state", "therapy", "title") VALUES (NEW."created_at", NEW."created_by_id", NEW."current_version_id", NEW."draft", NEW."follows_id", NEW."id", NEW."keep_places_until", NEW."organisation_id", NEW."patient_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."protocol_version_id", NEW."row_version", NEW."state", NEW."therapy", NEW."title"); RETURN NULL;',
                    hash="8fe318ba654e675a0a0be1871eeb6cf13e1cd92e",
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
                    func='INSERT INTO "scheduling_orderhistory" ("created_at", "created_by_id", "current_version_id", "draft", "follows_id", "id", "keep_places_until", "organisation_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protocol_version_id", "row_version", "state", "therapy", "title") VALUES (NEW."created_at", NEW."created_by_id", NEW."current_version_id", NEW."draft", NEW."follows_id", NEW."id", NEW."keep_places_until", NEW."organisation_id", NEW."patient_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."protocol_version_id", NEW."row_version", NEW."state", NEW."therapy", NEW."title"); RETURN NULL;',
                    hash="f4c1288cd14be6fd74e5a5544d9c71a3bea7dfad",
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
                    func='INSERT INTO "scheduling_orderhistory" ("created_at", "created_by_id", "current_version_id", "draft", "follows_id", "id", "keep_places_until", "organisation_id", "patient_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protocol_version_id", "row_version", "state", "therapy", "title") VALUES (OLD."created_at", OLD."created_by_id", OLD."current_version_id", OLD."draft", OLD."follows_id", OLD."id", OLD."keep_places_until", OLD."organisation_id", OLD."patient_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."protocol_version_id", OLD."row_version", OLD."state", OLD."therapy", OLD."title"); RETURN NULL;',
                    hash="044da0d7483e955803010406de3b63bf40c0ce7b",
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
                condition=models.Q(("state", "paused"), ("keep_places_until__isnull", True), _connector="OR"),
                name="order_paused_keeps_places",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderversion",
            constraint=models.CheckConstraint(condition=models.Q(("doses__gte", 1)), name="order_version_has_doses"),
        ),
        migrations.AddConstraint(
            model_name="orderversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("not_before__isnull", True),
                    ("not_after__isnull", True),
                    ("not_after__gte", models.F("not_before")),
                    _connector="OR",
                ),
                name="order_version_days_in_order",
            ),
        ),
        migrations.AddField(
            model_name="cliniciantask",
            name="acknowledged_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cliniciantask",
            name="appointment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="scheduling.appointment",
            ),
        ),
        migrations.AddField(
            model_name="cliniciantask",
            name="clinic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="clinician_tasks", to="scheduling.clinic"
            ),
        ),
        migrations.AddField(
            model_name="cliniciantask",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cliniciantask",
            name="opened_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cliniciantask",
            name="order",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="clinician_tasks",
                to="scheduling.order",
            ),
        ),
        migrations.AddField(
            model_name="cliniciantask",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="clinician_tasks", to="scheduling.patient"
            ),
        ),
        migrations.AddField(
            model_name="exitruling",
            name="appointment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="ruling", to="scheduling.appointment"
            ),
        ),
        migrations.AddField(
            model_name="exitruling",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="followuptry",
            name="follow_up",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tries", to="scheduling.followup"
            ),
        ),
        migrations.AddField(
            model_name="followuptry",
            name="tried_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="orderchange",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="orderchange",
            name="decision",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="order_change",
                to="scheduling.gatedecision",
            ),
        ),
        migrations.AddField(
            model_name="orderchange",
            name="heard_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="orderchange",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="scheduling.order"
            ),
        ),
        migrations.AddField(
            model_name="countersignature",
            name="change",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="counter_signature",
                to="scheduling.orderchange",
            ),
        ),
        migrations.AddConstraint(
            model_name="countersignature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("change__isnull", True), ("decision__isnull", False)),
                    models.Q(("change__isnull", False), ("decision__isnull", True)),
                    _connector="OR",
                ),
                name="counter_signature_of_one",
            ),
        ),
        migrations.AddField(
            model_name="prerequisiterecord",
            name="appointment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="scheduling.appointment",
            ),
        ),
        migrations.AddField(
            model_name="prerequisiterecord",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="prerequisite_records", to="scheduling.order"
            ),
        ),
        migrations.AddField(
            model_name="prerequisiterecord",
            name="said_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="prescribercover",
            name="arranged_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="prescribercover",
            name="cover",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="covers_for", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="prescribercover",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="covers", to="scheduling.organisation"
            ),
        ),
        migrations.AddField(
            model_name="prescribercover",
            name="prescriber",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="covered_by", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="appointment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="scheduling.appointment",
            ),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="asked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="clinic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="scheduling.clinic"
            ),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="follow_up",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="questionnaires",
                to="scheduling.followup",
            ),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="questionnaires", to="scheduling.order"
            ),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="questionnaires", to="scheduling.patient"
            ),
        ),
        migrations.AddField(
            model_name="questionnaireresponse",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="questionnaireresponse",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="responses", to="scheduling.patient"
            ),
        ),
        migrations.AddField(
            model_name="questionnaireresponse",
            name="questionnaire",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="response", to="scheduling.questionnaire"
            ),
        ),
        migrations.AddField(
            model_name="cliniciantask",
            name="response",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tasks",
                to="scheduling.questionnaireresponse",
            ),
        ),
        migrations.AddField(
            model_name="visitcheck",
            name="appointment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="scheduling.appointment"
            ),
        ),
        migrations.AddField(
            model_name="visitcheck",
            name="passed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="visitcheck",
            name="said_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="visittask",
            name="appointment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="scheduling.appointment"
            ),
        ),
        migrations.AddField(
            model_name="visittask",
            name="done_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="visittask",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="scheduling.order"
            ),
        ),
        migrations.AddIndex(
            model_name="orderchange",
            index=models.Index(fields=["order", "-id"], name="order_change_latest"),
        ),
        migrations.AddConstraint(
            model_name="orderchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by__isnull", True), ("kind", "expire")),
                    ("decided_by__isnull", False),
                    _connector="OR",
                ),
                name="order_change_is_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("heard_by__isnull", True), ("was_read_back", False)),
                    models.Q(("heard_by__isnull", False), ("was_read_back", True)),
                    _connector="OR",
                ),
                name="order_change_heard_is_read_back",
            ),
        ),
        migrations.AddIndex(
            model_name="prerequisiterecord",
            index=models.Index(fields=["order", "code", "-id"], name="prerequisite_latest"),
        ),
        migrations.AddConstraint(
            model_name="prerequisiterecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="prerequisite_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescribercover",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))), name="cover_days_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="prescribercover",
            constraint=models.CheckConstraint(
                condition=models.Q(("cover", models.F("prescriber")), _negated=True), name="cover_is_someone_else"
            ),
        ),
        migrations.AddIndex(
            model_name="questionnaire",
            index=models.Index(fields=["patient", "opens_at"], name="questionnaire_by_patient"),
        ),
        migrations.AddConstraint(
            model_name="questionnaire",
            constraint=models.UniqueConstraint(fields=("id", "patient", "instrument"), name="questionnaire_id_patient"),
        ),
        migrations.AddConstraint(
            model_name="questionnaire",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at__gt", models.F("opens_at"))), name="questionnaire_open_a_while"
            ),
        ),
        migrations.AddConstraint(
            model_name="questionnaireresponse",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entered_by__isnull", True), ("how", "link")),
                    models.Q(models.Q(("how", "link"), _negated=True), ("entered_by__isnull", False)),
                    _connector="OR",
                ),
                name="response_entered_by",
            ),
        ),
        migrations.AddIndex(
            model_name="cliniciantask",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)), fields=["clinic", "opened_at"], name="task_open"
            ),
        ),
        migrations.AddIndex(
            model_name="cliniciantask",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)), fields=["patient"], name="task_open_of_patient"
            ),
        ),
        migrations.AddConstraint(
            model_name="cliniciantask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acknowledged_at__isnull", True), ("acknowledged_by__isnull", True)),
                    models.Q(("acknowledged_at__isnull", False), ("acknowledged_by__isnull", False)),
                    _connector="OR",
                ),
                name="task_acknowledged_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="cliniciantask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("closed_by__isnull", True), ("outcome", "")),
                    models.Q(("closed_at__isnull", False), ("closed_by__isnull", False)),
                    _connector="OR",
                ),
                name="task_closed_pair",
            ),
        ),
        migrations.AddIndex(
            model_name="visitcheck",
            index=models.Index(fields=["appointment", "kind", "-id"], name="visit_check_latest"),
        ),
        migrations.AddConstraint(
            model_name="visitcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("passed_by__isnull", True), ("reason", "")),
                    models.Q(("passed_by__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="visit_check_passed_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="visittask",
            constraint=models.UniqueConstraint(fields=("appointment", "code"), name="visit_task_once"),
        ),
        migrations.AddConstraint(
            model_name="visittask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("done_by__isnull", True)),
                    models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                    _connector="OR",
                ),
                name="visit_task_done_pair",
            ),
        ),
    ]
