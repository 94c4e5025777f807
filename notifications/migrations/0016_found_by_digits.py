"""Patients are found by how their telephone number ends."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """An index of digits, within each organisation."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("notifications", "0015_answer_hours_and_reminders"),
        ("scheduling", "0029_found_by_parts"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddIndex(
            "address", GinIndex("organisation", OpClass("value", name="gin_trgm_ops"), name="address_by_digits")
        ),
    ]
