"""What the database itself promises: addresses stay in their organisation, and a notice moves only where it may."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

SAME_ORGANISATION = """
ALTER TABLE notifications_patientaddress
  ADD CONSTRAINT patient_address_patient FOREIGN KEY (patient_id, organisation_id)
    REFERENCES scheduling_patient (id, organisation_id),
  ADD CONSTRAINT patient_address_address FOREIGN KEY (address_id, organisation_id)
    REFERENCES notifications_address (id, organisation_id);
"""
UNDO_SAME_ORGANISATION = """
ALTER TABLE notifications_patientaddress
  DROP CONSTRAINT patient_address_patient, DROP CONSTRAINT patient_address_address;
"""

TRANSITIONS = """
CREATE FUNCTION notifications_notice_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.notice_key <> OLD.notice_key THEN
    RAISE EXCEPTION 'a notice keeps its key' USING ERRCODE = 'ID021';
  END IF;
  IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN (
    ('planned', 'claimed'), ('planned', 'suppressed'), ('planned', 'lapsed'),
    ('claimed', 'planned'), ('claimed', 'sent'), ('claimed', 'failed'), ('claimed', 'unknown'),
    ('claimed', 'suppressed'), ('claimed', 'lapsed'),
    ('unknown', 'sent'), ('unknown', 'planned'), ('unknown', 'failed'),
    ('sent', 'delivered'), ('sent', 'failed')
  ) THEN
    RAISE EXCEPTION 'a notice does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'ID020';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER notice_moves BEFORE UPDATE OF state, notice_key ON notifications_notice
  FOR EACH ROW EXECUTE FUNCTION notifications_notice_moves();
"""
UNDO_TRANSITIONS = """
DROP TRIGGER notice_moves ON notifications_notice;
DROP FUNCTION notifications_notice_moves();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notifications", "0001_initial"), ("scheduling", "0002_guarantees")]
    operations: ClassVar = [
        migrations.RunSQL(SAME_ORGANISATION, UNDO_SAME_ORGANISATION),
        migrations.RunSQL(TRANSITIONS, UNDO_TRANSITIONS),
    ]
