"""A plan that nothing new is ordered from."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column, empty for every plan there is."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0018_checks_at_the_end")]

    operations: ClassVar[list[migrations.AddField]] = [
        migrations.AddField(
            model_name="protocol", name="retired_at", field=models.DateTimeField(blank=True, null=True)
        ),
    ]
