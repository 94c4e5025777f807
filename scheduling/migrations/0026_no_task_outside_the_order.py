"""A kind of task that nothing opened is no choice any more."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Choices alone: no row has it, and the column stays as it is."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0022_given_stays")]

    operations: ClassVar[list[migrations.AlterField]] = [
        migrations.AlterField(
            model_name="cliniciantask",
            name="kind",
            field=models.CharField(
                choices=[
                    ("answers", "Answers to look at"),
                    ("wish", "The patient wishes another infusion"),
                    ("withdrew", "The patient withdrew"),
                    ("missed", "Missed visits"),
                    ("ruling", "An infusion was broken off"),
                    ("no_longer_fits", "Booked visits no longer fit the order"),
                    ("as_needed", "Another infusion, if you order it"),
                    ("leaves_early", "The patient wants to leave early"),
                ],
                max_length=16,
            ),
        ),
    ]
