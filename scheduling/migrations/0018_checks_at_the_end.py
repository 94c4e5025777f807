"""Checks also say who cleared a patient to leave, and why a visit ended otherwise than planned."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.models import Q


class Migration(migrations.Migration):
    """More kinds of checks, and which of them need whose reason."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0016_follow_ups_and_misses")]

    operations: ClassVar[list[Operation]] = [
        migrations.AlterField(
            model_name="visitcheck",
            name="kind",
            field=models.CharField(
                max_length=10,
                choices=[
                    ("identity", "Who it is"),
                    ("fasting", "Fasting"),
                    ("ride", "Ride home"),
                    ("observed", "Observed long enough"),
                    ("clearance", "Cleared to leave"),
                    ("exit", "Why it ended so"),
                ],
            ),
        ),
        migrations.AlterField(model_name="visitcheck", name="step", field=models.CharField(max_length=20)),
        migrations.RemoveConstraint(model_name="visitcheck", name="visit_check_passed_with_reason"),
        migrations.AddConstraint(
            model_name="visitcheck",
            constraint=models.CheckConstraint(
                condition=Q(passed_by__isnull=True, reason="")
                | (Q(passed_by__isnull=False) & ~Q(reason=""))
                | Q(kind="clearance")
                | Q(kind="exit", passed_by__isnull=True),
                name="visit_check_passed_with_reason",
            ),
        ),
    ]
