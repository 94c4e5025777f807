"""The ledger's day, and what did not go, are found without reading every notice there ever was."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notifications", "0005_replies_calls_and_wishes")]
    operations: ClassVar = [
        # A clinic without a row of its own has these too, and no database to give them.
        migrations.AlterField(
            "messagerules", "answer_hours", models.CharField(blank=True, db_default="", default="", max_length=120)
        ),
        migrations.AlterField(
            "messagerules", "text_number", models.CharField(blank=True, db_default="", default="", max_length=20)
        ),
        migrations.AddIndex("notice", models.Index(fields=["clinic", "due_at"], name="notice_of_day")),
        migrations.AddIndex(
            "notice",
            models.Index(
                fields=["useful_until"],
                condition=Q(state__in=["failed", "unknown", "lapsed", "suppressed"]),
                name="notice_did_not_go",
            ),
        ),
    ]
