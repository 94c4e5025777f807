"""A decision counts not for what was ruled since to count after all, nor for what was given elsewhere days later."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

LETS_GO_ON = """
-- As in 0023. What was to be given again and counts after all is decided anew: what was decided before that ruling was
-- decided of its repeat. Of what was given elsewhere the day is known, so a decision counts that is at most a day older.
CREATE OR REPLACE FUNCTION scheduling_review_lets_go_on(of_order bigint, after smallint, signed bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT d.decision = 'continue'
        OR (d.decision = 'continue_changed' AND d.under_version_id IS DISTINCT FROM signed)
    FROM scheduling_gatedecision d WHERE d.order_id = of_order AND d.after_number = after
      AND (after = 0 OR EXISTS (
        SELECT 1 FROM scheduling_appointment a WHERE a.order_id = of_order AND a.dose_number = after
          AND a.given_at IS NOT NULL AND NOT a.is_repeated AND a.status <> 'entered_in_error'
          AND a.given_at <= d.decided_at
            + CASE a.given_where WHEN '' THEN interval '1 minute' ELSE interval '24 hours' END
          AND NOT EXISTS (
            SELECT 1 FROM scheduling_exitruling r WHERE r.appointment_id = a.id AND r.counts
              AND r.recorded_at >= d.recorded_at
              AND EXISTS (SELECT 1 FROM scheduling_exitruling e WHERE e.appointment_id = a.id AND e.id < r.id))))
    ORDER BY d.id DESC LIMIT 1
  ), false)
$$;
"""

# A replaced function loses it: see 0012.
OWN_TABLES_ONLY = """
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION scheduling_review_lets_go_on SET search_path = %I, pg_temp', current_schema());
END $$;
"""


class Migration(migrations.Migration):
    """One function anew."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0026_signed_is_no_draft")]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(LETS_GO_ON),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
