"""A decision counts while the infusion it is about is given; in a closed record none lets a series go on."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

LETS_GO_ON = """
-- As in 0021, of decisions about the infusion before the review as it stands now: given when it was decided, to the
-- minute. One of a start that was taken back, or of what is given again, is about nothing that is there.
CREATE OR REPLACE FUNCTION scheduling_review_lets_go_on(of_order bigint, after smallint, signed bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT d.decision = 'continue'
        OR (d.decision = 'continue_changed' AND d.under_version_id IS DISTINCT FROM signed)
    FROM scheduling_gatedecision d WHERE d.order_id = of_order AND d.after_number = after
      AND (after = 0 OR EXISTS (
        SELECT 1 FROM scheduling_appointment a WHERE a.order_id = of_order AND a.dose_number = after
          AND a.given_at IS NOT NULL AND NOT a.is_repeated AND a.status <> 'entered_in_error'
          AND (a.given_where <> '' OR a.given_at <= d.decided_at + interval '1 minute')))
    ORDER BY d.id DESC LIMIT 1
  ), false)
$$;
"""

CLOSED = """
CREATE TRIGGER nothing_goes_on_in_a_closed_record BEFORE INSERT ON scheduling_gatedecision
  FOR EACH ROW WHEN (NEW.decision IN ('continue', 'continue_changed'))
  EXECUTE FUNCTION scheduling_nothing_goes_on_in_a_closed_record();
"""

# A replaced function loses it: see 0012.
OWN_TABLES_ONLY = """
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION scheduling_review_lets_go_on SET search_path = %I, pg_temp', current_schema());
END $$;
"""


class Migration(migrations.Migration):
    """One function anew, and a trigger."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0022_given_stays")]

    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(LETS_GO_ON),
        migrations.RunSQL(CLOSED),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
