"""The calendar file that went with a mail, kept as it was sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notifications", "0007_calendar_feed")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="message", name="calendar", field=models.TextField(blank=True, db_default="", default="")
        ),
    ]
