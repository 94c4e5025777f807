"""When a patient who said they come late means to be there."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.models import Func, Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("scheduling", "0030_parked_calls")]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="appointment",
            name="expected_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=Q(expected_at__isnull=True) | Q(expected_at__gt=Func("period", function="lower")),
                name="appointment_expected_later",
            ),
        ),
    ]
