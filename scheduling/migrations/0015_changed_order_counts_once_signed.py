"""A decision knows what was signed when it was made: "continue with changed order" opens nothing to the old terms."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

DECIDED_UNDER = """
CREATE OR REPLACE FUNCTION scheduling_decision_is_a_prescribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE the_order scheduling_order%ROWTYPE;
BEGIN
  PERFORM scheduling_reads_what_is_committed();
  SELECT * INTO the_order FROM scheduling_order o WHERE o.id = NEW.order_id FOR UPDATE;
  IF NOT scheduling_is_prescriber(NEW.decided_by_id, the_order.organisation_id) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation decides at a review' USING ERRCODE = 'ID001';
  END IF;
  -- The latest decision is the one with the highest number, so it gets its number under the lock, whatever was asked.
  NEW.id := nextval(pg_get_serial_sequence('scheduling_gatedecision', 'id'));
  NEW.under_version_id := the_order.current_version_id;
  RETURN NEW;
END $$;

-- Whether the latest decision at a review lets the series go on under the version that is signed now.
CREATE FUNCTION scheduling_review_lets_go_on(of_order bigint, after smallint, signed bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT d.decision = 'continue'
        OR (d.decision = 'continue_changed' AND d.under_version_id IS DISTINCT FROM signed)
    FROM scheduling_gatedecision d WHERE d.order_id = of_order AND d.after_number = after ORDER BY d.id DESC LIMIT 1
  ), false)
$$;
"""

# As in 0012, asking that function of each review before the infusion.
NO_START = """
CREATE OR REPLACE FUNCTION scheduling_no_start_past_a_review() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE the_order scheduling_order%ROWTYPE;
BEGIN
  -- Given elsewhere, it is part of what is signed in this transaction (given_elsewhere_is_signed).
  IF NEW.given_where <> '' OR EXISTS (SELECT 1 FROM scheduling_deviation d WHERE d.appointment_id = NEW.id) THEN
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
  RETURN NULL;
END $$;
"""

# Replaced functions lose it, and a new one begins without: see 0012.
OWN_TABLES_ONLY = """
DO $$
DECLARE own regprocedure;
BEGIN
  FOR own IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.proname IN (
      'scheduling_decision_is_a_prescribers', 'scheduling_review_lets_go_on', 'scheduling_no_start_past_a_review') LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', own, current_schema());
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """The column, and the two triggers that write and read it."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0014_paused_orders")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.AddField(
            model_name="gatedecision",
            name="under_version",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="scheduling.orderversion",
            ),
        ),
        migrations.RunSQL(DECIDED_UNDER),
        migrations.RunSQL(NO_START),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
