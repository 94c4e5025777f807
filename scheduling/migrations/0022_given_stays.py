"""When an infusion was given stays, for the next one's distance counts from it; and only clinical staff hear a word."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# After, not before: see docs/locking.md on triggers over visits. A start that is taken back has no time and may have
# another one later.
GIVEN = """
CREATE FUNCTION scheduling_given_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'when an infusion was given stays' USING ERRCODE = 'ID013';
END $$;
CREATE TRIGGER given_stays AFTER UPDATE ON scheduling_appointment
  FOR EACH ROW WHEN (OLD.dose_id IS NOT NULL AND OLD.given_at IS NOT NULL AND NEW.given_at IS NOT NULL
    AND (OLD.given_at <> NEW.given_at OR lower(OLD.period) <> lower(NEW.period)))
  EXECUTE FUNCTION scheduling_given_stays();
"""

HEARD = """
CREATE FUNCTION scheduling_word_is_heard_by_a_nurse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
      SELECT 1 FROM scheduling_order o JOIN scheduling_clinic c ON c.organisation_id = o.organisation_id
        JOIN scheduling_membership m ON m.clinic_id = c.id AND m.role IN ('nurse', 'prescriber')
        JOIN scheduling_user u ON u.id = m.user_id AND u.is_active
      WHERE o.id = NEW.order_id AND m.user_id = NEW.heard_by_id) THEN
    RAISE EXCEPTION 'only clinical staff of the organisation write down a word' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER word_is_heard_by_a_nurse BEFORE INSERT ON scheduling_gatedecision
  FOR EACH ROW WHEN (NEW.heard_by_id IS NOT NULL) EXECUTE FUNCTION scheduling_word_is_heard_by_a_nurse();
CREATE TRIGGER word_is_heard_by_a_nurse BEFORE INSERT ON scheduling_orderchange
  FOR EACH ROW WHEN (NEW.heard_by_id IS NOT NULL) EXECUTE FUNCTION scheduling_word_is_heard_by_a_nurse();
"""

OWN_TABLES_ONLY = """
DO $$
DECLARE own regprocedure;
BEGIN
  FOR own IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.proname IN (
      'scheduling_given_stays', 'scheduling_word_is_heard_by_a_nurse') LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', own, current_schema());
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """Two more promises over visits, decisions and changes."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0021_what_was_taken_back")]

    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(GIVEN),
        migrations.RunSQL(HEARD),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
