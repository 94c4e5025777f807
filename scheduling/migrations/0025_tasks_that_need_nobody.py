"""Tasks that need nobody any more close by themselves; missed visits are answered by a prescriber's word alone; wrong
passwords at a signature are counted."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

# What settles a task without anybody: the one place that says so. What a patient answered is for a clinician to close,
# whatever became of the patient.
NEEDS_NOBODY = """
CREATE FUNCTION scheduling_task_needs_nobody(task scheduling_cliniciantask) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT task.kind <> 'answers' AND NOT task.is_urgent AND (
    EXISTS (SELECT 1 FROM scheduling_patient p WHERE p.id = task.patient_id
            AND p.deceased_at IS NOT NULL)
    OR (task.kind IN ('no_longer_fits', 'ruling', 'missed', 'withdrew')
        AND EXISTS (SELECT 1 FROM scheduling_order o WHERE o.id = task.order_id
                    AND o.state NOT IN ('draft', 'active', 'paused')))
    OR (task.kind = 'leaves_early' AND EXISTS (
        SELECT 1 FROM scheduling_appointment a WHERE a.id = task.appointment_id AND a.status <> 'recovering'))
    OR (task.kind = 'no_longer_fits' AND NOT EXISTS (
        SELECT 1 FROM scheduling_appointment a JOIN scheduling_doseterms t ON t.id = a.terms_id
          JOIN scheduling_order o ON o.id = a.order_id
        WHERE a.order_id = task.order_id AND a.live AND a.given_at IS NULL AND t.version_id <> o.current_version_id)))
$$;
"""

# As in 0020, and: by nobody only what needs nobody; what was asked about missed visits by a prescriber's word, or with
# whoever takes such a visit back.
TASKS = """
CREATE OR REPLACE FUNCTION scheduling_task_is_a_clinicians() RETURNS trigger LANGUAGE plpgsql AS $$
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
  IF NEW.closed_at IS NOT NULL AND NEW.closed_by_id IS NULL AND NOT scheduling_task_needs_nobody(OLD) THEN
    RAISE EXCEPTION 'what waits for a clinician is closed by one' USING ERRCODE = 'ID013';
  END IF;
  IF NEW.kind <> 'missed' AND (
      (NEW.acknowledged_by_id IS NOT NULL AND NEW.acknowledged_by_id IS DISTINCT FROM OLD.acknowledged_by_id
       AND NOT scheduling_is_clinician(NEW.acknowledged_by_id, organisation))
      OR (NEW.closed_by_id IS NOT NULL AND NEW.closed_by_id IS DISTINCT FROM OLD.closed_by_id
          AND NOT scheduling_is_clinician(NEW.closed_by_id, organisation))) THEN
    RAISE EXCEPTION 'only a clinician of the organisation takes or closes it' USING ERRCODE = 'ID001';
  END IF;
  IF NEW.kind = 'missed' AND NEW.closed_by_id IS NOT NULL AND NEW.outcome <> 'taken_back'
      AND NOT scheduling_is_prescriber(NEW.closed_by_id, organisation)
      AND NOT (NEW.word_of_id IS NOT NULL AND scheduling_is_prescriber(NEW.word_of_id, organisation)
               AND scheduling_is_clinician(NEW.closed_by_id, organisation)) THEN
    RAISE EXCEPTION 'only a prescriber answers for missed visits' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;
"""

OWN_TABLES_ONLY = """
DO $$
DECLARE own regprocedure;
BEGIN
  FOR own IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.proname IN (
      'scheduling_task_needs_nobody', 'scheduling_task_is_a_clinicians') LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', own, current_schema());
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """One column, two checks and a trigger's function of the clinicians' tasks; one table."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0024_words_about_visits")]

    operations: ClassVar[list[object]] = [
        migrations.AddField(
            "cliniciantask",
            "word_of",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RemoveConstraint("cliniciantask", "task_closed_pair"),
        migrations.AddConstraint(
            "cliniciantask",
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True, closed_at__isnull=True, outcome="")
                | Q(closed_by__isnull=True, closed_at__isnull=False, outcome="settled")
                | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="task_closed_pair",
            ),
        ),
        migrations.AddConstraint(
            "cliniciantask",
            models.CheckConstraint(
                condition=Q(word_of__isnull=True) | Q(kind="missed", closed_by__isnull=False),
                name="task_word_of_misses",
            ),
        ),
        migrations.RunSQL(NEEDS_NOBODY),
        migrations.RunSQL(TASKS),
        migrations.RunSQL(OWN_TABLES_ONLY),
        migrations.CreateModel(
            name="WrongPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["user", "-at"], name="wrong_password_latest")]},
        ),
    ]
