"""What a nurse heard about missed visits says when it was said, and waits for its signature."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.models import Q

# Rewritten in place: an UPDATE would ask for events. When it was heard was not kept: it was written down then.
WHEN_HEARD = """
ALTER TABLE scheduling_cliniciantask
  ALTER COLUMN heard_at TYPE timestamptz USING CASE WHEN word_of_id IS NOT NULL THEN closed_at END;
"""

# As in 0024, and under a word about missed visits.
SIGNATURES = """
CREATE OR REPLACE FUNCTION scheduling_counter_signature_is_a_prescribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  SELECT coalesce(
    (SELECT o.organisation_id FROM scheduling_gatedecision d JOIN scheduling_order o ON o.id = d.order_id
     WHERE d.id = NEW.decision_id),
    (SELECT o.organisation_id FROM scheduling_orderchange c JOIN scheduling_order o ON o.id = c.order_id
     WHERE c.id = NEW.change_id),
    (SELECT a.organisation_id FROM scheduling_exitruling r JOIN scheduling_appointment a ON a.id = r.appointment_id
     WHERE r.id = NEW.ruling_id),
    (SELECT a.organisation_id FROM scheduling_visitcheck v JOIN scheduling_appointment a ON a.id = v.appointment_id
     WHERE v.id = NEW.visit_check_id),
    (SELECT c.organisation_id FROM scheduling_cliniciantask t JOIN scheduling_clinic c ON c.id = t.clinic_id
     WHERE t.id = NEW.task_id AND t.word_of_id IS NOT NULL)) INTO organisation;
  IF NOT scheduling_is_prescriber(NEW.signed_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation counter-signs' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION scheduling_countersignature_leaves_an_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM scheduling_event WHERE written_in = pg_current_xact_id()::text::bigint AND (
      order_id = coalesce((SELECT order_id FROM scheduling_gatedecision WHERE id = NEW.decision_id),
                          (SELECT order_id FROM scheduling_orderchange WHERE id = NEW.change_id))
      OR appointment_id = coalesce((SELECT appointment_id FROM scheduling_exitruling WHERE id = NEW.ruling_id),
                                   (SELECT appointment_id FROM scheduling_visitcheck WHERE id = NEW.visit_check_id))
      OR patient_id = (SELECT patient_id FROM scheduling_cliniciantask WHERE id = NEW.task_id))) THEN
    RAISE EXCEPTION 'a change of % leaves an event', TG_TABLE_NAME USING ERRCODE = 'ID009';
  END IF;
  RETURN NULL;
END $$;
"""

# Replaced functions lose it: see 0012.
OWN_TABLES_ONLY = """
DO $$
DECLARE own regprocedure;
BEGIN
  FOR own IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.proname IN (
      'scheduling_counter_signature_is_a_prescribers', 'scheduling_countersignature_leaves_an_event') LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', own, current_schema());
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """Two columns with their checks, and the functions that guard signatures."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0027_decided_of_what_counts")]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField("cliniciantask", "heard_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(WHEN_HEARD),
        migrations.AddConstraint(
            "cliniciantask",
            models.CheckConstraint(
                condition=Q(word_of__isnull=True, heard_at__isnull=True)
                | Q(word_of__isnull=False, heard_at__isnull=False),
                name="task_word_was_heard_then",
            ),
        ),
        migrations.AddField(
            "countersignature",
            "task",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="counter_signature",
                to="scheduling.cliniciantask",
            ),
        ),
        migrations.RemoveConstraint("countersignature", "counter_signature_of_one"),
        migrations.AddConstraint(
            "countersignature",
            models.CheckConstraint(
                condition=Q(decision__isnull=False, change=None, ruling=None, visit_check=None, task=None)
                | Q(change__isnull=False, decision=None, ruling=None, visit_check=None, task=None)
                | Q(ruling__isnull=False, decision=None, change=None, visit_check=None, task=None)
                | Q(visit_check__isnull=False, decision=None, change=None, ruling=None, task=None)
                | Q(task__isnull=False, decision=None, change=None, ruling=None, visit_check=None),
                name="counter_signature_of_one",
            ),
        ),
        migrations.RunSQL(SIGNATURES),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
