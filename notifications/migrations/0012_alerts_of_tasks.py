"""An alert may be about something that waits for a clinician."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One more thing to point at."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("notifications", "0011_walks_and_numbers"),
        ("scheduling", "0011_clinical_records"),
    ]

    operations: ClassVar[list[migrations.AddField]] = [
        migrations.AddField(
            model_name="staffalert",
            name="task",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alerts",
                to="scheduling.cliniciantask",
            ),
        ),
    ]
