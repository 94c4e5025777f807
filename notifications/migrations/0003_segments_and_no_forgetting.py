"""What a text costs is kept; and a notice that is not merely planned stays, so that its key can't be used for a second telling."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

STAYS = """
CREATE FUNCTION notifications_notice_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'planned' THEN
    RAISE EXCEPTION 'a notice that is not merely planned stays' USING ERRCODE = 'ID022';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER notice_stays BEFORE DELETE ON notifications_notice
  FOR EACH ROW EXECUTE FUNCTION notifications_notice_stays();
"""
UNDO_STAYS = """
DROP TRIGGER notice_stays ON notifications_notice;
DROP FUNCTION notifications_notice_stays();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notifications", "0002_guarantees")]
    operations: ClassVar = [
        migrations.AddField("message", "segments", models.PositiveSmallIntegerField(db_default=0)),
        migrations.RunSQL(STAYS, UNDO_STAYS),
    ]
