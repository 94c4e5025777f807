"""A ruling may be followed by another one, and what was heard about a visit says when, and waits for its signature."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.models import F, Q

# Rewritten in place: an UPDATE would ask for events, and these rows stay as they were written.
WHEN_RECORDED = """
ALTER TABLE scheduling_exitruling ALTER COLUMN recorded_at TYPE timestamptz USING decided_at;
"""
# What a nurse wrote down for a prescriber was read back; when it was heard nobody asked.
WHEN_HEARD = """
ALTER TABLE scheduling_visitcheck
  ALTER COLUMN heard_at TYPE timestamptz USING CASE WHEN passed_by_id <> said_by_id THEN said_at END,
  ALTER COLUMN was_read_back TYPE boolean USING passed_by_id IS NOT NULL AND passed_by_id <> said_by_id;
"""

RULINGS = """
-- As in 0012, with the order's lock before anything is read: the latest ruling is the one with the highest number.
CREATE OR REPLACE FUNCTION scheduling_ruling_is_a_prescribers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE exited scheduling_appointment%ROWTYPE;
BEGIN
  PERFORM scheduling_reads_what_is_committed();
  -- A start of the next infusion holds the order FOR SHARE, so it comes before or after, never beside.
  PERFORM 1 FROM scheduling_order o JOIN scheduling_appointment a ON a.order_id = o.id
    WHERE a.id = NEW.appointment_id FOR UPDATE OF o;
  SELECT * INTO exited FROM scheduling_appointment a WHERE a.id = NEW.appointment_id;
  IF NOT scheduling_is_prescriber(NEW.decided_by_id, exited.organisation_id) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation rules on an exit' USING ERRCODE = 'ID001';
  END IF;
  IF NEW.heard_by_id IS NOT NULL AND NOT scheduling_is_clinician(NEW.heard_by_id, exited.organisation_id) THEN
    RAISE EXCEPTION 'only clinical staff of the organisation write down a word' USING ERRCODE = 'ID001';
  END IF;
  IF exited.given_at IS NULL OR exited.status NOT IN ('stopped_early', 'transferred', 'left_uncleared') THEN
    RAISE EXCEPTION 'only an infusion that was broken off is ruled on' USING ERRCODE = 'ID002';
  END IF;
  -- Infusions stay in number order: once a later one was given, this one has no day to be given again.
  IF NOT NEW.counts AND EXISTS (
      SELECT 1 FROM scheduling_appointment a WHERE a.order_id = exited.order_id
      AND a.dose_number > exited.dose_number AND a.given_at IS NOT NULL AND a.status <> 'entered_in_error') THEN
    RAISE EXCEPTION 'an infusion is given again before those that follow it' USING ERRCODE = 'ID006';
  END IF;
  NEW.id := nextval(pg_get_serial_sequence('scheduling_exitruling', 'id'));
  NEW.written_in := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;

-- Whether a visit is repeated is what its latest ruling says, and nothing else changes it.
CREATE FUNCTION scheduling_ruling_is_carried_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT a.is_repeated FROM scheduling_appointment a WHERE a.id = NEW.appointment_id) IS NOT DISTINCT FROM
     (SELECT r.counts FROM scheduling_exitruling r WHERE r.appointment_id = NEW.appointment_id
      ORDER BY r.id DESC LIMIT 1) THEN
    RAISE EXCEPTION 'the infusion is not what its latest ruling says' USING ERRCODE = 'ID002';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ruling_is_carried_out AFTER INSERT ON scheduling_exitruling
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION scheduling_ruling_is_carried_out();

-- As in 0020, but for the way back. That one counts again while another is booked or was given under its number, the
-- index infusion_once refuses.
CREATE OR REPLACE FUNCTION scheduling_exit_waits_for_a_ruling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.given_where IS DISTINCT FROM OLD.given_where THEN
    RAISE EXCEPTION 'where an infusion was given is signed' USING ERRCODE = 'ID002';
  END IF;
  IF NEW.is_repeated IS DISTINCT FROM OLD.is_repeated AND NOT EXISTS (
      SELECT 1 FROM scheduling_exitruling r WHERE r.appointment_id = NEW.id AND r.counts <> NEW.is_repeated
      AND r.written_in = pg_current_xact_id()::text::bigint
      AND NOT EXISTS (SELECT 1 FROM scheduling_exitruling later
                      WHERE later.appointment_id = NEW.id AND later.id > r.id)) THEN
    RAISE EXCEPTION 'an infusion is repeated by a prescriber''s ruling alone' USING ERRCODE = 'ID002';
  END IF;
  -- Whichever of its columns was written last: the exit, that it was given, or whose infusion it is.
  IF NEW.given_at IS NOT NULL AND NEW.status IN ('stopped_early', 'transferred', 'left_uncleared')
      AND (NEW.status <> OLD.status OR OLD.given_at IS NULL OR OLD.dose_id IS DISTINCT FROM NEW.dose_id) THEN
    IF NOT NEW.needs_ruling AND scheduling_exit_closes(NEW.terms_id, NEW.status) THEN
      -- A start of the next infusion holds the order FOR SHARE, so it comes before or after, never beside.
      PERFORM scheduling_reads_what_is_committed();
      PERFORM 1 FROM scheduling_order o WHERE o.id = NEW.order_id FOR NO KEY UPDATE;
      UPDATE scheduling_appointment SET needs_ruling = true WHERE id = NEW.id;
    END IF;
  ELSIF OLD.needs_ruling AND NOT NEW.needs_ruling AND (
      NEW.status NOT IN ('seated', 'infusing', 'recovering', 'entered_in_error')
      OR EXISTS (SELECT 1 FROM scheduling_exitruling r WHERE r.appointment_id = NEW.id)) THEN
    -- Only an exit that is taken back needs none; what was ruled stays ruled.
    RAISE EXCEPTION 'an exit waits for a prescriber''s ruling' USING ERRCODE = 'ID007';
  END IF;
  RETURN NULL;
END $$;
"""

WORDS = """
CREATE OR REPLACE FUNCTION scheduling_check_is_passed_by_a_prescriber() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE organisation bigint;
BEGIN
  SELECT a.organisation_id INTO organisation FROM scheduling_appointment a WHERE a.id = NEW.appointment_id;
  IF NOT scheduling_is_prescriber(NEW.passed_by_id, organisation) THEN
    RAISE EXCEPTION 'only a prescriber of the organisation lets a check pass' USING ERRCODE = 'ID001';
  END IF;
  IF NEW.heard_at IS NOT NULL AND NOT scheduling_is_clinician(NEW.said_by_id, organisation) THEN
    RAISE EXCEPTION 'only clinical staff of the organisation write down a word' USING ERRCODE = 'ID001';
  END IF;
  RETURN NEW;
END $$;

-- Under a decision, a change of an order, a ruling, or a check that was let pass.
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
     WHERE v.id = NEW.visit_check_id)) INTO organisation;
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
                                   (SELECT appointment_id FROM scheduling_visitcheck WHERE id = NEW.visit_check_id)))) THEN
    RAISE EXCEPTION 'a change of % leaves an event', TG_TABLE_NAME USING ERRCODE = 'ID009';
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
      'scheduling_ruling_is_a_prescribers', 'scheduling_ruling_is_carried_out', 'scheduling_exit_waits_for_a_ruling',
      'scheduling_check_is_passed_by_a_prescriber', 'scheduling_counter_signature_is_a_prescribers',
      'scheduling_countersignature_leaves_an_event') LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', own, current_schema());
  END LOOP;
END $$;
"""


def _by_whom() -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


def _signature_under(what: str) -> models.OneToOneField:
    return models.OneToOneField(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="counter_signature",
        to=what,
    )


class Migration(migrations.Migration):
    """The columns, and the triggers that read and guard them."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0023_decided_of_what_is_given")]

    operations: ClassVar[list[Operation]] = [
        migrations.AlterField(
            model_name="exitruling",
            name="appointment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rulings", to="scheduling.appointment"
            ),
        ),
        migrations.AddField(model_name="exitruling", name="heard_by", field=_by_whom()),
        migrations.AddField(
            model_name="exitruling",
            name="was_read_back",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(model_name="exitruling", name="recorded_at", field=models.DateTimeField(null=True)),
        migrations.RunSQL(WHEN_RECORDED),
        migrations.AlterField(model_name="exitruling", name="recorded_at", field=models.DateTimeField()),
        migrations.AddConstraint(
            model_name="exitruling",
            constraint=models.CheckConstraint(
                condition=Q(heard_by__isnull=True, was_read_back=False) | Q(heard_by__isnull=False, was_read_back=True),
                name="exit_ruling_heard_is_read_back",
            ),
        ),
        migrations.AddField(
            model_name="visitcheck", name="heard_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="visitcheck",
            name="was_read_back",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(WHEN_HEARD),
        migrations.AddConstraint(
            model_name="visitcheck",
            constraint=models.CheckConstraint(
                condition=Q(heard_at__isnull=True, passed_by__isnull=True, was_read_back=False)
                | Q(heard_at__isnull=True, passed_by=F("said_by"), was_read_back=False)
                | Q(heard_at__isnull=False, passed_by__isnull=False, was_read_back=True),
                name="visit_check_heard_is_read_back",
            ),
        ),
        migrations.AddField(
            model_name="countersignature", name="ruling", field=_signature_under("scheduling.exitruling")
        ),
        migrations.AddField(
            model_name="countersignature", name="visit_check", field=_signature_under("scheduling.visitcheck")
        ),
        migrations.RemoveConstraint(model_name="countersignature", name="counter_signature_of_one"),
        migrations.AddConstraint(
            model_name="countersignature",
            constraint=models.CheckConstraint(
                condition=Q(decision__isnull=False, change=None, ruling=None, visit_check=None)
                | Q(change__isnull=False, decision=None, ruling=None, visit_check=None)
                | Q(ruling__isnull=False, decision=None, change=None, visit_check=None)
                | Q(visit_check__isnull=False, decision=None, change=None, ruling=None),
                name="counter_signature_of_one",
            ),
        ),
        migrations.RunSQL(RULINGS),
        migrations.RunSQL(WORDS),
        migrations.RunSQL(OWN_TABLES_ONLY),
    ]
