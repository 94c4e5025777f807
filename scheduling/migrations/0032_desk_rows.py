"""Who has a row of a desk's list in hand, and until when it can wait."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.models import Q

KINDS = [
    ("order_to_book", "Order To Book"),
    ("review_to_book", "Review To Book"),
    ("infusion_missed", "Infusion Missed"),
    ("waits_for_prescriber", "Waits For Prescriber"),
    ("kept_times", "Kept Times"),
    ("places_to_settle", "Places To Settle"),
    ("not_ready", "Not Ready"),
    ("reply", "Reply"),
]
LEAVES_AN_EVENT = """
CREATE FUNCTION scheduling_deskrow_leaves_an_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE this_one bigint := pg_current_xact_id()::text::bigint;
BEGIN
  IF (TG_OP <> 'INSERT' AND NOT EXISTS (SELECT 1 FROM scheduling_event
        WHERE clinic_id = OLD.clinic_id AND written_in = this_one))
      OR (TG_OP <> 'DELETE' AND NOT EXISTS (SELECT 1 FROM scheduling_event
        WHERE clinic_id = NEW.clinic_id AND written_in = this_one)) THEN
    RAISE EXCEPTION 'a change of % leaves an event', TG_TABLE_NAME USING ERRCODE = 'ID009';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER leaves_an_event AFTER INSERT OR DELETE OR UPDATE ON scheduling_deskrow
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION scheduling_deskrow_leaves_an_event();
-- A session's temporary table would be found before the real one: see 0012.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION scheduling_deskrow_leaves_an_event() SET search_path = %I, pg_temp', current_schema());
END $$;
"""


class Migration(migrations.Migration):
    """One table and its trigger."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0031_running_late")]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="DeskRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=KINDS, max_length=24)),
                ("subject", models.BigIntegerField()),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                ("snoozed_until", models.DateTimeField(blank=True, null=True)),
                ("row_version", models.PositiveIntegerField(default=1)),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="scheduling.clinic"
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["clinic", "kind", "subject"], name="desk_row_once"),
                    models.CheckConstraint(
                        condition=Q(taken_at__isnull=True, taken_by__isnull=True)
                        | Q(taken_at__isnull=False, taken_by__isnull=False),
                        name="desk_row_taken_pair",
                    ),
                ]
            },
        ),
        migrations.RunSQL(LEAVES_AN_EVENT),
    ]
