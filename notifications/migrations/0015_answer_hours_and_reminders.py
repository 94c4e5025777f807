"""When answers are read, in Spanish too; how long an urgent task may be in somebody's hands before they are reminded."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two fields of the clinic's message rules."""

    dependencies: ClassVar = [("notifications", "0014_safety_texts")]
    operations: ClassVar = [
        migrations.AddField(
            "messagerules", "answer_hours_es", models.CharField(blank=True, db_default="", default="", max_length=120)
        ),
        migrations.AddField(
            "messagerules", "remind_after_minutes", models.PositiveSmallIntegerField(db_default=60, default=60)
        ),
    ]
