"""How far walks over all patients have come, which number a text came from, and calls about visits not confirmed."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.fields
from django.db import migrations, models

KINDS = [
    ("cannot_reach", "Cannot Reach"),
    ("say_instead", "Say Instead"),
    ("asked_for_call", "Asked For Call"),
    ("wants_to_move", "Wants To Move"),
    ("wants_to_cancel", "Wants To Cancel"),
    ("unsubscribed", "Unsubscribed"),
    ("wrong_number", "Wrong Number"),
    ("not_certain", "Not Certain"),
    ("not_confirmed", "Not Confirmed"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notifications", "0010_missed_visits")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Walk",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("reached", models.BigIntegerField(default=0)),
                (
                    "left",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("found", models.PositiveIntegerField(default=0)),
                ("found_before", models.PositiveIntegerField(default=0)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField("message", "sent_from", models.CharField(blank=True, db_default="", max_length=20)),
        migrations.AlterField("calltask", "kind", models.CharField(choices=KINDS, max_length=20)),
    ]
