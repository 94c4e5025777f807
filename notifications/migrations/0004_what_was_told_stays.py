"""What a notice told, whom and how stays once it is not merely planned; and what senders need to wait and to take turns."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

TOLD_STAYS = """
CREATE FUNCTION notifications_told_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE its_state text;
BEGIN
  -- The lock waits for whoever is claiming the notice just now, and reads what they wrote.
  SELECT n.state INTO its_state FROM notifications_notice n WHERE n.id = OLD.notice_id FOR SHARE;
  IF its_state <> 'planned' OR (TG_OP = 'UPDATE' AND NEW.notice_id <> OLD.notice_id) THEN
    RAISE EXCEPTION 'what a notice tells of stays with it' USING ERRCODE = 'ID023';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER told_stays BEFORE UPDATE OR DELETE ON notifications_noticevisit
  FOR EACH ROW EXECUTE FUNCTION notifications_told_stays();

CREATE FUNCTION notifications_notice_keeps_whom() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'planned' AND
      (NEW.patient_id, NEW.address_id, NEW.channel, NEW.purpose, NEW.step)
      IS DISTINCT FROM (OLD.patient_id, OLD.address_id, OLD.channel, OLD.purpose, OLD.step) THEN
    RAISE EXCEPTION 'a notice that is not merely planned keeps whom it told what' USING ERRCODE = 'ID024';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER notice_keeps_whom BEFORE UPDATE OF patient_id, address_id, channel, purpose, step
  ON notifications_notice FOR EACH ROW EXECUTE FUNCTION notifications_notice_keeps_whom();

-- A session's temporary table would be found before the real one of its name, and a trigger would believe it.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION notifications_told_stays() SET search_path = %I, pg_temp', current_schema());
  EXECUTE format('ALTER FUNCTION notifications_notice_keeps_whom() SET search_path = %I, pg_temp', current_schema());
END $$;
"""
UNDO_TOLD_STAYS = """
DROP TRIGGER notice_keeps_whom ON notifications_notice;
DROP FUNCTION notifications_notice_keeps_whom();
DROP TRIGGER told_stays ON notifications_noticevisit;
DROP FUNCTION notifications_told_stays();
"""

# As notifications.quiet_hours.QuietHours: other hours would keep a whole clinic from being planned.
QUIET_HOURS = """
ALTER TABLE notifications_messagerules ADD CONSTRAINT quiet_hours_make_sense CHECK (
  extract(epoch FROM quiet_from)::numeric % 900 = 0 AND extract(epoch FROM quiet_until)::numeric % 900 = 0
  AND (quiet_from = quiet_until OR (86400 + extract(epoch FROM quiet_from - quiet_until)::integer) % 86400 >= 3600));
"""
UNDO_QUIET_HOURS = "ALTER TABLE notifications_messagerules DROP CONSTRAINT quiet_hours_make_sense;"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notifications", "0003_segments_and_no_forgetting")]
    operations: ClassVar = [
        migrations.AddField("notice", "refusals", models.PositiveSmallIntegerField(db_default=0)),
        migrations.AddField("notice", "asked_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(TOLD_STAYS, UNDO_TOLD_STAYS),
        migrations.RunSQL(QUIET_HOURS, UNDO_QUIET_HOURS),
    ]
