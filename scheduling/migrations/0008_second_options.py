"""A second option for the same patient may overlap the first, and may have a review between its infusions too."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.constraints
import django.db.models.constraints
from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Only what is kept is looser: a booked or held visit is guarded as before."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0007_guarantees_for_what_happens")]

    operations: ClassVar[list[Operation]] = [
        migrations.RemoveConstraint(model_name="appointment", name="patient_in_one_place"),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("live", True), models.Q(("kind", "kept"), _negated=True)),
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                expressions=[("patient", "="), ("period", "&&")],
                name="patient_in_one_place",
            ),
        ),
        migrations.RemoveConstraint(model_name="appointment", name="appointment_review_of_order"),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("review_after__isnull", True),
                    models.Q(("kind__in", ["review", "kept"]), ("order__isnull", False)),
                    _connector="OR",
                ),
                name="appointment_review_of_order",
            ),
        ),
    ]
