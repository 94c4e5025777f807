"""The check that every change left an event is planned once a session, not once a row: that was most of its time."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# Its condition on the kind of change folds to a constant, so a plan made for one row always looks cheaper than one for
# all rows, and PostgreSQL would plan anew each time: a tenth of a booking.
ONE_PLAN = """
DO $$
DECLARE event_check regprocedure;
BEGIN
  FOR event_check IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
                       AND p.proname LIKE '%\\_leaves\\_an\\_event' LOOP
    EXECUTE format('ALTER FUNCTION %s {}', event_check);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """A setting of the functions; what they refuse stays the same."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0008_second_options")]

    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(
            ONE_PLAN.format("SET plan_cache_mode = force_generic_plan"), ONE_PLAN.format("RESET plan_cache_mode")
        )
    ]
