"""How often planning of an event failed, so that the ones that fail come last."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("scheduling", "0004_board_index")]
    operations: ClassVar = [
        migrations.AddField("eventtoplan", "tries", models.PositiveSmallIntegerField(db_default=0)),
    ]
