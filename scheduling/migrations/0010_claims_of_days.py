from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """An index by resource and day in place of the one by resource."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0009_one_plan_for_the_event_check")]

    operations: ClassVar[list[Operation]] = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                models.F("resource"),
                models.Func("period", function="lower"),
                include=("period", "role", "appointment", "live"),
                name="claims_of_days",
            ),
        ),
        migrations.AlterField(
            model_name="claim",
            name="resource",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="scheduling.resource",
            ),
        ),
    ]
